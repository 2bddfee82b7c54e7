import { expect, test } from 'vitest';
import { parquetCodec } from '../../../src/segment/parquet/codec.ts';
import { createBatchBuilder } from '../../../src/columns/builder.ts';
import { parseSchema } from '../../../src/config/schema.ts';
import { readBatchRows } from '../../../src/limits.ts';
import { readAll, shown, textSource } from './read.ts';

const { schema } = parseSchema(
  {
    schemaName: 't',
    dimensionFieldSpecs: [
      { name: 'id', dataType: 'LONG' },
      { name: 'tags', dataType: 'STRING', singleValueField: false },
    ],
  },
  'schema.json',
);

function parquetFile(rowCount: number): Uint8Array {
  const builder = createBatchBuilder(schema.fields, { nullHandling: false });
  for (let i = 0; i < rowCount; i++) builder.append([2n ** 60n + BigInt(i), [`t${i}`, 'x']]);
  const chunks = parquetCodec.encode([builder.finish({ sortDictionaries: true })], {
    header: {
      segmentName: 's',
      table: 't',
      tableType: 'OFFLINE',
      creationMs: 0,
      timeColumn: null,
      nullHandling: false,
      sortedColumns: [],
      extra: {},
    },
    schema,
    compression: 'snappy',
    stats: null,
  });
  return Buffer.concat([...chunks]);
}

test('rows with row numbers as positions, from any of them on', async () => {
  const file = textSource(parquetFile(3));
  const all = await readAll(file, 'parquet');
  expect(shown(all.rows)[1]).toEqual({ id: 2n ** 60n + 1n, tags: ['t1', 'x'] });
  expect(all.rows.map(({ start, end }) => [start, end])).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
  const rest = await readAll(file, 'parquet', 2);
  expect([rest.rows, rest.end]).toEqual([all.rows.slice(2), 3]);
});

test('rows come in batches of a bounded number', async () => {
  const { rows, end } = await readAll(textSource(parquetFile(readBatchRows + 1)), 'parquet');
  expect([rows.length, end]).toEqual([readBatchRows + 1, readBatchRows + 1]);
});

test('a broken file is refused as unreadable', async () => {
  const bytes = parquetFile(3);
  await expect(
    readAll(textSource(bytes.subarray(0, bytes.length - 5)), 'parquet'),
  ).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});
