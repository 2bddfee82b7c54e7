// Rows in = rows out, before anything of a run becomes visible.
import { invariant, SegmillError } from '../errors.ts';
import type { RunRecord, SegmentRecord } from './types.ts';

type LedgerRun = Pick<RunRecord, 'runId' | 'table' | 'kind' | 'ledger' | 'inputs'>;

/**
 * The parts add up to what was read, the new segments hold what was written, and the inputs gave what the window took
 * (of runs and reruns: backfill and import read files).
 * @throws SegmillError LEDGER_UNBALANCED
 */
export function checkLedger(run: LedgerRun, add: readonly SegmentRecord[]): void {
  const { ledger } = run;
  if (ledger === null) {
    invariant(
      run.kind === 'backfill' || run.kind === 'import',
      () => `${run.kind} without a ledger`,
    );
    return;
  }
  const gone = ledger.outsideWindow + ledger.filtered + ledger.rejected + ledger.mergedAway;
  if (ledger.read !== gone + ledger.written) {
    throw unbalanced(run, `read ${ledger.read} rows, accounted for ${gone + ledger.written}`);
  }
  const stored = add.reduce((rows, segment) => rows + segment.rowCount, 0);
  if (stored !== ledger.written) {
    throw unbalanced(run, `written ${ledger.written} rows, the new segments hold ${stored}`);
  }
  if (run.kind === 'backfill' || run.kind === 'import') return;
  const taken = run.inputs.reduce((rows, input) => rows + input.taken, 0);
  if (taken !== ledger.read - ledger.outsideWindow) {
    throw unbalanced(
      run,
      `took ${ledger.read - ledger.outsideWindow} rows of the window, the inputs gave ${taken}`,
    );
  }
}

function unbalanced(run: LedgerRun, reason: string): SegmillError {
  return new SegmillError(
    'LEDGER_UNBALANCED',
    `run ${run.runId} of ${run.table} loses or invents rows, nothing was committed: ${reason}`,
    { table: run.table, runId: run.runId, ...run.ledger },
  );
}
