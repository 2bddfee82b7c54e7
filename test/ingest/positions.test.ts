import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inputOf, lines, openDesk, range, t0 } from './fixtures.ts';

test('the same file a second time adds nothing', async () => {
  const desk = await openDesk();
  const path = desk.write('a.ndjson', lines(0, 5));
  await desk.ingest(path);
  const before = desk.partition();
  const again = await desk.ingest(path);
  expect(again).toMatchObject({ rowsRead: 0, rowsKept: 0 });
  expect(await desk.ids()).toEqual(range(0, 5));
  expect(desk.partition()).toEqual(before);
});

test('a grown file goes on where it ended, a new one is read from its start', async () => {
  const desk = await openDesk();
  desk.write('in/a.ndjson', lines(0, 5));
  await desk.ingest(`${desk.inputDir}/in`);
  desk.write('in/a.ndjson', lines(0, 7));
  desk.write('in/b.ndjson', lines(7, 9));
  expect(await desk.ingest(`${desk.inputDir}/in`)).toMatchObject({ rowsRead: 4 });
  expect(await desk.ids()).toEqual(range(0, 9));
});

test('an unterminated last line is left unread, reported, and read once it is whole', async () => {
  const desk = await openDesk();
  const path = desk.write('a.ndjson', `${lines(0, 2)}{"id":2,"ts":`);
  const result = await desk.ingest(path);
  expect(result.partitions[0]).toMatchObject({
    rowsRead: 2,
    rowsRejected: 0,
    unread: [{ start: lines(0, 2).length, text: '{"id":2,"ts":' }],
  });
  desk.write('a.ndjson', lines(0, 4));
  expect((await desk.ingest(path)).partitions[0]).toMatchObject({ rowsRead: 2, unread: [] });
  expect(await desk.ids()).toEqual(range(0, 4));
});

test('a whole last line without its line feed is taken once, also when the line feed comes later', async () => {
  const desk = await openDesk();
  const path = desk.write('a.ndjson', lines(0, 3).trimEnd());
  await desk.ingest(path);
  desk.write('a.ndjson', lines(0, 5));
  await desk.ingest(path);
  expect(await desk.ids()).toEqual(range(0, 5));
});

test('a last line that was taken and is continued is refused', async () => {
  const desk = await openDesk();
  const path = desk.write('a.csv', `id,ts\n1,${t0}\n2,${t0}`);
  await desk.ingest(path);
  desk.write('a.csv', `id,ts\n1,${t0}\n2,${t0}00\n`);
  await expect(desk.ingest(path)).rejects.toMatchObject({
    code: 'FILE_CHANGED',
    message: expect.stringContaining('continued'),
  });
});

test.each([
  ['shorter', lines(0, 4)],
  ['changed at its start', lines(0, 6).replace('n0', 'm0')],
  ['changed before the position', lines(0, 6).replace('"t4"', '"u4"')],
])('a file that is %s is refused and nothing is added', async (_, text) => {
  const desk = await openDesk();
  const path = desk.write('a.ndjson', lines(0, 5));
  await desk.ingest(path);
  const before = desk.partition();
  desk.write('a.ndjson', text);
  await expect(desk.ingest(path)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  expect(desk.partition()).toEqual(before);
});

test('content that was read under another key is refused unless --again is given', async () => {
  const desk = await openDesk();
  const path = desk.write('a.ndjson', lines(0, 3));
  await desk.ingest(path);
  const copy = desk.write('b.ndjson', lines(0, 3));
  await expect(desk.ingest(copy)).rejects.toMatchObject({ code: 'FILE_SEEN' });
  await expect(desk.ingest(path, { partitions: [1] })).rejects.toMatchObject({ code: 'FILE_SEEN' });
  await desk.ingest(copy, { again: true });
  expect(await desk.ids()).toEqual([0, 1, 2, 0, 1, 2]);
  await desk.ingest(copy);
  expect(await desk.ids()).toHaveLength(6);
});

test('a removed file is fine', async () => {
  const desk = await openDesk();
  const path = desk.write('in/a.ndjson', lines(0, 3));
  await desk.ingest(`${desk.inputDir}/in`);
  rmSync(path);
  desk.write('in/b.ndjson', lines(3, 4));
  await desk.ingest(`${desk.inputDir}/in`, { clock: () => t0 + 5000 });
  expect(await desk.ids()).toEqual(range(0, 4));
  expect(desk.partition().readToEndMs).toBe(t0 + 5000);
});

test('a source has the name that --source gives it, wherever it lies', async () => {
  const desk = await openDesk();
  const path = desk.write('one/a.ndjson', lines(0, 3));
  await desk.ingest(`${desk.inputDir}/one`, { source: 'orders' });
  renameSync(`${desk.inputDir}/one`, `${desk.inputDir}/two`);
  writeFileSync(path.replace('/one/', '/two/'), lines(0, 5));
  await desk.ingest(`${desk.inputDir}/two`, { source: 'orders' });
  expect(await desk.ids()).toEqual(range(0, 5));
  expect(desk.partition().sources.map(({ source }) => source)).toEqual(['file:orders/a.ndjson']);
});

test('a JSON array never grows: any change is refused', async () => {
  const desk = await openDesk();
  const array = (to: number): string => `[${lines(0, to).trim().split('\n').join(',')}]`;
  const path = desk.write('a.json', array(3));
  await desk.ingest(path);
  await desk.ingest(path);
  expect(await desk.ids()).toEqual(range(0, 3));
  desk.write('a.json', array(4));
  await expect(desk.ingest(path)).rejects.toMatchObject({
    code: 'FILE_CHANGED',
    message: expect.stringContaining('never grow'),
  });
});

test('a file that is grown but not given keeps the read-to-end moment back', async () => {
  const desk = await openDesk();
  const a = desk.write('a.ndjson', lines(0, 2));
  await desk.ingest(a);
  desk.write('a.ndjson', lines(0, 3));
  const b = desk.write('b.ndjson', lines(3, 4));
  await desk.ingest(b, { clock: () => t0 + 9000 });
  expect(desk.partition().readToEndMs).toBe(t0);
  await desk.ingest(a, { clock: () => t0 + 9000 });
  expect(desk.partition().readToEndMs).toBe(t0 + 9000);
});

test('standard input without a name always appends, and is sealed at its end', async () => {
  const desk = await openDesk();
  await desk.ingest('-', { input: inputOf(lines(0, 2), lines(2, 3)) });
  await desk.ingest('-', { input: inputOf(lines(0, 2)) });
  expect(await desk.ids()).toEqual([0, 1, 2, 0, 1]);
  expect(desk.segments().map(({ rowCount }) => rowCount)).toEqual([3, 2]);
  expect(desk.partition()).toMatchObject({ consuming: null, readToEndMs: t0 });
});

test('standard input with a name is known again and goes on', async () => {
  const desk = await openDesk();
  await desk.ingest('-', { input: inputOf(lines(0, 2)), source: 'orders' });
  await desk.ingest('-', { input: inputOf(lines(0, 4)), source: 'orders' });
  expect(await desk.ids()).toEqual(range(0, 4));
  expect(desk.segments()).toEqual([]);
  const changed = inputOf(lines(5, 9));
  await expect(desk.ingest('-', { input: changed, source: 'orders' })).rejects.toMatchObject({
    code: 'FILE_CHANGED',
  });
  expect(await desk.store.list('tmp')).toEqual([]);
});
