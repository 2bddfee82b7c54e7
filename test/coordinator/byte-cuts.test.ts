// Cutting by bytes where rows are not alike: the first guess is wrong, and each piece has to be moved until it fits.
import { expect, test } from 'vitest';
import { cutByBytes } from '../../src/coordinator/byte-cuts.ts';
import type { RowRange } from '../../src/planner/split.ts';

const rowCount = 2000;
const headerBytes = 500;
/** Rows that grow, shrink, and come in waves. */
const shapes: Readonly<Record<string, (row: number) => number>> = {
  growing: (row) => 300 + (row >> 2),
  shrinking: (row) => 10 + rowCount - row,
  waves: (row) => 200 + Math.round(150 * Math.sin(row / 100)),
};

function measureOf(bytesOf: (row: number) => number): (range: RowRange) => Promise<number> {
  return ({ start, end }) => {
    let bytes = headerBytes;
    for (let row = start; row < end; row++) bytes += bytesOf(row);
    return Promise.resolve(bytes);
  };
}

test.each(Object.entries(shapes))(
  'design 5.13 pieces of %s rows come within a tenth of the target, all but the last',
  async (_, bytesOf) => {
    const measure = measureOf(bytesOf);
    const rule = { rowsMax: rowCount, desiredBytes: 60_000, evenSplit: false };
    const ranges = await cutByBytes(rowCount, rule, measure);
    expect(ranges.length).toBeGreaterThan(4);
    for (const range of ranges.slice(0, -1)) {
      expect(Math.abs((await measure(range)) / 60_000 - 1)).toBeLessThan(0.1);
    }
    expectWhole(ranges);
  },
);

test.each(Object.entries(shapes))(
  'design 5.13 even pieces of %s rows are within a twentieth of each other, none above the target by a tenth',
  async (_, bytesOf) => {
    const measure = measureOf(bytesOf);
    const rule = { rowsMax: rowCount, desiredBytes: 60_000, evenSplit: true };
    const ranges = await cutByBytes(rowCount, rule, measure);
    const sizes = await Promise.all(ranges.map(measure));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(66_000);
    expect(Math.max(...sizes) / Math.min(...sizes)).toBeLessThan(1.05);
    expectWhole(ranges);
  },
);

function expectWhole(ranges: readonly RowRange[]): void {
  expect(ranges[0]!.start).toBe(0);
  expect(ranges.at(-1)!.end).toBe(rowCount);
  for (let i = 1; i < ranges.length; i++) expect(ranges[i]!.start).toBe(ranges[i - 1]!.end);
}
