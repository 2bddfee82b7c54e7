// Small Parquet files for the tests of this folder.
import type { ColumnBatch } from '../../../src/columns/column.ts';
import type { Field } from '../../../src/config/types.ts';
import { encodeParquet } from '../../../src/segment/parquet/encode.ts';
import type { EncodeOptions, SegmentHeader } from '../../../src/segment/types.ts';

export const header: SegmentHeader = {
  segmentName: 'events_1_2_0',
  table: 'events',
  tableType: 'OFFLINE',
  creationMs: 1_700_000_000_000,
  timeColumn: 'ts',
  nullHandling: true,
  sortedColumns: [],
  extra: { run: 'r-1' },
};

export function optionsFor(fields: readonly Field[], nullHandling = true): EncodeOptions {
  const schema = {
    schemaName: 'events',
    fields,
    primaryKeyColumns: [],
    columnBasedNullHandling: false,
  };
  return { header: { ...header, nullHandling }, schema, compression: 'snappy', stats: null };
}

export function encodeFile(
  pieces: readonly ColumnBatch[],
  options: EncodeOptions,
  rowsMax?: number,
): Uint8Array {
  return Buffer.concat([...encodeParquet(pieces, options, rowsMax)]);
}
