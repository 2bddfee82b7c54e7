// Runs by id.
import { runsOf } from './keys.ts';
import type { CatalogView, RunRecord } from './types.ts';

export function findRun(view: CatalogView, table: string, runId: string): RunRecord | undefined {
  return runsOf(view, table).find((run) => run.runId === runId);
}

/** Its segments are what the table shows of its window. */
export function isInForce(run: RunRecord): boolean {
  return run.state === 'COMMITTED' || run.state === 'EMPTY';
}

export function movedWatermark(run: RunRecord): boolean {
  return run.watermarkAfter !== run.watermarkBefore;
}
