// Records of segments that are made, and the ids of what makes them.
import { randomBytes } from 'node:crypto';
import type { SegmentRecord } from '../catalog/types.ts';
import type { WindowOutput } from '../tasks/types.ts';
import type { EngineContext } from './context.ts';

/** Sorts by the time it was made; also a file name. */
export function newRunId(ctx: EngineContext): string {
  return `${ctx.realNow().toString(36)}-${randomBytes(4).toString('hex')}`;
}

export function segmentRecord(
  table: string,
  name: string,
  file: string,
  output: WindowOutput,
  origin: SegmentRecord['origin'],
  creationMs: number,
): SegmentRecord {
  const {
    format,
    rowCount,
    byteLength,
    crc,
    minTimeMs,
    maxTimeMs,
    minTimeValue,
    maxTimeValue,
    partitions,
    timePartition,
    columns,
  } = output;
  return {
    table,
    type: 'OFFLINE',
    name,
    file,
    format,
    rowCount,
    byteLength,
    crc,
    minTimeMs,
    maxTimeMs,
    minTimeValue,
    maxTimeValue,
    creationMs,
    partition: null,
    sequence: null,
    ranges: [],
    partitions,
    timePartition,
    columns,
    origin,
  };
}

export function partitionIds(
  partitions: NonNullable<SegmentRecord['partitions']>,
): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(partitions).map(([column, { ids }]) => [column, ids]));
}
