// What the planner sees of one table: records of one catalog state and a few facts of the outside world, all plain data.
import type {
  LeaseRecord,
  PartitionRecord,
  RunRecord,
  SegmentRecord,
  TableState,
} from '../catalog/types.ts';
import type { MoveConfig, TableConfig, TableRecord, TimeFormat } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import type { HeldWindow, PlannedWindow } from './types.ts';

export interface TableSnapshot {
  readonly table: TableRecord;
  readonly state: TableState | null;
  /** Sealed REALTIME segments in sight. */
  readonly realtime: readonly SegmentRecord[];
  /** OFFLINE segments in sight. */
  readonly offline: readonly SegmentRecord[];
  readonly partitions: readonly PartitionRecord[];
  /** Every run of the table, in any state. */
  readonly runs: readonly RunRecord[];
  /** Names of segments of either type whose file is known to be gone. */
  readonly missingFiles: readonly string[];
  /** `SourcePosition.source` of files that are there no more: they hold no unread row. */
  readonly removedSources: readonly string[];
  /** The lease of another live process that moves this table right now. */
  readonly runningElsewhere: LeaseRecord | null;
}

export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** A window to be run, with all that its commit has to know; `window` is the public part. */
export interface WindowDecision {
  readonly window: PlannedWindow;
  /** REALTIME segments by partition, then sequence, imported ones after by name (W-17); under `fromOffline` only new ones. */
  readonly inputs: readonly SegmentRecord[];
  /** Present OFFLINE segments read again because inputs are gone (design 5.19); else empty. */
  readonly offlineInputs: readonly SegmentRecord[];
  /** Runs whose windows this one does again. */
  readonly replacesRuns: readonly string[];
  /** OFFLINE segments in sight that its commit takes out of sight. */
  readonly replacesSegments: readonly string[];
  /** True: its commit sets the watermark to `endMs`; false for `rerun`. */
  readonly movesWatermark: boolean;
}

/** A decision about one window: run it, or why not. */
export type Verdict =
  | { readonly kind: 'run'; readonly decision: WindowDecision }
  | { readonly kind: 'held'; readonly held: HeldWindow };

/** @throws SegmillError CONFIG_INVALID when the table has no task to move its rows (C-1) */
export function moveConfigOf(table: TableRecord): MoveConfig {
  const move = table.realtime?.move;
  if (move) return move;
  throw new SegmillError(
    'CONFIG_INVALID',
    `table ${table.name} has no RealtimeToOfflineSegmentsTask in its REALTIME config; ` +
      'add task.taskTypeConfigsMap.RealtimeToOfflineSegmentsTask and call table add again',
    { table: table.name },
  );
}

/** The format of the time column as the given config names it; null without one. */
export function timeFormatOf(table: TableRecord, config: TableConfig | null): TimeFormat | null {
  const column = config?.timeColumn ?? null;
  return table.schema.fields.find((field) => field.name === column)?.format ?? null;
}

/** Start of the bucket that `ms` falls in, aligned to the UTC epoch; floors also before it (design 5.4, X-28). */
export function floorTo(ms: number, bucketMs: number): number {
  return Math.floor(ms / bucketMs) * bucketMs;
}

/** `windowStart <= segmentEnd AND segmentStart < windowEnd`: segment ends are inclusive (W-15). */
export function overlaps(segment: SegmentRecord, range: TimeRange): boolean {
  if (segment.minTimeMs === null || segment.maxTimeMs === null) return false;
  if (segment.minTimeMs > segment.maxTimeMs) return false;
  return range.startMs <= segment.maxTimeMs && segment.minTimeMs < range.endMs;
}

/** The earliest time at or after `fromMs` that a segment spans; Infinity when there is none. */
export function nextTime(segments: readonly SegmentRecord[], fromMs: number): number {
  let next = Infinity;
  for (const { minTimeMs, maxTimeMs } of segments) {
    if (minTimeMs === null || maxTimeMs === null || minTimeMs > maxTimeMs) continue;
    if (maxTimeMs >= fromMs) next = Math.min(next, Math.max(minTimeMs, fromMs));
  }
  return next;
}

/** An instant for a message: ISO and epoch ms. */
export function instant(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : `${date.toISOString()} (${ms})`;
}

/** A length of time for a message: the largest units that hold it, and ms. */
export function period(ms: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ];
  let rest = ms;
  let text = '';
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return `${text === '' ? '0' : text} (${ms} ms)`;
}

/** At most `namesShown` names, then how many more there are. */
export function listed(names: readonly string[]): string {
  const namesShown = 5;
  const shown = names.slice(0, namesShown).join(', ');
  return names.length > namesShown ? `${shown} and ${names.length - namesShown} more` : shown;
}
