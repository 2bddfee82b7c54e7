import { existsSync } from 'node:fs';
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runBench } from '../../src/bench/bench.ts';
import type { BenchOptions } from '../../src/bench/bench.ts';
import { datasetFiles } from '../../src/bench/dataset-files.ts';
import type { BenchReport } from '../../src/bench/report.ts';
import { findPeers } from '../../src/bench/peers.ts';
import type { Peer } from '../../src/bench/peers.ts';
import { workloadsOf } from '../../src/bench/workloads.ts';
import { SegmillError } from '../../src/errors.ts';
import { scratchFolder } from './scratch.ts';

function optionsOf(names: readonly string[], more: Partial<BenchOptions> = {}): BenchOptions {
  return {
    workloads: workloadsOf(names),
    rows: 20_000,
    runs: 1,
    workers: 2,
    input: 'arrow',
    memoryBytes: 2 ** 30,
    peers: [],
    absentPeers: [],
    folder: scratchFolder(),
    keep: false,
    version: 'test',
    signal: new AbortController().signal,
    progress: () => {},
    ...more,
  };
}

/** What went wrong with segmill itself, in words. */
function troubles({ workloads }: BenchReport): string[] {
  return workloads.flatMap(({ contests: [ours] }) => [
    ...ours!.wrong,
    ...(ours!.failure === null ? [] : [ours!.failure]),
  ]);
}

test('a move of 20,000 rows is timed in a process of its own, and its answer is right', async () => {
  const { peers } = await findPeers({ SEGMILL_PYTHON: '/nowhere/python' });
  const options = optionsOf(['partitioned', 'dedup'], { peers: peers.slice(0, 1) });
  const report = await runBench(options);
  expect(troubles(report)).toEqual([]);
  expect(report.workloads.map(({ workload }) => workload)).toEqual(['dedup', 'partitioned']);
  for (const { contests, engine, rowsIn, workload } of report.workloads) {
    expect(contests.map(({ name }) => name)).toEqual(['segmill', 'duckdb']);
    for (const contest of contests) {
      expect(contest.failure).toBeNull();
      expect(contest.wrong).toEqual([]);
      expect(contest.runs).toHaveLength(1);
      expect(contest.peakRssBytes).toBeGreaterThan(2 ** 20);
    }
    expect(contests[0]!.timesFaster).toBeGreaterThan(0);
    expect(rowsIn).toBe(workload === 'dedup' ? 22_000 : 20_000);
    expect(engine!.ledger!.read).toBe(rowsIn);
    expect(engine!.rowsOut).toBe(engine!.ledger!.written);
    expect(Object.keys(engine!.stages)).toEqual(expect.arrayContaining(['map', 'reduce', 'emit']));
    expect(engine!.estimate!.rowsOut).toBeGreaterThan(0);
  }
  expect(report.ok).toBe(true);
  expect(report.compiled).toBe(false);
  const left = await readdir(options.folder, { recursive: true });
  expect(left.filter((file) => /parquet$|arrow$|duckdb$/.test(file))).toEqual([]);
});

test('nulls, lists and decimals agree; DuckDB reads its own file; what is kept is used again', async () => {
  const { peers } = await findPeers({ SEGMILL_PYTHON: '/nowhere/python' });
  const own = peers.filter(({ database }) => database);
  const options = optionsOf(['nulls-mv'], { rows: 5000, peers: own, keep: true });
  const report = await runBench(options);
  expect(troubles(report)).toEqual([]);
  expect(report.workloads[0]!.contests[1]).toMatchObject({ name: 'duckdb-db', wrong: [] });
  const progress: string[] = [];
  const again = await datasetFiles(options.workloads[0]!, {
    root: join(options.folder, 'data'),
    rows: 5000,
    threads: 1,
    signal: options.signal,
    progress: (line) => progress.push(line),
  });
  expect(progress).toEqual([]);
  expect(again.segments).toHaveLength(20);
  expect(existsSync(join(options.folder, 'runs', 'nulls-mv', 'segmill', 'catalog'))).toBe(true);
});

test('Parquet segments move as Arrow ones do', async () => {
  const report = await runBench(optionsOf(['rollup-low'], { rows: 5000, input: 'parquet' }));
  expect(troubles(report)).toEqual([]);
  expect(report.workloads[0]!.engine!.ledger!.read).toBe(5000);
});

/** A peer that hands its input back as its answer. */
const wrongPeer: Peer = {
  name: 'wrong',
  version: '1',
  database: false,
  run: async (job) => {
    await copyFile(job.sources[0]!, join(job.out, 'data.parquet'));
    return { seconds: 1e-6, startSeconds: 0, peakRssBytes: 1, cpuSeconds: 0 };
  },
};

test('a wrong answer fails the bench, and its time counts for nothing', async () => {
  const report = await runBench(optionsOf(['concat-sort'], { rows: 2000, peers: [wrongPeer] }));
  const [ours, wrong] = report.workloads[0]!.contests;
  expect(wrong!.wrong.join()).toContain('rows 100, expected');
  expect(ours!.wrong).toEqual([]);
  expect(ours!.timesFaster).toBeNull();
  expect(report.ok).toBe(false);
});

test('a peer that fails is reported, and tried once only', async () => {
  let tries = 0;
  const failing: Peer = {
    ...wrongPeer,
    name: 'failing',
    run: () => {
      tries++;
      return Promise.reject(new SegmillError('TASK_FAILED', 'out of memory'));
    },
  };
  const report = await runBench(optionsOf(['copy'], { rows: 2000, runs: 2, peers: [failing] }));
  expect(tries).toBe(1);
  expect(troubles(report)).toEqual([]);
  expect(report.workloads[0]!.contests[1]!.failure).toBe('out of memory');
  expect(report.workloads[0]!.contests[0]!.runs).toHaveLength(2);
  expect(report.ok).toBe(true);
});

test('a cancel while rows are made ends the bench, too', async () => {
  const options = optionsOf(['copy'], { signal: AbortSignal.abort() });
  await expect(runBench(options)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await readdir(options.folder, { recursive: true })).not.toContain('manifest.json');
});

test('a cancel ends the bench', async () => {
  const stop = new AbortController();
  const peers: Peer[] = [
    {
      ...wrongPeer,
      run: (job, options) => {
        stop.abort();
        return findPeers({}).then(({ peers: [duckDb] }) => duckDb!.run(job, options));
      },
    },
  ];
  const options = optionsOf(['copy'], { rows: 2000, peers, signal: stop.signal });
  await expect(runBench(options)).rejects.toMatchObject({ code: 'CANCELLED' });
});
