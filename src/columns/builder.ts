// Rows into columns: the growable batch behind CONSUMING rows and file ingestion.
import { Buffer } from 'node:buffer';
import type { Cell, CellValue } from '../config/cell.ts';
import type { DataType, Field } from '../config/types.ts';
import { dictionaryValuesMax } from '../limits.ts';
import type { Column, ColumnBatch, FixedValues, VarValues } from './column.ts';
import { makeCodes, remapCodes, sortDictionary } from './dictionary.ts';
import { bitmapBytes } from './nulls.ts';
import { gatherVar, VarBuilder, varCount } from './var-values.ts';

export interface BatchBuilder {
  readonly rowCount: number;
  /** About what `finish` would hold, in bytes. */
  readonly byteLength: number;
  /**
   * One row: a cell a field, in the order of the fields, already of the field's type. A null takes the field's default
   * (one element for a multi-value field).
   * @throws SegmillError SEGMENT_TOO_LARGE past the bytes that a column can hold
   */
  append(cells: readonly Cell[]): void;
  /** The rows so far as columns of their own; the builder can go on. */
  finish(options: { readonly sortDictionaries: boolean }): ColumnBatch;
  clear(): void;
}

export interface BuilderOptions {
  /** False: null flags are dropped, defaults stay (O-3). */
  readonly nullHandling: boolean;
  /** Distinct values past which a column goes on without a dictionary; `dictionaryValuesMax` when not given. */
  readonly dictionaryValues?: number;
}

export function createBatchBuilder(
  fields: readonly Field[],
  options: BuilderOptions,
): BatchBuilder {
  return new Builder(fields, options);
}

class Builder implements BatchBuilder {
  readonly #columns: readonly ColumnBuilder[];
  #rowCount = 0;

  constructor(fields: readonly Field[], options: BuilderOptions) {
    this.#columns = fields.map((field) => new ColumnBuilder(field, options));
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get byteLength(): number {
    let bytes = 0;
    for (const column of this.#columns) bytes += column.byteLength;
    return bytes;
  }

  append(cells: readonly Cell[]): void {
    const columns = this.#columns;
    for (let c = 0; c < columns.length; c++) columns[c]!.append(cells[c]!, this.#rowCount);
    this.#rowCount++;
  }

  finish(options: { readonly sortDictionaries: boolean }): ColumnBatch {
    const rowCount = this.#rowCount;
    const columns = this.#columns.map((column) =>
      column.finish(rowCount, options.sortDictionaries),
    );
    return { rowCount, columns };
  }

  clear(): void {
    for (const column of this.#columns) column.clear();
    this.#rowCount = 0;
  }
}

/** Elements appended one by one. */
interface ElementSink {
  readonly count: number;
  readonly byteLength: number;
  append(value: CellValue): void;
  finish(sortDictionary: boolean): ElementColumn;
  clear(): void;
}

type ElementColumn =
  | { readonly kind: 'fixed'; readonly values: FixedValues }
  | { readonly kind: 'bytes'; readonly values: VarValues }
  | {
      readonly kind: 'dictionary';
      readonly dictionary: VarValues;
      readonly codes: Uint8Array | Uint16Array | Uint32Array;
      readonly sorted: boolean;
    };

class ColumnBuilder {
  readonly #field: Field;
  readonly #nullHandling: boolean;
  readonly #elements: ElementSink;
  #offsets: Uint32Array = new Uint32Array(64);
  #nulls: Uint8Array = new Uint8Array(16);
  #anyNull = false;
  #rowCount = 0;

  constructor(field: Field, options: BuilderOptions) {
    this.#field = field;
    this.#nullHandling = options.nullHandling;
    this.#elements = isFixed(field.dataType)
      ? new FixedSink(field.dataType)
      : new DictionarySink(field.dataType, options.dictionaryValues ?? dictionaryValuesMax);
  }

  get byteLength(): number {
    return this.#elements.byteLength + (this.#field.multiValue ? 4 * this.#rowCount : 0);
  }

  append(cell: Cell, row: number): void {
    this.#rowCount = row + 1;
    if (cell === null) {
      if (this.#nullHandling) this.#markNull(row);
      this.#elements.append(this.#field.defaultValue);
    } else if (this.#field.multiValue) {
      for (const value of cell as readonly CellValue[]) this.#elements.append(value);
    } else {
      this.#elements.append(cell as CellValue);
    }
    if (this.#field.multiValue) this.#closeRow(row);
  }

  finish(rowCount: number, sortDictionary: boolean): Column {
    const { name, dataType, multiValue } = this.#field;
    const nulls = this.#anyNull ? this.#nullBits(rowCount) : null;
    const offsets = multiValue ? this.#offsets.slice(0, rowCount + 1) : null;
    const elements = this.#elements.finish(sortDictionary);
    return { name, dataType, rowCount, nulls, offsets, ...elements };
  }

  clear(): void {
    this.#elements.clear();
    this.#nulls.fill(0);
    this.#anyNull = false;
    this.#rowCount = 0;
  }

  #markNull(row: number): void {
    if (row >>> 3 >= this.#nulls.length) {
      const grown = new Uint8Array(2 * (row >>> 3));
      grown.set(this.#nulls);
      this.#nulls = grown;
    }
    this.#nulls[row >>> 3] = this.#nulls[row >>> 3]! | (1 << (row & 7));
    this.#anyNull = true;
  }

  #nullBits(rowCount: number): Uint8Array {
    const bits = new Uint8Array(bitmapBytes(rowCount));
    bits.set(this.#nulls.subarray(0, bits.length));
    return bits;
  }

  #closeRow(row: number): void {
    if (row + 1 >= this.#offsets.length) {
      const grown = new Uint32Array(2 * this.#offsets.length);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    this.#offsets[row + 1] = this.#elements.count;
  }
}

function isFixed(dataType: DataType): boolean {
  return makeFixed(dataType, 0) !== null;
}

/** An array for `length` values of a fixed-width type, null for the other types. */
export function makeFixed(dataType: DataType, length: number): FixedValues | null {
  switch (dataType) {
    case 'INT':
      return new Int32Array(length);
    case 'LONG':
    case 'TIMESTAMP':
      return new BigInt64Array(length);
    case 'FLOAT':
      return new Float32Array(length);
    case 'DOUBLE':
      return new Float64Array(length);
    case 'BOOLEAN':
      return new Uint8Array(length);
    case 'BIG_DECIMAL':
    case 'STRING':
    case 'JSON':
    case 'BYTES':
      return null;
  }
}

class FixedSink implements ElementSink {
  readonly #dataType: DataType;
  #values: FixedValues;
  #count = 0;

  constructor(dataType: DataType) {
    this.#dataType = dataType;
    this.#values = makeFixed(dataType, 64)!;
  }

  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#count * this.#values.BYTES_PER_ELEMENT;
  }

  append(value: CellValue): void {
    if (this.#count === this.#values.length) this.#grow();
    const values = this.#values;
    // One store a type of array, so that each stays monomorphic.
    if (values instanceof BigInt64Array) values[this.#count++] = value as bigint;
    else if (values instanceof Int32Array) values[this.#count++] = value as number;
    else if (values instanceof Float64Array) values[this.#count++] = value as number;
    else if (values instanceof Float32Array) values[this.#count++] = value as number;
    else values[this.#count++] = value === true ? 1 : 0;
  }

  finish(): ElementColumn {
    return { kind: 'fixed', values: this.#values.slice(0, this.#count) };
  }

  clear(): void {
    this.#count = 0;
  }

  #grow(): void {
    const grown = makeFixed(this.#dataType, 2 * this.#values.length)!;
    (grown as Uint8Array).set(this.#values as Uint8Array);
    this.#values = grown;
  }
}

/** A dictionary while values repeat; plain bytes once there are more distinct ones than `sizeMax`. */
class DictionarySink implements ElementSink {
  readonly #dataType: DataType;
  readonly #sizeMax: number;
  readonly #codeOf = new Map<string, number>();
  readonly #dictionary: VarBuilder = new VarBuilder();
  #codes: Uint32Array = new Uint32Array(64);
  #count = 0;
  #plain: VarBuilder | null = null;

  constructor(dataType: DataType, sizeMax: number) {
    this.#dataType = dataType;
    this.#sizeMax = sizeMax;
  }

  get count(): number {
    return this.#plain?.count ?? this.#count;
  }

  get byteLength(): number {
    const size = this.#dictionary.count;
    const width = size <= 1 << 8 ? 1 : size <= 1 << 16 ? 2 : 4;
    return this.#plain?.byteLength ?? this.#dictionary.byteLength + width * this.#count;
  }

  append(value: CellValue): void {
    if (this.#plain !== null) {
      appendValue(this.#plain, value);
      return;
    }
    const key = typeof value === 'string' ? value : latin1(value as Uint8Array);
    const code = this.#codeOf.get(key) ?? this.#newCode(key, value);
    if (this.#count === this.#codes.length) {
      const grown = new Uint32Array(2 * this.#codes.length);
      grown.set(this.#codes);
      this.#codes = grown;
    }
    this.#codes[this.#count++] = code;
    if (this.#dictionary.count > this.#sizeMax) this.#toPlain();
  }

  finish(sort: boolean): ElementColumn {
    if (this.#plain !== null) return { kind: 'bytes', values: this.#plain.finish() };
    const dictionary = this.#dictionary.finish();
    const codes = this.#codes.subarray(0, this.#count);
    if (sort) {
      const sorted = sortDictionary(dictionary, this.#dataType);
      const size = varCount(sorted.dictionary);
      return {
        kind: 'dictionary',
        dictionary: sorted.dictionary,
        codes: remapCodes(codes, sorted.remap, size),
        sorted: true,
      };
    }
    const narrow = makeCodes(varCount(dictionary), codes.length);
    narrow.set(codes);
    return { kind: 'dictionary', dictionary, codes: narrow, sorted: false };
  }

  clear(): void {
    this.#codeOf.clear();
    this.#dictionary.clear();
    this.#plain = null;
    this.#count = 0;
  }

  #newCode(key: string, value: CellValue): number {
    // A surrogate without its pair becomes U+FFFD in UTF-8, which another text may have brought already.
    const stored = typeof value === 'string' ? value.replace(loneSurrogates, '\ufffd') : key;
    const code = this.#codeOf.get(stored) ?? this.#dictionary.count;
    if (code === this.#dictionary.count) {
      appendValue(this.#dictionary, value);
      this.#codeOf.set(stored, code);
    }
    this.#codeOf.set(key, code);
    return code;
  }

  #toPlain(): void {
    this.#plain = new VarBuilder();
    this.#plain.appendAll(
      gatherVar(this.#dictionary.finish(), this.#codes.subarray(0, this.#count)),
    );
    this.#codeOf.clear();
    this.#dictionary.clear();
    this.#codes = new Uint32Array(64);
    this.#count = 0;
  }
}

const loneSurrogates = /\p{Surrogate}/gu;

function appendValue(builder: VarBuilder, value: CellValue): void {
  if (typeof value === 'string') builder.appendText(value);
  else builder.append(value as Uint8Array);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
