// `rollback` and `gc`: taken back within the horizon, freed after it, by the real clock.
import { expect, test } from 'vitest';
import { d0, dayMs, hourMs, openDesk, row } from './desk.ts';
import type { Desk } from './desk.ts';

function rolledBack(desk: Desk, runId?: string): ReturnType<Desk['engine']['rollback']> {
  return desk.engine.rollback('t', { runId, execute: true });
}

async function twoWindows(): Promise<Desk> {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + dayMs)]);
  await desk.run({ windows: 'all' });
  return desk;
}

test('a run that moved the watermark: segments, watermark and boundary go back, and it can run again', async () => {
  const desk = await twoWindows();
  const before = await desk.offline();
  const preview = await desk.engine.rollback('t', { execute: false });
  expect(preview).toMatchObject({
    kind: 'run',
    remove: [`t_${d0 + dayMs}_${d0 + dayMs}_0`],
    restore: [],
    watermarkMs: d0 + dayMs,
    executed: false,
  });
  expect(await desk.offline()).toEqual(before);
  expect(await rolledBack(desk)).toMatchObject({ runId: preview.runId, executed: true });
  expect(desk.engine.watermark('t').watermarkMs).toBe(d0 + dayMs);
  expect(desk.engine.boundary('t').timeBoundaryMs).toBe(d0 + dayMs - 1);
  expect(await desk.offlineRows()).toEqual(['a 1 0']);
  expect((await desk.engine.verify()).findings).toEqual([]);
  await rolledBack(desk);
  expect(desk.engine.boundary('t').timeBoundaryMs).toBeNull();
  await desk.run({ windows: 'all' });
  expect(await desk.offline()).toEqual(before);
  expect((await desk.engine.status('t')).runs.map(({ state }) => state)).toEqual([
    'COMMITTED',
    'COMMITTED',
    'ROLLED_BACK',
    'ROLLED_BACK',
  ]);
});

test('ROLLBACK_REFUSED under a later window, twice, of an unknown run, and where there is none', async () => {
  const desk = await twoWindows();
  const [second, first] = (await desk.engine.status('t')).runs;
  await expect(rolledBack(desk, first!.runId)).rejects.toThrow(
    `run ${second!.runId} committed a later window`,
  );
  await rolledBack(desk, second!.runId);
  await expect(rolledBack(desk, second!.runId)).rejects.toThrow(/it is ROLLED_BACK/);
  await expect(rolledBack(desk, 'nope')).rejects.toThrow(/no such run/);
  await rolledBack(desk);
  await expect(rolledBack(desk)).rejects.toMatchObject({ code: 'ROLLBACK_REFUSED' });
});

test('of a rerun only the segments are swapped back', async () => {
  const desk = await twoWindows();
  await desk.ingest([row('late', 3, d0 + 1)]);
  const guards = { execute: true, allowMissingInputs: false, replaceBackfilled: false };
  const before = await desk.offline();
  await desk.engine.rerun('t', { fromMs: d0, toMs: d0 + 1, ...guards });
  expect((await desk.offlineRows()).length).toBe(3);
  const report = await rolledBack(desk);
  expect(report).toMatchObject({ kind: 'rerun', watermarkMs: d0 + 2 * dayMs });
  expect(await desk.offline()).toEqual(before);
  expect(desk.engine.watermark('t').watermarkMs).toBe(d0 + 2 * dayMs);
  expect((await desk.engine.status('t')).late.rows).toBe(1);
  expect((await desk.engine.verify()).findings).toEqual([]);
});

test('A-26 replaced files go after the horizon of the real clock, never by --now; then no rollback', async () => {
  const desk = await twoWindows();
  await desk.engine.setWatermark('t', d0 + dayMs);
  await desk.run();
  desk.clock.nowMs += 1000 * dayMs;
  expect(await desk.engine.gc('t', { execute: true })).toMatchObject({ files: [], bytes: 0 });
  desk.clock.realMs += 4 * hourMs - 60_000;
  expect((await desk.engine.gc(undefined, { execute: false })).files).toEqual([]);
  desk.clock.realMs += 120_000;
  const preview = await desk.engine.gc(undefined, { execute: false });
  expect(preview.files).toMatchObject([{ reason: 'REPLACED' }]);
  expect(desk.files()).toContain(preview.files[0]!.path);
  const freed = await desk.engine.gc('t', { execute: true });
  expect(freed.files).toEqual(preview.files);
  expect(desk.files()).not.toContain(preview.files[0]!.path);
  await expect(rolledBack(desk)).rejects.toThrow(/removed by gc/);
  expect((await desk.engine.verify()).findings).toEqual([]);
});

test('a realtime segment expires when all of it was moved, below watermark and boundary, past the horizon', async () => {
  const desk = await openDesk({
    segmentsConfig: { retentionTimeUnit: 'DAYS', retentionTimeValue: '5' },
  });
  await desk.ingest([row('a', 1, d0)]);
  await desk.ingest([row('b', 2, d0 + dayMs), row('late', 5, d0 + 1)]);
  const freed = async (): Promise<string[]> => {
    const { files } = await desk.engine.gc('t', { execute: false });
    return files.map(({ path, reason }) => `${reason} ${path.split('/').at(-1)!.split('.')[0]!}`);
  };
  desk.clock.realMs = d0 + 20 * dayMs;
  expect(await freed()).toEqual([]);
  await desk.run();
  expect(await freed()).toEqual([]);
  // Past the horizon the first segment may go; the other one holds a row that is still to be moved.
  desk.clock.realMs += 5 * hourMs;
  expect(await freed()).toEqual([expect.stringMatching(/^EXPIRED t__0__0__/)]);
  await desk.run({ windows: 'all' });
  desk.clock.realMs += 5 * hourMs;
  expect((await freed()).length).toBe(2);
  await desk.engine.gc('t', { execute: true });
  expect(desk.engine.segments('t', 'REALTIME')).toEqual([]);
  const { rows } = await desk.engine.query('select count(*) from t');
  expect(Number(rows[0]![0])).toBe(3);
  expect((await desk.engine.verify()).findings).toEqual([]);
  const [last] = (await desk.engine.status('t')).runs;
  await expect(rolledBack(desk, last!.runId)).rejects.toThrow(/is gone/);
});

test('renditions of segments that are not shown any more are freed', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0)], { seal: false });
  await desk.engine.query('select count(*) from t');
  expect(await desk.engine.gc(undefined, { execute: true })).toMatchObject({ files: [] });
  const [rendition] = desk.files().filter((path) => path.startsWith('renditions/'));
  await desk.ingest([row('b', 1, d0 + 1)]);
  const { files, bytes } = await desk.engine.gc(undefined, { execute: true });
  expect(files).toMatchObject([{ path: rendition, reason: 'RENDITION' }]);
  expect(bytes).toBe(files[0]!.bytes);
  expect(desk.files().filter((path) => path.startsWith('renditions/'))).toEqual([]);
});
