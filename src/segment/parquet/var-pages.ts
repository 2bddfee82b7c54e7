// Pages of STRING, JSON, BYTES and BIG_DECIMAL: codes into a dictionary, or lengths and bytes (DELTA_LENGTH_BYTE_ARRAY).
// Statistics go by unsigned bytes, as Parquet orders them, whatever order the dictionary has.
import type { VarValues } from '../../columns/column.ts';
import { compareBytes } from '../../columns/order.ts';
import { gatherVar, varBytes, varCount } from '../../columns/var-values.ts';
import { bitWidthOf } from '../../kernels/bit-pack.ts';
import { deltaBytesMax, writeDelta32 } from '../../kernels/delta-pack.ts';
import { extremesCodes, extremesRanks } from '../../kernels/extremes.ts';
import { hybridBytesMax, writeHybrid } from '../../kernels/run-length.ts';
import { pageBytesTarget } from '../../limits.ts';
import { encoding } from './format.ts';
import { compareNumbers, cutEvery } from './page-values.ts';
import type { PageValues } from './page-values.ts';

export function codePages(codes: Uint32Array, dictionary: VarValues): PageValues {
  const width = Math.max(1, bitWidthOf(Math.max(0, varCount(dictionary) - 1)));
  const order = byteOrder(dictionary);
  const found = new Uint32Array(2);
  return {
    count: codes.length,
    encoding: encoding.RLE_DICTIONARY,
    dictionary: { bytes: plainBytes(dictionary), count: varCount(dictionary) },
    end: cutEvery(width, codes.length),
    bytesMax: (from, to) => 1 + hybridBytesMax(to - from, width),
    write: (from, to, out, at) => {
      out[at] = width;
      return writeHybrid(codes, from, to, width, out, at + 1);
    },
    view: () => null,
    extremes: (from, to) => {
      if (from === to) return null;
      if (order === null) extremesCodes(codes, from, to, found);
      else extremesRanks(codes, order.ranks, from, to, found);
      return [found[0]!, found[1]!];
    },
    compare: compareNumbers,
    bound: (rank) =>
      varBytes(dictionary, order === null ? Number(rank) : order.sorted[Number(rank)]!),
  };
}

/** Null when code order is byte order. */
function byteOrder(
  dictionary: VarValues,
): { readonly ranks: Uint32Array; readonly sorted: Uint32Array } | null {
  const count = varCount(dictionary);
  let rising = true;
  for (let i = 1; rising && i < count; i++) {
    rising = compareBytes(dictionary, i - 1, dictionary, i) < 0;
  }
  if (rising) return null;
  const sorted = Uint32Array.from({ length: count }, (_, i) => i);
  sorted.sort((a, b) => compareBytes(dictionary, a, dictionary, b));
  const ranks = new Uint32Array(count);
  for (let i = 0; i < count; i++) ranks[sorted[i]!] = i;
  return { ranks, sorted };
}

function plainBytes(values: VarValues): Uint8Array {
  const { offsets, data } = values;
  const count = varCount(values);
  const out = new Uint8Array(offsets[count]! + 4 * count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const from = offsets[i]!;
    const length = offsets[i + 1]! - from;
    out[at] = length;
    out[at + 1] = length >>> 8;
    out[at + 2] = length >>> 16;
    out[at + 3] = length >>> 24;
    out.set(data.subarray(from, from + length), at + 4);
    at += 4 + length;
  }
  return out;
}

export function lengthPages(values: VarValues): PageValues {
  const { offsets, data } = values;
  const count = varCount(values);
  const lengths = new Int32Array(count);
  for (let i = 0; i < count; i++) lengths[i] = offsets[i + 1]! - offsets[i]!;
  return {
    count,
    encoding: encoding.DELTA_LENGTH_BYTE_ARRAY,
    dictionary: null,
    end: (from) => cutBytes(offsets, from, count),
    bytesMax: (from, to) => deltaBytesMax(to - from) + offsets[to]! - offsets[from]!,
    write: (from, to, out, at) => {
      at = writeDelta32(lengths, from, to, out, at);
      out.set(data.subarray(offsets[from]!, offsets[to]!), at);
      return at + offsets[to]! - offsets[from]!;
    },
    view: () => null,
    extremes: (from, to) => byteExtremes(values, from, to),
    compare: (a, b) => compareBytes(values, Number(a), values, Number(b)),
    bound: (index) => varBytes(values, Number(index)),
  };
}

/** Gathered from a dictionary that does not pay. */
export function unfoldedPages(codes: Uint32Array, dictionary: VarValues): PageValues {
  return lengthPages(gatherVar(dictionary, codes));
}

function cutBytes(offsets: Uint32Array, from: number, count: number): number {
  const limit = offsets[from]! + pageBytesTarget;
  let low = from + 1;
  let high = Math.min(count, from + pageBytesTarget);
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (offsets[middle]! <= limit) low = middle;
    else high = middle - 1;
  }
  return Math.min(low, count);
}

function byteExtremes(
  values: VarValues,
  from: number,
  to: number,
): readonly [number, number] | null {
  if (from === to) return null;
  let least = from;
  let most = from;
  for (let i = from + 1; i < to; i++) {
    if (compareBytes(values, i, values, least) < 0) least = i;
    else if (compareBytes(values, i, values, most) > 0) most = i;
  }
  return [least, most];
}
