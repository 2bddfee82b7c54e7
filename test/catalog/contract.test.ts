// What every catalog promises, checked on LMDB and on its twin.
import { describe, expect, test } from 'vitest';
import { runKey, runsOf, segmentsOf } from '../../src/catalog/keys.ts';
import { faultPlan } from '../../src/store/fault.ts';
import { lmdbCatalog, memoryCatalog, segment, table } from './records.ts';

describe.each([
  ['lmdb', lmdbCatalog],
  ['memory', memoryCatalog],
])('%s catalog', (_, open) => {
  test('records come back as they were, 64-bit integers, bytes and doubles exact', async () => {
    const catalog = open();
    const record = segment('a', { maxTimeMs: 2 ** 53 - 1, minTimeMs: -1.5, crc: 2 ** 32 - 1 });
    await catalog.write((transaction) => {
      transaction.put('tables', 't', table);
      transaction.put('segments', 't/OFFLINE/a', record);
    });
    const read = catalog.read((view) => view.get('tables', 't'));
    expect(read).toStrictEqual(table);
    expect(read!.schema.fields[0]!.defaultValue).toBe(-(2n ** 63n));
    expect(catalog.read((view) => view.get('segments', 't/OFFLINE/a'))).toStrictEqual(record);
  });

  test('an absent record is undefined, and removing it is fine', async () => {
    const catalog = open();
    await catalog.write((transaction) => transaction.remove('tables', 'none'));
    expect(catalog.read((view) => view.get('tables', 'none'))).toBeUndefined();
  });

  test('list gives the keys of a prefix in byte order and no others', async () => {
    const catalog = open();
    const names = ['b', 'a', 'ab', 'é', '\u{10000}', '\uffff', 'a b'];
    await catalog.write((transaction) => {
      for (const name of names) {
        transaction.put('segments', `t/OFFLINE/${name}`, segment(name));
        transaction.put('segments', `t2/OFFLINE/${name}`, segment(name, { table: 't2' }));
      }
    });
    const listed = catalog.read((view) => segmentsOf(view, 't').map(({ name }) => name));
    expect(listed).toEqual(['a', 'a b', 'ab', 'b', 'é', '\uffff', '\u{10000}']);
    expect(catalog.read((view) => view.list('segments').length)).toBe(2 * names.length);
    expect(catalog.read((view) => view.list('runs'))).toEqual([]);
  });

  test('runs are listed by commit number', async () => {
    const catalog = open();
    await catalog.write((transaction) => {
      for (const commitNumber of [10, 9, 100]) {
        const record = { runId: `r${commitNumber}`, commitNumber };
        transaction.put('runs', runKey('t', commitNumber, record.runId), record as never);
      }
    });
    const listed = catalog.read((view) => runsOf(view, 't').map((run) => run.commitNumber));
    expect(listed).toEqual([9, 10, 100]);
  });

  test('a write that throws changes nothing', async () => {
    const catalog = open();
    await catalog.write((transaction) => transaction.put('meta', 'x', { value: 'old' }));
    const failing = catalog.write((transaction) => {
      transaction.put('meta', 'x', { value: 'new' });
      transaction.put('meta', 'y', { value: 'new' });
      transaction.remove('meta', 'version');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    const read = catalog.read((view) => [
      view.get('meta', 'x'),
      view.get('meta', 'y'),
      view.get('meta', 'version'),
    ]);
    expect(read).toEqual([{ value: 'old' }, undefined, { value: '1' }]);
  });

  test('a write sees its own changes, and gives what its body gives', async () => {
    const catalog = open();
    const seen = await catalog.write((transaction) => {
      transaction.put('meta', 'k1', { value: '1' });
      transaction.put('meta', 'k2', { value: '2' });
      transaction.remove('meta', 'k1');
      return [transaction.get('meta', 'k1'), transaction.list('meta', 'k')];
    });
    expect(seen).toEqual([undefined, [{ value: '2' }]]);
  });

  test('what a caller changes after a put or a get is not in the catalog', async () => {
    const catalog = open();
    const record = { value: 'a' };
    await catalog.write((transaction) => transaction.put('meta', 'k', record));
    record.value = 'b';
    const read = catalog.read((view) => view.get('meta', 'k')) as { value: string };
    expect(read.value).toBe('a');
    read.value = 'c';
    expect(catalog.read((view) => view.get('meta', 'k'))).toEqual({ value: 'a' });
  });

  test('a read inside a write, and a write inside a read, is a bug', async () => {
    const catalog = open();
    await expect(catalog.write(() => catalog.read(() => 1))).rejects.toThrow(/inside another/);
    await catalog.read(() => expect(catalog.write(() => 1)).rejects.toThrow(/inside another/));
    await catalog.write((transaction) => transaction.put('meta', 'k', { value: 'still works' }));
  });

  test('a fault fails one write, whole', async () => {
    const catalog = open(faultPlan('catalog.write', 2));
    const write = (key: string): Promise<void> =>
      catalog.write((transaction) => transaction.put('meta', key, { value: key }));
    await write('k1');
    await expect(write('k2')).rejects.toMatchObject({ code: 'STORE_FULL' });
    await write('k3');
    const read = catalog.read((view) => view.list('meta', 'k').map(({ value }) => value));
    expect(read).toEqual(['k1', 'k3']);
  });
});
