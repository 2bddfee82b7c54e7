// What each view of a table reads: segments, and of each the times whose rows it answers (design 5.12, B-4, B-5).
// Segments that a view answers no row of are left out before any file is opened.
import type { ConsumingRecord, SegmentRecord } from '../catalog/types.ts';
import { hybridSplit } from '../planner/boundary.ts';
import { timeMaxMs, timeMinMs, without } from '../planner/ledger.ts';
import type { TableSnapshot, TimeRange } from '../planner/snapshot.ts';

export type Source =
  | { readonly kind: 'sealed'; readonly record: SegmentRecord }
  | { readonly kind: 'consuming'; readonly record: ConsumingRecord };

/** Rows of one segment whose time lies in `ranges` (sorted, disjoint, ends of time for no bound); null: every row. */
export interface Part {
  readonly source: Source;
  readonly ranges: readonly TimeRange[] | null;
}

export type ViewKind = 'hybrid' | 'OFFLINE' | 'REALTIME';

export function partsOf(snapshot: TableSnapshot, kind: ViewKind): Part[] {
  if (kind === 'OFFLINE') return offlineSources(snapshot).map(wholly);
  if (kind === 'REALTIME') return realtimeSources(snapshot).map(wholly);
  const { table } = snapshot;
  const split = hybridSplit(snapshot);
  const realtime = realtimeSources(snapshot);
  const { boundaryMs } = split;
  if (table.realtime === null || (boundaryMs === null && realtime.length === 0))
    return offlineSources(snapshot).map(wholly);
  if (table.offline === null || boundaryMs === null) return realtime.map(wholly);
  const taken = new Map(split.realtime.map((side) => [side.segment, side.takenWindows] as const));
  const under = [{ startMs: timeMinMs, endMs: boundaryMs + 1 }];
  return [
    ...offlineSources(snapshot).map((source) => partOf(source, under)),
    ...realtime.map((source) =>
      partOf(source, notTaken(taken.get(source.record.name) ?? [], boundaryMs)),
    ),
  ].filter((part) => part !== null);
}

function offlineSources({ offline }: TableSnapshot): Source[] {
  return offline
    .filter(({ rowCount }) => rowCount > 0)
    .map((record) => ({ kind: 'sealed', record }));
}

function realtimeSources({ realtime, partitions }: TableSnapshot): Source[] {
  const sealed = realtime
    .filter(({ rowCount }) => rowCount > 0)
    .map((record): Source => ({ kind: 'sealed', record }));
  const consuming = partitions.flatMap((partition): Source[] =>
    partition.consuming === null || partition.consuming.rowCount === 0
      ? []
      : [{ kind: 'consuming', record: partition.consuming }],
  );
  return [...sealed, ...consuming];
}

function wholly(source: Source): Part {
  return { source, ranges: null };
}

/** Above the boundary every row, at or under it those in none of the windows. */
function notTaken(windows: readonly TimeRange[], boundaryMs: number): TimeRange[] {
  const under = windows
    .map(({ startMs, endMs }) => ({ startMs, endMs: Math.min(endMs, boundaryMs + 1) }))
    .filter(({ startMs, endMs }) => startMs < endMs);
  return without({ startMs: timeMinMs, endMs: timeMaxMs }, under);
}

/** The part that lies in `ranges`, bounds that the segment's own times make needless taken away; null: no row does. */
function partOf(source: Source, ranges: readonly TimeRange[]): Part | null {
  const { minTimeMs, maxTimeMs } = source.record;
  if (minTimeMs === null || maxTimeMs === null || minTimeMs > maxTimeMs) return { source, ranges };
  const own = ranges
    .filter(({ startMs, endMs }) => startMs <= maxTimeMs && endMs > minTimeMs)
    .map(({ startMs, endMs }) => ({
      startMs: startMs <= minTimeMs ? timeMinMs : startMs,
      endMs: endMs > maxTimeMs ? timeMaxMs : endMs,
    }));
  const [first] = own;
  if (first === undefined) return null;
  const whole = first.startMs === timeMinMs && first.endMs === timeMaxMs;
  return { source, ranges: whole ? null : own };
}
