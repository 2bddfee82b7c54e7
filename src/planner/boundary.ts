// The time boundary of a hybrid table (B-1 to B-8, design 5.12): offline answers `<= ms`, realtime `> ms` and the rows
// at or under it that no window took.
import type { BoundaryRecord, SegmentRecord, TableState } from '../catalog/types.ts';
import { compileTimeFormat } from '../config/time-format.ts';
import { formatTimestamp } from '../config/timestamp.ts';
import type { Semantics, TableConfig, TableRecord, TimeFormat } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { doneWindows, takenRanges, timeMaxMs, timeMinMs } from './ledger.ts';
import { timeFormatOf, type TableSnapshot, type TimeRange } from './snapshot.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What of a window's commit moves the boundary. */
export interface CommittedWindow {
  readonly endMs: number;
  readonly negateWindowFilter: boolean;
  /** OFFLINE segments in sight once the window is committed. */
  readonly offlineSegmentsAfter: number;
}

/**
 * The boundary that an `exact` commit leaves: windowEnd - 1 ms, never back; unmoved by a negated window and while
 * there is no OFFLINE segment at all. One set by hand is kept apart and is not touched.
 */
export function boundaryAfterWindow(
  before: BoundaryRecord | null,
  window: CommittedWindow,
): BoundaryRecord | null {
  if (window.negateWindowFilter || window.offlineSegmentsAfter === 0) return before;
  const ms = window.endMs - 1;
  return before !== null && before.ms >= ms ? before : { ms, mode: 'exact' };
}

/** 1 hour for hourly pushes unless the column counts days, else 1 day (B-2). */
function pinotOffsetMs(
  pushFrequency: TableConfig['pushFrequency'],
  format: TimeFormat | null,
): number {
  const days = format?.kind === 'EPOCH' && format.unit === 'DAYS';
  return pushFrequency === 'HOURLY' && !days ? hourMs : dayMs;
}

/** Newest end of OFFLINE segments less the offset; empty segments and ends at or before the epoch do not count (B-3). */
export function pinotBoundary(
  offlineSegments: readonly SegmentRecord[],
  pushFrequency: TableConfig['pushFrequency'],
  format: TimeFormat | null,
): BoundaryRecord | null {
  const newestMs = newestEnd(offlineSegments);
  const ms = newestMs === null ? 0 : newestMs - pinotOffsetMs(pushFrequency, format);
  return ms > 0 ? { ms, mode: 'pinot' } : null;
}

/** The boundary in force: the one set by hand (B-7), else by the table's semantics. */
export function effectiveBoundary(
  state: TableState | null,
  offlineSegments: readonly SegmentRecord[],
  table: TableRecord,
): BoundaryRecord | null {
  const set = state?.boundarySet ?? null;
  if (set !== null) return set;
  if (semanticsOf(table) === 'exact') return state?.boundary ?? null;
  if (table.offline === null || table.offline.timeColumn === null) return null;
  const format = timeFormatOf(table, table.offline);
  return pinotBoundary(offlineSegments, table.offline.pushFrequency, format);
}

/**
 * What `boundary set` without a time writes: the newest OFFLINE end, as Pinot's POST (B-8).
 * @throws SegmillError TABLE_NOT_FOUND when the table is not hybrid, BOUNDARY_UNAVAILABLE without OFFLINE segments
 */
export function boundarySetDefault(
  table: TableRecord,
  offlineSegments: readonly SegmentRecord[],
): BoundaryRecord {
  if (table.offline === null || table.realtime === null)
    throw new SegmillError('TABLE_NOT_FOUND', `Table isn't a hybrid table: ${table.name}`, {
      table: table.name,
    });
  const ms = newestEnd(offlineSegments);
  if (ms === null)
    throw new SegmillError(
      'BOUNDARY_UNAVAILABLE',
      `No segments found for offline table : ${table.name}_OFFLINE. Could not update time boundary.`,
      { table: table.name },
    );
  return { ms, mode: 'set' };
}

/** The boundary as a value of the time column, cut to what its format holds (B-4); TIMESTAMP as Pinot prints it in UTC. */
export function boundaryValue(format: TimeFormat, ms: number): string {
  if (format.kind === 'TIMESTAMP') return formatTimestamp(ms);
  return String(compileTimeFormat(format).fromMillis(ms));
}

/** Which rows each side of the hybrid table answers. */
export interface HybridSplit {
  /** Offline answers rows at or under it; null: realtime answers alone (B-5), or offline when realtime has no rows. */
  readonly boundaryMs: number | null;
  /**
   * Sealed and CONSUMING segments. Realtime answers a row above the boundary, or at or under it and in none of
   * `takenWindows` (half-open, sorted, disjoint): those are answered by OFFLINE.
   */
  readonly realtime: readonly {
    readonly segment: string;
    readonly takenWindows: readonly TimeRange[];
  }[];
}

/** Every row is answered by exactly one side (design 5.12); with `pinot` the boundary alone splits (B-4). */
export function hybridSplit(snapshot: TableSnapshot): HybridSplit {
  const { table, state } = snapshot;
  const boundary = effectiveBoundary(state, snapshot.offline, table);
  const consuming = snapshot.partitions.flatMap((partition) =>
    partition.consuming === null ? [] : [partition.consuming.name],
  );
  if (semanticsOf(table) === 'pinot') {
    const all: readonly TimeRange[] = [{ startMs: timeMinMs, endMs: timeMaxMs }];
    const names = [...snapshot.realtime.map((segment) => segment.name), ...consuming];
    return {
      boundaryMs: boundary?.ms ?? null,
      realtime: names.map((segment) => ({ segment, takenWindows: all })),
    };
  }
  const done = doneWindows(snapshot.runs);
  return {
    boundaryMs: boundary?.ms ?? null,
    realtime: [
      ...snapshot.realtime.map((segment) => ({
        segment: segment.name,
        takenWindows: takenRanges(done, segment),
      })),
      ...consuming.map((segment) => ({ segment, takenWindows: [] })),
    ],
  };
}

function newestEnd(offlineSegments: readonly SegmentRecord[]): number | null {
  let newest: number | null = null;
  for (const { rowCount, maxTimeMs } of offlineSegments)
    if (rowCount > 0 && maxTimeMs !== null && maxTimeMs > 0)
      newest = Math.max(newest ?? maxTimeMs, maxTimeMs);
  return newest;
}

/** A table without the task moves nothing: `exact` leaves it as it is. */
function semanticsOf(table: TableRecord): Semantics {
  return table.realtime?.move?.semantics ?? 'exact';
}
