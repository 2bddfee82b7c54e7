import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Cell } from '../../src/config/cell.ts';
import { createTaskPool } from '../../src/coordinator/pool.ts';
import type { TaskPool } from '../../src/coordinator/pool.ts';
import { executeWindow } from '../../src/coordinator/window.ts';
import { taskAttemptsMax } from '../../src/limits.ts';
import { openLocalStore } from '../../src/store/local.ts';
import type { Store } from '../../src/store/types.ts';
import {
  field,
  inlinePool,
  outputRows,
  runJob,
  storeJob,
  timeField,
} from '../support/window-jobs.ts';
import type { JobSpec } from '../support/window-jobs.ts';

function testStore(): Store {
  const root = mkdtempSync(join(tmpdir(), 'segmill-window-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return openLocalStore(root);
}

function testPool(threads: number): TaskPool {
  const pool = createTaskPool({ threads });
  onTestFinished(() => pool.close());
  return pool;
}

const fields = [
  field('tags', 'STRING', 'DIMENSION', { multiValue: true }),
  field('name', 'STRING', 'DIMENSION'),
  field('price', 'BIG_DECIMAL', 'METRIC'),
  field('score', 'DOUBLE', 'METRIC'),
  field('count', 'LONG', 'METRIC'),
  timeField('ts'),
];
const start = 1_600_000_000_000;

function rows(segment: number): Cell[][] {
  return Array.from({ length: 500 }, (_, i): Cell[] => [
    i % 7 === 0 ? null : [`t${i % 3}`, `t${(i * segment) % 5}`],
    i % 11 === 0 ? null : `n${(i * i + segment) % 13}`,
    `${(i * 37) % 100}.${segment}`,
    i / 3 + segment * 1e10,
    BigInt(i),
    BigInt(start + ((i * 7919 + segment) % 4000) - 100),
  ]);
}

const specs: readonly JobSpec[] = (['CONCAT', 'ROLLUP', 'DEDUP'] as const).map((mergeType) => ({
  fields,
  window: [start, start + 3500],
  offline: { sortedColumns: mergeType === 'CONCAT' ? ['name'] : [], nullHandling: true },
  move: {
    mergeType,
    roundMs: 1000,
    maxNumRecordsPerSegment: 700,
    offlineFormat: 'parquet',
    compression: 'snappy',
  },
}));

test('CONCAT, ROLLUP and DEDUP give the same bytes in line and on 1, 2 and 4 threads', async () => {
  const store = testStore();
  const jobs = await Promise.all(
    specs.map((spec, i) => storeJob(store, spec, [rows(1), rows(2), rows(3)], 'arrow', `${i}-`)),
  );
  const found: unknown[] = [];
  for (const [p, pool] of [inlinePool(1), testPool(1), testPool(2), testPool(4)].entries()) {
    for (const [i, job] of jobs.entries()) {
      const own = { ...job, runId: `run-${p}-${i}` };
      const result = await runJob(store, own, pool, { shardRows: 100 });
      const cells = await outputRows(store, own, result);
      const bytes = result.outputs.map(({ crc, rowCount }) => ({ crc, rowCount }));
      if (p === 0) found.push({ bytes, cells, ledger: result.ledger });
      else expect({ bytes, cells, ledger: result.ledger }).toEqual(found[i]);
    }
    await pool.close();
  }
  expect(found).toHaveLength(3);
});

test('a worker that dies is replaced and its task tried again, but not for ever', async () => {
  const pool = createTaskPool({ threads: 1, entries: new URL('dying-workers/', import.meta.url) });
  onTestFinished(() => pool.close());
  const options = { store: testStore(), signal: new AbortController().signal };
  const dying = (deaths: number): Promise<unknown> => {
    const input = { deaths: new Int32Array(new SharedArrayBuffer(4)).fill(deaths) };
    return pool.run('merge', input as never, options);
  };
  expect(await dying(taskAttemptsMax - 1)).toBe('alive');
  await expect(dying(taskAttemptsMax)).rejects.toMatchObject({
    code: 'WORKER_DIED',
    details: { task: 'merge' },
  });
  expect(await dying(0)).toBe('alive');
});

test('threads that cannot start fail the task by name, they do not hang it', async () => {
  const pool = createTaskPool({ threads: 2, execArgv: ['--import', './no-such-module.mjs'] });
  onTestFinished(() => pool.close());
  const options = { store: testStore(), signal: new AbortController().signal };
  for (let i = 0; i < 2; i++) {
    await expect(pool.run('merge', {} as never, options)).rejects.toMatchObject({
      code: 'WORKER_DIED',
      message: expect.stringContaining('no-such-module') as unknown,
    });
  }
});

test('an error keeps its code and details on the way out of a thread', async () => {
  const store = testStore();
  const job = await storeJob(store, specs[0]!, [rows(1)]);
  await store.remove(job.inputs[0]!.file);
  await expect(runJob(store, job, testPool(1))).rejects.toMatchObject({
    code: 'MISSING_INPUT',
    details: { segment: 's0' },
  });
});

test('a cancel stops a window that runs on threads', async () => {
  const store = testStore();
  const job = await storeJob(store, specs[1]!, [rows(1), rows(2), rows(3)]);
  const controller = new AbortController();
  const deps = { store, pool: testPool(2), signal: controller.signal, memoryCapBytes: 2 ** 30 };
  const run = executeWindow(job, {
    ...deps,
    progress: ({ stage }) => {
      if (stage === 'map') controller.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
  const again = await runJob(store, { ...job, runId: 'again' }, deps.pool);
  expect(again.ledger.read).toBe(1500);
});
