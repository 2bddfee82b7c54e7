import { describe, expect, test } from 'vitest';
import type { SegmentRecord } from '../../src/catalog/types.ts';
import type { TimeFormat } from '../../src/config/types.ts';
import {
  boundaryAfterWindow,
  boundarySetDefault,
  boundaryValue,
  effectiveBoundary,
  hybridSplit,
  pinotBoundary,
} from '../../src/planner/boundary.ts';
import type { TableSnapshot } from '../../src/planner/snapshot.ts';
import {
  d0,
  day,
  epochMillis,
  hour,
  offlineSegment,
  outputOf,
  partition,
  run,
  segment,
  snapshot,
  state,
  table,
} from './fixtures.ts';

const days: TimeFormat = { kind: 'EPOCH', unit: 'DAYS', size: 1 };
const hours: TimeFormat = { kind: 'EPOCH', unit: 'HOURS', size: 1 };
const dates: TimeFormat = { kind: 'SIMPLE_DATE_FORMAT', pattern: 'yyyy-MM-dd', zone: 'UTC' };

describe('pinot', () => {
  const ending = (at: number, rowCount = 1): SegmentRecord =>
    offlineSegment(`s${at}`, at, at, { rowCount });

  test('E-31, B-3 the newest end less a day; empty segments do not count; removal is seen', () => {
    const at = (...ends: SegmentRecord[]): number =>
      (pinotBoundary(ends, 'DAILY', days)?.ms ?? 0) / day;
    expect(at(ending(2 * day))).toBe(1);
    expect(at(ending(2 * day), ending(4 * day))).toBe(3);
    expect(at(ending(2 * day), ending(4 * day), ending(6 * day, 0))).toBe(3);
    expect(at(ending(2 * day), ending(3 * day))).toBe(2);
    expect(at(ending(2 * day), ending(5 * day))).toBe(4);
  });

  test('E-31, B-2 an hour for hourly pushes, but a day for columns in DAYS', () => {
    expect((pinotBoundary([ending(2 * day)], 'HOURLY', hours)?.ms ?? 0) / hour).toBe(47);
    expect((pinotBoundary([ending(2 * day)], 'HOURLY', days)?.ms ?? 0) / day).toBe(1);
    expect(pinotBoundary([ending(2 * day)], 'HOURLY', dates)?.ms).toBe(2 * day - hour);
    expect(pinotBoundary([ending(2 * day)], 'DAILY', epochMillis)?.ms).toBe(day);
  });

  test('B-3 no segment, or nothing after the epoch, is no boundary', () => {
    expect(pinotBoundary([], 'DAILY', days)).toBeNull();
    expect(pinotBoundary([ending(day)], 'DAILY', days)).toBeNull();
    expect(pinotBoundary([ending(-day)], 'DAILY', days)).toBeNull();
  });

  test('E-31, B-7 the one set by hand wins, without offset, and stays', () => {
    const record = table({ move: { semantics: 'pinot' }, format: days });
    const set = state(d0, 'commit', { boundarySet: { ms: 50 * day, mode: 'set' } });
    expect(effectiveBoundary(set, [ending(100 * day)], record)).toEqual({
      ms: 50 * day,
      mode: 'set',
    });
    expect(effectiveBoundary(state(d0), [ending(100 * day)], record)?.ms).toBe(99 * day);
  });

  test('B-4 the split is by the boundary alone', () => {
    const input = segment(0, 0, d0, d0 + day);
    const shot = snapshot({
      table: table({ move: { semantics: 'pinot' } }),
      realtime: [input],
      offline: [ending(d0 + day)],
    });
    const split = hybridSplit(shot);
    expect(split.boundaryMs).toBe(d0);
    expect(answeredBy(shot, input.name, d0)).toBe('offline');
    expect(answeredBy(shot, input.name, d0 + 1)).toBe('realtime');
  });
});

describe('exact', () => {
  test('design 5.12 windowEnd - 1, never back, not for negated windows or without an OFFLINE segment', () => {
    const end = d0 + day;
    const window = { endMs: end, negateWindowFilter: false, offlineSegmentsAfter: 1 };
    const moved = { ms: end - 1, mode: 'exact' };
    expect(boundaryAfterWindow(null, window)).toEqual(moved);
    expect(boundaryAfterWindow({ ms: d0, mode: 'exact' }, window)).toEqual(moved);
    const later = { ms: end + day, mode: 'exact' } as const;
    expect(boundaryAfterWindow(later, window)).toBe(later);
    expect(boundaryAfterWindow(null, { ...window, negateWindowFilter: true })).toBeNull();
    expect(boundaryAfterWindow(null, { ...window, offlineSegmentsAfter: 0 })).toBeNull();
    const before = { ms: d0, mode: 'exact' } as const;
    expect(boundaryAfterWindow(before, { ...window, offlineSegmentsAfter: 0 })).toBe(before);
  });

  test('the kept boundary is in force, whatever the newest stored time is', () => {
    const kept = state(d0, 'commit', { boundary: { ms: d0 - 1, mode: 'exact' } });
    expect(effectiveBoundary(kept, [offlineSegment('x', d0, d0 + day)], table())?.ms).toBe(d0 - 1);
    expect(effectiveBoundary(null, [], table())).toBeNull();
  });

  const input = segment(0, 0, d0, d0 + 2 * day);
  const late = segment(0, 1, d0, d0 + 5 * day);
  const r1 = run('r1', d0, d0 + day, [input]);
  const shot = snapshot({
    realtime: [input, late],
    offline: [outputOf(r1)],
    runs: [r1],
    partitions: [partition(0, null, { rows: 1, min: d0, max: d0 })],
    state: state(d0 + day, 'commit', { boundary: { ms: d0 + day - 1, mode: 'exact' } }),
  });

  test('rows at windowEnd - 1, windowEnd and windowEnd + 1 of a named segment', () => {
    const sides = [-1, 0, 1].map((offset) => answeredBy(shot, input.name, d0 + day + offset));
    expect(sides).toEqual(['offline', 'realtime', 'realtime']);
  });

  test('late rows, gaps, rows left behind and CONSUMING rows are answered by realtime', () => {
    expect(answeredBy(shot, late.name, d0)).toBe('realtime');
    expect(answeredBy(shot, input.name, d0 - 1)).toBe('realtime');
    expect(answeredBy(shot, 't__0__1__20261121T0030Z', d0)).toBe('realtime');
    // Another segment under the same name is not the one that was taken.
    const changed = { ...shot, realtime: [{ ...input, crc: 8 }] };
    expect(answeredBy(changed, input.name, d0)).toBe('realtime');
  });

  test('runs that are rolled back, superseded or failed took nothing', () => {
    for (const gone of ['ROLLED_BACK', 'SUPERSEDED', 'FAILED'] as const) {
      const after = { ...shot, runs: [{ ...r1, state: gone }] };
      expect(answeredBy(after, input.name, d0)).toBe('realtime');
    }
  });

  test('a negated window took the rows outside of it', () => {
    const negated = { ...shot, runs: [{ ...r1, negateWindowFilter: true }] };
    expect(answeredBy(negated, input.name, d0)).toBe('realtime');
    expect(answeredBy(negated, input.name, d0 - 1)).toBe('offline');
    expect(answeredBy(negated, input.name, d0 + day)).toBe('realtime');
  });

  test('a run over OFFLINE segments accounts for the inputs of the runs before it', () => {
    const again = run('r2', d0, d0 + day, [outputOf(r1), late], {
      kind: 'rerun',
      supersededRuns: ['r1'],
    });
    const after = { ...shot, runs: [{ ...r1, state: 'SUPERSEDED' as const }, again] };
    expect(answeredBy(after, input.name, d0)).toBe('offline');
    expect(answeredBy(after, late.name, d0)).toBe('offline');
  });

  test('B-5 without a boundary there is none to split at', () => {
    expect(hybridSplit({ ...shot, state: null }).boundaryMs).toBeNull();
  });
});

test('B-8 boundary set without a time: the newest OFFLINE end', () => {
  expect(boundarySetDefault(table(), [offlineSegment('a', d0, d0 + 5)])).toEqual({
    ms: d0 + 5,
    mode: 'set',
  });
  expect(() => boundarySetDefault(table(), [])).toThrow(/No segments found/);
  expect(() => boundarySetDefault({ ...table(), realtime: null }, [])).toThrow(/isn't a hybrid/);
});

test('B-4 the value in the format of the column, cut', () => {
  const ms = 1700028000000 - 1;
  expect(boundaryValue(hours, ms)).toBe('472229');
  expect(boundaryValue(dates, d0 + day - 1)).toBe('2023-11-15');
  expect(boundaryValue(epochMillis, ms)).toBe('1700027999999');
  expect(boundaryValue({ kind: 'TIMESTAMP' }, d0 - hour)).toBe('2023-11-14 23:00:00.0');
  expect(boundaryValue({ kind: 'TIMESTAMP' }, d0 - 1)).toBe('2023-11-14 23:59:59.999');
});

/** The side that answers a realtime row; `offline` means that its moved copy counts. */
function answeredBy(shot: TableSnapshot, name: string, ms: number): 'realtime' | 'offline' {
  const { boundaryMs, realtime } = hybridSplit(shot);
  const taken = realtime.find(({ segment: found }) => found === name)?.takenWindows ?? [];
  if (boundaryMs === null || ms > boundaryMs) return 'realtime';
  return taken.some(({ startMs, endMs }) => startMs <= ms && ms < endMs) ? 'offline' : 'realtime';
}
