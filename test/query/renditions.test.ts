// Parquet renditions of segments that are not Parquet: made once, shared by processes, and one state of the catalog.
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { addSegment } from '../../src/catalog/changes.ts';
import { partitionKey, partitionOf, segmentKey } from '../../src/catalog/keys.ts';
import { withLease } from '../../src/catalog/lease.ts';
import type { SegmentRecord } from '../../src/catalog/types.ts';
import type { EngineContext } from '../../src/engine/context.ts';
import { collectGarbage } from '../../src/engine/rollback.ts';
import { renditionsFolder } from '../../src/query/renditions.ts';
import { runQuery } from '../../src/query/query.ts';
import type { Store } from '../../src/store/types.ts';
import { failure, openSimple, queryDefaults } from './fixtures.ts';
import type { Bench, Row } from './fixtures.ts';

const rows: readonly Row[] = [
  ['a', 1, 10n],
  ['b', 2, 20n],
];
const real = { name: 'real', type: 'REALTIME' } as const;

async function renditions({ store }: Bench): Promise<string[]> {
  return (await store.list(renditionsFolder)).map(({ path }) => path);
}

test('an Arrow segment is rendered at the first query that reads it, and reused', async () => {
  const { table, ...bench } = await openSimple();
  const { crc } = await bench.addSegment(table, real, rows);
  await bench.query('select * from t_OFFLINE');
  await bench.query('select 1');
  expect(await renditions(bench)).toEqual([]);
  expect(await bench.rows('select $docId, k from t order by 1')).toEqual([
    [0, 'a'],
    [1, 'b'],
  ]);
  const path = `renditions/t_REALTIME/real-${crc.toString(16)}.parquet`;
  expect(await renditions(bench)).toEqual([path]);
  const before = statSync(join(bench.dataDir, path));
  await bench.query('select * from t_REALTIME');
  const after = statSync(join(bench.dataDir, path));
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
});

test('segments that a view answers no row of are neither opened nor rendered', async () => {
  const { table, ...bench } = await openSimple();
  await bench.addSegment(table, { name: 'off' }, rows);
  const record = await bench.addSegment(table, real, rows);
  await bench.addRun({
    table: 't',
    runId: 'r',
    windowStartMs: 0,
    windowEndMs: 30,
    inputs: [{ name: 'real', type: 'REALTIME', crc: record.crc, rowCount: 2, taken: 2 }],
  });
  await bench.setState('t', { boundary: { ms: 29, mode: 'exact' } });
  await bench.addSegment(table, { name: 'above' }, [['x', 1, 99n]]);
  rmSync(join(bench.dataDir, record.file));
  expect(await bench.rows('select distinct $segmentName from t')).toEqual([['off']]);
  expect(await renditions(bench)).toEqual([]);
});

test('each length of the CONSUMING rows has its rendition', async () => {
  const { table, ...bench } = await openSimple();
  await bench.setConsuming(table, rows.slice(0, 1));
  expect(await bench.rows('select k from t')).toEqual([['a']]);
  const file = await bench.setConsuming(table, rows);
  expect(await bench.rows('select k from t')).toEqual([['a'], ['b']]);
  expect(await renditions(bench)).toHaveLength(2);
  // Known by length and checksum: what is behind the valid length, or lost since, does not matter.
  rmSync(join(bench.dataDir, file));
  expect(await bench.rows('select k from t')).toEqual([['a'], ['b']]);
});

test('CONSUMING rows that fail their checksum are an error that says what to do', async () => {
  const { table, ...bench } = await openSimple();
  const file = await bench.setConsuming(table, rows);
  const path = join(bench.dataDir, file);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 4;
  writeFileSync(path, bytes);
  const error = await failure(bench.query('select * from t'));
  expect(error.code).toBe('SEGMENT_CORRUPT');
  expect(error.message).toMatch(/CONSUMING rows of t__0__0__x fail their checksum.*next ingest/);
  writeFileSync(path, bytes.subarray(0, 20));
  expect((await failure(bench.query('select * from t'))).message).toMatch(/20 bytes, \d+ valid/);
  rmSync(path);
  expect((await failure(bench.query('select * from t'))).code).toBe('FILE_NOT_FOUND');
  expect(await bench.rows('select count(*) from t_OFFLINE')).toEqual([[0]]);
});

test('a damaged segment is named and not rendered', async () => {
  const { table, ...bench } = await openSimple();
  const arrow = await bench.addSegment(table, real, rows);
  const path = join(bench.dataDir, arrow.file);
  writeFileSync(path, readFileSync(path).subarray(0, 100));
  const error = await failure(bench.query('select * from t_REALTIME'));
  expect(error).toMatchObject({ code: 'SEGMENT_CORRUPT' });
  expect(error.message).toContain(arrow.file);
  expect(await renditions(bench)).toEqual([]);
});

test('several processes that make the same rendition at once all answer', async () => {
  const { table, ...bench } = await openSimple();
  const many = Array.from({ length: 20_000 }, (_, i): Row => [`k${i}`, i, BigInt(i)]);
  await bench.addSegment(table, real, many);
  await bench.setConsuming(table, rows);
  const sql = 'select count(*), sum(v) from t';
  const script = fileURLToPath(new URL('./child.ts', import.meta.url));
  const run = async (): Promise<unknown> => {
    const args = ['--import', 'tsx', script, bench.dataDir, sql];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout);
  };
  const inProcess = [1, 2, 3].map(() => bench.rows(sql));
  const expected = [[20_002, 199_990_003]];
  expect(await Promise.all([run(), run(), ...inProcess])).toEqual(Array(5).fill(expected));
  expect((await renditions(bench)).map((path) => path.replace(/-[^/]*$/, ''))).toEqual([
    'renditions/t_REALTIME/real',
    'renditions/t_REALTIME/t__0__0__x',
  ]);
});

test('a segment with a name too long for a file is rendered all the same', async () => {
  const { table, ...bench } = await openSimple();
  const names = ['a', 'b'].map((end) => 'x'.repeat(300) + end);
  for (const name of names) await bench.addSegment(table, { ...real, name }, rows);
  expect(await bench.rows('select distinct $segmentName from t order by 1')).toEqual(
    names.map((name) => [name]),
  );
});

test('a rendition that cannot be written is an error of the store, and leaves nothing', async () => {
  const { table, ...bench } = await openSimple();
  await bench.addSegment(table, real, rows);
  const store = storeWith(bench.store, {
    rename: () => Promise.reject(new Error('no room')),
  });
  const query = runQuery({ ...bench, store }, 'select * from t', queryDefaults);
  await expect(query).rejects.toThrow('no room');
  expect(await renditions(bench)).toEqual([]);
});

test('renditions that no segment needs any more are garbage, but not while a query reads', async () => {
  const { table, ...bench } = await openSimple();
  await bench.addSegment(table, real, rows);
  await bench.setConsuming(table, rows);
  await bench.query('select * from t');
  const { catalog, store } = bench;
  const context = {
    catalog,
    store,
    now: () => Date.now(),
    realNow: () => Date.now(),
    owner: 'gc',
    memoryBytes: 2 ** 30,
    workers: 1,
  } as unknown as EngineContext;
  const freed = async (): Promise<string[]> => {
    const { files } = await collectGarbage(context, undefined, { execute: true });
    return files.map(({ path }) => path.replace(/^.*\/|-[^/]*$/g, ''));
  };
  expect(await freed()).toEqual([]);
  await catalog.write((t) => {
    t.remove('segments', segmentKey('t', 'REALTIME', 'real'));
    const partition = partitionOf(t, 't', 0);
    t.put('partitions', partitionKey('t', 0), { ...partition, consuming: null });
  });
  await withLease(catalog, 'read/other', { owner: 'reader' }, async () => {
    expect(await freed()).toEqual([]);
  });
  expect(await freed()).toEqual(['real', 't__0__0__x']);
  expect(await renditions(bench)).toEqual([]);
});

/** The store with some methods of its own. */
function storeWith(store: Store, own: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, key: keyof Store) {
      const value = own[key] ?? target[key];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test('a query answers from one state, whatever is committed while it runs, and holds a lease', async () => {
  const { table, ...bench } = await openSimple();
  const segment = await bench.addSegment(table, real, rows);
  let leases = 0;
  const store = storeWith(bench.store, {
    async exists(path) {
      await bench.catalog.write((t) => {
        leases = t.list('leases', 'read/').length;
        t.remove('segments', segmentKey('t', 'REALTIME', 'real'));
        t.put('segments', segmentKey('t', 'OFFLINE', 'new'), {
          ...segment,
          name: 'new',
          type: 'OFFLINE',
        });
        t.put('states', 't', { ...t.get('states', 't')!, boundary: { ms: 99, mode: 'exact' } });
      });
      return bench.store.exists(path);
    },
  });
  const { rows: found } = await runQuery(
    { catalog: bench.catalog, store },
    'select $segmentName, count(*), (select count(*) from t_OFFLINE) from t group by 1',
    queryDefaults,
  );
  expect(found).toEqual([['real', 2, 0]]);
  expect(leases).toBe(1);
});

test('CONSUMING rows that are sealed while a query begins are read from the segment', async () => {
  const { table, ...bench } = await openSimple();
  await bench.setConsuming(table, rows);
  const sealed: SegmentRecord = await bench.addSegment(table, { ...real, name: 'sealed' }, rows);
  const take = async (): Promise<void> => {
    await bench.catalog.write((t) => {
      const { consuming, ...partition } = partitionOf(t, 't', 0);
      if (consuming === null) return;
      t.put('partitions', partitionKey('t', 0), { ...partition, consuming: null });
      addSegment(t, sealed);
      rmSync(join(bench.dataDir, consuming.file));
    });
  };
  await bench.catalog.write((t) => t.remove('segments', segmentKey('t', 'REALTIME', 'sealed')));
  const store = storeWith(bench.store, {
    async exists(path) {
      await take();
      return bench.store.exists(path);
    },
  });
  const query = 'select $segmentName, k from t order by 2';
  const answer = await runQuery({ catalog: bench.catalog, store }, query, queryDefaults);
  expect(answer.rows).toEqual([
    ['sealed', 'a'],
    ['sealed', 'b'],
  ]);
});

test('a query over many segments opens only the tables that it names', async () => {
  const { table, ...bench } = await openSimple();
  const other = { ...table, name: 'other' };
  await bench.addTable(other);
  await bench.setConsuming(other, rows);
  rmSync(join(bench.dataDir, 'consuming'), { recursive: true });
  for (let i = 0; i < 30; i++) await bench.addSegment(table, { name: `off${i}` }, rows);
  await bench.setState('t', { boundary: { ms: 99, mode: 'exact' } });
  expect(await bench.rows('select count(*), count(distinct $segmentName) from t')).toEqual([
    [60, 30],
  ]);
});
