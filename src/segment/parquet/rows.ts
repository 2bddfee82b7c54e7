// Rows of any Parquet file, for ingestion and backfill.
import { cellAt } from '../../columns/cell.ts';
import type { CellValue, RawRow, RawValue } from '../../config/cell.ts';
import type { Column } from '../../columns/column.ts';
import { decodeGroups, openParquet } from './decode.ts';

/**
 * The rows in order, one row group decoded at a time. Timestamps and dates are epoch milliseconds, decimals exact text;
 * integers beyond 2^53 are bigint.
 * @throws SegmillError SEGMENT_CORRUPT, UNSUPPORTED
 */
export function* readParquetRows(bytes: Uint8Array, where: string): Generator<RawRow> {
  const file = openParquet(bytes, where);
  for (const group of file.meta.groups) {
    const { rowCount, columns } = decodeGroups(file, file.columns, [group]);
    for (let row = 0; row < rowCount; row++) {
      yield new Map(columns.map((column) => [column.name, rawAt(column, row)]));
    }
  }
}

function rawAt(column: Column, row: number): RawValue {
  const cell = cellAt(column, row);
  if (cell === null) return null;
  return Array.isArray(cell) ? (cell as CellValue[]).map(rawOf) : rawOf(cell as CellValue);
}

function rawOf(value: CellValue): RawValue {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
