// A batch of columns in memory: the one shape that readers, tasks and encoders share.
//
//   ColumnBatch { rowCount, columns }
//     fixed       values: one typed array, element i (single value) or offsets[r]..offsets[r+1] (multi value)
//     dictionary  codes into a dictionary of distinct var-length values
//     bytes       var-length values as they come, no dictionary
//
// A null row holds the column's default in its value slot (one default element for multi value), so that no loop has to
// look at the null bitmap unless nulls mean something to it.
import type { DataType } from '../config/types.ts';

/** n values laid end to end: value i is data[offsets[i]..offsets[i+1]]. STRING, JSON and BIG_DECIMAL are UTF-8 text. */
export interface VarValues {
  /** n + 1 entries, rising, the first 0. */
  readonly offsets: Uint32Array;
  readonly data: Uint8Array;
}

/** INT Int32Array; LONG, TIMESTAMP BigInt64Array; FLOAT Float32Array; DOUBLE Float64Array; BOOLEAN Uint8Array of 0 and 1. */
export type FixedValues = Int32Array | BigInt64Array | Float32Array | Float64Array | Uint8Array;

export type Codes = Uint8Array | Uint16Array | Uint32Array;

interface ColumnBase {
  readonly name: string;
  readonly dataType: DataType;
  readonly rowCount: number;
  /** Bit r (least significant first) set: row r is null. Null: the column has no null row. */
  readonly nulls: Uint8Array | null;
  /** rowCount + 1 element offsets of a multi-value column; null for a single-value one. */
  readonly offsets: Uint32Array | null;
}

/** INT, LONG, FLOAT, DOUBLE, BOOLEAN, TIMESTAMP. */
export interface FixedColumn extends ColumnBase {
  readonly kind: 'fixed';
  readonly values: FixedValues;
}

/** STRING, JSON, BYTES, BIG_DECIMAL. */
export interface DictionaryColumn extends ColumnBase {
  readonly kind: 'dictionary';
  readonly codes: Codes;
  readonly dictionary: VarValues;
  /** True: values rise strictly in the order of O-7, so code order is value order. */
  readonly sorted: boolean;
}

/** STRING, JSON, BYTES, BIG_DECIMAL without a dictionary. */
export interface BytesColumn extends ColumnBase {
  readonly kind: 'bytes';
  readonly values: VarValues;
}

export type Column = FixedColumn | DictionaryColumn | BytesColumn;

export interface ColumnBatch {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

/** What a segment's metadata and the catalog say of one column. */
export interface ColumnStats {
  readonly name: string;
  readonly dataType: DataType;
  readonly multiValue: boolean;
  /** Number of distinct values (elements for multi value), defaults of nulls included; null: more than were counted. */
  readonly cardinality: number | null;
  /** Values as text (`text.ts`), null when there is no row. */
  readonly min: string | null;
  readonly max: string | null;
  /** Rows rise (ties allowed) in the order of O-7; single value only. */
  readonly sorted: boolean;
  readonly nullCount: number;
}
