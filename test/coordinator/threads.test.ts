import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Cell } from '../../src/config/cell.ts';
import { createTaskPool } from '../../src/coordinator/pool.ts';
import type { TaskPool } from '../../src/coordinator/pool.ts';
import { executeWindow } from '../../src/coordinator/window.ts';
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

test.each(specs)(
  '$move.mergeType gives the same bytes in line and on 1, 2 and 4 threads',
  async (spec) => {
    const store = testStore();
    const job = await storeJob(store, spec, [rows(1), rows(2), rows(3)]);
    const expected = await runJob(store, job, inlinePool(1), { shardRows: 100 });
    const cells = await outputRows(store, job, expected);
    expect(expected.outputs.length).toBeGreaterThan(0);
    for (const threads of [1, 2, 4]) {
      const own = { ...job, runId: `threads-${threads}` };
      const result = await runJob(store, own, testPool(threads), { shardRows: 100 });
      expect(result.outputs.map(({ crc, rowCount }) => ({ crc, rowCount }))).toEqual(
        expected.outputs.map(({ crc, rowCount }) => ({ crc, rowCount })),
      );
      expect(result.ledger).toEqual(expected.ledger);
      expect(await outputRows(store, own, result)).toEqual(cells);
    }
  },
);

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
