// `rerun`: closed windows again, whole, and what no window has done for the first time (design 5.10, 5.19).
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RunReport } from '../../src/engine/move.ts';
import type { RerunOptions, RerunPreview } from '../../src/engine/rerun.ts';
import { d0, dayMs, openDesk, row, tableDocuments } from './desk.ts';
import type { Desk } from './desk.ts';

function rerunOf(
  desk: Desk,
  fromMs: number,
  toMs: number,
  more: Partial<RerunOptions> = {},
): Promise<RerunPreview | RunReport> {
  const guards = { execute: true, allowMissingInputs: false, replaceBackfilled: false };
  return desk.engine.rerun('t', { fromMs, toMs, ...guards, ...more });
}

async function redo(
  desk: Desk,
  fromMs: number,
  toMs: number,
  more: Partial<RerunOptions> = {},
): Promise<RunReport> {
  const report = await rerunOf(desk, fromMs, toMs, more);
  if ('executed' in report) throw new Error('a preview');
  return report;
}

test('a closed window that the range touches is done again, whole, and the watermark stays', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + 5), row('c', 3, d0 + dayMs)]);
  await desk.run({ windows: 'all' });
  await desk.engine.addTables(tableDocuments({ task: { maxNumRecordsPerSegment: '1' } }));
  const files = desk.files();
  const preview = await rerunOf(desk, d0 + 4, d0 + 5, { execute: false });
  expect(preview).toMatchObject({
    executed: false,
    windows: [{ startMs: d0, endMs: d0 + dayMs, replaces: [`t_${d0}_${d0 + 5}_0`] }],
    held: [],
  });
  expect(desk.files()).toEqual(files);
  const report = await redo(desk, d0 + 4, d0 + 5);
  expect(report).toMatchObject({ watermarkMs: d0 + 2 * dayMs, held: [] });
  expect(report.windows).toMatchObject([
    { state: 'COMMITTED', replaced: [`t_${d0}_${d0 + 5}_0`], ledger: { written: 2 } },
  ]);
  expect(Object.keys(await desk.offline())).toEqual([
    `t_${d0}_${d0}_0`,
    `t_${d0 + 5}_${d0 + 5}_1`,
    `t_${d0 + dayMs}_${d0 + dayMs}_0`,
  ]);
  expect((await desk.engine.verify()).findings).toEqual([]);
});

test('W-18c late rows: counted, answered, and taken by a rerun of their window', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('c', 3, d0 + dayMs)]);
  await desk.run({ windows: 'all' });
  await desk.ingest([row('late', 9, d0 + 7), row('later', 9, d0 + 3 * dayMs)]);
  const { late } = await desk.engine.status('t');
  expect(late).toMatchObject({ rows: 1, segments: [{ minTimeMs: d0 + 7, maxTimeMs: d0 + 7 }] });
  const count = async (): Promise<number> =>
    Number((await desk.engine.query('select count(*) from t')).rows[0]![0]);
  expect(await count()).toBe(4);
  const report = await redo(desk, d0, d0 + 1);
  expect(report.late.rows).toBe(0);
  expect(await desk.offlineRows()).toEqual(['a 1 0', `c 3 ${dayMs}`, 'late 9 7']);
  expect(await count()).toBe(4);
});

test('a stretch below the watermark that no window has done is moved for the first time', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + dayMs), row('c', 3, d0 + 2 * dayMs)]);
  await desk.engine.setWatermark('t', d0 + 2 * dayMs);
  await desk.run();
  const report = await redo(desk, d0 - dayMs, d0 + 5 * dayMs);
  expect(report.windows.map(({ startMs, replaced }) => [startMs - d0, replaced.length])).toEqual([
    [0, 0],
    [dayMs, 0],
    [2 * dayMs, 1],
  ]);
  expect(await desk.offlineRows()).toEqual(['a 1 0', `b 2 ${dayMs}`, `c 3 ${2 * dayMs}`]);
  expect((await desk.engine.verify()).findings).toEqual([]);
});

test('MISSING_INPUT inputs that are gone: refused, or with leave taken from the offline segments', async () => {
  const desk = await openDesk({ task: { mergeType: 'rollup' } });
  await desk.ingest([row('a', 1, d0), row('a', 2, d0)]);
  await desk.run();
  const [gone] = desk.files().filter((path) => path.startsWith('segments/t_REALTIME/'));
  rmSync(`${desk.dataDir}/${gone!}`);
  await desk.ingest([row('a', 10, d0), row('z', 1, d0 + 1)]);
  const refused = await redo(desk, d0, d0 + 1);
  expect(refused.windows).toEqual([]);
  expect(refused.held).toMatchObject([{ reason: 'MISSING_INPUT', startMs: d0 }]);
  const report = await redo(desk, d0, d0 + 1, { allowMissingInputs: true });
  expect(report.windows).toMatchObject([{ state: 'COMMITTED', ledger: { read: 3, written: 2 } }]);
  expect(await desk.offlineRows()).toEqual(['a 13 0', 'z 1 1']);
  expect((await desk.engine.status('t')).late.rows).toBe(0);
});

test('BACKFILLED_SEGMENTS a window with pushed segments is refused, or with leave replaces them', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + 5)]);
  await desk.run();
  const [name] = Object.keys(await desk.offline());
  const input = desk.write('job/a.json', `{"k":"a","v":100,"ts":${d0}}\n`);
  await desk.engine.backfill({
    where: 'job.yml',
    text: `jobType: SegmentCreationAndTarPush
inputDirURI: '${input}'
recordReaderSpec: { dataFormat: json }
segmentNameGeneratorSpec: { type: fixed, configs: { segment.name: ${name!} } }
tableSpec: { tableName: t }
`,
  });
  expect(await desk.offlineRows()).toEqual(['a 100 0']);
  const refused = await redo(desk, d0, d0 + 1);
  expect(refused.windows).toEqual([]);
  expect(refused.held).toMatchObject([{ reason: 'BACKFILLED_SEGMENTS' }]);
  const report = await redo(desk, d0, d0 + 1, { replaceBackfilled: true });
  expect(report.windows).toMatchObject([{ state: 'COMMITTED', replaced: [name] }]);
  expect(await desk.offlineRows()).toEqual(['a 1 0', 'b 2 5']);
  expect((await desk.engine.verify()).findings).toEqual([]);
});

test('where nothing is to do, the reason is said; an empty range is a mistake', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0)]);
  await desk.run();
  const report = await redo(desk, d0 + 5 * dayMs, d0 + 6 * dayMs);
  expect(report).toMatchObject({ windows: [], held: [{ reason: 'NO_SEGMENTS' }] });
  await expect(redo(desk, d0, d0)).rejects.toMatchObject({ code: 'USAGE' });
});

test('a window that fails ends the call; the ones before it are kept', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + dayMs)]);
  await desk.run({ windows: 'all' });
  const tooLong = { name: 'k', dataType: 'STRING', maxLength: 1, maxLengthExceedStrategy: 'ERROR' };
  await desk.ingest([row('bb', 2, d0 + dayMs + 1)]);
  await desk.engine.addTables(tableDocuments({ schema: { dimensionFieldSpecs: [tooLong] } }));
  const before = await desk.offline();
  const report = await redo(desk, d0, d0 + 2 * dayMs);
  expect(report.windows.map(({ state }) => state)).toEqual(['COMMITTED', 'FAILED']);
  expect(await desk.offline()).toEqual(before);
  expect((await desk.engine.verify()).findings).toEqual([]);
});
