// The account of a window: ledger, rows taken by input, rejected rows.
import { SegmillError } from '../errors.ts';
import type { Ledger } from '../catalog/types.ts';
import type { SurveyOutput } from '../tasks/contract.ts';
import type { WindowInput, WindowOutput, WindowResult } from '../tasks/types.ts';
import type { WindowRun } from './run.ts';

export interface WindowAccount {
  readonly inputs: readonly WindowInput[];
  readonly surveys: readonly SurveyOutput[];
  readonly outputs: readonly WindowOutput[];
  readonly rejectFile: string | null;
}

export function windowResult(run: WindowRun, account: WindowAccount): WindowResult {
  const { inputs, surveys, outputs, rejectFile } = account;
  return {
    ledger: ledgerOf(run, account),
    inputs: inputs.map(({ name, type, crc, rowCount }, i) => ({
      name,
      type,
      crc,
      rowCount,
      taken: surveys[i]!.read - surveys[i]!.outsideWindow,
    })),
    outputs,
    stages: run.stages,
    memory: {
      capBytes: run.budget.capBytes,
      peakBytes: run.budget.peakBytes,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      spilledBytes: 0,
    },
    rejectFile,
  };
}

/** @throws SegmillError LEDGER_UNBALANCED: rows would be lost or doubled */
function ledgerOf({ job }: WindowRun, { surveys, outputs }: WindowAccount): Ledger {
  const sum = (count: (survey: SurveyOutput) => number): number =>
    surveys.reduce((total, survey) => total + count(survey), 0);
  const read = sum((survey) => survey.read);
  const outsideWindow = sum((survey) => survey.outsideWindow);
  const filtered = sum((survey) => survey.filtered);
  const rejected = sum((survey) => survey.rejected.length);
  const kept = sum((survey) => survey.kept);
  const written = outputs.reduce((total, { rowCount }) => total + rowCount, 0);
  const mergedAway = job.move.mergeType === 'CONCAT' ? 0 : kept - written;
  const ledger = { read, outsideWindow, filtered, rejected, mergedAway, written };
  if (read === outsideWindow + filtered + rejected + mergedAway + written && mergedAway >= 0)
    return ledger;
  throw new SegmillError(
    'LEDGER_UNBALANCED',
    `window ${job.windowStartMs}..${job.windowEndMs} of ${job.table}: ${read} rows read, but ${outsideWindow} outside + ${filtered} filtered + ${rejected} rejected + ${mergedAway} merged + ${written} written; nothing was committed`,
    { ...ledger },
  );
}

/** Rows dropped under `continueOnError`, one JSON line each; null when there are none. */
export async function writeRejects(
  run: WindowRun,
  surveys: readonly SurveyOutput[],
): Promise<string | null> {
  if (surveys.every(({ rejected }) => rejected.length === 0)) return null;
  const file = `tmp/${run.job.runId}/rejects.ndjson`;
  const encoder = new TextEncoder();
  const writer = await run.deps.store.create(file);
  try {
    for (const [i, { rejected }] of surveys.entries()) {
      const segment = run.job.inputs[i]!.name;
      const lines = rejected.map(
        ({ row, reason }) => `${JSON.stringify({ segment, row, reason })}\n`,
      );
      if (lines.length > 0) await writer.write(encoder.encode(lines.join('')));
    }
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  return file;
}
