import { expect, test } from 'vitest';
import type { Cell } from '../../src/config/cell.ts';
import type { SegmentFormat } from '../../src/config/types.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { field, outputRows, runJob, storeJob, timeField } from '../support/window-jobs.ts';

const fields = [
  field('tags', 'STRING', 'DIMENSION', { multiValue: true }),
  field('price', 'BIG_DECIMAL', 'METRIC'),
  field('raw', 'BYTES', 'DIMENSION'),
  field('flag', 'BOOLEAN', 'DIMENSION'),
  timeField('ts'),
];
const rows = Array.from({ length: 300 }, (_, i): Cell[] => [
  i % 9 === 0 ? null : [`t${i % 4}`, `t${i % 3}`],
  i % 8 === 0 ? null : `${i % 5}.5`,
  Uint8Array.of(i % 6),
  i % 2 === 0,
  BigInt(i % 40),
]);

test('inputs and outputs of either format give the same rows', async () => {
  const found: Cell[][][][] = [];
  for (const from of ['arrow', 'parquet'] as const satisfies readonly SegmentFormat[]) {
    for (const offlineFormat of ['arrow', 'parquet'] as const satisfies readonly SegmentFormat[]) {
      const store = new MemoryStore();
      const spec = {
        fields,
        window: [0, 30],
        offline: { nullHandling: true, sortedColumns: ['flag'] },
        move: { mergeType: 'ROLLUP', offlineFormat, roundMs: 10 },
      } as const;
      const job = await storeJob(store, spec, [rows, rows], from);
      const result = await runJob(store, job);
      expect(result.outputs[0]!.format).toBe(offlineFormat);
      found.push(await outputRows(store, job, result));
    }
  }
  expect(found[0]![0]!.length).toBeGreaterThan(10);
  for (const other of found.slice(1)) expect(other).toEqual(found[0]);
});
