import { expect, test } from 'vitest';
import type { ColumnStats } from '../../src/columns/column.ts';
import { estimateWindow, overlapShare } from '../../src/planner/estimate.ts';
import { d0, day, hour, one, segment, table, type TableChange } from './fixtures.ts';

const window = { startMs: d0, endMs: d0 + day };

function stats(name: string, cardinality: number): ColumnStats {
  return {
    name,
    dataType: 'STRING',
    multiValue: false,
    cardinality,
    min: null,
    max: null,
    sorted: false,
    nullCount: 0,
  };
}

const big = segment(0, 0, d0, d0 + 2 * day - 1, {
  rowCount: 1000,
  byteLength: 10_000,
  columns: [stats('k', 3), stats('ts', 900), stats('v', 1000)],
});

function rowsOut(change: TableChange): number {
  const record = table(change);
  return estimateWindow([big], window, record, record.realtime!.move!, one).rowsOut;
}

test('rows by the share of time that falls into the window', () => {
  expect(overlapShare(big, window)).toBe(0.5);
  expect(overlapShare(segment(0, 0, d0, d0), window)).toBe(1);
  expect(overlapShare(segment(0, 0, null, null), window)).toBe(0);
  expect(rowsOut({})).toBe(500);
});

test('ROLLUP leaves as many rows as fall on different keys', () => {
  // 2700 * (1 - e^(-500 / 2700))
  expect(rowsOut({ move: { mergeType: 'ROLLUP' } })).toBe(456);
  expect(rowsOut({ move: { mergeType: 'ROLLUP', roundMs: hour } })).toBe(72);
  expect(rowsOut({ move: { mergeType: 'ROLLUP', roundMs: day } })).toBe(3);
});

test('ROLLUP of a segment without statistics may keep every row', () => {
  const record = table({ move: { mergeType: 'ROLLUP' } });
  const plain = segment(0, 0, d0, d0 + 1, { rowCount: 40 });
  expect(estimateWindow([plain], window, record, record.realtime!.move!, one).rowsOut).toBe(40);
});

test('segments by rows and by bytes; memory is what is wanted, whatever the cap', () => {
  const at = (change: TableChange, cap = 1 << 30): ReturnType<typeof estimateWindow> => {
    const record = table(change);
    const limits = { memoryCapBytes: cap, workers: 2 };
    return estimateWindow([big], window, record, record.realtime!.move!, limits);
  };
  expect(at({}).segmentsOut).toBe(1);
  expect(at({ move: { maxNumRecordsPerSegment: 100 } }).segmentsOut).toBe(5);
  expect(at({ move: { desiredSegmentBytes: 1000 } }).segmentsOut).toBe(3);
  expect(at({}, 1000)).toEqual(at({}));
  expect(at({}).memoryBytes).toBeGreaterThan(1000);
  expect(at({}).tempBytes).toBe(3000);
  const none = estimateWindow([], window, table(), table().realtime!.move!, one);
  expect(none).toMatchObject({ rowsOut: 0, segmentsOut: 0, tempBytes: 0 });
});
