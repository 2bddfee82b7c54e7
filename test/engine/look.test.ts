// `segments`, `inspect`, `status`, `table list`, `doctor`: looking changes nothing.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { doctor } from '../../src/engine/doctor.ts';
import { inspectFile, inspectFileRows } from '../../src/engine/segments.ts';
import { d0, dayMs, hourMs, openDesk, row } from './desk.ts';

test('segments: sealed, CONSUMING and offline ones, by type', async () => {
  const desk = await openDesk({
    offline: {
      tableIndexConfig: {
        segmentPartitionConfig: {
          columnPartitionMap: { k: { functionName: 'Murmur', numPartitions: 2 } },
        },
      },
    },
    task: { partitionBucketTimePeriod: '6h' },
  });
  await desk.ingest([row('a', 1, d0 + 5)]);
  await desk.run();
  await desk.ingest([row('b', 2, d0 + dayMs)], { seal: false });
  const all = desk.engine.segments('t');
  expect(all.map(({ type, state }) => `${type} ${state}`)).toEqual([
    'OFFLINE ONLINE',
    'REALTIME ONLINE',
    'REALTIME CONSUMING',
  ]);
  expect(all[0]).toMatchObject({
    rows: 1,
    startMs: d0 + 5,
    endMs: d0 + 5,
    format: 'parquet',
    crc: expect.any(Number),
    partitions: { k: [expect.any(Number)] },
    timePartition: String(d0 / (6 * hourMs)),
  });
  expect(all[0]).not.toHaveProperty('partition');
  expect(all[1]).toMatchObject({ partition: 0, format: 'arrow', rows: 1 });
  expect(all[1]).not.toHaveProperty('partitions');
  expect(desk.engine.segments('t_OFFLINE', 'OFFLINE')).toEqual([all[0]]);
  expect(() => desk.engine.segments('nope')).toThrow(/nope/);
});

test('inspect: header, columns and rows of sealed, CONSUMING and offline segments, and of files', async () => {
  const desk = await openDesk({
    schema: {
      dimensionFieldSpecs: [
        { name: 'k', dataType: 'STRING' },
        { name: 'b', dataType: 'BYTES' },
        { name: 'tags', dataType: 'STRING', singleValueField: false },
      ],
    },
    realtime: {
      tableIndexConfig: {
        nullHandlingEnabled: true,
        streamConfigs: { streamType: 'kafka', 'stream.kafka.topic.name': 't' },
      },
    },
    offline: { tableIndexConfig: { nullHandlingEnabled: true } },
  });
  const most = 9_223_372_036_854_775_807n;
  const path = desk.write(
    'in/0.ndjson',
    `{"k":"x","b":"00ff","tags":["p","q"],"v":${most},"ts":${d0}}\n{"v":1,"tags":[],"ts":${d0 + 1}}\n`,
  );
  await desk.engine.ingest('t', { from: [path] });
  const consuming = desk.engine.segments('t')[0]!.name;
  const shown = await desk.engine.inspectRows(consuming);
  expect([...shown.rows]).toEqual([
    { k: 'x', b: '00ff', tags: ['p', 'q'], v: most, ts: BigInt(d0), $nulls: [] },
    {
      k: null,
      b: null,
      tags: null,
      v: 1n,
      ts: BigInt(d0 + 1),
      $nulls: ['k', 'b', 'tags'],
    },
  ]);
});

test('inspect tells the segment of a name, a file of its own, and the nearest name of a wrong one', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + 1)]);
  await desk.run();
  const [name] = Object.keys(await desk.offline());
  const found = await desk.engine.inspect(name!);
  expect(found).toMatchObject({
    subject: name,
    record: { name, origin: { kind: 'run', windowStartMs: d0 } },
    file: { format: 'parquet', rowCount: 2, header: { table: 't', tableType: 'OFFLINE' } },
  });
  expect(found.file.stats!.map(({ name: column, cardinality }) => [column, cardinality])).toEqual([
    ['k', 2],
    ['v', 2],
    ['ts', 2],
  ]);
  const file = join(desk.root, 'x.parquet');
  await desk.engine.exportSegment(name!, file);
  expect(await desk.engine.inspect(file)).toMatchObject({
    record: null,
    file: { header: { segmentName: name } },
  });
  expect(await inspectFile(file)).toMatchObject({ record: null, file: { rowCount: 2 } });
  expect([...(await inspectFileRows(file)).rows].length).toBe(2);
  await expect(inspectFile('nope')).rejects.toMatchObject({ code: 'SEGMENT_NOT_FOUND' });
  await expect(desk.engine.inspect(`${name!}0`)).rejects.toThrow(`did you mean ${name!}?`);
});

test('status: both sides, partitions, due and held windows, late rows, the last runs', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + dayMs)]);
  await desk.run();
  await desk.ingest([row('late', 1, d0), { k: 'bad', v: 1, ts: 'never' } as never], {
    seal: false,
  });
  const state = await desk.engine.status('t');
  expect(state).toMatchObject({
    table: 't',
    watermarkMs: d0 + dayMs,
    timeBoundaryMs: d0 + dayMs - 1,
    boundaryMode: 'exact',
    realtime: { segments: 1, rows: 2, startMs: d0, endMs: d0 + dayMs },
    offline: { segments: 1, rows: 1 },
    partitions: [{ partition: 0, consumingRows: 1, nextSequence: 1, rejectedRows: 1 }],
    late: { rows: 1 },
    mover: null,
    runs: [{ kind: 'run', state: 'COMMITTED', rows: 1, segments: 1, error: null }],
  });
  expect(state.held.map(({ reason }) => reason)).toEqual(['CONSUMING_MAY_HOLD_ROWS']);
  expect(state.partitions[0]!.sources).toMatchObject([{ rows: 4 }]);
  expect(desk.engine.listTables()).toMatchObject([
    {
      table: 't',
      types: ['REALTIME', 'OFFLINE'],
      realtimeSegments: 1,
      offlineSegments: 1,
      rows: 4,
      watermarkMs: d0 + dayMs,
    },
  ]);
});

test('doctor looks at the machine without a data directory, and says what is off', async () => {
  const dataDir = join('/proc', 'no-such-folder', 'data');
  const checks = await doctor({ dataDir, memoryBytes: 2 ** 60, workers: 100_000 });
  const found = new Map(checks.map(({ check, state }) => [check, state]));
  expect(found.get('node')).toBe('ok');
  expect(found.get('cores')).toBe('warn');
  expect(found.get('memory')).toBe('warn');
  for (const { state, advice } of checks) expect(state === 'ok').toBe(advice === null);
  const small = await doctor({ dataDir, memoryBytes: 1000, workers: 1 });
  expect(small.find(({ check }) => check === 'memory')).toMatchObject({
    state: 'warn',
    found: expect.stringContaining('cap 1000 B of'),
    advice: 'a window needs at least 32 MiB; raise --memory',
  });
  const { root } = await openDesk(null);
  const fine = await doctor({ dataDir: join(root, 'x', 'y'), memoryBytes: 1 << 20, workers: 1 });
  expect(fine.find(({ check }) => check === 'data directory')).toMatchObject({
    state: 'ok',
    found: expect.stringContaining('not there yet'),
  });
});
