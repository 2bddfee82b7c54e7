import { expect, test } from 'vitest';
import type { RawValue } from '../../src/config/cell.ts';
import type { Field, Schema } from '../../src/config/types.ts';
import { createRowPipeline } from '../../src/transform/row-pipeline.ts';
import type { RowPipelineOptions } from '../../src/transform/row-pipeline.ts';
import { field, schemaOf } from './fields.ts';

const nowMs = 1_700_000_000_000;
const fields: readonly Field[] = [
  field('country', 'STRING'),
  field('upper', 'STRING'),
  field('amount', 'DOUBLE', { role: 'METRIC', defaultValue: 0 }),
  field('ts', 'LONG', {
    role: 'DATE_TIME',
    format: { kind: 'EPOCH', unit: 'MILLISECONDS', size: 1 },
  }),
];
const schema: Schema = schemaOf(fields);

function pipeline(options: Partial<RowPipelineOptions> = {}) {
  return createRowPipeline({
    schema,
    mode: 'ingest',
    transforms: [],
    filterFunction: null,
    continueOnError: false,
    timeColumn: 'ts',
    rowTimeValueCheck: false,
    nowMs,
    ...options,
  });
}

const row = (values: Record<string, RawValue>): Map<string, RawValue> =>
  new Map(Object.entries({ ts: 1_700_006_400_000, ...values }));

test('X-13 a row becomes cells in schema order, nulls stay null, unknown fields are counted', () => {
  expect(pipeline().process(row({ country: 'de', amount: '5', extra: 1, more: 2 }))).toEqual({
    kind: 'row',
    cells: ['de', null, 5, 1_700_006_400_000n],
    incomplete: false,
    sanitized: false,
    ignoredFields: 2,
  });
});

test('X-16 a row for which the filter is true is dropped, one for which it is null is kept', () => {
  const process = (values: Record<string, RawValue>) =>
    pipeline({ filterFunction: 'amount < 10' }).process(row(values)).kind;
  expect(process({ amount: 9.99 })).toBe('filtered');
  expect(process({ amount: 10 })).toBe('row');
  expect(process({ amount: null })).toBe('row');
});

const upper = [{ column: 'upper', expression: 'upper(country)' }];

test('X-15 a transform fills its column only where that is null', () => {
  const process = (values: Record<string, RawValue>) =>
    pipeline({ transforms: upper }).process(row(values));
  expect(process({ country: 'de' })).toMatchObject({
    cells: ['de', 'DE', null, expect.anything()],
  });
  expect(process({ country: 'de', upper: 'kept' })).toMatchObject({
    cells: ['de', 'kept', null, expect.anything()],
  });
  expect(process({})).toMatchObject({ cells: [null, null, null, expect.anything()] });
});

test('X-13 transforms run before the filter, each after those that it reads', () => {
  const transforms = [
    { column: 'upper', expression: 'concat(mid, mid)' },
    { column: 'mid', expression: 'upper(country)' },
  ];
  const made = pipeline({ transforms, filterFunction: "upper = 'DEDE'" });
  expect(made.process(row({ country: 'de' })).kind).toBe('filtered');
  expect(made.process(row({ country: 'fr' }))).toMatchObject({
    cells: ['fr', 'FRFR', null, expect.anything()],
  });
});

test('transforms in a circle are refused when the pipeline is made', () => {
  const transforms = [
    { column: 'upper', expression: 'lower(country)' },
    { column: 'country', expression: 'upper(upper)' },
  ];
  expect(() => pipeline({ transforms })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  );
});

test("the schema's own transform holds unless the table has one for the column", () => {
  const withOld = schemaOf(
    fields.map((f) => (f.name === 'upper' ? { ...f, transformFunction: 'reverse(country)' } : f)),
  );
  const process = (options: Partial<RowPipelineOptions>) =>
    pipeline({ schema: withOld, ...options }).process(row({ country: 'de' }));
  expect(process({})).toMatchObject({ cells: ['de', 'ed', null, expect.anything()] });
  expect(process({ transforms: upper })).toMatchObject({
    cells: ['de', 'DE', null, expect.anything()],
  });
});

test('a field that only an expression reads is not counted as ignored', () => {
  const transforms = [{ column: 'upper', expression: 'upper(source)' }];
  const outcome = pipeline({ transforms }).process(row({ source: 'x', other: 1 }));
  expect(outcome).toMatchObject({ kind: 'row', ignoredFields: 1 });
});

test('design 5.20 at ingestion a value that does not convert rejects the row, continueOnError or not', () => {
  for (const continueOnError of [false, true]) {
    const outcome = pipeline({ continueOnError }).process(row({ amount: 'much' }));
    expect(outcome).toMatchObject({ kind: 'rejected', column: 'amount' });
  }
});

test.each<readonly [string, RawValue]>([
  ['missing', null],
  ['before 1971', 31_535_999_999],
  ['from 2071 on', Date.UTC(2071, 0, 1)],
  ['no number', 'noon'],
])(
  'X-20 at ingestion a row whose time is %s is rejected and never gets the current time',
  (_, ts) => {
    expect(pipeline().process(row({ ts }))).toMatchObject({ kind: 'rejected', column: 'ts' });
  },
);

test('the first and last ms of 1971-2071 are taken', () => {
  for (const ts of [Date.UTC(1971, 0, 1), Date.UTC(2071, 0, 1) - 1]) {
    expect(pipeline().process(row({ ts }))).toMatchObject({ kind: 'row' });
  }
});

test('a time column in text is checked by its format', () => {
  const day = field('ts', 'STRING', {
    role: 'DATE_TIME',
    format: { kind: 'SIMPLE_DATE_FORMAT', pattern: 'yyyy-MM-dd', zone: 'UTC' },
  });
  const made = pipeline({ schema: schemaOf([day]) });
  expect(made.process(row({ ts: '2023-11-15' }))).toMatchObject({ cells: ['2023-11-15'] });
  expect(made.process(row({ ts: '1969-11-15' })).kind).toBe('rejected');
  expect(made.process(row({ ts: '15.11.2023' })).kind).toBe('rejected');
});

test('X-23 at the move without continueOnError the first bad value is the failure of the window', () => {
  const move = pipeline({ mode: 'move' });
  expect(() => move.process(row({ amount: 'much' }))).toThrow(
    expect.objectContaining({ code: 'VALUE_INVALID' }),
  );
});

test('X-24 E-24 under continueOnError a bad value becomes null and the row counts as incomplete', () => {
  const move = pipeline({ mode: 'move', continueOnError: true });
  expect(move.process(row({ amount: 'much', country: 'de' }))).toMatchObject({
    kind: 'row',
    incomplete: true,
    cells: ['de', null, null, 1_700_006_400_000n],
  });
});

test('X-24 an expression that fails gives null, a filter that fails keeps the row', () => {
  const transforms = [{ column: 'upper', expression: "fromDateTime(country, 'yyyy')" }];
  const options = { transforms, filterFunction: 'intDiv(1, amount) = 1' };
  const values = row({ country: 'de', amount: 0 });
  for (const mode of ['ingest', 'move'] as const) {
    expect(pipeline({ ...options, mode, continueOnError: true }).process(values)).toMatchObject({
      kind: 'row',
      incomplete: true,
      cells: ['de', null, 0, expect.anything()],
    });
  }
  expect(pipeline(options).process(values).kind).toBe('rejected');
  expect(() => pipeline({ ...options, mode: 'move' }).process(values)).toThrow(
    /transform of column/,
  );
});

test('X-20 E-24 at the move a lost time becomes the default of the field, or the given moment', () => {
  const process = (defaultValue: bigint) => {
    const changed = schemaOf(fields.map((f) => (f.name === 'ts' ? { ...f, defaultValue } : f)));
    const move = pipeline({ schema: changed, mode: 'move', continueOnError: true });
    return move.process(row({ ts: 'noon' }));
  };
  expect(process(1_600_000_000_000n)).toMatchObject({
    incomplete: true,
    cells: [null, null, null, 1_600_000_000_000n],
  });
  expect(process(-(2n ** 63n))).toMatchObject({ cells: [null, null, null, BigInt(nowMs)] });
});

test('rowTimeValueCheck refuses a time outside 1971-2071 at the move', () => {
  const move = (options: Partial<RowPipelineOptions>) =>
    pipeline({ mode: 'move', ...options }).process(row({ ts: 5 }));
  expect(move({})).toMatchObject({ kind: 'row', cells: [null, null, null, 5n] });
  expect(() => move({ rowTimeValueCheck: true })).toThrow(/1971-01-01/);
  expect(move({ rowTimeValueCheck: true, continueOnError: true })).toMatchObject({
    incomplete: true,
    cells: [null, null, null, BigInt(nowMs)],
  });
});

test('X-21 X-26 a sanitised row is counted as such; strategy ERROR rejects it', () => {
  expect(pipeline().process(row({ country: 'cut\0here' }))).toMatchObject({
    kind: 'row',
    sanitized: true,
    cells: ['cut', null, null, expect.anything()],
  });
  const strict = schemaOf(
    fields.map((f) => (f.name === 'country' ? { ...f, maxLengthStrategy: 'ERROR' as const } : f)),
  );
  const values = row({ country: 'x'.repeat(513) });
  expect(pipeline({ schema: strict }).process(values)).toMatchObject({
    kind: 'rejected',
    column: 'country',
  });
  const move = { schema: strict, mode: 'move' as const };
  expect(() => pipeline(move).process(values)).toThrow(/at most 512/);
  expect(pipeline({ ...move, continueOnError: true }).process(values).kind).toBe('rejected');
});
