import { expect, test } from 'vitest';
import { adaptQuery } from '../../src/query/dialect.ts';
import { named } from '../../src/query/select-items.ts';
import { failure } from './fixtures.ts';

const sqlOf = (text: string): string => adaptQuery(text).sql;

async function refusal(text: string): Promise<string> {
  const { code, message } = await failure(Promise.resolve().then(() => adaptQuery(text)));
  expect(code).toBe('QUERY_INVALID');
  return message;
}

test('a text without anything of Pinot stays as it is', () => {
  const sql = `select a>=1, b <> 'x' -- why\n, c::bigint, j->'$.a' from t /* all */ where d != 2`;
  expect(sqlOf(sql)).toBe(sql);
  expect(sqlOf('select 1 ; ;')).toBe('select 1');
});

test('leading SET options are taken away and read', () => {
  const text = `SET enableNullHandling = true; set timeoutMs=100;set "useMultistageEngine"='false' ; select 1`;
  expect(adaptQuery(text)).toMatchObject({
    sql: ' select 1',
    settings: { nullHandling: true, timeoutMs: 100 },
  });
  expect(adaptQuery('select 1').settings).toEqual({ nullHandling: null, timeoutMs: null });
});

test('an option that is none, or without a value, is named', async () => {
  expect(await refusal('set timeoutMS2=5; select 1')).toBe(
    'SET timeoutMS2: not an option of queries; allowed: enableNullHandling, timeoutMs, useMultistageEngine. Did you mean "timeoutMs"?',
  );
  expect(await refusal('set threads=5; select 1')).toMatch(/SET threads: not an option/);
  expect(await refusal('set; select 1')).toMatch(/SET \?/);
  expect(await refusal('set enableNullHandling=maybe; select 1')).toBe(
    'SET enableNullHandling: found maybe, allowed: true, false',
  );
  expect(await refusal('set useMultistageEngine=2; select 1')).toMatch(/allowed: true, false/);
  expect(await refusal('set timeoutMs=0; select 1')).toMatch(/allowed: 1 to 999999999/);
  expect(await refusal('set timeoutMs=-5; select 1')).toMatch(/more than one value/);
  expect(await refusal('set timeoutMs; select 1')).toMatch(/no value/);
  expect(await refusal('set timeoutMs=5 select 1')).toMatch(/semicolon before the SELECT/);
});

test('only one SELECT is allowed', async () => {
  expect(await refusal('')).toMatch(/empty/);
  expect(await refusal(' -- nothing\n;')).toMatch(/empty/);
  expect(await refusal('set timeoutMs=5;')).toMatch(/empty/);
  expect(await refusal('select 1; select 2')).toMatch(/more than one statement/);
  for (const verb of ['insert', 'copy', 'attach', 'pragma', 'call', 'describe', 'show', 'explain'])
    expect(await refusal(`${verb} something`)).toMatch(`found ${verb.toUpperCase()}, only SELECT`);
});

test('virtual columns are names, but not in strings, comments and quoted names', () => {
  const { sql, virtualColumns } = adaptQuery(
    `select $segmentName, '$docId' /* $hostName */, "a $docId" from t where t.$segmentname = '$segmentName' -- $docId`,
  );
  expect(sql).toBe(
    `select "$segmentName", '$docId' /* $hostName */, "a $docId" from t where t."$segmentName" = '$segmentName'`,
  );
  expect(virtualColumns).toEqual(['$segmentName']);
  expect(adaptQuery('select "$docId" from t').virtualColumns).toEqual(['$docId']);
});

test('a virtual column that is none is refused with the nearest', async () => {
  expect(await refusal('select $segmentNames from t')).toBe(
    '$segmentNames is no virtual column; there are $segmentName, $docId, $hostName; did you mean $segmentName?',
  );
  expect(await refusal('select $1')).toMatch(/no virtual column/);
});

test('LIMIT offset, count is turned round, in subqueries too', () => {
  expect(sqlOf('select * from t limit 5, 10')).toBe('select * from t limit 10 OFFSET  5');
  expect(sqlOf('select 1 from (select 2 LIMIT 1,2) limit 3')).toBe(
    'select 1 from (select 2 LIMIT 2 OFFSET 1) limit 3',
  );
  expect(sqlOf("select 'limit 1, 2'")).toBe("select 'limit 1, 2'");
});

test('a star is without virtual columns where it stands for a table', () => {
  const star = '* EXCLUDE ("$segmentName")';
  expect(sqlOf('select $segmentName, * from t')).toBe(`select "$segmentName", ${star} from t`);
  expect(sqlOf('select $segmentName, a.*, b.x from t a join (select 1 x) b on true')).toBe(
    `select "$segmentName", a.${star}, b.x from t a join (select 1 x) b on true`,
  );
  expect(sqlOf('select * exclude (k) from t where $segmentName > 1')).toBe(
    'select * exclude ("$segmentName", k) from t where "$segmentName" > 1',
  );
  expect(sqlOf('select * exclude k from t where $segmentName > 1')).toBe(
    'select * exclude ("$segmentName", k) from t where "$segmentName" > 1',
  );
  expect(sqlOf('select * replace (1 as k) from t where $segmentName > 1')).toBe(
    `select ${star} replace (1 as k) from t where "$segmentName" > 1`,
  );
  expect(sqlOf('from t where $segmentName > 1')).toBe(
    `SELECT ${star} from t where "$segmentName" > 1`,
  );
});

test('a star over a subquery or a WITH keeps what these give', () => {
  for (const sql of [
    'select * from (select $segmentName, k from t)',
    'with a as (select $segmentName n from t) select * from a',
    'with a (n) as materialized (select $segmentName from t) select a.* from a',
    'select x.* from t, (select $segmentName from t) x',
    'select count(*), v * 2 from t group by $segmentName',
    'select 1 from t where v is distinct from $docId union all select * from (select 1)',
  ])
    expect(sqlOf(sql)).toBe(sql.replaceAll(/\$\w+/g, '"$&"'));
});

test('names are words, quoted names and pairs with a dot', () => {
  expect([...adaptQuery('select "a b", c from d.e where f = \'g\'').names]).toEqual(
    expect.arrayContaining(['a b', 'c', 'd', 'e', 'd.e', 'f']),
  );
  expect(adaptQuery("select 'g'").names.has('g')).toBe(false);
});

test('depth and length have a limit', async () => {
  expect(await refusal(`select ${'('.repeat(300)}1${')'.repeat(300)}`)).toMatch(
    /300 deep, the limit is 256/,
  );
  expect(await refusal(`select '${'x'.repeat(2 ** 20)}'`)).toMatch(/the limit is 1048576/);
});

test('functions that reach beyond the tables are refused', async () => {
  for (const name of ['read_csv', 'READ_PARQUET', '"glob"', 'enable_logging', 'query'])
    expect(await refusal(`select * from ${name}('x')`)).toMatch(/is not available/);
  expect(sqlOf('select query from t')).toBe('select query from t');
});

function namesOf(text: string, found: readonly string[]): string[] {
  const columns = found.map((name) => ({ name, dataType: 'LONG' }));
  return named(columns, adaptQuery(text).items).map(({ name }) => name);
}

test('result columns have the names that Pinot gives', () => {
  const list = 'select COUNT(*), sum( v ), Max(a.v), v + 1, sum("v"), count(distinct k) from t a';
  expect(namesOf(list, ['1', '2', '3', '4', '5', '6'])).toEqual([
    'count(*)',
    'sum(v)',
    'max(a.v)',
    'v+1',
    'sum(v)',
    'count(distinct k)',
  ]);
});

test('aliases and plain columns keep the name of the engine', () => {
  for (const item of [
    'v',
    'a.v',
    '"v"',
    'v as w',
    'sum(v) w',
    'sum(v) as "w"',
    'w: v + 1',
    '$docId',
  ])
    expect(namesOf(`select distinct ${item} from t a`, ['own'])).toEqual(['own']);
  expect(namesOf('select case when v then 1 end from t', ['own'])).toEqual(['own']);
  expect(namesOf('select cast(v as double) from t', ['own'])).toEqual(['cast(v as double)']);
  expect(namesOf('select v is null from t', ['own'])).toEqual(['v is null']);
});

test('stars in between keep the names around them right', () => {
  const found = ['x', 'a', 'b', 'y'];
  expect(namesOf('select sum(v), *, min(v) from t', found)).toEqual(['sum(v)', 'a', 'b', 'min(v)']);
  expect(namesOf('select *, min(v) from t', found)).toEqual(['x', 'a', 'b', 'min(v)']);
  expect(namesOf('select sum(v), t.*, * from t', found)).toEqual(['sum(v)', 'a', 'b', 'y']);
});

test('names are found behind WITH and for the first SELECT of a UNION', () => {
  expect(namesOf('with a as (select 1 x, 2 y) select count(*) from a', ['own'])).toEqual([
    'count(*)',
  ]);
  expect(namesOf('select sum(v) from t union all select 1', ['own'])).toEqual(['sum(v)']);
  expect(namesOf('(select count(*) from t)', ['count_star()'])).toEqual(['count(*)']);
});
