// Exact number of distinct values of a fixed-width column. Whole numbers in a range not much wider than the row count
// are ticked off in a bitmap; all else goes through a table with open addressing, 64-bit values as two 32-bit halves.
//
//   slot = hash(low, high) & mask; the table doubles at half full; 0 is counted apart, so that an empty slot is 0.
import type { FixedValues } from './column.ts';

export function countDistinct(values: FixedValues): number {
  if (values instanceof Uint8Array) return distinct8(values);
  if (values instanceof Int32Array) return distinctInt32(values);
  if (values instanceof BigInt64Array) return distinct64(halves(values));
  if (values instanceof Float32Array) return distinct32(bits32(values));
  return distinct64(halves(canonical64(values)));
}

function distinct8(values: Uint8Array): number {
  const seen = new Uint8Array(256);
  for (let i = 0; i < values.length; i++) seen[values[i]!] = 1;
  let count = 0;
  for (let i = 0; i < 256; i++) count += seen[i]!;
  return count;
}

function distinctInt32(values: Int32Array): number {
  if (values.length === 0) return 0;
  let least = values[0]!;
  let greatest = least;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const range = greatest - least + 1;
  if (range > 32 * values.length + 1024) return distinct32(values);
  const seen = new Uint32Array((range + 31) >>> 5);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const place = values[i]! - least;
    const word = seen[place >>> 5]!;
    const bit = 1 << (place & 31);
    if ((word & bit) === 0) {
      seen[place >>> 5] = word | bit;
      count++;
    }
  }
  return count;
}

function distinct32(values: Int32Array): number {
  let table = new Int32Array(4096);
  let mask = table.length - 1;
  let count = 0;
  let zero = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === 0) {
      zero = 1;
      continue;
    }
    let slot = mix(value, 0) & mask;
    while (table[slot] !== 0 && table[slot] !== value) slot = (slot + 1) & mask;
    if (table[slot] === value) continue;
    table[slot] = value;
    if (++count * 2 > mask) {
      table = regrown32(table);
      mask = table.length - 1;
    }
  }
  return count + zero;
}

function regrown32(table: Int32Array): Int32Array<ArrayBuffer> {
  const out = new Int32Array(table.length * 2);
  const mask = out.length - 1;
  for (let i = 0; i < table.length; i++) {
    const value = table[i]!;
    if (value === 0) continue;
    let slot = mix(value, 0) & mask;
    while (out[slot] !== 0) slot = (slot + 1) & mask;
    out[slot] = value;
  }
  return out;
}

/** @param pairs low half of value i at 2i, high half at 2i + 1 */
function distinct64(pairs: Int32Array): number {
  const narrow = lowHalves(pairs);
  if (narrow !== null) return distinctInt32(narrow);
  let table = new Int32Array(8192);
  let mask = table.length / 2 - 1;
  let count = 0;
  let zero = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    const low = pairs[i]!;
    const high = pairs[i + 1]!;
    if (low === 0 && high === 0) {
      zero = 1;
      continue;
    }
    let slot = mix(low, high) & mask;
    while (!holds(table, slot, low, high)) slot = (slot + 1) & mask;
    if (table[2 * slot] !== 0 || table[2 * slot + 1] !== 0) continue;
    table[2 * slot] = low;
    table[2 * slot + 1] = high;
    if (++count * 2 > mask) {
      table = regrown64(table);
      mask = table.length / 2 - 1;
    }
  }
  return count + zero;
}

/** Is the slot free, or the value's own? */
function holds(table: Int32Array, slot: number, low: number, high: number): boolean {
  const a = table[2 * slot]!;
  const b = table[2 * slot + 1]!;
  return (a === low && b === high) || (a === 0 && b === 0);
}

function regrown64(table: Int32Array): Int32Array<ArrayBuffer> {
  const out = new Int32Array(table.length * 2);
  const mask = out.length / 2 - 1;
  for (let i = 0; i < table.length; i += 2) {
    if (table[i] === 0 && table[i + 1] === 0) continue;
    let slot = mix(table[i]!, table[i + 1]!) & mask;
    while (out[2 * slot] !== 0 || out[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
    out[2 * slot] = table[i]!;
    out[2 * slot + 1] = table[i + 1]!;
  }
  return out;
}

/** The low halves alone, when all high halves are the same (times of some weeks, small counts). */
function lowHalves(pairs: Int32Array): Int32Array | null {
  for (let i = 3; i < pairs.length; i += 2) if (pairs[i] !== pairs[1]) return null;
  const out = new Int32Array(pairs.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = pairs[2 * i]!;
  return out;
}

function halves(values: BigInt64Array | Float64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

function bits32(values: Float32Array): Int32Array {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  if (!values.some(Number.isNaN)) return bits;
  const out = bits.slice();
  for (let i = 0; i < out.length; i++) if (Number.isNaN(values[i])) out[i] = 0x7fc00000;
  return out;
}

/** One bit pattern for all NaN. */
function canonical64(values: Float64Array): Float64Array {
  if (!values.some(Number.isNaN)) return values;
  const out = values.slice();
  const bits = halves(out);
  for (let i = 0; i < out.length; i++) {
    if (!Number.isNaN(out[i])) continue;
    bits[2 * i] = 0;
    bits[2 * i + 1] = 0x7ff80000;
  }
  return out;
}

function mix(low: number, high: number): number {
  let hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b) ^ (low >>> 15), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
