// Cells and rows as text that two programs can be compared by.
import { stringifyJson } from '../../src/json/stringify.ts';
import type { JsonValue } from '../../src/json/value.ts';
import type { Row } from './recording.ts';

/** Numbers by value: 6.0 and 6 are one; sums of floats agree to 12 digits. */
export function cellText(cell: JsonValue | undefined): string {
  if (Array.isArray(cell)) return `[${cell.map((each: JsonValue) => cellText(each)).join(',')}]`;
  if (typeof cell === 'number' && !Number.isInteger(cell))
    return String(Number(cell.toPrecision(12)));
  return stringifyJson(cell ?? null);
}

/** A row of `inspect --rows`; a null column reads as null, whatever stands in its place. The recording has BOOLEAN as INT. */
export function rowText(row: Row, leftOut: readonly string[] = []): string {
  const nulls = new Set(row.$nulls);
  return Object.keys(row)
    .filter((key) => key !== '$nulls' && !leftOut.includes(key))
    .toSorted()
    .map((key) => `${key}=${nulls.has(key) ? 'null' : cellText(asStored(row[key]))}`)
    .join(' ');
}

function asStored(cell: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(cell)) return cell.map((each: JsonValue) => asStored(each) ?? null);
  return typeof cell === 'boolean' ? Number(cell) : cell;
}

export function bagOf(texts: readonly string[]): Map<string, number> {
  const bag = new Map<string, number>();
  for (const text of texts) bag.set(text, (bag.get(text) ?? 0) + 1);
  return bag;
}

export function sameBags(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([text, count]) => b.get(text) === count);
}
