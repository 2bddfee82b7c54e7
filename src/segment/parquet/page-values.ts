// How the values of a chunk become pages: one `PageValues` per chunk.
import { pageBytesTarget } from '../../limits.ts';

/** Least and greatest value of a stretch: a number, a 64-bit integer, or a place in the chunk's own order. */
export type Extremes = readonly [number, number] | readonly [bigint, bigint];

export interface PageValues {
  readonly count: number;
  readonly encoding: number;
  /** The dictionary page, PLAIN, when the pages hold codes. */
  readonly dictionary: DictionaryPage | null;
  /** Where a page that starts at value `from` should end. */
  readonly end: (from: number) => number;
  readonly bytesMax: (from: number, to: number) => number;
  readonly write: (from: number, to: number, out: Uint8Array, at: number) => number;
  /** The page's values where they lie already as the page wants them, else null. */
  readonly view: (from: number, to: number) => Uint8Array | null;
  /** Null: no value, or values without an order. */
  readonly extremes: (from: number, to: number) => Extremes | null;
  readonly compare: (a: number | bigint, b: number | bigint) => number;
  /** A value of `extremes` as PLAIN statistics hold it. */
  readonly bound: (extreme: number | bigint) => Uint8Array;
}

export interface DictionaryPage {
  readonly bytes: Uint8Array;
  readonly count: number;
}

const pageValuesMax = 1 << 17;

/** `end` for values that take `bits` each in the page. */
export function cutEvery(bits: number, count: number): (from: number) => number {
  const step = Math.max(1, Math.min(pageValuesMax, Math.floor((8 * pageBytesTarget) / bits)));
  return (from) => Math.min(count, from + step);
}

export function compareNumbers(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
