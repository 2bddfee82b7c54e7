import { describe, expect, test } from 'vitest';
import { createBatchBuilder } from '../../src/columns/builder.ts';
import { cellAt, storedCellAt } from '../../src/columns/cell.ts';
import type { ColumnBatch } from '../../src/columns/column.ts';
import type { Cell } from '../../src/config/cell.ts';
import type { Field } from '../../src/config/types.ts';
import { needsPipeline, runBatchPipeline } from '../../src/transform/batch-pipeline.ts';
import { createRowPipeline } from '../../src/transform/row-pipeline.ts';
import { field, schemaOf } from './fields.ts';

const fields: readonly Field[] = [
  field('country', 'STRING'),
  field('countryUpper', 'STRING'),
  field('dayNo', 'LONG'),
  field('amount', 'DOUBLE', { role: 'METRIC', defaultValue: 0 }),
  field('ts', 'LONG', {
    role: 'DATE_TIME',
    format: { kind: 'EPOCH', unit: 'MILLISECONDS', size: 1 },
  }),
];
const schema = schemaOf(fields);
const none = { transforms: [], filterFunction: null };
const recorded = {
  transforms: [
    { column: 'countryUpper', expression: 'upper(country)' },
    { column: 'dayNo', expression: 'toEpochDays(ts)' },
  ],
  filterFunction: 'amount < 10',
};

function batchOf(
  of: readonly Field[],
  rows: readonly (readonly Cell[])[],
  nullHandling = true,
): ColumnBatch {
  const builder = createBatchBuilder(of, { nullHandling });
  for (const cells of rows) builder.append(cells);
  return builder.finish({ sortDictionaries: true });
}

function rowsOf(batch: ColumnBatch): Cell[][] {
  return Array.from({ length: batch.rowCount }, (_, row) =>
    batch.columns.map((column) => storedCellAt(column, row)),
  );
}

function pipeline(config: typeof none | typeof recorded, continueOnError = false, of = schema) {
  return createRowPipeline({
    schema: of,
    mode: 'move',
    ...config,
    continueOnError,
    timeColumn: 'ts',
    rowTimeValueCheck: false,
    nowMs: 0,
  });
}

const start = 1_700_006_400_000n;
// A live Pinot moved these rows with the filter and the transforms above.
const input: readonly (readonly Cell[])[] = [
  ['de', null, null, 5, start],
  ['fr', null, null, 10, start + 1n],
  ['it', null, null, 15, start + 2n],
  ['es', null, null, 9.99, start + 3n],
  ['pt', null, null, null, start + 4n],
  ['nl', null, null, 100, start + 5n],
];

describe('filter and transforms at the move, as recorded', () => {
  const move = (nullHandling: boolean) => {
    const batch = batchOf(fields, input, nullHandling);
    const builder = createBatchBuilder(fields, { nullHandling });
    const result = runBatchPipeline(batch, null, pipeline(recorded), builder, {
      segment: 's',
      schema,
    });
    return { result, rows: rowsOf(builder.finish({ sortDictionaries: true })) };
  };

  test('X-15 X-16 with null flags the derived columns are filled, and a null amount is not filtered', () => {
    const { result, rows } = move(true);
    expect(result).toMatchObject({ rowsRead: 6, rowsOut: 4, filtered: 2 });
    expect(rows).toEqual([
      ['fr', 'FR', 19_676n, 10, start + 1n],
      ['it', 'IT', 19_676n, 15, start + 2n],
      ['pt', 'PT', 19_676n, 0, start + 4n],
      ['nl', 'NL', 19_676n, 100, start + 5n],
    ]);
  });

  test('X-15 without null flags the stored defaults are values: they stay, and the amount 0 is filtered', () => {
    const { result, rows } = move(false);
    expect(result).toMatchObject({ rowsRead: 6, rowsOut: 3, filtered: 3 });
    const dayNo = -(2n ** 63n);
    expect(rows).toEqual([
      ['fr', 'null', dayNo, 10, start + 1n],
      ['it', 'null', dayNo, 15, start + 2n],
      ['nl', 'null', dayNo, 100, start + 5n],
    ]);
  });
});

test('only the rows named go through, in the order given', () => {
  const builder = createBatchBuilder(fields, { nullHandling: true });
  const rows = Uint32Array.of(5, 1);
  runBatchPipeline(batchOf(fields, input), rows, pipeline(none), builder, { segment: 's', schema });
  const batch = builder.finish({ sortDictionaries: true });
  expect(rowsOf(batch).map(([country]) => country)).toEqual(['nl', 'fr']);
});

describe('needsPipeline', () => {
  const flagged = batchOf(fields, input);
  const plain = batchOf(fields, input, false);

  test('no for columns that conform, also with transforms whose targets have no nulls', () => {
    expect(needsPipeline(flagged, schema, none)).toBe(false);
    expect(needsPipeline(plain, schema, { ...recorded, filterFunction: null })).toBe(false);
  });

  test('yes for a filter, and for a transform whose target has nulls or is missing', () => {
    expect(needsPipeline(plain, schema, recorded)).toBe(true);
    const transforms = { ...recorded, filterFunction: null };
    expect(needsPipeline(flagged, schema, transforms)).toBe(true);
    const without = { ...plain, columns: plain.columns.filter((c) => c.name !== 'dayNo') };
    expect(needsPipeline(without, schema, transforms)).toBe(true);
    expect(needsPipeline(without, schema, none)).toBe(false);
  });

  test('yes for another type, another number of values, and text that would be cut', () => {
    const changed = (name: string, changes: Partial<Field>) =>
      needsPipeline(
        plain,
        schemaOf(fields.map((f) => (f.name === name ? { ...f, ...changes } : f))),
        none,
      );
    expect(changed('dayNo', { dataType: 'STRING', defaultValue: 'null' })).toBe(true);
    expect(changed('dayNo', { multiValue: true })).toBe(true);
    expect(changed('country', { maxLength: 1 })).toBe(true);
    expect(changed('country', { maxLength: 2 })).toBe(false);
    const umlauts = batchOf([fields[0]!], [['äöü']]);
    const of = (maxLength: number) =>
      needsPipeline(umlauts, schemaOf([field('country', 'STRING', { maxLength })]), none);
    expect([of(3), of(2)]).toEqual([false, true]);
  });
});

describe('schema drift', () => {
  const stored = [field('a', 'STRING'), field('f', 'FLOAT'), fields[4]!];
  const wanted = schemaOf([
    field('a', 'LONG'),
    field('f', 'STRING'),
    field('new', 'INT', { defaultValue: 7 }),
    fields[4]!,
  ]);
  const good = batchOf(stored, [
    ['12', Math.fround(1.1), start],
    [null, null, start],
  ]);
  const conform = (batch: ColumnBatch) => {
    const builder = createBatchBuilder(wanted.fields, { nullHandling: true });
    const made = pipeline(none, false, wanted);
    runBatchPipeline(batch, null, made, builder, { segment: 's-1', schema: wanted });
    return builder.finish({ sortDictionaries: true });
  };

  test('a changed type is converted, a missing column reads as its default with the null flag', () => {
    const batch = conform(good);
    expect(rowsOf(batch)).toEqual([
      [12n, '1.1', 7, start],
      [-(2n ** 63n), 'null', 7, start],
    ]);
    expect(batch.columns.map((column) => cellAt(column, 1))).toEqual([null, null, null, start]);
  });

  test('a value that does not convert fails with segment, row, column and value', () => {
    const bad = batchOf(stored, [
      ['12', 1, start],
      ['twelve', 1, start],
    ]);
    expect(() => conform(bad)).toThrow(
      expect.objectContaining({
        code: 'COLUMN_TYPE_CHANGED',
        message: expect.stringMatching(/s-1, row 1: column a .*STRING.*"twelve"/),
        details: expect.objectContaining({ column: 'a', segment: 's-1', row: 1 }),
      }),
    );
  });

  test('X-24 under continueOnError that value is null and the row incomplete', () => {
    const bad = batchOf(stored, [['twelve', 1, start]]);
    const builder = createBatchBuilder(wanted.fields, { nullHandling: true });
    const result = runBatchPipeline(bad, null, pipeline(none, true, wanted), builder, {
      segment: 's-1',
      schema: wanted,
    });
    expect(result).toMatchObject({ rowsOut: 1, incomplete: 1 });
  });
});

test('X-24 rows dropped under continueOnError are counted and told', () => {
  const strict = schemaOf([
    field('country', 'STRING', { maxLength: 2, maxLengthStrategy: 'ERROR' }),
  ]);
  const batch = batchOf([field('country', 'STRING')], [['de'], ['long'], ['fr']]);
  const builder = createBatchBuilder(strict.fields, { nullHandling: true });
  const told: unknown[] = [];
  const result = runBatchPipeline(batch, null, pipeline(none, true, strict), builder, {
    segment: 's',
    schema: strict,
    onRejected: (row, _, column) => told.push([row, column]),
  });
  expect(result).toMatchObject({ rowsRead: 3, rowsOut: 2, rejected: 1 });
  expect(told).toEqual([[1, 'country']]);
});
