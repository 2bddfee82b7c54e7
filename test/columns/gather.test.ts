import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cell } from '../../src/config/cell.ts';
import { concatBatches, gatherRows, plainValues, sliceRows } from '../../src/columns/gather.ts';
import type { Column, ColumnBatch } from '../../src/columns/column.ts';
import { batchOf, everyField, rowsArbitrary, rowsOf } from './fields.ts';

const rowsOfEveryType = rowsArbitrary(everyField);

function plain(batch: ColumnBatch): ColumnBatch {
  const columns = batch.columns.map((column): Column => {
    if (column.kind !== 'dictionary') return column;
    const { name, dataType, rowCount, nulls, offsets } = column;
    return { name, dataType, rowCount, nulls, offsets, kind: 'bytes', values: plainValues(column) };
  });
  return { ...batch, columns };
}

test('gathered rows are the rows named', () => {
  fc.assert(
    fc.property(rowsOfEveryType, fc.array(fc.nat()), fc.boolean(), (rows, picks, bytes) => {
      const whole = batchOf(everyField, rows);
      const chosen = rows.length === 0 ? [] : picks.map((pick) => pick % rows.length);
      const got = gatherRows(bytes ? plain(whole) : whole, Uint32Array.from(chosen));
      expect(rowsOf(got)).toEqual(chosen.map((row) => rows[row]));
    }),
    { numRuns: 30 },
  );
});

test('a slice is the rows between, and a slice of a slice too', () => {
  fc.assert(
    fc.property(rowsOfEveryType, fc.nat(), fc.nat(), fc.boolean(), (rows, a, b, bytes) => {
      const [from, to] = [a % (rows.length + 1), b % (rows.length + 1)].sort((x, y) => x - y) as [
        number,
        number,
      ];
      const whole = batchOf(everyField, rows);
      const slice = sliceRows(bytes ? plain(whole) : whole, from, to);
      expect(rowsOf(slice)).toEqual(rows.slice(from, to));
      const half = slice.rowCount >>> 1;
      expect(rowsOf(sliceRows(slice, half, slice.rowCount))).toEqual(rows.slice(from + half, to));
    }),
    { numRuns: 30 },
  );
});

test('joined batches are the rows of all, whatever form their columns have', () => {
  const parts = fc.array(fc.tuple(rowsArbitrary(everyField, 12), fc.constantFrom(0, 1, 2)), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(parts, (list) => {
      const batches = list.map(([rows, form]) => {
        const batch = batchOf(everyField, rows, { sortDictionaries: form !== 1 });
        return form === 2 ? plain(batch) : batch;
      });
      expect(rowsOf(concatBatches(batches))).toEqual(list.flatMap(([rows]) => rows as Cell[][]));
    }),
    { numRuns: 30 },
  );
});

test('slices of one batch join over their shared dictionary', () => {
  const batch = batchOf(everyField, fc.sample(rowsOfEveryType, { numRuns: 9, seed: 4 }).at(-1)!);
  const half = batch.rowCount >>> 1;
  const joined = concatBatches([sliceRows(batch, 0, half), sliceRows(batch, half, batch.rowCount)]);
  expect(rowsOf(joined)).toEqual(rowsOf(batch));
  for (const [c, column] of joined.columns.entries()) {
    if (column.kind !== 'dictionary') continue;
    expect(column.dictionary).toBe((batch.columns[c] as typeof column).dictionary);
  }
});

test('no batch joins to no rows', () => {
  expect(concatBatches([])).toEqual({ rowCount: 0, columns: [] });
});
