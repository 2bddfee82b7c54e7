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
