// Number of distinct values of a fixed-width column, counted piece by piece up to a bound: open addressing on two 32-bit
// halves a value (a 4-byte value has high half 0).
//
//   slot = hash(low, high) & mask; the table doubles at half full; (0, 0) is counted apart, so that an empty slot is (0, 0).
import type { FixedValues } from './column.ts';

/** Whole numbers in a range up to this are ticked off in a table. */
export const rangeTableMax: number = 1 << 16;

/** @param range all values lie in least..least + range - 1 */
export function distinctInRange(
  parts: readonly FixedValues[],
  least: number | bigint,
  range: number,
  most: number,
): number | null {
  const seen = new Uint8Array(range);
  const low = Number(BigInt.asIntN(32, BigInt(least)));
  for (const values of parts) {
    // The low words alone tell values of a short range apart.
    if (values instanceof BigInt64Array) tick(seen, halves(values), 2, low);
    else tick(seen, values as Int32Array, 1, low);
  }
  let count = 0;
  for (let i = 0; i < range; i++) count += seen[i]!;
  return count > most ? null : count;
}

function tick(seen: Uint8Array, words: Int32Array, stride: number, low: number): void {
  for (let i = 0; i < words.length; i += stride) seen[(words[i]! - low) | 0] = 1;
}

export class DistinctCounter {
  readonly #most: number;
  #table = new Int32Array(8192);
  #count = 0;
  #zero = 0;

  /** @param most distinct values beyond which counting stops */
  constructor(most: number) {
    this.#most = most;
  }

  /** Null: more than the bound. */
  get count(): number | null {
    const count = this.#count + this.#zero;
    return count > this.#most ? null : count;
  }

  add(values: FixedValues): void {
    if (this.count === null) return;
    if (values instanceof Uint8Array) this.#add32(Int32Array.from(values));
    else if (values instanceof Int32Array) this.#add32(values);
    else if (values instanceof Float32Array) this.#add32(bits32(values));
    else if (values instanceof Float64Array) this.#add64(halves(canonical64(values)));
    else this.#add64(halves(values));
  }

  #add32(values: Int32Array): void {
    let table = this.#table;
    let mask = table.length / 2 - 1;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value === 0) {
        this.#zero = 1;
        continue;
      }
      let slot = mix(value, 0) & mask;
      while (!holds(table, slot, value, 0)) slot = (slot + 1) & mask;
      if (table[2 * slot] !== 0) continue;
      table[2 * slot] = value;
      if (++this.#count > this.#most) return;
      if (this.#count * 2 > mask) {
        table = this.#grow();
        mask = table.length / 2 - 1;
      }
    }
  }

  /** @param pairs low half of value i at 2i, high half at 2i + 1 */
  #add64(pairs: Int32Array): void {
    let table = this.#table;
    let mask = table.length / 2 - 1;
    for (let i = 0; i < pairs.length; i += 2) {
      const low = pairs[i]!;
      const high = pairs[i + 1]!;
      if (low === 0 && high === 0) {
        this.#zero = 1;
        continue;
      }
      let slot = mix(low, high) & mask;
      while (!holds(table, slot, low, high)) slot = (slot + 1) & mask;
      if (table[2 * slot] !== 0 || table[2 * slot + 1] !== 0) continue;
      table[2 * slot] = low;
      table[2 * slot + 1] = high;
      if (++this.#count > this.#most) return;
      if (this.#count * 2 > mask) {
        table = this.#grow();
        mask = table.length / 2 - 1;
      }
    }
  }

  #grow(): Int32Array<ArrayBuffer> {
    const table = this.#table;
    const out = new Int32Array(table.length * 2);
    const mask = out.length / 2 - 1;
    for (let i = 0; i < table.length; i += 2) {
      const low = table[i]!;
      const high = table[i + 1]!;
      if (low === 0 && high === 0) continue;
      let slot = mix(low, high) & mask;
      while (out[2 * slot] !== 0 || out[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      out[2 * slot] = low;
      out[2 * slot + 1] = high;
    }
    this.#table = out;
    return out;
  }
}

/** Is the slot free, or the value's own? */
function holds(table: Int32Array, slot: number, low: number, high: number): boolean {
  const a = table[2 * slot]!;
  const b = table[2 * slot + 1]!;
  return (a === low && b === high) || (a === 0 && b === 0);
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
