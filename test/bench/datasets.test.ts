import { expect, test } from 'vitest';
import {
  datasetOf,
  segmentBatch,
  segmentPlaces,
  windowEndMs,
  windowStartMs,
} from '../../src/bench/datasets.ts';
import type { DatasetName } from '../../src/bench/datasets.ts';
import { cellAt } from '../../src/columns/cell.ts';
import type { ColumnBatch } from '../../src/columns/column.ts';
import { countNulls } from '../../src/columns/nulls.ts';
import { longsToNumbers } from '../../src/kernels/times.ts';

const names: readonly DatasetName[] = ['events', 'wide', 'uuid', 'nulls_mv', 'skew'];

function rowsOf({ rowCount, columns }: ColumnBatch): string[] {
  return Array.from({ length: rowCount }, (_, row) =>
    columns.map((column) => String(cellAt(column, row))).join('|'),
  );
}

function timesOf({ columns }: ColumnBatch): Float64Array {
  const column = columns.find(({ name }) => name === 'ts');
  if (column?.kind !== 'fixed') throw new Error('ts is no number');
  return longsToNumbers(column.values as BigInt64Array);
}

test.each(names)(
  '%s: the same rows on every call, in the columns that its schema names',
  (name) => {
    const dataset = datasetOf(name);
    const places = segmentPlaces(2000);
    const batch = segmentBatch(dataset, places, 7, false);
    expect(batch.rowCount).toBe(100);
    expect(rowsOf(batch)).toEqual(rowsOf(segmentBatch(dataset, places, 7, false)));
    expect(batch.columns.map((column) => column.name).toSorted()).toEqual(
      dataset.columns.map((column) => column.name).toSorted(),
    );
    for (const { name: column, dataType } of dataset.columns)
      expect(batch.columns.find((found) => found.name === column)?.dataType).toBe(dataType);
  },
);

test.each(names)('%s: duplicates leave the distinct rows as they are', (name) => {
  const dataset = datasetOf(name);
  const places = segmentPlaces(4000);
  const all = (duplicates: boolean): string[] =>
    places.flatMap(({ segment }) => rowsOf(segmentBatch(dataset, places, segment, duplicates)));
  const [plain, doubled] = [all(false), all(true)];
  expect(plain).toHaveLength(4000);
  expect(doubled).toHaveLength(4400);
  expect([...new Set(doubled)].toSorted()).toEqual([...new Set(plain)].toSorted());
});

test('segments share the rows out without gap or overlap', () => {
  for (const rows of [1, 19, 20, 12_345, 10_000_000, 100_000_000]) {
    const places = segmentPlaces(rows);
    let next = 0;
    for (const { first, count } of places) {
      expect(first).toBe(next);
      next += count;
    }
    expect(next).toBe(rows);
    expect(Math.max(...places.map(({ count }) => count))).toBeLessThanOrEqual(500_000);
  }
});

test('times lie in the window but for a few late ones of its first minutes', () => {
  const places = segmentPlaces(100_000);
  const times = places.flatMap(({ segment }) => [
    ...timesOf(segmentBatch(datasetOf('events'), places, segment, false)),
  ]);
  const before = times.filter((ms) => ms < windowStartMs).length;
  expect(before / times.length).toBeGreaterThan(0.003);
  expect(before / times.length).toBeLessThan(0.004);
  expect(Math.min(...times.slice(0, 1000))).toBeGreaterThan(windowStartMs - 600_001);
  expect(times.every((ms) => ms < windowEndMs)).toBe(true);
});

test('one campaign of skew holds nine rows of ten', () => {
  const batch = segmentBatch(datasetOf('skew'), segmentPlaces(100_000), 0, false);
  const campaign = batch.columns.find(({ name }) => name === 'campaign')!;
  const counts = new Map<unknown, number>();
  for (let row = 0; row < batch.rowCount; row++)
    counts.set(cellAt(campaign, row), (counts.get(cellAt(campaign, row)) ?? 0) + 1);
  expect(Math.max(...counts.values()) / batch.rowCount).toBeCloseTo(0.9, 1);
});

test('no two rows of uuid share their id', () => {
  const places = segmentPlaces(5000);
  const ids = places.flatMap(({ segment }) => {
    const batch = segmentBatch(datasetOf('uuid'), places, segment, false);
    const id = batch.columns.find(({ name }) => name === 'id')!;
    return Array.from({ length: batch.rowCount }, (_, row) => String(cellAt(id, row)));
  });
  expect(new Set(ids).size).toBe(5000);
  expect(ids.every((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))).toBe(true);
});

test('nulls-mv has nulls, lists of several values, and decimals in their plain form', () => {
  const batch = segmentBatch(datasetOf('nulls_mv'), segmentPlaces(20_000), 0, false);
  const column = (name: string): ColumnBatch['columns'][number] =>
    batch.columns.find((found) => found.name === name)!;
  for (const name of ['user_id', 'clicks', 'cost'])
    expect(countNulls(column(name).nulls, batch.rowCount)).toBeGreaterThan(10);
  expect(column('tags').offsets!.at(-1)).toBeGreaterThan(batch.rowCount);
  for (let row = 0; row < batch.rowCount; row++)
    expect(String(cellAt(column('price'), row))).toMatch(/^\d+\.\d[1-9]$/);
});
