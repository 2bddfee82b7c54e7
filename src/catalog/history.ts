// Runs by id.
import { runsOf } from './keys.ts';
import type { CatalogView, RunRecord } from './types.ts';

/** A window that failed may be tried again under its id: then the run that came to an end counts. */
export function findRun(view: CatalogView, table: string, runId: string): RunRecord | undefined {
  const runs = runsOf(view, table).filter((run) => run.runId === runId);
  return runs.find((run) => run.state !== 'FAILED') ?? runs.at(-1);
}

/** Its segments are what the table shows of its window. */
export function isInForce(run: RunRecord): boolean {
  return run.state === 'COMMITTED' || run.state === 'EMPTY';
}

export function movedWatermark(run: RunRecord): boolean {
  return run.watermarkAfter !== run.watermarkBefore;
}
