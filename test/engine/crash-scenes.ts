// What crash tests interrupt: a data directory before an operation, and the operation.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Engine } from '../../src/engine/engine.ts';
import { d0, dayMs, hourMs, lines, row, tableDocuments } from './desk.ts';

export interface Scene {
  /** Everything that is there before; `inputDir` is empty. */
  readonly prepare: (engine: Engine, inputDir: string, write: Write) => Promise<void>;
  /** Throws when it did not do all of its work; may be called again. */
  readonly act: (engine: Engine, inputDir: string) => Promise<void>;
  /** The same as a command line. */
  readonly argv: (inputDir: string) => string[];
}

export const sceneNow: number = d0 + 30 * dayMs;

type Write = (path: string, text: string) => string;

/** Three windows, several segments each: two partitions, outputs cut at 4 rows. */
const rows = Array.from({ length: 23 }, (_, i) => row(`k${i % 5}`, i, d0 + i * 3 * hourMs));

async function addTable(engine: Engine, write: Write): Promise<void> {
  await engine.addTables(
    tableDocuments({
      stream: { 'realtime.segment.flush.threshold.rows': 5 },
      task: { maxNumRecordsPerSegment: '4' },
    }),
  );
  write('in/0.ndjson', `${lines(rows.slice(0, 14))}{"k":"bad","v":1,"ts":"never"}\n`);
  write('in/1.ndjson', lines(rows.slice(14)));
}

async function ingest(engine: Engine, inputDir: string): Promise<void> {
  await engine.ingest('t', { from: [join(inputDir, 'in')], seal: true });
}

async function runAll(engine: Engine): Promise<void> {
  const { windows } = await engine.run('t', { windows: 'all' });
  const failed = windows.find(({ state }) => state === 'FAILED');
  if (failed !== undefined) throw new Error(failed.error?.message);
}

function pushed(v: number): string {
  return lines([row('k0', v, d0), row('k1', v + 1, d0 + 3 * hourMs)]);
}

async function prepareMoved(engine: Engine, inputDir: string, write: Write): Promise<void> {
  await addTable(engine, write);
  await ingest(engine, inputDir);
  await runAll(engine);
}

/** Every file makes the segment of its own name. */
function jobText(folder: string): string {
  return `jobType: SegmentCreationAndTarPush
inputDirURI: '${pathToFileURL(folder).href}'
recordReaderSpec: { dataFormat: json }
segmentNameGeneratorSpec:
  type: inputFile
  configs:
    file.path.pattern: '.+/(a|b)\\.json'
    segment.name.template: '\${filePathPattern:\\1}'
tableSpec: { tableName: t }
`;
}

export const scenes: Readonly<Record<'ingest' | 'run' | 'backfill' | 'rerun', Scene>> = {
  ingest: {
    prepare: (engine, _inputDir, write) => addTable(engine, write),
    act: ingest,
    argv: (inputDir) => ['ingest', 't', '--from', join(inputDir, 'in'), '--seal'],
  },
  run: {
    prepare: async (engine, inputDir, write) => {
      await addTable(engine, write);
      await ingest(engine, inputDir);
    },
    act: runAll,
    argv: () => ['run', 't', '--all'],
  },
  backfill: {
    prepare: async (engine, inputDir, write) => {
      await prepareMoved(engine, inputDir, write);
      write('first/a.json', pushed(100));
      await engine.backfill({ where: 'first.yml', text: jobText(join(inputDir, 'first')) });
      write('job/a.json', pushed(1000));
      write('job/b.json', lines([row('new', 5, d0 + 5 * dayMs)]));
      write('job.yml', jobText(join(inputDir, 'job')));
    },
    act: async (engine, inputDir) => {
      await engine.backfill({ where: 'job.yml', text: jobText(join(inputDir, 'job')) });
    },
    argv: (inputDir) => ['backfill', '-f', join(inputDir, 'job.yml')],
  },
  rerun: {
    prepare: async (engine, inputDir, write) => {
      await prepareMoved(engine, inputDir, write);
      write('late/0.ndjson', lines([row('late', 1, d0 + 1)]));
      await engine.ingest('t', { from: [join(inputDir, 'late')], seal: true });
    },
    act: async (engine) => {
      const range = { fromMs: d0, toMs: d0 + dayMs, execute: true };
      const guards = { allowMissingInputs: false, replaceBackfilled: false };
      const report = await engine.rerun('t', { ...range, ...guards });
      if ('executed' in report || report.windows.some(({ state }) => state !== 'COMMITTED'))
        throw new Error('the window was not done again');
    },
    argv: () => ['rerun', 't', '--from', String(d0), '--to', String(d0 + dayMs), '--execute'],
  },
};
