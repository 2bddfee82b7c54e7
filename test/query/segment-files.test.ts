// A query never answers from a damaged file: what the catalog says of it is checked before the engine reads it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SegmentRecord } from '../../src/catalog/types.ts';
import { crc32 } from '../../src/kernels/crc32.ts';
import { checkedBytes } from '../../src/limits.ts';
import { checkSegmentFile } from '../../src/query/segment-files.ts';
import { runQuery } from '../../src/query/query.ts';
import type { Store } from '../../src/store/types.ts';
import { failure, openSimple, queryDefaults } from './fixtures.ts';
import type { Bench, Row } from './fixtures.ts';

const rows: readonly Row[] = Array.from({ length: 500 }, (_, i) => [`k${i % 7}`, i, BigInt(i)]);
const sql = 'select sum(v), count(distinct k) from t_OFFLINE';

function damage({ dataDir }: Bench, { file }: SegmentRecord, change: (bytes: Buffer) => Buffer) {
  const path = join(dataDir, file);
  writeFileSync(path, change(readFileSync(path)));
}

/** A copy with one bit of the byte turned; from the end where `at` is negative. */
function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at < 0 ? copy.length + at : at]! ^= 16;
  return copy;
}

test.each([
  ['its magic', 0],
  ['a page header', 6],
  ['page data', 60],
  ['more page data', 700],
  ['the footer', -200],
  ['the length of the footer', -7],
  ['the magic at its end', -1],
])('a flipped byte in %s of a Parquet segment is SEGMENT_CORRUPT', async (_where, at) => {
  const { table, ...bench } = await openSimple();
  const record = await bench.addSegment(table, { name: 'off' }, rows);
  const before = readFileSync(join(bench.dataDir, record.file));
  damage(bench, record, (bytes) => flipped(bytes, at));
  const found = crc32(flipped(before, at));
  const { byteLength, crc, file } = record;
  expect(await failure(bench.query(sql))).toEqual({
    code: 'SEGMENT_CORRUPT',
    message: `segment off is damaged: its file ${file} has ${byteLength} bytes and CRC ${found}, the catalog says ${byteLength} bytes and CRC ${crc}; put it back from a copy ("segmill verify t" finds all that is damaged)`,
  });
  writeFileSync(join(bench.dataDir, file), before);
  expect(await bench.rows(sql)).toEqual([[124_750, 7]]);
});

test.each([0, 1, 100, -1])('a Parquet segment cut to %i bytes is SEGMENT_CORRUPT', async (end) => {
  const { table, ...bench } = await openSimple();
  const record = await bench.addSegment(table, { name: 'off' }, rows);
  damage(bench, record, (bytes) => bytes.subarray(0, end < 0 ? bytes.length + end : end));
  const length = end < 0 ? record.byteLength + end : end;
  expect(await failure(bench.query(sql))).toMatchObject({
    code: 'SEGMENT_CORRUPT',
    message: expect.stringContaining(
      `has ${length} bytes, the catalog says ${record.byteLength} bytes`,
    ) as string,
  });
});

test.each([0, 60, 700, -200, -1])(
  'an Arrow segment with byte %i flipped is SEGMENT_CORRUPT, and not rendered',
  async (at) => {
    const { table, ...bench } = await openSimple();
    const record = await bench.addSegment(table, { name: 'real', type: 'REALTIME' }, rows);
    damage(bench, record, (bytes) => flipped(bytes, at));
    expect(await failure(bench.query('select count(*) from t'))).toMatchObject({
      code: 'SEGMENT_CORRUPT',
      message: expect.stringMatching(/^segment real is damaged: .* and CRC /) as string,
    });
    expect(await bench.store.list('renditions')).toEqual([]);
  },
);

test.each([
  ['OFFLINE', 'off'],
  ['REALTIME', 'real'],
] as const)('the file of an %s segment that is gone is named', async (type, name) => {
  const { table, ...bench } = await openSimple();
  const { file } = await bench.addSegment(table, { name, type }, rows);
  rmSync(join(bench.dataDir, file));
  expect(await failure(bench.query(`select * from t_${type}`))).toEqual({
    code: 'MISSING_INPUT',
    message: `the file of segment ${name} is gone: ${file}; put it back from a copy ("segmill verify t" finds all that is damaged)`,
  });
});

test('a rendition that cannot be read is named, to be removed', async () => {
  const { table, ...bench } = await openSimple();
  await bench.addSegment(table, { name: 'real', type: 'REALTIME' }, rows);
  await bench.query('select * from t');
  const [rendition] = await bench.store.list('renditions');
  const path = join(bench.dataDir, rendition!.path);
  writeFileSync(path, 'PAR1 nothing PAR1');
  const { code, message } = await failure(bench.query('select * from t'));
  expect(code).toBe('SEGMENT_CORRUPT');
  expect(message).toMatch(/^segment real cannot be read: /);
  expect(message).toContain(`; remove ${path}, the next query makes it again`);
  rmSync(path);
  expect(await bench.rows('select count(*) from t')).toEqual([[500]]);
});

test('what makes the segment again is said', async () => {
  const { table, ...bench } = await openSimple();
  const origin = { kind: 'run', runId: 'r', windowStartMs: 0, windowEndMs: 9 } as const;
  const record = await bench.addSegment(table, { name: 'off', record: { origin } }, rows);
  damage(bench, record, (bytes) => flipped(bytes, 50));
  expect((await failure(bench.query(sql))).message).toMatch(/from a copy, or rerun its window/);
});

test('a file is read for its checksum once a process, its length is looked at each time', async () => {
  const { table, ...bench } = await openSimple();
  const record = await bench.addSegment(table, { name: 'off' }, rows);
  const read: string[] = [];
  const store = new Proxy(bench.store, {
    get(target, key: keyof Store) {
      if (key === 'read') read.push('read');
      const value = target[key];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const query = () => runQuery({ catalog: bench.catalog, store }, sql, queryDefaults);
  await query();
  await query();
  expect(read).toHaveLength(1);
  damage(bench, record, (bytes) => bytes.subarray(0, -1));
  expect((await failure(query())).code).toBe('SEGMENT_CORRUPT');
});

test('a file of several pieces is checked to its last byte, until it is told to stop', async () => {
  const { table, ...bench } = await openSimple();
  const bytes = Buffer.alloc(2 * checkedBytes + 1, 'abcdefg');
  const written = await bench.addSegment(table, { name: 'off' }, rows);
  const record = { ...written, byteLength: bytes.length, crc: crc32(bytes) };
  const check = (stop = new AbortController().signal): Promise<void> =>
    checkSegmentFile(bench.store, record, stop);
  for (const at of [0, checkedBytes - 1, checkedBytes, -1]) {
    damage(bench, record, () => flipped(bytes, at));
    expect((await failure(check())).code).toBe('SEGMENT_CORRUPT');
  }
  damage(bench, record, () => bytes);
  await expect(check(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  await check();
});
