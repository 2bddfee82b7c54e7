// `run`: windows from a cold start to the last due one, and what stops them.
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faultPlan } from '../../src/store/fault.ts';
import { d0, dayMs, hourMs, openDesk, row, tableDocuments } from './desk.ts';

test('W-5, W-11 nothing sealed: held with a reason, no watermark; once sealed, a run that finds nothing due writes it', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0 + 5)], { seal: false });
  const before = await desk.run();
  expect(before).toMatchObject({ windows: [], watermarkMs: null });
  expect(before.held.map(({ reason, startMs }) => [reason, startMs])).toEqual([
    ['NO_SEGMENTS', null],
  ]);
  desk.clock.nowMs = d0 + dayMs;
  await desk.ingest([]);
  const planned = await desk.engine.plan('t');
  expect(planned).toMatchObject({ watermarkMs: d0, windows: [] });
  expect(desk.engine.watermark('t').watermarkMs).toBeNull();
  const report = await desk.run();
  expect(report).toMatchObject({ windows: [], watermarkMs: d0, timeBoundaryMs: null });
  expect(report.held.map(({ reason, startMs, endMs }) => [reason, startMs, endMs])).toEqual([
    ['BUFFER', d0, d0 + dayMs],
  ]);
});

test('windows move in order, one commit each: ledger, segments, watermark and boundary together', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0 + 5), row('b', 2, d0 + dayMs), row('c', 3, d0 + 2 * dayMs)]);
  const first = await desk.run();
  expect(first).toMatchObject({ watermarkMs: d0 + dayMs, timeBoundaryMs: d0 + dayMs - 1 });
  expect(first.windows).toMatchObject([
    {
      startMs: d0,
      endMs: d0 + dayMs,
      state: 'COMMITTED',
      ledger: { read: 3, outsideWindow: 2, filtered: 0, rejected: 0, mergedAway: 0, written: 1 },
      segments: [
        { name: `t_${d0 + 5}_${d0 + 5}_0`, rows: 1, minTimeMs: d0 + 5, maxTimeMs: d0 + 5 },
      ],
      replaced: [],
      rejectFile: null,
    },
  ]);
  const { stages, memory, seconds } = first.windows[0]!;
  expect(Object.keys(stages).toSorted()).toEqual(['commit', 'emit', 'map', 'reduce']);
  expect(memory).toMatchObject({ capBytes: expect.any(Number), spilledBytes: 0 });
  expect(seconds).toBeGreaterThanOrEqual(0);
  const rest = await desk.run({ windows: 'all' });
  expect(rest.windows.map(({ startMs, state }) => [startMs - d0, state])).toEqual([
    [dayMs, 'COMMITTED'],
    [2 * dayMs, 'COMMITTED'],
  ]);
  expect(rest.held.map(({ reason }) => reason)).toEqual(['BUFFER']);
  expect(await desk.offlineRows()).toEqual(['a 1 5', `b 2 ${dayMs}`, `c 3 ${2 * dayMs}`]);
  expect((await desk.engine.verify()).findings).toEqual([]);
  expect(desk.files().filter((path) => path.startsWith('tmp/'))).toEqual([]);
});

test('W-19 a window whose segments hold no row of it is EMPTY; W-16 windows without segments are crossed', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('c', 3, d0 + 2 * dayMs)]);
  await desk.ingest([row('d', 4, d0 + 6 * dayMs)]);
  const { windows, watermarkMs } = await desk.run({ windows: 'all' });
  expect(windows.map(({ startMs, state }) => [(startMs - d0) / dayMs, state])).toEqual([
    [0, 'COMMITTED'],
    [1, 'EMPTY'],
    [2, 'COMMITTED'],
    [6, 'COMMITTED'],
  ]);
  expect(windows[1]).toMatchObject({ segments: [], ledger: { read: 2, outsideWindow: 2 } });
  expect(watermarkMs).toBe(d0 + 7 * dayMs);
  expect((await desk.engine.verify()).findings).toEqual([]);
});

test('A-8 a window that fails is FAILED everywhere and leaves everything as it was', async () => {
  const desk = await openDesk({ task: { mergeType: 'rollup' } });
  const most = '9223372036854775807';
  const from = [desk.write('in/0.ndjson', `{"k":"a","v":${most},"ts":${d0}}\n`.repeat(2))];
  await desk.engine.ingest('t', { from, seal: true });
  const files = desk.files();
  const report = await desk.run({ windows: 'all' });
  expect(report.windows).toMatchObject([
    { state: 'FAILED', ledger: null, segments: [], error: { code: 'SUM_OVERFLOW' } },
  ]);
  expect(report.windows[0]!.error!.message).toMatch(/\bv\b/);
  expect(report).toMatchObject({ watermarkMs: d0, timeBoundaryMs: null });
  expect(desk.files()).toEqual(files);
  expect(desk.engine.segments('t', 'OFFLINE')).toEqual([]);
  const { runs } = await desk.engine.status('t');
  expect(runs).toMatchObject([{ state: 'FAILED', segments: 0, kind: 'run' }]);
  expect(runs[0]!.error).toMatch(/^SUM_OVERFLOW: /);
  expect((await desk.engine.verify()).findings).toEqual([]);
});

test('rejected rows of a window are counted and kept where the report says', async () => {
  const ingestionConfig = { continueOnError: true };
  const options = { realtime: { ingestionConfig }, offline: { ingestionConfig } };
  const desk = await openDesk(options);
  await desk.ingest([row('short', 1, d0), row('too long', 2, d0 + 1)]);
  // The bound comes after the rows were sealed.
  const k = { name: 'k', dataType: 'STRING', maxLength: 5, maxLengthExceedStrategy: 'ERROR' };
  const schema = { dimensionFieldSpecs: [k] };
  await desk.engine.addTables(tableDocuments({ ...options, schema }));
  const { windows } = await desk.run();
  expect(windows).toMatchObject([
    { state: 'COMMITTED', ledger: { read: 2, rejected: 1, written: 1 } },
  ]);
  const { rejectFile } = windows[0]!;
  expect(desk.files()).toContain(rejectFile);
  await desk.reopen();
  expect(desk.files()).toContain(rejectFile);
});

test('design 5.3 a saved plan runs as it is, and is refused once anything it stands on changed', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + dayMs)]);
  const plan = await desk.engine.plan('t', 2);
  expect(plan.windows.length).toBe(2);
  const refused = (over: Partial<typeof plan>): Promise<unknown> =>
    desk.run({ plan: { ...plan, ...over } });
  await expect(refused({ table: 'other' })).rejects.toMatchObject({ code: 'PLAN_STALE' });
  await expect(refused({ watermarkMs: d0 + 1 })).rejects.toMatchObject({ code: 'PLAN_STALE' });
  await expect(refused({ fingerprint: 'x' })).rejects.toMatchObject({ code: 'PLAN_STALE' });
  await expect(refused({ windows: [{ ...plan.windows[0]!, segments: ['gone'] }] })).rejects.toThrow(
    /has other segments or is not due now/,
  );
  await expect(refused({ windows: [] })).rejects.toThrow(/it has no window, and one is due now/);
  await desk.engine.addTables(tableDocuments({ task: { bufferTimePeriod: '2h' } }));
  await expect(desk.run({ plan })).rejects.toThrow(/config/);
  await desk.engine.addTables(tableDocuments());
  await desk.ingest([row('c', 3, d0 + 1)], { partition: 1 });
  await expect(desk.run({ plan })).rejects.toThrow(/other segments/);
  const fresh = await desk.engine.plan('t', 2);
  const report = await desk.run({ plan: fresh });
  expect(report.windows.map(({ startMs }) => startMs)).toEqual([d0, d0 + dayMs]);
  await expect(desk.run({ plan: fresh })).rejects.toThrow(/watermark/);
});

test('MEMORY_CAP less than the least that can work is refused before the start', async () => {
  const desk = await openDesk({}, { memoryBytes: 1 << 20 });
  await desk.ingest([row('a', 1, d0)]);
  const { windows, held } = await desk.run();
  expect(windows).toEqual([]);
  expect(held).toMatchObject([{ reason: 'MEMORY_CAP', startMs: d0 }]);
});

test('TEMP_DISK_CAP outputs above the cap for temporary files fail the window', async () => {
  const desk = await openDesk({}, { tempDiskBytes: 10 });
  await desk.ingest([row('a', 1, d0)]);
  const { windows } = await desk.run();
  expect(windows).toMatchObject([{ state: 'FAILED', error: { code: 'TEMP_DISK_CAP' } }]);
  expect(desk.files().filter((path) => path.startsWith('tmp/'))).toEqual([]);
});

test('an interruption between windows keeps what was committed and says where to go on', async () => {
  const stop = new AbortController();
  const desk = await openDesk({}, { signal: stop.signal });
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + dayMs)]);
  const running = desk.run({ windows: 'all', onWindow: () => stop.abort('SIGINT') });
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED', details: { windows: 1 } });
  await desk.reopen({ signal: new AbortController().signal });
  expect(desk.engine.watermark('t').watermarkMs).toBe(d0 + dayMs);
  expect((await desk.run({ windows: 'all' })).windows.length).toBe(1);
});

test('an interruption inside a window leaves no record, no file and no segment of it', async () => {
  const stop = new AbortController();
  const desk = await openDesk({}, { signal: stop.signal });
  await desk.ingest([row('a', 1, d0)]);
  const files = desk.files();
  const running = desk.run({ onProgress: () => stop.abort('SIGINT') });
  await expect(running).rejects.toMatchObject({
    code: 'CANCELLED',
    message: expect.stringMatching(
      /^interrupted in the window of t from .* nothing of it was committed; the same run command goes on$/,
    ),
    details: { table: 't', startMs: d0 },
  });
  expect(desk.files()).toEqual(files);
  await desk.reopen({ signal: new AbortController().signal });
  expect((await desk.engine.status('t')).runs).toEqual([]);
});

test('a commit that fails takes its files away at once, and the same engine goes on', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0)]);
  const files = desk.files();
  // The lease, the cold watermark, the commit.
  await desk.reopen({}, faultPlan('catalog.write', 3));
  const { windows } = await desk.run();
  expect(windows).toMatchObject([{ state: 'FAILED', error: { code: 'STORE_FULL' } }]);
  expect(desk.files()).toEqual(files);
  expect((await desk.run()).windows).toMatchObject([{ state: 'COMMITTED' }]);
  expect(await desk.offlineRows()).toEqual(['a 1 0']);
});

test('MISSING_INPUT a window whose segment has lost its file is held by name', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0)]);
  const file = desk.files().find((path) => path.startsWith('segments/'))!;
  rmSync(`${desk.dataDir}/${file}`);
  const { windows, held } = await desk.run();
  expect(windows).toEqual([]);
  expect(held).toMatchObject([{ reason: 'MISSING_INPUT', startMs: d0 }]);
});

test('design 5.9 CONSUMING rows in the window and sources not read to their end hold it', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0 + 5)]);
  await desk.ingest([row('b', 1, d0 + 6)], { seal: false });
  expect((await desk.run()).held).toMatchObject([{ reason: 'CONSUMING_MAY_HOLD_ROWS' }]);
  desk.clock.nowMs = d0 + 6;
  await desk.ingest([]);
  desk.clock.nowMs = d0 + dayMs + hourMs;
  await desk.reopen();
  expect((await desk.run()).windows.length).toBe(1);
});

test('tables that cannot move are refused by name', async () => {
  const desk = await openDesk({ realtime: { task: undefined } });
  await expect(desk.run()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  await expect(desk.engine.plan('t')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  await desk.engine.addTables(
    tableDocuments({ name: 'u', offline: null, realtime: { task: undefined } }),
  );
  await expect(desk.engine.run('u')).rejects.toThrow(/u_OFFLINE/);
  await expect(desk.engine.run('nope')).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' });
});
