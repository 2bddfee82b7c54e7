// What values and types queries give, against answers that a live Pinot gave (`golden/`, the types cases).
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Cell, CellValue } from '../../src/config/cell.ts';
import { parseTimestamp } from '../../src/config/timestamp.ts';
import type { DataType, TableRecord } from '../../src/config/types.ts';
import { parseJson } from '../../src/json/parse.ts';
import type { JsonValue } from '../../src/json/value.ts';
import { stringifyJson } from '../../src/json/stringify.ts';
import type { QueryAnswer } from '../../src/query/query.ts';
import { openBench, openSimple, simpleSchema, tableOf } from './fixtures.ts';
import type { Bench, Row } from './fixtures.ts';

type Answered = null | boolean | number | bigint | string | readonly Answered[];

interface Recording {
  readonly schema: { readonly [key: string]: JsonValue };
  readonly columns: { readonly columnNames: string[]; readonly columnDataTypes: string[] };
  readonly nullsOff: readonly (readonly Answered[])[];
  readonly nullsOn: readonly (readonly Answered[])[];
}

const recording = parseJson(
  readFileSync(new URL('golden/types-concat-nulls-on.json', import.meta.url), 'utf8'),
) as unknown as Recording;

function cellOf(type: DataType, value: Answered): Cell {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((item: Answered) => cellOf(type, item) as CellValue);
  if (type === 'INT' || type === 'DOUBLE') return Number(value);
  if (type === 'FLOAT') return Math.fround(Number(value));
  if (type === 'LONG') return BigInt(value as bigint);
  if (type === 'TIMESTAMP') return BigInt(parseTimestamp(String(value)));
  if (type === 'BYTES') return Buffer.from(String(value), 'hex');
  return value as CellValue;
}

const recorded: TableRecord = tableOf(recording.schema, { name: 'types', nullHandling: true });
const recordedRows = recording.nullsOn.map((row): Row =>
  recorded.schema.fields.map((field) =>
    cellOf(field.dataType, row[recording.columns.columnNames.indexOf(field.name)]!),
  ),
);

function dataSchema({ columns }: QueryAnswer): Recording['columns'] {
  return {
    columnNames: columns.map(({ name }) => name),
    columnDataTypes: columns.map(({ dataType }) => dataType),
  };
}

async function expectRecorded(bench: Bench, view: string): Promise<void> {
  const off = await bench.query(`select * from ${view}`);
  expect(dataSchema(off)).toEqual(recording.columns);
  expect(off.rows).toEqual(recording.nullsOff);
  const on = await bench.query(`set enableNullHandling=true; select * from ${view}`);
  expect(dataSchema(on)).toEqual(recording.columns);
  expect(on.rows).toEqual(recording.nullsOn);
  expect(await bench.rows(`select * from ${view}`, { nullHandling: true })).toEqual(on.rows);
}

test('X-19 every type, single and multi value, reads as Pinot answers, nulls off and on: Parquet', async () => {
  const bench = await openBench(recorded);
  await bench.addSegment(recorded, { name: 'off' }, recordedRows);
  await expectRecorded(bench, 'types_OFFLINE');
});

test('X-19 the same from Arrow and from CONSUMING rows', async () => {
  const bench = await openBench(recorded);
  await bench.addSegment(recorded, { name: 'real', type: 'REALTIME' }, recordedRows.slice(0, 9));
  await bench.setConsuming(recorded, recordedRows.slice(9));
  await expectRecorded(bench, 'types_REALTIME');
  await expectRecorded(bench, 'types');
});

test('X-19 columns that a file lacks read as the default, or as null', async () => {
  const bench = await openBench(recorded);
  const fields = recorded.schema.fields.filter(({ name }) => name === 'ts');
  await bench.addSegment(recorded, { name: 'off', fields }, [[1_700_006_400_003n]]);
  const at = recording.nullsOn.findIndex((row) => row[0] === null);
  expect(await bench.rows('select * from types_OFFLINE')).toEqual([recording.nullsOff[at]]);
  expect(await bench.rows('select * from types_OFFLINE', { nullHandling: true })).toEqual([
    recording.nullsOn[at],
  ]);
  await bench.addSegment(recorded, { name: 'off2' }, recordedRows);
  expect(await bench.rows('select count(*) from types_OFFLINE')).toEqual([
    [recordedRows.length + 1],
  ]);
});

test('empty tables and empty results keep names and types', async () => {
  const bench = await openBench(recorded);
  for (const view of ['types', 'types_OFFLINE', 'types_REALTIME']) {
    const answer = await bench.query(`select $segmentName, $docId, * from ${view}`);
    expect(answer.rows).toEqual([]);
    expect(dataSchema(answer)).toEqual({
      columnNames: ['$segmentName', '$docId', ...recording.columns.columnNames],
      columnDataTypes: ['STRING', 'INT', ...recording.columns.columnDataTypes],
    });
  }
  await bench.addSegment(recorded, { name: 'off' }, recordedRows);
  const answer = await bench.query('select * from types_OFFLINE where dBig > 1 and dInt = 77');
  expect([dataSchema(answer), answer.rows]).toEqual([recording.columns, []]);
  expect(await bench.rows('select count(*), sum(dBig) from types_REALTIME')).toEqual([[0, null]]);
});

test('counts are LONG, sums and averages DOUBLE, least and greatest keep their type', async () => {
  const bench = await openBench(recorded);
  await bench.addSegment(recorded, { name: 'off' }, recordedRows);
  const sql = `select count(*), count(distinct dStr), sum(sInt), sum(sLong), sum(sFloat), sum(sDouble), avg(sInt),
    min(sInt), max(sLong), min(sFloat), max(ts), min(dTs), max(dBig), sum(dBig) from types_OFFLINE where sDouble < 100`;
  const answer = await bench.query(sql);
  expect(answer.columns.map(({ dataType }) => dataType)).toEqual(
    'LONG LONG DOUBLE DOUBLE DOUBLE DOUBLE DOUBLE INT LONG FLOAT LONG TIMESTAMP BIG_DECIMAL BIG_DECIMAL'.split(
      ' ',
    ),
  );
  expect(answer.columns.slice(0, 3).map(({ name }) => name)).toEqual([
    'count(*)',
    'count(distinct dStr)',
    'sum(sInt)',
  ]);
});

test('LONG is exact to the last digit, in JSON too', async () => {
  const { table, ...bench } = await openSimple();
  await bench.addSegment(table, { name: 'off' }, [
    ['a', 1, 2n ** 63n - 1n],
    ['b', 2, -(2n ** 63n)],
  ]);
  const { rows } = await bench.query('select ts, ts + 0 from t_OFFLINE order by ts');
  expect(rows[0]).toEqual([-(2n ** 63n), -(2n ** 63n)]);
  expect(stringifyJson(rows[1])).toBe('[9223372036854775807,9223372036854775807]');
  expect(await bench.rows('select max(ts) - 9007199254740993 from t_OFFLINE')).toEqual([
    [9_214_364_837_600_034_814n],
  ]);
});

const decimalSchema = {
  dimensionFieldSpecs: [
    { name: 'd', dataType: 'BIG_DECIMAL' },
    { name: 'm', dataType: 'BIG_DECIMAL', defaultNullValue: '0.125' },
  ],
  dateTimeFieldSpecs: simpleSchema['dateTimeFieldSpecs']!,
};

test('BIG_DECIMAL is exact: compared, ordered and added up as a number', async () => {
  const table = tableOf(decimalSchema);
  const bench = await openBench(table);
  const values = ['9', '100000000000000000000000000000.000001', '-7100', '123.45'];
  await bench.addSegment(
    table,
    { name: 'off' },
    values.map((value, i) => [value, null, BigInt(i)]),
  );
  expect(await bench.rows('select d from t_OFFLINE order by d')).toEqual([
    ['-7100'],
    ['9'],
    ['123.45'],
    ['100000000000000000000000000000.000001'],
  ]);
  expect(await bench.rows('select sum(d) from t_OFFLINE where d > 9')).toEqual([
    ['100000000000000000000000000123.450001'],
  ]);
  const exact = 'select ts from t_OFFLINE where d = 100000000000000000000000000000.000001';
  expect(await bench.rows(exact)).toEqual([[1]]);
  expect(await bench.query('select sum(m), sum(m) as s, max(D) from t_OFFLINE')).toMatchObject({
    columns: [
      { dataType: 'BIG_DECIMAL' },
      { dataType: 'BIG_DECIMAL' },
      { dataType: 'BIG_DECIMAL' },
    ],
    rows: [['0.5', '0.5', '100000000000000000000000000000.000001']],
  });
});

test('BIG_DECIMAL beyond 38 digits is exact text, and a number beside it needs a cast', async () => {
  const table = tableOf(decimalSchema);
  const bench = await openBench(table);
  const long = '1'.repeat(60);
  await bench.addSegment(table, { name: 'off' }, [[long, null, 1n]]);
  expect(await bench.query('select d from t_OFFLINE')).toMatchObject({
    columns: [{ name: 'd', dataType: 'BIG_DECIMAL' }],
    rows: [[long]],
  });
  await expect(bench.query('select d from t_OFFLINE where d > 5')).rejects.toMatchObject({
    code: 'QUERY_INVALID',
    message: expect.stringMatching(/cast/) as string,
  });
});

test('a literal with a fraction is DOUBLE, as in Pinot', async () => {
  const bench = await openBench();
  expect(await bench.query('select 1.5, 3 * 1.5, 2 / 4')).toMatchObject({
    columns: [{ dataType: 'DOUBLE' }, { dataType: 'DOUBLE' }, { dataType: 'DOUBLE' }],
    rows: [[1.5, 4.5, 0.5]],
  });
  expect(await bench.query('select cast(1.50 as decimal(10, 2)) d')).toMatchObject({
    columns: [{ name: 'd', dataType: 'BIG_DECIMAL' }],
    rows: [['1.5']],
  });
});

test('values of types that Pinot does not have are text, timestamps without a zone', async () => {
  const bench = await openBench();
  const sql = `select DATE '2020-02-29', TIMESTAMPTZ '2020-01-01 00:00:00.5+02', 'infinity'::timestamp, {a: 1},
    INTERVAL 1 DAY, 'NaN'::double, '-inf'::float, '\\x01'::blob, [1.5::float], TIMESTAMP '1969-12-31 23:59:59.9999'`;
  expect(await bench.query(sql)).toMatchObject({
    columns: [
      'STRING',
      'TIMESTAMP',
      'TIMESTAMP',
      'STRING',
      'STRING',
      'DOUBLE',
      'FLOAT',
      'BYTES',
      'FLOAT_ARRAY',
      'TIMESTAMP',
    ].map((dataType) => ({ dataType })),
    rows: [
      [
        '2020-02-29',
        '2019-12-31 22:00:00.5',
        'infinity',
        expect.any(String),
        expect.any(String),
        'NaN',
        '-Infinity',
        '01',
        [1.5],
        '1969-12-31 23:59:59.999',
      ],
    ],
  });
});

test('a column whose type changed reads as the type that the schema has now', async () => {
  const before = tableOf({
    dimensionFieldSpecs: [
      { name: 'a', dataType: 'INT' },
      { name: 'b', dataType: 'INT' },
      { name: 'c', dataType: 'LONG' },
      { name: 'd', dataType: 'BYTES' },
      { name: 'e', dataType: 'TIMESTAMP' },
      { name: 'f', dataType: 'STRING', singleValueField: false },
      { name: 'gone', dataType: 'INT' },
    ],
    dateTimeFieldSpecs: simpleSchema['dateTimeFieldSpecs']!,
  });
  const after = tableOf({
    dimensionFieldSpecs: [
      { name: 'a', dataType: 'STRING' },
      { name: 'b', dataType: 'DOUBLE', singleValueField: false },
      { name: 'c', dataType: 'TIMESTAMP' },
      { name: 'd', dataType: 'STRING' },
      { name: 'e', dataType: 'LONG' },
      { name: 'f', dataType: 'STRING' },
    ],
    dateTimeFieldSpecs: simpleSchema['dateTimeFieldSpecs']!,
  });
  const bench = await openBench(before);
  const row: Row = [1, 2, 5n, Buffer.from('ff', 'hex'), 7n, ['x'], 9, 10n];
  await bench.addSegment(before, { name: 'off' }, [row]);
  await bench.addSegment(before, { name: 'real', type: 'REALTIME' }, [row]);
  await bench.addTable(after);
  const expected = [['1', [2], '1970-01-01 00:00:00.005', 'ff', 7, 10]];
  for (const side of ['OFFLINE', 'REALTIME']) {
    expect(await bench.rows(`select a, b, c, d, e, ts from t_${side}`)).toEqual(expected);
    await expect(bench.query(`select f from t_${side}`)).rejects.toThrow(/column f holds lists/);
  }
});
