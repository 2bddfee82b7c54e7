// `demo`: the order-events recipe from start to end, each step shown as the command a user would type and its answer.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SegmillError } from '../../errors.ts';
import { demoFiles, demoNow, offlineSegment } from '../demo/orders.ts';
import type { CliIo } from '../io.ts';
import type { Verb, VerbContext } from '../verb.ts';

interface Step {
  readonly title: string;
  /** What follows `segmill`. */
  readonly argv: readonly string[];
}

const steps: readonly Step[] = [
  {
    title: 'Add the table: one schema, a REALTIME and an OFFLINE config, as Pinot has them',
    argv: ['table', 'add', 'schema.json', 'realtime.json', 'offline.json'],
  },
  {
    title: 'Ingest 14 orders; every 5 rows a realtime segment is sealed, the last 4 stay CONSUMING',
    argv: ['ingest', 'orders', '--from', 'orders.ndjson'],
  },
  {
    title: 'Where the rows are',
    argv: [
      'query',
      'select $segmentName, count(*) cnt from orders group by $segmentName order by cnt desc, $segmentName',
    ],
  },
  { title: 'What would move, and why the rest would not', argv: ['plan', 'orders'] },
  {
    title: 'Move the first two-hour window: 7 rows become one offline segment, in one commit',
    argv: ['run', 'orders'],
  },
  { title: 'Both sides of the hybrid table', argv: ['segments', 'orders'] },
  {
    title:
      'Backfill: the same orders with amounts raised by 20 % replace that segment under its name',
    argv: ['backfill', '-f', 'job.yml', '--values', `segmentName=${offlineSegment}`],
  },
  {
    title: 'The time boundary: offline answers up to it, realtime after',
    argv: ['boundary', 'get', 'orders'],
  },
  { title: 'Checksums, ledgers, files and catalog agree', argv: ['verify', 'orders'] },
  {
    title:
      'The hybrid table: orders 1-7 from the offline segment with the new amounts, 8-14 from realtime',
    argv: ['query', 'select $segmentName, * from orders order by order_id'],
  },
];

export const demo: Verb = {
  usage: 'demo [--keep DIR]',
  summary: 'the order-events recipe from start to end in a scratch directory',
  flags: {
    keep: {
      type: 'string',
      value: 'DIR',
      help: 'a new or empty directory that is left behind to play with',
    },
  },
  examples: ['demo', 'demo --keep ./orders-demo'],
  words: [0, 0],
  run: async (context) => {
    const keep = context.parsed.text('keep');
    const folder =
      keep === undefined
        ? await mkdtemp(join(tmpdir(), 'segmill-demo-'))
        : resolve(context.io.cwd, keep);
    try {
      await writeInputs(folder);
      return await walk(context, folder, keep !== undefined);
    } finally {
      if (keep === undefined) await rm(folder, { recursive: true, force: true });
    }
  },
};

async function writeInputs(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(demoFiles)) {
    try {
      await writeFile(join(folder, name), text, { flag: 'wx' });
    } catch (error) {
      throw new SegmillError(
        'FILE_UNREADABLE',
        `${join(folder, name)} can't be written: ${error instanceof Error ? error.message : String(error)}; give a new or empty directory to --keep`,
        { path: folder },
        { cause: error },
      );
    }
  }
}

async function walk({ io, settings }: VerbContext, folder: string, kept: boolean): Promise<number> {
  // Loaded here: the program that runs a step is the one that this verb belongs to.
  const { run } = await import('../run.ts');
  const paint = (text: string): string => (settings.color ? `\u001b[1m${text}\u001b[0m` : text);
  io.out(
    `The order-events recipe, in ${folder}${kept ? '' : ' (removed at the end; --keep DIR keeps one)'}`,
  );
  for (const [i, { title, argv }] of steps.entries()) {
    io.out(`\n${paint(`${i + 1}. ${title}`)}`);
    io.out(`$ segmill ${argv.map(shellWord).join(' ')}`);
    const inFolder = argv.map((word) => (word in demoFiles ? join(folder, word) : word));
    const code = await run(
      [
        ...inFolder,
        '--data-dir',
        join(folder, 'data'),
        '--format',
        'table',
        '--now',
        String(demoNow),
        '--quiet',
        ...(argv[0] === 'backfill' ? ['--values', `inputDir=${folder}`] : []),
      ],
      stepIo(io, folder),
    );
    if (code !== 0)
      throw new SegmillError(
        'TASK_FAILED',
        `demo: step ${i + 1} ended with exit code ${code}; its error stands above`,
        { step: i + 1, code },
      );
  }
  if (kept)
    io.out(
      `\nGo on in ${folder}: add --data-dir ${join(folder, 'data')} --now ${new Date(demoNow).toISOString()} to any command.`,
    );
  return 0;
}

function stepIo(io: CliIo, folder: string): CliIo {
  return { ...io, env: {}, cwd: folder };
}

function shellWord(word: string): string {
  return /^[\w./=:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
