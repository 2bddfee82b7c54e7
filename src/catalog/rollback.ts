// Taking a run back (design 5.19): the catalog shows what it showed before, without losing a row.
import { SegmillError } from '../errors.ts';
import { findRun, isInForce, movedWatermark } from './history.ts';
import { replacedKey, runKey, runsOf, segmentKey, stateOf } from './keys.ts';
import type { CatalogTransaction, CatalogView, ReplacedSegment, RunRecord } from './types.ts';

export interface Rollback {
  readonly table: string;
  readonly runId: string;
  readonly nowMs: number;
  readonly realNowMs: number;
}

/** What a rollback would do, for its preview. */
export interface RollbackPlan {
  readonly run: RunRecord;
  /** Offline segments that go out of sight. */
  readonly remove: readonly string[];
  /** Those that come back for them. */
  readonly restore: readonly ReplacedSegment[];
  /** Watermark and boundary go back to what they were before the run. */
  readonly movesWatermark: boolean;
}

/** @throws SegmillError ROLLBACK_REFUSED, naming what stands against it */
export function planRollback(view: CatalogView, table: string, runId: string): RollbackPlan {
  const run = findRun(view, table, runId);
  if (run === undefined) throw refused(table, runId, 'the table has no such run');
  if (!isInForce(run)) throw refused(table, runId, `it is ${run.state}`);
  const movesWatermark = movedWatermark(run);
  const later = runsOf(view, table).filter(
    (other) => isInForce(other) && other.commitNumber > run.commitNumber,
  );
  if (movesWatermark) checkWatermarkRun(view, run, later);
  checkOutputs(view, run, later);
  return { run, remove: run.outputs, restore: checkedReplaced(view, run), movesWatermark };
}

/**
 * Swaps the run's segments back; a run that moved the watermark puts watermark and boundary back, too. What goes out
 * stays a replaced file, so that running queries keep it.
 * @throws SegmillError ROLLBACK_REFUSED
 */
export function rollbackRun(transaction: CatalogTransaction, rollback: Rollback): RollbackPlan {
  const { table, runId, nowMs, realNowMs } = rollback;
  const plan = planRollback(transaction, table, runId);
  const { run } = plan;
  // First out of `replaced`: an output may hold the name, and so takes the key, of what it replaced.
  for (const { segment } of plan.restore) {
    transaction.remove('replaced', replacedKey(table, segment.name, runId));
  }
  for (const name of plan.remove) {
    const key = segmentKey(table, 'OFFLINE', name);
    const segment = transaction.get('segments', key)!;
    transaction.remove('segments', key);
    const rolledBack = { segment, replacedMs: nowMs, replacedRealMs: realNowMs, runId };
    transaction.put('replaced', replacedKey(table, name, runId), rolledBack);
  }
  for (const { segment } of plan.restore) {
    transaction.put('segments', segmentKey(table, segment.type, segment.name), segment);
  }
  for (const otherId of run.supersededRuns) {
    const other = findRun(transaction, table, otherId);
    if (other?.state !== 'SUPERSEDED') continue;
    const state = other.outputs.length === 0 ? 'EMPTY' : 'COMMITTED';
    transaction.put('runs', runKey(table, other.commitNumber, otherId), { ...other, state });
  }
  transaction.put('runs', runKey(table, run.commitNumber, runId), { ...run, state: 'ROLLED_BACK' });
  if (plan.movesWatermark) {
    transaction.put('states', table, {
      ...stateOf(transaction, table),
      watermarkMs: run.watermarkBefore,
      watermarkOrigin: run.watermarkOriginBefore,
      boundary: run.boundaryBefore,
    });
  }
  return plan;
}

/** The window would be moved again by the next run: no later one may stand on it, and all its input must be there. */
function checkWatermarkRun(view: CatalogView, run: RunRecord, later: readonly RunRecord[]): void {
  const { table, runId } = run;
  const next = later.find(movedWatermark);
  if (next !== undefined) {
    throw refused(
      table,
      runId,
      `run ${next.runId} committed a later window; roll that one back first`,
    );
  }
  const { watermarkMs } = stateOf(view, table);
  if (watermarkMs !== run.watermarkAfter) {
    throw refused(
      table,
      runId,
      `the watermark was set to ${watermarkMs} since, the run left it at ${run.watermarkAfter}; set it back first`,
    );
  }
  for (const input of run.inputs) {
    const live = view.get('segments', segmentKey(table, input.type, input.name));
    const restored = view.get('replaced', replacedKey(table, input.name, runId))?.segment;
    if (
      live?.crc === input.crc ||
      (run.replaced.includes(input.name) && restored?.crc === input.crc)
    ) {
      continue;
    }
    throw refused(table, runId, `its input segment ${input.name} is gone`);
  }
}

function checkOutputs(view: CatalogView, run: RunRecord, later: readonly RunRecord[]): void {
  const { table, runId } = run;
  for (const name of run.outputs) {
    const origin = view.get('segments', segmentKey(table, 'OFFLINE', name))?.origin;
    if (origin !== undefined && origin.kind !== 'ingest' && origin.runId === runId) continue;
    const toucher = later.find((other) => other.replaced.includes(name));
    const who = toucher === undefined ? 'a later change' : `run ${toucher.runId}`;
    throw refused(table, runId, `its segment ${name} was replaced by ${who}`);
  }
  const reader = later.find((other) =>
    other.inputs.some((input) => input.type === 'OFFLINE' && run.outputs.includes(input.name)),
  );
  if (reader !== undefined) {
    throw refused(
      table,
      runId,
      `run ${reader.runId} took its segments as input; roll that one back first`,
    );
  }
}

function checkedReplaced(view: CatalogView, run: RunRecord): ReplacedSegment[] {
  const { table, runId } = run;
  return run.replaced.map((name) => {
    const replaced = view.get('replaced', replacedKey(table, name, runId));
    if (replaced === undefined) {
      throw refused(table, runId, `segment ${name}, which it replaced, was already removed by gc`);
    }
    const holder = view.get('segments', segmentKey(table, 'OFFLINE', name));
    if (holder !== undefined && !run.outputs.includes(name)) {
      throw refused(table, runId, `the name ${name}, which it freed, was taken by another segment`);
    }
    return replaced;
  });
}

function refused(table: string, runId: string, reason: string): SegmillError {
  return new SegmillError(
    'ROLLBACK_REFUSED',
    `run ${runId} of ${table} cannot be rolled back: ${reason}`,
    { table, runId, reason },
  );
}
