// Dictionaries: distinct var-length values in the order of O-7, so that code order is value order. No value is ever
// turned into a string here. The first six bytes of a value, read as one 48-bit number, decide nearly every comparison.
import type { DataType } from '../config/types.ts';
import type { Codes, DictionaryColumn, VarValues } from './column.ts';
import { compareVarOf, utf16Rank } from './order.ts';
import type { CompareVar } from './order.ts';
import { gatherVar, varCount, varEqual } from './var-values.ts';

/** Codes of the smallest width that can name `dictionarySize` values, all 0. */
export function makeCodes(dictionarySize: number, length: number): Codes {
  if (dictionarySize <= 1 << 8) return new Uint8Array(length);
  return dictionarySize <= 1 << 16 ? new Uint16Array(length) : new Uint32Array(length);
}

/** remap[codes[i]] for every i, in the smallest width for `dictionarySize` values. */
export function remapCodes(codes: Codes, remap: Uint32Array, dictionarySize: number): Codes {
  const out = makeCodes(dictionarySize, codes.length);
  if (codes instanceof Uint8Array) remapFrom8(codes, remap, out);
  else if (codes instanceof Uint16Array) remapFrom16(codes, remap, out);
  else remapFrom32(codes, remap, out);
  return out;
}

function remapFrom8(codes: Uint8Array, remap: Uint32Array, out: Codes): void {
  if (out instanceof Uint8Array) for (let i = 0; i < codes.length; i++) out[i] = remap[codes[i]!]!;
  else if (out instanceof Uint16Array)
    for (let i = 0; i < codes.length; i++) out[i] = remap[codes[i]!]!;
  else for (let i = 0; i < codes.length; i++) out[i] = remap[codes[i]!]!;
}

function remapFrom16(codes: Uint16Array, remap: Uint32Array, out: Codes): void {
  if (out instanceof Uint8Array) for (let i = 0; i < codes.length; i++) out[i] = remap[codes[i]!]!;
  else if (out instanceof Uint16Array)
    for (let i = 0; i < codes.length; i++) out[i] = remap[codes[i]!]!;
  else for (let i = 0; i < codes.length; i++) out[i] = remap[codes[i]!]!;
}

function remapFrom32(codes: Uint32Array, remap: Uint32Array, out: Codes): void {
  if (out instanceof Uint8Array) for (let i = 0; i < codes.length; i++) out[i] = remap[codes[i]!]!;
  else if (out instanceof Uint16Array)
    for (let i = 0; i < codes.length; i++) out[i] = remap[codes[i]!]!;
  else for (let i = 0; i < codes.length; i++) out[i] = remap[codes[i]!]!;
}

export interface SortedDictionary {
  readonly dictionary: VarValues;
  /** By old code: the new one. */
  readonly remap: Uint32Array;
}

/** The values in order, equal ones once. */
export function sortDictionary(values: VarValues, dataType: DataType): SortedDictionary {
  const count = varCount(values);
  const compare = compareVarOf(dataType);
  const keys = prefixKeys(values, dataType);
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  order.sort((a, b) => keys[a]! - keys[b]! || compare(values, a, values, b));
  const remap = new Uint32Array(count);
  const kept = new Uint32Array(count);
  let size = 0;
  for (let i = 0; i < count; i++) {
    const value = order[i]!;
    if (size === 0 || !varEqual(values, value, values, kept[size - 1]!)) kept[size++] = value;
    remap[value] = size - 1;
  }
  return { dictionary: gatherVar(values, kept.subarray(0, size)), remap };
}

/** Do the values rise strictly in the order of O-7? */
export function isSortedDictionary(values: VarValues, dataType: DataType): boolean {
  const compare = compareVarOf(dataType);
  for (let i = 1; i < varCount(values); i++) {
    if (compare(values, i - 1, values, i) >= 0) return false;
  }
  return true;
}

/** A sorted dictionary of plain values and the code of each. */
export function buildDictionary(
  values: VarValues,
  dataType: DataType,
): { readonly dictionary: VarValues; readonly codes: Codes } {
  const count = varCount(values);
  const distinct = distinctValues(values);
  const { dictionary, remap } = sortDictionary(gatherVar(values, distinct.firsts), dataType);
  const codes = makeCodes(varCount(dictionary), count);
  for (let i = 0; i < count; i++) codes[i] = remap[distinct.codes[i]!]!;
  return { dictionary, codes };
}

/** Distinct values by first occurrence: their indices, and per value the number of its kind. */
export function distinctValues(values: VarValues): {
  readonly firsts: Uint32Array;
  readonly codes: Uint32Array;
} {
  const count = varCount(values);
  const codes = new Uint32Array(count);
  let firsts = new Uint32Array(1024);
  let hashes = new Uint32Array(1024);
  let table = new Uint32Array(4096); // code + 1, 0: free
  let size = 0;
  for (let i = 0; i < count; i++) {
    const hash = hashBytes(values.data, values.offsets[i]!, values.offsets[i + 1]!);
    let slot = hash & (table.length - 1);
    for (; table[slot] !== 0; slot = (slot + 1) & (table.length - 1)) {
      const code = table[slot]! - 1;
      if (hashes[code] === hash && varEqual(values, firsts[code]!, values, i)) break;
    }
    if (table[slot] === 0) {
      if (size === firsts.length) {
        firsts = grown(firsts);
        hashes = grown(hashes);
      }
      firsts[size] = i;
      hashes[size] = hash;
      table[slot] = ++size;
      codes[i] = size - 1;
      if (size * 2 > table.length) table = rehashed(hashes, size, table.length * 4);
    } else {
      codes[i] = table[slot]! - 1;
    }
  }
  return { firsts: firsts.slice(0, size), codes };
}

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(array.length * 2);
  out.set(array);
  return out;
}

function rehashed(hashes: Uint32Array, size: number, length: number): Uint32Array<ArrayBuffer> {
  const table = new Uint32Array(length);
  for (let code = 0; code < size; code++) {
    let slot = hashes[code]! & (length - 1);
    while (table[slot] !== 0) slot = (slot + 1) & (length - 1);
    table[slot] = code + 1;
  }
  return table;
}

function hashBytes(data: Uint8Array, from: number, to: number): number {
  let hash = (to - from) ^ 0x9e3779b9;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ data[i]!, 0x5bd1e995) ^ (hash >>> 15);
  hash = Math.imul(hash ^ (hash >>> 13), 0x85ebca6b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export interface MergedDictionaries {
  readonly dictionary: VarValues;
  /** By input, by its code: the code in the union. */
  readonly remaps: readonly Uint32Array[];
}

/**
 * The union of sorted dictionaries, sorted: a k-way merge over a binary heap of inputs, each represented by its next
 * value. Equal values of several inputs become one.
 */
export function mergeDictionaries(
  inputs: readonly VarValues[],
  dataType: DataType,
): MergedDictionaries {
  const remaps = inputs.map((input) => new Uint32Array(varCount(input)));
  const heap = new MergeHeap(inputs, dataType);
  const total = remaps.reduce((sum, remap) => sum + remap.length, 0);
  const sources = new Uint32Array(total);
  const places = new Uint32Array(total);
  let size = 0;
  for (let input = heap.least(); input >= 0; input = heap.least()) {
    const place = heap.place(input);
    const last = size - 1;
    if (size === 0 || !varEqual(inputs[sources[last]!]!, places[last]!, inputs[input]!, place)) {
      sources[size] = input;
      places[size++] = place;
    }
    remaps[input]![place] = size - 1;
    heap.advance();
  }
  return { dictionary: pick(inputs, sources, places, size), remaps };
}

function pick(
  inputs: readonly VarValues[],
  sources: Uint32Array,
  places: Uint32Array,
  size: number,
): VarValues {
  const offsets = new Uint32Array(size + 1);
  for (let i = 0; i < size; i++) {
    const from = inputs[sources[i]!]!.offsets;
    offsets[i + 1] = offsets[i]! + from[places[i]! + 1]! - from[places[i]!]!;
  }
  const data = new Uint8Array(offsets[size]!);
  for (let i = 0; i < size; i++) {
    const input = inputs[sources[i]!]!;
    let from = input.offsets[places[i]!]!;
    const end = offsets[i + 1]!;
    for (let at = offsets[i]!; at < end; at++) data[at] = input.data[from++]!;
  }
  return { offsets, data };
}

class MergeHeap {
  readonly #inputs: readonly VarValues[];
  readonly #compare: CompareVar;
  readonly #dataType: DataType;
  readonly #places: Uint32Array;
  readonly #keys: Float64Array;
  readonly #heap: Uint32Array;
  #size = 0;

  constructor(inputs: readonly VarValues[], dataType: DataType) {
    this.#inputs = inputs;
    this.#dataType = dataType;
    this.#compare = compareVarOf(dataType);
    this.#places = new Uint32Array(inputs.length);
    this.#keys = new Float64Array(inputs.length);
    this.#heap = new Uint32Array(inputs.length);
    for (let i = 0; i < inputs.length; i++) {
      if (varCount(inputs[i]!) === 0) continue;
      this.#keys[i] = prefixKey(inputs[i]!, 0, dataType);
      this.#heap[this.#size++] = i;
    }
    for (let slot = (this.#size >>> 1) - 1; slot >= 0; slot--) this.#sink(slot);
  }

  /** The input with the least next value, -1 when all are used up. */
  least(): number {
    return this.#size === 0 ? -1 : this.#heap[0]!;
  }

  place(input: number): number {
    return this.#places[input]!;
  }

  advance(): void {
    const input = this.#heap[0]!;
    const place = this.#places[input]! + 1;
    this.#places[input] = place;
    if (place === varCount(this.#inputs[input]!)) this.#heap[0] = this.#heap[--this.#size]!;
    else this.#keys[input] = prefixKey(this.#inputs[input]!, place, this.#dataType);
    if (this.#size > 1) this.#sink(0);
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const moved = heap[from]!;
    let slot = from;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, moved)) break;
      heap[slot] = heap[child]!;
      slot = child;
    }
    heap[slot] = moved;
  }

  #before(a: number, b: number): boolean {
    const difference = this.#keys[a]! - this.#keys[b]!;
    if (difference !== 0) return difference < 0;
    const inputs = this.#inputs;
    return this.#compare(inputs[a]!, this.#places[a]!, inputs[b]!, this.#places[b]!) < 0;
  }
}

/** A column over just those values that its rows use, order kept; the same column when all are used. */
export function compactDictionary(column: DictionaryColumn): DictionaryColumn {
  const size = varCount(column.dictionary);
  const remap = new Uint32Array(size);
  for (let i = 0; i < column.codes.length; i++) remap[column.codes[i]!] = 1;
  const used = new Uint32Array(size);
  let count = 0;
  for (let code = 0; code < size; code++) {
    if (remap[code] === 0) continue;
    remap[code] = count;
    used[count++] = code;
  }
  if (count === size) return column;
  const dictionary = gatherVar(column.dictionary, used.subarray(0, count));
  return { ...column, dictionary, codes: remapCodes(column.codes, remap, count) };
}

/** The same rows over a sorted dictionary. */
export function withSortedDictionary(column: DictionaryColumn): DictionaryColumn {
  if (column.sorted) return column;
  const { dictionary, remap } = sortDictionary(column.dictionary, column.dataType);
  const codes = remapCodes(column.codes, remap, varCount(dictionary));
  return { ...column, dictionary, codes, sorted: true };
}

function prefixKeys(values: VarValues, dataType: DataType): Float64Array {
  const keys = new Float64Array(varCount(values));
  for (let i = 0; i < keys.length; i++) keys[i] = prefixKey(values, i, dataType);
  return keys;
}

/** Six bytes as a number that never contradicts the order; ties need a whole compare. BIG_DECIMAL: always a tie. */
function prefixKey(values: VarValues, i: number, dataType: DataType): number {
  if (dataType === 'BIG_DECIMAL') return 0;
  const { data } = values;
  const from = values.offsets[i]!;
  const to = values.offsets[i + 1]!;
  const text = dataType !== 'BYTES';
  let key = 0;
  for (let k = from; k < from + 6; k++) {
    const byte = k < to ? data[k]! : 0;
    key = key * 256 + (text ? utf16Rank(byte) : byte);
  }
  return key;
}
