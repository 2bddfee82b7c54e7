import { expect, test } from 'vitest';
import type { Cell } from '../../src/config/cell.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { dayMs, field, moveRows, runJob, storeJob, timeField } from '../support/window-jobs.ts';

const fields = [field('d1', 'STRING', 'DIMENSION'), field('m1', 'INT', 'METRIC'), timeField('ts')];
const base = 1600468000000;
const names = ['foo', 'bar', 'foo', 'foo', 'bar'];
const segment = names.map((d1, j) => [d1, j, BigInt(base + j * 28_800_000)]);
const segments = Array.from({ length: 10 }, () => segment);
const window = [1600473600000, 1600560000000] as const;

test('E-9 CONCAT of ten segments: one output of 30 rows with three times', async () => {
  const { result, outputs } = await moveRows({ fields, window }, segments);
  expect(outputs.map((rows) => rows.length)).toEqual([30]);
  expect(new Set(outputs[0]!.map((row) => row[2])).size).toBe(3);
  expect(result.ledger).toEqual({
    read: 50,
    outsideWindow: 20,
    filtered: 0,
    rejected: 0,
    mergedAway: 0,
    written: 30,
  });
});

test('E-10 ROLLUP sums metrics of equal keys', async () => {
  const { outputs, result } = await moveRows(
    { fields, window, move: { mergeType: 'ROLLUP' } },
    segments,
  );
  expect(outputs[0]).toHaveLength(3);
  expect(result.ledger.mergedAway).toBe(27);
});

test('E-10 ROLLUP with rounding to a day, SUM and MAX', async () => {
  const spec = { fields, window, move: { mergeType: 'ROLLUP', roundMs: dayMs } } as const;
  const summed = await moveRows(spec, segments);
  const day = 1600473600000n;
  expect(summed.outputs).toEqual([
    [
      ['bar', 10, day],
      ['foo', 50, day],
    ],
  ]);
  const greatest = await moveRows(
    { ...spec, move: { ...spec.move, aggregations: { m1: 'MAX' } } },
    segments,
  );
  expect(greatest.outputs).toEqual([
    [
      ['bar', 1, day],
      ['foo', 3, day],
    ],
  ]);
});

test('E-11 partitions by a metric: even and odd rows in segments of their own', async () => {
  const { result, outputs } = await moveRows(
    {
      fields,
      window: [1600468000000, 1600617600000],
      offline: {
        partitionColumns: [
          {
            column: 'm1',
            functionName: 'Modulo',
            numPartitions: 2,
            functionConfig: {},
            normalizer: null,
          },
        ],
      },
    },
    segments,
  );
  expect(outputs.map((rows) => rows.length)).toEqual([30, 20]);
  expect(result.outputs.map(({ partitions }) => partitions?.['m1']?.ids)).toEqual([[0], [1]]);
  expect(new Set(outputs[0]!.map((row) => row[1]))).toEqual(new Set([0, 2, 4]));
});

test('E-12 a sorted column under ROLLUP is flagged sorted', async () => {
  const { result, outputs } = await moveRows(
    { fields, window, move: { mergeType: 'ROLLUP' }, offline: { sortedColumns: ['d1'] } },
    segments,
  );
  expect(outputs[0]).toHaveLength(3);
  expect(result.outputs[0]!.columns.find(({ name }) => name === 'd1')?.sorted).toBe(true);
});

test('E-13 hours since the epoch', async () => {
  const hours = timeField('ts', { kind: 'EPOCH', unit: 'HOURS', size: 1 });
  const rows = names.map((d1, j) => [
    d1,
    j,
    BigInt(Math.floor((base + j * 28_800_000) / 3_600_000)),
  ]);
  const { outputs, result } = await moveRows(
    { fields: [fields[0]!, fields[1]!, hours], window, move: { mergeType: 'ROLLUP' } },
    segments.map(() => rows),
  );
  expect(outputs[0]).toHaveLength(3);
  for (const [, , ts] of outputs[0]!) {
    expect(ts).toBeGreaterThanOrEqual(444576n);
    expect(ts).toBeLessThan(444600n);
  }
  expect(result.outputs[0]!.minTimeMs! % 3_600_000).toBe(0);
  expect(result.outputs[0]!.minTimeValue).toMatch(/^4445\d\d$/);
});

test('E-13 a date format yyyyMMddHH', async () => {
  const text = timeField(
    'ts',
    { kind: 'SIMPLE_DATE_FORMAT', pattern: 'yyyyMMddHH', zone: 'UTC' },
    'STRING',
  );
  const rows = names.map((d1, j) => [
    d1,
    j,
    new Date(base + j * 28_800_000).toISOString().replaceAll(/[-T]/g, '').slice(0, 10),
  ]);
  const { outputs } = await moveRows(
    { fields: [fields[0]!, fields[1]!, text], window, move: { mergeType: 'ROLLUP' } },
    segments.map(() => rows),
  );
  expect(outputs[0]).toHaveLength(3);
  for (const [, , ts] of outputs[0]!) {
    expect(Number(ts)).toBeGreaterThanOrEqual(2020091900);
    expect(Number(ts)).toBeLessThan(2020092000);
  }
});

function pair(sum: number, count: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setFloat64(0, sum);
  view.setBigInt64(8, count);
  return new Uint8Array(view.buffer);
}

test('E-14 R-10 AVG pairs of one group are added, empty ones skipped', async () => {
  const own = [field('k', 'STRING', 'DIMENSION'), field('avg', 'BYTES', 'METRIC'), timeField('ts')];
  const at = 1600473600000n;
  const { outputs } = await moveRows(
    { fields: own, window, move: { mergeType: 'ROLLUP', aggregations: { avg: 'AVG' } } },
    [
      [
        ['a', pair(55, 10n), at],
        ['b', new Uint8Array(0), at],
        ['c', Uint8Array.of(1), at],
        ['d', new Uint8Array(0), at],
      ],
      [
        ['a', pair(14950, 100n), at],
        ['b', new Uint8Array(0), at],
        ['d', pair(1, 2n), at],
      ],
    ],
  );
  expect(outputs[0]!.map(([key, value]) => [key, value])).toEqual([
    ['a', pair(15005, 110n)],
    ['b', pair(0, 0n)],
    ['c', Uint8Array.of(1)],
    ['d', pair(1, 2n)],
  ]);
});

// Section 8.3: ten rows of campaign, clicks and time.
const campaignFields = [
  field('campaign', 'STRING', 'DIMENSION', { defaultValue: '' }),
  field('clicks', 'INT', 'METRIC', { defaultValue: 1000 }),
  timeField('ts'),
];
const campaignRows: Cell[][] = [
  ['abc', 1000, 1597719600000n],
  [null, 2000, 1597773600000n],
  ['abc', null, 1597777200000n],
  ['abc', 4000, 1597795200000n],
  ['abc', 3000, 1597802400000n],
  [null, null, 1597838400000n],
  ['xyz', 4000, 1597856400000n],
  [null, 1000, 1597878000000n],
  ['abc', 7000, 1597881600000n],
  ['xyz', 6000, 1597892400000n],
];
const always = [1, 2 ** 50] as const;

test('E-15 defaults: one output with all rows, also from several segments', async () => {
  for (const parts of [
    [campaignRows],
    [campaignRows.slice(0, 3), campaignRows.slice(3, 4), campaignRows.slice(4)],
  ]) {
    const { result, outputs } = await moveRows({ fields: campaignFields, window: always }, parts);
    expect(outputs.map((rows) => rows.length)).toEqual([10]);
    const { minTimeMs, maxTimeMs, minTimeValue, maxTimeValue } = result.outputs[0]!;
    expect([minTimeMs, maxTimeMs]).toEqual([1597719600000, 1597892400000]);
    expect([minTimeValue, maxTimeValue]).toEqual(['1597719600000', '1597892400000']);
    expect(outputs[0]![2]).toEqual(['abc', 1000, 1597777200000n]);
  }
});

test('E-16 split by rows', async () => {
  const { result } = await moveRows(
    { fields: campaignFields, window: always, move: { maxNumRecordsPerSegment: 4 } },
    [campaignRows],
  );
  expect(
    result.outputs.map(({ rowCount, minTimeMs, maxTimeMs }) => [rowCount, minTimeMs, maxTimeMs]),
  ).toEqual([
    [4, 1597719600000, 1597795200000],
    [4, 1597802400000, 1597878000000],
    [2, 1597881600000, 1597892400000],
  ]);
});

test('E-17 X-27 the filter takes its start, leaves its end, and can be negated', async () => {
  const own = [1597795200000, 1597881600000] as const;
  const inside = await moveRows({ fields: campaignFields, window: own }, [campaignRows]);
  expect(inside.outputs[0]!.map((row) => row[2])).toEqual(
    campaignRows.slice(3, 8).map((row) => row[2]),
  );
  const outside = await moveRows(
    { fields: campaignFields, window: own, move: { negateWindowFilter: true } },
    [campaignRows],
  );
  expect(outside.outputs[0]!.map((row) => row[2])).toEqual(
    [...campaignRows.slice(0, 3), ...campaignRows.slice(8)].map((row) => row[2]),
  );
  const none = await moveRows({ fields: campaignFields, window: [1597968000000, 1598054400000] }, [
    campaignRows,
  ]);
  expect(none.result.outputs).toEqual([]);
  expect(none.result.ledger).toMatchObject({ read: 10, outsideWindow: 10, written: 0 });
});

test('E-18 rounding, and partitions by time', async () => {
  const rounded = await moveRows(
    { fields: campaignFields, window: always, move: { roundMs: dayMs } },
    [campaignRows],
  );
  expect([...new Set(rounded.outputs[0]!.map((row) => row[2]))]).toHaveLength(3);
  expect(rounded.result.outputs[0]).toMatchObject({
    minTimeMs: 1597708800000,
    maxTimeMs: 1597881600000,
  });
  const { result } = await moveRows(
    { fields: campaignFields, window: always, move: { partitionBucketMs: dayMs } },
    [campaignRows],
  );
  expect(
    result.outputs.map(({ rowCount, sequence, timePartition }) => [
      rowCount,
      sequence,
      timePartition,
    ]),
  ).toEqual([
    [3, 0, '18492'],
    [5, 1, '18493'],
    [2, 2, '18494'],
  ]);
});

const dailyRollup = { mergeType: 'ROLLUP', roundMs: dayMs, partitionBucketMs: dayMs } as const;

test('E-19 ROLLUP with nulls kept and not kept', async () => {
  const kept = await moveRows(
    {
      fields: campaignFields,
      window: [1597708800000, 1597881600000],
      offline: { nullHandling: true },
      move: { ...dailyRollup, semantics: 'pinot' },
    },
    [campaignRows],
  );
  const [day1, day2] = [1597708800000n, 1597795200000n];
  expect(kept.outputs).toEqual([
    [
      [null, 2000, day1],
      ['abc', 1000, day1],
    ],
    [
      [null, 1000, day2],
      ['abc', 7000, day2],
      ['xyz', 4000, day2],
    ],
  ]);
  const plain = await moveRows({ fields: campaignFields, window: always, move: dailyRollup }, [
    campaignRows,
  ]);
  expect(plain.outputs.map((rows) => rows.length)).toEqual([2, 3, 2]);
});

test('E-20 DEDUP without null flags: a null and its default are one', async () => {
  const { outputs, result } = await moveRows(
    { fields: campaignFields, window: always, move: { mergeType: 'DEDUP', roundMs: dayMs } },
    [campaignRows],
  );
  expect(outputs.map((rows) => rows.length)).toEqual([8]);
  expect(result.outputs[0]).toMatchObject({ minTimeMs: 1597708800000, maxTimeMs: 1597881600000 });
  expect(result.ledger.mergedAway).toBe(2);
});

test('R-2 DEDUP with null flags: exact keeps a null beside its default, pinot keeps the first row', async () => {
  const spec = { fields: campaignFields, window: always, offline: { nullHandling: true } } as const;
  const rows: Cell[][] = [
    [null, 1, 1597719600000n],
    ['', 1, 1597719600000n],
    [null, 1, 1597719600000n],
  ];
  const exact = await moveRows({ ...spec, move: { mergeType: 'DEDUP' } }, [rows]);
  expect(exact.outputs[0]!.map(([campaign]) => campaign)).toEqual(['', null]);
  const pinot = await moveRows({ ...spec, move: { mergeType: 'DEDUP', semantics: 'pinot' } }, [
    rows,
  ]);
  expect(pinot.outputs[0]!.map(([campaign]) => campaign)).toEqual([null]);
});

test('E-21 O-7 multi-value keys: shorter lists first, then element by element', async () => {
  const own = [field('n', 'INT', 'DIMENSION', { multiValue: true }), timeField('ts')];
  const sorted = [[0], [1], [2], [0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1], [0, 1, 2]];
  const rows: Cell[][] = [...sorted, ...sorted].toReversed().map((list) => [list, 1597719600000n]);
  for (const mergeType of ['ROLLUP', 'DEDUP'] as const) {
    const { outputs } = await moveRows({ fields: own, window: always, move: { mergeType } }, [
      rows,
    ]);
    expect(outputs[0]!.map(([list]) => list)).toEqual(sorted);
  }
});

test('E-25 R-16 FIRSTWITHTIME and LASTWITHTIME go by the un-rounded time', async () => {
  const own = [
    field('k', 'STRING', 'DIMENSION'),
    field('first', 'INT', 'METRIC'),
    field('last', 'INT', 'METRIC'),
    timeField('ts'),
  ];
  const day = 1597708800000;
  const row = (k: string, offset: number, value: number): Cell[] => [
    k,
    value,
    value,
    BigInt(day + offset),
  ];
  const rows = [
    row('abc', 2000, 10),
    row('abc', 1000, 20),
    row('abc', 3000, 30),
    row('xyz', 7, 5),
    row('abc', dayMs + 10, 100),
    row('abc', dayMs + 5, 50),
  ];
  const { outputs } = await moveRows(
    {
      fields: own,
      window: always,
      move: { ...dailyRollup, aggregations: { first: 'FIRSTWITHTIME', last: 'LASTWITHTIME' } },
    },
    [rows.slice(0, 2), rows.slice(2)],
  );
  expect(outputs).toEqual([
    [
      ['abc', 20, 30, BigInt(day)],
      ['xyz', 5, 5, BigInt(day)],
    ],
    [['abc', 50, 100, BigInt(day + dayMs)]],
  ]);
});

test('R-9 a SUM that overflows names column, key and setting; pinot wraps', async () => {
  const rows: Cell[][] = [
    ['abc', 2147483647, 1597719600000n],
    ['abc', 1, 1597719600000n],
  ];
  const spec = { fields: campaignFields, window: always, move: { mergeType: 'ROLLUP' } } as const;
  await expect(moveRows(spec, [rows])).rejects.toMatchObject({
    code: 'SUM_OVERFLOW',
    message: expect.stringMatching(/clicks.*campaign=abc, ts=1597719600000.*segmill\.semantics/),
  });
  const wrapped = await moveRows({ ...spec, move: { ...spec.move, semantics: 'pinot' } }, [rows]);
  expect(wrapped.outputs[0]![0]![1]).toBe(-2147483648);
});

test('R-8 a metric that cannot be added fails only when two rows of a group meet', async () => {
  const own = [field('k', 'STRING', 'DIMENSION'), field('m', 'STRING', 'METRIC'), timeField('ts')];
  const spec = { fields: own, window: always, move: { mergeType: 'ROLLUP' } } as const;
  const one: Cell[][] = [
    ['a', 'x', 1597719600000n],
    ['b', 'y', 1597719600000n],
  ];
  const { outputs } = await moveRows(spec, [one]);
  expect(outputs[0]!.map((row) => row[1])).toEqual(['x', 'y']);
  await expect(moveRows(spec, [one, one])).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('Unsupported metric type for SUM aggregator : STRING'),
  });
});

test('O-6 sorted columns that cannot be sorted by', async () => {
  const spec = { fields: campaignFields, window: always } as const;
  const sortedBy = (name: string, mergeType: 'CONCAT' | 'ROLLUP' = 'CONCAT'): Promise<unknown> =>
    moveRows({ ...spec, offline: { sortedColumns: [name] }, move: { mergeType } }, [campaignRows]);
  await expect(sortedBy('nope')).rejects.toThrow('Failed to find sort column: nope');
  await expect(sortedBy('clicks', 'ROLLUP')).rejects.toThrow(
    'For ROLLUP, cannot sort on metric column: clicks',
  );
  const many = [field('tags', 'STRING', 'DIMENSION', { multiValue: true }), timeField('ts')];
  await expect(
    moveRows({ fields: many, window: always, offline: { sortedColumns: ['tags'] } }, [
      [[['a'], 1n]],
    ]),
  ).rejects.toThrow('Cannot sort on MV column: tags');
});

test('O-16 fixedSegmentName with several outputs fails before anything is written', async () => {
  const store = new MemoryStore();
  const move = { fixedSegmentName: 'one', maxNumRecordsPerSegment: 4 };
  const job = await storeJob(store, { fields: campaignFields, window: always, move }, [
    campaignRows,
  ]);
  await expect(runJob(store, job)).rejects.toMatchObject({ code: 'FIXED_NAME_SEVERAL_OUTPUTS' });
  expect(await store.list('tmp')).toEqual([]);
});

test('X-36 times outside 1971..2071 are refused, or replaced under continueOnError', async () => {
  const rows: Cell[][] = [['a', 1, 5n]];
  const spec = { fields: campaignFields, window: always } as const;
  await expect(
    moveRows({ ...spec, offline: { segmentTimeValueCheck: true } }, [rows]),
  ).rejects.toMatchObject({ code: 'SEGMENT_TIME_INVALID' });
  const { result, job } = await moveRows(
    { ...spec, offline: { segmentTimeValueCheck: true, continueOnError: true } },
    [rows],
  );
  expect(result.outputs[0]).toMatchObject({
    minTimeMs: Date.UTC(1971, 0, 1),
    maxTimeMs: job.nowMs,
  });
});

test.each(['CONCAT', 'ROLLUP', 'DEDUP'] as const)(
  'a %s window within the memory cap is moved, at one byte less it fails',
  async (mergeType) => {
    const spec = { fields, window, move: { mergeType } };
    const { result } = await moveRows(spec, segments);
    const { peakBytes } = result.memory;
    const store = new MemoryStore();
    const job = await storeJob(store, spec, segments);
    const fit = await runJob(store, job, undefined, { memoryCapBytes: peakBytes });
    expect(fit.ledger).toEqual(result.ledger);
    const short = { ...job, runId: 'short' };
    await expect(
      runJob(store, short, undefined, { memoryCapBytes: peakBytes - 1 }),
    ).rejects.toMatchObject({ code: 'MEMORY_CAP', details: { capBytes: peakBytes - 1 } });
  },
);
