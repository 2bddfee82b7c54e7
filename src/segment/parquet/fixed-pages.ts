// Pages of numbers and booleans. Numbers take the smallest of three forms, judged on samples of the chunk:
//
//   plain        the array's own bytes, no copy
//   dictionary   few distinct values (`numberDictionary`)
//   delta        integers that move little from one to the next (times!)
import { Buffer } from 'node:buffer';
import type { FixedValues } from '../../columns/column.ts';
import { bitWidthOf } from '../../kernels/bit-pack.ts';
import { deltaBytesMax, deltaWidth, writeDelta32, writeDelta64 } from '../../kernels/delta-pack.ts';
import { extremes32, extremes64, extremesDouble, extremesFloat } from '../../kernels/extremes.ts';
import {
  numberDictionary32,
  numberDictionary64,
  rangeBitsMax,
  rangeDictionary,
} from '../../kernels/number-dictionary.ts';
import { hybridBytesMax, writeHybrid } from '../../kernels/run-length.ts';
import { encoding } from './format.ts';
import { compareNumbers, cutEvery } from './page-values.ts';
import type { Extremes, PageValues } from './page-values.ts';

const dictionaryEntriesMax = 1 << 15;
const samplesMax = 16;
const sampleValues = 129;
/** Another form must be this much smaller than plain to be worth its time. */
const worthwhile = 0.8;

type Order = Pick<PageValues, 'extremes' | 'compare' | 'bound'>;

/** @param known least and greatest of a larger stretch that holds the chunk, for whole numbers, where they are at hand */
export function fixedPages(
  values: FixedValues,
  known: readonly [bigint, bigint] | null = null,
): PageValues {
  if (values instanceof Uint8Array) return booleanPages(values);
  const order = orderOf(values);
  const words = new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  const stride = values.BYTES_PER_ELEMENT === 8 ? 2 : 1;
  const count = values.length;
  const sample = sampleOf(words, stride, count);
  const integers = values instanceof Int32Array || values instanceof BigInt64Array;
  const plainBits = 32 * stride;
  const extremes = integers ? (known ?? order.extremes(0, count)) : null;
  const range = extremes === null ? Infinity : Number(BigInt(extremes[1]) - BigInt(extremes[0]));
  const deltaBits = range < 2 ** 31 ? sample.deltaBits : plainBits;
  if (sample.mayRepeat && count > 0) {
    const form =
      range < 2 ** rangeBitsMax
        ? rangeForm(words, stride, count, BigInt(extremes![0]))
        : dictionaryForm(words, stride, count);
    const bits = form === null ? plainBits : form.width + (32 * form.entries.length) / count;
    if (form !== null && bits < worthwhile * plainBits && bits <= deltaBits) {
      return { ...numberCodePages(form, stride), ...order };
    }
  }
  if (deltaBits < worthwhile * plainBits) return { ...deltaPages(words, stride, count), ...order };
  return { ...plainPages(words, stride, count), ...order };
}

function sampleOf(
  words: Int32Array,
  stride: number,
  count: number,
): { readonly mayRepeat: boolean; readonly deltaBits: number } {
  const seen = new Set<number>();
  const samples = Math.min(samplesMax, Math.ceil(count / sampleValues));
  let taken = 0;
  let bits = 0;
  let minis = 0;
  for (let s = 0; s < samples; s++) {
    const from = Math.floor(
      (s * (count - Math.min(count, sampleValues))) / Math.max(1, samples - 1),
    );
    const to = Math.min(count, from + sampleValues);
    for (let i = from; i < to; i++) {
      // Distinct enough for a guess: two words folded into one number.
      seen.add(stride === 1 ? words[i]! : words[2 * i]! + 0x9e3779b1 * words[2 * i + 1]!);
    }
    taken += to - from;
    for (let i = from; i + 1 < to; i += 32, minis++) {
      bits += deltaWidth(words, stride, i, Math.min(to, i + 33));
    }
  }
  // The heads of blocks and runs take about half a bit a value.
  return {
    mayRepeat: seen.size <= 0.97 * taken || count <= 1024,
    deltaBits: minis === 0 ? 64 : bits / minis + 0.5,
  };
}

interface DictionaryForm {
  readonly codes: Uint32Array;
  /** Words. */
  readonly entries: Int32Array;
  readonly width: number;
}

function dictionaryForm(words: Int32Array, stride: number, count: number): DictionaryForm | null {
  const codes = new Uint32Array(count);
  const entriesMax = Math.min(dictionaryEntriesMax, Math.ceil(count / 2));
  const entries =
    stride === 1
      ? numberDictionary32(words, count, entriesMax, codes)
      : numberDictionary64(words, count, entriesMax, codes);
  if (entries === null) return null;
  return { codes, entries, width: Math.max(1, bitWidthOf(entries.length / stride - 1)) };
}

function rangeForm(
  words: Int32Array,
  stride: number,
  count: number,
  least: bigint,
): DictionaryForm | null {
  const codes = new Uint32Array(count);
  const entriesMax = Math.min(dictionaryEntriesMax, Math.ceil(count / 2));
  const low = Number(BigInt.asIntN(32, least));
  const offsets = rangeDictionary(words, stride, count, low, entriesMax, codes);
  if (offsets === null) return null;
  const width = Math.max(1, bitWidthOf(offsets.length - 1));
  if (stride === 1) return { codes, width, entries: Int32Array.from(offsets, (o) => low + o) };
  const wide = BigInt64Array.from(offsets, (offset) => least + BigInt(offset));
  return { codes, width, entries: new Int32Array(wide.buffer) };
}

type Form = Omit<PageValues, keyof Order>;

function numberCodePages(form: DictionaryForm, stride: number): Form {
  const { codes, entries, width } = form;
  return {
    count: codes.length,
    encoding: encoding.RLE_DICTIONARY,
    dictionary: { bytes: bytesOf(entries), count: entries.length / stride },
    end: cutEvery(width, codes.length),
    bytesMax: (from, to) => 1 + hybridBytesMax(to - from, width),
    write: (from, to, out, at) => {
      out[at] = width;
      return writeHybrid(codes, from, to, width, out, at + 1);
    },
    view: () => null,
  };
}

function deltaPages(words: Int32Array, stride: number, count: number): Form {
  return {
    count,
    encoding: encoding.DELTA_BINARY_PACKED,
    dictionary: null,
    end: cutEvery(16, count),
    bytesMax: (from, to) => deltaBytesMax(to - from),
    write: (from, to, out, at) =>
      stride === 1
        ? writeDelta32(words, from, to, out, at)
        : writeDelta64(words, from, to, out, at),
    view: () => null,
  };
}

function plainPages(words: Int32Array, stride: number, count: number): Form {
  const bytes = bytesOf(words);
  const size = 4 * stride;
  return {
    count,
    encoding: encoding.PLAIN,
    dictionary: null,
    end: cutEvery(8 * size, count),
    bytesMax: (from, to) => (to - from) * size,
    write: (from, to, out, at) => {
      out.set(bytes.subarray(from * size, to * size), at);
      return at + (to - from) * size;
    },
    view: (from, to) => bytes.subarray(from * size, to * size),
  };
}

function bytesOf(array: Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function booleanPages(values: Uint8Array): PageValues {
  const count = values.length;
  return {
    count,
    encoding: encoding.PLAIN,
    dictionary: null,
    end: cutEvery(1, count),
    bytesMax: (from, to) => (to - from + 7) >>> 3,
    write: (from, to, out, at) => packBooleans(values, from, to, out, at),
    view: () => null,
    extremes: (from, to) => {
      if (from === to) return null;
      const first = values[from]!;
      let other = first;
      for (let i = from; i < to && other === first; i++) other = values[i]!;
      return [Math.min(first, other), Math.max(first, other)];
    },
    compare: compareNumbers,
    bound: (extreme) => Uint8Array.of(Number(extreme)),
  };
}

function packBooleans(
  values: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): number {
  for (let i = from; i < to; i += 8) {
    let byte = 0;
    const count = Math.min(8, to - i);
    for (let k = 0; k < count; k++) byte |= values[i + k]! << k;
    out[at++] = byte;
  }
  return at;
}

function orderOf(values: Exclude<FixedValues, Uint8Array>): Order {
  if (values instanceof Int32Array) return int32Order(values);
  if (values instanceof BigInt64Array) return int64Order(values);
  return floatOrder(values);
}

function int32Order(values: Int32Array): Order {
  const found = new Int32Array(2);
  return {
    extremes: (from, to) => {
      if (from === to) return null;
      extremes32(values, from, to, found);
      return [found[0]!, found[1]!];
    },
    compare: compareNumbers,
    bound: (extreme) => bytesOf(Int32Array.of(Number(extreme))),
  };
}

function int64Order(values: BigInt64Array): Order {
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const found = new Int32Array(4);
  const whole = new BigInt64Array(found.buffer);
  return {
    extremes: (from, to): Extremes | null => {
      if (from === to) return null;
      extremes64(words, from, to, found);
      return [whole[0]!, whole[1]!];
    },
    compare: compareNumbers,
    bound: (extreme) => new Uint8Array(BigInt64Array.of(BigInt(extreme)).buffer),
  };
}

// A chunk with a NaN has no statistics: readers disagree on where NaN stands. Zeros have two signs that compare equal, so
// a least 0 is written as -0 and a greatest as +0.
function floatOrder(values: Float32Array | Float64Array): Order {
  const found = new Float64Array(2);
  const single = values instanceof Float32Array;
  return {
    extremes: (from, to) => {
      if (from === to) return null;
      const ordered = single
        ? extremesFloat(values, from, to, found)
        : extremesDouble(values, from, to, found);
      if (!ordered) return null;
      return [found[0] === 0 ? -0 : found[0]!, found[1] === 0 ? 0 : found[1]!];
    },
    compare: compareNumbers,
    bound: (extreme) => {
      const bytes = Buffer.alloc(single ? 4 : 8);
      if (single) bytes.writeFloatLE(Number(extreme));
      else bytes.writeDoubleLE(Number(extreme));
      return bytes;
    },
  };
}
