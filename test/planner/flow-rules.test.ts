// Rules of the flow that the planner keeps, beside the choice of windows itself.
import { describe, expect, test } from 'vitest';
import type { LeaseRecord } from '../../src/catalog/types.ts';
import { effectiveBoundary, hybridSplit } from '../../src/planner/boundary.ts';
import { expiredSegments } from '../../src/planner/retention.ts';
import { moveConfigOf } from '../../src/planner/snapshot.ts';
import { planTable } from '../../src/planner/windows.ts';
import {
  all,
  d0,
  day,
  hour,
  now,
  offlineSegment,
  one,
  outputOf,
  partition,
  run,
  segment,
  snapshot,
  state,
  table,
} from './fixtures.ts';

const sealed = segment(0, 0, d0, d0 + 3 * day);
const readUp = [partition(0, now)];

test('W-1 one window of one table at a time, unless more are asked for', () => {
  const shot = snapshot({ realtime: [sealed], partitions: readUp });
  expect(planTable(shot, now, one).plan.windows).toHaveLength(1);
  expect(planTable(shot, now, { ...one, windows: 2 }).plan.windows).toHaveLength(2);
  expect(planTable(shot, now, all).plan.windows).toHaveLength(4);
});

test('W-4 a mover that lives holds its table however long ago it began', () => {
  const runningElsewhere: LeaseRecord = {
    key: 'move/t',
    owner: 'o',
    pid: 7,
    host: 'h',
    machine: null,
    processStart: null,
    takenMs: now - 30 * day,
    renewedMs: now,
  };
  const { plan } = planTable(snapshot({ realtime: [sealed], runningElsewhere }), now, one);
  expect(plan.windows).toEqual([]);
  expect(plan.held).toMatchObject([{ reason: 'RUNNING_ELSEWHERE' }]);
  expect(plan.held[0]!.detail).toContain('process 7 on h');
});

test('W-2 and W-9 a table whose REALTIME config is missing or has no task is an error', () => {
  expect(() => moveConfigOf({ ...table(), realtime: null })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  );
  const { realtime } = table();
  const without = { ...table(), realtime: { ...realtime!, move: null } };
  expect(() => planTable(snapshot({ table: without, realtime: [sealed] }), now, one)).toThrow(
    /no RealtimeToOfflineSegmentsTask/,
  );
});

test('W-10 and A-1 the watermark is the only state that the choice of windows goes by', () => {
  const shot = snapshot({ realtime: [sealed], partitions: readUp, state: state(d0 + 2 * day) });
  const { plan } = planTable(shot, now, one);
  expect(plan.watermarkMs).toBe(d0 + 2 * day);
  expect(plan.windows[0]).toMatchObject({ startMs: d0 + 2 * day, endMs: d0 + 3 * day });
});

describe('W-18 what a quiet or late partition does', () => {
  // Partition 1 sealed a segment long before the window and holds rows of it that are not sealed.
  const quiet = segment(1, 0, d0 - 5 * day, d0 - 4 * day);
  const consuming = { rows: 3, min: d0 + hour, max: d0 + 2 * hour };
  const shot = snapshot({
    realtime: [segment(0, 0, d0, d0 + day), quiet],
    partitions: [partition(0, now), partition(1, now, consuming)],
    state: state(d0),
  });

  test('W-18a exact holds the window for the rows that pinot would lose', () => {
    expect(planTable(shot, now, one).plan.held).toMatchObject([
      { reason: 'CONSUMING_MAY_HOLD_ROWS', startMs: d0 },
    ]);
    const pinot = { ...shot, table: table({ move: { semantics: 'pinot' } }) };
    expect(planTable(pinot, now, one).plan.windows).toMatchObject([{ startMs: d0 }]);
  });

  test('W-18b pinot stops at an idle partition, exact goes on once it was read to its end', () => {
    const idle = snapshot({
      realtime: [segment(0, 0, d0, d0 + 2 * day), segment(1, 0, d0, d0 + hour)],
      partitions: [partition(0, now), partition(1, now)],
      state: state(d0),
    });
    expect(planTable(idle, now, one).plan.windows).toMatchObject([{ startMs: d0 }]);
    const pinot = { ...idle, table: table({ move: { semantics: 'pinot' } }) };
    const { held, windows } = planTable(pinot, now, one).plan;
    expect(windows).toEqual([]);
    expect(held).toMatchObject([{ reason: 'CONSUMING_MAY_HOLD_ROWS' }]);
  });

  test('W-18d a gap in the data is crossed in one walk', () => {
    const gap = snapshot({
      realtime: [segment(0, 0, d0 + 40 * day, d0 + 41 * day)],
      partitions: readUp,
      state: state(d0),
    });
    expect(planTable(gap, now, one).plan.windows).toMatchObject([{ startMs: d0 + 40 * day }]);
  });
});

test('X-2 inputs are looked for before anything starts', () => {
  const shot = snapshot({
    realtime: [sealed],
    partitions: readUp,
    missingFiles: [sealed.name],
  });
  const { plan } = planTable(shot, now, one);
  expect(plan.windows).toEqual([]);
  expect(plan.held).toMatchObject([{ reason: 'MISSING_INPUT', startMs: d0 }]);
  expect(plan.held[0]!.detail).toContain(sealed.name);
});

test('W-6 what a commit replaced is no input of a window that is done again from its outputs', () => {
  const input = segment(0, 0, d0, d0 + day - 1);
  const first = run('r1', d0, d0 + day, [input], { state: 'SUPERSEDED' });
  const second = run('r2', d0, d0 + day, [input], { supersededRuns: ['r1'] });
  const shot = snapshot({
    realtime: [input],
    offline: [outputOf(second)],
    runs: [first, second],
    state: state(d0),
    partitions: readUp,
  });
  const [decision] = planTable(shot, now, one).decisions;
  expect(decision!.inputs.map(({ name }) => name)).toEqual([input.name]);
  expect(decision!.replacesRuns).toEqual(['r2']);
  expect(decision!.replacesSegments).toEqual(['out-r2']);
});

test('B-1 a boundary needs both halves: without an OFFLINE one, or its time column, there is none', () => {
  const record = table({ move: { semantics: 'pinot' } });
  const ends = [offlineSegment('a', d0, d0 + 5 * day)];
  expect(effectiveBoundary(state(d0), ends, record)?.ms).toBe(d0 + 4 * day);
  expect(effectiveBoundary(state(d0), ends, { ...record, offline: null })).toBeNull();
  const offline = { ...record.offline!, timeColumn: null };
  expect(effectiveBoundary(state(d0), ends, { ...record, offline })).toBeNull();
});

test('B-6 segments in sight count at once, those taken out do not', () => {
  const record = table({ move: { semantics: 'pinot' } });
  const boundary = (...ends: number[]): number | undefined =>
    effectiveBoundary(
      null,
      ends.map((end) => offlineSegment(`s${end}`, end, end)),
      record,
    )?.ms;
  expect(boundary(d0)).toBe(d0 - day);
  expect(boundary(d0, d0 + day)).toBe(d0);
  expect(boundary()).toBeUndefined();
});

test('B-10 and B-11 exact answers the moved window from OFFLINE at once; pinot asks REALTIME for its last day', () => {
  const input = segment(0, 0, d0, d0 + 2 * day);
  const done = run('r1', d0, d0 + day, [input]);
  const boundary = { ms: d0 + day - 1, mode: 'exact' } as const;
  const shot = snapshot({
    realtime: [input],
    offline: [outputOf(done)],
    runs: [done],
    state: state(d0 + day, 'commit', { boundary }),
  });
  expect(hybridSplit(shot).boundaryMs).toBe(d0 + day - 1);
  const pinot = { ...shot, table: table({ move: { semantics: 'pinot' } }) };
  expect(hybridSplit(pinot).boundaryMs).toBe(d0 - 1);
});

test('B-12 realtime segments below the boundary go when their retention has passed and every row was moved', () => {
  const input = segment(0, 0, d0, d0 + day - 1);
  const done = run('r1', d0, d0 + day, [input]);
  const shot = snapshot({
    table: table({ realtime: { retentionMs: day } }),
    realtime: [input],
    offline: [outputOf(done)],
    runs: [done],
    state: state(d0 + day, 'commit', { boundary: { ms: d0 + day - 1, mode: 'exact' } }),
  });
  const names = (change: Partial<typeof shot>): string[] =>
    expiredSegments({ ...shot, ...change }, [], now).map(({ name }) => name);
  expect(names({})).toEqual([input.name]);
  const below = state(d0 + day, 'commit', { boundary: { ms: d0, mode: 'exact' } });
  expect(names({ state: below })).toEqual([]);
  expect(names({ runs: [run('r1', d0, d0 + hour, [input], {}, 9)] })).toEqual([]);
  expect(names({ runs: [] })).toEqual([]);
  // A boundary set by hand may lie beyond the watermark; what ends on the watermark is not done with.
  const boundarySet = { ms: d0 + 5 * day, mode: 'set' } as const;
  expect(names({ state: state(d0 + day - 1, 'set', { boundarySet }) })).toEqual([]);
  expect(names({ state: state(d0 + day, 'set', { boundarySet }) })).toEqual([input.name]);
});
