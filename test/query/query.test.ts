import { expect, test } from 'vitest';
import { openBench, openSimple, simpleSchema, tableOf } from './fixtures.ts';

test('a hybrid table answers each row once, with the columns in order of name', async () => {
  const { table, addSegment, setConsuming, setState, query } = await openSimple();
  await addSegment(table, { name: 'off' }, [
    ['a', 1, 10n],
    ['b', 2, 20n],
  ]);
  await addSegment(table, { name: 'real', type: 'REALTIME' }, [
    ['b', 2, 20n],
    ['c', 3, 30n],
  ]);
  await setConsuming(table, [['d', 4, 40n]]);
  await setState('t', { boundary: { ms: 29, mode: 'set' } });
  expect(await query('select * from t order by ts')).toMatchObject({
    columns: [
      { name: 'k', dataType: 'STRING' },
      { name: 'ts', dataType: 'LONG' },
      { name: 'v', dataType: 'INT' },
    ],
    rows: [
      ['a', 10, 1],
      ['b', 20, 2],
      ['b', 20, 2],
      ['c', 30, 3],
      ['d', 40, 4],
    ],
  });
});

test('tables of a database are named with and without quotes', async () => {
  const table = tableOf(simpleSchema, { name: 'shop.orders' });
  const bench = await openBench(table);
  await bench.addSegment(table, { name: 'off' }, [['a', 1, 10n]]);
  await bench.setState('shop.orders', { boundary: { ms: 99, mode: 'exact' } });
  for (const name of ['shop.orders', '"shop.orders"', 'shop.orders_OFFLINE', 'SHOP.Orders'])
    expect(await bench.rows(`select k from ${name}`)).toEqual([['a']]);
});

test('several tables and sides join in one query', async () => {
  const { table, ...bench } = await openSimple();
  const other = tableOf(simpleSchema, { name: 'other' });
  await bench.addTable(other);
  await bench.addSegment(table, { name: 'off' }, [
    ['a', 1, 10n],
    ['b', 2, 20n],
  ]);
  await bench.addSegment(other, { name: 'real', type: 'REALTIME' }, [['b', 5, 50n]]);
  const sql = `with x as (select k, sum(v) s from other group by k)
    select t_OFFLINE.k, v, s, (select count(*) from other_REALTIME) n
    from t_OFFLINE left join x using (k) order by v`;
  expect(await bench.rows(sql)).toEqual([
    ['a', 1, null, 1],
    ['b', 2, 5, 1],
  ]);
});

test('virtual columns tell segment, row and host, and a star leaves them out', async () => {
  const { table, ...bench } = await openSimple();
  for (const name of ['s1', 's2', "it's"])
    await bench.addSegment(table, { name }, [
      ['a', 1, 10n],
      ['b', 2, 20n],
    ]);
  const answer = await bench.query(
    'select $segmentName, $docId, *, $hostName = $hostName as h from t_OFFLINE where $docId = 1 order by 1 limit 1, 2',
  );
  expect(answer.columns.map(({ name }) => name)).toEqual([
    '$segmentName',
    '$docId',
    'k',
    'ts',
    'v',
    'h',
  ]);
  expect(answer.rows).toEqual([
    ['s1', 1, 'b', 20, 2, true],
    ['s2', 1, 'b', 20, 2, true],
  ]);
  const counts = await bench.rows(
    'select $segmentName, count(*) cnt from t_OFFLINE group by $segmentName order by 1',
  );
  expect(counts).toEqual([
    ["it's", 2],
    ['s1', 2],
    ['s2', 2],
  ]);
});

test('a recorded query: counts and sums have the names and types that Pinot gave', async () => {
  const { table, ...bench } = await openSimple();
  await bench.addSegment(table, { name: 'off' }, [
    ['a', 1, 10n],
    ['a', 2, 20n],
  ]);
  const { columns, rows } = await bench.query('select count(*), sum(v) from t_OFFLINE');
  expect(columns).toEqual([
    { name: 'count(*)', dataType: 'LONG' },
    { name: 'sum(v)', dataType: 'DOUBLE' },
  ]);
  expect(rows).toEqual([[2, 3]]);
});

test('a leading SET wins over the option of the call', async () => {
  const { table, ...bench } = await openSimple({ nullHandling: true });
  await bench.addSegment(table, { name: 'off' }, [[null, null, 10n]]);
  const sql = 'select k, v from t_OFFLINE';
  expect(await bench.rows(sql)).toEqual([['null', 0]]);
  expect(await bench.rows(sql, { nullHandling: true })).toEqual([[null, null]]);
  expect(await bench.rows(`set enableNullHandling=false; ${sql}`, { nullHandling: true })).toEqual([
    ['null', 0],
  ]);
});
