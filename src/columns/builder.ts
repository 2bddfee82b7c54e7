// Rows into columns: the growable batch behind CONSUMING rows and file ingestion.
import type { Cell, CellValue } from '../config/cell.ts';
import type { Field } from '../config/types.ts';
import { dictionaryValuesMax } from '../limits.ts';
import type { Column, ColumnBatch } from './column.ts';
import { createElementSink } from './element-sink.ts';
import type { ElementSink } from './element-sink.ts';
import { bitmapBytes } from './nulls.ts';

export { makeFixed } from './element-sink.ts';

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
    this.#elements = createElementSink(
      field.dataType,
      options.dictionaryValues ?? dictionaryValuesMax,
    );
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
