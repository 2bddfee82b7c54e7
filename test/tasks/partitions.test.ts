import { expect, test } from 'vitest';
import { createBatchBuilder } from '../../src/columns/builder.ts';
import type { TableConfig } from '../../src/config/types.ts';
import { segmentPartitions } from '../../src/tasks/partitions.ts';
import { field, moveRows, timeField } from '../support/window-jobs.ts';

test('P-1 P-4 the partitions of a segment are those of its values, a null counts as its default', () => {
  const fields = [field('k', 'STRING', 'DIMENSION'), field('n', 'LONG', 'DIMENSION')];
  const builder = createBatchBuilder(fields, { nullHandling: true });
  builder.append(['a', 5n]);
  builder.append([null, 4n]);
  builder.append(['a', 7n]);
  const batch = builder.finish({ sortDictionaries: false });
  const partitionColumns = [
    { column: 'k', functionName: 'Murmur', numPartitions: 8, functionConfig: {}, normalizer: null },
    {
      column: 'n',
      functionName: 'Modulo',
      numPartitions: 3,
      functionConfig: { a: 'b' },
      normalizer: null,
    },
  ] as const;
  const config = { partitionColumns, tableName: 't' } as unknown as TableConfig;
  // P-14: "a" is 4, "null" is 3.
  expect(segmentPartitions(batch, config)).toEqual({
    k: { functionName: 'Murmur', numPartitions: 8, functionConfig: {}, ids: [3, 4] },
    n: { functionName: 'Modulo', numPartitions: 3, functionConfig: { a: 'b' }, ids: [1, 2] },
  });
  expect(segmentPartitions(batch, { ...config, partitionColumns: [] })).toBeNull();
});

test('P-2 P-3 partitions come in string order of their ids', async () => {
  const fields = [field('n', 'INT', 'DIMENSION'), timeField('ts')];
  const { outputs, result } = await moveRows(
    {
      fields,
      window: [0, 1000],
      offline: {
        partitionColumns: [
          {
            column: 'n',
            functionName: 'Modulo',
            numPartitions: 12,
            functionConfig: {},
            normalizer: null,
          },
        ],
      },
    },
    [[2, 10, 1, 11].map((n) => [n, 5n])],
  );
  expect(outputs.map(([row]) => row![0])).toEqual([1, 10, 11, 2]);
  expect(result.outputs.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
});
