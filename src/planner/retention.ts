// What may be deleted without losing a row or a rollback (design 5.19). `realNowMs` is the real clock, never `--now`.
import type { ReplacedSegment, SegmentRecord } from '../catalog/types.ts';
import { replacedRetentionMsDefault } from '../limits.ts';
import { effectiveBoundary } from './boundary.ts';
import { allRowsTaken, doneWindows } from './ledger.ts';
import { overlaps, type TableSnapshot } from './snapshot.ts';
import type { HeldWindow } from './types.ts';

/**
 * Sealed REALTIME segments that `retentionTimeUnit`/`retentionTimeValue` lets go: older than that, ended before both
 * watermark and boundary, in no held window, every row in the ledger of a live window, and not used by a commit since
 * `replacedSegmentsRetentionPeriod`.
 */
export function expiredSegments(
  snapshot: TableSnapshot,
  held: readonly HeldWindow[],
  realNowMs: number,
): SegmentRecord[] {
  const { table, state } = snapshot;
  const retentionMs = table.realtime?.retentionMs ?? null;
  const watermarkMs = state?.watermarkMs ?? null;
  const boundary = effectiveBoundary(state, snapshot.offline, table);
  if (retentionMs === null || watermarkMs === null || boundary === null) return [];
  const done = doneWindows(snapshot.runs);
  const horizonMs = realNowMs - replacedRetention(snapshot, 'REALTIME');
  return snapshot.realtime.filter((segment) => {
    const endMs = segment.maxTimeMs;
    if (endMs === null || endMs >= realNowMs - retentionMs) return false;
    // Rows at the boundary itself are OFFLINE's to answer, so that an end on it is before it in effect.
    if (endMs >= watermarkMs || endMs > boundary.ms) return false;
    if (held.some((window) => needs(window, segment))) return false;
    return allRowsTaken(done, segment) && lastUsedMs(snapshot, segment) <= horizonMs;
  });
}

function needs({ startMs, endMs }: HeldWindow, segment: SegmentRecord): boolean {
  return startMs !== null && endMs !== null && overlaps(segment, { startMs, endMs });
}

/** When a commit last had the segment as input, rolled back and superseded ones included. */
function lastUsedMs(snapshot: TableSnapshot, segment: SegmentRecord): number {
  let last = -Infinity;
  for (const run of snapshot.runs)
    if (run.state !== 'FAILED' && run.inputs.some(({ name }) => name === segment.name))
      last = Math.max(last, run.finishedMs);
  return last;
}

/** Replaced segments whose file may go: the horizon of `rollback` has passed. */
export function removableSegments(
  snapshot: TableSnapshot,
  replaced: readonly ReplacedSegment[],
  realNowMs: number,
): ReplacedSegment[] {
  return replaced.filter(
    ({ segment, replacedRealMs }) =>
      replacedRealMs + replacedRetention(snapshot, segment.type) <= realNowMs,
  );
}

function replacedRetention({ table }: TableSnapshot, type: SegmentRecord['type']): number {
  const config =
    type === 'OFFLINE' ? (table.offline ?? table.realtime) : (table.realtime ?? table.offline);
  return config?.replacedRetentionMs ?? replacedRetentionMsDefault;
}
