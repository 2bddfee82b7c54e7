// The engine against the naive move, and against itself: random schemas, rows, windows and configs give the rows of the
// naive move whatever the size of shards, and the same bytes for any number of workers and any order of completion.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createTaskPool } from '../../src/coordinator/pool.ts';
import type { TaskPool } from '../../src/coordinator/pool.ts';
import { isSegmillError } from '../../src/errors.ts';
import { sampleRowsOfSegmentMax } from '../../src/limits.ts';
import { openLocalStore } from '../../src/store/local.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/types.ts';
import type { WindowJob, WindowResult } from '../../src/tasks/types.ts';
import { naiveMove, NaiveOverflow } from '../support/naive-move.ts';
import type { NaiveResult } from '../support/naive-move.ts';
import { enlarged, randomCases, storeCase } from '../support/random-cases.ts';
import type { RandomCase } from '../support/random-cases.ts';
import { shuffledPool } from '../support/shuffled-pool.ts';
import { inlinePool, outputRows, runJob } from '../support/window-jobs.ts';

const runsMax = Number(process.env['SEGMILL_RUNS'] ?? 200);

function expected(run: () => NaiveResult): NaiveResult | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof NaiveOverflow) return null;
    throw error;
  }
}

interface Way {
  readonly pool: TaskPool;
  readonly shardRows: number;
}

let runs = 0;

interface Finished {
  readonly result: WindowResult;
  readonly job: WindowJob;
}

async function finish(store: Store, job: WindowJob, way: Way): Promise<Finished | string> {
  const own = { ...job, runId: `run-${++runs}` };
  try {
    return { result: await runJob(store, own, way.pool, { shardRows: way.shardRows }), job: own };
  } catch (error) {
    if (isSegmillError(error)) return error.code;
    throw error;
  }
}

/** What a run leaves behind: ledger and outputs with the bytes of their files; or the code of its error. */
async function traceOf(store: Store, finished: Finished | string): Promise<unknown> {
  if (typeof finished === 'string') return finished;
  const { ledger, outputs } = finished.result;
  const files = await Promise.all(outputs.map(({ file }) => store.read(file)));
  return {
    ledger,
    outputs: outputs.map((output) => ({ ...output, file: null })),
    bytes: files.map((file) => Buffer.from(file).toString('base64')),
  };
}

async function checkRows(
  store: Store,
  finished: Finished | string,
  naive: NaiveResult | null,
): Promise<void> {
  if (naive === null || typeof finished === 'string') {
    expect([naive, finished]).toEqual([null, 'SUM_OVERFLOW']);
    return;
  }
  const { job, result } = finished;
  const found = await outputRows(store, job, result);
  const rows = naive.outputs.map((output) => output.rows);
  // Where bytes cut, only the order of the rows is the naive move's.
  if (job.move.desiredSegmentBytes === null) expect(found).toEqual(rows);
  else expect(found.flat()).toEqual(rows.flat());
  const { read, outsideWindow, written, mergedAway } = result.ledger;
  expect(outsideWindow).toBe(naive.outside);
  expect(read).toBe(outsideWindow + mergedAway + written);
}

/** Each size of shards gives the naive rows; for one size, workers and the order of completion change no byte. */
async function checkCase(drawn: RandomCase, sizes: readonly number[], seed: number): Promise<void> {
  const store = new MemoryStore();
  const job = await storeCase(store, drawn);
  const naive = expected(() => naiveMove(job, drawn.segments));
  for (const [i, shardRows] of sizes.entries()) {
    const one = await finish(store, job, { pool: inlinePool(1), shardRows });
    await checkRows(store, one, naive);
    const pool = shuffledPool((seed + i) % 2 === 0 ? 2 : 4, seed + i);
    const other = await finish(store, job, { pool, shardRows });
    expect(await traceOf(store, other)).toEqual(await traceOf(store, one));
  }
}

test('design 5.1 and design 5.6 the engine gives the rows of the naive move, and the same bytes however it is spread', async () => {
  await fc.assert(
    fc.asyncProperty(randomCases, fc.constantFrom(1, 4, 100), fc.nat(), (drawn, shardRows, seed) =>
      checkCase(drawn, [65_536, shardRows], seed),
    ),
    { numRuns: runsMax },
  );
});

test('design 5.6 segments of more rows than are sampled give the rows of the naive move, and the same bytes', async () => {
  const rowCount = sampleRowsOfSegmentMax + 1000;
  await fc.assert(
    fc.asyncProperty(randomCases, fc.nat(), (drawn, seed) =>
      checkCase(enlarged(drawn, rowCount, seed), [700], seed),
    ),
    { numRuns: Math.ceil(runsMax / 25), endOnFailure: true },
  );
});

/** Thousands of small files were written durably, so that they go slowly. */
const removalMsMax = 60_000;

test('design 5.6 real threads, 1, 2 and 4 of them, write the bytes that one thread in line writes', async () => {
  const root = mkdtempSync(join(tmpdir(), 'segmill-oracle-'));
  const pools = [1, 2, 4].map((threads) => createTaskPool({ threads }));
  onTestFinished(async () => {
    await Promise.all(pools.map((pool) => pool.close()));
    rmSync(root, { recursive: true });
  }, removalMsMax);
  const store = openLocalStore(root);
  let cases = 0;
  await fc.assert(
    fc.asyncProperty(randomCases, fc.constantFrom(1, 4, 65_536), async (drawn, shardRows) => {
      const job = await storeCase(store, drawn, `c${++cases}-`);
      const one = await finish(store, job, { pool: inlinePool(1), shardRows });
      const trace = await traceOf(store, one);
      for (const pool of pools) {
        const found = await finish(store, job, { pool, shardRows });
        expect(await traceOf(store, found)).toEqual(trace);
      }
    }),
    { numRuns: Math.ceil(runsMax / 20) },
  );
});
