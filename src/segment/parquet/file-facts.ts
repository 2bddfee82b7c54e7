// What a file of segmill says of itself beside Parquet's own metadata, as text keys: header and statistics as in Arrow
// files (`../arrow/metadata.ts`), and
//
//   segmill.columns    name, data type, single or multi value, null's default of each column, JSON
//   segmill.footerCrc  CRC-32 of the footer with this value as zeros; Parquet itself checks pages only
import { Buffer } from 'node:buffer';
import type { ColumnStats } from '../../columns/column.ts';
import type { CellValue } from '../../config/cell.ts';
import type { DataType } from '../../config/types.ts';
import type { SegmentHeader } from '../types.ts';

export const columnsKey = 'segmill.columns';
export const footerCrcKey = 'segmill.footerCrc';
/** In the metadata of a column chunk: CRC-32 of its page headers. */
export const headersCrcKey = 'segmill.headersCrc';

export interface ColumnFacts {
  readonly name: string;
  readonly dataType: DataType;
  readonly multiValue: boolean;
  /** `defaultText` of the value that a null row holds. */
  readonly defaultValue: string;
}

export interface FileFacts {
  readonly header: SegmentHeader;
  readonly stats: readonly ColumnStats[] | null;
  readonly columns: readonly ColumnFacts[];
}

/** Exact text of any value: numbers as JavaScript prints them, -0 kept, BYTES in hex. */
export function defaultText(value: CellValue): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return Object.is(value, -0) ? '-0' : String(value);
}

export function crcText(crc: number): string {
  return (crc >>> 0).toString(16).padStart(8, '0');
}
