// The account of a window: ledger, rows taken by input, rejected rows.
import { SegmillError } from '../errors.ts';
import type { Ledger } from '../catalog/types.ts';
import type { MapOutput, SurveyOutput } from '../tasks/contract.ts';
import type { WindowInput, WindowOutput, WindowResult } from '../tasks/types.ts';
import type { WindowRun } from './run.ts';

/** What became of the rows of one input. */
export type InputCounts = Pick<SurveyOutput, 'read' | 'outsideWindow' | 'filtered' | 'rejected'> &
  Pick<MapOutput, 'kept'>;

/** The survey's counts (rows that the row pipeline left out) and the map's together. */
export function countsOf(survey: SurveyOutput, mapped: MapOutput | null): InputCounts {
  const { read, outsideWindow, filtered, rejected } = survey;
  if (mapped === null) return { read, outsideWindow, filtered, rejected, kept: 0 };
  return {
    read,
    outsideWindow: outsideWindow + mapped.outsideWindow,
    filtered,
    rejected: [...rejected, ...mapped.rejected],
    kept: mapped.kept,
  };
}

export interface WindowAccount {
  readonly inputs: readonly WindowInput[];
  readonly counts: readonly InputCounts[];
  readonly outputs: readonly WindowOutput[];
  readonly rejectFile: string | null;
}

export function windowResult(run: WindowRun, account: WindowAccount): WindowResult {
  const { inputs, counts, outputs, rejectFile } = account;
  return {
    ledger: ledgerOf(run, account),
    inputs: inputs.map(({ name, type, crc, rowCount }, i) => ({
      name,
      type,
      crc,
      rowCount,
      taken: counts[i]!.read - counts[i]!.outsideWindow,
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
function ledgerOf({ job }: WindowRun, { counts, outputs }: WindowAccount): Ledger {
  const sum = (count: (input: InputCounts) => number): number =>
    counts.reduce((total, input) => total + count(input), 0);
  const read = sum((input) => input.read);
  const outsideWindow = sum((input) => input.outsideWindow);
  const filtered = sum((input) => input.filtered);
  const rejected = sum((input) => input.rejected.length);
  const kept = sum((input) => input.kept);
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
  counts: readonly InputCounts[],
): Promise<string | null> {
  if (counts.every(({ rejected }) => rejected.length === 0)) return null;
  const file = `tmp/${run.job.runId}/rejects.ndjson`;
  const encoder = new TextEncoder();
  const writer = await run.deps.store.create(file);
  try {
    for (const [i, { rejected }] of counts.entries()) {
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
