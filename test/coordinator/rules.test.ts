// Rules of the move that hold whatever the table: reading, order, merging, partitions and splits of one window.
import { expect, test } from 'vitest';
import { varCount } from '../../src/columns/var-values.ts';
import type { Cell } from '../../src/config/cell.ts';
import type { PartitionColumn } from '../../src/config/types.ts';
import { httpStatusOf } from '../../src/errors.ts';
import { codecOf } from '../../src/segment/open.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import {
  dayMs,
  field,
  inlinePool,
  moveRows,
  outputRows,
  runJob,
  storeJob,
  timeField,
} from '../support/window-jobs.ts';
import type { JobSpec, Segments } from '../support/window-jobs.ts';

const base = 1_597_708_800_000;
const at = (offset = 0): bigint => BigInt(base + offset);
const day = [base, base + dayMs] as const;
const fields = [
  field('k', 'STRING', 'DIMENSION'),
  field('n', 'INT', 'DIMENSION'),
  field('v', 'LONG', 'METRIC'),
  timeField('ts'),
];

async function rowsOf(spec: JobSpec, segments: Segments): Promise<Cell[][]> {
  return (await moveRows(spec, segments)).outputs.flat();
}

test('X-11 and design 5.8 fields that are null stay null where flags are kept, also when a default stands below them', async () => {
  const rows: Cell[][] = [[null, null, null, at()]];
  const spec = { fields, window: day };
  const kept = await rowsOf({ ...spec, offline: { nullHandling: true } }, [rows]);
  expect(kept).toEqual([[null, null, null, at()]]);
  expect(await rowsOf(spec, [rows])).toEqual([['null', -2147483648, 0n, at()]]);
});

test('X-12 and R-1 CONCAT without a sort gives rows by segment, then as they lie in it', async () => {
  const part = (segment: number): Cell[][] =>
    [3, 1, 2].map((n) => ['x', n, BigInt(segment), at((7 - n) * 1000)]);
  const rows = await rowsOf({ fields, window: day }, [part(0), part(1), part(2)]);
  expect(rows.map(([, n, v]) => `${String(v)}:${String(n)}`)).toEqual(
    [0, 1, 2].flatMap((segment) => [`${segment}:3`, `${segment}:1`, `${segment}:2`]),
  );
});

test('O-5 and R-1 CONCAT sorts by the sorted columns alone, in the order in which they are configured', async () => {
  const rows: Cell[][] = [
    ['b', 1, 9n, at()],
    ['a', 2, 8n, at()],
    ['b', 1, 1n, at()],
    ['a', 1, 5n, at()],
  ];
  const sorted = await rowsOf({ fields, window: day, offline: { sortedColumns: ['n', 'k'] } }, [
    rows,
  ]);
  expect(sorted.map(([k, n, v]) => [k, n, v])).toEqual([
    ['a', 1, 5n],
    ['b', 1, 9n],
    ['b', 1, 1n],
    ['a', 2, 8n],
  ]);
});

test('O-8 and design 5.6 ties keep input order, over segments and shards', async () => {
  const store = new MemoryStore();
  const segments = [0, 1, 2].map((segment) =>
    Array.from({ length: 50 }, (_, i): Cell[] => ['same', 1, BigInt(segment * 50 + i), at()]),
  );
  const spec: JobSpec = { fields, window: day, offline: { sortedColumns: ['k'] } };
  const job = await storeJob(store, spec, segments);
  const result = await runJob(store, job, inlinePool(4), { shardRows: 7 });
  const [rows] = await outputRows(store, job, result);
  expect(rows!.map(([, , v]) => v)).toEqual(Array.from({ length: 150 }, (_, i) => BigInt(i)));
});

test('O-7 and design 5.6 a sort by numbers that differ in their last bits holds over shards', async () => {
  const own = [field('d', 'DOUBLE', 'DIMENSION'), field('n', 'LONG', 'DIMENSION'), timeField('ts')];
  const rows = Array.from({ length: 60 }, (_, i): Cell[] => {
    const step = (i * 37) % 60;
    return [1 + step * 2 ** -52, 2n ** 60n + BigInt(step), at()];
  });
  for (const column of ['d', 'n']) {
    const store = new MemoryStore();
    const extremes: Cell[] = [-1e300, -(2n ** 62n), at()];
    const spec: JobSpec = { fields: own, window: day, offline: { sortedColumns: [column] } };
    const job = await storeJob(store, spec, [rows.slice(0, 30), [...rows.slice(30), extremes]]);
    const result = await runJob(store, job, inlinePool(2), { shardRows: 1 });
    const found = (await outputRows(store, job, result)).flat().map(([, n]) => n as bigint);
    expect(found).toEqual(found.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(found).toHaveLength(61);
  }
});

test('O-5 a second sort column that is too wide for the first words does not disturb the first', async () => {
  const own = [field('n', 'INT', 'DIMENSION'), field('w', 'LONG', 'DIMENSION'), timeField('ts')];
  const wide = [-(2n ** 62n), -1n, 0n, 2n ** 61n, 2n ** 62n];
  const rows = Array.from({ length: 100 }, (_, i): Cell[] => [
    (i * 7) % 10,
    wide[Math.floor(i / 10) % 5]!,
    at(i),
  ]);
  const store = new MemoryStore();
  const spec: JobSpec = { fields: own, window: day, offline: { sortedColumns: ['n', 'w'] } };
  const job = await storeJob(store, spec, [rows]);
  const result = await runJob(store, job, inlinePool(2), { shardRows: 1 });
  const found = (await outputRows(store, job, result)).flat();
  const order = (a: Cell[], b: Cell[]): number =>
    Number(a[0]) - Number(b[0]) || Number((a[1] as bigint) - (b[1] as bigint));
  expect(found).toEqual(rows.toSorted(order));
});

const secondary = timeField('other', { kind: 'EPOCH', unit: 'DAYS', size: 1 }, 'INT');
const keyed = [
  field('z', 'STRING', 'DIMENSION'),
  field('tags', 'STRING', 'DIMENSION', { multiValue: true }),
  secondary,
  timeField('ts'),
  field('v', 'LONG', 'METRIC'),
];

test('R-3 and O-5 the group is every column that is no metric: lists in their order, every date-time column', async () => {
  const one: Cell[] = ['a', ['x', 'y'], 5, at(), 1n];
  const differing: Cell[][] = [
    ['b', ['x', 'y'], 5, at(), 1n],
    ['a', ['y', 'x'], 5, at(), 1n],
    ['a', ['x'], 5, at(), 1n],
    ['a', ['x', 'y'], 6, at(), 1n],
    ['a', ['x', 'y'], 5, at(1), 1n],
  ];
  const rows = await rowsOf({ fields: keyed, window: day, move: { mergeType: 'ROLLUP' } }, [
    [one, ...differing],
    [one, one],
  ]);
  expect(rows).toHaveLength(6);
  expect(rows.filter(([, , , , v]) => v === 3n)).toEqual([['a', ['x', 'y'], 5, at(), 3n]]);
});

test('R-5 ROLLUP puts out the sorted columns first, then the other keys by name', async () => {
  const spec: JobSpec = {
    fields,
    window: day,
    offline: { sortedColumns: ['n'] },
    move: { mergeType: 'ROLLUP' },
  };
  const rows: Cell[][] = [
    ['b', 2, 1n, at()],
    ['a', 2, 1n, at(5)],
    ['a', 2, 1n, at(4)],
    ['z', 1, 1n, at(9)],
  ];
  expect((await rowsOf(spec, [rows])).map(([k, n, , ts]) => [k, n, ts])).toEqual([
    ['z', 1, at(9)],
    ['a', 2, at(4)],
    ['a', 2, at(5)],
    ['b', 2, at()],
  ]);
});

test('R-4 and design 5.7, 5.8 with null flags a null key is a group of its own; pinot puts it with its default', async () => {
  const rows: Cell[][] = [
    ['null', 1, 1n, at()],
    [null, 1, 10n, at()],
    ['null', 1, 100n, at()],
  ];
  const spec: JobSpec = { fields, window: day, offline: { nullHandling: true } };
  const exact = await rowsOf({ ...spec, move: { mergeType: 'ROLLUP' } }, [rows]);
  expect(exact.map(([k, , v]) => [k, v])).toEqual([
    ['null', 101n],
    [null, 10n],
  ]);
  const move = { mergeType: 'ROLLUP', semantics: 'pinot' } as const;
  const pinot = await rowsOf({ ...spec, move }, [rows]);
  expect(pinot.map(([k, , v]) => [k, v])).toEqual([['null', 111n]]);
  const without = await rowsOf({ fields, window: day, move: { mergeType: 'ROLLUP' } }, [rows]);
  expect(without.map(([k, , v]) => [k, v])).toEqual([['null', 111n]]);
});

test('R-6 a metric without a type is summed; one without a second row is left as it is', async () => {
  const own = [...fields, field('text', 'STRING', 'METRIC'), field('m', 'LONG', 'METRIC')];
  const rows: Cell[][] = [
    ['a', 1, 2n, at(), 'p', 9n],
    ['b', 1, 3n, at(), 'q', 8n],
  ];
  const spec: JobSpec = { fields: own, window: day, move: { mergeType: 'ROLLUP' } };
  expect(await rowsOf(spec, [rows])).toEqual(rows);
  const summed = [...fields, field('m', 'LONG', 'METRIC')];
  const numbers: Cell[][] = [
    ['a', 1, 2n, at(), 9n],
    ['a', 1, 3n, at(), 8n],
  ];
  const move = { mergeType: 'ROLLUP', aggregations: { m: 'MAX' } } as const;
  expect(await rowsOf({ fields: summed, window: day, move }, [numbers])).toEqual([
    ['a', 1, 5n, at(), 9n],
  ]);
});

test('R-7 null metrics are skipped, nothing but nulls stays null; without flags the default takes part', async () => {
  const own = [
    field('k', 'STRING', 'DIMENSION'),
    field('v', 'LONG', 'METRIC', { defaultValue: 1000n }),
    field('least', 'LONG', 'METRIC'),
    timeField('ts'),
  ];
  const rows: Cell[][] = [
    ['a', null, null, at()],
    ['a', 5n, 7n, at()],
    ['a', 6n, 8n, at()],
    ['b', null, null, at()],
    ['b', null, null, at()],
  ];
  const move = { mergeType: 'ROLLUP', aggregations: { least: 'MIN' } } as const;
  const kept = { fields: own, window: day, move, offline: { nullHandling: true } };
  expect((await rowsOf(kept, [rows])).map((row) => row.slice(0, 3))).toEqual([
    ['a', 11n, 7n],
    ['b', null, null],
  ]);
  expect((await rowsOf({ ...kept, offline: {} }, [rows])).map((row) => row.slice(0, 3))).toEqual([
    ['a', 1011n, 0n],
    ['b', 2000n, 0n],
  ]);
});

test('R-7 beside a null the farthest value there is is still a value', async () => {
  const own = [
    field('k', 'STRING', 'DIMENSION'),
    field('least', 'DOUBLE', 'METRIC'),
    field('most', 'FLOAT', 'METRIC'),
    timeField('ts'),
  ];
  const aggregations = { least: 'MIN', most: 'MAX' } as const;
  const move = { mergeType: 'ROLLUP', aggregations } as const;
  const spec: JobSpec = { fields: own, window: day, move, offline: { nullHandling: true } };
  const rows: Cell[][] = [
    ['a', null, null, at()],
    ['a', Infinity, -Infinity, at()],
  ];
  expect(await rowsOf(spec, [rows])).toEqual([['a', Infinity, -Infinity, at()]]);
  expect(
    await rowsOf(
      spec,
      rows.map((row) => [row]),
    ),
  ).toEqual([['a', Infinity, -Infinity, at()]]);
});

test('R-9 floats are added in 32 bits, doubles in 64, infinities are no overflow', async () => {
  const own = [
    field('k', 'STRING', 'DIMENSION'),
    field('f', 'FLOAT', 'METRIC'),
    field('d', 'DOUBLE', 'METRIC'),
    timeField('ts'),
  ];
  const spec: JobSpec = { fields: own, window: day, move: { mergeType: 'ROLLUP' } };
  const row = (k: string, f: number, d: number = f): Cell[] => [k, Math.fround(f), d, at()];
  const [f24, d53] = [2 ** 24, 2 ** 53];
  const rows = [row('a', f24), row('a', 1), row('a', 1), row('b', 3e38, 1.7e308)];
  const summed = await rowsOf(spec, [[...rows, row('b', 3e38, 1.7e308)]]);
  expect(summed.map((cells) => cells.slice(0, 3))).toEqual([
    ['a', f24, f24 + 2],
    ['b', Infinity, Infinity],
  ]);
  // One sum a segment, then the segments' sums: 1 + 1 is not lost beside the large value of another segment.
  const large = row('a', f24, d53);
  const split = await rowsOf(spec, [[large], [row('a', 1), row('a', 1)]]);
  expect(split.map((cells) => cells.slice(1, 3))).toEqual([[f24 + 2, d53 + 2]]);
  const joined = await rowsOf(spec, [[large, row('a', 1), row('a', 1)]]);
  expect(joined.map((cells) => cells.slice(1, 3))).toEqual([[f24, d53]]);
  const three = await rowsOf(spec, [[large], [row('a', 1)], [row('a', 1)]]);
  expect(three.map((cells) => cells.slice(1, 3))).toEqual([[f24, d53]]);
});

test('R-9 NaN wins both MIN and MAX, -0.0 is less than 0.0', async () => {
  const names = ['least', 'most'];
  const own = [
    field('k', 'STRING', 'DIMENSION'),
    ...names.map((name) => field(name, 'DOUBLE', 'METRIC')),
    ...names.map((name) => field(`${name}32`, 'FLOAT', 'METRIC')),
    timeField('ts'),
  ];
  const row = (k: string, value: number): Cell[] => [k, value, value, value, value, at()];
  const aggregations = { least: 'MIN', most: 'MAX', least32: 'MIN', most32: 'MAX' } as const;
  const spec: JobSpec = { fields: own, window: day, move: { mergeType: 'ROLLUP', aggregations } };
  const rows = [row('a', 1), row('a', NaN), row('a', -1), row('b', 0), row('b', -0)];
  const merged = await rowsOf(spec, [rows, [row('c', -Infinity), row('c', Infinity)]]);
  expect(merged.map((cells) => cells.slice(0, 5))).toEqual([
    ['a', NaN, NaN, NaN, NaN],
    ['b', -0, 0, -0, 0],
    ['c', -Infinity, Infinity, -Infinity, Infinity],
  ]);
});

test('design 5.21 and R-8 SUM, MIN and MAX of BIG_DECIMAL are exact', async () => {
  const names = ['sum', 'min', 'max'];
  const own = [
    field('k', 'STRING', 'DIMENSION'),
    ...names.map((name) => field(name, 'BIG_DECIMAL', 'METRIC')),
    timeField('ts'),
  ];
  const row = (text: string): Cell[] => ['a', text, text, text, at()];
  const [least, most] = ['-0.000000000000000000001', '123456789012345678901234567890'];
  const move = { mergeType: 'ROLLUP', aggregations: { min: 'MIN', max: 'MAX' } } as const;
  const merged = await rowsOf({ fields: own, window: day, move }, [
    [row(most), row(least)],
    [row('0.1'), row('9.99')],
  ]);
  const sum = '123456789012345678901234567900.089999999999999999999';
  expect(merged).toEqual([['a', sum, least, most, at()]]);
});

test('E-29 AVG pairs (30, 2) and (20, 4) make (50, 6)', async () => {
  const pair = (sum: number, count: bigint): Uint8Array => {
    const view = new DataView(new ArrayBuffer(16));
    view.setFloat64(0, sum);
    view.setBigInt64(8, count);
    return new Uint8Array(view.buffer);
  };
  const own = [field('k', 'STRING', 'DIMENSION'), field('avg', 'BYTES', 'METRIC'), timeField('ts')];
  const rows: Cell[][] = [
    ['a', pair(30, 2n), at()],
    ['a', pair(20, 4n), at()],
  ];
  const move = { mergeType: 'ROLLUP', aggregations: { avg: 'AVG' } } as const;
  expect(await rowsOf({ fields: own, window: day, move }, [rows])).toEqual([
    ['a', pair(50, 6n), at()],
  ]);
});

function partitioned(
  column: string,
  functionName: PartitionColumn['functionName'],
  numPartitions: number,
  functionConfig: PartitionColumn['functionConfig'] = {},
): PartitionColumn {
  return { column, functionName, numPartitions, functionConfig, normalizer: null };
}

test('E-32 Murmur in 3 and HashCode in 2 make six segments of a window, one after another by partition id', async () => {
  const own = [
    field('a', 'STRING', 'DIMENSION'),
    field('b', 'STRING', 'DIMENSION'),
    timeField('ts'),
  ];
  const rows = Array.from({ length: 120 }, (_, i): Cell[] => [`a${i}`, `b${i % 7}`, at(i)]);
  const partitionColumns = [partitioned('a', 'Murmur', 3), partitioned('b', 'HashCode', 2)];
  const { result } = await moveRows({ fields: own, window: day, offline: { partitionColumns } }, [
    rows.slice(0, 60),
    rows.slice(60),
  ]);
  const ids = result.outputs.map(({ partitions }) => [
    partitions!['a']!.ids[0],
    partitions!['b']!.ids[0],
  ]);
  expect(ids).toEqual([0, 1, 2].flatMap((a) => [0, 1].map((b) => [a, b])));
  expect(result.outputs.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(result.ledger.written).toBe(120);
});

test('P-9b and design 5.15 an output keeps the settings of its partition function beside the ids', async () => {
  const spec = partitioned('k', 'Murmur3', 4, { seed: '9001', variant: 'x64_32' });
  const rows: Cell[][] = ['a', 'b', 'c'].map((k) => [k, 1, 1n, at()]);
  const { result } = await moveRows(
    { fields, window: day, offline: { partitionColumns: [spec] } },
    [rows],
  );
  for (const { partitions } of result.outputs) {
    expect(partitions!['k']).toMatchObject({
      functionName: 'Murmur3',
      numPartitions: 4,
      functionConfig: { seed: '9001', variant: 'x64_32' },
    });
  }
  const plain = await moveRows(
    { fields, window: day, offline: { partitionColumns: [partitioned('k', 'Murmur3', 4)] } },
    [rows],
  );
  const idsOf = (outputs: typeof result.outputs): unknown[] =>
    outputs.map(({ partitions }) => partitions!['k']!.ids);
  expect(idsOf(plain.result.outputs)).not.toEqual(idsOf(result.outputs));
});

test('P-4 a row is partitioned by its value after defaults and rounding', async () => {
  const partitionColumns = [partitioned('ts', 'Modulo', 1000), partitioned('n', 'Modulo', 5)];
  const rows: Cell[][] = [
    ['a', 7, 1n, at(1234)],
    ['b', null, 1n, at(1999)],
  ];
  const { result } = await moveRows(
    { fields, window: day, offline: { partitionColumns }, move: { roundMs: 1000 } },
    [rows],
  );
  const ids = result.outputs.map(({ partitions }) => [
    partitions!['ts']!.ids,
    partitions!['n']!.ids,
  ]);
  // -2147483648 mod 5 is 2 when it has to be positive, as 7 mod 5 is.
  expect(ids).toEqual([[[0], [2]]]);
});

test('P-2 under ROLLUP a partition by a metric keeps equal keys apart', async () => {
  const partitionColumns = [partitioned('v', 'Modulo', 2)];
  const rows = Array.from({ length: 40 }, (_, i): Cell[] => ['a', 1, BigInt(i), at()]);
  const move = { mergeType: 'ROLLUP' } as const;
  const { outputs, result } = await moveRows(
    { fields, window: day, offline: { partitionColumns }, move },
    [rows.slice(0, 30), rows.slice(30)],
  );
  const [even, odd] = [0, 1].map((rest) =>
    rows.reduce((sum, [, , v]) => sum + (Number(v) % 2 === rest ? Number(v) : 0), 0),
  );
  expect(outputs.map((output) => output.map(([, , v]) => Number(v)))).toEqual([[even], [odd]]);
  expect(result.outputs.map(({ partitions }) => partitions!['v']!.ids)).toEqual([[0], [1]]);
});

test('P-11 ByteArray partitions by the bytes of the text', async () => {
  const partitionColumns = [partitioned('k', 'ByteArray', 8)];
  const texts = ['', 'a', 'foo', 'bar', '19977', 'café', 'null'];
  const rows = texts.map((k): Cell[] => [k, 1, 1n, at()]);
  const { result, outputs } = await moveRows(
    { fields, window: day, offline: { partitionColumns } },
    [rows],
  );
  const found = outputs.flatMap((output, i) =>
    output.map(([k]) => [k, result.outputs[i]!.partitions!['k']!.ids[0]]),
  );
  expect(Object.fromEntries(found)).toEqual({
    '': 1,
    a: 0,
    foo: 5,
    bar: 2,
    19977: 0,
    café: 5,
    null: 0,
  });
});

test('X-28 rounding and time partitions are aligned to the UTC epoch, a day is 24 hours', async () => {
  // 2020-03-29: clocks in Europe went forward in the night.
  const night = Date.UTC(2020, 2, 29, 0, 30);
  const rows: Cell[][] = [0, 1, 2, 23].map((hours) => [
    'a',
    1,
    1n,
    BigInt(night + hours * 3_600_000),
  ]);
  const spec: JobSpec = {
    fields,
    window: [night - dayMs, night + dayMs],
    move: { mergeType: 'ROLLUP', roundMs: dayMs, partitionBucketMs: dayMs },
  };
  const { outputs, result } = await moveRows(spec, [rows]);
  expect(outputs).toEqual([[['a', 1, 4n, BigInt(Date.UTC(2020, 2, 29))]]]);
  expect(result.outputs[0]!.timePartition).toBe(String(Date.UTC(2020, 2, 29) / dayMs));
});

test('X-34 without a time column nothing is filtered or rounded, and all is one time partition', async () => {
  const own = [field('k', 'STRING', 'DIMENSION'), field('v', 'LONG', 'METRIC')];
  const rows: Cell[][] = [
    ['b', 1n],
    ['a', 2n],
  ];
  const { outputs, result } = await moveRows(
    {
      fields: own,
      window: day,
      offline: { timeColumn: null },
      move: { roundMs: dayMs, partitionBucketMs: dayMs },
    },
    [rows],
  );
  expect(outputs).toEqual([rows]);
  expect(result.outputs[0]).toMatchObject({ minTimeMs: null, maxTimeMs: null });
});

test('X-35 and design 5.11 an epoch column that counts in fives has segment times in ms', async () => {
  const five = timeField('ts', { kind: 'EPOCH', unit: 'MINUTES', size: 5 });
  const own = [fields[0]!, five];
  const step = base / 300_000;
  const { result } = await moveRows({ fields: own, window: day }, [
    [
      ['a', BigInt(step)],
      ['b', BigInt(step + 3)],
    ],
  ]);
  expect(result.outputs[0]).toMatchObject({
    minTimeMs: base,
    maxTimeMs: base + 900_000,
    minTimeValue: String(step),
    maxTimeValue: String(step + 3),
  });
});

test('X-14 rows outside the window are not transformed: one that cannot be does not fail it', async () => {
  const filterFunction = "cast(k, 'INT') > 5";
  const spec: JobSpec = { fields, window: day, offline: { filterFunction } };
  const rows: Cell[][] = [
    ['7', 1, 1n, at()],
    ['3', 1, 1n, at()],
    ['no number', 1, 1n, at(-1)],
  ];
  expect((await rowsOf(spec, [rows])).map(([k]) => k)).toEqual(['3']);
  const inside: Cell[][] = [['no number', 1, 1n, at()]];
  await expect(rowsOf(spec, [rows, inside])).rejects.toThrow('no number');
});

test('X-22 columns that an index would derive from the time are no part of the schema, so rows merge by the rounded time', async () => {
  const rows: Cell[][] = [
    ['a', 1, 1n, at(1)],
    ['a', 1, 2n, at(2)],
  ];
  const move = { mergeType: 'ROLLUP', roundMs: dayMs } as const;
  const { outputs, job } = await moveRows({ fields, window: day, move }, [rows]);
  expect(job.schema.fields.some(({ name }) => name.startsWith('$'))).toBe(false);
  expect(outputs).toEqual([[['a', 1, 3n, at()]]]);
});

test('X-37 what a window writes lies in its own folder, and only its outputs are left there', async () => {
  const { result, store } = await moveRows(
    {
      fields,
      window: day,
      offline: { filterFunction: "k = 'x'" },
      move: { maxNumRecordsPerSegment: 1 },
    },
    [
      [
        ['x', 1, 1n, at()],
        ['a', 1, 1n, at()],
        ['b', 1, 1n, at()],
      ],
    ],
  );
  expect(result.outputs).toHaveLength(2);
  expect(result.outputs.every(({ file }) => file.startsWith('tmp/run/'))).toBe(true);
  expect(result.ledger).toMatchObject({ read: 3, filtered: 1, written: 2 });
  const left = await store.list('tmp/run');
  expect(left.length).toBeGreaterThanOrEqual(2);
});

test('design 5.2, X-38, X-41 and E-22 a window is merged whole: equal keys of many segments meet once, in one output', async () => {
  const store = new MemoryStore();
  const segments = Array.from({ length: 10 }, (_, s) =>
    Array.from({ length: 20 }, (__, i): Cell[] => [`k${i}`, i, BigInt(s), at()]),
  );
  for (const mergeType of ['ROLLUP', 'DEDUP'] as const) {
    const same = mergeType === 'ROLLUP' ? segments : segments.map(() => segments[0]!);
    const spec: JobSpec = { fields, window: day, move: { mergeType } };
    const job = await storeJob(store, spec, same, 'arrow', mergeType);
    const run = { ...job, runId: mergeType };
    const result = await runJob(store, run, inlinePool(2), { shardRows: 3 });
    expect(result.outputs.map(({ rowCount }) => rowCount)).toEqual([20]);
    expect(result.ledger.mergedAway).toBe(180);
  }
});

test('X-39 a window without a row of its own has no output', async () => {
  const rows: Cell[][] = [['a', 1, 1n, at(-1)]];
  const { result } = await moveRows({ fields, window: day }, [rows, []]);
  expect(result.outputs).toEqual([]);
  expect(result.ledger).toMatchObject({ read: 1, outsideWindow: 1, written: 0 });
});

test('O-2 the columns of an output are those of the schema, in its order, without hidden ones', async () => {
  const move = { mergeType: 'ROLLUP', aggregations: { v: 'LASTWITHTIME' } } as const;
  const { result } = await moveRows({ fields, window: day, move }, [[['a', 1, 1n, at()]]]);
  expect(result.outputs[0]!.columns.map(({ name }) => name)).toEqual(['k', 'n', 'v', 'ts']);
});

test('an output holds the values and the times of its own rows alone, however many the window has', async () => {
  const rows = Array.from({ length: 40 }, (_, i): Cell[] => [`k${i}`, i, 1n, at(i)]);
  const { result, store } = await moveRows(
    { fields, window: day, move: { maxNumRecordsPerSegment: 10 } },
    [rows.slice(0, 20), rows.slice(20)],
  );
  for (const [i, { file, format, columns, ...times }] of result.outputs.entries()) {
    const { batch } = codecOf(format).decode(await store.read(file), file, ['k']);
    const [column] = batch.columns;
    expect(column!.kind === 'dictionary' && varCount(column!.dictionary)).toBe(10);
    expect(times).toMatchObject({
      minTimeMs: base + 10 * i,
      maxTimeMs: base + 10 * i + 9,
      maxTimeValue: String(base + 10 * i + 9),
    });
    const own = rows.slice(10 * i, 10 * i + 10).map(([k]) => String(k));
    expect(columns.find(({ name }) => name === 'k')).toMatchObject({
      cardinality: 10,
      min: own.toSorted()[0],
    });
  }
});

test('E-23 and O-9 partitions of 80, 70 and 45 rows by 30 make eight segments, numbered through', async () => {
  const partitionColumns = [partitioned('n', 'Modulo', 3)];
  const rows = [80, 70, 45].flatMap((count, n) =>
    Array.from({ length: count }, (_, i): Cell[] => ['x', n, BigInt(i), at()]),
  );
  const { result } = await moveRows(
    { fields, window: day, offline: { partitionColumns }, move: { maxNumRecordsPerSegment: 30 } },
    [rows],
  );
  expect(result.outputs.map(({ rowCount }) => rowCount)).toEqual([30, 30, 20, 30, 30, 10, 30, 15]);
  expect(result.outputs.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('A-15 and X-36 an output whose times lie outside 1971 to 2071 is refused, as 403', async () => {
  const spec: JobSpec = {
    fields,
    window: [0, 2 ** 50],
    offline: { segmentTimeValueCheck: true },
  };
  for (const ms of [5n, BigInt(Date.UTC(2071, 0, 2))]) {
    await expect(moveRows(spec, [[['a', 1, 1n, ms]]])).rejects.toMatchObject({
      code: 'SEGMENT_TIME_INVALID',
    });
  }
  expect(httpStatusOf('SEGMENT_TIME_INVALID')).toBe(403);
});
