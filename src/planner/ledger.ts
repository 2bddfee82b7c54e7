// What the runs say about which rows were taken: done windows, and the segments that each of them accounts for.
import type { RunInput, RunRecord, SegmentRecord } from '../catalog/types.ts';
import type { TimeRange } from './snapshot.ts';

/** Ends of time for ranges without a bound: beyond any stored time, exact as numbers. */
export const timeMinMs: number = Number.MIN_SAFE_INTEGER;
export const timeMaxMs: number = Number.MAX_SAFE_INTEGER;

/** A window that a live run has done (COMMITTED or EMPTY, not superseded or rolled back). */
export interface DoneWindow extends TimeRange {
  readonly run: RunRecord;
  readonly negated: boolean;
  /** REALTIME inputs whose rows of the window are in its outputs, by name. */
  readonly inputs: ReadonlyMap<string, RunInput>;
}

/**
 * All done windows, by start. A run that read OFFLINE segments in place of inputs that were gone (design 5.19) also
 * accounts for every input of the runs that it superseded: their rows came to it by way of those segments.
 */
export function doneWindows(runs: readonly RunRecord[]): DoneWindow[] {
  const byId = new Map(runs.map((run) => [run.runId, run]));
  const done: DoneWindow[] = [];
  for (const run of runs) {
    if (run.kind !== 'run' && run.kind !== 'rerun') continue;
    if (run.state !== 'COMMITTED' && run.state !== 'EMPTY') continue;
    if (run.windowStartMs === null || run.windowEndMs === null) continue;
    done.push({
      startMs: run.windowStartMs,
      endMs: run.windowEndMs,
      run,
      negated: run.negateWindowFilter,
      inputs: accountedInputs(run, byId),
    });
  }
  return done.sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

function accountedInputs(
  first: RunRecord,
  byId: ReadonlyMap<string, RunRecord>,
): Map<string, RunInput> {
  const inputs = new Map<string, RunInput>();
  const seen = new Set<string>();
  const waiting: RunRecord[] = [first];
  for (let run = waiting.pop(); run !== undefined; run = waiting.pop()) {
    if (seen.has(run.runId)) continue;
    seen.add(run.runId);
    for (const input of run.inputs)
      if (input.type === 'REALTIME' && !inputs.has(input.name)) inputs.set(input.name, input);
    if (!run.inputs.some((input) => input.type === 'OFFLINE')) continue;
    for (const id of run.supersededRuns) {
      const superseded = byId.get(id);
      if (superseded) waiting.push(superseded);
    }
  }
  return inputs;
}

/** True when the window's ledger names this very segment (name and checksum). */
export function namesSegment(done: DoneWindow, segment: SegmentRecord): boolean {
  return done.inputs.get(segment.name)?.crc === segment.crc;
}

/** True when the ledgers of live windows account for every row of the segment. Windows are disjoint, so counts add up. */
export function allRowsTaken(done: readonly DoneWindow[], segment: SegmentRecord): boolean {
  if (segment.rowCount === 0) return true;
  let taken = 0;
  for (const window of done)
    if (!window.negated && namesSegment(window, segment))
      taken += window.inputs.get(segment.name)?.taken ?? 0;
  if (taken >= segment.rowCount) return true;
  if (segment.minTimeMs === null || segment.maxTimeMs === null) return false;
  const whole = { startMs: segment.minTimeMs, endMs: segment.maxTimeMs + 1 };
  return without(whole, takenRanges(done, segment)).length === 0;
}

/** Times of the segment's rows that live windows took, half-open, sorted, disjoint; negated windows took the outside. */
export function takenRanges(done: readonly DoneWindow[], segment: SegmentRecord): TimeRange[] {
  const ranges: TimeRange[] = [];
  for (const window of done) {
    if (!namesSegment(window, segment)) continue;
    if (!window.negated) {
      ranges.push({ startMs: window.startMs, endMs: window.endMs });
      continue;
    }
    ranges.push({ startMs: timeMinMs, endMs: window.startMs });
    ranges.push({ startMs: window.endMs, endMs: timeMaxMs });
  }
  return united(ranges);
}

/** The same times as sorted, disjoint, non-touching ranges. */
export function united(ranges: readonly TimeRange[]): TimeRange[] {
  const sorted = ranges
    .filter((range) => range.startMs < range.endMs)
    .sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  const result: TimeRange[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    if (last === undefined || range.startMs > last.endMs) result.push(range);
    else if (range.endMs > last.endMs)
      result[result.length - 1] = { startMs: last.startMs, endMs: range.endMs };
  }
  return result;
}

/** What is left of `whole` without `taken` (sorted, disjoint). */
export function without(whole: TimeRange, taken: readonly TimeRange[]): TimeRange[] {
  const left: TimeRange[] = [];
  let startMs = whole.startMs;
  for (const range of taken) {
    if (range.endMs <= startMs) continue;
    if (range.startMs >= whole.endMs) break;
    if (range.startMs > startMs) left.push({ startMs, endMs: range.startMs });
    startMs = range.endMs;
  }
  if (startMs < whole.endMs) left.push({ startMs, endMs: whole.endMs });
  return left;
}
