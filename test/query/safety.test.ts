// Queries read tables and nothing else, end in time, and say what is wrong with them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { isRefusedFunction } from '../../src/query/functions.ts';
import { failure, openBench, openSimple } from './fixtures.ts';

test.each([
  ['', /empty/],
  ['  -- nothing', /empty/],
  ["insert into t values ('a', 1, 2)", /found INSERT/],
  ['update t set v = 1', /found UPDATE/],
  ['delete from t', /found DELETE/],
  ['create table x as select * from t', /found CREATE/],
  ["copy t to '/tmp/out.csv'", /found COPY/],
  ["attach 'x.db'", /found ATTACH/],
  ['pragma database_list', /found PRAGMA/],
  ['call pragma_version()', /found CALL/],
  ['describe t', /found DESCRIBE/],
  ['show tables', /found SHOW/],
  ['explain select 1', /found EXPLAIN/],
  ['install httpfs', /found INSTALL/],
  ["load 'x'", /found LOAD/],
  ['set threads = 8; select 1', /SET threads/],
  ['reset threads', /found RESET/],
  ['select 1; drop view t', /more than one statement/],
  ['with x as (delete from t returning *) select * from x', /CTE needs a SELECT|syntax/],
  ["with x as (select 1) insert into t select 'a', 1, 2", /found INSERT, only SELECT/],
  ['select 1 into x', /SELECT INTO|not supported/i],
])('%s is refused', async (sql, message) => {
  const bench = await openSimple();
  const error = await failure(bench.query(sql));
  expect(error).toEqual({
    code: 'QUERY_INVALID',
    message: expect.stringMatching(message) as string,
  });
});

test.each([
  "select * from read_csv('/etc/passwd')",
  "select * from read_text('/etc/passwd')",
  "select * from read_parquet('/tmp/other.parquet')",
  "select * from glob('/etc/*')",
  "select * from main.read_csv_auto('/etc/passwd')",
  'select * from (select * from "READ_BLOB"(\'/etc/passwd\'))',
  "select * from query('select 1')",
  "select * from enable_logging('QueryLog', storage = 'file', storage_path = '/tmp/logs')",
  "select * from '/etc/passwd'",
  'select * from "/etc/passwd"',
  "select * from 'https://localhost/x.parquet'",
])('%s reads nothing', async (sql) => {
  const bench = await openSimple();
  const { code, message } = await failure(bench.query(sql));
  expect(code).toBe('QUERY_INVALID');
  expect(message).toMatch(/is not available|does not exist|Permission Error/);
});

test('a segment file cannot be written or read by its path', async () => {
  const { table, ...bench } = await openSimple();
  const { file } = await bench.addSegment(table, { name: 'off' }, [['a', 1, 2n]]);
  const path = join(bench.dataDir, file);
  const before = readFileSync(path);
  for (const sql of [
    `copy (select 1) to '${path}'`,
    `with x as (select * from t) select * from read_parquet('${path}'), x`,
  ])
    expect((await failure(bench.query(sql))).code).toBe('QUERY_INVALID');
  expect(readFileSync(path)).toEqual(before);
});

test('every table function of the engine is refused, but those that only make or unfold values', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const sql = `select distinct function_name from duckdb_functions() where function_type like 'table%'`;
  const names = (await connection.runAndReadAll(sql)).getRows().map(([name]) => String(name));
  connection.closeSync();
  instance.closeSync();
  const allowed = names.filter((name) => !isRefusedFunction(name)).sort();
  expect(allowed).toEqual([
    'generate_series',
    'histogram',
    'histogram_values',
    'json_each',
    'json_tree',
    'range',
    'repeat',
    'repeat_row',
    'unnest',
  ]);
});

test('what is left behind is nothing: no file in the working directory, no lease', async () => {
  const { table, ...bench } = await openSimple();
  await bench.addSegment(table, { name: 'off' }, [['a', 1, 2n]]);
  await bench.query('select * from t_OFFLINE order by v');
  await failure(bench.query('select nope from t'));
  expect(existsSync('.tmp')).toBe(false);
  expect(await bench.store.list('tmp')).toEqual([]);
  expect(bench.catalog.read((view) => view.list('leases'))).toEqual([]);
});

test('a sort that does not fit its memory goes to disk, below tmp, and is removed', async () => {
  const bench = await openBench();
  const sql = `select count(*) from (select range, md5(range::varchar) h from range(3000000) order by h)
    where range >= 0`;
  const options = { memoryBytes: 140 * 2 ** 20 };
  expect(await bench.rows(sql, options)).toEqual([[3_000_000]]);
  expect(await bench.store.list('tmp')).toEqual([]);
});

describe('how a query ends', () => {
  const endless = 'select count(*) from range(1000000000000) a, range(1000000) b';

  test('by its timeout, of the text before the one of the call', async () => {
    const bench = await openBench();
    expect(
      await failure(bench.query(`set timeoutMs=50; ${endless}`, { timeoutMs: 60_000 })),
    ).toEqual({
      code: 'QUERY_TIMEOUT',
      message: 'the query took longer than 50 ms; narrow it, or begin with SET timeoutMs=...;',
    });
    expect((await failure(bench.query(endless, { timeoutMs: 50 }))).code).toBe('QUERY_TIMEOUT');
    expect(await bench.rows('select 1')).toEqual([[1]]);
  });

  test('by the caller, before or while it runs', async () => {
    const bench = await openBench();
    const control = new AbortController();
    const running = failure(bench.query(endless, { signal: control.signal }));
    setTimeout(() => control.abort(), 50);
    expect((await running).code).toBe('CANCELLED');
    expect((await failure(bench.query('select 1', { signal: control.signal }))).code).toBe(
      'CANCELLED',
    );
  });

  test('by its timeout where the engine does not look for an interrupt', async () => {
    const bench = await openBench();
    const arrows = `select '{}'::json${"->'a'".repeat(23)}`;
    expect((await failure(bench.query(arrows, { timeoutMs: 50 }))).code).toBe('QUERY_TIMEOUT');
  });

  test('by the size of its result', async () => {
    const bench = await openBench();
    const sql = "select range, repeat('x', 1000) from range(1000000)";
    expect(await failure(bench.query(sql, { memoryBytes: 64 * 2 ** 20 }))).toMatchObject({
      code: 'MEMORY_CAP',
      message: expect.stringMatching(/add a LIMIT/) as string,
    });
  });

  test('by its memory', async () => {
    const bench = await openBench();
    const sql = 'select list(range) from range(100000000)';
    expect((await failure(bench.query(sql, { memoryBytes: 64 * 2 ** 20 }))).code).toBe(
      'MEMORY_CAP',
    );
  });
});

describe('messages', () => {
  test.each([
    [
      'select * from tt',
      'table tt does not exist; tables are t, t_OFFLINE, t_REALTIME. Did you mean "t"?',
    ],
    ['select * from t_OFLINE', /does not exist; .* Did you mean "t_OFFLINE"\?/],
    ['select ks from t', 'column ks does not exist in t; columns are k, ts, v; did you mean k?'],
    [
      'select x.nocol from t_OFFLINE x where ts > 1',
      'column nocol does not exist in t_OFFLINE; columns are k, ts, v',
    ],
    [
      'select nocol from t join t_REALTIME r using (k)',
      'column nocol does not exist in t, t_REALTIME; columns are k, ts, v',
    ],
    ['select * exclude (nocol) from t', /^column nocol does not exist in t; columns/],
    [
      'select * from t join t_OFFLINE using (nocol)',
      /^column nocol does not exist in t, t_OFFLINE/,
    ],
    ['select k from t having nocol > 1', /^column nocol does not exist in t; columns/],
    ['select k from t where k = "abc"', /; a text stands in single quotes: 'abc'$/],
    ['select nocol', 'column nocol does not exist: the query reads no table'],
    ['select total from (select sum(v) totals from t)', /did you mean totals\?/],
    [
      'select v from (select k from t)',
      /^column v is not in reach where the query uses it: its FROM/,
    ],
    [
      'select k from t a join t b on true',
      /^Ambiguous reference .*; near "k from t a join t b on true"$/,
    ],
    [
      'select toEpochDays(ts) from t',
      'function toepochdays is not available here; write x // 86400000',
    ],
    ['select percentile95(v) from t', /write quantile_disc\(x, 0.95\)/],
    ['select distinct_count(v) from t', /write count\(distinct x\)/],
    ['select flor(v) from t', 'function flor does not exist; did you mean floor?'],
    ['select cast(k as int3) from t', /^type int3 does not exist; did you mean \w+\?$/],
    ['selec 1', /found SELEC, only SELECT/],
    ['select from where', 'the query can\'t be read: syntax error, near "where"'],
    [
      'select * from t where',
      'the query can\'t be read: it ends too early, near "select * from t where"',
    ],
    [
      `select k,\n  $segmentName from t oder by $segmentName`,
      'the query can\'t be read: syntax error, near "by $segmentName"',
    ],
    ['select', "the query can't be read: SELECT clause without selection list"],
    [
      'select timeconvert(ts) from t',
      /write x \/\/ n for a coarser unit or x \* n for a finer one.*MILLISECONDS to SECONDS: x \/\/ 1000/,
    ],
    ["select 'abc", /unterminated quoted string/],
    ['select "abc', /unterminated quoted identifier/],
    ['select /* abc', /unterminated|SELECT clause without selection list|syntax error/],
    ['select $$abc', /unterminated dollar-quoted string/],
    ["select cast('x' as int)", /Could not convert string 'x' to INT32/],
    ['select ?', /parameter/],
    ['select $segmentName from (select 1)', /^column \$segmentName is not in reach/],
  ])('%s', async (sql, message) => {
    const bench = await openSimple();
    expect(await failure(bench.query(sql))).toEqual({
      code: 'QUERY_INVALID',
      message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
    });
  });

  test('a directory without tables says so', async () => {
    const bench = await openBench();
    expect((await failure(bench.query('select * from t'))).message).toBe(
      'table t does not exist; there is no table yet (segmill table add).',
    );
  });
});

test.each([
  ['not', 'select ' + 'not '.repeat(5000) + 'true'],
  ['plus', 'select 1' + '+1'.repeat(20_000)],
  ['case', `select ${'case when true then '.repeat(3000)}1${' end'.repeat(3000)}`],
  ['minus', `select ${'- '.repeat(100_000)}1`],
  ['subqueries', `select ${'(select '.repeat(256)}1${')'.repeat(256)}`],
  ['brackets', `select ${'['.repeat(5000)}1${']'.repeat(5000)}`],
  ['huge text', `select '${'x'.repeat(2_000_000)}'`],
])('a text with too much of something is an error, no crash: %s', async (_name, sql) => {
  const bench = await openBench();
  const { code, message } = await failure(bench.query(sql));
  expect(code).toBe('QUERY_INVALID');
  expect(message.length).toBeLessThan(2000);
});
