// One column of one row group as the encoder takes it: the rows of several pieces joined, null rows taken out, levels
// made.
//
//   rows      [a, null, b]          single value: definition 1 0 1, values a b
//   rows      [[a, b], null, []]    multi value:  repetition 0 1 0 0, definition 2 2 0 1, values a b
//
// Without nulls and lists there are no level arrays at all.
import type { Column, FixedValues, VarValues } from '../../columns/column.ts';
import { mergeDictionaries, withSortedDictionary } from '../../columns/dictionary.ts';
import { countNulls, isNull, sliceNulls } from '../../columns/nulls.ts';
import { concatVar, gatherVar, sliceVar, varCount } from '../../columns/var-values.ts';
import type { DataType } from '../../config/types.ts';
import { invariant } from '../../errors.ts';
import { joinForWriting, take32, takeFixed } from './fixed-values.ts';

/** A column as the file's schema has it. */
export interface ColumnShape {
  readonly name: string;
  readonly dataType: DataType;
  readonly multiValue: boolean;
  readonly optional: boolean;
}

/** Rows `from` to `to` (excluded) of a column. */
export interface ColumnSlice {
  readonly column: Column;
  readonly from: number;
  readonly to: number;
}

export type ChunkValues =
  | { readonly kind: 'fixed'; readonly values: FixedValues }
  | { readonly kind: 'codes'; readonly codes: Uint32Array; readonly dictionary: VarValues }
  | { readonly kind: 'bytes'; readonly values: VarValues };

export interface Chunk {
  readonly rowCount: number;
  /** Level entries: rows, or list elements with one entry for each null or empty list. */
  readonly entryCount: number;
  readonly nullCount: number;
  /** Null: every entry starts a row. */
  readonly repetition: Uint32Array | null;
  /** Null: every entry has a value. */
  readonly definition: Uint32Array | null;
  /** The values that are there, in order. */
  readonly values: ChunkValues;
}

export function makeChunk(shape: ColumnShape, slices: readonly ColumnSlice[]): Chunk {
  const rowCount = slices.reduce((sum, slice) => sum + slice.to - slice.from, 0);
  const nullCount = shape.optional
    ? slices.reduce((sum, slice) => sum + nullsOf(slice.column, slice.from, slice.to), 0)
    : 0;
  const joined = joinValues(slices);
  if (shape.multiValue) return listChunk(slices, rowCount, nullCount, joined);
  if (nullCount === 0) {
    const none = { repetition: null, definition: null };
    return { rowCount, entryCount: rowCount, nullCount, ...none, values: joined };
  }
  const definition = new Uint32Array(rowCount);
  const kept = new Uint32Array(rowCount - nullCount);
  let row = 0;
  let count = 0;
  for (const { column, from, to } of slices) {
    for (let r = from; r < to; r++, row++) {
      if (isNull(column.nulls, r)) continue;
      definition[row] = 1;
      kept[count++] = row;
    }
  }
  const values = takeValues(joined, kept);
  return { rowCount, entryCount: rowCount, nullCount, repetition: null, definition, values };
}

function nullsOf(column: Column, from: number, to: number): number {
  if (column.nulls === null) return 0;
  if (from === 0) return countNulls(column.nulls, to);
  return countNulls(sliceNulls(column.nulls, from, to), to - from);
}

function listChunk(
  slices: readonly ColumnSlice[],
  rowCount: number,
  nullCount: number,
  joined: ChunkValues,
): Chunk {
  const elements = valueCount(joined);
  const entriesMax = elements + rowCount;
  const repetition = new Uint32Array(entriesMax);
  const definition = new Uint32Array(entriesMax);
  const kept = new Uint32Array(elements);
  const keepNulls = nullCount > 0;
  let entry = 0;
  let element = 0;
  let count = 0;
  // Levels as in an optional list; a required one has one level less.
  for (const { column, from, to } of slices) {
    const offsets = column.offsets!;
    for (let r = from; r < to; r++) {
      const length = offsets[r + 1]! - offsets[r]!;
      if (keepNulls && isNull(column.nulls, r)) {
        definition[entry++] = 0;
        element += length;
        continue;
      }
      if (length === 0) definition[entry++] = 1;
      for (let k = 0; k < length; k++) {
        repetition[entry] = k === 0 ? 0 : 1;
        definition[entry++] = 2;
        kept[count++] = element++;
      }
    }
  }
  return {
    rowCount,
    entryCount: entry,
    nullCount,
    repetition: repetition.subarray(0, entry),
    definition: definition.subarray(0, entry),
    values: count === elements ? joined : takeValues(joined, kept.subarray(0, count)),
  };
}

export function valueCount(values: ChunkValues): number {
  switch (values.kind) {
    case 'fixed':
      return values.values.length;
    case 'codes':
      return values.codes.length;
    case 'bytes':
      return varCount(values.values);
  }
}

interface ElementRange {
  readonly column: Column;
  readonly from: number;
  readonly to: number;
}

function joinValues(slices: readonly ColumnSlice[]): ChunkValues {
  const ranges = slices.map(({ column, from, to }) =>
    column.offsets === null
      ? { column, from, to }
      : { column, from: column.offsets[from]!, to: column.offsets[to]! },
  );
  const kinds = new Set(ranges.map((range) => range.column.kind));
  if (kinds.has('fixed')) {
    invariant(kinds.size === 1, () => `pieces mix fixed and other values`);
    return { kind: 'fixed', values: joinRanges(ranges) };
  }
  if (kinds.has('bytes')) {
    return { kind: 'bytes', values: concatOne(ranges.map(plainValues)) };
  }
  return joinCodes(ranges);
}

function joinRanges(ranges: readonly ElementRange[]): FixedValues {
  const parts = ranges.map(({ column, from, to }) => {
    invariant(column.kind === 'fixed', () => 'a fixed column was expected');
    return column.values.subarray(from, to);
  });
  return joinForWriting(parts);
}

function concatOne(parts: readonly VarValues[]): VarValues {
  return parts.length === 1 ? parts[0]! : concatVar(parts);
}

function plainValues({ column, from, to }: ElementRange): VarValues {
  invariant(column.kind !== 'fixed', () => 'a var-length column was expected');
  if (column.kind === 'bytes') return sliceVar(column.values, from, to);
  return gatherVar(column.dictionary, column.codes.subarray(from, to));
}

// As with joined numbers: a chunk's codes are done with before the next chunk begins.
let codeMemory = new Uint32Array(0);

function codeRoom(length: number): Uint32Array {
  if (codeMemory.length < length) codeMemory = new Uint32Array(length);
  return codeMemory.subarray(0, length);
}

function joinCodes(ranges: readonly ElementRange[]): ChunkValues {
  const columns = ranges.map(({ column }) => {
    invariant(column.kind === 'dictionary', () => 'a dictionary column was expected');
    return column;
  });
  const shared = columns.every((column) => column.dictionary === columns[0]!.dictionary);
  const sources = shared ? columns : columns.map(withSortedDictionary);
  const merged = shared
    ? null
    : mergeDictionaries(
        sources.map((column) => column.dictionary),
        columns[0]!.dataType,
      );
  const dictionary = merged?.dictionary ?? columns[0]!.dictionary;
  const total = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  const codes = codeRoom(total);
  let at = 0;
  for (const [i, { from, to }] of ranges.entries()) {
    const source = sources[i]!.codes.subarray(from, to);
    codes.set(source, at);
    if (merged !== null) remapInPlace(codes, at, at + source.length, merged.remaps[i]!);
    at += source.length;
  }
  return { kind: 'codes', codes, dictionary };
}

function remapInPlace(codes: Uint32Array, from: number, to: number, remap: Uint32Array): void {
  for (let i = from; i < to; i++) codes[i] = remap[codes[i]!]!;
}

function takeValues(values: ChunkValues, kept: Uint32Array): ChunkValues {
  switch (values.kind) {
    case 'codes':
      return { ...values, codes: take32(values.codes, kept, new Uint32Array(kept.length)) };
    case 'bytes':
      return { kind: 'bytes', values: gatherVar(values.values, kept) };
    case 'fixed':
      return { kind: 'fixed', values: takeFixed(values.values, kept) };
  }
}

/** Only the values in use, the codes changed in place; null when the dictionary would not make the chunk smaller. */
export function compactChunk(
  codes: Uint32Array,
  dictionary: VarValues,
): { readonly codes: Uint32Array; readonly dictionary: VarValues } | null {
  if (codes.length === 0) return null;
  const size = varCount(dictionary);
  const remap = new Uint32Array(size);
  for (let i = 0; i < codes.length; i++) remap[codes[i]!] = 1;
  const used = new Uint32Array(size);
  let count = 0;
  let bytes = 0;
  for (let code = 0; code < size; code++) {
    if (remap[code] === 0) continue;
    remap[code] = count;
    used[count++] = code;
    bytes += dictionary.offsets[code + 1]! - dictionary.offsets[code]!;
  }
  const plainBytes = codes.length * (bytes / Math.max(1, count) + 1);
  const codeBytes = (codes.length * (32 - Math.clz32(Math.max(1, count - 1)))) / 8;
  if (codes.length > 64 && codeBytes + bytes + 4 * count > 0.9 * plainBytes) return null;
  if (count === size) return { codes, dictionary };
  remapInPlace(codes, 0, codes.length, remap);
  return { codes, dictionary: gatherVar(dictionary, used.subarray(0, count)) };
}
