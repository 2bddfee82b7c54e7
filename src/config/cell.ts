// One value of one column, as the row pipeline and the readers of rows see it. The engine never makes these per row.
import type { NumberText } from '../json/value.ts';

/**
 * By data type: INT, FLOAT, DOUBLE number (FLOAT already rounded to 32 bits); LONG and TIMESTAMP (epoch ms) bigint;
 * BOOLEAN boolean; STRING, JSON and BIG_DECIMAL (canonical plain decimal text) string; BYTES Uint8Array.
 */
export type CellValue = number | bigint | boolean | string | Uint8Array;

/** A cell of a single-value or multi-value column, null allowed. */
export type Cell = CellValue | readonly CellValue[] | null;

/**
 * What a decoder hands over for one field, before any conversion to the schema's type. Integers beyond 2^53 are bigint,
 * other number literals that a double would change are NumberText.
 */
export type RawValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | NumberText
  | Uint8Array
  | readonly RawValue[]
  | { readonly [key: string]: RawValue };

/** One decoded row: field name to raw value. */
export type RawRow = ReadonlyMap<string, RawValue>;
