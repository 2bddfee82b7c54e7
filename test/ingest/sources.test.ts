import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findSources } from '../../src/ingest/sources.ts';

function folderWith(...files: string[]): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'segmill-sources-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  return root;
}

/** `partition path` of what was found, paths relative to the folder. */
async function found(
  root: string,
  from: readonly string[],
  partitions: readonly number[] = [],
): Promise<string[]> {
  const paths = from.map((path) => join(root, path));
  const files = await findSources({ from: paths, source: null, partitions });
  return files.map(({ partition, path }) => `${partition} ${path!.slice(root.length + 1)}`);
}

test('files of a directory are one partition, in name order, hidden ones left out', async () => {
  const root = folderWith('b.ndjson', 'a.ndjson', 'sub/c.ndjson', '.x.ndjson', '_SUCCESS');
  expect(await found(root, [''])).toEqual(['0 a.ndjson', '0 b.ndjson', '0 sub/c.ndjson']);
});

test('files and sub-directories named by a bare number are that partition', async () => {
  const root = folderWith('0.ndjson', '1/7.ndjson', '1/a.ndjson', '10.csv', '2.json', 'x3.json');
  expect(await found(root, [''])).toEqual([
    '0 0.ndjson',
    '0 x3.json',
    '1 1/7.ndjson',
    '1 1/a.ndjson',
    '2 2.json',
    '10 10.csv',
  ]);
  expect(await found(root, ['2.json'])).toEqual(['2 2.json']);
});

test('--partition takes only these, or names the partition of the files', async () => {
  const root = folderWith('n/0.ndjson', 'n/1.ndjson', 'n/2.ndjson', 'a.ndjson');
  expect(await found(root, ['n'], [2, 0])).toEqual(['0 n/0.ndjson', '2 n/2.ndjson']);
  expect(await found(root, ['a.ndjson'], [7])).toEqual(['7 a.ndjson']);
});

test('a partition that no file has, or several for one file, is a usage error', async () => {
  const root = folderWith('n/0.ndjson', 'a.ndjson');
  await expect(found(root, ['n'], [5])).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('found partitions 0'),
  });
  await expect(found(root, ['a.ndjson'], [1, 2])).rejects.toMatchObject({ code: 'USAGE' });
});

test('a path that is not there is named', async () => {
  const root = folderWith();
  await expect(found(root, ['nothing'])).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    message: expect.stringContaining('nothing'),
  });
});

test('keys are the real path, or the name of the source with the path in it', async () => {
  const root = folderWith('d/a.ndjson', 'b.ndjson');
  const from = [join(root, 'd'), join(root, 'b.ndjson')];
  const keys = async (source: string | null): Promise<string[]> =>
    (await findSources({ from, source, partitions: [] })).map(({ key }) => key);
  expect(await keys(null)).toEqual([`file:${root}/d/a.ndjson`, `file:${root}/b.ndjson`]);
  expect(await keys('s')).toEqual(['file:s/a.ndjson', 'file:s/b.ndjson']);
});
