// Scattering rows into shards, the first half of the shuffle. Counting sort by shard number: count, prefix sums, one
// destination per row, then column by column. Ties keep input order, so rows of a shard stay in segment order.
//
//   shards  1 0 1 0        counts 2 2     starts 0 2 4
//   places  2 0 3 1        target[places[i]] = source[rows[i]]
//
// Reading runs forward and writing goes to one head per shard, which stays in the first-level cache up to some hundreds
// of shards. Bounds: shards[i] < shardCount; places is a permutation of 0..rows.length.
import type { AnyArray } from './gather.ts';
import { bytesOf, longsOf, shortsOf, wordsOf } from './gather.ts';

export interface Places {
  /** Destination of row i. */
  readonly places: Uint32Array;
  /** shardCount + 1 entries: shard s holds destinations starts[s]..starts[s + 1]. */
  readonly starts: Uint32Array;
}

export function placeRows(shards: Uint32Array, shardCount: number): Places {
  const starts = new Uint32Array(shardCount + 1);
  for (let i = 0; i < shards.length; i++) starts[shards[i]! + 1]!++;
  for (let s = 0; s < shardCount; s++) starts[s + 1] = starts[s + 1]! + starts[s]!;
  const heads = starts.slice();
  const places = new Uint32Array(shards.length);
  for (let i = 0; i < shards.length; i++) places[i] = heads[shards[i]!]!++;
  return { places, starts };
}

/** The source row of every destination: inverse[places[i]] = rows[i]. */
export function invertPlaces(places: Uint32Array, rows: Uint32Array): Uint32Array {
  const inverse = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) inverse[places[i]!] = rows[i]!;
  return inverse;
}

/** target[places[i]] = source[rows[i]]; both arrays have the same element type. */
export function scatter(
  target: AnyArray,
  source: AnyArray,
  rows: Uint32Array,
  places: Uint32Array,
): void {
  switch (source.BYTES_PER_ELEMENT) {
    case 1:
      return scatter1(bytesOf(target), bytesOf(source), rows, places);
    case 2:
      return scatter2(shortsOf(target), shortsOf(source), rows, places);
    case 4:
      return scatter4(wordsOf(target), wordsOf(source), rows, places);
    default:
      return scatter8(longsOf(target), longsOf(source), rows, places);
  }
}

function scatter1(t: Uint8Array, s: Uint8Array, rows: Uint32Array, places: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) t[places[i]!] = s[rows[i]!]!;
}

function scatter2(t: Uint16Array, s: Uint16Array, rows: Uint32Array, places: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) t[places[i]!] = s[rows[i]!]!;
}

function scatter4(t: Uint32Array, s: Uint32Array, rows: Uint32Array, places: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) t[places[i]!] = s[rows[i]!]!;
}

function scatter8(
  t: BigInt64Array,
  s: BigInt64Array,
  rows: Uint32Array,
  places: Uint32Array,
): void {
  for (let i = 0; i < rows.length; i++) t[places[i]!] = s[rows[i]!]!;
}
