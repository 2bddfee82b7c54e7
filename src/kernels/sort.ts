// Sorting row ids by packed keys: least-significant-digit radix sort on digits of at most 11 bits. Key and row id move
// together, so a pass reads forward only; a further key word is fetched once through the row ids. Digits in which all
// keys agree cost one counting pass and move nothing. Ties keep the order of the ids given, which is input order.
//
//   words[0]  most significant ... words[k - 1] least significant, each with `bits` used bits
//
// Bounds: words[w].length === n for all w; memory 16 bytes a row besides the words.

import { newWords } from './words.ts';
import type { WordRoom } from './words.ts';

export interface PackedKeys {
  readonly rowCount: number;
  readonly words: readonly Uint32Array[];
  /** Used low bits of each word, 1 to 32. */
  readonly bits: readonly number[];
}

const digitBits = 11;

/** Row ids in key order, in memory of `room`. */
export function sortRows(
  { rowCount, words, bits }: PackedKeys,
  room: WordRoom = newWords,
): Uint32Array {
  let ids = room('ids', rowCount);
  for (let i = 0; i < rowCount; i++) ids[i] = i;
  if (words.length === 0 || isSorted(words, rowCount)) return ids;
  let keys = room('keys', rowCount);
  let spareKeys = room('spare-keys', rowCount);
  let spareIds = room('spare-ids', rowCount);
  const counts = new Uint32Array(1 << digitBits);
  for (let w = words.length - 1; w >= 0; w--) {
    fetch(keys, words[w]!, ids);
    const passes = Math.ceil(bits[w]! / digitBits);
    const width = Math.ceil(bits[w]! / passes);
    for (let pass = 0; pass < passes; pass++) {
      const shift = pass * width;
      if (!countDigits(counts, keys, shift, (1 << width) - 1)) continue;
      moveByDigit(counts, keys, ids, spareKeys, spareIds, shift, (1 << width) - 1);
      [keys, spareKeys] = [spareKeys, keys];
      [ids, spareIds] = [spareIds, ids];
    }
  }
  return ids;
}

/** True when the rows already rise (ties allowed) as they lie. */
export function isSorted(words: readonly Uint32Array[], rowCount: number): boolean {
  for (let i = 1; i < rowCount; i++) if (compareRows(words, i - 1, i) > 0) return false;
  return true;
}

export function compareRows(words: readonly Uint32Array[], a: number, b: number): number {
  for (let w = 0; w < words.length; w++) {
    const word = words[w]!;
    if (word[a] !== word[b]) return word[a]! < word[b]! ? -1 : 1;
  }
  return 0;
}

function fetch(target: Uint32Array, word: Uint32Array, ids: Uint32Array): void {
  for (let i = 0; i < ids.length; i++) target[i] = word[ids[i]!]!;
}

/** Turns `counts` into first destinations; false when one digit holds all rows. */
function countDigits(counts: Uint32Array, keys: Uint32Array, shift: number, mask: number): boolean {
  counts.fill(0);
  for (let i = 0; i < keys.length; i++) counts[(keys[i]! >>> shift) & mask]!++;
  if (counts[(keys[0]! >>> shift) & mask] === keys.length) return false;
  let sum = 0;
  for (let d = 0; d < counts.length; d++) {
    const count = counts[d]!;
    counts[d] = sum;
    sum += count;
  }
  return true;
}

function moveByDigit(
  heads: Uint32Array,
  keys: Uint32Array,
  ids: Uint32Array,
  toKeys: Uint32Array,
  toIds: Uint32Array,
  shift: number,
  mask: number,
): void {
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const at = heads[(key >>> shift) & mask]!++;
    toKeys[at] = key;
    toIds[at] = ids[i]!;
  }
}
