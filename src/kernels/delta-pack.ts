// DELTA_BINARY_PACKED: the first value, then blocks of 128 differences, each block with its least difference and four
// runs of 32 bit-packed rests:
//
//   128, 4, count, zigzag(first)   { zigzag(least), width x 4, 32 rests x 4 } ...
//
// The writers take values whose range is below 2^31, so that every difference fits 32 bits; the caller checks it from
// the extremes that it has at hand anyway.
import { bitWidthOf, packBits } from './bit-pack.ts';
import { writeVarint } from './run-length.ts';

const blockValues = 128;
const miniValues = 32;
const rests: Uint32Array = new Uint32Array(blockValues);

/** Room that a writer may need for `count` values. */
export function deltaBytesMax(count: number): number {
  return 32 + Math.ceil(count / blockValues) * (9 + 4 * blockValues);
}

/** Values `from` to `to` (excluded), their range below 2^31; returns the position behind them. */
export function writeDelta32(
  values: Int32Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): number {
  const first = from < to ? values[from]! : 0;
  at = writeHead(to - from, out, at);
  at = writeVarint(((first << 1) ^ (first >> 31)) >>> 0, out, at);
  for (let i = from + 1; i < to; i += blockValues) {
    const count = Math.min(blockValues, to - i);
    let least = 0x7fffffff;
    for (let k = 0; k < count; k++) {
      const delta = (values[i + k]! - values[i + k - 1]!) | 0;
      rests[k] = delta;
      if (delta < least) least = delta;
    }
    at = writeBlock(count, least, out, at);
  }
  return at;
}

/** The same for 64-bit values given as pairs of words, low word first: value i is words[2i], words[2i+1]. */
export function writeDelta64(
  words: Int32Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): number {
  at = writeHead(to - from, out, at);
  at = from < to ? writeZigzag64(words[2 * from]!, words[2 * from + 1]!, out, at) : put0(out, at);
  for (let i = from + 1; i < to; i += blockValues) {
    const count = Math.min(blockValues, to - i);
    let least = 0x7fffffff;
    let last = words[2 * i - 2]!;
    for (let k = 0; k < count; k++) {
      const low = words[2 * (i + k)]!;
      const delta = (low - last) | 0;
      last = low;
      rests[k] = delta;
      if (delta < least) least = delta;
    }
    at = writeBlock(count, least, out, at);
  }
  return at;
}

/** Bits a value that `writeDelta` would take on a stretch of at most 33 values, heads left out. */
export function deltaWidth(words: Int32Array, stride: number, from: number, to: number): number {
  let least = 0x7fffffff;
  let most = -0x80000000;
  for (let i = from + 1; i < to; i++) {
    const delta = (words[i * stride]! - words[(i - 1) * stride]!) | 0;
    if (delta < least) least = delta;
    if (delta > most) most = delta;
  }
  return most < least ? 0 : bitWidthOf((most - least) >>> 0);
}

function put0(out: Uint8Array, at: number): number {
  out[at] = 0;
  return at + 1;
}

function writeHead(count: number, out: Uint8Array, at: number): number {
  at = writeVarint(blockValues, out, at);
  at = writeVarint(blockValues / miniValues, out, at);
  return writeVarint(count, out, at);
}

function writeBlock(count: number, least: number, out: Uint8Array, at: number): number {
  for (let k = 0; k < count; k++) rests[k] = rests[k]! - least;
  const padded = Math.ceil(count / miniValues) * miniValues;
  rests.fill(0, count, padded);
  at = writeVarint(((least << 1) ^ (least >> 31)) >>> 0, out, at);
  let widths = at;
  at += blockValues / miniValues;
  for (let k = 0; k < blockValues; k += miniValues) {
    let bits = 0;
    if (k < padded) for (let j = k; j < k + miniValues; j++) bits |= rests[j]!;
    const width = bitWidthOf(bits);
    out[widths++] = width;
    if (width > 0) at = packBits(rests, k, k + miniValues, width, out, at);
  }
  return at;
}

function writeZigzag64(low: number, high: number, out: Uint8Array, at: number): number {
  const sign = high >> 31;
  let lo = ((low << 1) ^ sign) >>> 0;
  let hi = (((high << 1) | (low >>> 31)) ^ sign) >>> 0;
  while (hi > 0 || lo >= 0x80) {
    out[at++] = (lo & 0x7f) | 0x80;
    lo = ((lo >>> 7) | (hi << 25)) >>> 0;
    hi >>>= 7;
  }
  out[at++] = lo;
  return at;
}
