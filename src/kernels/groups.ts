// Runs of equal keys in sorted rows: the groups of ROLLUP, the duplicates of DEDUP.
//
//   order      4 0 2 1 3     keys a a b b b  ->  starts 0 2 5, groupOf (by row) 0 1 0 1 0
//
// Bounds: order is a permutation of the rows, sorted by the same words.

export interface Groups {
  readonly groupCount: number;
  /** groupCount + 1 entries into `order`. */
  readonly starts: Uint32Array;
}

export function findGroups(words: readonly Uint32Array[], order: Uint32Array): Groups {
  const n = order.length;
  const changed = new Uint8Array(n);
  if (n > 0) changed[0] = 1;
  for (const word of words) markChanges(changed, word, order);
  let groupCount = 0;
  for (let i = 0; i < n; i++) groupCount += changed[i]!;
  const starts = new Uint32Array(groupCount + 1);
  let g = 0;
  for (let i = 0; i < n; i++) if (changed[i] === 1) starts[g++] = i;
  starts[groupCount] = n;
  return { groupCount, starts };
}

/** First row of every group; with a stable order the one that came first. */
export function firstRows(order: Uint32Array, { groupCount, starts }: Groups): Uint32Array {
  const rows = new Uint32Array(groupCount);
  for (let g = 0; g < groupCount; g++) rows[g] = order[starts[g]!]!;
  return rows;
}

/** The group of every row, by row id. */
export function groupOfRows(order: Uint32Array, { groupCount, starts }: Groups): Uint32Array {
  const groupOf = new Uint32Array(order.length);
  for (let g = 0; g < groupCount; g++) {
    for (let i = starts[g]!; i < starts[g + 1]!; i++) groupOf[order[i]!] = g;
  }
  return groupOf;
}

function markChanges(changed: Uint8Array, word: Uint32Array, order: Uint32Array): void {
  let before = word[order[0] ?? 0]!;
  for (let i = 1; i < order.length; i++) {
    const value = word[order[i]!]!;
    if (value !== before) changed[i] = 1;
    before = value;
  }
}

/** Group ids of rows whose keys lie in 0..space, by a table of that size; ids count up in order of first appearance. */
export function tableGroups(
  keys: Float64Array,
  space: number,
): { groupOf: Uint32Array; first: Uint32Array } {
  const ids = new Int32Array(space).fill(-1);
  const groupOf = new Uint32Array(keys.length);
  const first = new Uint32Array(Math.min(space, keys.length));
  let groupCount = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    let id = ids[key]!;
    if (id < 0) {
      id = groupCount++;
      ids[key] = id;
      first[id] = i;
    }
    groupOf[i] = id;
  }
  return { groupOf, first: first.slice(0, groupCount) };
}

/**
 * Groups rows by one exact numeric key without sorting: open addressing, twice as many slots as rows. Group ids count
 * up in order of first appearance.
 */
export function hashGroups(keys: Float64Array): { groupOf: Uint32Array; first: Uint32Array } {
  const n = keys.length;
  const slotBits = Math.max(4, 33 - Math.clz32(Math.max(1, n)));
  const mask = 2 ** slotBits - 1;
  const slots = new Int32Array(mask + 1).fill(-1);
  const groupOf = new Uint32Array(n);
  const first = new Uint32Array(n);
  let groupCount = 0;
  for (let i = 0; i < n; i++) {
    const key = keys[i]!;
    const high = Math.floor(key / 4294967296);
    let h = Math.imul((key >>> 0) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
    h = (h ^ (h >>> 15)) & mask;
    for (;;) {
      const g = slots[h]!;
      if (g < 0) {
        slots[h] = groupCount;
        first[groupCount] = i;
        groupOf[i] = groupCount++;
        break;
      }
      if (keys[first[g]!] === key) {
        groupOf[i] = g;
        break;
      }
      h = (h + 1) & mask;
    }
  }
  return { groupOf, first: first.slice(0, groupCount) };
}
