import { expect, test } from 'vitest';
import { leaseStaleMs } from '../../src/limits.ts';
import { isAlive, thisProcess } from '../../src/catalog/holder.ts';
import { leaseKey } from '../../src/catalog/keys.ts';
import { assertLease, livingLeases, withLease } from '../../src/catalog/lease.ts';
import { openCatalog } from '../../src/catalog/lmdb.ts';
import type { Catalog, LeaseRecord } from '../../src/catalog/types.ts';
import { faultPlan } from '../../src/store/fault.ts';
import { startChild } from './child-process.ts';
import { dataRoot, memoryCatalog } from './records.ts';

const key = leaseKey('move', 't');
const options = { owner: 'w1' };

function foreign(change: Partial<LeaseRecord> = {}): LeaseRecord {
  const times = { takenMs: 1000, renewedMs: 1000 };
  return { key, owner: 'other', ...thisProcess(), ...times, ...change };
}

async function holding(record: LeaseRecord): Promise<Catalog> {
  const catalog = memoryCatalog();
  await catalog.write((tx) => tx.put('leases', key, record));
  return catalog;
}

const held = (catalog: Catalog): unknown => catalog.read((view) => view.get('leases', key));

test('a lease keeps a second holder of the same process out, and is gone afterwards', async () => {
  const catalog = memoryCatalog();
  const refused = { code: 'RUNNING_ELSEWHERE', details: { pid: process.pid } };
  const [first, second] = [
    withLease(catalog, key, options, async () => new Promise((done) => setTimeout(done, 20))),
    withLease(catalog, key, options, async () => Promise.resolve()),
  ];
  await expect(second).rejects.toMatchObject(refused);
  await first;
  expect(held(catalog)).toBeUndefined();
  expect(await withLease(catalog, key, options, async () => Promise.resolve(5))).toBe(5);
});

test('a lease is released when its body fails, and the failure comes through', async () => {
  const catalog = memoryCatalog();
  const failing = withLease(catalog, key, options, async () => Promise.reject(new Error('boom')));
  await expect(failing).rejects.toThrow('boom');
  expect(held(catalog)).toBeUndefined();
});

test('a lease that could not be released does not lock its own process out', async () => {
  const catalog = memoryCatalog(faultPlan('catalog.write', 2));
  const unreleased = withLease(catalog, key, options, async () => Promise.resolve());
  await expect(unreleased).rejects.toMatchObject({ code: 'STORE_FULL' });
  expect(held(catalog)).toBeDefined();
  expect(await withLease(catalog, key, options, async () => Promise.resolve('in'))).toBe('in');
});

test('a commit under a lease that was taken over is refused', async () => {
  const catalog = memoryCatalog();
  await withLease(catalog, key, options, async (lease) => {
    await catalog.write((tx) => assertLease(tx, lease));
    await catalog.write((tx) => tx.put('leases', key, foreign()));
    const commit = catalog.write((tx) => assertLease(tx, lease));
    await expect(commit).rejects.toMatchObject({ code: 'RUNNING_ELSEWHERE' });
  });
  expect(held(catalog)).toMatchObject({ owner: 'other' });
});

test('the holder is told when its lease was taken over', async () => {
  const catalog = memoryCatalog();
  const reason = withLease(catalog, key, { ...options, renewEveryMs: 2 }, async ({ signal }) => {
    await catalog.write((tx) => tx.put('leases', key, foreign()));
    await new Promise((told) => signal.addEventListener('abort', told));
    return signal.reason as unknown;
  });
  expect(await reason).toMatchObject({ code: 'RUNNING_ELSEWHERE' });
});

test('renewals move the moment that others look at', async () => {
  const catalog = memoryCatalog();
  let nowMs = 1000;
  const clock = (): number => nowMs;
  await withLease(catalog, key, { ...options, clock, renewEveryMs: 1 }, async () => {
    nowMs = 2000;
    while ((held(catalog) as LeaseRecord).renewedMs !== 2000) {
      await new Promise((resume) => setTimeout(resume, 1));
    }
  });
  expect(held(catalog)).toBeUndefined();
});

test('a holder on another machine lives as long as it renews', () => {
  for (const other of [foreign({ host: 'elsewhere' }), foreign({ machine: 'other boot' })]) {
    expect(isAlive(other, 1000 + leaseStaleMs - 1)).toBe(true);
    expect(isAlive(other, 1000 + leaseStaleMs)).toBe(false);
  }
});

test.runIf(process.platform === 'linux')('a pid that another process has now is no holder', () => {
  expect(isAlive(foreign({ pid: process.ppid, processStart: '1' }), 1000)).toBe(false);
  expect(isAlive(foreign({ pid: process.ppid, processStart: null }), 1000)).toBe(true);
  expect(isAlive(foreign({ pid: process.pid, processStart: '1' }), 1000)).toBe(false);
});

test('a stale lease is taken over, a fresh one of another machine is not', async () => {
  const clock = (): number => 1000 + leaseStaleMs;
  const body = async (): Promise<string> => Promise.resolve('in');
  const stale = await holding(foreign({ host: 'elsewhere' }));
  expect(await withLease(stale, key, { ...options, clock }, body)).toBe('in');
  const fresh = await holding(foreign({ host: 'elsewhere', renewedMs: 1001 }));
  await expect(withLease(fresh, key, { ...options, clock }, body)).rejects.toMatchObject({
    code: 'RUNNING_ELSEWHERE',
    details: { host: 'elsewhere', owner: 'other', since: '1970-01-01T00:00:01.000Z' },
  });
});

test('a lease of another process keeps this one out while it lives, however stale, and not when it was killed', async () => {
  const root = dataRoot();
  const catalog = openCatalog(root);
  const child = startChild('hold', root, key);
  expect(await child.line()).toBe('held');
  const clock = (): number => Date.now() + 10 * leaseStaleMs;
  const body = async (): Promise<string> => Promise.resolve('in');
  await expect(withLease(catalog, key, { ...options, clock }, body)).rejects.toMatchObject({
    code: 'RUNNING_ELSEWHERE',
    details: { pid: child.pid },
  });
  const living = (): number =>
    catalog.read((view) => livingLeases(view, 'move/', Date.now()).length);
  expect(living()).toBe(1);
  child.kill();
  await child.exit;
  expect(living()).toBe(0);
  expect(await withLease(catalog, key, options, body)).toBe('in');
  await catalog.close();
});
