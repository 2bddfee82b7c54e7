// A CONSUMING file as a sealed segment: sorted dictionaries, statistics, a file of its own.
import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { TableConfig, TableRecord } from '../config/types.ts';
import type { Column, ColumnBatch, ColumnStats } from '../columns/column.ts';
import { withSortedDictionary } from '../columns/dictionary.ts';
import { batchStats } from '../columns/stats.ts';
import { arrowCodec } from '../segment/arrow/codec.ts';
import type { SegmentHeader } from '../segment/types.ts';
import type { Store } from '../store/types.ts';
import { segmentFile, temporaryFolder } from '../catalog/layout.ts';
import type { ConsumingRecord, SegmentRecord } from '../catalog/types.ts';
import { readConsumingRecord } from './consuming-rows.ts';
import { storesNulls } from './row-intake.ts';
import { segmentPartitions, segmentTimes } from './segment-facts.ts';

export interface SealOptions {
  readonly store: Store;
  readonly table: TableRecord;
  readonly realtime: TableConfig;
  readonly partition: number;
  readonly consuming: ConsumingRecord;
}

/** The segment's file under its final name, and its record; it becomes visible with the catalog's transaction. */
export async function writeSealed(options: SealOptions): Promise<SegmentRecord> {
  const { store, table, realtime, partition, consuming } = options;
  const rows = await readConsumingRecord(store, consuming);
  const batch = { rowCount: rows.rowCount, columns: rows.columns.map(sorted) };
  const columns = batchStats(batch);
  const { byteLength, crc, file } = await writeFile(
    store,
    encoded(batch, columns, options),
    options,
  );
  return {
    table: table.name,
    type: 'REALTIME',
    name: consuming.name,
    file,
    format: arrowCodec.format,
    rowCount: batch.rowCount,
    byteLength,
    crc,
    ...segmentTimes(batch, table.schema, realtime.timeColumn),
    creationMs: consuming.creationMs,
    partition,
    sequence: consuming.sequence,
    ranges: consuming.ranges,
    partitions: segmentPartitions(batch, realtime.partitionColumns),
    timePartition: null,
    columns,
    origin: { kind: 'ingest' },
  };
}

function sorted(column: Column): Column {
  return column.kind === 'dictionary' ? withSortedDictionary(column) : column;
}

function encoded(
  batch: ColumnBatch,
  stats: readonly ColumnStats[],
  options: SealOptions,
): Iterable<Uint8Array> {
  const { table, realtime, partition, consuming } = options;
  const header: SegmentHeader = {
    segmentName: consuming.name,
    table: table.name,
    tableType: 'REALTIME',
    creationMs: consuming.creationMs,
    timeColumn: realtime.timeColumn,
    nullHandling: storesNulls(table, realtime),
    sortedColumns: [],
    extra: { partition: String(partition), ranges: JSON.stringify(consuming.ranges) },
  };
  return arrowCodec.encode([batch], {
    header,
    schema: table.schema,
    compression: 'none',
    stats,
  });
}

async function writeFile(
  store: Store,
  chunks: Iterable<Uint8Array>,
  { table, consuming }: SealOptions,
): Promise<{ readonly file: string; readonly byteLength: number; readonly crc: number }> {
  // A crash may leave a file of this name behind that no record owns: each try has its own.
  const writerId = randomUUID().slice(0, 8);
  const temporary = `${temporaryFolder(writerId)}/${consuming.name}.${arrowCodec.extension}`;
  const file = segmentFile(table.name, 'REALTIME', consuming.name, writerId, arrowCodec.extension);
  const writer = await store.create(temporary);
  let crc = 0;
  try {
    for (const chunk of chunks) {
      crc = crc32(chunk, crc);
      await writer.write(chunk);
    }
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  await store.rename(temporary, file);
  await store.removeFolder(temporaryFolder(writerId));
  return { file, byteLength: writer.byteLength, crc };
}
