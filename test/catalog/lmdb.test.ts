import { cpSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isSegmillError } from '../../src/errors.ts';
import { openCatalog } from '../../src/catalog/lmdb.ts';
import type { Catalog } from '../../src/catalog/types.ts';
import { startChild } from './child-process.ts';
import { dataRoot } from './records.ts';

function opened(root: string, mapBytes?: number): Catalog {
  const catalog = openCatalog(root, mapBytes === undefined ? {} : { mapBytes });
  onTestFinished(() => catalog.close());
  return catalog;
}

test('what was written is there after the catalog was closed and opened again', async () => {
  const root = dataRoot();
  const first = openCatalog(root);
  await first.write((transaction) => transaction.put('meta', 'k', { value: 'v' }));
  await first.close();
  expect(opened(root).read((view) => view.get('meta', 'k'))).toEqual({ value: 'v' });
});

test('a directory of a newer version is refused, naming both', async () => {
  const root = dataRoot();
  const first = openCatalog(root);
  await first.write((transaction) => transaction.put('meta', 'version', { value: '2' }));
  await first.close();
  expect(() => openCatalog(root)).toThrow(
    expect.objectContaining({
      code: 'DATA_DIR_VERSION',
      message: expect.stringMatching(/version 2.*version 1/),
    }),
  );
});

test('a directory that holds something else is refused and left alone', () => {
  const root = dataRoot();
  mkdirSync(root);
  writeFileSync(join(root, 'thesis.txt'), 'x');
  expect(() => openCatalog(root)).toThrow(expect.objectContaining({ code: 'DATA_DIR_UNUSABLE' }));
  expect(readFileSync(join(root, 'thesis.txt'), 'utf8')).toBe('x');
  const file = join(root, 'thesis.txt');
  expect(() => openCatalog(file)).toThrow(expect.objectContaining({ code: 'DATA_DIR_UNUSABLE' }));
});

test('an empty directory becomes a data directory', () => {
  const root = dataRoot();
  mkdirSync(root);
  expect(opened(root).read((view) => view.get('meta', 'version'))).toEqual({ value: '1' });
});

test('a full map is STORE_FULL, changes nothing, and small writes go on', async () => {
  const catalog = opened(dataRoot(), 1 << 20);
  const huge = { value: 'x'.repeat(2 << 20) };
  const full = catalog.write((transaction) => transaction.put('meta', 'huge', huge));
  await expect(full).rejects.toMatchObject({ code: 'STORE_FULL' });
  await catalog.write((transaction) => transaction.put('meta', 'k', { value: 'v' }));
  await expect(full).rejects.toMatchObject({ details: { limit: 1 << 20 } });
  expect(catalog.read((view) => view.list('meta').length)).toBe(2);
});

test('a damaged file is CATALOG_CORRUPT', async () => {
  const root = dataRoot();
  const first = openCatalog(root);
  await first.write((transaction) => {
    for (let i = 0; i < 100; i += 1) {
      transaction.put('meta', `k${i}`, { value: 'x'.repeat(1000) });
    }
  });
  await first.close();
  for (const damage of ['garbage', 'truncated', 'empty meta'] as const) {
    const copy = dataRoot();
    cpSync(root, copy, { recursive: true });
    const file = join(copy, 'catalog', 'data.mdb');
    if (damage === 'garbage') writeFileSync(file, Buffer.alloc(100_000, 0x5a));
    if (damage === 'truncated') truncateSync(file, 3 * 4096);
    if (damage === 'empty meta') truncateSync(file, 100);
    const run = (): unknown => {
      const catalog = openCatalog(copy);
      onTestFinished(() => catalog.close());
      return catalog.read((view) => view.list('meta'));
    };
    expect(run, damage).toThrow(expect.objectContaining({ code: 'CATALOG_CORRUPT' }));
  }
});

test('a short file is fine when the missing pages were never written', async () => {
  const root = dataRoot();
  const first = openCatalog(root);
  await first.write((transaction) => {
    for (let i = 0; i < 200; i += 1) {
      transaction.put('meta', `k${i}`, { value: 'x'.repeat(i * 50) });
    }
  });
  await first.close();
  const file = join(root, 'catalog', 'data.mdb');
  const bytes = readFileSync(file);
  for (const page of [0, 4096]) {
    const lastPage = page + 24 + 120;
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE(lastPage) + 10n, lastPage);
  }
  writeFileSync(file, bytes);
  expect(opened(root).read((view) => view.list('meta', 'k').length)).toBe(200);
});

test('several processes count together without losing one, and no reader sees half a transaction', async () => {
  const root = dataRoot();
  const catalog = opened(root);
  const children = [1, 2, 3].map(() => startChild('count', root, '40'));
  let torn = 0;
  let done = false;
  const watching = (async () => {
    while (!done) {
      const [left, right] = catalog.read((view) => [
        view.get('meta', 'left')?.value,
        view.get('meta', 'right')?.value,
      ]);
      if (left !== right) torn += 1;
      await new Promise((resume) => setTimeout(resume, 1));
    }
  })();
  const exits = await Promise.all(children.map((child) => child.exit));
  done = true;
  await watching;
  expect(exits.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(torn).toBe(0);
  expect(catalog.read((view) => view.get('meta', 'left'))).toEqual({ value: '120' });
});

test('a process killed inside a transaction leaves the old state and no lock', async () => {
  const root = dataRoot();
  const catalog = opened(root);
  const child = startChild('count', root, '5', 'catalog.write:3:exit');
  expect((await child.exit).signal).toBe('SIGKILL');
  expect(catalog.read((view) => view.get('meta', 'left'))).toEqual({ value: '2' });
  await catalog.write((transaction) => transaction.put('meta', 'left', { value: 'free' }));
  expect(catalog.read((view) => view.get('meta', 'right'))).toEqual({ value: '2' });
});

test('errors that are none of the world stay what they are', async () => {
  const catalog = opened(dataRoot());
  const bug = catalog.write(() => {
    throw new TypeError('bug');
  });
  await expect(bug).rejects.toSatisfy((error) => !isSegmillError(error));
});
