import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lateSegments } from '../../src/planner/late.ts';
import { planRerun, type RerunOptions } from '../../src/planner/rerun.ts';
import type { TableSnapshot } from '../../src/planner/snapshot.ts';
import {
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

const options: RerunOptions = { ...one, allowMissingInputs: false, replaceBackfilled: false };
const input = segment(0, 0, d0, d0 + 3 * day);
const [r1, r2, r4] = [0, 1, 3].map((at) =>
  run(`r${at + 1}`, d0 + at * day, d0 + (at + 1) * day, [input]),
) as [ReturnType<typeof run>, ReturnType<typeof run>, ReturnType<typeof run>];
const base = snapshot({
  realtime: [input],
  offline: [r1, r2, r4].map((each) => outputOf(each)),
  runs: [r1, r2, r4],
  state: state(d0 + 4 * day),
});

function rangesOf(shot: TableSnapshot, from: number, to: number, opts = options): number[][] {
  const { plan } = planRerun(shot, from, to, opts, now);
  return plan.windows.map(({ startMs, endMs }) => [startMs, endMs]);
}

describe('rerun', () => {
  test('W-18c every done window that the range touches, whole, each with what it replaces', () => {
    const { plan, decisions } = planRerun(base, d0 + day - 1, d0 + day + 1, options, now);
    expect(plan).toMatchObject({ table: 't', now, watermarkMs: d0 + 4 * day, held: [] });
    expect(decisions).toMatchObject([
      {
        window: { startMs: d0, endMs: d0 + day, segments: [input.name], rowsIn: 10, bytesIn: 1000 },
        replacesRuns: ['r1'],
        replacesSegments: ['out-r1'],
        movesWatermark: false,
      },
      { window: { startMs: d0 + day }, replacesRuns: ['r2'], replacesSegments: ['out-r2'] },
    ]);
    expect(rangesOf(base, d0 + day - 1, d0 + day)).toEqual([[d0, d0 + day]]);
    // The window done before a watermark that was put back is still done again.
    expect(rangesOf({ ...base, state: state(d0, 'set') }, d0, d0 + 1)).toEqual([[d0, d0 + day]]);
  });

  test('design 5.10 a stretch that no window has done is done for the first time, in buckets', () => {
    expect(rangesOf(base, d0 + 2 * day, d0 + 2 * day + 1)).toEqual([[d0 + 2 * day, d0 + 3 * day]]);
    const { decisions } = planRerun(base, d0 + 2 * day, d0 + 3 * day, options, now);
    expect(decisions).toMatchObject([{ replacesRuns: [], replacesSegments: [] }]);
    const shorter = { ...base, table: table({ move: { bucketMs: 10 * hour } }) };
    expect(rangesOf(shorter, d0 + 2 * day, d0 + 3 * day)).toEqual([
      [d0 + 2 * day, d0 + 2 * day + 10 * hour],
      [d0 + 2 * day + 10 * hour, d0 + 2 * day + 20 * hour],
      [d0 + 2 * day + 20 * hour, d0 + 3 * day],
    ]);
  });

  test('X-33 rows before the first watermark: the stretch ends where the windows begin', () => {
    const first = 1700017200001;
    const shot = snapshot({
      table: table({ move: { bucketMs: 6 * hour } }),
      realtime: [segment(0, 0, d0, d0 + day)],
      state: state(first, 'set'),
    });
    expect(rangesOf(shot, 0, now)).toEqual([[first - 6 * hour, first]]);
    expect(rangesOf(shot, -(2 ** 53), 2 ** 53)).toEqual([[first - 6 * hour, first]]);
  });

  test('nothing touched has a reason; an empty range is USAGE', () => {
    const { plan } = planRerun(base, d0 + 9 * day, d0 + 10 * day, options, now);
    expect(plan.held).toMatchObject([{ reason: 'NO_SEGMENTS', startMs: d0 + 9 * day }]);
    expect(() => planRerun(base, d0, d0, options, now)).toThrow(/empty: --from/);
    const fresh = snapshot({ realtime: [input] });
    expect(planRerun(fresh, 0, now, options, now).plan.held).toHaveLength(1);
  });

  test('a refused window does not stop the others', () => {
    const shot = { ...base, offline: [...base.offline, offlineSegment('x', d0, d0 + 1)] };
    const { plan } = planRerun(shot, d0, d0 + 2 * day, options, now);
    expect(plan.held).toMatchObject([{ reason: 'BACKFILLED_SEGMENTS', startMs: d0 }]);
    expect(plan.windows).toMatchObject([{ startMs: d0 + day }]);
  });

  test('design 5.19 --replace-backfilled replaces them, unless they reach outside the window', () => {
    const allowed = { ...options, replaceBackfilled: true };
    const shot = { ...base, offline: [...base.offline, offlineSegment('x', d0, d0 + 1)] };
    expect(planRerun(shot, d0, d0 + 1, allowed, now).decisions).toMatchObject([
      { replacesSegments: ['out-r1', 'x'] },
    ]);
    const wide = { ...base, offline: [offlineSegment('x', d0 - 1, d0 + 1)] };
    expect(planRerun(wide, d0, d0 + 1, allowed, now).plan.held[0]?.detail).toMatch(/reach outside/);
    // A stretch that an import covers already would count its rows twice.
    const stretch = { ...base, offline: [offlineSegment('y', d0 + 2 * day, d0 + 2 * day)] };
    expect(
      planRerun(stretch, d0 + 2 * day, d0 + 3 * day, options, now).plan.held.map((h) => h.reason),
    ).toEqual(['BACKFILLED_SEGMENTS']);
  });
});

describe('design 5.19 missing inputs', () => {
  const late = segment(0, 1, d0 + 1, d0 + 2);
  const gone = { ...base, realtime: [late] };
  const allowed = { ...options, allowMissingInputs: true };

  test('refused by default; allowed, the OFFLINE segments are read beside those not named', () => {
    const refused = planRerun(gone, d0, d0 + 1, options, now).plan.held;
    expect(refused).toMatchObject([{ reason: 'MISSING_INPUT' }]);
    expect(refused[0]?.detail).toMatch(/--allow-missing-inputs/);
    const [decision] = planRerun(gone, d0, d0 + 1, allowed, now).decisions;
    expect(decision?.inputs.map((s) => s.name)).toEqual([late.name]);
    expect(decision?.offlineInputs.map((s) => s.name)).toEqual(['out-r1']);
    expect(decision?.window).toMatchObject({ segments: [late.name], rowsIn: 20 });
    // With all inputs there, allowing changes nothing.
    expect(planRerun(base, d0, d0 + 1, allowed, now).decisions[0]?.offlineInputs).toEqual([]);
  });

  test('refused for functions that can not be applied again, and for segments stored before the window', () => {
    const rollup = (aggregation: 'SUM' | 'FIRSTWITHTIME'): TableSnapshot => ({
      ...gone,
      table: table({ move: { mergeType: 'ROLLUP', aggregations: { v: aggregation } } }),
    });
    expect(planRerun(rollup('SUM'), d0, d0 + 1, allowed, now).decisions).toHaveLength(1);
    expect(planRerun(rollup('FIRSTWITHTIME'), d0, d0 + 1, allowed, now).plan.held).toMatchObject([
      { reason: 'MISSING_INPUT', detail: expect.stringContaining('FIRSTWITHTIME of column v') },
    ]);
    const rounded = { ...gone, offline: [outputOf(r1, { minTimeMs: d0 - 1 })] };
    expect(planRerun(rounded, d0, d0 + 1, allowed, now).plan.held).toHaveLength(1);
    const lost = { ...gone, missingFiles: ['out-r1'] };
    expect(planRerun(lost, d0, d0 + 1, allowed, now).plan.held).toHaveLength(1);
  });
});

describe('late rows', () => {
  test('W-18c segments that a done window below the watermark does not name', () => {
    const late = segment(0, 1, d0 + 1, d0 + 9 * day);
    const shot = { ...base, realtime: [input, late] };
    expect(lateSegments(shot)).toEqual([
      {
        segment: late.name,
        consuming: false,
        ranges: [{ startMs: d0 + 1, endMs: d0 + 4 * day }],
        rowCount: 10,
      },
    ]);
  });

  test('a segment whose rows are all accounted for is not read again', () => {
    expect(lateSegments(base)).toEqual([]);
    const part = [{ ...r1, inputs: [{ ...r1.inputs[0]!, taken: 4 }] }];
    expect(lateSegments({ ...base, runs: part })).toMatchObject([
      { segment: input.name, ranges: [{ startMs: d0 + day, endMs: d0 + 3 * day + 1 }] },
    ]);
  });

  test('design 5.10 CONSUMING rows below the watermark are late; another watermark tells what it would leave', () => {
    const shot = snapshot({
      realtime: [segment(0, 0, d0, d0 + day)],
      partitions: [partition(0, now, { rows: 3, min: d0 - 5, max: d0 + 5 })],
      state: state(d0, 'set'),
    });
    expect(lateSegments(shot)).toEqual([
      {
        segment: 't__0__1__20261121T0030Z',
        consuming: true,
        ranges: [{ startMs: d0 - 5, endMs: d0 }],
        rowCount: 3,
      },
    ]);
    expect(lateSegments(shot, d0 + 2)).toMatchObject([
      { ranges: [{ startMs: d0, endMs: d0 + 2 }] },
      { ranges: [{ startMs: d0 - 5, endMs: d0 + 2 }] },
    ]);
    expect(lateSegments({ ...shot, state: null })).toEqual([]);
  });
});

test('after a rerun of everything below the watermark no time is late', () => {
  const time = fc.integer({ min: -5 * day, max: 10 * day });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(time, time), { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat({ max: 7 }), { maxLength: 4 }),
      fc.integer({ min: 0, max: 8 * day }),
      (spans, doneDays, watermark) => {
        const realtime = spans.map(([a, b], i) =>
          segment(0, i, d0 + Math.min(a, b), d0 + Math.max(a, b), { rowCount: 1000 }),
        );
        const runs = [...new Set(doneDays)].map((at) =>
          run(`r${at}`, d0 + at * day, d0 + (at + 1) * day, realtime.slice(0, 2), {}, 0),
        );
        const shot = snapshot({ realtime, runs, state: state(d0 + watermark, 'set') });
        const { decisions, plan } = planRerun(shot, d0 - 99 * day, d0 + 99 * day, options, now);
        expect(plan.held.every(({ reason }) => reason === 'NO_SEGMENTS')).toBe(true);
        const again = decisions.map(({ window, inputs }, i) =>
          run(`again${i}`, window.startMs, window.endMs, inputs, { kind: 'rerun' }, 0),
        );
        for (let i = 1; i < decisions.length; i++)
          expect(decisions[i]?.window.startMs).toBeGreaterThanOrEqual(
            decisions[i - 1]?.window.endMs ?? Infinity,
          );
        expect(lateSegments({ ...shot, runs: again })).toEqual([]);
      },
    ),
  );
});
