import { expect, test } from 'vitest';
import { openSimple } from './fixtures.ts';

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
