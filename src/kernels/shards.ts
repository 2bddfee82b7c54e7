// Which shard a row goes to. The leading key columns of a row are folded into one double, a whole number below 2^53
// whose order never contradicts the sort order (ties allowed when not all of the key fits):
//
//   prefix = ((k0 * size1 + k1) * size2 + k2) ...      k_c in 0..size_c, the column's offset from its least value
//
// A shard is a range of (prefix, ordinal), where the ordinal is the row's place in the whole input. Splitters rise; a
// row's shard is the number of splitters at or below it. With all ordinals 0, equal prefixes share a shard; with real
// ones a heavy prefix spreads over several shards and ties keep input order.

export interface Splitters {
  readonly prefixes: Float64Array;
  readonly ordinals: Float64Array;
}

export const prefixSpace: number = 2 ** 53;

/** prefix[i] = prefix[i] * size + floor((digits[i] - min) / step). */
export function appendDigits(
  prefix: Float64Array,
  digits: Float64Array,
  min: number,
  size: number,
  step: number,
): void {
  if (step === 1) {
    for (let i = 0; i < prefix.length; i++) prefix[i] = prefix[i]! * size + (digits[i]! - min);
  } else {
    for (let i = 0; i < prefix.length; i++) {
      prefix[i] = prefix[i]! * size + Math.floor((digits[i]! - min) / step);
    }
  }
}

/** `appendDigits` for the rows of a column of codes, by width. */
export function appendCodes(
  prefix: Float64Array,
  codes: Uint8Array | Uint16Array | Uint32Array,
  rows: Uint32Array,
  size: number,
): void {
  if (codes instanceof Uint8Array) append8(prefix, codes, rows, size);
  else if (codes instanceof Uint16Array) append16(prefix, codes, rows, size);
  else append32(prefix, codes, rows, size);
}

function append8(prefix: Float64Array, codes: Uint8Array, rows: Uint32Array, size: number): void {
  for (let i = 0; i < prefix.length; i++) prefix[i] = prefix[i]! * size + codes[rows[i]!]!;
}

function append16(prefix: Float64Array, codes: Uint16Array, rows: Uint32Array, size: number): void {
  for (let i = 0; i < prefix.length; i++) prefix[i] = prefix[i]! * size + codes[rows[i]!]!;
}

function append32(prefix: Float64Array, codes: Uint32Array, rows: Uint32Array, size: number): void {
  for (let i = 0; i < prefix.length; i++) prefix[i] = prefix[i]! * size + codes[rows[i]!]!;
}

/** `appendDigits` for the rows of a column of 64-bit integers below 2^53. */
export function appendLongs(
  prefix: Float64Array,
  values: BigInt64Array,
  rows: Uint32Array,
  min: number,
  size: number,
  step: number,
): void {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let [start, digit] = [NaN, 0];
  for (let i = 0; i < prefix.length; i++) {
    const at = 2 * rows[i]!;
    const offset = halves[at + 1]! * 4294967296 + (halves[at]! >>> 0) - min;
    // Times lie near the one before them: one division for a run of them.
    if (!(offset >= start && offset - start < step)) {
      digit = Math.floor(offset / step);
      start = digit * step;
    }
    prefix[i] = prefix[i]! * size + digit;
  }
}

/** @param base ordinal of the segment's row 0; null: ordinals do not count */
export function findShards(
  prefix: Float64Array,
  rows: Uint32Array,
  base: number | null,
  { prefixes, ordinals }: Splitters,
): Uint32Array<ArrayBuffer> {
  const shards = new Uint32Array(prefix.length);
  const count = prefixes.length;
  if (count === 0) return shards;
  const least = prefixes[0]!;
  const scale = tableSize / (prefixes[count - 1]! - least + 1);
  const table = tableOf(prefixes, least, scale);
  for (let i = 0; i < prefix.length; i++) {
    const key = prefix[i]!;
    if (key < least) continue;
    const bucket = Math.min(tableSize - 1, Math.floor((key - least) * scale));
    const ordinal = base === null ? 0 : base + rows[i]!;
    let low = table[bucket]!;
    let high = table[bucket + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const splitter = prefixes[middle]!;
      if (splitter < key || (splitter === key && ordinals[middle]! <= ordinal)) low = middle + 1;
      else high = middle;
    }
    shards[i] = low;
  }
  return shards;
}

const tableSize = 4096;

/** table[b]: splitters in buckets before b; a bucket's own splitters are searched. */
function tableOf(prefixes: Float64Array, least: number, scale: number): Uint32Array {
  const table = new Uint32Array(tableSize + 1);
  for (let s = 0; s < prefixes.length; s++) {
    table[Math.min(tableSize - 1, Math.floor((prefixes[s]! - least) * scale)) + 1]!++;
  }
  for (let b = 0; b < tableSize; b++) table[b + 1] = table[b + 1]! + table[b]!;
  return table;
}

/**
 * Splitters that cut the sampled rows into `shardCount` parts of about equal size.
 * @param samples (prefix, ordinal) pairs in any order; ordinals all 0 where they do not count
 */
export function chooseSplitters(
  prefixes: Float64Array,
  ordinals: Float64Array,
  shardCount: number,
): Splitters {
  const order = Uint32Array.from(prefixes, (_, i) => i);
  order.sort((a, b) => prefixes[a]! - prefixes[b]! || ordinals[a]! - ordinals[b]!);
  const chosen: number[] = [];
  for (let s = 1; s < shardCount; s++) {
    const sample = order[Math.floor((s * order.length) / shardCount)];
    if (sample === undefined) break;
    const last = chosen.at(-1);
    const fresh =
      last === undefined ||
      prefixes[last] !== prefixes[sample] ||
      ordinals[last] !== ordinals[sample];
    if (fresh) chosen.push(sample);
  }
  return {
    prefixes: Float64Array.from(chosen, (i) => prefixes[i]!),
    ordinals: Float64Array.from(chosen, (i) => ordinals[i]!),
  };
}
