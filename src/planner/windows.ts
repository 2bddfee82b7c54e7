// Choosing the windows to move (W-1 to W-19, design 5.9): one walk from the watermark, bucket by bucket, over buckets
// without segments in one step, until the limit, the buffer or a guard stops it.
import type { SegmentRecord } from '../catalog/types.ts';
import type { MoveConfig } from '../config/types.ts';
import { validTimeMaxMs, validTimeMinMs, windowsCrossedMax } from '../limits.ts';
import { decideWindow, heldAt } from './decide.ts';
import type { EstimateLimits } from './estimate.ts';
import { waitingFor } from './guards.ts';
import { doneWindows } from './ledger.ts';
import {
  floorTo,
  instant,
  listed,
  moveConfigOf,
  nextTime,
  period,
  type TableSnapshot,
  type TimeRange,
  type WindowDecision,
} from './snapshot.ts';
import type { HeldWindow, Plan } from './types.ts';

export interface PlanOptions extends EstimateLimits {
  /** How many windows at most; `all`: every due one. */
  readonly windows: number | 'all';
}

export interface TablePlan {
  /** What users see. */
  readonly plan: Plan;
  /** One per entry of `plan.windows`, with what its commit has to know. */
  readonly decisions: readonly WindowDecision[];
  /** The cold-start watermark that `run` writes before anything else (W-11); null when the stored one stays. */
  readonly coldWatermarkMs: number | null;
}

/** The first runs of a window keep to its inputs: nothing is allowed that `rerun` has to be asked for. */
const nothingAllowed = { allowMissingInputs: false, replaceBackfilled: false };

/**
 * What would run now, and why the rest would not. Later windows assume that the earlier ones committed.
 * A plan without windows has at least one entry in `held`.
 */
export function planTable(snapshot: TableSnapshot, now: number, options: PlanOptions): TablePlan {
  const move = moveConfigOf(snapshot.table);
  const bad = badTimes(snapshot);
  const watermarkMs = watermarkOf(snapshot, move);
  const stored = snapshot.state?.watermarkMs ?? null;
  const make = (decisions: readonly WindowDecision[], held: readonly HeldWindow[]): TablePlan => ({
    plan: {
      table: snapshot.table.name,
      now,
      watermarkMs,
      windows: decisions.map((decision) => decision.window),
      held,
    },
    decisions,
    coldWatermarkMs: watermarkMs === stored ? null : watermarkMs,
  });

  const lease = snapshot.runningElsewhere;
  if (lease !== null)
    return make(
      [],
      [
        heldAt(
          null,
          'RUNNING_ELSEWHERE',
          `process ${lease.pid} on ${lease.host} moves the table since ${instant(lease.takenMs)}; wait for it`,
        ),
      ],
    );
  if (snapshot.realtime.length === 0) return make([], [noSegments(snapshot)]);
  if (watermarkMs === null) return make([], bad.length > 0 ? bad : [noSegments(snapshot)]);
  const walked = walk(snapshot, watermarkMs, now, options);
  return make(walked.decisions, [...walked.held, ...bad]);
}

/** Stored, or what a cold start makes of the oldest row (W-11); null while it can't be known. */
function watermarkOf(snapshot: TableSnapshot, move: MoveConfig): number | null {
  const stored = snapshot.state?.watermarkMs ?? null;
  const moves = snapshot.state?.watermarkOrigin === 'cold' && move.semantics === 'exact';
  if (stored !== null && !moves) return stored;
  if (snapshot.realtime.length === 0) return stored;
  let oldest = Infinity;
  for (const segment of snapshot.realtime)
    if (hasGoodTimes(snapshot, segment)) oldest = Math.min(oldest, segment.minTimeMs ?? Infinity);
  if (move.semantics === 'exact')
    for (const { consuming } of snapshot.partitions)
      if (consuming !== null && consuming.rowCount > 0)
        oldest = Math.min(oldest, consuming.minTimeMs ?? Infinity);
  if (oldest === Infinity) return stored;
  return Math.min(stored ?? Infinity, floorTo(oldest, move.bucketMs));
}

/** Where a walk may start: known, in order, and inside 1971..2071 where the table checks that (W-12, X-36). */
function hasGoodTimes(snapshot: TableSnapshot, segment: SegmentRecord): boolean {
  const { minTimeMs, maxTimeMs } = segment;
  if (minTimeMs === null || maxTimeMs === null || minTimeMs > maxTimeMs) return false;
  if (!Number.isSafeInteger(minTimeMs) || !Number.isSafeInteger(maxTimeMs)) return false;
  if (snapshot.table.realtime?.segmentTimeValueCheck === false) return true;
  return minTimeMs >= validTimeMinMs && maxTimeMs <= validTimeMaxMs;
}

function badTimes(snapshot: TableSnapshot): HeldWindow[] {
  const bad = snapshot.realtime.filter(
    (segment) => segment.rowCount > 0 && !hasGoodTimes(snapshot, segment),
  );
  if (bad.length === 0) return [];
  const rows = bad.reduce((sum, segment) => sum + segment.rowCount, 0);
  return [
    heldAt(
      null,
      'BAD_TIME',
      `${bad.length} segments with ${rows} rows have no valid time range (${instant(validTimeMinMs)} to ` +
        `${instant(validTimeMaxMs)}) and do not count for the start of the walk: ${listed(bad.map((s) => s.name))}; ` +
        `look with segmill inspect`,
    ),
  ];
}

function noSegments(snapshot: TableSnapshot): HeldWindow {
  const rows = snapshot.partitions.reduce(
    (sum, { consuming }) => sum + (consuming?.rowCount ?? 0),
    0,
  );
  const empty = snapshot.realtime.length;
  return heldAt(
    null,
    'NO_SEGMENTS',
    empty > 0
      ? `none of the ${empty} sealed REALTIME segments holds a row`
      : `no sealed REALTIME segment; ${rows} rows are CONSUMING` +
          (rows > 0 ? ': seal with segmill ingest --seal' : ', nothing was ingested yet'),
  );
}

interface Walked {
  readonly decisions: readonly WindowDecision[];
  readonly held: readonly HeldWindow[];
}

function walk(
  snapshot: TableSnapshot,
  watermarkMs: number,
  now: number,
  options: PlanOptions,
): Walked {
  const { bucketMs, bufferMs } = moveConfigOf(snapshot.table);
  const done = doneWindows(snapshot.runs);
  const closedMs = now - bufferMs;
  const limit = options.windows === 'all' ? Infinity : options.windows;
  const decisions: WindowDecision[] = [];
  const stop = (...held: HeldWindow[]): Walked => ({ decisions, held });

  for (let startMs = watermarkMs; ;) {
    const range = nextWithSegments(snapshot, startMs, bucketMs);
    if (range === null || range.endMs > closedMs)
      return stop(nothingDue(snapshot, startMs, range, now));
    const waiting = waitingFor(snapshot, range);
    if (waiting !== null) return stop(waiting);
    const verdict = decideWindow(snapshot, done, range, nothingAllowed, options, true);
    if (verdict.kind === 'held') return stop(verdict.held);
    // The window after the last one asked for is due, too: nothing holds it.
    if (decisions.length >= limit) return stop();
    if (decisions.length >= windowsCrossedMax) return stop(tooMany(range, decisions.length));
    decisions.push(verdict.decision);
    startMs = range.endMs;
  }
}

/** The first bucket at or after `startMs`, on its grid, that a segment overlaps (W-15, W-16); null when there is none. */
function nextWithSegments(
  snapshot: TableSnapshot,
  startMs: number,
  bucketMs: number,
): TimeRange | null {
  const first = nextTime(snapshot.realtime, startMs);
  if (first === Infinity) return null;
  const from = startMs + floorTo(first - startMs, bucketMs);
  return { startMs: from, endMs: from + bucketMs };
}

/**
 * No closed window with segments is left from `startMs` on. With `exact`, rows not sealed or not read yet may belong to
 * a window that has closed: then that is the reason, else the first window that has not closed (W-14).
 */
function nothingDue(
  snapshot: TableSnapshot,
  startMs: number,
  next: TimeRange | null,
  now: number,
): HeldWindow {
  const { bucketMs, bufferMs, semantics } = moveConfigOf(snapshot.table);
  const closed = Math.floor((now - bufferMs - startMs) / bucketMs);
  if (semantics === 'exact' && closed > 0) {
    const endMs = startMs + closed * bucketMs;
    const waiting = waitingFor(snapshot, { startMs: endMs - bucketMs, endMs });
    if (waiting !== null) return waiting;
  }
  const openMs = startMs + Math.max(0, closed) * bucketMs;
  const open = next ?? { startMs: openMs, endMs: openMs + bucketMs };
  const crossed = closed > 0 ? `the ${closed} closed windows before it have no segment; ` : '';
  return heldAt(
    open,
    'BUFFER',
    `${crossed}the window from ${instant(open.startMs)} to ${instant(open.endMs)} is due when ` +
      `bufferTimePeriod ${period(bufferMs)} has passed since its end, at ${instant(open.endMs + bufferMs)}; ` +
      `now is ${instant(now)}`,
  );
}

function tooMany(range: TimeRange, windows: number): HeldWindow {
  return heldAt(
    range,
    'BAD_TIME',
    `${windows} windows are due before this one, the most that one plan holds; a segment may have a wrong time, ` +
      `or bucketTimePeriod (${period(range.endMs - range.startMs)}) is too short`,
  );
}
