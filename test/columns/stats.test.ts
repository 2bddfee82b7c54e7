import fc from 'fast-check';
import { expect, test } from 'vitest';
import { statsText, storedCellAt } from '../../src/columns/cell.ts';
import type { Column } from '../../src/columns/column.ts';
import { compareDoubles, compareVarOf } from '../../src/columns/order.ts';
import { sliceColumn } from '../../src/columns/gather.ts';
import { columnStats, statsOfPieces } from '../../src/columns/stats.ts';
import { varFromBytes, varFromTexts } from '../../src/columns/var-values.ts';
import type { CellValue } from '../../src/config/cell.ts';
import type { DataType } from '../../src/config/types.ts';
import { batchOf, columnOf, everyField, rowsArbitrary } from './fields.ts';

function compareValues(dataType: DataType, a: CellValue, b: CellValue): number {
  if (typeof a === 'number') return compareDoubles(a, b as number);
  if (typeof a === 'string')
    return compareVarOf(dataType)(varFromTexts([a]), 0, varFromTexts([b as string]), 0);
  if (a instanceof Uint8Array)
    return compareVarOf(dataType)(varFromBytes([a]), 0, varFromBytes([b as Uint8Array]), 0);
  return a < b ? -1 : Number(a > b);
}

function naive(column: Column): unknown {
  const { name, dataType, rowCount } = column;
  const stored = Array.from({ length: rowCount }, (_, row) => storedCellAt(column, row));
  const multiValue = column.offsets !== null;
  const elements = stored.flat() as CellValue[];
  const order = (a: CellValue, b: CellValue): number => compareValues(dataType, a, b);
  const rising = elements.toSorted(order);
  const text = (value?: CellValue): string | null =>
    value === undefined ? null : statsText(dataType, value);
  return {
    name,
    dataType,
    multiValue,
    cardinality: rising.filter((v, i) => i === 0 || order(rising[i - 1]!, v) !== 0).length,
    min: text(rising[0]),
    max: text(rising.at(-1)),
    sorted: !multiValue && elements.every((v, i) => i === 0 || order(elements[i - 1]!, v) <= 0),
    nullCount: Array.from({ length: rowCount }, (_, r) => r).filter(
      (r) => column.nulls !== null && (column.nulls[r >>> 3]! & (1 << (r & 7))) !== 0,
    ).length,
  };
}

test('statistics agree with the naive ones for every type, whole and in pieces', () => {
  fc.assert(
    fc.property(rowsArbitrary(everyField, 12), fc.boolean(), (rows, sortDictionaries) => {
      for (const column of batchOf(everyField, rows, { sortDictionaries }).columns) {
        expect(columnStats(column)).toEqual(naive(column));
        const half = column.rowCount >>> 1;
        const pieces = [sliceColumn(column, 0, half), sliceColumn(column, half, column.rowCount)];
        expect(statsOfPieces(pieces)).toEqual(naive(column));
      }
    }),
    { numRuns: 40 },
  );
});

test('distinct numbers are counted exactly when there are many', () => {
  const spread = Array.from({ length: 9000 }, (_, i) => Math.imul(i % 4321, 0x9e3779b1) | 0);
  expect(columnStats(columnOf('INT', spread)).cardinality).toBe(4321);
  expect(
    columnStats(
      columnOf(
        'FLOAT',
        spread.map((x) => Math.fround(x / 7)),
      ),
    ).cardinality,
  ).toBe(new Set(spread.map((x) => Math.fround(x / 7))).size);
  expect(
    columnStats(
      columnOf(
        'DOUBLE',
        spread.map((x) => x / 7),
      ),
    ).cardinality,
  ).toBe(4321);
  expect(
    columnStats(
      columnOf(
        'LONG',
        spread.map((x) => BigInt(x) << 20n),
      ),
    ).cardinality,
  ).toBe(4321);
  expect(
    columnStats(
      columnOf(
        'LONG',
        spread.map((x) => (5n << 32n) | BigInt(x >>> 0)),
      ),
    ).cardinality,
  ).toBe(4321);
});

test('least and greatest values print as in the metadata of a Pinot segment', () => {
  const ends = (dataType: DataType, values: CellValue[]): unknown[] => {
    const { min, max } = columnStats(columnOf(dataType, values));
    return [min, max];
  };
  expect(ends('BOOLEAN', [true, false])).toEqual(['0', '1']);
  expect(ends('DOUBLE', [3, -Infinity, 1e300])).toEqual(['-Infinity', '1.0E300']);
  expect(ends('FLOAT', [Math.fround(1.1), 0])).toEqual(['0.0', '1.1']);
  expect(ends('BYTES', [Uint8Array.of(0xab, 0xcd), Uint8Array.of()])).toEqual(['', 'abcd']);
  expect(ends('BIG_DECIMAL', ['-7100', '100000000000000000000000000000.000001'])).toEqual([
    '-7.1E+3',
    '100000000000000000000000000000.000001',
  ]);
  expect(ends('LONG', [9007199254740993n, -9223372036854775808n])).toEqual([
    '-9223372036854775808',
    '9007199254740993',
  ]);
});
