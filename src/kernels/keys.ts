// Sort keys: a column becomes one or two unsigned 32-bit words a row whose order is the value order of O-7, and the
// words of all key columns are packed, most significant first, into as few words as their ranges need.
//
//   INT            sign bit flipped
//   LONG           high word (sign flipped), low word; one word of offsets from the least value where the range allows it
//   FLOAT, DOUBLE  bits flipped so that they rise with the value: -0.0 < 0.0, NaN largest and all NaN equal
//   codes, flags   as they are
//
// Equal values give equal words and the reverse, so the words also serve for grouping. Bounds: all words of a call have
// the same length.
import type { PackedKeys } from './sort.ts';
import { newWords } from './words.ts';
import type { WordRoom } from './words.ts';

const signBit = 0x80000000;

export function intWord(values: Int32Array): Uint32Array {
  const word = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) word[i] = values[i]! ^ signBit;
  return word;
}

const high = 4294967296;
const exactMax = 2 ** 53;

/** One word of offsets when the values span less than 2^32, else two. */
export function longWords(
  values: BigInt64Array,
  slot: string = '',
  room: WordRoom = newWords,
): Uint32Array[] {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const n = values.length;
  const lows = room(`${slot}-low`, n);
  if (n === 0) return [lows];
  // As doubles: what is rounded beyond 2^53 lies in two words anyway.
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < 2 * n; i += 2) {
    const value = halves[i + 1]! * high + (halves[i]! >>> 0);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (max - min < high && min > -exactMax && max < exactMax) {
    const least = min - Math.floor(min / high) * high;
    for (let i = 0; i < n; i++) lows[i] = halves[2 * i]! - least;
    return [lows];
  }
  const highs = room(`${slot}-high`, n);
  for (let i = 0; i < n; i++) {
    lows[i] = halves[2 * i]!;
    highs[i] = halves[2 * i + 1]! ^ signBit;
  }
  return [highs, lows];
}

export function floatWord(values: Float32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const word = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const b = values[i] !== values[i] ? 0x7fc00000 : bits[i]!;
    word[i] = b >= signBit ? ~b : b ^ signBit;
  }
  return word;
}

export function doubleWords(values: Float64Array): Uint32Array[] {
  const halves = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const highs = new Uint32Array(values.length);
  const lows = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const nan = values[i] !== values[i];
    const high = nan ? 0x7ff80000 : halves[2 * i + 1]!;
    const low = nan ? 0 : halves[2 * i]!;
    const negative = high >= signBit;
    highs[i] = negative ? ~high : high ^ signBit;
    lows[i] = negative ? ~low : low;
  }
  return [highs, lows];
}

/**
 * Ranks of multi-value rows: shorter first, then element by element (O-7). `words` hold the elements' key words.
 *
 *   lists [0,1] [5] [0,1] []   ->   ranks 2 1 2 0
 */
export function listRanks(words: readonly Uint32Array[], offsets: Uint32Array): Uint32Array {
  const n = offsets.length - 1;
  const ids = new Uint32Array(n);
  for (let i = 0; i < n; i++) ids[i] = i;
  const compare = (a: number, b: number): number => compareLists(words, offsets, a, b);
  ids.sort(compare);
  const ranks = new Uint32Array(n);
  let rank = 0;
  for (let i = 0; i < n; i++) {
    if (i > 0 && compare(ids[i - 1]!, ids[i]!) !== 0) rank++;
    ranks[ids[i]!] = rank;
  }
  return ranks;
}

function compareLists(
  words: readonly Uint32Array[],
  offsets: Uint32Array,
  a: number,
  b: number,
): number {
  const [fromA, fromB] = [offsets[a]!, offsets[b]!];
  const length = offsets[a + 1]! - fromA;
  const other = offsets[b + 1]! - fromB;
  if (length !== other) return length - other;
  for (let k = 0; k < length; k++) {
    for (let w = 0; w < words.length; w++) {
      const [x, y] = [words[w]![fromA + k]!, words[w]![fromB + k]!];
      if (x !== y) return x < y ? -1 : 1;
    }
  }
  return 0;
}

/** Packs words, most significant first, each reduced to its offset from its least value; constant words vanish. */
export function packKeys(
  words: readonly Uint32Array[],
  rowCount: number,
  room: WordRoom = newWords,
): PackedKeys {
  const packed: Uint32Array[] = [];
  const bits: number[] = [];
  for (const word of words) {
    const [min, max] = rangeOf(word);
    const width = bitsOf(max - min);
    if (width === 0) continue;
    const last = packed.length - 1;
    if (last >= 0 && bits[last]! + width <= 32) {
      appendBits(packed[last]!, word, min, width);
      bits[last] = bits[last]! + width;
    } else {
      packed.push(offsetsFrom(word, min, room(`packed-${packed.length}`, rowCount)));
      bits.push(width);
    }
  }
  return { rowCount, words: packed, bits };
}

/** Bits that hold 0..max. */
export function bitsOf(max: number): number {
  return max === 0 ? 0 : 32 - Math.clz32(max);
}

function rangeOf(word: Uint32Array): [min: number, max: number] {
  let min = word[0] ?? 0;
  let max = min;
  for (let i = 1; i < word.length; i++) {
    const value = word[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}

function offsetsFrom(word: Uint32Array, min: number, out: Uint32Array): Uint32Array {
  for (let i = 0; i < word.length; i++) out[i] = word[i]! - min;
  return out;
}

function appendBits(target: Uint32Array, word: Uint32Array, min: number, width: number): void {
  for (let i = 0; i < word.length; i++) target[i] = (target[i]! << width) | (word[i]! - min);
}
