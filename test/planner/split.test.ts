import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitRows, type SplitRule } from '../../src/planner/split.ts';

const rule: SplitRule = { rowsMax: 30, desiredBytes: null, bytesPerRow: 1, evenSplit: false };

function sizes(rowCount: number, change: Partial<SplitRule> = {}): number[] {
  return splitRows(rowCount, { ...rule, ...change }).map(({ start, end }) => end - start);
}

test('E-23, O-9 greedy by rows, the rest last, never an empty piece', () => {
  expect(sizes(100)).toEqual([30, 30, 30, 10]);
  expect(sizes(90)).toEqual([30, 30, 30]);
  expect([80, 70, 45].flatMap((rows) => sizes(rows))).toHaveLength(8);
  expect(sizes(0)).toEqual([]);
  expect(splitRows(7, { ...rule, rowsMax: 3 })).toEqual([
    { start: 0, end: 3 },
    { start: 3, end: 6 },
    { start: 6, end: 7 },
  ]);
});

test('design 5.13 by bytes, and the smaller cut wins (L-11)', () => {
  expect(sizes(100, { rowsMax: 1000, desiredBytes: 400, bytesPerRow: 10 })).toEqual([40, 40, 20]);
  expect(sizes(100, { rowsMax: 30, desiredBytes: 400, bytesPerRow: 10 })).toEqual([30, 30, 30, 10]);
  expect(sizes(3, { desiredBytes: 1, bytesPerRow: 10 })).toEqual([1, 1, 1]);
  expect(sizes(100, { evenSplit: true })).toEqual([25, 25, 25, 25]);
  expect(sizes(100, { rowsMax: 99, evenSplit: true, desiredBytes: 400, bytesPerRow: 10 })).toEqual([
    33, 33, 34,
  ]);
});

test('pieces follow one another, cover all rows, and keep the limit; even ones differ by one row at most', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 2000 }),
      fc.integer({ min: 1, max: 300 }),
      fc.option(fc.integer({ min: 1, max: 5000 })),
      fc.double({ min: 0.5, max: 50, noNaN: true }),
      fc.boolean(),
      (rowCount, rowsMax, desiredBytes, bytesPerRow, evenSplit) => {
        const ranges = splitRows(rowCount, { rowsMax, desiredBytes, bytesPerRow, evenSplit });
        let next = 0;
        for (const { start, end } of ranges) {
          expect(start).toBe(next);
          expect(end).toBeGreaterThan(start);
          expect(end - start).toBeLessThanOrEqual(rowsMax);
          next = end;
        }
        expect(next).toBe(rowCount);
        const lengths = ranges.map(({ start, end }) => end - start);
        if (evenSplit && lengths.length > 0)
          expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      },
    ),
  );
});
