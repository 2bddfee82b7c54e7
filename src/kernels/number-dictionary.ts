// A dictionary of numbers with few distinct values, by open addressing over their bits: equal bits are one entry, so
// -0.0, NaN and their payloads survive. Entries are in order of first appearance. Both functions give up (null) as soon
// as there are more than `entriesMax`.

/** 32-bit values: writes a code for each of the first `count` into `codes`, returns the entries. */
export function numberDictionary32(
  values: Int32Array,
  count: number,
  entriesMax: number,
  codes: Uint32Array,
): Int32Array<ArrayBuffer> | null {
  const bits = tableBits(entriesMax);
  const slots = new Uint32Array(1 << bits);
  const mask = slots.length - 1;
  const entries = new Int32Array(entriesMax);
  let size = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    let slot = Math.imul(value, 0x9e3779b1) >>> (32 - bits);
    let found = slots[slot]!;
    while (found !== 0 && entries[found - 1] !== value) {
      slot = (slot + 1) & mask;
      found = slots[slot]!;
    }
    if (found === 0) {
      if (size === entriesMax) return null;
      entries[size++] = value;
      found = size;
      slots[slot] = found;
    }
    codes[i] = found - 1;
  }
  return entries.slice(0, size);
}

/** 64-bit values as words, low word first; entries come back as words too. */
export function numberDictionary64(
  words: Int32Array,
  count: number,
  entriesMax: number,
  codes: Uint32Array,
): Int32Array<ArrayBuffer> | null {
  const bits = tableBits(entriesMax);
  const slots = new Uint32Array(1 << bits);
  const mask = slots.length - 1;
  const entries = new Int32Array(2 * entriesMax);
  let size = 0;
  for (let i = 0; i < count; i++) {
    const low = words[2 * i]!;
    const high = words[2 * i + 1]!;
    const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca77);
    let slot = Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1) >>> (32 - bits);
    let found = slots[slot]!;
    while (found !== 0 && (entries[2 * found - 2] !== low || entries[2 * found - 1] !== high)) {
      slot = (slot + 1) & mask;
      found = slots[slot]!;
    }
    if (found === 0) {
      if (size === entriesMax) return null;
      entries[2 * size] = low;
      entries[2 * size + 1] = high;
      size++;
      found = size;
      slots[slot] = found;
    }
    codes[i] = found - 1;
  }
  return entries.slice(0, 2 * size);
}

// At most half full.
function tableBits(entriesMax: number): number {
  return Math.max(4, 33 - Math.clz32(Math.max(1, entriesMax - 1)));
}

/** Widest range of `rangeDictionary`, as log2. */
export const rangeBitsMax = 16;

/**
 * Integers that span less than 2^16 from `least` (the low word of the least value): one table look-up a value, no
 * comparison. `stride` is 1 for 32-bit values and 2 for words of 64-bit ones. Entries are low words, less `least`.
 */
export function rangeDictionary(
  words: Int32Array,
  stride: number,
  count: number,
  least: number,
  entriesMax: number,
  codes: Uint32Array,
): Uint32Array | null {
  const slots = new Uint16Array(1 << rangeBitsMax);
  const entries = new Uint32Array(entriesMax);
  let size = 0;
  for (let i = 0; i < count; i++) {
    const value = (words[i * stride]! - least) & 0xffff;
    let found = slots[value]!;
    if (found === 0) {
      if (size === entriesMax) return null;
      entries[size++] = value;
      found = size;
      slots[value] = found;
    }
    codes[i] = found - 1;
  }
  return entries.slice(0, size);
}
