import { expect, test } from 'vitest';
import { lines, openDesk, range, t0, tableRecord } from './fixtures.ts';

test('rows of a file stay CONSUMING until they are sealed, and are read back as they came', async () => {
  const desk = await openDesk();
  const path = desk.write('a.ndjson', lines(0, 3));
  const result = await desk.ingest(path);
  expect(result).toMatchObject({ rowsRead: 3, rowsKept: 3, rowsRejected: 0, interrupted: false });
  expect(result.partitions[0]).toMatchObject({ partition: 0, consumingRows: 3, sealed: [] });
  expect([result.minTimeMs, result.maxTimeMs]).toEqual([t0, t0 + 2]);
  expect(await desk.rows()).toEqual([
    [0n, 'n0', ['a', 't0'], BigInt(t0)],
    [1n, 'n1', ['a', 't1'], BigInt(t0 + 1)],
    [2n, 'n2', ['a', 't2'], BigInt(t0 + 2)],
  ]);
  expect(desk.partition().readToEndMs).toBe(t0);
});

test('O-15 a flush threshold of rows cuts the stream into sealed segments with LLC names', async () => {
  const table = tableRecord({ 'realtime.segment.flush.threshold.rows': '5' });
  const desk = await openDesk(table);
  const result = await desk.ingest(desk.write('a.ndjson', lines(0, 14)));
  const sealed = ['t__0__0__20231114T2213Z', 't__0__1__20231114T2213Z'];
  expect(result.partitions[0]).toMatchObject({ sealed, consumingRows: 4 });
  const [first, second] = desk.segments();
  expect(first).toMatchObject({
    name: sealed[0],
    rowCount: 5,
    partition: 0,
    sequence: 0,
    minTimeMs: t0,
    maxTimeMs: t0 + 4,
    minTimeValue: String(t0),
    format: 'arrow',
  });
  expect(second!.ranges[0]!.start).toBe(first!.ranges[0]!.end);
  expect(await desk.ids()).toEqual(range(0, 14));
  expect((await desk.store.list('consuming')).length).toBe(1);
});

test('--seal seals what is left, and the next call goes on behind it', async () => {
  const desk = await openDesk();
  const path = desk.write('a.ndjson', lines(0, 3));
  await desk.ingest(path, { seal: true });
  expect(desk.segments().map((segment) => segment.rowCount)).toEqual([3]);
  expect(desk.partition()).toMatchObject({ consuming: null, nextSequence: 1 });
  desk.write('a.ndjson', lines(0, 7));
  await desk.ingest(path, { seal: true });
  expect(desk.segments().map((segment) => segment.rowCount)).toEqual([3, 4]);
  expect(await desk.ids()).toEqual(range(0, 7));
  expect(await desk.store.list('consuming')).toEqual([]);
});
