import { isSegmillError, SegmillError } from '../../errors.ts';
import { readBatchRows } from '../../limits.ts';
import { readParquetRows } from '../parquet/rows.ts';
import type { ByteSource } from './byte-source.ts';
import type { ReadRow, RowBatches } from './row-batch.ts';

/** Rows of a Parquet file; positions are row numbers. @throws SegmillError FILE_UNREADABLE, UNSUPPORTED */
export async function* readParquet(source: ByteSource, start: number): RowBatches {
  const bytes = await source.read(0, source.byteLength ?? 0);
  let row = 0;
  let rows: ReadRow[] = [];
  for (const decoded of readable(source.where, readParquetRows(bytes, source.where))) {
    if (row >= start) rows.push({ kind: 'row', row: decoded, start: row, end: row + 1 });
    row++;
    if (rows.length < readBatchRows) continue;
    yield { rows, end: row, tail: null };
    rows = [];
  }
  yield { rows, end: Math.max(start, row), tail: null };
}

/** The reader speaks of segments; this is a file that someone gave. */
function* readable<T>(where: string, rows: Iterable<T>): Generator<T, void, undefined> {
  try {
    yield* rows;
  } catch (error) {
    if (!isSegmillError(error, 'SEGMENT_CORRUPT')) throw error;
    throw new SegmillError('FILE_UNREADABLE', error.message, { path: where }, { cause: error });
  }
}
