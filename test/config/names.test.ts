import { expect, test } from 'vitest';
import {
  didYouMean,
  isValidTableName,
  nearestName,
  splitTableName,
  typedTableName,
} from '../../src/config/names.ts';

test('the nearest name is found within a slip, and not beyond', () => {
  const keys = ['bucketTimePeriod', 'bufferTimePeriod', 'mergeType'];
  expect(nearestName('bucketTimePeriode', keys)).toBe('bucketTimePeriod');
  expect(nearestName('MERGETYPE', keys)).toBe('mergeType');
  expect(nearestName('mergeTpye', keys)).toBe('mergeType');
  expect(nearestName('whatever', keys)).toBeNull();
  expect(nearestName('x', [])).toBeNull();
  expect(nearestName('x', ['d'])).toBeNull();
  expect(nearestName('X', ['x'])).toBe('x');
  expect(didYouMean('mergetyp', keys)).toBe(' Did you mean "mergeType"?');
});

test('table names are split at their type', () => {
  expect(splitTableName('orders')).toEqual({ raw: 'orders', type: null });
  expect(splitTableName('orders_REALTIME')).toEqual({ raw: 'orders', type: 'REALTIME' });
  expect(splitTableName('a_OFFLINE')).toEqual({ raw: 'a', type: 'OFFLINE' });
  expect(splitTableName('_OFFLINE')).toEqual({ raw: '_OFFLINE', type: null });
  expect(typedTableName('orders', 'OFFLINE')).toBe('orders_OFFLINE');
});

test('a table name is usable as a directory and as a part of segment names', () => {
  expect(['orders', 'a1_b-c', 'db.orders', 'Größe'].map(isValidTableName)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  const bad = ['', '.', '..', 'a/b', 'a b', 'a__b', '-a', '.a', 'a..b', 'a.b.c', 'x'.repeat(201)];
  expect(bad.filter(isValidTableName)).toEqual([]);
});
