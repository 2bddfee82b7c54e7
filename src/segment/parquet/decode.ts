// A Parquet file back to columns: segmill's own exactly as they were, others' as near as their types allow.
import { Buffer } from 'node:buffer';
import type { Codes, Column, ColumnBatch, FixedValues, VarValues } from '../../columns/column.ts';
import {
  isSortedDictionary,
  makeCodes,
  remapCodes,
  sortDictionary,
} from '../../columns/dictionary.ts';
import { bitmapBytes, setNull } from '../../columns/nulls.ts';
import {
  concatVar,
  gatherVar,
  varCount,
  varFromBytes,
  varFromTexts,
} from '../../columns/var-values.ts';
import type { DataType } from '../../config/types.ts';
import { headerOf, statsOf } from '../arrow/metadata.ts';
import type { DecodedSegment } from '../types.ts';
import { readChunk, unfolded } from './chunk-reader.ts';
import type { LeafChunk } from './chunk-reader.ts';
import { corrupt, unsupported } from './corrupt.ts';
import type { Place } from './corrupt.ts';
import { columnsKey } from './file-facts.ts';
import type { ColumnFacts } from './file-facts.ts';
import { joinFixed, takeFixed } from './fixed-values.ts';
import { readFooter } from './footer-reader.ts';
import type { FileMeta, Leaf, RowGroupMeta } from './footer-reader.ts';
import { physicalOf } from './footer-writer.ts';
import { convertLeaf, dataTypeOf } from './leaf-type.ts';
import { leafCount } from './values-reader.ts';
import type { LeafValues } from './values-reader.ts';

/**
 * @param columns names in the order asked for, absent ones left out; all columns when not given
 * @throws SegmillError SEGMENT_CORRUPT, UNSUPPORTED for a column of groups in groups
 */
export function decodeParquet(
  bytes: Uint8Array,
  where: string,
  columns?: readonly string[],
): DecodedSegment {
  const file = openParquet(bytes, where);
  const byName = new Map(file.columns.map((column) => [column.name, column]));
  const wanted = columns?.flatMap((name) => byName.get(name) ?? []) ?? file.columns;
  return {
    batch: decodeGroups(file, wanted, file.meta.groups),
    header: file.own ? headerOf(file.meta.keys) : null,
    stats: file.own ? statsOf(file.meta.keys) : null,
  };
}

/** A column of the file: its leaf, and what it becomes. */
export interface FileColumn extends ColumnFacts {
  readonly index: number;
  readonly leaf: Leaf;
}

export interface ParquetFile {
  readonly bytes: Uint8Array;
  readonly where: string;
  readonly meta: FileMeta;
  /** Written by segmill: the data types are those that its metadata names. */
  readonly own: boolean;
  readonly columns: readonly FileColumn[];
}

export function openParquet(bytes: Uint8Array, where: string): ParquetFile {
  const place = { where, column: null };
  const meta = readFooter(bytes, place);
  const text = meta.keys.get(columnsKey);
  const facts = text === undefined ? null : parsedFacts(text, place);
  if (facts !== null && facts.length !== meta.leaves.length) {
    corrupt(place, `the metadata names ${facts.length} columns, there are ${meta.leaves.length}`);
  }
  const columns = meta.leaves.map((leaf, index) => {
    const found = facts?.[index] ?? foreignFacts(leaf);
    if (facts !== null) checkFacts(found, leaf, { where, column: found.name });
    return { ...found, index, leaf };
  });
  return { bytes, where, meta, own: facts !== null, columns };
}

function parsedFacts(text: string, place: Place): readonly ColumnFacts[] {
  try {
    return JSON.parse(text) as readonly ColumnFacts[];
  } catch (error) {
    return corrupt(place, 'its metadata is no JSON', error);
  }
}

function foreignFacts(leaf: Leaf): ColumnFacts {
  const dataType = dataTypeOf(leaf);
  const name = leaf.flat ? leaf.path[0]! : leaf.path.join('.');
  return { name, dataType, multiValue: leaf.maxRepetition > 0, defaultValue: zeroText(dataType) };
}

function zeroText(dataType: DataType): string {
  if (dataType === 'STRING' || dataType === 'JSON' || dataType === 'BYTES') return '';
  return dataType === 'BOOLEAN' ? 'false' : '0';
}

function checkFacts(facts: ColumnFacts, leaf: Leaf, place: Place): void {
  const expected = leaf.flat && leaf.path[0] === facts.name;
  const multiValue = leaf.maxRepetition > 0;
  if (expected && facts.multiValue === multiValue && physicalOf(facts.dataType) === leaf.physical)
    return;
  corrupt(place, `its metadata says ${facts.dataType}, its values are stored otherwise`);
}

export function decodeGroups(
  file: ParquetFile,
  columns: readonly FileColumn[],
  groups: readonly RowGroupMeta[],
): ColumnBatch {
  const rowCount = groups.reduce((sum, group) => sum + group.rowCount, 0);
  return { rowCount, columns: columns.map((column) => decodeColumn(file, column, groups)) };
}

function decodeColumn(
  file: ParquetFile,
  column: FileColumn,
  groups: readonly RowGroupMeta[],
): Column {
  const { leaf, index } = column;
  const place = { where: file.where, column: column.name };
  if (!leaf.flat) {
    unsupported(
      place,
      'a group in a group, which has no place in a segment; select plain columns and lists when writing the file',
    );
  }
  const rows = new RowShape(
    groups.reduce((sum, group) => sum + group.rowCount, 0),
    leaf,
    place,
  );
  const parts: LeafValues[] = [];
  for (const group of groups) {
    const chunk = readChunk(file.bytes, group.chunks[index]!, leaf, place);
    rows.add(
      chunk,
      group.rowCount,
      parts.reduce((sum, part) => sum + leafCount(part), 0),
    );
    parts.push(file.own ? chunk.values : convertLeaf(leaf, chunk.values, place));
  }
  return buildColumn(column, parts, rows.finish());
}

interface Rows {
  readonly rowCount: number;
  readonly nulls: Uint8Array | null;
  readonly offsets: Uint32Array | null;
  /** By element: its value, or `missing` for the default of a null; null when every element is the value of its place. */
  readonly slots: Uint32Array | null;
}

const missing = 0xffffffff;

/** Turns levels into rows: which are null, where lists begin, which value each element takes. */
class RowShape {
  readonly #rowCount: number;
  readonly #leaf: Leaf;
  readonly #place: Place;
  readonly #nulls: Uint8Array;
  readonly #offsets: Uint32Array | null;
  #slots: Uint32Array;
  #elements = 0;
  #row = 0;
  #anyNull = false;

  constructor(rowCount: number, leaf: Leaf, place: Place) {
    this.#rowCount = rowCount;
    this.#leaf = leaf;
    this.#place = place;
    this.#nulls = new Uint8Array(bitmapBytes(rowCount));
    this.#offsets = leaf.maxRepetition > 0 ? new Uint32Array(rowCount + 1) : null;
    this.#slots = new Uint32Array(leaf.maxDefinition > 0 ? rowCount : 0);
  }

  /** The rows of the next row group, whose first value is value `base` of the column. */
  add(chunk: LeafChunk, rowCount: number, base: number): void {
    const before = this.#row;
    if (chunk.definition === null) {
      this.#row += rowCount;
      this.#elements += rowCount;
    } else if (chunk.repetition === null) {
      this.#addRows(chunk.definition, base);
    } else {
      this.#addLists(chunk.definition, chunk.repetition, before + rowCount, base);
    }
    if (this.#row - before !== rowCount) {
      corrupt(this.#place, `${this.#row - before} rows in a row group of ${rowCount}`);
    }
  }

  #addRows(definition: Uint32Array, base: number): void {
    const { maxDefinition } = this.#leaf;
    let value = base;
    for (let i = 0; i < definition.length; i++, this.#row++) {
      const present = definition[i] === maxDefinition;
      this.#slots[this.#elements++] = present ? value++ : missing;
      if (present) continue;
      setNull(this.#nulls, this.#row);
      this.#anyNull = true;
    }
  }

  #addLists(definition: Uint32Array, repetition: Uint32Array, rowEnd: number, base: number): void {
    const { maxDefinition, listDefinition } = this.#leaf;
    this.#reserve(definition.length);
    const offsets = this.#offsets!;
    let value = base;
    for (let i = 0; i < definition.length; i++) {
      const level = definition[i]!;
      if (repetition[i] === 0) {
        if (this.#row === rowEnd) corrupt(this.#place, 'more lists than rows');
        this.#row++;
      } else if (i === 0) {
        corrupt(this.#place, 'a row group begins inside a list');
      }
      if (level === maxDefinition) {
        this.#slots[this.#elements++] = value++;
      } else if (level < listDefinition) {
        this.#slots[this.#elements++] = missing;
        setNull(this.#nulls, this.#row - 1);
        this.#anyNull = true;
      }
      // Else an empty list, or a null element: a multi-value column has none, so it is left out.
      offsets[this.#row] = this.#elements;
    }
  }

  #reserve(length: number): void {
    if (this.#elements + length <= this.#slots.length) return;
    const grown = new Uint32Array(this.#elements + length);
    grown.set(this.#slots.subarray(0, this.#elements));
    this.#slots = grown;
  }

  finish(): Rows {
    return {
      rowCount: this.#rowCount,
      nulls: this.#anyNull ? this.#nulls : null,
      offsets: this.#offsets,
      slots: this.#anyNull ? this.#slots.subarray(0, this.#elements) : null,
    };
  }
}

function buildColumn(column: FileColumn, parts: readonly LeafValues[], rows: Rows): Column {
  const { name, dataType } = column;
  const base = {
    name,
    dataType,
    rowCount: rows.rowCount,
    nulls: rows.nulls,
    offsets: rows.offsets,
  };
  if (isFixed(dataType)) {
    const arrays = parts
      .map(unfolded)
      .flatMap((part) => (part.kind === 'fixed' ? [part.values] : []));
    const values = arrays.length === 0 ? emptyFixed(dataType) : joinFixed(arrays);
    return { ...base, kind: 'fixed', values: spreadFixed(values, column, rows.slots) };
  }
  const shared = sharedCodes(parts);
  if (shared === null) {
    const values = parts
      .map(unfolded)
      .flatMap((part) => (part.kind === 'var' ? [part.values] : []));
    const joined = values.length === 1 ? values[0]! : concatVar(values);
    return { ...base, kind: 'bytes', values: spreadVar(joined, column, rows.slots) };
  }
  const dictionary =
    rows.slots === null ? shared.dictionary : withDefault(shared.dictionary, column);
  const spread = spreadCodes(shared.codes, varCount(dictionary) - 1, rows.slots);
  return { ...base, kind: 'dictionary', ...ordered(spread, dictionary, dataType), sorted: true };
}

function isFixed(dataType: DataType): boolean {
  return emptyByType[dataType] !== null;
}

const emptyByType: Readonly<Record<DataType, (() => FixedValues) | null>> = {
  INT: () => new Int32Array(0),
  LONG: () => new BigInt64Array(0),
  TIMESTAMP: () => new BigInt64Array(0),
  FLOAT: () => new Float32Array(0),
  DOUBLE: () => new Float64Array(0),
  BOOLEAN: () => new Uint8Array(0),
  STRING: null,
  JSON: null,
  BYTES: null,
  BIG_DECIMAL: null,
};

function emptyFixed(dataType: DataType): FixedValues {
  return emptyByType[dataType]!();
}

function spreadFixed(
  values: FixedValues,
  { dataType, defaultValue }: FileColumn,
  slots: Uint32Array | null,
): FixedValues {
  if (slots === null) return values;
  return takeFixed(
    joinFixed([values, fixedOf(dataType, defaultValue)]),
    placed(slots, values.length),
  );
}

/** Slots with `missing` turned into the place behind the values. */
function placed(slots: Uint32Array, behind: number): Uint32Array {
  return slots.map((slot) => (slot === missing ? behind : slot));
}

function fixedOf(dataType: DataType, text: string): FixedValues {
  switch (dataType) {
    case 'LONG':
    case 'TIMESTAMP':
      return BigInt64Array.of(BigInt(text));
    case 'FLOAT':
      return Float32Array.of(Number(text));
    case 'DOUBLE':
      return Float64Array.of(Number(text));
    case 'BOOLEAN':
      return Uint8Array.of(text === 'true' ? 1 : 0);
    case 'INT':
      return Int32Array.of(Number(text));
    case 'STRING':
    case 'JSON':
    case 'BYTES':
    case 'BIG_DECIMAL':
      throw new Error(`no fixed value of ${dataType}`);
  }
}

function defaultVar({ dataType, defaultValue }: FileColumn): VarValues {
  if (dataType === 'BYTES') return varFromBytes([Buffer.from(defaultValue, 'hex')]);
  return varFromTexts([defaultValue]);
}

function spreadVar(values: VarValues, column: FileColumn, slots: Uint32Array | null): VarValues {
  if (slots === null) return values;
  return gatherVar(concatVar([values, defaultVar(column)]), placed(slots, varCount(values)));
}

/** Codes over the dictionaries of all parts laid end to end; null when a part has no codes. */
function sharedCodes(
  parts: readonly LeafValues[],
): { readonly codes: Uint32Array; readonly dictionary: VarValues } | null {
  const codes = new Uint32Array(parts.reduce((sum, part) => sum + leafCount(part), 0));
  const dictionaries: VarValues[] = [];
  let at = 0;
  let base = 0;
  for (const part of parts) {
    if (part.kind !== 'codes' || part.dictionary.kind !== 'var') return null;
    for (let i = 0; i < part.codes.length; i++) codes[at + i] = part.codes[i]! + base;
    at += part.codes.length;
    dictionaries.push(part.dictionary.values);
    base += varCount(part.dictionary.values);
  }
  const dictionary = dictionaries.length === 1 ? dictionaries[0]! : concatVar(dictionaries);
  return parts.length === 0 ? null : { codes, dictionary };
}

function withDefault(dictionary: VarValues, column: FileColumn): VarValues {
  return concatVar([dictionary, defaultVar(column)]);
}

function spreadCodes(codes: Uint32Array, last: number, slots: Uint32Array | null): Uint32Array {
  if (slots === null) return codes;
  return slots.map((slot) => (slot === missing ? last : codes[slot]!));
}

function ordered(
  codes: Uint32Array,
  dictionary: VarValues,
  dataType: DataType,
): { readonly codes: Codes; readonly dictionary: VarValues } {
  const size = varCount(dictionary);
  if (isSortedDictionary(dictionary, dataType)) {
    const narrow = makeCodes(size, codes.length);
    narrow.set(codes);
    return { codes: narrow, dictionary };
  }
  const { dictionary: sorted, remap } = sortDictionary(dictionary, dataType);
  return { codes: remapCodes(codes, remap, varCount(sorted)), dictionary: sorted };
}
