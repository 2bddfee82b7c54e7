// Rules of the flow on a data directory: what a run leaves behind, what comes back after a restart, what is said when.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorTable, httpStatusOf } from '../../src/errors.ts';
import { d0, dayMs, hourMs, lines, openDesk, row, rowsOf, tableDocuments } from './desk.ts';

const hour = (n: number): number => d0 + n * hourMs;

test('E-30, W-10 and A-1 the watermark comes back to the millisecond after a restart', async () => {
  const desk = await openDesk();
  await desk.engine.setWatermark('t', 1000);
  await desk.reopen();
  expect(desk.engine.watermark('t').watermarkMs).toBe(1000);
  await desk.engine.setWatermark('t', d0 + 1);
  await desk.reopen();
  expect(desk.engine.watermark('t')).toMatchObject({ watermarkMs: d0 + 1 });
});

test('X-10 and E-32 three daily windows, each moving the watermark by a day, six segments each', async () => {
  const segmentPartitionConfig = {
    columnPartitionMap: {
      k: { functionName: 'Murmur', numPartitions: 3 },
      v: { functionName: 'HashCode', numPartitions: 2 },
    },
  };
  const desk = await openDesk({ offline: { tableIndexConfig: { segmentPartitionConfig } } });
  const days = [0, 1, 2].map((day) =>
    Array.from({ length: 40 }, (_, i) => row(`k${i}`, i, d0 + day * dayMs + i)),
  );
  await desk.ingest(days.flat());
  for (const day of [0, 1, 2]) {
    const { windows, watermarkMs } = await desk.run();
    expect(windows).toMatchObject([{ state: 'COMMITTED', ledger: { written: 40 } }]);
    expect(windows[0]!.segments).toHaveLength(6);
    expect(watermarkMs).toBe(d0 + (day + 1) * dayMs);
  }
  expect((await desk.engine.verify()).findings).toEqual([]);
});

test('E-7 and C-3 rounding, merging and aggregation of the REALTIME task meet sort and filter of the OFFLINE config', async () => {
  const desk = await openDesk({
    task: {
      roundBucketTimePeriod: '1h',
      mergeType: 'rollup',
      'v.aggregationType': 'MAX',
      bucketTimePeriod: '1d',
    },
    offline: {
      tableIndexConfig: { sortedColumn: ['ts'] },
      ingestionConfig: { filterConfig: { filterFunction: "k = 'no'" } },
    },
    realtime: {
      tableIndexConfig: { sortedColumn: ['k'], streamConfigs: { streamType: 'kafka' } },
    },
  });
  await desk.ingest([
    row('b', 1, hour(1) + 5),
    row('b', 7, hour(1) + 9),
    row('a', 3, hour(2) + 1),
    row('no', 9, hour(1)),
    row('a', 2, hour(1) + 2),
  ]);
  const { windows } = await desk.run();
  expect(windows[0]!.ledger).toMatchObject({ filtered: 1, mergedAway: 1, written: 3 });
  expect(Object.values(await desk.offline()).flat()).toEqual([
    `a 2 ${hourMs}`,
    `b 7 ${hourMs}`,
    `a 3 ${2 * hourMs}`,
  ]);
});

test('W-20 tables of one data directory move on their own', async () => {
  const desk = await openDesk();
  await desk.engine.addTables(tableDocuments({ name: 'u' }));
  await desk.ingest([row('a', 1, d0)]);
  const from = [desk.write('u/0.ndjson', lines([row('b', 2, d0 + dayMs)]))];
  await desk.engine.ingest('u', { from, seal: true });
  await desk.run();
  expect(desk.engine.watermark('u').watermarkMs).toBeNull();
  const { windows } = await desk.engine.run('u', { windows: 'all' });
  expect(windows).toMatchObject([{ startMs: d0 + dayMs, state: 'COMMITTED' }]);
  expect(desk.engine.watermark('t').watermarkMs).toBe(d0 + dayMs);
});

test('X-1 a window is refused on a watermark other than the one that it was planned on', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0)]);
  const plan = await desk.engine.plan('t');
  await desk.engine.setWatermark('t', d0 + dayMs);
  await expect(desk.run({ plan })).rejects.toMatchObject({ code: 'PLAN_STALE' });
});

test('X-3 and A-16 unfinished files have a folder of their run, segments one of their table and type', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0)]);
  let during: string[] = [];
  await desk.run({
    onProgress: () => {
      during = [...during, ...readdirSync(desk.dataDir)];
    },
  });
  expect(during.length).toBeGreaterThan(0);
  const folders = desk.files().map((file) => file.split('/').slice(0, 2).join('/'));
  expect([...new Set(folders)].toSorted()).toEqual(['segments/t_OFFLINE', 'segments/t_REALTIME']);
});

test('X-7 a run that is interrupted at its first task changes nothing', async () => {
  const stop = new AbortController();
  const desk = await openDesk({}, { signal: stop.signal });
  await desk.ingest([row('a', 1, d0)]);
  const running = desk.run({ onProgress: () => stop.abort('SIGINT') });
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  await desk.reopen({ signal: new AbortController().signal });
  expect(desk.engine.segments('t', 'OFFLINE')).toEqual([]);
  expect((await desk.run()).windows).toMatchObject([{ state: 'COMMITTED' }]);
});

test('A-5 and design 5.3 a window that is done again under another config leaves no rows of the first time', async () => {
  const desk = await openDesk({ task: { maxNumRecordsPerSegment: '1' } });
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + 1), row('c', 3, d0 + 2)]);
  await desk.run();
  expect(desk.engine.segments('t', 'OFFLINE')).toHaveLength(3);
  await desk.engine.addTables(tableDocuments({ task: { segmentNamePrefix: 'other' } }));
  await desk.engine.setWatermark('t', d0);
  const { windows } = await desk.run();
  expect(windows[0]!.replaced).toHaveLength(3);
  expect(desk.engine.segments('t', 'OFFLINE').map(({ name }) => name)).toEqual([
    `other_${d0}_${d0 + 2}_0`,
  ]);
  expect(await desk.offlineRows()).toEqual(['a 1 0', 'b 2 1', 'c 3 2']);
});

test('A-4 and design 5.3 a window that fails after some of its outputs leaves none of them', async () => {
  const desk = await openDesk({ task: { maxNumRecordsPerSegment: '1', fixedSegmentName: 'one' } });
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + 1)]);
  const before = desk.files();
  const { windows } = await desk.run();
  expect(windows).toMatchObject([
    { state: 'FAILED', error: { code: 'FIXED_NAME_SEVERAL_OUTPUTS' } },
  ]);
  expect(desk.files()).toEqual(before);
  expect(desk.engine.watermark('t').watermarkMs).toBe(d0);
});

test('A-9 the reason of a failure is kept whole', async () => {
  const desk = await openDesk({ task: { mergeType: 'rollup' } });
  const key = 'x'.repeat(500);
  const most = '9223372036854775807';
  const text = `{"k":"${key}","v":${most},"ts":${d0}}\n`.repeat(2);
  await desk.engine.ingest('t', { from: [desk.write('in/0.ndjson', text)], seal: true });
  const { windows } = await desk.run();
  expect(windows[0]!.error!.message).toContain('segmill.semantics');
  const { runs } = await desk.engine.status('t');
  expect(runs[0]!.error).toBe(`SUM_OVERFLOW: ${windows[0]!.error!.message}`);
});

test('A-20 and C-2 a table has one mover at a time: a second run of this process is told who moves it', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 1, d0 + dayMs)]);
  const [first, second] = await Promise.all([desk.run({ windows: 'all' }), desk.run()]);
  expect(first.windows).toHaveLength(2);
  expect(second.windows).toEqual([]);
  expect(second.held).toMatchObject([{ reason: 'RUNNING_ELSEWHERE' }]);
});

test('A-24 and A-25 a rerun takes the old segments out of sight at one instant, rollback brings them back', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0)]);
  await desk.run();
  const before = desk.engine.segments('t', 'OFFLINE');
  await desk.ingest([row('late', 2, d0 + 1)], { partition: 1 });
  await desk.engine.rerun('t', {
    fromMs: d0,
    toMs: d0 + dayMs,
    execute: true,
    allowMissingInputs: false,
    replaceBackfilled: false,
  });
  expect(await desk.offlineRows()).toEqual(['a 1 0', 'late 2 1']);
  await desk.engine.rollback('t', { execute: true });
  expect(desk.engine.segments('t', 'OFFLINE')).toEqual(before);
  expect(await desk.offlineRows()).toEqual(['a 1 0']);
});

test('B-1 and B-5 without an OFFLINE segment there is no boundary, and REALTIME answers alone', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + dayMs)]);
  expect(desk.engine.boundary('t').timeBoundaryMs).toBeNull();
  await desk.run();
  expect(desk.engine.boundary('t').timeBoundaryMs).toBe(d0 + dayMs - 1);
});

test('B-10 the boundary moves with the segments of its window, never before the last of them', async () => {
  const desk = await openDesk({ task: { maxNumRecordsPerSegment: '1', bucketTimePeriod: '2d' } });
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + dayMs), row('c', 3, d0 + 3 * dayMs)]);
  const seen: (number | null)[] = [];
  const note = (): number =>
    seen.push(
      desk.engine.segments('t', 'OFFLINE').length === 0
        ? desk.engine.boundary('t').timeBoundaryMs
        : -1,
    );
  await desk.run({ onProgress: note });
  expect(new Set(seen)).toEqual(new Set([null]));
  expect(desk.engine.segments('t', 'OFFLINE')).toHaveLength(2);
});

describe('design 5.16 nothing is answered with silence', () => {
  test('design 5.16 an unknown table', async () => {
    const desk = await openDesk();
    for (const call of [
      desk.engine.run('nope'),
      desk.engine.plan('nope'),
      desk.engine.status('nope'),
      desk.engine.rollback('nope', { execute: false }),
    ]) {
      await expect(call).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' });
    }
  });

  test('design 5.16 an unknown task type', async () => {
    const desk = await openDesk(null);
    const realtime = { task: { taskTypeConfigsMap: { RealtimeToOfflineTask: {} } } };
    await expect(desk.engine.addTables(tableDocuments({ realtime }))).rejects.toThrow(
      /RealtimeToOfflineTask/,
    );
  });

  test('design 5.16 nothing due says why, window by window', async () => {
    const desk = await openDesk();
    expect((await desk.run()).held.map(({ reason }) => reason)).toEqual(['NO_SEGMENTS']);
    await desk.ingest([row('a', 1, d0)]);
    desk.clock.nowMs = d0 + hourMs;
    const { held } = await desk.run();
    expect(held).toMatchObject([{ reason: 'BUFFER', startMs: d0, endMs: d0 + dayMs }]);
    expect(held[0]!.detail).toMatch(/1h/);
  });
});

test('design 5.18 mistakes of a client are never a 5xx, and 404, 409 and 403 say which kind', () => {
  const mistakes = Object.entries(errorTable).filter(([, { exit }]) => exit === 2);
  expect(mistakes.length).toBeGreaterThan(5);
  for (const [, { http, retry }] of mistakes) {
    expect(http).toBeGreaterThanOrEqual(400);
    expect(http).toBeLessThan(500);
    expect(retry).toBe(false);
  }
  expect(httpStatusOf('TABLE_NOT_FOUND')).toBe(404);
  expect(httpStatusOf('SEGMENT_NOT_FOUND')).toBe(404);
  expect(httpStatusOf('PLAN_STALE')).toBe(409);
  expect(httpStatusOf('RUNNING_ELSEWHERE')).toBe(409);
});

describe('batch jobs', () => {
  const job = (root: string, more: object = {}): { where: string; text: string } => ({
    where: 'job.yml',
    text: JSON.stringify({
      jobType: 'SegmentCreationAndTarPush',
      inputDirURI: join(root, 'input', 'job'),
      recordReaderSpec: { dataFormat: 'json' },
      tableSpec: { tableName: 't' },
      ...more,
    }),
  });

  test('J-8 the first file that fails is named, and no segment of the others comes in', async () => {
    const desk = await openDesk();
    desk.write('job/a.json', lines([row('a', 1, d0)]));
    desk.write('job/b.json', 'no json\n');
    desk.write('job/c.json', 'no json either\n');
    await expect(desk.engine.backfill(job(desk.root))).rejects.toThrow(/b\.json/);
    expect(desk.engine.segments('t', 'OFFLINE')).toEqual([]);
  });

  test('J-10 a push takes every segment file below the output folder, also of earlier jobs', async () => {
    const desk = await openDesk();
    const outputDirURI = join(desk.root, 'out');
    for (const [i, k] of ['a', 'b'].entries()) {
      desk.write('job/x.json', lines([row(k, i, d0 + i)]));
      await desk.engine.backfill(job(desk.root, { jobType: 'SegmentCreation', outputDirURI }));
    }
    const push = job(desk.root, { jobType: 'SegmentTarPush', outputDirURI });
    expect((await desk.engine.backfill(push)).added).toHaveLength(2);
    expect(await desk.offlineRows()).toEqual(['a 0 0', 'b 1 1']);
  });

  test('J-11 cleanUpOutputDir loses nothing: what was pushed is in the data directory before', async () => {
    const desk = await openDesk();
    desk.write('job/x.json', lines([row('a', 1, d0)]));
    const outputDirURI = join(desk.root, 'out');
    const report = await desk.engine.backfill(
      job(desk.root, { outputDirURI, cleanUpOutputDir: true }),
    );
    expect(report).toMatchObject({ pushed: true, outputDir: null });
    expect(await rowsOf(desk.engine, report.added[0]!)).toEqual(['a 1 0']);
  });
});
