// Late rows (design 5.10): below the watermark, and taken by no window. Counted here, answered by queries, moved by `rerun`.
import { findSegment, partitionsOf } from '../catalog/keys.ts';
import type { ColumnBatch } from '../columns/column.ts';
import type { TableRecord } from '../config/types.ts';
import { lateSegments } from '../planner/late.ts';
import type { LateRanges } from '../planner/late.ts';
import { noOutsideFacts, snapshotOf } from '../planner/from-catalog.ts';
import { decodeConsuming } from '../segment/arrow/stream.ts';
import { codecOf } from '../segment/open.ts';
import { timesOf } from '../tasks/time-column.ts';
import type { EngineContext } from './context.ts';

export interface LateSegment {
  readonly name: string;
  readonly rows: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

export interface LateRows {
  readonly rows: number;
  /** Sealed or CONSUMING segments that hold them. */
  readonly segments: readonly LateSegment[];
}

/**
 * Late rows at the present watermark.
 * @throws SegmillError TABLE_NOT_FOUND, SEGMENT_CORRUPT
 */
export async function countLateRows(ctx: EngineContext, table: string): Promise<LateRows> {
  const snapshot = ctx.catalog.read((view) => snapshotOf(view, table, noOutsideFacts));
  const segments: LateSegment[] = [];
  for (const late of lateSegments(snapshot)) {
    const batch = await timeColumnOf(ctx, snapshot.table, late);
    const counted = batch === null ? null : count(snapshot.table, batch, late);
    if (counted !== null) segments.push(counted);
  }
  return { rows: segments.reduce((sum, { rows }) => sum + rows, 0), segments };
}

/** The segment's time column alone; null when the segment went away meanwhile. */
async function timeColumnOf(
  ctx: EngineContext,
  record: TableRecord,
  late: LateRanges,
): Promise<ColumnBatch | null> {
  const column = record.realtime?.timeColumn ?? null;
  if (column === null) return null;
  if (late.consuming) {
    const consuming = ctx.catalog.read(
      (view) =>
        partitionsOf(view, record.name).find(
          (partition) => partition.consuming?.name === late.segment,
        )?.consuming,
    );
    if (consuming === undefined || consuming === null) return null;
    return decodeConsuming(
      await ctx.store.read(consuming.file, { start: 0, end: consuming.byteLength }),
      consuming.file,
    );
  }
  const segment = ctx.catalog.read((view) =>
    findSegment(view, record.name, late.segment, 'REALTIME'),
  );
  if (segment === undefined) return null;
  return codecOf(segment.format).decode(await ctx.store.read(segment.file), segment.file, [column])
    .batch;
}

function count(
  record: TableRecord,
  batch: ColumnBatch,
  { segment, ranges }: LateRanges,
): LateSegment | null {
  const name = record.realtime?.timeColumn;
  const field = record.schema.fields.find((candidate) => candidate.name === name);
  const column = batch.columns.find((candidate) => candidate.name === name);
  if (field === undefined || column === undefined) return null;
  let rows = 0;
  let minTimeMs = Infinity;
  let maxTimeMs = -Infinity;
  for (const ms of timesOf(column, field).ms) {
    if (!ranges.some(({ startMs, endMs }) => ms >= startMs && ms < endMs)) continue;
    rows++;
    minTimeMs = Math.min(minTimeMs, ms);
    maxTimeMs = Math.max(maxTimeMs, ms);
  }
  return rows === 0 ? null : { name: segment, rows, minTimeMs, maxTimeMs };
}
