// What the sample of a segment cannot know must not change the answer: rows, partitions and values that it never saw.
import { expect, test } from 'vitest';
import type { Cell } from '../../src/config/cell.ts';
import { sampleRowsOfSegmentMax } from '../../src/limits.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import {
  dayMs,
  field,
  inlinePool,
  outputRows,
  runJob,
  storeJob,
  timeField,
} from '../support/window-jobs.ts';
import type { JobSpec } from '../support/window-jobs.ts';

const base = 1_597_708_800_000;
const rowCount = 2 * sampleRowsOfSegmentMax + 10;
const fields = [
  field('k', 'STRING', 'DIMENSION'),
  field('n', 'INT', 'DIMENSION'),
  field('v', 'LONG', 'METRIC'),
  timeField('ts'),
];
const mergeTypes = ['CONCAT', 'ROLLUP', 'DEDUP'] as const;

async function moved(
  spec: JobSpec,
  rows: readonly Cell[][],
  shardRows: number,
): Promise<Cell[][][]> {
  const store = new MemoryStore();
  const job = await storeJob(store, spec, [rows]);
  return outputRows(store, job, await runJob(store, job, inlinePool(2), { shardRows }));
}

function specOf(mergeType: (typeof mergeTypes)[number], offline: JobSpec['offline']): JobSpec {
  const sorted = mergeType === 'CONCAT' ? { sortedColumns: ['k'] } : {};
  return {
    fields,
    window: [base, base + dayMs],
    offline: { ...sorted, ...offline },
    move: { mergeType },
  };
}

// One row in three is sampled: 0, 3, 6 ...
test.each(mergeTypes)(
  '%s moves the few rows of the window although none of them is sampled',
  async (mergeType) => {
    const rows = Array.from({ length: rowCount }, (_, i): Cell[] => {
      const inside = i === 101 || i === 2003 || i === 15_001;
      return [`k${i % 7}`, i % 3, 1n, BigInt(inside ? base + 5 : base - 5)];
    });
    const outputs = await moved(specOf(mergeType, {}), rows, 1);
    expect(outputs.flat()).toEqual([
      ['k0', 1, 1n, BigInt(base + 5)],
      ['k1', 2, 1n, BigInt(base + 5)],
      ['k3', 2, 1n, BigInt(base + 5)],
    ]);
  },
);

test.each(mergeTypes)(
  '%s puts rows of a partition that the sample missed into their own output',
  async (mergeType) => {
    const partitionColumns = [
      {
        column: 'n',
        functionName: 'Modulo' as const,
        numPartitions: 10,
        functionConfig: {},
        normalizer: null,
      },
    ];
    const rows = Array.from({ length: rowCount }, (_, i): Cell[] => [
      `k${i % 5}`,
      i === 778 ? 9 : 1,
      1n,
      BigInt(base + (i % 4)),
    ]);
    const outputs = await moved(specOf(mergeType, { partitionColumns }), rows, 500);
    expect(outputs.map((output) => new Set(output.map(([, n]) => n)))).toEqual([
      new Set([1]),
      new Set([9]),
    ]);
    expect(outputs[1]).toEqual([['k3', 9, 1n, BigInt(base + 2)]]);
  },
);

test.each(mergeTypes)(
  '%s keeps the order of keys beyond the range of those sampled',
  async (mergeType) => {
    const numbers = [2147483647, -2147483648, 5, -5];
    const rows = Array.from({ length: rowCount }, (_, i): Cell[] => [
      'same',
      i % 2000 === 1 ? numbers[(i >> 1) % 4]! : i % 50,
      1n,
      BigInt(base),
    ]);
    const outputs = await moved(specOf(mergeType, { sortedColumns: ['n'] }), rows, 300);
    const found = outputs.flat().map(([, n]) => Number(n));
    expect(found).toEqual(found.toSorted((a, b) => a - b));
    expect(new Set(found)).toEqual(new Set(rows.map(([, n]) => Number(n))));
    const sum = outputs.flat().reduce((all, [, , v]) => all + Number(v), 0);
    expect(sum).toBe(mergeType === 'DEDUP' ? new Set(found).size : rowCount);
  },
);

test('ROLLUP without a key column refuses two rows that the sample did not see (O-6)', async () => {
  const own = [field('v', 'LONG', 'METRIC'), field('w', 'LONG', 'METRIC')];
  const store = new MemoryStore();
  const spec: JobSpec = {
    fields: own,
    window: [base, base + dayMs],
    offline: { timeColumn: null },
    move: { mergeType: 'ROLLUP' },
  };
  const job = await storeJob(store, spec, [[[1n, 1n]], [[2n, 2n]]]);
  await expect(runJob(store, job)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
