// What a window does with inputs that are not as they should be, and how it accounts for them.
import { expect, test } from 'vitest';
import type { Cell } from '../../src/config/cell.ts';
import { createMemoryBudget } from '../../src/coordinator/budget.ts';
import { cutByBytes } from '../../src/coordinator/byte-cuts.ts';
import { inLanes } from '../../src/coordinator/lanes.ts';
import type { TaskPool } from '../../src/coordinator/pool.ts';
import { executeWindow } from '../../src/coordinator/window.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import {
  field,
  inlinePool,
  moveRows,
  outputRows,
  runJob,
  schemaOf,
  storeJob,
  timeField,
} from '../support/window-jobs.ts';

const fields = [field('k', 'STRING', 'DIMENSION'), field('n', 'INT', 'METRIC'), timeField('ts')];
const window = [1000, 2000] as const;
const rows: Cell[][] = [
  ['a', 1, 999n],
  ['b', 2, 1000n],
  [null, null, 1999n],
  ['d', 4, 2000n],
];

test('windowEnd - 1 is taken, windowEnd is not; the ledger and the rows taken say so', async () => {
  const { outputs, result } = await moveRows({ fields, window }, [rows, rows]);
  expect(outputs[0]!.map(([, , ts]) => ts)).toEqual([1000n, 1999n, 1000n, 1999n]);
  expect(result.ledger).toMatchObject({ read: 8, outsideWindow: 4, written: 4 });
  expect(result.inputs.map(({ name, taken, rowCount }) => [name, taken, rowCount])).toEqual([
    ['s0', 2, 4],
    ['s1', 2, 4],
  ]);
});

test('design 5.4 windows at and before the epoch filter and floor', async () => {
  const early: Cell[][] = [-2001n, -2000n, -1n, 0n, 5n].map((ts) => ['a', 1, ts]);
  const { outputs } = await moveRows({ fields, window: [-2000, 0], move: { roundMs: 1000 } }, [
    early,
  ]);
  expect(outputs[0]!.map(([, , ts]) => ts)).toEqual([-2000n, -1000n]);
});

test('a segment wholly outside by its stored times is not opened', async () => {
  const store = new MemoryStore();
  const job = await storeJob(store, { fields, window }, [rows, rows]);
  const [first, second] = job.inputs;
  await store.remove(first!.file);
  const inputs = [{ ...first!, minTimeMs: 0, maxTimeMs: 999 }, second!];
  const result = await runJob(store, { ...job, inputs });
  expect(result.ledger).toMatchObject({ read: 8, outsideWindow: 6, written: 2 });
  expect(result.inputs[0]!.taken).toBe(0);
});

test('a missing file and a damaged one are named', async () => {
  const store = new MemoryStore();
  const job = await storeJob(store, { fields, window }, [rows, rows]);
  const wrong = job.inputs.map((input, i) => (i === 1 ? { ...input, crc: input.crc ^ 1 } : input));
  await expect(runJob(store, { ...job, inputs: wrong })).rejects.toMatchObject({
    code: 'SEGMENT_CORRUPT',
    details: { segment: 's1' },
  });
  const short = job.inputs.map((input) => ({ ...input, rowCount: 5 }));
  await expect(runJob(store, { ...job, inputs: short })).rejects.toMatchObject({
    code: 'SEGMENT_CORRUPT',
  });
  await store.remove(job.inputs[0]!.file);
  await expect(runJob(store, job)).rejects.toMatchObject({
    code: 'MISSING_INPUT',
    details: { segment: 's0' },
  });
});

test('a column that older segments lack reads as its default, flagged null', async () => {
  const store = new MemoryStore();
  const job = await storeJob(store, { fields, window, offline: { nullHandling: true } }, [rows]);
  const added = [
    field('tags', 'STRING', 'DIMENSION', { multiValue: true }),
    field('price', 'DOUBLE', 'METRIC'),
    field('label', 'STRING', 'DIMENSION', { defaultValue: 'none' }),
  ];
  const wide = { ...job, schema: schemaOf([...fields, ...added]) };
  const flagged = await runJob(store, wide);
  expect((await outputRows(store, wide, flagged))[0]![0]).toEqual([
    'b',
    2,
    1000n,
    null,
    null,
    null,
  ]);
  const plain = { ...wide, runId: 'plain', offline: { ...wide.offline, nullHandling: false } };
  const stored = await runJob(store, plain);
  expect((await outputRows(store, plain, stored))[0]![0]).toEqual([
    'b',
    2,
    1000n,
    ['null'],
    0,
    'none',
  ]);
});

test('a column of another type is converted, or named with segment and value', async () => {
  const store = new MemoryStore();
  const job = await storeJob(store, { fields, window }, [rows]);
  const longer = schemaOf([fields[0]!, field('n', 'LONG', 'METRIC'), fields[2]!]);
  const wide = { ...job, schema: longer };
  expect((await outputRows(store, wide, await runJob(store, wide)))[0]![0]).toEqual([
    'b',
    2n,
    1000n,
  ]);
  const numbers = schemaOf([field('k', 'INT', 'DIMENSION'), fields[1]!, fields[2]!]);
  await expect(runJob(store, { ...job, runId: 'drift', schema: numbers })).rejects.toMatchObject({
    code: 'COLUMN_TYPE_CHANGED',
    details: { segment: 's0', column: 'k' },
  });
});

test('X-16 rows that the filter drops are counted, but not those outside the window', async () => {
  const { result, outputs } = await moveRows(
    { fields, window, offline: { filterFunction: "strcmp(k, 'b') = 0" } },
    [rows, [...rows, ...rows]],
  );
  expect(result.ledger).toMatchObject({
    filtered: result.ledger.read / 4,
    outsideWindow: result.ledger.read / 2,
  });
  expect(outputs.flat().map(([k]) => k)).not.toContain('b');
});

test('X-24 a value that is no time is rejected under continueOnError, and fails the window without', async () => {
  const dated = timeField(
    'ts',
    { kind: 'SIMPLE_DATE_FORMAT', pattern: 'yyyyMMdd', zone: 'UTC' },
    'STRING',
  );
  const own: Cell[][] = [
    ['a', 1, '20200101'],
    ['b', 2, 'not a day'],
    ['c', 3, '20200102'],
  ];
  const day = Date.UTC(2020, 0, 1);
  const spec = {
    fields: [fields[0]!, fields[1]!, dated],
    window: [day, day + 86_400_000],
  } as const;
  await expect(moveRows(spec, [own])).rejects.toMatchObject({
    code: 'VALUE_INVALID',
    details: { segment: 's0', row: 1, column: 'ts' },
  });
  const { result, outputs, store } = await moveRows(
    { ...spec, offline: { continueOnError: true } },
    [own],
  );
  expect(outputs[0]!.map(([k]) => k)).toEqual(['a']);
  expect(result.ledger).toMatchObject({ read: 3, outsideWindow: 1, rejected: 1, written: 1 });
  const text = new TextDecoder().decode(await store.read(result.rejectFile!));
  expect(JSON.parse(text)).toMatchObject({
    segment: 's0',
    row: 1,
    reason: expect.stringContaining('not a day'),
  });
});

test('P-7 a value that Modulo cannot take is named', async () => {
  const partitionColumns = [
    {
      column: 'k',
      functionName: 'Modulo',
      numPartitions: 2,
      functionConfig: {},
      normalizer: null,
    } as const,
  ];
  await expect(
    moveRows({ fields, window, offline: { partitionColumns } }, [rows]),
  ).rejects.toMatchObject({
    code: 'VALUE_INVALID',
    details: { column: 'k', value: 'b' },
  });
});

test('design 5.13 outputs by bytes come within a tenth of the target', async () => {
  const many = Array.from({ length: 20_000 }, (_, i): Cell[] => [
    `key-${i % 977}`,
    i,
    BigInt(1000 + (i % 1000)),
  ]);
  const spec = { fields, window, move: { desiredSegmentBytes: 100_000 } } as const;
  const { result } = await moveRows(spec, [many]);
  const sizes = result.outputs.map(({ byteLength }) => byteLength);
  expect(sizes.length).toBeGreaterThan(2);
  for (const size of sizes.slice(0, -1)) expect(Math.abs(size / 100_000 - 1)).toBeLessThan(0.1);
  const even = await moveRows({ ...spec, move: { ...spec.move, evenSplit: true } }, [many]);
  const evenSizes = even.result.outputs.map(({ byteLength }) => byteLength);
  expect(Math.max(...evenSizes)).toBeLessThanOrEqual(110_000);
  expect(Math.max(...evenSizes) / Math.min(...evenSizes)).toBeLessThan(1.05);
});

test('pieces by bytes also keep the limit of rows, and one row is the least', async () => {
  const measure = ({ start, end }: { start: number; end: number }): Promise<number> =>
    Promise.resolve(10 * (end - start));
  const rule = { rowsMax: 4, desiredBytes: 1000, evenSplit: false };
  const cut = await cutByBytes(10, rule, measure);
  expect(cut.map(({ start, end }) => end - start)).toEqual([4, 4, 2]);
  const narrow = await cutByBytes(3, { rowsMax: 100, desiredBytes: 5, evenSplit: false }, measure);
  expect(narrow.map(({ start, end }) => end - start)).toEqual([1, 1, 1]);
  expect(await cutByBytes(0, rule, measure)).toEqual([]);
});

test('a cancel is noticed between two tasks', async () => {
  const store = new MemoryStore();
  const job = await storeJob(store, { fields, window }, [rows, rows]);
  const controller = new AbortController();
  const seen: string[] = [];
  const run = executeWindow(job, {
    store,
    pool: inlinePool(1),
    signal: controller.signal,
    memoryCapBytes: 1e9,
    progress: ({ stage }) => {
      seen.push(stage);
      controller.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(seen).not.toContain('emit');
});

test('temporary files beyond their cap fail the window', async () => {
  const store = new MemoryStore();
  const job = await storeJob(store, { fields, window }, [rows]);
  await expect(runJob(store, job, inlinePool(), { tempDiskBytes: 10 })).rejects.toMatchObject({
    code: 'TEMP_DISK_CAP',
  });
});

test('any order of completion gives the same bytes', async () => {
  const many = (s: number): Cell[][] =>
    Array.from({ length: 300 }, (_, i): Cell[] => [
      `k${(i * 7 + s) % 50}`,
      i,
      BigInt(1000 + ((i * 31) % 1000)),
    ]);
  const spec = {
    fields,
    window,
    offline: { sortedColumns: ['k'] },
    move: { maxNumRecordsPerSegment: 100 },
  } as const;
  const store = new MemoryStore();
  const job = await storeJob(store, spec, [many(1), many(2), many(3), many(4)]);
  const inline = inlinePool(4);
  // Later tasks overtake earlier ones.
  const overtaking: TaskPool = {
    ...inline,
    async run(task, input, options) {
      const output = await inline.run(task, input, options);
      for (let turn = Math.floor(Math.random() * 6); turn > 0; turn--)
        await new Promise((done) => setImmediate(done));
      return output;
    },
  };
  const expected = await runJob(store, job, inline, { shardRows: 20 });
  const found = await runJob(store, { ...job, runId: 'other' }, overtaking, { shardRows: 20 });
  expect(found.outputs.map(({ crc }) => crc)).toEqual(expected.outputs.map(({ crc }) => crc));
});

test('the budget counts by owner and keeps its peak', () => {
  const budget = createMemoryBudget(100);
  budget.reserve('runs', 60);
  budget.reserve('output', 30);
  expect(() => budget.reserve('runs', 11)).toThrow(/at least 101 bytes, the memory cap is 100/);
  budget.release('runs');
  expect([budget.usedBytes, budget.peakBytes]).toEqual([30, 90]);
});

test('lanes bound what runs at once and throw the earliest failure', async () => {
  let running = 0;
  let most = 0;
  const doubled = await inLanes(2, [1, 2, 3, 4], async (item) => {
    most = Math.max(most, ++running);
    await new Promise((done) => setImmediate(done));
    running--;
    return item * 2;
  });
  expect(doubled).toEqual([2, 4, 6, 8]);
  expect(most).toBe(2);
  const failing = inLanes(2, [3, 1, 0], async (turns) => {
    for (let i = 0; i < turns; i++) await new Promise((done) => setImmediate(done));
    throw new Error(`item ${turns}`);
  });
  await expect(failing).rejects.toThrow('item 3');
});
