// Files of segmill in the hands of other readers, and files of other writers in ours.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { tableFromIPC, tableToIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import {
  Compression,
  Table,
  WriterPropertiesBuilder,
  readParquet,
  writeParquet,
} from 'parquet-wasm/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cell } from '../../../src/config/cell.ts';
import type { Compression as OurCompression } from '../../../src/config/types.ts';
import { arrowCodec } from '../../../src/segment/arrow/codec.ts';
import { parquetCodec } from '../../../src/segment/parquet/codec.ts';
import { readParquetRows } from '../../../src/segment/parquet/rows.ts';
import { batchOf, cellsOf, field, rowsOf } from '../../columns/fields.ts';
import { encodeFile, header, optionsFor } from './files.ts';

let folder: string;
let duckdb: DuckDBConnection;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'segmill-parquet-'));
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
});

afterAll(() => {
  duckdb.closeSync();
  rmSync(folder, { recursive: true });
});

function saved(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const result = await duckdb.runAndReadAll(sql);
  return result.getRowObjectsJson() as Record<string, unknown>[];
}

const fields = [
  field('i', 'INT'),
  field('l', 'LONG'),
  field('f', 'FLOAT'),
  field('d', 'DOUBLE'),
  field('b', 'BOOLEAN'),
  field('t', 'TIMESTAMP'),
  field('s', 'STRING'),
  field('u', 'STRING'),
  field('x', 'BYTES'),
  field('g', 'BIG_DECIMAL'),
  field('ms', 'STRING', true),
  field('ml', 'LONG', true),
];

// Enough rows for several pages, dictionaries, differences and plain values.
function cells(i: number, nulls: boolean): Cell[] {
  const gap = (step: number, cell: Cell): Cell => (nulls && i % step === 1 ? null : cell);
  return [
    gap(7, i - 50),
    gap(5, 9_007_199_254_740_993n + BigInt(i % 40)),
    gap(9, Math.fround(i / 3)),
    gap(11, i === 17 ? -0 : i / 7),
    gap(4, i % 3 === 0),
    gap(6, 1_700_000_000_000n + BigInt(i * 250)),
    gap(3, `город ${i % 13}`),
    gap(8, `user-${(i * 7919) % 100_003}`),
    gap(10, Uint8Array.of(i, i >>> 8, 255)),
    gap(12, `${i}.${'0'.repeat(i % 5)}1`),
    gap(
      13,
      Array.from({ length: i % 4 }, (_, k) => `t${(i + k) % 5}`),
    ),
    gap(
      14,
      Array.from({ length: (i + 1) % 3 }, (_, k) => BigInt(i * k)),
    ),
  ];
}

const rows = (nulls: boolean): Cell[][] => Array.from({ length: 9_000 }, (_, i) => cells(i, nulls));

const kinds: readonly (readonly [OurCompression, boolean])[] = [
  ['snappy', false],
  ['snappy', true],
  ['zstd', true],
  ['lz4_raw', true],
  ['none', true],
];

function plainCell(cell: Cell): unknown {
  if (Array.isArray(cell)) return (cell as Cell[]).map(plainCell);
  return typeof cell === 'bigint' ? String(cell) : cell;
}

test.each(kinds)('DuckDB reads what was written, %s, nulls %s', async (compression, nulls) => {
  const source = rows(nulls);
  const options = { ...optionsFor(fields, nulls), compression };
  const bytes = encodeFile([batchOf(fields, source, { nullHandling: nulls })], options, 7000);
  const path = saved(`${compression}-${nulls}.parquet`, bytes);
  const got = await query(
    `select * replace (epoch_ms(t)::varchar as t, hex(x) as x) from '${path}'`,
  );
  const hex = (cell: Cell): unknown =>
    cell === null
      ? null
      : Buffer.from(cell as Uint8Array)
          .toString('hex')
          .toUpperCase();
  const expected = source.map((row) =>
    Object.fromEntries(
      fields.map((f, c) => [f.name, f.name === 'x' ? hex(row[c]!) : plainCell(row[c]!)]),
    ),
  );
  expect(got).toEqual(expected);
});

test('DuckDB sees types, statistics and sort order', async () => {
  const stored = [
    field('k', 'STRING'),
    field('n', 'LONG'),
    field('t', 'TIMESTAMP'),
    field('j', 'JSON'),
  ];
  const source = [
    ['a', 5n, 0n, '{}'],
    ['b', null, 1000n, '[1]'],
    ['ü', -7n, 500n, '{}'],
  ];
  const options = optionsFor(stored);
  const own = { ...options, header: { ...header, sortedColumns: ['k'] } };
  const bytes = encodeFile([batchOf(stored, source)], own);
  const path = saved('stats.parquet', bytes);
  const meta = await query(
    `select path_in_schema, stats_min_value, stats_max_value, stats_null_count, stats_distinct_count, min_is_exact
     from parquet_metadata('${path}')`,
  );
  expect(meta).toEqual([
    expect.objectContaining({
      path_in_schema: 'k',
      stats_min_value: 'a',
      stats_max_value: 'ü',
      stats_null_count: '0',
      stats_distinct_count: '3',
      min_is_exact: true,
    }),
    expect.objectContaining({
      path_in_schema: 'n',
      stats_min_value: '-7',
      stats_max_value: '5',
      stats_null_count: '1',
    }),
    expect.objectContaining({
      path_in_schema: 't',
      stats_min_value: '1970-01-01 00:00:00+00',
      stats_max_value: '1970-01-01 00:00:01+00',
    }),
    expect.objectContaining({ path_in_schema: 'j' }),
  ]);
  const types = await query(`describe select * from '${path}'`);
  expect(types.map((row) => row['column_type'])).toEqual([
    'VARCHAR',
    'BIGINT',
    'TIMESTAMP WITH TIME ZONE',
    'JSON',
  ]);
});

test('a NaN takes the bounds away, a long text is cut below and above', async () => {
  const stored = [field('d', 'DOUBLE'), field('s', 'STRING')];
  const long = 'é'.repeat(100);
  const bytes = encodeFile(
    [
      batchOf(stored, [
        [NaN, long],
        [1, `${long}x`],
      ]),
    ],
    optionsFor(stored),
  );
  const path = saved('bounds.parquet', bytes);
  const [d, s] = await query(
    `select stats_min_value lo, stats_max_value hi, min_is_exact, max_is_exact from parquet_metadata('${path}')`,
  );
  expect(d).toMatchObject({ lo: null, hi: null });
  expect(s).toEqual({
    lo: 'é'.repeat(32),
    hi: `${'é'.repeat(31)}ê`,
    min_is_exact: false,
    max_is_exact: false,
  });
  expect(await query(`select count(*) c from '${path}' where d > 5`)).toEqual([{ c: '1' }]);
  expect(await query(`select count(*) c from '${path}' where s = '${long}x'`)).toEqual([
    { c: '1' },
  ]);
});

test.each(kinds)('hyparquet reads what was written, %s, nulls %s', async (compression, nulls) => {
  const source = rows(nulls).slice(0, 2000);
  const options = { ...optionsFor(fields, nulls), compression };
  const bytes = encodeFile([batchOf(fields, source, { nullHandling: nulls })], options, 1000);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const got = await parquetReadObjects({ file, compressors, utf8: false });
  const seen = got.map((row) =>
    fields.map((f) => {
      const value: unknown = row[f.name];
      if (value instanceof Date) return BigInt(value.getTime());
      return value ?? null;
    }),
  );
  expect(seen).toEqual(source);
});

test.each(kinds)('parquet-wasm reads what was written, %s, nulls %s', (compression, nulls) => {
  const source = rows(nulls).slice(0, 3000);
  const options = { ...optionsFor(fields, nulls), compression };
  const bytes = encodeFile([batchOf(fields, source, { nullHandling: nulls })], options, 2000);
  const table = tableFromIPC(readParquet(bytes).intoIPCStream());
  expect(table.numRows).toBe(3000);
  for (const [c, f] of fields.entries()) {
    const column = table.getChild(f.name)!;
    const seen = Array.from({ length: table.numRows }, (_, i) => {
      const value: unknown = column.get(i);
      if (value === null) return null;
      if (f.dataType === 'TIMESTAMP') return BigInt(value as number);
      if (f.multiValue) return [...(value as Iterable<unknown>)];
      return value;
    });
    expect(seen, f.name).toEqual(source.map((row) => row[c]));
  }
});

test('what parquet-wasm writes is read, every compression, pages of version 2 too', () => {
  const source = rows(true).slice(0, 4000);
  const plain = fields.filter((f) => f.dataType !== 'BIG_DECIMAL');
  const kept = source.map((row) => row.filter((_, c) => fields[c]!.dataType !== 'BIG_DECIMAL'));
  const arrow = Buffer.concat([
    ...arrowCodec.encode([batchOf(plain, kept)], { ...optionsFor(plain), compression: 'none' }),
  ]);
  const stream = tableToIPC(tableFromIPC(arrow), 'stream');
  for (const compression of [
    Compression.UNCOMPRESSED,
    Compression.SNAPPY,
    Compression.GZIP,
    Compression.BROTLI,
    Compression.ZSTD,
    Compression.LZ4_RAW,
  ]) {
    const properties = new WriterPropertiesBuilder().setCompression(compression).build();
    const bytes = writeParquet(Table.fromIPCStream(stream), properties);
    expect(rowsOf(parquetCodec.decode(bytes, 'f').batch)).toEqual(kept);
  }
});

test('what DuckDB writes is read, each type as the nearest of ours', async () => {
  const path = join(folder, 'duck.parquet');
  for (const version of ['v1', 'v2']) {
    await duckdb.run(
      `copy (select i::tinyint i8, i::utinyint u8, i::int i32, (i + 4294967000)::uint32 u32, i::bigint i64,
        18446744073709551615::ubigint u64, (i / 4)::float f, (i / 7)::double d, i % 2 = 0 as b,
        case when i % 3 = 1 then null else 'text ' || (i % 5) end s, ('x' || i)::blob x,
        (i || '.25')::decimal(9, 2) dec4, (-i || '.125')::decimal(18, 3) dec8, ('1234567890123456789012345.' || i)::decimal(38, 4) dec16,
        date '1969-12-31' + i::int as day, timestamp '1969-12-31 23:59:59.999999' as us,
        timestamp_ns '1970-01-01 00:00:00.001000001' as ns, [i, i + 1] ints, case when i = 2 then null else ['a', null, 'b'] end strs,
        uuid '00010203-0405-0607-0809-0a0b0c0d0e0f' id
      from range(120) r(i)) to '${path}' (format parquet, parquet_version ${version})`,
    );
    const { batch } = parquetCodec.decode(readFileSync(path), 'duck');
    const got = Object.fromEntries(batch.columns.map((c) => [c.name, cellsOf(c)]));
    const first = (name: string): unknown[] => got[name]!.slice(0, 3);
    expect(batch.columns.map((c) => c.dataType)).toEqual(
      [
        'INT',
        'LONG',
        'INT',
        'LONG',
        'LONG',
        'BIG_DECIMAL',
        'FLOAT',
        'DOUBLE',
        'BOOLEAN',
        'STRING',
        'BYTES',
        'BIG_DECIMAL',
        'BIG_DECIMAL',
        'BIG_DECIMAL',
        'TIMESTAMP',
        'TIMESTAMP',
        'TIMESTAMP',
        'INT',
        'STRING',
        'STRING',
      ].map((type, i) => (batch.columns[i]!.name === 'ints' ? 'LONG' : type)),
    );
    expect(first('u32')).toEqual([4_294_967_000n, 4_294_967_001n, 4_294_967_002n]);
    expect(first('u64')[0]).toBe('18446744073709551615');
    expect(first('s')).toEqual(['text 0', null, 'text 2']);
    expect(first('dec4')).toEqual(['0.25', '1.25', '2.25']);
    expect(first('dec8')).toEqual(['0.125', '-1.125', '-2.125']);
    expect(first('dec16')[1]).toBe('1234567890123456789012345.1000');
    expect(first('day')).toEqual([-86_400_000n, 0n, 86_400_000n]);
    expect(first('us')[0]).toBe(-1n);
    expect(first('ns')[0]).toBe(1n);
    expect(first('strs')).toEqual([['a', 'b'], ['a', 'b'], null]);
    expect(first('id')[0]).toBe('00010203-0405-0607-0809-0a0b0c0d0e0f');
    const row = [...readParquetRows(readFileSync(path), 'duck')][2]!;
    expect(row.get('i64')).toBe(2);
    expect(row.get('dec8')).toBe('-2.125');
    expect(row.get('ints')).toEqual([2, 3]);
    expect(row.get('strs')).toBe(null);
  }
});
