import { expect, test } from 'vitest';
import { dayMs, field, moveRows, timeField } from '../support/window-jobs.ts';

const fields = [field('d1', 'STRING', 'DIMENSION'), field('m1', 'INT', 'METRIC'), timeField('ts')];
const base = 1600468000000;
const names = ['foo', 'bar', 'foo', 'foo', 'bar'];
const segment = names.map((d1, j) => [d1, j, BigInt(base + j * 28_800_000)]);
const segments = Array.from({ length: 10 }, () => segment);
const window = [1600473600000, 1600560000000] as const;

test('E-9 CONCAT of ten segments: one output of 30 rows with three times', async () => {
  const { result, outputs } = await moveRows({ fields, window }, segments);
  expect(outputs.map((rows) => rows.length)).toEqual([30]);
  expect(new Set(outputs[0]!.map((row) => row[2])).size).toBe(3);
  expect(result.ledger).toEqual({
    read: 50,
    outsideWindow: 20,
    filtered: 0,
    rejected: 0,
    mergedAway: 0,
    written: 30,
  });
});

test('E-10 ROLLUP sums metrics of equal keys', async () => {
  const { outputs, result } = await moveRows(
    { fields, window, move: { mergeType: 'ROLLUP' } },
    segments,
  );
  expect(outputs[0]).toHaveLength(3);
  expect(result.ledger.mergedAway).toBe(27);
});

test('E-10 ROLLUP with rounding to a day, SUM and MAX', async () => {
  const spec = { fields, window, move: { mergeType: 'ROLLUP', roundMs: dayMs } } as const;
  const summed = await moveRows(spec, segments);
  const day = 1600473600000n;
  expect(summed.outputs).toEqual([
    [
      ['bar', 10, day],
      ['foo', 50, day],
    ],
  ]);
  const greatest = await moveRows(
    { ...spec, move: { ...spec.move, aggregations: { m1: 'MAX' } } },
    segments,
  );
  expect(greatest.outputs).toEqual([
    [
      ['bar', 1, day],
      ['foo', 3, day],
    ],
  ]);
});
