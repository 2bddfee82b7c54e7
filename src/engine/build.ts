// One segment from rows or columns that are at hand: what `backfill` and `import` share.
import { buildTimes } from './times.ts';
import { segmentRecord } from './segment-record.ts';
import { segmentFile, temporaryFolder } from '../catalog/layout.ts';
import type { SegmentRecord } from '../catalog/types.ts';
import { batchStats } from '../columns/stats.ts';
import type { ColumnBatch } from '../columns/column.ts';
import type { SegmentFormat, TableConfig, TableRecord, TableType } from '../config/types.ts';
import { crc32 } from '../kernels/crc32.ts';
import { segmentPartitions } from '../tasks/partitions.ts';
import { codecOf } from '../segment/open.ts';
import type { EngineContext } from './context.ts';

export interface BuildTarget {
  readonly runId: string;
  readonly record: TableRecord;
  readonly type: TableType;
  readonly origin: SegmentRecord['origin'];
  readonly partition?: number;
  readonly sequence?: number;
}

/** The table's config of one side. */
export function sideOf(record: TableRecord, type: TableType): TableConfig | null {
  return type === 'REALTIME' ? record.realtime : record.offline;
}

/** Realtime segments are Arrow; offline ones as the table's move says, Parquet without one. */
export function formatOf(record: TableRecord, type: TableType): SegmentFormat {
  return type === 'REALTIME' ? 'arrow' : (record.realtime?.move?.offlineFormat ?? 'parquet');
}

/**
 * Writes the batch as a file below `tmp/<runId>/` and moves it to its final name, still unseen: the record is not in
 * the catalog yet.
 * @param name called with the times of the batch, so that a name can hold them
 * @throws SegmillError SEGMENT_TIME_INVALID, STORE_FULL
 */
export async function buildSegment(
  ctx: EngineContext,
  target: BuildTarget,
  batch: ColumnBatch,
  name: (
    times: Pick<SegmentRecord, 'minTimeMs' | 'maxTimeMs' | 'minTimeValue' | 'maxTimeValue'>,
  ) => string,
): Promise<SegmentRecord> {
  const { record, type, runId } = target;
  const config = sideOf(record, type)!;
  const times = buildTimes(batch, record.schema, config);
  const segmentName = name(times);
  const format = formatOf(record, type);
  const codec = codecOf(format);
  const stats = batchStats(batch);
  const header = {
    segmentName,
    table: record.name,
    tableType: type,
    creationMs: ctx.now(),
    timeColumn: config.timeColumn,
    nullHandling: config.nullHandling || record.schema.columnBasedNullHandling,
    sortedColumns: [],
    extra: {},
  };
  const temporary = `${temporaryFolder(runId)}/${segmentName}.${codec.extension}`;
  const writer = await ctx.store.create(temporary);
  let crc = 0;
  let byteLength = 0;
  try {
    const compression = record.realtime?.move?.compression ?? 'snappy';
    for (const chunk of codec.encode([batch], {
      header,
      schema: record.schema,
      compression,
      stats,
    })) {
      crc = crc32(chunk, crc);
      byteLength += chunk.byteLength;
      await writer.write(chunk);
    }
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  const file = segmentFile(record.name, type, segmentName, runId, codec.extension);
  await ctx.store.rename(temporary, file);
  const output = {
    file,
    format,
    sequence: 0,
    rowCount: batch.rowCount,
    byteLength,
    crc,
    ...times,
    partitions: type === 'OFFLINE' ? segmentPartitions(batch, config) : null,
    timePartition: null,
    columns: stats,
  };
  const built = segmentRecord(record.name, segmentName, file, output, target.origin, ctx.now());
  return { ...built, type, partition: target.partition ?? null, sequence: target.sequence ?? null };
}
