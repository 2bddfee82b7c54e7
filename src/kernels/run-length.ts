// Parquet's hybrid of runs and bit-packed values, each part behind a varint header:
//
//   header even   header/2 times the one value that follows in ceil(width/8) bytes
//   header odd    (header-1)/2 groups of 8 bit-packed values
//
// The encoder writes a page either all in runs or as one packed part, whichever is smaller: sorted columns become runs,
// others packed bits, and the compressor behind it sees the rest.
import { packBits, packedBytes, unpackBits } from './bit-pack.ts';

/** Room that `writeHybrid` may need. */
export function hybridBytesMax(count: number, width: number): number {
  return 3 * packedBytes(count, width) + 16;
}

/** Runs of equal values in `from` to `to` (excluded), or something above `most` as soon as they are more. */
export function countRuns(
  values: Uint32Array,
  from: number,
  to: number,
  most: number = Infinity,
): number {
  if (from >= to) return 0;
  let runs = 1;
  let last = values[from]!;
  for (let i = from + 1; i < to && runs <= most; i++) {
    const value = values[i]!;
    runs += value === last ? 0 : 1;
    last = value;
  }
  return runs;
}

/** Writes values `from` to `to` (excluded), each below 2^width, width 1..32; returns the position behind them. */
export function writeHybrid(
  values: Uint32Array,
  from: number,
  to: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  const count = to - from;
  if (count === 0) return at;
  const packed = packedBytes(count, width) + 5;
  const runBytes = ((width + 7) >>> 3) + 2;
  if (countRuns(values, from, to, packed / runBytes) * runBytes < packed) {
    return writeRuns(values, from, to, width, out, at);
  }
  const start = writeVarint(((count + 7) >>> 3) * 2 + 1, out, at);
  return packBits(values, from, to, width, out, start);
}

function writeRuns(
  values: Uint32Array,
  from: number,
  to: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  const bytes = (width + 7) >>> 3;
  for (let i = from; i < to;) {
    const value = values[i]!;
    let end = i + 1;
    while (end < to && values[end] === value) end++;
    at = writeVarint((end - i) * 2, out, at);
    for (let k = 0; k < bytes; k++) out[at++] = value >>> (8 * k);
    i = end;
  }
  return at;
}

/** Unsigned LEB128 of a value below 2^32. */
export function writeVarint(value: number, out: Uint8Array, at: number): number {
  for (; value >= 0x80; value >>>= 7) out[at++] = (value & 0x7f) | 0x80;
  out[at++] = value;
  return at;
}

/**
 * Reads `count` values into `out` at `outAt` from bytes `at` to `end` (excluded).
 * @returns the position behind the last part read, or -1 when the bytes end early or a header makes no sense
 */
export function readHybrid(
  bytes: Uint8Array,
  at: number,
  end: number,
  width: number,
  count: number,
  out: Uint32Array,
  outAt: number,
): number {
  const valueBytes = (width + 7) >>> 3;
  const outEnd = outAt + count;
  while (outAt < outEnd) {
    let header = 0;
    let scale = 1;
    for (;;) {
      if (at >= end || scale > 2 ** 28) return -1;
      const byte = bytes[at++]!;
      header += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
    }
    const rest = outEnd - outAt;
    if (header % 2 === 0) {
      if (header === 0 || at + valueBytes > end) return -1;
      let value = 0;
      for (let k = 0; k < valueBytes; k++) value |= bytes[at + k]! << (8 * k);
      at += valueBytes;
      const run = Math.min(header / 2, rest);
      out.fill(value >>> 0, outAt, outAt + run);
      outAt += run;
      continue;
    }
    const groups = (header - 1) / 2;
    const taken = Math.min(groups * 8, rest);
    // Some writers cut the padding of the last group off.
    if (groups === 0 || at + Math.ceil((taken * width) / 8) > end) return -1;
    unpackBits(bytes, at, width, taken, out, outAt);
    outAt += taken;
    at = Math.min(end, at + groups * width);
  }
  return at;
}
