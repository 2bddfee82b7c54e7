// `watermark set|reset`, windows done again by it, and `boundary set|reset`.
import { expect, test } from 'vitest';
import { d0, dayMs, hourMs, openDesk, row, tableDocuments } from './desk.ts';

const second = 1000;

function six(at: number): ReturnType<typeof row>[] {
  return Array.from({ length: 6 }, (_, i) => row(`k${i}`, i, at + i * second));
}

test('rerun after a watermark reset: the window replaces its own outputs, whatever their number', async () => {
  const desk = await openDesk({ task: { maxNumRecordsPerSegment: '2' } });
  await desk.ingest(six(d0));
  await desk.run();
  const names = Object.keys(await desk.offline());
  expect(names.length).toBe(3);
  const back = await desk.engine.setWatermark('t', d0);
  expect(back).toMatchObject({ watermarkMs: d0, previousMs: d0 + dayMs, late: { rows: 0 } });
  const again = await desk.run();
  expect(again.windows[0]!.replaced.toSorted()).toEqual(names);
  expect(Object.keys(await desk.offline())).toEqual(names);
  await desk.engine.setWatermark('t', d0);
  await desk.engine.addTables(tableDocuments({ task: { maxNumRecordsPerSegment: '4' } }));
  const third = await desk.run();
  expect(third.windows[0]!.replaced.length).toBe(3);
  expect(Object.keys(await desk.offline())).toEqual([
    `t_${d0}_${d0 + 3 * second}_0`,
    `t_${d0 + 4 * second}_${d0 + 5 * second}_1`,
  ]);
  const answer = await desk.engine.query('select count(*), sum(v) from t');
  expect(answer.rows.flat().map(Number)).toEqual([6, 15]);
  expect(desk.engine.boundary('t').timeBoundaryMs).toBe(d0 + dayMs - 1);
  expect((await desk.engine.verify()).findings).toEqual([]);
  const { runs } = await desk.engine.status('t');
  expect(runs.map(({ state }) => state)).toEqual(['COMMITTED', 'SUPERSEDED', 'SUPERSEDED']);
});

test('OVERLAPS_DONE_WINDOW a window that cuts a done one is held until the watermark fits', async () => {
  const desk = await openDesk();
  await desk.ingest(six(d0));
  await desk.run();
  await desk.engine.setWatermark('t', d0 - 12 * hourMs);
  const { windows, held } = await desk.run();
  expect(windows).toEqual([]);
  expect(held).toMatchObject([{ reason: 'OVERLAPS_DONE_WINDOW', startMs: d0 - 12 * hourMs }]);
  expect(held[0]!.detail).toContain(String(d0));
});

test('one window over several done ones replaces all of them', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + dayMs)]);
  await desk.run({ windows: 'all' });
  await desk.engine.addTables(tableDocuments({ task: { bucketTimePeriod: '2d' } }));
  await desk.engine.setWatermark('t', d0);
  const { windows } = await desk.run();
  expect(windows[0]).toMatchObject({ startMs: d0, endMs: d0 + 2 * dayMs, state: 'COMMITTED' });
  expect(windows[0]!.replaced.length).toBe(2);
  expect(await desk.offlineRows()).toEqual(['a 1 0', `b 2 ${dayMs}`]);
  expect((await desk.engine.verify()).findings).toEqual([]);
});

test('W-18c a watermark set forward says how many rows it leaves behind; rerun moves them', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + dayMs)]);
  const set = await desk.engine.setWatermark('t', d0 + 2 * dayMs);
  expect(set).toMatchObject({ previousMs: null, late: { rows: 2 } });
  const { windows, held, late } = await desk.run();
  expect([windows.length, held.length, late.rows]).toEqual([0, 1, 2]);
  expect((await desk.engine.status('t')).late.segments).toMatchObject([
    { rows: 2, minTimeMs: d0, maxTimeMs: d0 + dayMs },
  ]);
  const count = await desk.engine.query('select count(*) from t');
  expect(count.rows.flat().map(Number)).toEqual([2]);
});

test('A-3 without a watermark the next run starts cold', async () => {
  const desk = await openDesk();
  await desk.ingest(six(d0));
  expect(await desk.engine.setWatermark('t', null)).toMatchObject({ watermarkMs: null });
  expect((await desk.run()).windows.map(({ startMs }) => startMs)).toEqual([d0]);
});

test('B-7, B-8 a boundary set by hand stays until it is reset', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0 + 5), row('b', 2, d0 + dayMs)]);
  expect(desk.engine.boundary('t')).toEqual({
    table: 't',
    timeBoundaryMs: null,
    timeColumn: null,
    timeValue: null,
    mode: null,
  });
  await expect(desk.engine.setBoundary('t', 'newest')).rejects.toMatchObject({
    code: 'BOUNDARY_UNAVAILABLE',
  });
  await desk.run();
  const newest = await desk.engine.setBoundary('t', 'newest');
  expect(newest).toEqual({
    table: 't',
    timeBoundaryMs: d0 + 5,
    timeColumn: 'ts',
    timeValue: String(d0 + 5),
    mode: 'set',
  });
  await desk.run();
  expect(desk.engine.boundary('t')).toMatchObject({ timeBoundaryMs: d0 + 5, mode: 'set' });
  expect(await desk.engine.setBoundary('t', d0)).toMatchObject({ timeBoundaryMs: d0 });
  expect(await desk.engine.setBoundary('t', null)).toMatchObject({
    timeBoundaryMs: d0 + 2 * dayMs - 1,
    mode: 'exact',
  });
});

test('design 5.12 with rounding on, the newest offline end as boundary is warned of', async () => {
  const desk = await openDesk({ task: { roundBucketTimePeriod: '1h' } });
  await desk.ingest([row('a', 1, d0 + 5)]);
  await desk.run();
  const { warnings } = await desk.engine.setBoundary('t', 'newest');
  expect(warnings).toHaveLength(1);
  expect(warnings![0]).toContain(String(hourMs));
  expect(await desk.engine.setBoundary('t', d0)).not.toHaveProperty('warnings');
});

test('B-8 a table that is not hybrid has no newest offline end', async () => {
  const desk = await openDesk({ offline: null, realtime: { task: undefined } });
  await expect(desk.engine.setBoundary('t', 'newest')).rejects.toThrow(/isn't a hybrid table/);
});
