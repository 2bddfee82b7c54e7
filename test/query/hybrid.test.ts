// Which side answers which row (design 5.12, B-4, B-5), against oracles that look at rows one by one.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileTimeFormat, parseTimeFormat } from '../../src/config/time-format.ts';
import type { CellValue } from '../../src/config/cell.ts';
import type { DataType, TableRecord } from '../../src/config/types.ts';
import { openBench, openSimple, simpleSchema, tableOf, takenBy } from './fixtures.ts';
import type { Row } from './fixtures.ts';

const dayMs = 86_400_000;

function timeTable(dataType: DataType, format: string): TableRecord {
  return tableOf({
    dimensionFieldSpecs: [{ name: 'id', dataType: 'INT' }],
    dateTimeFieldSpecs: [{ name: 'ts', dataType, format, granularity: '1:MILLISECONDS' }],
  });
}

interface FormatCase {
  readonly format: string;
  readonly dataType: DataType;
  readonly boundaryMs: number;
  readonly values: readonly CellValue[];
}

function around(center: bigint, steps: readonly number[] = [-3, -2, -1, 0, 1, 2, 3]): bigint[] {
  return steps.map((step) => center + BigInt(step));
}

const noonMs = 1_700_049_600_000;
const hour = 472_236n;

const cases: readonly FormatCase[] = [
  ...[noonMs, 0, -1, -1500].map((ms) => ({
    format: '1:MILLISECONDS:EPOCH',
    dataType: 'LONG' as const,
    boundaryMs: ms,
    values: around(BigInt(ms)),
  })),
  ...[noonMs - 1, noonMs, -1, -999, -1000, -1001].map((ms) => ({
    format: '1:SECONDS:EPOCH',
    dataType: 'INT' as const,
    boundaryMs: ms,
    values: around(BigInt(Math.floor(ms / 1000))).map(Number),
  })),
  ...[Number(hour) * 3_600_000, Number(hour) * 3_600_000 - 1].map((ms) => ({
    format: '1:HOURS:EPOCH',
    dataType: 'LONG' as const,
    boundaryMs: ms,
    values: around(hour),
  })),
  ...[19_676 * dayMs, 19_676 * dayMs - 1, -1, -dayMs].map((ms) => ({
    format: '1:DAYS:EPOCH',
    dataType: 'INT' as const,
    boundaryMs: ms,
    values: around(BigInt(Math.floor(ms / dayMs))).map(Number),
  })),
  ...[noonMs, noonMs + 1, -300_001, -300_000].map((ms) => ({
    format: '5:MINUTES:EPOCH',
    dataType: 'LONG' as const,
    boundaryMs: ms,
    values: around(BigInt(Math.floor(ms / 300_000))),
  })),
  ...[noonMs, 0, -1, -2].map((ms) => ({
    format: '1:MICROSECONDS:EPOCH',
    dataType: 'LONG' as const,
    boundaryMs: ms,
    values: around(BigInt(ms) * 1000n, [-1001, -1000, -1, 0, 1, 999, 1000, 1001, 1999, 2000]),
  })),
  ...[noonMs, -1].map((ms) => ({
    format: '7:NANOSECONDS:EPOCH',
    dataType: 'LONG' as const,
    boundaryMs: ms,
    values: around((BigInt(ms) * 1_000_000n) / 7n, [-2, -1, 0, 1, 2, 142_857, 142_858, 142_859]),
  })),
  ...[noonMs, -1].map((ms) => ({
    format: '300:MICROSECONDS:EPOCH',
    dataType: 'LONG' as const,
    boundaryMs: ms,
    values: around((BigInt(ms) * 10n) / 3n, [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5]),
  })),
  {
    format: '1:SECONDS:EPOCH',
    dataType: 'STRING',
    boundaryMs: noonMs,
    values: around(BigInt(noonMs / 1000)).map(String),
  },
  {
    format: '1:SECONDS:EPOCH',
    dataType: 'DOUBLE',
    boundaryMs: noonMs,
    values: [-1.5, -0.5, 0, 0.25, 0.99, 1, 1.5].map((step) => noonMs / 1000 + step),
  },
  ...[noonMs, -1, -1500].map((ms) => ({
    format: 'TIMESTAMP',
    dataType: 'TIMESTAMP' as const,
    boundaryMs: ms,
    values: around(BigInt(ms)),
  })),
  ...['20231113', '20231114', '20231115', '20231116'].flatMap((text) =>
    [0, -1, 1].map((shift) => ({
      format: '1:DAYS:SIMPLE_DATE_FORMAT:yyyyMMdd',
      dataType: 'STRING' as const,
      boundaryMs: Date.UTC(2023, 10, Number(text.slice(6))) + shift,
      values: ['20231113', '20231114', '20231115', '20231116'],
    })),
  ),
  {
    format: '1:DAYS:SIMPLE_DATE_FORMAT:yyyyMMdd',
    dataType: 'INT',
    boundaryMs: Date.UTC(2023, 10, 14),
    values: [20231113, 20231114, 20231115],
  },
  {
    format: '1:DAYS:SIMPLE_DATE_FORMAT:dd.MM.yyyy HH:mm tz(Europe/Berlin)',
    dataType: 'STRING',
    boundaryMs: Date.UTC(2023, 2, 26, 1),
    values: ['25.03.2023 23:59', '26.03.2023 01:59', '26.03.2023 03:00', '26.03.2023 03:01'],
  },
];

const formats = [...new Set(cases.map(({ dataType, format }) => `${dataType} ${format}`))];

test.each(formats)(
  'B-4 offline answers at and under the boundary, realtime above it and what no window took: %s',
  async (named) => {
    const bench = await openBench();
    const own = cases.filter(({ dataType, format }) => `${dataType} ${format}` === named);
    for (const [i, { format, dataType, boundaryMs, values }] of own.entries()) {
      const table = { ...timeTable(dataType, format), name: `t${i}` };
      await bench.addTable(table);
      const toMillis = compileTimeFormat(parseTimeFormat(format)).toMillis;
      const millis = values.map((value) => toMillis(value as string));
      const windowStart = [...millis].sort((a, b) => a - b)[1]!;
      const rows = values.map((value, id): Row => [id, value]);
      await bench.addSegment(table, { name: 'off' }, rows);
      const real = await bench.addSegment(table, { name: 'real', type: 'REALTIME' }, rows);
      const window = { startMs: windowStart, endMs: boundaryMs + 1 };
      await bench.addRun({ table: table.name, runId: 'r1', ...takenBy([real], window) });
      await bench.setState(table.name, { boundary: { ms: boundaryMs, mode: 'exact' } });
      const expected = [
        ...millis.flatMap((ms, id) => (ms <= boundaryMs ? [['off', id]] : [])),
        ...millis.flatMap((ms, id) => (ms > boundaryMs || ms < windowStart ? [['real', id]] : [])),
      ];
      const found = await bench.rows(`select $segmentName, id from t${i} order by 1, 2`);
      expect(found, `boundary ${boundaryMs}`).toEqual(expected);
    }
  },
);

test('the sides alone answer all their rows, in any letter case', async () => {
  const bench = await openSimple();
  await bench.addSegment(bench.table, { name: 'off' }, [['a', 1, 10n]]);
  await bench.addSegment(bench.table, { name: 'real', type: 'REALTIME' }, [['a', 1, 10n]]);
  await bench.setState('t', { boundary: { ms: 5, mode: 'exact' } });
  expect(await bench.rows('select count(*) from t_OFFLINE')).toEqual([[1]]);
  expect(await bench.rows('select count(*) from T_realtime')).toEqual([[1]]);
});

test('a time that its format cannot read is still answered, by the side that has it', async () => {
  const table = timeTable('STRING', '1:DAYS:SIMPLE_DATE_FORMAT:yyyyMMdd');
  const bench = await openBench(table);
  const record = { minTimeMs: Date.UTC(2023, 10, 13), maxTimeMs: Date.UTC(2023, 10, 15) };
  for (const [name, type] of [
    ['off', 'OFFLINE'],
    ['real', 'REALTIME'],
  ] as const)
    await bench.addSegment(
      table,
      { name, type, fields: table.schema.fields.map((f) => ({ ...f, format: null })), record },
      [
        [1, '20231113'],
        [2, 'null'],
        [3, '20231115'],
      ],
    );
  await bench.setState('t', { boundary: { ms: Date.UTC(2023, 10, 14), mode: 'set' } });
  expect(await bench.rows('select $segmentName, id from t where id <> 1 order by 1, 2')).toEqual([
    ['off', 2],
    ['real', 2],
    ['real', 3],
  ]);
});

describe('which sides a table has', () => {
  const offline: readonly Row[] = [['a', 1, 10n]];
  const realtime: readonly Row[] = [['b', 2, 20n]];

  test('B-5 without a boundary realtime answers alone', async () => {
    const bench = await openSimple();
    await bench.addSegment(bench.table, { name: 'off' }, offline);
    await bench.addSegment(bench.table, { name: 'real', type: 'REALTIME' }, realtime);
    expect(await bench.rows('select k from t')).toEqual([['b']]);
  });

  test('design 5.12 without a boundary and without realtime rows the offline side answers', async () => {
    const bench = await openSimple();
    await bench.addSegment(bench.table, { name: 'off' }, offline);
    await bench.addSegment(bench.table, { name: 'real', type: 'REALTIME' }, []);
    expect(await bench.rows('select k from t')).toEqual([['a']]);
    await bench.setConsuming(bench.table, realtime);
    expect(await bench.rows('select k from t')).toEqual([['b']]);
  });

  test('a table with one side alone is that side, whatever boundary is set', async () => {
    for (const [side, rows] of [
      ['OFFLINE', offline],
      ['REALTIME', realtime],
    ] as const) {
      const bench = await openSimple({ sides: [side] });
      await bench.addSegment(bench.table, { name: 's', type: side }, rows);
      await bench.setState('t', { boundarySet: { ms: 15, mode: 'set' } });
      expect(await bench.rows('select k from t')).toEqual([[rows[0]![0]]]);
      const other = side === 'OFFLINE' ? 'REALTIME' : 'OFFLINE';
      await expect(bench.rows(`select * from t_${other}`)).rejects.toMatchObject({
        code: 'QUERY_INVALID',
      });
    }
  });

  test('B-7 a boundary set by hand wins over the one of the commits', async () => {
    const bench = await openSimple();
    await bench.addSegment(bench.table, { name: 'off' }, [...offline, ...realtime]);
    await bench.setState('t', {
      boundary: { ms: 99, mode: 'exact' },
      boundarySet: { ms: 19, mode: 'set' },
    });
    expect(await bench.rows('select k from t')).toEqual([['a']]);
  });

  test('B-3 with pinot semantics the boundary is the newest offline end less a day, and splits alone', async () => {
    const bench = await openSimple({ semantics: 'pinot' });
    const end = 100 * dayMs;
    const times = [end - dayMs - 1, end - dayMs, end - dayMs + 1, end];
    const rows = times.map((ts, i): Row => ['k', i, BigInt(ts)]);
    await bench.addSegment(bench.table, { name: 'off' }, rows);
    await bench.addSegment(bench.table, { name: 'real', type: 'REALTIME' }, rows);
    await bench.setConsuming(bench.table, rows);
    const consuming = 't__0__0__x';
    expect(await bench.rows('select $segmentName, v from t order by 1, 2')).toEqual([
      ['off', 0],
      ['off', 1],
      ['real', 2],
      ['real', 3],
      [consuming, 2],
      [consuming, 3],
    ]);
  });

  test('a negated window took what lies outside of it', async () => {
    const bench = await openSimple();
    const rows: readonly Row[] = [5n, 10n, 19n, 20n].map((ts): Row => ['k', 0, ts]);
    const real = await bench.addSegment(bench.table, { name: 'real', type: 'REALTIME' }, rows);
    const window = takenBy([real], { startMs: 10, endMs: 20 });
    await bench.addRun({ table: 't', runId: 'r', negateWindowFilter: true, ...window });
    await bench.setState('t', { boundary: { ms: 99, mode: 'exact' } });
    expect(await bench.rows('select ts from t order by ts')).toEqual([[10], [19]]);
  });
});

// A random table: windows of width 10 from 0 on, of which some were done with some of the segments; what a done window
// took lies in OFFLINE. Late segments, gaps, and CONSUMING rows at any time.
const windowCount = 5;
const worldArbitrary = fc.record({
  segments: fc.array(fc.array(fc.integer({ min: -5, max: 65 }), { maxLength: 6 }), {
    maxLength: 5,
  }),
  consuming: fc.array(fc.integer({ min: -5, max: 65 }), { maxLength: 5 }),
  done: fc.array(fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), {
    maxLength: windowCount,
  }),
  gaps: fc.array(fc.boolean(), { minLength: windowCount, maxLength: windowCount }),
});

test('design 5.12 every row of a random hybrid table is answered by exactly one side', async () => {
  const bench = await openBench();
  let tables = 0;
  await fc.assert(
    fc.asyncProperty(worldArbitrary, async ({ segments, consuming, done, gaps }) => {
      const table = tableOf(simpleSchema, { name: `w${tables++}` });
      const name = table.name;
      await bench.addTable(table);
      let id = 0;
      const rowsOf = (times: readonly number[]): [string, number, bigint][] =>
        times.map((ts) => ['k', id++, BigInt(ts)]);
      const real = [];
      for (const [i, times] of segments.entries()) {
        const rows = rowsOf(times);
        const spec = { name: `real${i}`, type: 'REALTIME' } as const;
        real.push({ rows, record: await bench.addSegment(table, spec, rows) });
      }
      const late = rowsOf(consuming);
      if (late.length > 0) await bench.setConsuming(table, late);
      const expected = new Map<number, string>();
      for (const row of late) expected.set(row[1], `${name}__0__0__x`);
      for (const { rows, record } of real)
        for (const row of rows) expected.set(row[1], record.name);
      let boundaryMs: number | null = null;
      for (const [w, inputs] of done.entries()) {
        if (gaps[w] === true) continue;
        const window = { startMs: 10 * w, endMs: 10 * w + 10 };
        const read = real.filter((_, i) => inputs[i] === true);
        const isIn = ([, , ts]: readonly [string, number, bigint]): boolean =>
          Number(ts) >= window.startMs && Number(ts) < window.endMs;
        const taken = read.flatMap(({ rows }) => rows.filter(isIn));
        for (const row of taken) expected.set(row[1], `off${w}`);
        if (taken.length > 0) await bench.addSegment(table, { name: `off${w}` }, taken);
        const records = read.map(({ record }) => record);
        await bench.addRun({ table: name, runId: `r${w}`, ...takenBy(records, window) });
        boundaryMs = window.endMs - 1;
      }
      if (boundaryMs !== null)
        await bench.setState(name, { boundary: { ms: boundaryMs, mode: 'exact' } });
      const found = await bench.rows(`select v, $segmentName from ${name} order by v`);
      expect(found).toEqual([...expected].sort((a, b) => a[0] - b[0]));
    }),
    { numRuns: 40 },
  );
});
