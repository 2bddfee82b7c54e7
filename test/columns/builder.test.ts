import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBatchBuilder } from '../../src/columns/builder.ts';
import { storedCellAt } from '../../src/columns/cell.ts';
import { isSortedDictionary } from '../../src/columns/dictionary.ts';
import { batchOf, cellsOf, columnOf, everyField, field, rowsArbitrary, rowsOf } from './fields.ts';

test('rows of every type come back as they went in', () => {
  fc.assert(
    fc.property(rowsArbitrary(everyField), fc.boolean(), (rows, sortDictionaries) => {
      const batch = batchOf(everyField, rows, { sortDictionaries });
      expect(batch.rowCount).toBe(rows.length);
      expect(rowsOf(batch)).toEqual(rows);
      for (const column of batch.columns) {
        if (column.kind !== 'dictionary') continue;
        expect(column.sorted).toBe(sortDictionaries);
        if (column.sorted) {
          expect(isSortedDictionary(column.dictionary, column.dataType)).toBe(true);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('O-3 a null row holds its default, and its flag only with null handling', () => {
  const on = columnOf('STRING', ['a', null], { nullHandling: true });
  expect(cellsOf(on)).toEqual(['a', null]);
  expect(storedCellAt(on, 1)).toBe('null');
  const off = columnOf('STRING', ['a', null], { nullHandling: false });
  expect(off.nulls).toBeNull();
  expect(cellsOf(off)).toEqual(['a', 'null']);
});

test('a null of a multi-value column is one default element', () => {
  const column = columnOf('LONG', [[1n, 2n], null, [3n]], { multiValue: true });
  expect(Array.from(column.offsets!)).toEqual([0, 2, 3, 4]);
  expect(storedCellAt(column, 1)).toEqual([-9223372036854775808n]);
});

test('the builder goes on after finish and starts anew after clear', () => {
  const builder = createBatchBuilder([field('a', 'STRING'), field('b', 'INT')], {
    nullHandling: true,
  });
  builder.append(['x', null]);
  const first = builder.finish({ sortDictionaries: true });
  builder.append(['w', 2]);
  expect(builder.rowCount).toBe(2);
  expect(rowsOf(builder.finish({ sortDictionaries: true }))).toEqual([
    ['x', null],
    ['w', 2],
  ]);
  builder.clear();
  expect([builder.rowCount, builder.byteLength]).toEqual([0, 0]);
  builder.append(['v', 3]);
  expect(rowsOf(builder.finish({ sortDictionaries: false }))).toEqual([['v', 3]]);
  expect(rowsOf(first)).toEqual([['x', null]]);
});

test('the byte estimate follows the data', () => {
  const builder = createBatchBuilder([field('a', 'STRING'), field('b', 'LONG')], {
    nullHandling: false,
  });
  for (let i = 0; i < 1000; i++) builder.append([`value-${i % 10}`, BigInt(i)]);
  expect(builder.byteLength).toBe(10 * (7 + 4) + 1000 + 8000);
});

test('texts that are the same bytes in UTF-8 share a code', () => {
  const column = columnOf('STRING', ['\ud800', '\ufffd', '\udc00'], { sortDictionaries: false });
  expect(cellsOf(column)).toEqual(['\ufffd', '\ufffd', '\ufffd']);
  expect(column.kind === 'dictionary' && column.dictionary.offsets.length).toBe(2);
});

test('a column with too many distinct values goes on as plain bytes', () => {
  const fields = [field('a', 'STRING'), field('m', 'BYTES', true)];
  const builder = createBatchBuilder(fields, { nullHandling: true, dictionaryValues: 3 });
  const rows = Array.from({ length: 9 }, (_, i) => [
    i % 5 === 4 ? null : `v${i}`,
    [Uint8Array.of(i), Uint8Array.of(0)],
  ]);
  for (const row of rows) builder.append(row);
  const batch = builder.finish({ sortDictionaries: true });
  expect(batch.columns.map((c) => c.kind)).toEqual(['bytes', 'bytes']);
  expect(rowsOf(batch)).toEqual(rows);
  builder.clear();
  builder.append(['x', [Uint8Array.of(1)]]);
  expect(builder.finish({ sortDictionaries: true }).columns[0]!.kind).toBe('dictionary');
});
