import { expect, test } from 'vitest';
import { countFault, faultPlan, faultPlanFrom } from '../../src/store/fault.ts';
import { storeFailure } from '../../src/store/failure.ts';

test('a fault plan is read from text', () => {
  expect(faultPlanFrom(undefined)).toBeUndefined();
  expect(faultPlanFrom('')).toBeUndefined();
  expect(faultPlanFrom('store.write:3')).toMatchObject({
    seam: 'store.write',
    nth: 3,
    effect: 'fail',
  });
  expect(faultPlanFrom('catalog.write:1:exit')).toMatchObject({
    seam: 'catalog.write',
    nth: 1,
    effect: 'exit',
  });
});

test.each(['store.write', 'store.write:0', 'store.other:1', 'store.write:1:die', ':1'])(
  'the fault plan %j is refused',
  (text) => {
    expect(() => faultPlanFrom(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  },
);

test('only the nth passage of the named seam fails, once, over all holders of the counter', () => {
  const plan = faultPlan('store.sync', 2);
  const shared = { ...plan };
  countFault(plan, 'store.sync', 'a');
  countFault(plan, 'store.write', 'a');
  expect(() => countFault(shared, 'store.sync', 'a')).toThrow(/store.sync:2/);
  countFault(plan, 'store.sync', 'a');
});

test.each([
  ['ENOSPC', 'STORE_FULL'],
  ['EDQUOT', 'STORE_FULL'],
  ['ENOENT', 'FILE_NOT_FOUND'],
  ['EIO', 'STORE_FAILED'],
])('the system code %s becomes %s with path and bytes', (systemCode, code) => {
  const error = Object.assign(new Error(`${systemCode}: x`), { code: systemCode });
  expect(storeFailure(error, 'write', 'tmp/r/x', 42)).toMatchObject({
    code,
    details: { path: 'tmp/r/x', step: 'write', bytes: 42, systemCode },
  });
});
