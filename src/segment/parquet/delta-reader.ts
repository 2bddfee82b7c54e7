// DELTA_BINARY_PACKED back to numbers, for any block size that a writer may choose.
import { unpackBits } from '../../kernels/bit-pack.ts';
import { corrupt } from './corrupt.ts';
import type { Place } from './corrupt.ts';

interface DeltaHead {
  readonly blockValues: number;
  readonly miniBlocks: number;
  readonly first: bigint;
  readonly at: number;
}

/** Fills `out`; returns the position behind the last block. */
export function readDelta32(bytes: Uint8Array, at: number, out: Int32Array, place: Place): number {
  const head = readHead(bytes, at, out.length, place);
  if (out.length === 0) return head.at;
  let value = Number(BigInt.asIntN(32, head.first));
  out[0] = value;
  const perMini = head.blockValues / head.miniBlocks;
  const rests = new Uint32Array(perMini);
  let next = head.at;
  for (let i = 1; i < out.length;) {
    const least = readZigzag(bytes, next, place);
    next = least.at + head.miniBlocks;
    needBytes(bytes, next, place);
    const step = Number(BigInt.asIntN(32, least.value));
    for (let m = 0; m < head.miniBlocks && i < out.length; m++) {
      const width = bytes[least.at + m]!;
      if (width > 32) corrupt(place, `differences of ${width} bits`);
      const count = Math.min(perMini, out.length - i);
      // The last run may be cut off behind its last value.
      needBytes(bytes, next + Math.ceil((count * width) / 8), place);
      unpackBits(bytes, next, width, count, rests, 0);
      next += (perMini / 8) * width;
      for (let k = 0; k < count; k++, i++) {
        value = (value + step + rests[k]!) | 0;
        out[i] = value;
      }
    }
  }
  return next;
}

/** The same for 64-bit values. */
export function readDelta64(
  bytes: Uint8Array,
  at: number,
  out: BigInt64Array,
  place: Place,
): number {
  const head = readHead(bytes, at, out.length, place);
  if (out.length === 0) return head.at;
  let value = BigInt.asIntN(64, head.first);
  out[0] = value;
  const perMini = head.blockValues / head.miniBlocks;
  const rests = new Uint32Array(perMini);
  let next = head.at;
  for (let i = 1; i < out.length;) {
    const least = readZigzag(bytes, next, place);
    next = least.at + head.miniBlocks;
    needBytes(bytes, next, place);
    for (let m = 0; m < head.miniBlocks && i < out.length; m++) {
      const width = bytes[least.at + m]!;
      if (width > 64) corrupt(place, `differences of ${width} bits`);
      const count = Math.min(perMini, out.length - i);
      needBytes(bytes, next + Math.ceil((count * width) / 8), place);
      if (width <= 32) {
        unpackBits(bytes, next, width, count, rests, 0);
        // Sums in halves of a double: exact while differences stay small, which they do but for hostile ones.
        value = addNarrow(out, i, count, value, least.value, rests);
      } else {
        for (let k = 0; k < count; k++) {
          value = BigInt.asIntN(64, value + least.value + wideAt(bytes, next, width, k));
          out[i + k] = value;
        }
      }
      next += (perMini / 8) * width;
      i += count;
    }
  }
  return next;
}

function addNarrow(
  out: BigInt64Array,
  at: number,
  count: number,
  start: bigint,
  least: bigint,
  rests: Uint32Array,
): bigint {
  const step = Number(least);
  const last = Number(start);
  // One bigint per value only: the running sum is a double, exact below 2^53.
  if (Math.abs(last) < 2 ** 51 && Math.abs(step) < 2 ** 32) {
    let value = last;
    for (let k = 0; k < count; k++) {
      value += step + rests[k]!;
      out[at + k] = BigInt(value);
    }
    return BigInt(value);
  }
  let value = start;
  for (let k = 0; k < count; k++) {
    value = BigInt.asIntN(64, value + least + BigInt(rests[k]!));
    out[at + k] = value;
  }
  return value;
}

function wideAt(bytes: Uint8Array, at: number, width: number, index: number): bigint {
  let value = 0n;
  const from = index * width;
  for (let bit = 0; bit < width;) {
    const place = from + bit;
    const taken = Math.min(8 - (place & 7), width - bit);
    const part = (bytes[at + (place >>> 3)]! >>> (place & 7)) & ((1 << taken) - 1);
    value |= BigInt(part) << BigInt(bit);
    bit += taken;
  }
  return value;
}

function readHead(bytes: Uint8Array, at: number, count: number, place: Place): DeltaHead {
  const block = readVarint(bytes, at, place);
  const minis = readVarint(bytes, block.at, place);
  const total = readVarint(bytes, minis.at, place);
  const first = readZigzag(bytes, total.at, place);
  const blockValues = Number(block.value);
  const miniBlocks = Number(minis.value);
  const perMini = blockValues / miniBlocks;
  if (blockValues > 1 << 16 || miniBlocks < 1 || perMini < 8 || perMini % 8 !== 0) {
    corrupt(place, `blocks of ${blockValues} differences in ${miniBlocks} parts`);
  }
  if (Number(total.value) !== count) {
    corrupt(place, `${total.value} differences for ${count} values`);
  }
  return { blockValues, miniBlocks, first: first.value, at: first.at };
}

function needBytes(bytes: Uint8Array, end: number, place: Place): void {
  if (end > bytes.length) corrupt(place, 'the differences of a page end early');
}

interface Varint {
  readonly value: bigint;
  readonly at: number;
}

function readZigzag(bytes: Uint8Array, at: number, place: Place): Varint {
  const { value, at: end } = readVarint(bytes, at, place);
  return { value: (value >> 1n) ^ -(value & 1n), at: end };
}

function readVarint(bytes: Uint8Array, at: number, place: Place): Varint {
  let value = 0n;
  for (let i = 0; i < 10 && at < bytes.length; i++) {
    const byte = bytes[at++]!;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value, at };
  }
  return corrupt(place, 'a number of a page has no end');
}
