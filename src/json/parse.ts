import { nestingDepthMax } from '../limits.ts';
import { NumberText } from './value.ts';
import type { JsonValue } from './value.ts';

/** Bad JSON: `offset` is the UTF-16 position in the text at which it breaks. */
export class JsonError extends Error {
  override readonly name: string = 'JsonError';
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(`${message} at character ${offset}`);
    this.offset = offset;
  }
}

// A literal of 16 digits, or an exponent of three, may lose something as a double; all else JSON.parse reads exactly.
const mayLose = /[0-9][0-9.]{15}|[eE][+-]?[0-9]{3}/;

/** As many opening brackets as levels are allowed, wherever they stand: then the careful parser counts the levels. */
function mayNestDeep(text: string): boolean {
  if (text.length <= nestingDepthMax) return false;
  let open = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) open++;
  }
  return open > nestingDepthMax;
}

/**
 * One JSON value, numbers exact. Of duplicate keys the last wins.
 * @throws JsonError
 */
export function parseJson(text: string): JsonValue {
  if (text.length < 1 << 16 && !mayLose.test(text) && !mayNestDeep(text)) {
    try {
      return JSON.parse(text) as JsonValue;
    } catch {
      // The slow parser finds the same fault and names its place.
    }
  }
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

const literals = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;
const numberPattern = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const spacePattern = /[ \t\r\n]*/y;
// oxlint-disable-next-line no-control-regex -- JSON text may not hold them unescaped
const plainPattern = /[^"\\\u0000-\u001f]*/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) this.#fail('text after the value');
  }

  value(depth: number): JsonValue {
    if (depth > nestingDepthMax) this.#fail(`nested deeper than ${nestingDepthMax}`);
    this.#space();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    const literal = literals.find(([word]) => this.#text.startsWith(word, this.#at));
    if (literal === undefined) return this.#number();
    this.#at += literal[0].length;
    return literal[1];
  }

  #object(depth: number): JsonValue {
    const entries: [string, JsonValue][] = [];
    this.#at++;
    for (this.#space(); this.#text[this.#at] !== '}'; this.#separator('}')) {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail('expected a key in quotes');
      const key = this.#string();
      this.#space();
      if (this.#text[this.#at] !== ':') this.#fail('expected ":"');
      this.#at++;
      entries.push([key, this.value(depth + 1)]);
    }
    this.#at++;
    return Object.fromEntries(entries);
  }

  #array(depth: number): JsonValue {
    const items: JsonValue[] = [];
    this.#at++;
    for (this.#space(); this.#text[this.#at] !== ']'; this.#separator(']')) {
      items.push(this.value(depth + 1));
    }
    this.#at++;
    return items;
  }

  /** A comma with more behind it, or the closing bracket left in place. */
  #separator(close: string): void {
    this.#space();
    if (this.#text[this.#at] === close) return;
    if (this.#text[this.#at] !== ',') this.#fail(`expected "," or "${close}"`);
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === close) this.#fail('a comma with nothing behind it');
  }

  #string(): string {
    let out = '';
    this.#at++;
    for (;;) {
      out += this.#match(plainPattern) ?? '';
      const next = this.#text[this.#at];
      if (next === '"') break;
      if (next !== '\\')
        this.#fail(next === undefined ? 'unterminated text' : 'control character in text');
      const escaped = this.#text[this.#at + 1] ?? '';
      if (escaped === 'u') {
        const hex = this.#text.slice(this.#at + 2, this.#at + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.#fail('bad \\u escape');
        out += String.fromCharCode(parseInt(hex, 16));
        this.#at += 6;
        continue;
      }
      const plain = escapes[escaped];
      if (plain === undefined) this.#fail('bad escape');
      out += plain;
      this.#at += 2;
    }
    this.#at++;
    return out;
  }

  #number(): JsonValue {
    numberPattern.lastIndex = this.#at;
    const found = numberPattern.exec(this.#text);
    if (found === null) {
      return this.#fail(this.#at === this.#text.length ? 'unexpected end' : 'unexpected text');
    }
    this.#at += found[0].length;
    return exactNumber(found[0], found[1] === undefined && found[2] === undefined);
  }

  #space(): void {
    this.#match(spacePattern);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #fail(message: string): never {
    throw new JsonError(message, this.#at);
  }
}

function exactNumber(text: string, integer: boolean): JsonValue {
  const value = Number(text);
  if (integer) {
    if (Number.isSafeInteger(value)) return value;
    return text.length <= 400 ? BigInt(text) : new NumberText(text);
  }
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  return digits.length <= 15 && Number.isFinite(value) ? value : roundTrips(text, value);
}

function roundTrips(text: string, value: number): JsonValue {
  return String(value) === text ? value : new NumberText(text);
}
