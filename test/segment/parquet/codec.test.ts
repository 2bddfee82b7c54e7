import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ColumnBatch } from '../../../src/columns/column.ts';
import { sliceRows } from '../../../src/columns/gather.ts';
import { batchStats } from '../../../src/columns/stats.ts';
import type { Compression } from '../../../src/config/types.ts';
import { parquetCodec } from '../../../src/segment/parquet/codec.ts';
import { batchOf, everyField, field, rowsArbitrary, rowsOf } from '../../columns/fields.ts';
import { encodeFile, header, optionsFor } from './files.ts';

const decode = (bytes: Uint8Array): ColumnBatch => parquetCodec.decode(bytes, 'f').batch;
const compressions = fc.constantFrom<Compression>('snappy', 'zstd', 'lz4_raw', 'none');

test('rows of every type survive the file, nulls on and off, in one row group or many', () => {
  fc.assert(
    fc.property(
      rowsArbitrary(everyField),
      fc.boolean(),
      fc.boolean(),
      compressions,
      fc.integer({ min: 1, max: 40 }),
      (rows, nullHandling, sortDictionaries, compression, rowsMax) => {
        const batch = batchOf(everyField, rows, { nullHandling, sortDictionaries });
        const options = { ...optionsFor(everyField, nullHandling), compression };
        const bytes = encodeFile([batch], options, rowsMax);
        const got = parquetCodec.decode(bytes, 'f');
        expect(rowsOf(got.batch)).toEqual(rowsOf(batch));
        expect(got.header).toEqual({ ...header, nullHandling });
        for (const column of got.batch.columns) {
          if (column.kind === 'dictionary') expect(column.sorted).toBe(true);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('consecutive pieces are one segment, with one dictionary or with their own', () => {
  fc.assert(
    fc.property(
      rowsArbitrary(everyField),
      rowsArbitrary(everyField, 9),
      fc.nat(),
      fc.integer({ min: 1, max: 40 }),
      (rows, more, cut, rowsMax) => {
        const whole = batchOf(everyField, rows);
        const at = cut % (rows.length + 1);
        const pieces = [
          sliceRows(whole, 0, at),
          sliceRows(whole, at, rows.length),
          batchOf(everyField, more, { sortDictionaries: false }),
        ];
        const got = decode(encodeFile(pieces, optionsFor(everyField), rowsMax));
        expect(rowsOf(got)).toEqual([...rows, ...more]);
      },
    ),
    { numRuns: 60 },
  );
});

test('no piece at all is a segment of no rows with the columns of the schema', () => {
  const got = decode(encodeFile([], optionsFor(everyField)));
  expect(got.rowCount).toBe(0);
  expect(got.columns.map((c) => c.name)).toEqual(everyField.map((f) => f.name));
});

test('columns are read alone, in the order asked for, and absent ones are left out', () => {
  const bytes = encodeFile([batchOf(everyField, [])], optionsFor(everyField));
  const some = parquetCodec.decode(bytes, 'f', ['m_INT', 'nope', 's_BYTES']);
  expect(some.batch.columns.map((c) => c.name)).toEqual(['m_INT', 's_BYTES']);
});

test('statistics travel with the file', () => {
  const fields = [field('s', 'STRING'), field('n', 'LONG')];
  const batch = batchOf(fields, [
    ['x', 1n],
    [null, -5n],
  ]);
  const stats = batchStats(batch);
  const bytes = encodeFile([batch], { ...optionsFor(fields), stats });
  expect(parquetCodec.decode(bytes, 'f').stats).toEqual(stats);
});

test('large columns take dictionaries, differences and runs, and come back the same', () => {
  const fields = [
    field('time', 'TIMESTAMP'),
    field('city', 'STRING'),
    field('id', 'STRING'),
    field('count', 'LONG'),
    field('price', 'DOUBLE'),
    field('wide', 'LONG'),
    field('flag', 'BOOLEAN'),
    field('tags', 'STRING', true),
  ];
  const rows = Array.from({ length: 30_000 }, (_, i) => [
    1_700_000_000_000n + BigInt(i * 37 + ((i * 7919) % 1000)),
    `city ${Math.floor(i / 300)}`,
    `id-${(i * 48_271) % 65_537}-${i}`,
    i % 11 === 0 ? null : BigInt((i * 31) % 90),
    (i % 500) / 4,
    BigInt.asIntN(64, BigInt(i) * 0x9e3779b97f4a7c15n),
    i % 3 === 0,
    i % 5 === 0 ? null : Array.from({ length: i % 4 }, (_, k) => `t${(i + k) % 17}`),
  ]);
  const batch = batchOf(fields, rows);
  const bytes = encodeFile([batch], optionsFor(fields));
  expect(rowsOf(decode(bytes))).toEqual(rowsOf(batch));
  expect(decode(bytes).columns.map((column) => column.kind)).toEqual([
    'fixed',
    'dictionary',
    'bytes',
    'fixed',
    'fixed',
    'fixed',
    'fixed',
    'dictionary',
  ]);
  expect(rowsOf(decode(encodeFile([batch], optionsFor(fields, true), 7001)))).toEqual(
    rowsOf(batch),
  );
});
