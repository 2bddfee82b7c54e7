// `plan`, `run`, `rerun`.
import { readFile, writeFile } from 'node:fs/promises';
import { errorTable, SegmillError, unreadableFile } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';
import type { RunReport } from '../../engine/move.ts';
import type { WindowReport } from '../../engine/window.ts';
import { parseSavedPlan } from '../../engine/plan.ts';
import type { PlanReport } from '../../engine/plan.ts';
import { stringifyJson } from '../../json/stringify.ts';
import type { Flags } from '../flags.ts';
import { counted, bytesText, instantText, printObject, textTable } from '../output.ts';
import { createProgress } from '../progress.ts';
import { countOf, instantOf } from '../settings.ts';
import { heldLines, lateLines } from '../standing.ts';
import { requiredText, word } from '../verb.ts';
import type { Verb, VerbContext } from '../verb.ts';

const windowFlags: Flags = {
  all: { type: 'boolean', help: 'every due window, in order' },
  windows: { type: 'string', value: 'N', help: 'at most N windows (default 1)' },
};

function windowsOf({ parsed }: VerbContext): number | 'all' {
  const windows = countOf('--windows', parsed.text('windows'));
  if (parsed.flag('all') !== true) return windows ?? 1;
  if (windows !== undefined)
    throw new SegmillError('USAGE', '--all and --windows exclude each other; give one');
  return 'all';
}

export const plan: Verb = {
  usage: 'plan TABLE [--all|--windows N] [--out FILE] [--detailed-exitcode]',
  summary: 'what would run, with its cost, and why the rest would not; changes nothing',
  flags: {
    ...windowFlags,
    out: { type: 'string', value: 'FILE', help: 'write the plan for run --plan' },
    'detailed-exitcode': { type: 'boolean', help: 'exit 2 when there is work' },
  },
  examples: ['plan orders', 'plan orders --all --format json'],
  words: [1, 1],
  run: async (context) => {
    const { io, settings, parsed } = context;
    const windows = windowsOf(context);
    const report = await (await context.engine()).plan(word(context, 0), windows);
    const out = parsed.text('out');
    if (out !== undefined) await writePlan(out, report);
    printObject(io, settings.format, report, () => planLines(report));
    return parsed.flag('detailed-exitcode') === true && report.windows.length > 0 ? 2 : 0;
  },
};

async function writePlan(path: string, report: PlanReport): Promise<void> {
  try {
    await writeFile(path, `${stringifyJson(report, 2)}\n`);
  } catch (error) {
    throw new SegmillError(
      'FILE_UNREADABLE',
      `${path} can't be written: ${error instanceof Error ? error.message : String(error)}; give --out a file in a folder that is there`,
      { path },
      { cause: error },
    );
  }
}

function planLines({ table, watermarkMs, windows, held }: PlanReport): string[] {
  const lines = [`${table}: watermark ${instantText(watermarkMs)}`];
  if (windows.length > 0) {
    const rows = windows.map(({ startMs, endMs, segments, rowsIn, bytesIn, estimate }) => [
      instantText(startMs),
      instantText(endMs),
      String(segments.length),
      String(rowsIn),
      bytesText(bytesIn),
      String(estimate.rowsOut),
      String(estimate.segmentsOut),
      bytesText(estimate.memoryBytes),
      `${estimate.seconds} s`,
    ]);
    lines.push(
      textTable(
        [
          'window start',
          'end',
          'segments',
          'rows in',
          'bytes in',
          'rows out',
          'outputs',
          'memory',
          'time',
        ],
        rows,
      ),
    );
  }
  return [...lines, ...heldLines(held)];
}

export const run: Verb = {
  usage: 'run TABLE [--all|--windows N|--plan FILE] [--reject-budget N] [--late-budget N]',
  summary: 'move the next due window, or every due window in order',
  flags: {
    ...windowFlags,
    plan: {
      type: 'string',
      value: 'FILE',
      help: 'run exactly this saved plan; refused when it no longer holds',
    },
    'reject-budget': { type: 'string', value: 'N', help: 'exit 3 when more rows are rejected' },
    'late-budget': { type: 'string', value: 'N', help: 'exit 3 when more rows are late' },
  },
  examples: ['run orders', 'run orders --all --memory 2GiB', 'run orders --plan plan.json'],
  words: [1, 1],
  run: async (context) => {
    const { io, settings, parsed } = context;
    const path = parsed.text('plan');
    const windows = windowsOf(context);
    if (path !== undefined && (parsed.flag('all') === true || parsed.text('windows') !== undefined))
      throw new SegmillError('USAGE', '--plan names its windows; leave out --all and --windows');
    const saved = path === undefined ? undefined : await parseSavedPlan(await readText(path), path);
    const budgets = budgetsOf(context);
    const talk = windowTalk(context);
    const report = await (
      await context.engine()
    ).run(word(context, 0), { windows, ...(saved === undefined ? {} : { plan: saved }), ...talk });
    talk.finish();
    if (settings.format !== 'ndjson')
      printObject(io, settings.format, report, () => runLines(report));
    return exitCode(report, budgets);
  },
};

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadableFile(path, error);
  }
}

interface Budgets {
  readonly rejected: number;
  readonly late: number;
}

function budgetsOf({ parsed }: VerbContext): Budgets {
  return {
    rejected: countOf('--reject-budget', parsed.text('reject-budget'), 0) ?? Infinity,
    late: countOf('--late-budget', parsed.text('late-budget'), 0) ?? Infinity,
  };
}

function exitCode(report: RunReport, { rejected, late }: Budgets): number {
  if (report.windows.some(({ state }) => state === 'FAILED')) return 1;
  const rejectedRows = report.windows.reduce((sum, { ledger }) => sum + (ledger?.rejected ?? 0), 0);
  return rejectedRows > rejected || report.late.rows > late ? 3 : 0;
}

/** What a run says as it goes: a line for each window, a live line on a terminal, NDJSON results as they commit. */
function windowTalk({ io, settings, say }: VerbContext): {
  onWindow: (report: WindowReport) => void;
  onProgress: (progress: {
    readonly stage: string;
    readonly done: number;
    readonly total: number;
  }) => void;
  finish: () => void;
} {
  const progress = createProgress(io, settings);
  return {
    onWindow: (report) => {
      progress.clear();
      if (settings.format === 'ndjson') io.out(stringifyJson(report));
      say(windowLine(report));
    },
    onProgress: ({ stage, done, total }) => progress.show(`${stage}: ${done} of ${total}`),
    finish: () => progress.clear(),
  };
}

function windowLine({
  startMs,
  endMs,
  state,
  ledger,
  segments,
  seconds,
  error,
}: WindowReport): string {
  const figures =
    ledger === null
      ? ''
      : `: ${ledger.read} rows read, ${ledger.outsideWindow} outside, ${ledger.filtered} filtered, ${ledger.rejected} rejected, ${ledger.mergedAway} merged away, ${ledger.written} written into ${counted(segments.length, 'segment')}`;
  const failure = error === undefined ? '' : `: ${error.code}: ${error.message}`;
  return `${instantText(startMs)} to ${instantText(endMs)} ${state}${figures}${failure} (${seconds} s)`;
}

function runLines(report: RunReport): string[] {
  const rows = report.windows.flatMap(({ startMs, segments }) =>
    segments.map(({ name, rows: count, bytes, minTimeMs, maxTimeMs }) => [
      instantText(startMs),
      name,
      String(count),
      bytesText(bytes),
      instantText(minTimeMs),
      instantText(maxTimeMs),
    ]),
  );
  return [
    ...(rows.length === 0
      ? []
      : [textTable(['window', 'segment', 'rows', 'bytes', 'first', 'last'], rows)]),
    `${report.table}: ${counted(report.windows.length, 'window')}, watermark ${instantText(report.watermarkMs)}, time boundary ${instantText(report.timeBoundaryMs)}`,
    ...lateLines(report.table, report.late),
    ...heldLines(report.held),
  ];
}

export const rerun: Verb = {
  usage: 'rerun TABLE --from A --to B [--execute] [--allow-missing-inputs] [--replace-backfilled]',
  summary:
    'do closed windows again, whole, and stretches below the watermark for the first time; previews unless --execute',
  flags: {
    from: { type: 'string', value: 'TIME', help: 'start of the range (inclusive)' },
    to: { type: 'string', value: 'TIME', help: 'end of the range (exclusive)' },
    execute: { type: 'boolean', help: 'do it' },
    'allow-missing-inputs': {
      type: 'boolean',
      help: "take the window's offline segments where realtime inputs are gone",
    },
    'replace-backfilled': {
      type: 'boolean',
      help: 'also replace segments that came from backfill or import',
    },
  },
  examples: [
    'rerun orders --from 2021-09-24T04:00:00Z --to 2021-09-24T06:00:00Z',
    'rerun orders --from 1632456000000 --to 1632463200000 --execute',
  ],
  words: [1, 1],
  run: async (context) => {
    const { io, settings, parsed } = context;
    const talk = windowTalk(context);
    const fromMs = instantOf('--from', requiredText(context, 'from', rerun.usage));
    const toMs = instantOf('--to', requiredText(context, 'to', rerun.usage));
    const engine = await context.engine();
    const report = await engine.rerun(word(context, 0), {
      fromMs,
      toMs,
      execute: parsed.flag('execute') ?? false,
      allowMissingInputs: parsed.flag('allow-missing-inputs') ?? false,
      replaceBackfilled: parsed.flag('replace-backfilled') ?? false,
      ...talk,
    });
    talk.finish();
    if (!('executed' in report)) {
      if (settings.format !== 'ndjson')
        printObject(io, settings.format, report, () => runLines(report));
      refuseHeld(report, settings.format !== 'ndjson');
      return exitCode(report, { rejected: Infinity, late: Infinity });
    }
    printObject(io, settings.format, report, () => [
      ...report.windows.map(
        ({ startMs, endMs, segments, rowsIn, replaces }) =>
          `would move ${instantText(startMs)} to ${instantText(endMs)}: ${rowsIn} rows of ${counted(segments.length, 'segment')}, replacing ${replaces.length === 0 ? 'nothing' : replaces.join(', ')}`,
      ),
      ...heldLines(report.held),
      ...(report.windows.length === 0 ? [] : ['--execute does it']),
    ]);
    return 0;
  },
};

/**
 * Held windows leave nothing that was moved: the call has failed, unless there was nothing to do. The reason is given
 * once: here where `shown` says that stdout does not hold it.
 */
function refuseHeld({ table, windows, held }: RunReport, shown: boolean): void {
  const refused = held.find(({ reason }) => reason in errorTable);
  if (windows.length > 0 || refused === undefined) return;
  throw new SegmillError(
    refused.reason as ErrorCode,
    `no window of ${table} was done again${shown ? '; see held' : `: ${refused.detail}`}`,
    { table, startMs: refused.startMs, endMs: refused.endMs },
  );
}
