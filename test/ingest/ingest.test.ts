import { expect, test } from 'vitest';
import { crashTable, lines, openDesk, range, t0, tableRecord } from './fixtures.ts';

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

test('files named by numbers fill their partitions, each with its own sequence', async () => {
  const desk = await openDesk(crashTable);
  desk.write('in/0.ndjson', lines(0, 6));
  desk.write('in/1/a.json', lines(100, 103));
  desk.write('in/1/b.csv', `ts,id\n${t0},103\n`);
  const result = await desk.ingest(`${desk.inputDir}/in`, { seal: true });
  expect(result.partitions.map(({ partition, sealed }) => [partition, sealed.length])).toEqual([
    [0, 2],
    [1, 1],
  ]);
  expect(await desk.ids(0)).toEqual(range(0, 6));
  expect(await desk.ids(1)).toEqual(range(100, 104));
});

test('--seal seals only the partitions of the call', async () => {
  const desk = await openDesk();
  desk.write('in/0.ndjson', lines(0, 2));
  desk.write('in/1.ndjson', lines(2, 4));
  await desk.ingest(`${desk.inputDir}/in`);
  await desk.ingest(`${desk.inputDir}/in`, { partitions: [1], seal: true });
  expect(desk.segments().map(({ partition }) => partition)).toEqual([1]);
  expect(desk.partition(0).consuming).toMatchObject({ rowCount: 2 });
});

test('P-2 a sealed segment names the partition ids of its partition columns', async () => {
  const stream = { streamType: 'kafka', 'stream.kafka.topic.name': 't' };
  const columnPartitionMap = { id: { functionName: 'Modulo', numPartitions: 4 } };
  const table = tableRecord(
    {},
    { tableIndexConfig: { streamConfigs: stream, segmentPartitionConfig: { columnPartitionMap } } },
  );
  const desk = await openDesk(table);
  const text = [1, 5, 2].map((id) => `{"id":${id},"ts":${t0}}\n`).join('');
  await desk.ingest(desk.write('a.ndjson', text), { seal: true });
  expect(desk.segments()[0]!.partitions).toEqual({
    id: { functionName: 'Modulo', numPartitions: 4, functionConfig: {}, ids: [1, 2] },
  });
});

test('O-11 the times of a segment are those of the moments, not of the text', async () => {
  const table = tableRecord(
    {},
    {},
    {
      schemaName: 't',
      dimensionFieldSpecs: [{ name: 'id', dataType: 'LONG' }],
      dateTimeFieldSpecs: [
        {
          name: 'ts',
          dataType: 'STRING',
          format: '1:DAYS:SIMPLE_DATE_FORMAT:dd-MM-yyyy',
          granularity: '1:DAYS',
        },
      ],
    },
  );
  const desk = await openDesk(table);
  const days = ['01-03-2021', '30-01-2021', '15-02-2021'];
  const text = days.map((ts, id) => `${JSON.stringify({ id, ts })}\n`).join('');
  const result = await desk.ingest(desk.write('a.ndjson', text), { seal: true });
  const expected = { minTimeMs: Date.UTC(2021, 0, 30), maxTimeMs: Date.UTC(2021, 2, 1) };
  expect(result).toMatchObject(expected);
  expect(desk.segments()[0]).toMatchObject({
    ...expected,
    minTimeValue: '30-01-2021',
    maxTimeValue: '01-03-2021',
  });
});

test('a file that cannot be read keeps what was read before it', async () => {
  const desk = await openDesk();
  desk.write('in/a.ndjson', lines(0, 2));
  desk.write('in/b.json', '[{"id":1}');
  const folder = `${desk.inputDir}/in`;
  await expect(desk.ingest(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  expect(await desk.ids()).toEqual([0, 1]);
  expect(desk.partition().readToEndMs).toBe(null);
  desk.write('in/b.json', `[${lines(2, 3)}]`);
  await desk.ingest(folder);
  expect(await desk.ids()).toEqual([0, 1, 2]);
});

test('rows that the filter drops are counted and not kept', async () => {
  const filter = {
    ingestionConfig: { filterConfig: { filterFunction: "strcmp(name, 'n1') = 0" } },
  };
  const table = tableRecord({}, filter);
  const desk = await openDesk(table);
  const ingested = desk.ingest(desk.write('a.ndjson', lines(0, 6)));
  await expect(ingested.then(({ partitions }) => partitions[0]!.rowsFiltered)).resolves.toBe(2);
});
