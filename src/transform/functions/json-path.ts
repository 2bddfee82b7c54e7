// A small JSONPath: $.a.b, $['x'], $[0], $[-1], $[*], $.*, $..a, $..*. No filters, no slices.
import type { RawValue } from '../../config/cell.ts';
import { nestingDepthMax } from '../../limits.ts';
import { NumberText } from '../../json/value.ts';
import { callError } from './function.ts';

interface Step {
  /** A member's name, an element's position, or null for all of them. */
  readonly key: string | number | null;
  /** At any depth below (`..`). */
  readonly deep: boolean;
}

export interface JsonPath {
  readonly steps: readonly Step[];
  /** No wildcard and no `..`: at most one value. */
  readonly definite: boolean;
}

const stepPattern =
  /(?<dots>\.\.?)(?:(?<all>\*)|(?<name>[^.[\]*\s'"()?]+))|(?<deep>\.\.)?\[\s*(?:(?<every>\*)|(?<index>-?[0-9]{1,9})|'(?<single>(?:[^'\\]|\\.)*)'|"(?<double>(?:[^"\\]|\\.)*)")\s*\]/uy;
const known = new Map<string, JsonPath>();
const knownMax = 1024;

/** @throws SegmillError VALUE_INVALID for a path outside the small language */
export function parseJsonPath(text: string): JsonPath {
  const cached = known.get(text);
  if (cached !== undefined) return cached;
  const path = parse(text);
  if (known.size >= knownMax) known.clear();
  known.set(text, path);
  return path;
}

function parse(text: string): JsonPath {
  const source = text.trim();
  const steps: Step[] = [];
  let at = source.startsWith('$') ? 1 : 0;
  const body = at === 1 ? source : `$.${source}`;
  at = 1;
  while (at < body.length) {
    stepPattern.lastIndex = at;
    const groups = stepPattern.exec(body)?.groups;
    if (groups === undefined) {
      throw callError(
        `"${text}" is no JSON path that is supported; allowed are $.a, ['a'], [0], [*], .* and ..a`,
      );
    }
    steps.push(stepOf(groups));
    at = stepPattern.lastIndex;
  }
  return { steps, definite: steps.every((step) => step.key !== null && !step.deep) };
}

function stepOf(groups: Record<string, string | undefined>): Step {
  const { dots, name, deep, index, single, double } = groups;
  const quoted = single ?? double;
  const key =
    name ??
    (index !== undefined ? Number(index) : undefined) ??
    (quoted === undefined ? null : quoted.replace(/\\(.)/g, '$1'));
  return { key, deep: dots === '..' || deep !== undefined };
}

/** The value of a definite path, null when there is none; of another path all that it finds, in the order of the text. */
export function readJsonPath(document: RawValue, path: JsonPath): RawValue {
  let found: RawValue[] = [document];
  for (const step of path.steps) {
    const next: RawValue[] = [];
    for (const value of found) collect(value, step, next, 0);
    found = next;
  }
  return path.definite ? (found[0] ?? null) : found;
}

function collect(value: RawValue, step: Step, into: RawValue[], depth: number): void {
  if (value === null || typeof value !== 'object') return;
  if (value instanceof NumberText || value instanceof Uint8Array) return;
  if (depth > nestingDepthMax) throw callError(`nested deeper than ${nestingDepthMax} levels`);
  const items: readonly RawValue[] = Array.isArray(value)
    ? (value as readonly RawValue[])
    : Object.values(value);
  if (step.key === null) into.push(...items);
  else pick(value, step.key, into);
  if (step.deep) for (const item of items) collect(item, step, into, depth + 1);
}

function pick(value: object, key: string | number, into: RawValue[]): void {
  if (Array.isArray(value)) {
    const item = typeof key === 'number' ? (value as RawValue[]).at(key) : undefined;
    if (item !== undefined) into.push(item);
    return;
  }
  const name = String(key);
  if (Object.hasOwn(value, name)) into.push((value as { readonly [key: string]: RawValue })[name]!);
}
