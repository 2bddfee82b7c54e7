// Aggregation by group id. Rows are read in input order, groups are written at random, so `groupOf` should name few
// enough groups to stay in cache (a shard's). Null rows (`nulls[i] === 1`) are skipped.
//
// Float sums have one defined order: input order inside a slice (a segment's rows), then the slices' partial sums in
// slice order. A slice that was summed before and arrives as one row gives the same bits as its rows.
//
//   slices  0..3 | 3..5        group g:  ((v0 + v1) + v2) + (v3 + v4)
//
// Integer sums are carried in two doubles, exact while the high part stays below 2^53: 2^22 rows of extreme values.

export const noRow = 0xffffffff;

export interface LongSums {
  readonly sums: BigInt64Array<ArrayBuffer>;
  /** First group whose sum leaves 64 bits, -1 when none does; its `sums` are wrapped. */
  readonly overflow: number;
}

export function sumLongs(
  values: BigInt64Array,
  nulls: Uint8Array | null,
  groupOf: Uint32Array,
  groupCount: number,
): LongSums {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const highs = new Float64Array(groupCount);
  const lows = new Float64Array(groupCount);
  for (let i = 0; i < groupOf.length; i++) {
    if (nulls !== null && nulls[i] === 1) continue;
    const g = groupOf[i]!;
    const low = lows[g]! + (halves[2 * i]! >>> 0);
    const carry = low >= 4294967296 ? 1 : 0;
    lows[g] = low - carry * 4294967296;
    highs[g] = highs[g]! + halves[2 * i + 1]! + carry;
  }
  const sums = new BigInt64Array(groupCount);
  const out = new Int32Array(sums.buffer);
  let overflow = -1;
  for (let g = 0; g < groupCount; g++) {
    const high = highs[g]!;
    out[2 * g] = lows[g]!;
    out[2 * g + 1] = high;
    if (overflow < 0 && (high < -2147483648 || high > 2147483647)) overflow = g;
  }
  return { sums, overflow };
}

export interface IntSums {
  readonly sums: Int32Array<ArrayBuffer>;
  readonly overflow: number;
}

export function sumInts(
  values: Int32Array,
  nulls: Uint8Array | null,
  groupOf: Uint32Array,
  groupCount: number,
): IntSums {
  const wide = new Float64Array(groupCount);
  const sums = new Int32Array(groupCount);
  for (let i = 0; i < groupOf.length; i++) {
    if (nulls !== null && nulls[i] === 1) continue;
    const g = groupOf[i]!;
    wide[g] = wide[g]! + values[i]!;
    sums[g] = sums[g]! + values[i]!;
  }
  let overflow = -1;
  for (let g = 0; g < groupCount && overflow < 0; g++) if (wide[g] !== sums[g]) overflow = g;
  return { sums, overflow };
}

/** @param slices start of every slice, then the end: slices[k]..slices[k + 1] */
export function sumDoubles(
  values: Float64Array,
  nulls: Uint8Array | null,
  groupOf: Uint32Array,
  groupCount: number,
  slices: Uint32Array,
): Float64Array<ArrayBuffer> {
  const state = startSums(groupCount);
  const { totals, partials, begun, ended } = state;
  for (let k = 0; k + 1 < slices.length; k++) {
    for (let i = slices[k]!; i < slices[k + 1]!; i++) {
      if (nulls !== null && nulls[i] === 1) continue;
      const g = groupOf[i]!;
      if (begun[g] === k + 1) {
        partials[g] = partials[g]! + values[i]!;
        continue;
      }
      if (begun[g] !== 0) {
        totals[g] = ended[g] === 1 ? totals[g]! + partials[g]! : partials[g]!;
        ended[g] = 1;
      }
      begun[g] = k + 1;
      partials[g] = values[i]!;
    }
  }
  for (let g = 0; g < groupCount; g++) {
    totals[g] = ended[g] === 1 ? totals[g]! + partials[g]! : partials[g]!;
  }
  return totals;
}

/** As `sumDoubles`, every addition rounded to 32 bits. */
export function sumFloats(
  values: Float32Array,
  nulls: Uint8Array | null,
  groupOf: Uint32Array,
  groupCount: number,
  slices: Uint32Array,
): Float32Array<ArrayBuffer> {
  const state = startSums(groupCount);
  const { totals, partials, begun, ended } = state;
  for (let k = 0; k + 1 < slices.length; k++) {
    for (let i = slices[k]!; i < slices[k + 1]!; i++) {
      if (nulls !== null && nulls[i] === 1) continue;
      const g = groupOf[i]!;
      if (begun[g] === k + 1) {
        partials[g] = Math.fround(partials[g]! + values[i]!);
        continue;
      }
      if (begun[g] !== 0) {
        totals[g] = ended[g] === 1 ? Math.fround(totals[g]! + partials[g]!) : partials[g]!;
        ended[g] = 1;
      }
      begun[g] = k + 1;
      partials[g] = values[i]!;
    }
  }
  const sums = new Float32Array(groupCount);
  for (let g = 0; g < groupCount; g++) {
    sums[g] = ended[g] === 1 ? totals[g]! + partials[g]! : partials[g]!;
  }
  return sums;
}

/**
 * The row of every group with the least (or greatest) key words; `noRow` where every row is null. Ties: the first row in
 * input order, or the last when `last` is set.
 */
export function extremeRows(
  words: readonly Uint32Array[],
  nulls: Uint8Array | null,
  groupOf: Uint32Array,
  groupCount: number,
  options: { readonly greatest: boolean; readonly last: boolean },
): Uint32Array {
  const rows = new Uint32Array(groupCount).fill(noRow);
  const sign = options.greatest ? -1 : 1;
  const tie = options.last ? 1 : 0;
  for (let i = 0; i < groupOf.length; i++) {
    if (nulls !== null && nulls[i] === 1) continue;
    const g = groupOf[i]!;
    const best = rows[g]!;
    if (best === noRow || sign * compareAt(words, i, best) < tie) rows[g] = i;
  }
  return rows;
}

/**
 * `extremeRows` of doubles or floats that hold no NaN and no -0.0 (`isPlain`), where plain comparison is the order.
 */
export function extremeNumbers(
  values: Float64Array | Float32Array,
  nulls: Uint8Array | null,
  groupOf: Uint32Array,
  groupCount: number,
  greatest: boolean,
): Uint32Array {
  const rows = new Uint32Array(groupCount).fill(noRow);
  const best = new Float64Array(groupCount).fill(greatest ? -Infinity : Infinity);
  for (let i = 0; i < groupOf.length; i++) {
    if (nulls !== null && nulls[i] === 1) continue;
    const g = groupOf[i]!;
    const value = values[i]!;
    if (greatest ? value > best[g]! : value < best[g]!) {
      best[g] = value;
      rows[g] = i;
    } else if (rows[g] === noRow) rows[g] = i;
  }
  return rows;
}

/** True when no value is NaN or -0.0. */
export function isPlain(values: Float64Array | Float32Array): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value !== value || (value === 0 && 1 / value < 0)) return false;
  }
  return true;
}

function compareAt(words: readonly Uint32Array[], a: number, b: number): number {
  for (let w = 0; w < words.length; w++) {
    const x = words[w]![a]!;
    const y = words[w]![b]!;
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

/** 1 where a group has a row that is not null. */
export function presentGroups(
  nulls: Uint8Array | null,
  groupOf: Uint32Array,
  groupCount: number,
): Uint8Array<ArrayBuffer> {
  const present = new Uint8Array(groupCount);
  if (nulls === null) return present.fill(1);
  for (let i = 0; i < groupOf.length; i++) if (nulls[i] === 0) present[groupOf[i]!] = 1;
  return present;
}

function startSums(groupCount: number): {
  totals: Float64Array<ArrayBuffer>;
  partials: Float64Array<ArrayBuffer>;
  begun: Uint32Array<ArrayBuffer>;
  ended: Uint8Array<ArrayBuffer>;
} {
  return {
    totals: new Float64Array(groupCount),
    partials: new Float64Array(groupCount),
    begun: new Uint32Array(groupCount),
    ended: new Uint8Array(groupCount),
  };
}
