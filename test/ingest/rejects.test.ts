// Design 5.20: what becomes of a row that cannot be kept.
import { expect, test } from 'vitest';
import { lines, openDesk, t0, tableRecord } from './fixtures.ts';

test('rejected rows are counted and kept with position, reason and text', async () => {
  const desk = await openDesk();
  const good = lines(0, 1);
  const text = `${good}{"id":1,"ts":NaN}\n{"id":"x","ts":${t0}}\n{"id":2}\n{"id":3,"ts":5}\n`;
  const path = desk.write('a.ndjson', text);
  const result = await desk.ingest(path);
  expect(result).toMatchObject({ rowsRead: 5, rowsKept: 1, rowsRejected: 4 });
  const [partition] = result.partitions;
  expect(partition!.rejectFile).toBe('rejects/t/0.ndjson');
  expect(partition!.firstRejects.map(({ position }) => position)).toEqual([
    good.length,
    good.length + 18,
    good.length + 18 + `{"id":"x","ts":${t0}}\n`.length,
    good.length + 18 + `{"id":"x","ts":${t0}}\n`.length + 9,
  ]);
  expect(await desk.rejects()).toEqual([
    expect.objectContaining({
      source: `file:${path}`,
      reason: expect.stringMatching(/^not valid JSON/),
      row: '{"id":1,"ts":NaN}',
    }),
    expect.objectContaining({ column: 'id', row: `{"id":"x","ts":${t0}}` }),
    expect.objectContaining({ column: 'ts', reason: expect.stringContaining('no time') }),
    expect.objectContaining({ column: 'ts', reason: expect.stringContaining('1971') }),
  ]);
  expect(desk.partition().rejectedRows).toBe(4);
});

test('X-20 a row without a time never gets the current one', async () => {
  const desk = await openDesk();
  const result = await desk.ingest(desk.write('a.ndjson', '{"id":2}\n'));
  expect(result).toMatchObject({ rowsKept: 0, rowsRejected: 1 });
  expect(desk.partition().consuming).toBe(null);
});

test('positions move over rejected rows when nothing else came', async () => {
  const desk = await openDesk();
  const path = desk.write('a.ndjson', 'bad\n');
  await desk.ingest(path);
  expect(await desk.ingest(path)).toMatchObject({ rowsRead: 0 });
  expect(await desk.rejects()).toHaveLength(1);
  desk.write('a.ndjson', `bad\n${lines(0, 1)}`);
  await desk.ingest(path, { seal: true });
  expect(await desk.ids()).toEqual([0]);
  expect(desk.segments()[0]!.ranges).toMatchObject([{ end: 4 + lines(0, 1).length }]);
});

test('fields that the schema lacks are ignored and counted', async () => {
  const desk = await openDesk();
  const path = desk.write('a.ndjson', `{"id":1,"ts":${t0},"more":1,"yet":{"deep":2}}\n`);
  expect((await desk.ingest(path)).partitions[0]).toMatchObject({ rowsKept: 1, ignoredFields: 2 });
  expect(desk.partition().ignoredFields).toBe(2);
});

test('segmill.onUndecodableRow=fail stops at the row, with those before it kept', async () => {
  const desk = await openDesk(tableRecord({ 'segmill.onUndecodableRow': 'fail' }));
  const path = desk.write('a.ndjson', `${lines(0, 2)}bad\n${lines(2, 3)}`);
  const failing = { code: 'ROW_REJECTED', message: expect.stringContaining('not valid JSON') };
  await expect(desk.ingest(path)).rejects.toMatchObject(failing);
  expect(await desk.ids()).toEqual([0, 1]);
  await expect(desk.ingest(path)).rejects.toMatchObject(failing);
  desk.write('a.ndjson', lines(0, 3));
  await desk.ingest(path);
  expect(await desk.ids()).toEqual([0, 1, 2]);
});

test("the recipe's numbers as text are numbers in the columns, and LONGs stay exact", async () => {
  const desk = await openDesk();
  const path = desk.write('a.ndjson', `{"id":9223372036854775807,"name":17,"ts":"${t0}"}\n`);
  await desk.ingest(path);
  expect((await desk.rows())[0]).toEqual([2n ** 63n - 1n, '17', ['null'], BigInt(t0)]);
  const beyond = desk.write('b.ndjson', `{"id":9223372036854775808,"ts":${t0}}\n`);
  expect(await desk.ingest(beyond)).toMatchObject({ rowsRejected: 1 });
});

test('a table without a REALTIME config cannot be ingested into', async () => {
  const desk = await openDesk({ ...tableRecord(), realtime: null });
  const path = desk.write('a.ndjson', lines(0, 1));
  await expect(desk.ingest(path)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
