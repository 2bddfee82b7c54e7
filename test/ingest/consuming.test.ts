import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crashTable, inputOf, lines, openDesk, range, t0, tableRecord } from './fixtures.ts';
import type { Desk } from './fixtures.ts';

function consumingPath(desk: Desk): string {
  return join(desk.dataDir, desk.partition().consuming!.file);
}

test('the next call adopts the CONSUMING file and goes on from its end', async () => {
  let desk = await openDesk();
  const path = desk.write('a.ndjson', lines(0, 3));
  await desk.ingest(path);
  const first = desk.partition().consuming!;
  desk = await desk.reopen();
  desk.write('a.ndjson', lines(0, 6));
  await desk.ingest(path, { clock: () => t0 + 60_000 });
  const second = desk.partition().consuming!;
  expect(second).toMatchObject({
    name: first.name,
    file: first.file,
    rowCount: 6,
    firstRowMs: t0,
    minTimeMs: t0,
    maxTimeMs: t0 + 5,
  });
  expect(second.byteLength).toBeGreaterThan(first.byteLength);
  expect(await desk.ids()).toEqual(range(0, 6));
});

test('bytes behind the valid length, as a crash leaves them, are cut off', async () => {
  const desk = await openDesk();
  const path = desk.write('a.ndjson', lines(0, 3));
  await desk.ingest(path);
  appendFileSync(consumingPath(desk), 'half a batch');
  expect(await desk.ids()).toEqual(range(0, 3));
  desk.write('a.ndjson', lines(0, 5));
  await desk.ingest(path);
  expect(await desk.ids()).toEqual(range(0, 5));
  expect(readFileSync(consumingPath(desk))).toHaveLength(desk.partition().consuming!.byteLength);
});

test.each([
  [
    'flipped',
    (path: string): void => {
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(path, bytes);
    },
  ],
  ['shorter', (path: string): void => truncateSync(path, 100)],
])(
  'a CONSUMING file that is %s is dropped and its rows are read again from the sealed end',
  async (_, break_) => {
    const desk = await openDesk();
    const path = desk.write('a.ndjson', `${lines(0, 2)}bad\n`);
    await desk.ingest(path, { seal: true });
    desk.write('a.ndjson', `${lines(0, 2)}bad\n${lines(2, 5)}worse\n`);
    await desk.ingest(path);
    expect(desk.partition().rejectedRows).toBe(2);
    break_(consumingPath(desk));
    await expect(desk.rows()).rejects.toMatchObject({ code: 'SEGMENT_CORRUPT' });
    const result = await desk.ingest(path);
    expect(result.partitions[0]).toMatchObject({ rowsDropped: 3, rowsRead: 4, consumingRows: 3 });
    expect(await desk.ids()).toEqual(range(0, 5));
    expect((await desk.rejects()).map(({ row }) => row)).toEqual(['bad', 'worse']);
    expect(desk.partition().rejectedRows).toBe(2);
  },
);

test('CONSUMING rows are sealed when they are too old by the given clock', async () => {
  const desk = await openDesk(tableRecord({ 'realtime.segment.flush.threshold.time': '1h' }));
  const path = desk.write('a.ndjson', lines(0, 3));
  await desk.ingest(path);
  await desk.ingest(path, { clock: () => t0 + 3_599_999 });
  expect(desk.segments()).toEqual([]);
  desk.write('a.ndjson', lines(0, 4));
  await desk.ingest(path, { clock: () => t0 + 3_600_000 });
  expect(desk.segments().map(({ rowCount }) => rowCount)).toEqual([3]);
  expect(desk.partition().consuming).toMatchObject({ rowCount: 1, firstRowMs: t0 + 3_600_000 });
});

test('with 0 rows as the threshold, bytes decide', async () => {
  const desk = await openDesk(
    tableRecord({
      'realtime.segment.flush.threshold.rows': '0',
      'realtime.segment.flush.threshold.segment.size': '2K',
    }),
  );
  await desk.ingest(desk.write('a.ndjson', lines(0, 200)));
  expect(desk.segments().length).toBeGreaterThan(0);
  expect(await desk.ids()).toEqual(range(0, 200));
});

test('rows of a changed schema go into a segment of their own', async () => {
  let desk = await openDesk();
  const path = desk.write('a.ndjson', lines(0, 3));
  await desk.ingest(path);
  const fewer = tableRecord(
    {},
    {},
    {
      schemaName: 't',
      dimensionFieldSpecs: [{ name: 'id', dataType: 'LONG' }],
      dateTimeFieldSpecs: [
        { name: 'ts', dataType: 'LONG', format: '1:MILLISECONDS:EPOCH', granularity: '1:DAYS' },
      ],
    },
  );
  desk = await desk.reopen({ table: fewer });
  desk.write('a.ndjson', lines(0, 5));
  const result = await desk.ingest(path);
  expect(result.partitions[0]).toMatchObject({ ignoredFields: 4, consumingRows: 2 });
  expect(desk.segments().map(({ rowCount, columns }) => [rowCount, columns.length])).toEqual([
    [3, 4],
  ]);
  expect(await desk.ids()).toEqual(range(0, 5));
});

test('design 5.8: with null handling off no null flag is stored, with it on nulls stay', async () => {
  const row = `{"id":1,"ts":${t0}}\n`;
  const off = await openDesk();
  await off.ingest(off.write('a.ndjson', row), { seal: true });
  expect(await off.rows()).toEqual([[1n, 'null', ['null'], BigInt(t0)]]);
  const on = await openDesk(
    tableRecord(
      {},
      {
        tableIndexConfig: {
          nullHandlingEnabled: true,
          streamConfigs: { streamType: 'kafka', 'stream.kafka.topic.name': 't' },
        },
      },
    ),
  );
  await on.ingest(on.write('a.ndjson', row), { seal: true });
  expect(await on.rows()).toEqual([[1n, null, null, BigInt(t0)]]);
});

test('rows of a slow pipe reach the catalog while it is still open', async () => {
  const desk = await openDesk();
  const seen: number[] = [];
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(lines(0, 3));
    while (desk.partition().consuming === null) await new Promise((done) => setTimeout(done, 20));
    seen.push(desk.partition().consuming!.rowCount);
    yield Buffer.from(lines(3, 5));
  }
  await desk.ingest('-', { input: slow() });
  expect(seen).toEqual([3]);
  expect(await desk.ids()).toEqual(range(0, 5));
});

test('an interrupted pipe keeps what it read, CONSUMING', async () => {
  const desk = await openDesk();
  const stop = new AbortController();
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(lines(0, 3));
    setTimeout(() => stop.abort(), 50);
    await new Promise(() => undefined);
  }
  const result = await desk.ingest('-', { input: endless(), signal: stop.signal });
  expect(result).toMatchObject({ interrupted: true, rowsKept: 3 });
  expect(desk.segments()).toEqual([]);
  expect(desk.partition()).toMatchObject({ readToEndMs: null, consuming: { rowCount: 3 } });
  await desk.ingest('-', { input: inputOf(lines(3, 4)) });
  expect(await desk.ids()).toEqual(range(0, 4));
});

test('rows behind a seal within one chunk are kept, too, when the pipe is interrupted', async () => {
  const desk = await openDesk(crashTable);
  const stop = new AbortController();
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(lines(0, 7));
    setTimeout(() => stop.abort(), 50);
    await new Promise(() => undefined);
  }
  const result = await desk.ingest('-', { input: endless(), signal: stop.signal });
  expect(result.partitions[0]).toMatchObject({ consumingRows: 2 });
  expect(await desk.ids()).toEqual(range(0, 7));
});

test('--follow reads what is appended, and new files, until it is stopped', async () => {
  const desk = await openDesk();
  desk.write('in/a.ndjson', lines(0, 2));
  const stop = new AbortController();
  const following = desk.ingest(`${desk.inputDir}/in`, { follow: true, signal: stop.signal });
  const until = async (count: number): Promise<void> => {
    while ((desk.partition().consuming?.rowCount ?? 0) < count) {
      await new Promise((done) => setTimeout(done, 20));
    }
  };
  await until(2);
  desk.write('in/a.ndjson', lines(0, 3));
  desk.write('in/b.ndjson', lines(3, 5));
  await until(5);
  stop.abort();
  expect(await following).toMatchObject({ interrupted: true, rowsRead: 5 });
  expect(await desk.ids()).toEqual(range(0, 5));
});

test('one partition is ingested by one call at a time', async () => {
  const desk = await openDesk();
  const path = desk.write('a.ndjson', lines(0, 2));
  async function* waiting(): AsyncGenerator<Uint8Array> {
    await expect(desk.ingest(path)).rejects.toMatchObject({ code: 'RUNNING_ELSEWHERE' });
    yield Buffer.from(lines(5, 6));
  }
  await desk.ingest('-', { input: waiting() });
  expect(await desk.ids()).toEqual([5]);
});
