// One window, decided: what it reads, what it replaces, or why it may not run now (design 5.3 and 5.19).
import type { SegmentRecord } from '../catalog/types.ts';
import { estimateWindow, memoryLeastBytes, type EstimateLimits } from './estimate.ts';
import { namesSegment, type DoneWindow } from './ledger.ts';
import {
  instant,
  listed,
  moveConfigOf,
  overlaps,
  type TableSnapshot,
  type TimeRange,
  type Verdict,
} from './snapshot.ts';
import type { HeldReason, HeldWindow, PlannedWindow } from './types.ts';

export interface RedoOptions {
  /** Read the window's present OFFLINE segments where inputs of its ledger are gone. */
  readonly allowMissingInputs: boolean;
  /** Replace OFFLINE segments that came from `backfill` or `import`, too. */
  readonly replaceBackfilled: boolean;
}

/** By stream partition, then sequence; segments of no stream after them, by name (W-17). */
export function inInputOrder(segments: readonly SegmentRecord[]): SegmentRecord[] {
  return [...segments].sort(
    (a, b) =>
      (a.partition ?? Infinity) - (b.partition ?? Infinity) ||
      (a.sequence ?? Infinity) - (b.sequence ?? Infinity) ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}

export function heldAt(range: TimeRange | null, reason: HeldReason, detail: string): HeldWindow {
  return { startMs: range?.startMs ?? null, endMs: range?.endMs ?? null, reason, detail };
}

interface Redo {
  readonly contained: readonly DoneWindow[];
  readonly own: readonly SegmentRecord[];
  readonly foreign: readonly SegmentRecord[];
  readonly replaced: readonly SegmentRecord[];
}

/**
 * The window over `range`, run for the first time or again.
 * @param movesWatermark true for `run`; `rerun` also guards stretches that no window has done against backfilled segments
 */
export function decideWindow(
  snapshot: TableSnapshot,
  done: readonly DoneWindow[],
  range: TimeRange,
  options: RedoOptions,
  limits: EstimateLimits,
  movesWatermark: boolean,
): Verdict {
  const move = moveConfigOf(snapshot.table);
  const redo = redoOf(snapshot, done, range);
  const again = redo.contained.length > 0 || !movesWatermark;
  const refusal =
    cutRefusal(done, range) ??
    (again ? backfillRefusal(redo, range, options) : null) ??
    missingRefusal(snapshot, redo, range, options) ??
    memoryRefusal(range, limits);
  if (refusal) return { kind: 'held', held: refusal };

  const fromOffline = goneInputs(snapshot, redo).length > 0;
  const overlapping = snapshot.realtime.filter((segment) => overlaps(segment, range));
  const inputs = inInputOrder(
    fromOffline
      ? overlapping.filter((segment) => !redo.contained.some((run) => namesSegment(run, segment)))
      : overlapping,
  );
  const replaced = again ? redo.replaced : [];
  const offlineInputs = fromOffline ? replaced : [];
  const read = [...offlineInputs, ...inputs];
  const window: PlannedWindow = {
    startMs: range.startMs,
    endMs: range.endMs,
    segments: inputs.map((segment) => segment.name),
    rowsIn: read.reduce((sum, segment) => sum + segment.rowCount, 0),
    bytesIn: read.reduce((sum, segment) => sum + segment.byteLength, 0),
    estimate: estimateWindow(read, range, snapshot.table, move, limits),
  };
  return {
    kind: 'run',
    decision: {
      window,
      inputs,
      offlineInputs,
      replacesRuns: redo.contained.map((window) => window.run.runId),
      replacesSegments: replaced.map((segment) => segment.name),
      movesWatermark,
    },
  };
}

function redoOf(snapshot: TableSnapshot, done: readonly DoneWindow[], range: TimeRange): Redo {
  const contained = done.filter(
    (window) => range.startMs <= window.startMs && window.endMs <= range.endMs,
  );
  const runs = new Set(contained.map((window) => window.run.runId));
  const outputs = new Set(contained.flatMap((window) => window.run.outputs));
  const own: SegmentRecord[] = [];
  const foreign: SegmentRecord[] = [];
  for (const segment of snapshot.offline) {
    if (segment.origin.kind === 'run') {
      if (runs.has(segment.origin.runId)) own.push(segment);
    } else if (outputs.has(segment.name) || overlaps(segment, range)) foreign.push(segment);
  }
  return { contained, own, foreign, replaced: [...own, ...foreign] };
}

function cutRefusal(done: readonly DoneWindow[], range: TimeRange): HeldWindow | null {
  const cut = done.find(
    (window) =>
      window.startMs < range.endMs &&
      range.startMs < window.endMs &&
      !(range.startMs <= window.startMs && window.endMs <= range.endMs),
  );
  if (!cut) return null;
  return heldAt(
    range,
    'OVERLAPS_DONE_WINDOW',
    `the window from ${instant(range.startMs)} to ${instant(range.endMs)} cuts the done window from ` +
      `${instant(cut.startMs)} to ${instant(cut.endMs)} of run ${cut.run.runId}; ` +
      `set the watermark to ${cut.startMs} or to ${cut.endMs}, or give a bucketTimePeriod that holds it whole`,
  );
}

function backfillRefusal(redo: Redo, range: TimeRange, options: RedoOptions): HeldWindow | null {
  if (redo.foreign.length === 0) return null;
  const outputs = new Set(redo.contained.flatMap((window) => window.run.outputs));
  const reaching = redo.foreign.filter(
    (segment) =>
      !outputs.has(segment.name) &&
      ((segment.minTimeMs ?? range.startMs) < range.startMs ||
        (segment.maxTimeMs ?? range.startMs) >= range.endMs),
  );
  if (options.replaceBackfilled && reaching.length === 0) return null;
  const names = listed((options.replaceBackfilled ? reaching : redo.foreign).map((s) => s.name));
  return heldAt(
    range,
    'BACKFILLED_SEGMENTS',
    options.replaceBackfilled
      ? `${reaching.length} OFFLINE segments from backfill or import reach outside the window, and their rows there ` +
          `would be lost: ${names}; push segments that lie inside one window instead`
      : `${redo.foreign.length} OFFLINE segments of the window came from backfill or import and would be lost: ` +
          `${names}; to replace them: segmill rerun with --replace-backfilled`,
  );
}

/** REALTIME inputs of the ledgers to be done again that are not there as they were. */
function goneInputs(snapshot: TableSnapshot, redo: Redo): string[] {
  const missing = new Set(snapshot.missingFiles);
  const crcs = new Map(
    snapshot.realtime.filter((s) => !missing.has(s.name)).map((s) => [s.name, s.crc]),
  );
  const gone = new Set<string>();
  for (const window of redo.contained)
    for (const input of window.inputs.values())
      if (crcs.get(input.name) !== input.crc) gone.add(input.name);
  return [...gone].sort();
}

function missingRefusal(
  snapshot: TableSnapshot,
  redo: Redo,
  range: TimeRange,
  options: RedoOptions,
): HeldWindow | null {
  const gone = goneInputs(snapshot, redo);
  const held = (text: string): HeldWindow => heldAt(range, 'MISSING_INPUT', text);
  const missing = new Set(snapshot.missingFiles);
  // New inputs cannot be read without their file, whatever is allowed.
  const unreadable = snapshot.realtime.filter(
    (segment) =>
      missing.has(segment.name) && overlaps(segment, range) && !gone.includes(segment.name),
  );
  if (unreadable.length > 0)
    return held(
      `the files of ${unreadable.length} segments of the window are missing: ` +
        `${listed(unreadable.map((s) => s.name))}; put them back, segmill verify names them`,
    );
  if (gone.length === 0) return null;
  const inputsText = `${gone.length} segments that the window took are gone or changed: ${listed(gone)}`;
  if (!options.allowMissingInputs)
    return held(
      `${inputsText}; to go on from the window's OFFLINE segments: segmill rerun with --allow-missing-inputs`,
    );
  const obstacle = reapplyObstacle(snapshot, redo, range);
  return obstacle === null ? null : held(`${inputsText}; ${obstacle}`);
}

/** Why the window's OFFLINE segments can't be its input again; null when they can (design 5.19). */
function reapplyObstacle(snapshot: TableSnapshot, redo: Redo, range: TimeRange): string | null {
  const move = moveConfigOf(snapshot.table);
  if (move.negateWindowFilter || redo.contained.some((window) => window.negated))
    return 'with negateWindowFilter its OFFLINE segments hold rows of other windows';
  if (move.mergeType === 'ROLLUP')
    for (const [column, aggregation] of Object.entries(move.aggregations))
      if (aggregation === 'FIRSTWITHTIME' || aggregation === 'LASTWITHTIME')
        return `${aggregation} of column ${column} cannot be applied to rows that were rolled up already`;
  const missing = new Set(snapshot.missingFiles);
  const lost = redo.replaced.filter((segment) => missing.has(segment.name));
  if (lost.length > 0)
    return `files of its OFFLINE segments are missing, too: ${listed(lost.map((s) => s.name))}`;
  const outside = redo.replaced.filter(
    (segment) =>
      (segment.minTimeMs ?? range.startMs) < range.startMs ||
      (segment.maxTimeMs ?? range.startMs) >= range.endMs,
  );
  if (outside.length > 0)
    return `stored times of its OFFLINE segments lie outside the window: ${listed(outside.map((s) => s.name))}`;
  return null;
}

function memoryRefusal(range: TimeRange, limits: EstimateLimits): HeldWindow | null {
  if (limits.memoryCapBytes >= memoryLeastBytes) return null;
  return heldAt(
    range,
    'MEMORY_CAP',
    `the memory cap is ${limits.memoryCapBytes} bytes, a window needs at least ${memoryLeastBytes}; raise --memory`,
  );
}
