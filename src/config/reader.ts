import { JsonError, parseJson } from '../json/parse.ts';
import { stringifyJson } from '../json/stringify.ts';
import { NumberText } from '../json/value.ts';
import type { JsonValue } from '../json/value.ts';
import { didYouMean } from './names.ts';
import type { Problems } from './problems.ts';

export type JsonObject = { readonly [key: string]: JsonValue };

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof NumberText)
  );
}

/** Text of a scalar as Pinot's string maps hold it; null for null, lists and objects. */
function scalarText(value: JsonValue | undefined): string | null {
  if (value instanceof NumberText) return value.text;
  if (value === null || value === undefined || typeof value === 'object') return null;
  return String(value);
}

/** The text that the document was, or is as JSON. */
export function documentText(document: string | JsonValue): string {
  return typeof document === 'string' ? document : stringifyJson(document, 2);
}

/** One object of a config: typed access to its keys; whatever has the wrong form is reported with file and key path. */
export class ConfigReader {
  readonly problems: Problems;
  readonly #value: JsonObject;
  readonly #file: string;
  readonly #path: string;

  constructor(value: JsonObject, file: string, path: string, problems: Problems) {
    this.#value = value;
    this.#file = file;
    this.#path = path;
    this.problems = problems;
  }

  keys(): string[] {
    return Object.keys(this.#value);
  }

  /** Null counts as absent, as in Pinot. */
  has(key: string): boolean {
    return this.raw(key) !== null;
  }

  raw(key: string): JsonValue {
    return Object.hasOwn(this.#value, key) ? (this.#value[key] ?? null) : null;
  }

  at(key: string): string {
    return `${this.#file}: ${this.#path}${key}`;
  }

  error(key: string, text: string): void {
    this.problems.error(this.at(key), text);
  }

  warn(key: string, text: string): void {
    this.problems.warn(this.at(key), text);
  }

  text(key: string): string | null {
    const value = this.raw(key);
    if (value === null) return null;
    const text = scalarText(value);
    if (text === null) this.error(key, `found ${describe(value)}, allowed is text.`);
    return text;
  }

  requiredText(key: string): string {
    const text = this.text(key);
    if (text !== null && text !== '') return text;
    if (text === '' || !this.has(key)) this.error(key, 'is missing; give it as text.');
    return '';
  }

  flag(key: string, fallback: boolean): boolean {
    const text = this.text(key)?.toLowerCase();
    if (text === undefined) return fallback;
    if (text === 'true' || text === 'false') return text === 'true';
    this.error(key, `found "${text}", allowed is true or false.`);
    return fallback;
  }

  /** A whole number in [min, max]. */
  integer(key: string, fallback: number, min: number, max: number = 2 ** 31 - 1): number {
    const text = this.text(key);
    if (text === null) return fallback;
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    this.error(key, `found "${text}", allowed is a whole number from ${min} to ${max}.`);
    return fallback;
  }

  /** One of `options`, in any letter case. */
  oneOf<T extends string>(key: string, options: readonly T[], fallback: T): T {
    const text = this.text(key);
    if (text === null) return fallback;
    const found = options.find((option) => option.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    this.error(
      key,
      `found "${text}", allowed is one of ${options.join(', ')}.${didYouMean(text, options)}`,
    );
    return fallback;
  }

  child(key: string): ConfigReader {
    const value = this.raw(key);
    if (value !== null && !isJsonObject(value)) {
      this.error(key, `found ${describe(value)}, allowed is an object.`);
    }
    return this.#inner(isJsonObject(value) ? value : {}, `${key}.`);
  }

  children(key: string): ConfigReader[] {
    const value = this.raw(key);
    if (value === null) return [];
    if (!Array.isArray(value)) {
      this.error(key, `found ${describe(value)}, allowed is a list of objects.`);
      return [];
    }
    return (value as readonly JsonValue[]).flatMap((item, index) => {
      if (isJsonObject(item)) return [this.#inner(item, `${key}[${index}].`)];
      this.error(`${key}[${index}]`, `found ${describe(item)}, allowed is an object.`);
      return [];
    });
  }

  /** A text or a list of texts. */
  texts(key: string): string[] {
    const value = this.raw(key);
    if (value === null) return [];
    const items: readonly JsonValue[] = Array.isArray(value) ? value : [value];
    return items.flatMap((item, index) => {
      const text = scalarText(item);
      if (text !== null && text !== '') return [text];
      if (text === null)
        this.error(`${key}[${index}]`, `found ${describe(item)}, allowed is text.`);
      return [];
    });
  }

  /** This object as a map of texts: values of any scalar type become text, nulls are left out. */
  textMap(): Record<string, string> {
    const entries = this.keys().map((key) => [key, this.text(key)] as const);
    return Object.fromEntries(
      entries.filter((entry): entry is [string, string] => entry[1] !== null),
    );
  }

  /** Warns of every key that is not in `known`, with the nearest one. */
  warnUnknown(known: readonly string[]): void {
    for (const key of this.keys()) {
      if (known.includes(key)) continue;
      this.warn(key, `unknown key, it has no effect.${didYouMean(key, known)}`);
    }
  }

  #inner(value: JsonObject, path: string): ConfigReader {
    return new ConfigReader(value, this.#file, this.#path + path, this.problems);
  }
}

/** Opens a document; what is no JSON object is reported and read as an empty one. */
export function openDocument(
  document: string | JsonValue,
  where: string,
  problems: Problems,
): ConfigReader {
  let value: JsonValue;
  try {
    value = typeof document === 'string' ? parseJson(document) : document;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    problems.error(where, `is no JSON: ${error.message}.`);
    problems.throwIfAny();
    value = null;
  }
  if (!isJsonObject(value)) {
    problems.error(where, `found ${describe(value)}, allowed is a JSON object.`);
    problems.throwIfAny();
  }
  return new ConfigReader(value as JsonObject, where, '', problems);
}

function describe(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (isJsonObject(value)) return 'an object';
  return `"${scalarText(value)}"`;
}
