// Windows to do again, and stretches below the watermark to do for the first time (design 5.10, 5.19).
import { windowsCrossedMax } from '../limits.ts';
import { SegmillError } from '../errors.ts';
import { decideWindow, heldAt, type RedoOptions } from './decide.ts';
import type { EstimateLimits } from './estimate.ts';
import { doneWindows, timeMinMs, united, without, type DoneWindow } from './ledger.ts';
import {
  floorTo,
  instant,
  moveConfigOf,
  nextTime,
  type TableSnapshot,
  type TimeRange,
  type WindowDecision,
} from './snapshot.ts';
import type { HeldWindow } from './types.ts';
import type { TablePlan } from './windows.ts';

export interface RerunOptions extends RedoOptions, EstimateLimits {}

/**
 * Every done window that [fromMs, toMs) touches, whole, and the parts of each stretch below the watermark that no window
 * has done, cut into buckets, where segments lie. The watermark stays. In window order; what is refused is in `held`.
 * @throws SegmillError USAGE when the range is empty
 */
export function planRerun(
  snapshot: TableSnapshot,
  fromMs: number,
  toMs: number,
  options: RerunOptions,
  now: number,
): TablePlan {
  if (!(fromMs < toMs))
    throw new SegmillError(
      'USAGE',
      `the range from ${instant(fromMs)} to ${instant(toMs)} is empty: --from must lie before --to`,
      { fromMs, toMs },
    );
  const range = { startMs: fromMs, endMs: toMs };
  const decisions: WindowDecision[] = [];
  const held: HeldWindow[] = [];
  const lease = snapshot.runningElsewhere;
  if (lease !== null)
    held.push(
      heldAt(
        range,
        'RUNNING_ELSEWHERE',
        `process ${lease.pid} on ${lease.host} moves the table since ${instant(lease.takenMs)}; wait for it`,
      ),
    );
  else {
    const done = doneWindows(snapshot.runs);
    for (const window of rangesToDo(snapshot, done, range, held)) {
      const verdict = decideWindow(snapshot, done, window, options, options, false);
      if (verdict.kind === 'run') decisions.push(verdict.decision);
      else held.push(verdict.held);
    }
  }
  if (decisions.length === 0 && held.length === 0) held.push(nothingTouched(snapshot, range));
  return {
    plan: {
      table: snapshot.table.name,
      now,
      watermarkMs: snapshot.state?.watermarkMs ?? null,
      windows: decisions.map((decision) => decision.window),
      held,
    },
    decisions,
    coldWatermarkMs: null,
  };
}

function rangesToDo(
  snapshot: TableSnapshot,
  done: readonly DoneWindow[],
  range: TimeRange,
  held: HeldWindow[],
): TimeRange[] {
  const ranges: TimeRange[] = done
    .filter((window) => window.startMs < range.endMs && range.startMs < window.endMs)
    .map(({ startMs, endMs }) => ({ startMs, endMs }));
  const negated = done.find((window) => window.negated);
  const fresh = freshRanges(snapshot, done, range);
  if (negated !== undefined && fresh.length > 0)
    held.push(
      heldAt(
        fresh[0] ?? null,
        'OVERLAPS_DONE_WINDOW',
        `run ${negated.run.runId} with negateWindowFilter took rows outside its window, so stretches that no window ` +
          `has done may hold rows that were moved; roll it back first`,
      ),
    );
  else ranges.push(...fresh);
  if (ranges.length > windowsCrossedMax) {
    const first = ranges[windowsCrossedMax] ?? null;
    held.push(
      heldAt(first, 'BAD_TIME', `more than ${windowsCrossedMax} windows; narrow the range`),
    );
    ranges.length = windowsCrossedMax;
  }
  return ranges.sort((a, b) => a.startMs - b.startMs);
}

/** Buckets with segments, in the stretches below the watermark that no window has done, that `range` touches. */
function freshRanges(
  snapshot: TableSnapshot,
  done: readonly DoneWindow[],
  range: TimeRange,
): TimeRange[] {
  const watermarkMs = snapshot.state?.watermarkMs ?? null;
  if (watermarkMs === null) return [];
  const { bucketMs } = moveConfigOf(snapshot.table);
  const below = { startMs: timeMinMs, endMs: watermarkMs };
  const fresh: TimeRange[] = [];
  for (const stretch of without(below, united(done))) {
    const oldest = nextTime(snapshot.realtime, stretch.startMs);
    const from = Math.max(stretch.startMs, range.startMs, oldest);
    if (from >= stretch.endMs || from >= range.endMs) continue;
    let cursor = bucketIn(stretch, from, bucketMs).startMs;
    while (fresh.length <= windowsCrossedMax) {
      const next = nextTime(snapshot.realtime, cursor);
      if (next >= stretch.endMs) break;
      const bucket = bucketIn(stretch, next, bucketMs);
      if (bucket.startMs >= range.endMs) break;
      fresh.push(bucket);
      cursor = bucket.endMs;
    }
  }
  return fresh;
}

/**
 * The bucket of a stretch around `ms`. Buckets follow on the window before the stretch; the stretch before all windows
 * is cut backwards from its end. What is left at the end of a stretch is a shorter bucket.
 */
function bucketIn(stretch: TimeRange, ms: number, bucketMs: number): TimeRange {
  const anchor = stretch.startMs === timeMinMs ? stretch.endMs : stretch.startMs;
  const startMs = anchor + floorTo(ms - anchor, bucketMs);
  return { startMs, endMs: Math.min(startMs + bucketMs, stretch.endMs) };
}

function nothingTouched(snapshot: TableSnapshot, range: TimeRange): HeldWindow {
  const watermarkMs = snapshot.state?.watermarkMs ?? null;
  const below =
    watermarkMs === null ? 'there is no watermark yet' : `the watermark is ${instant(watermarkMs)}`;
  return heldAt(
    range,
    'NO_SEGMENTS',
    `no done window and no sealed segment below the watermark between ${instant(range.startMs)} and ` +
      `${instant(range.endMs)}; ${below}; rows at or above it are moved by segmill run`,
  );
}
