import { expect, test } from 'vitest';
import { llcName, parseLlcName } from '../../src/planner/llc-name.ts';

test('O-15 the name holds the creation minute in UTC', () => {
  expect(llcName('myTable', 0, 1, 1465508537069)).toBe('myTable__0__1__20160609T2142Z');
});

test('W-7 four parts with integer partition and sequence, nothing else', () => {
  expect(parseLlcName('t__3__12__20160609T2142Z')).toEqual({
    table: 't',
    partition: 3,
    sequence: 12,
    time: '20160609T2142Z',
  });
  for (const name of ['t__0__1', 't__a__1__x', 't__0__b__x', 't__0__1__x__y', 'upload', ''])
    expect(parseLlcName(name)).toBeNull();
});
