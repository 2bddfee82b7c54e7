// Rows picked, cut and joined, column by column. One small function per type of array: a shared one goes megamorphic
// and runs four times slower.
import type {
  Codes,
  Column,
  ColumnBatch,
  DictionaryColumn,
  FixedColumn,
  FixedValues,
  VarValues,
} from './column.ts';
import { makeCodes, mergeDictionaries, remapCodes, withSortedDictionary } from './dictionary.ts';
import { bitmapBytes, copyNulls, gatherNulls, sliceNulls } from './nulls.ts';
import { concatVar, gatherVar, sliceVar, varCount } from './var-values.ts';

/** The rows named, in that order; a row may stand several times. Dictionaries are shared, not compacted. */
export function gatherRows(batch: ColumnBatch, rows: Uint32Array): ColumnBatch {
  return { rowCount: rows.length, columns: batch.columns.map((c) => gatherColumn(c, rows)) };
}

export function gatherColumn(column: Column, rows: Uint32Array): Column {
  const base = { rowCount: rows.length, nulls: gatherNulls(column.nulls, rows) };
  if (column.offsets === null)
    return { ...column, ...base, ...pickElements(column, rows) } as Column;
  const { offsets, elements } = elementsOf(column.offsets, rows);
  return { ...column, ...base, offsets, ...pickElements(column, elements) } as Column;
}

/** Rows `from` to `to` (excluded). Values stay where they lie: the slice shares the batch's memory. */
export function sliceRows(batch: ColumnBatch, from: number, to: number): ColumnBatch {
  if (from === 0 && to === batch.rowCount) return batch;
  return { rowCount: to - from, columns: batch.columns.map((c) => sliceColumn(c, from, to)) };
}

export function sliceColumn(column: Column, from: number, to: number): Column {
  const base = { rowCount: to - from, nulls: sliceNulls(column.nulls, from, to) };
  if (column.offsets === null)
    return { ...column, ...base, ...cutElements(column, from, to) } as Column;
  const first = column.offsets[from]!;
  const last = column.offsets[to]!;
  const offsets = column.offsets.slice(from, to + 1);
  if (first !== 0) for (let i = 0; i < offsets.length; i++) offsets[i] = offsets[i]! - first;
  return { ...column, ...base, offsets, ...cutElements(column, first, last) } as Column;
}

/**
 * Batches of the same columns, one behind the other. Dictionary columns that do not share one dictionary get the sorted
 * union; one that is plain bytes in any batch is plain bytes in the result.
 */
export function concatBatches(batches: readonly ColumnBatch[]): ColumnBatch {
  const [first] = batches;
  if (first === undefined) return { rowCount: 0, columns: [] };
  if (batches.length === 1) return first;
  const columns = first.columns.map((_, c) => concatColumns(batches.map((b) => b.columns[c]!)));
  return { rowCount: batches.reduce((sum, b) => sum + b.rowCount, 0), columns };
}

/** Columns of one name and type, one behind the other; at least one. */
export function concatColumns(parts: readonly Column[]): Column {
  const [first] = parts;
  if (first === undefined) throw new Error('concatColumns needs a column');
  if (parts.length === 1) return first;
  const rowCount = parts.reduce((sum, part) => sum + part.rowCount, 0);
  const base = { rowCount, nulls: joinNulls(parts, rowCount), offsets: joinOffsets(parts) };
  if (parts.every((part) => part.kind === 'fixed')) {
    return { ...(first as FixedColumn), ...base, values: joinFixed(parts.map((p) => p.values)) };
  }
  if (parts.every((part) => part.kind === 'dictionary')) {
    return { ...(first as DictionaryColumn), ...base, ...joinDictionaries(parts) };
  }
  const values = concatVar(parts.map(plainValues));
  return { name: first.name, dataType: first.dataType, ...base, kind: 'bytes', values };
}

/** A var-length column's elements as they come, dictionary or not. */
export function plainValues(column: Column): VarValues {
  switch (column.kind) {
    case 'bytes':
      return column.values;
    case 'dictionary':
      return gatherVar(column.dictionary, column.codes);
    case 'fixed':
      throw new Error(`column ${column.name} of type ${column.dataType} has no var-length values`);
  }
}

/** What changes of a column when its elements do; the casts above put it back into a column of the kind it came from. */
type Elements =
  | { readonly values: FixedValues }
  | { readonly codes: Codes }
  | { readonly values: VarValues };

function pickElements(column: Column, indices: Uint32Array): Elements {
  switch (column.kind) {
    case 'fixed':
      return { values: gatherFixed(column.values, indices) };
    case 'dictionary':
      return { codes: gatherCodes(column.codes, indices) };
    case 'bytes':
      return { values: gatherVar(column.values, indices) };
  }
}

function cutElements(column: Column, from: number, to: number): Elements {
  switch (column.kind) {
    case 'fixed':
      return { values: column.values.subarray(from, to) };
    case 'dictionary':
      return { codes: column.codes.subarray(from, to) };
    case 'bytes':
      return { values: sliceVar(column.values, from, to) };
  }
}

/** Element offsets of the rows picked, and the elements that they take. */
function elementsOf(
  source: Uint32Array,
  rows: Uint32Array,
): { readonly offsets: Uint32Array; readonly elements: Uint32Array } {
  const offsets = new Uint32Array(rows.length + 1);
  let total = 0;
  for (let i = 0; i < rows.length; i++) {
    total += source[rows[i]! + 1]! - source[rows[i]!]!;
    offsets[i + 1] = total;
  }
  const elements = new Uint32Array(total);
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    const end = source[rows[i]! + 1]!;
    for (let element = source[rows[i]!]!; element < end; element++) elements[at++] = element;
  }
  return { offsets, elements };
}

export function gatherFixed(values: FixedValues, rows: Uint32Array): FixedValues {
  if (values instanceof Int32Array) return gatherInt32(values, rows);
  if (values instanceof BigInt64Array) return gatherBigInt64(values, rows);
  if (values instanceof Float64Array) return gatherFloat64(values, rows);
  if (values instanceof Float32Array) return gatherFloat32(values, rows);
  return gatherUint8(values, rows);
}

export function gatherCodes(codes: Codes, rows: Uint32Array): Codes {
  if (codes instanceof Uint8Array) return gatherUint8(codes, rows);
  return codes instanceof Uint16Array ? gatherUint16(codes, rows) : gatherUint32(codes, rows);
}

function gatherInt32(values: Int32Array, rows: Uint32Array): Int32Array {
  const out = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!;
  return out;
}

function gatherBigInt64(values: BigInt64Array, rows: Uint32Array): BigInt64Array {
  const out = new BigInt64Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!;
  return out;
}

function gatherFloat64(values: Float64Array, rows: Uint32Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!;
  return out;
}

function gatherFloat32(values: Float32Array, rows: Uint32Array): Float32Array {
  const out = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!;
  return out;
}

function gatherUint8(values: Uint8Array, rows: Uint32Array): Uint8Array {
  const out = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!;
  return out;
}

function gatherUint16(values: Uint16Array, rows: Uint32Array): Uint16Array {
  const out = new Uint16Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!;
  return out;
}

function gatherUint32(values: Uint32Array, rows: Uint32Array): Uint32Array {
  const out = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!;
  return out;
}

function joinNulls(parts: readonly Column[], rowCount: number): Uint8Array | null {
  if (parts.every((part) => part.nulls === null)) return null;
  const nulls = new Uint8Array(bitmapBytes(rowCount));
  let at = 0;
  for (const part of parts) {
    if (part.nulls !== null) copyNulls(part.nulls, 0, part.rowCount, nulls, at);
    at += part.rowCount;
  }
  return nulls;
}

function joinOffsets(parts: readonly Column[]): Uint32Array | null {
  if (parts[0]!.offsets === null) return null;
  const offsets = new Uint32Array(parts.reduce((sum, part) => sum + part.rowCount, 1));
  let at = 0;
  let base = 0;
  for (const part of parts) {
    for (let r = 1; r <= part.rowCount; r++) offsets[at + r] = base + part.offsets![r]!;
    at += part.rowCount;
    base += part.offsets![part.rowCount]!;
  }
  return offsets;
}

function joinFixed(parts: readonly FixedValues[]): FixedValues {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const Values = parts[0]!.constructor as new (length: number) => FixedValues;
  const out = new Values(length) as Uint8Array;
  let at = 0;
  for (const part of parts) {
    out.set(part as Uint8Array, at);
    at += part.length;
  }
  return out;
}

function joinCodes(parts: readonly Codes[], dictionarySize: number): Codes {
  const out = makeCodes(
    dictionarySize,
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function joinDictionaries(
  parts: readonly DictionaryColumn[],
): Pick<DictionaryColumn, 'dictionary' | 'codes' | 'sorted'> {
  const { dictionary, sorted } = parts[0]!;
  if (parts.every((part) => part.dictionary === dictionary)) {
    const codes = joinCodes(
      parts.map((part) => part.codes),
      varCount(dictionary),
    );
    return { dictionary, sorted, codes };
  }
  const rising = parts.map(withSortedDictionary);
  const merged = mergeDictionaries(
    rising.map((part) => part.dictionary),
    rising[0]!.dataType,
  );
  const size = varCount(merged.dictionary);
  const codes = joinCodes(
    rising.map((part, i) => remapCodes(part.codes, merged.remaps[i]!, size)),
    size,
  );
  return { dictionary: merged.dictionary, sorted: true, codes };
}
