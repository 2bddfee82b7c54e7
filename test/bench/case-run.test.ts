import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCase } from '../../src/bench/case-run.ts';
import type { CaseSpec } from '../../src/bench/case-run.ts';
import { benchNowMs, prepareDirectory, warmTable } from '../../src/bench/data-directory.ts';
import { datasetFiles } from '../../src/bench/dataset-files.ts';
import { windowEndMs, windowStartMs } from '../../src/bench/datasets.ts';
import { tableName, workloadsOf } from '../../src/bench/workloads.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { scratchFolder } from './scratch.ts';

/** A data directory just before the move. */
async function directoryOf(name: string): Promise<CaseSpec> {
  const [workload] = workloadsOf([name]);
  const folder = scratchFolder();
  const files = await datasetFiles(workload!, {
    root: join(folder, 'data'),
    rows: 2000,
    threads: 1,
    signal: new AbortController().signal,
    progress: () => {},
  });
  const dataDir = join(folder, 'run');
  await prepareDirectory(workload!, files, { dataDir, workers: 1, input: 'arrow' });
  const table = tableName(workload!);
  return { dataDir, table, warmTable, workers: 1, memoryBytes: 2 ** 30, nowMs: benchNowMs };
}

test('the directory is as ingestion leaves it: one window due, nothing else, nothing amiss', async () => {
  const { dataDir, table } = await directoryOf('rollup-high');
  const engine = await openEngine({ dataDir, now: () => benchNowMs, workers: 1 });
  try {
    const { windows } = await engine.plan(table, 'all');
    expect(windows).toMatchObject([{ startMs: windowStartMs, endMs: windowEndMs, rowsIn: 2000 }]);
    expect(windows[0]!.segments).toHaveLength(20);
    expect((await engine.verify(table)).findings).toEqual([]);
  } finally {
    await engine.close();
  }
});

test('a window that is held is no result', async () => {
  const spec = await directoryOf('copy');
  await expect(runCase({ ...spec, nowMs: windowStartMs })).rejects.toThrow(
    /table warm was not moved: BUFFER/,
  );
});

test('a window that fails is no result', async () => {
  const spec = await directoryOf('copy');
  await expect(runCase({ ...spec, table: warmTable })).rejects.toThrow(/table warm was not moved/);
});
