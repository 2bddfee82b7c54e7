import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SegmentRecord } from '../../src/catalog/types.ts';
import type { TableSnapshot } from '../../src/planner/snapshot.ts';
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

const pinot = table({ move: { semantics: 'pinot' } });

function windowsOf(shot: TableSnapshot, at = now, options = all): number[][] {
  return planTable(shot, at, options).plan.windows.map(({ startMs, endMs }) => [startMs, endMs]);
}
function reasonsOf(shot: TableSnapshot, at = now, options = all): string[] {
  return planTable(shot, at, options).plan.held.map(({ reason }) => reason);
}

describe('cold start', () => {
  test('E-1, W-11 the watermark is the floor of the oldest start; both segments are chosen', () => {
    const { plan, coldWatermarkMs } = planTable(
      snapshot({
        table: table({ move: { bufferMs: 0 } }),
        realtime: [
          segment(0, 0, 1590048000000, 1590134400000),
          segment(1, 0, 1590048000001, 1590134400001),
        ],
      }),
      now,
      one,
    );
    expect(plan.windows.map(({ startMs, endMs, segments }) => [startMs, endMs, segments])).toEqual([
      [1590019200000, 1590105600000, ['t__0__0__20261121T0020Z', 't__1__0__20261121T0020Z']],
    ]);
    expect([plan.watermarkMs, coldWatermarkMs]).toEqual([1590019200000, 1590019200000]);
  });

  test('E-1 a segment 441680..441703 in HOURS gives the same window', () => {
    const shot = snapshot({ realtime: [segment(0, 0, 441680 * hour, 441703 * hour)] });
    expect(windowsOf(shot, now, one)).toEqual([[1590019200000, 1590105600000]]);
  });

  test('design 5.4 it floors before the epoch, too', () => {
    const shot = snapshot({
      table: table({ realtime: { segmentTimeValueCheck: false } }),
      realtime: [segment(0, 0, -1, -1)],
    });
    expect(windowsOf(shot)).toEqual([[-day, 0]]);
  });

  test('design 5.9 exact counts CONSUMING rows, pinot does not (W-11)', () => {
    const shot = snapshot({
      realtime: [segment(0, 0, d0 + 3 * day, d0 + 3 * day)],
      partitions: [partition(0, now, { rows: 1, min: d0, max: d0 })],
    });
    expect(planTable(shot, now, one).plan.watermarkMs).toBe(d0);
    expect(planTable({ ...shot, table: pinot }, now, one).plan.watermarkMs).toBe(d0 + 3 * day);
  });

  test('design 5.9 a cold watermark moves down with older rows; others never move', () => {
    const shot = snapshot({ realtime: [segment(0, 0, d0, d0)], state: state(d0 + day, 'cold') });
    expect(planTable(shot, now, one)).toMatchObject({
      coldWatermarkMs: d0,
      plan: { watermarkMs: d0 },
    });
    for (const origin of ['set', 'commit'] as const) {
      const kept = planTable({ ...shot, state: state(d0 + day, origin) }, now, one);
      expect([kept.coldWatermarkMs, kept.plan.watermarkMs]).toEqual([null, d0 + day]);
    }
    const younger = { ...shot, state: state(d0 - day, 'cold') };
    expect(planTable(younger, now, one).coldWatermarkMs).toBeNull();
  });

  test('W-5 nothing sealed is NO_SEGMENTS, without a watermark, and says how much is CONSUMING', () => {
    const shot = snapshot({ partitions: [partition(0, now, { rows: 3, min: d0, max: d0 })] });
    const { plan } = planTable(shot, now, one);
    expect(plan).toMatchObject({ watermarkMs: null, windows: [] });
    expect(plan.held).toEqual([
      {
        startMs: null,
        endMs: null,
        reason: 'NO_SEGMENTS',
        detail: expect.stringContaining('3 rows are CONSUMING'),
      },
    ]);
  });

  test('W-12 a segment without a valid time is BAD_TIME and does not make the walk start at 1970', () => {
    for (const bad of [segment(0, 1, null, null), segment(0, 1, 0, 5), segment(0, 1, d0, 9e15)]) {
      const plan = planTable(snapshot({ realtime: [segment(0, 0, d0, d0), bad] }), now, one).plan;
      expect(plan.watermarkMs).toBe(d0);
      expect(plan.windows[0]?.startMs).toBe(d0);
      expect(plan.held.map(({ reason }) => reason)).toContain('BAD_TIME');
    }
  });

  test('W-12 a segment that ends before it starts is in no window', () => {
    const inverted = segment(0, 1, d0 + 9 * day, d0 + 5 * day);
    const shot = snapshot({ realtime: [segment(0, 0, d0, d0), inverted] });
    expect(windowsOf(shot)).toEqual([[d0, d0 + day]]);
    expect(reasonsOf(shot)).toEqual(['BUFFER', 'BAD_TIME']);
  });

  test('W-12 nothing but bad times holds the table; an empty segment is no bad one', () => {
    expect(reasonsOf(snapshot({ realtime: [segment(0, 0, null, null)] }))).toEqual(['BAD_TIME']);
    const empty = segment(0, 0, null, null, { rowCount: 0 });
    expect(reasonsOf(snapshot({ realtime: [empty] }))).toEqual(['NO_SEGMENTS']);
  });
});

describe('the walk', () => {
  const e2 = [
    segment(0, 0, 1589972400000, 1590048000000),
    segment(0, 1, 1590048000000, 1590134400000),
  ];

  test('E-2, W-13 an existing watermark: both overlap, in order', () => {
    const shot = snapshot({ realtime: e2, state: state(1590019200000) });
    expect(planTable(shot, now, one).plan.windows[0]?.segments).toEqual(e2.map((s) => s.name));
    expect(windowsOf({ ...shot, state: state(1590490800000) })).toEqual([]);
    expect(reasonsOf({ ...shot, state: state(1590490800000) })).toEqual(['BUFFER']);
    const short = { ...shot, table: table({ move: { bucketMs: 2 * hour } }) };
    expect(planTable(short, now, one).plan.windows).toMatchObject([
      { startMs: 1590019200000, endMs: 1590026400000, segments: [e2[0]?.name] },
    ]);
  });

  test('E-4, W-16 empty buckets are crossed in the same run', () => {
    const shot = snapshot({
      realtime: [segment(0, 0, 1590220800000, 1590307200000)],
      state: state(1590019200000),
    });
    expect(windowsOf(shot, now, one)).toEqual([[1590192000000, 1590278400000]]);
  });

  test('W-16 gap-skip: days 1, 5 and 10, nothing between, and --all ends with BUFFER', () => {
    const shot = snapshot({
      realtime: [
        segment(0, 0, d0 + 5, d0 + day - 1),
        segment(0, 1, 1700352000007, 1700352000007),
        segment(0, 2, 1700784000000, 1700870400000),
      ],
      partitions: [partition(0, now)],
    });
    expect(windowsOf(shot)).toEqual([
      [d0, d0 + day],
      [d0 + 4 * day, d0 + 5 * day],
      [d0 + 9 * day, d0 + 10 * day],
      [d0 + 10 * day, d0 + 11 * day],
    ]);
    expect(reasonsOf(shot)).toEqual(['BUFFER']);
    expect(windowsOf({ ...shot, table: pinot })).toHaveLength(3);
    expect(reasonsOf({ ...shot, table: pinot })).toEqual(['CONSUMING_MAY_HOLD_ROWS']);
  });

  test('W-19 a window with segments but perhaps without rows is one run of its own', () => {
    const shot = snapshot({ realtime: [segment(0, 0, d0, d0 + 3 * day)] });
    expect(windowsOf(shot)).toHaveLength(4);
    expect(windowsOf(shot, now, { ...one, windows: 2 })).toHaveLength(2);
  });

  test('E-5, W-14 the buffer rule, equality allowed', () => {
    const shot = snapshot({ realtime: [segment(0, 0, d0, d0)] });
    expect(windowsOf(shot, d0 + 3 * day)).toEqual([[d0, d0 + day]]);
    expect(windowsOf(shot, d0 + 3 * day - 1)).toEqual([]);
    expect(planTable(shot, d0 + 3 * day - 1, all).plan.held).toEqual([
      {
        startMs: d0,
        endMs: d0 + day,
        reason: 'BUFFER',
        detail: expect.stringContaining('at 2023-11-18T00:00:00.000Z (1700265600000)'),
      },
    ]);
    const late = { ...shot, table: table({ move: { bufferMs: 15 * day } }), state: state(d0) };
    expect(reasonsOf(late, d0 + 10 * day)).toEqual(['BUFFER']);
  });

  test('W-17 by partition, then sequence as a number, imported ones after by name', () => {
    const realtime = [
      segment(null, 2, d0, d0),
      segment(1, 0, d0, d0),
      segment(null, 1, d0, d0),
      segment(0, 10, d0, d0),
      segment(0, 9, d0, d0),
    ];
    expect(planTable(snapshot({ realtime }), now, one).plan.windows[0]?.segments).toEqual([
      't__0__9__20261121T0020Z',
      't__0__10__20261121T0020Z',
      't__1__0__20261121T0020Z',
      'upload1',
      'upload2',
    ]);
  });

  test('W-12 more windows than one plan holds end in BAD_TIME', () => {
    const shot = snapshot({
      table: table({ move: { bucketMs: 1 } }),
      realtime: [segment(0, 0, d0, d0 + 10 * day)],
    });
    const plan = planTable(shot, now, all).plan;
    expect(plan.windows).toHaveLength(1_000_000);
    expect(plan.held.map(({ reason }) => reason)).toEqual(['BAD_TIME']);
  });

  test('W-3, E-6 a mover elsewhere holds this table', () => {
    const runningElsewhere = {
      key: 'move/t',
      owner: 'x',
      pid: 12,
      host: 'h',
      machine: null,
      processStart: null,
      takenMs: d0,
      renewedMs: d0,
    };
    const shot = snapshot({ realtime: [segment(0, 0, d0, d0)], runningElsewhere });
    expect(reasonsOf(shot)).toEqual(['RUNNING_ELSEWHERE']);
    expect(windowsOf(shot)).toEqual([]);
  });

  test('MEMORY_CAP a cap under the least that can work is refused with both figures', () => {
    const shot = snapshot({ realtime: [segment(0, 0, d0, d0)] });
    const { held } = planTable(shot, now, { ...one, memoryCapBytes: 1000 }).plan;
    expect(held).toMatchObject([{ reason: 'MEMORY_CAP', startMs: d0 }]);
    expect(held[0]?.detail).toMatch(/1000 bytes.*33554432/);
  });

  test('C-1 a table without the task is an error, not silence', () => {
    const bare = { ...table(), realtime: null };
    expect(() => planTable(snapshot({ table: bare }), now, one)).toThrow(/no RealtimeToOffline/);
  });
});

describe('guards', () => {
  test('E-3, W-7, W-15 pinot: the newest segment of a partition ends inside the window', () => {
    const at = (minMs: number, maxMs: number, more: SegmentRecord[] = []): TableSnapshot =>
      snapshot({
        table: table({ move: { semantics: 'pinot' }, realtime: { segmentTimeValueCheck: false } }),
        realtime: [segment(0, 0, minMs, maxMs), ...more],
        state: state(100000),
      });
    expect(reasonsOf(at(50000, 150000), now, one)).toEqual(['CONSUMING_MAY_HOLD_ROWS']);
    expect(reasonsOf(at(100000, 200000), now, one)).toEqual(['CONSUMING_MAY_HOLD_ROWS']);
    expect(windowsOf(at(200000, 86500000), now, one)).toEqual([[100000, 86500000]]);
    expect(reasonsOf(at(200000, 86499999), now, one)).toEqual(['CONSUMING_MAY_HOLD_ROWS']);
    // A later segment, in number order, opens it; an uploaded one takes no part.
    const later = segment(0, 10, 5 * day, 5 * day);
    const older = segment(0, 9, 100000, 100000);
    expect(windowsOf(at(100000, 200000, [later, older]), now, one)).toHaveLength(1);
    const upload = segment(null, 0, 100000, 200000);
    expect(windowsOf(at(0, 99999, [upload]), now, one)).toHaveLength(1);
  });

  test('W-18b exact: an idle partition that was read to its end holds nothing', () => {
    const shot = snapshot({
      realtime: [segment(0, 0, d0, d0 + hour)],
      partitions: [partition(0, d0 + 3 * day)],
    });
    expect(windowsOf(shot)).toEqual([[d0, d0 + day]]);
  });

  test('design 5.9 exact: not read up to windowEnd + buffer is NOT_READ_UP_TO_DATE', () => {
    const shot = snapshot({
      realtime: [segment(0, 0, d0, d0)],
      partitions: [partition(0, d0 + 3 * day - 1), partition(1, now)],
    });
    const { held } = planTable(shot, now, one).plan;
    expect(held).toMatchObject([{ reason: 'NOT_READ_UP_TO_DATE', startMs: d0, endMs: d0 + day }]);
    expect(held[0]?.detail).toMatch(/^partition 0 had been read/);
    const removed = { ...shot, removedSources: ['file:in/0.ndjson'] };
    expect(windowsOf(removed, now, one)).toHaveLength(1);
    const piped = { ...shot, partitions: [partition(0, null, null, 'stdin')] };
    expect(windowsOf(piped, now, one)).toHaveLength(1);
    const unknown = { ...shot, partitions: [partition(0, null)] };
    expect(reasonsOf(unknown, now, one)).toEqual(['NOT_READ_UP_TO_DATE']);
    expect(
      windowsOf(
        { ...unknown, table: pinot, realtime: [segment(0, 0, d0, d0 + 2 * day)] },
        now,
        one,
      ),
    ).toHaveLength(1);
  });

  test('design 5.9 exact: CONSUMING rows in or before the window hold it, later ones do not', () => {
    const shot = (min: number): TableSnapshot =>
      snapshot({
        realtime: [segment(0, 0, d0, d0)],
        state: state(d0),
        partitions: [partition(0, now, { rows: 2, min, max: min + 5 * day })],
      });
    expect(reasonsOf(shot(d0 - day), now, one)).toEqual(['CONSUMING_MAY_HOLD_ROWS']);
    expect(reasonsOf(shot(d0 + day - 1), now, one)).toEqual(['CONSUMING_MAY_HOLD_ROWS']);
    expect(windowsOf(shot(d0 + day), now, one)).toEqual([[d0, d0 + day]]);
    expect(planTable(shot(d0), now, one).plan.held[0]?.detail).toMatch(
      /partition 0: 2 rows from 2023-11-15T00:00:00.000Z \(1700006400000\)/,
    );
  });

  test('design 5.9 exact: closed windows without a segment wait for CONSUMING rows as well', () => {
    const shot = snapshot({
      realtime: [segment(0, 0, d0, d0)],
      state: state(d0 + day),
      partitions: [partition(0, now, { rows: 2, min: d0 + 5 * day, max: d0 + 5 * day })],
    });
    expect(reasonsOf(shot)).toEqual(['CONSUMING_MAY_HOLD_ROWS']);
    expect(reasonsOf({ ...shot, partitions: [partition(0, now - 5 * day)] })).toEqual([
      'NOT_READ_UP_TO_DATE',
    ]);
    expect(reasonsOf({ ...shot, partitions: [partition(0, now)] })).toEqual(['BUFFER']);
  });

  test('W-8 a partition that has rows and nothing sealed holds in both semantics', () => {
    const shot = snapshot({
      realtime: [segment(0, 0, d0 + 1, d0 + 2 * day)],
      partitions: [
        partition(0, now),
        partition(1, now, { rows: 2, min: d0 + 2, max: d0 + 2 * day, sequence: 0 }),
      ],
    });
    for (const each of [shot, { ...shot, table: pinot }]) {
      const { plan } = planTable(each, now, one);
      expect(plan.held).toMatchObject([{ reason: 'PARTITION_ONLY_CONSUMING' }]);
      expect(plan.held[0]?.detail).toMatch(/^partition 1: 2 CONSUMING rows/);
      expect(plan.watermarkMs).toBe(d0);
    }
    // Once something of it was sealed, though expired since, the other guards decide.
    const sealed = partition(1, now, {
      rows: 2,
      min: d0 + 9 * day,
      max: d0 + 9 * day,
      sequence: 3,
    });
    expect(windowsOf({ ...shot, partitions: [sealed] }, now, one)).toHaveLength(1);
  });
});

describe('windows done again', () => {
  const input = segment(0, 0, d0, d0 + 2 * day);
  const done = run('r1', d0, d0 + day, [input]);
  const base = snapshot({
    realtime: [input],
    offline: [outputOf(done)],
    runs: [done],
    state: state(d0, 'set'),
    partitions: [partition(0, now)],
  });

  test('design 5.3 a window that holds done windows replaces them and their segments', () => {
    const second = run('r2', d0 + day, d0 + 2 * day, [input], { state: 'EMPTY', outputs: [] });
    const shot = {
      ...base,
      table: table({ move: { bucketMs: 2 * day } }),
      runs: [done, second],
    };
    const { decisions } = planTable(shot, now, one);
    expect(decisions).toMatchObject([
      { replacesRuns: ['r1', 'r2'], replacesSegments: ['out-r1'], movesWatermark: true },
    ]);
  });

  test('design 5.3 a window that cuts a done one is OVERLAPS_DONE_WINDOW', () => {
    const shot = { ...base, state: state(d0 + hour, 'set') };
    expect(reasonsOf(shot)).toEqual(['OVERLAPS_DONE_WINDOW']);
    const gone = { ...shot, runs: [{ ...done, state: 'ROLLED_BACK' as const }], offline: [] };
    expect(windowsOf(gone, now, one)).toHaveLength(1);
  });

  test('design 5.19 MISSING_INPUT: an input is gone, changed, or has no file', () => {
    const other = segment(0, 1, d0, d0);
    const shots = [
      { ...base, realtime: [other] },
      { ...base, realtime: [{ ...input, crc: 8 }] },
      { ...base, missingFiles: [input.name] },
    ];
    for (const shot of shots) {
      expect(reasonsOf(shot)).toEqual(['MISSING_INPUT']);
      expect(planTable(shot, now, one).plan.held[0]?.detail).toContain(input.name);
    }
    const first = { ...base, runs: [], offline: [], missingFiles: [input.name] };
    expect(reasonsOf(first)).toEqual(['MISSING_INPUT']);
  });

  test('design 5.19 BACKFILLED_SEGMENTS holds a window done again, not one done for the first time', () => {
    const backfilled = [offlineSegment('out-r1', d0, d0)];
    expect(reasonsOf({ ...base, offline: backfilled })).toEqual(['BACKFILLED_SEGMENTS']);
    const beside = [outputOf(done), offlineSegment('x', d0 + 1, d0 + 1)];
    expect(reasonsOf({ ...base, offline: beside })).toEqual(['BACKFILLED_SEGMENTS']);
    const first = planTable({ ...base, offline: beside, runs: [] }, now, one);
    expect(first.decisions).toMatchObject([{ replacesSegments: [] }]);
  });
});

describe('properties', () => {
  const times = fc.integer({ min: -3 * day, max: 40 * day });
  const shots = fc
    .record({
      bucketMs: fc.integer({ min: hour, max: 9 * day }),
      bufferMs: fc.integer({ min: 0, max: 9 * day }),
      semantics: fc.constantFrom('exact' as const, 'pinot' as const),
      ranges: fc.array(fc.tuple(times, times), { maxLength: 6 }),
      watermark: fc.option(times),
      consuming: fc.option(times),
      readToEnd: fc.option(times),
    })
    .map(({ bucketMs, bufferMs, semantics, ranges, watermark, consuming, readToEnd }) =>
      snapshot({
        table: table({ move: { bucketMs, bufferMs, semantics } }),
        realtime: ranges.map(([a, b], i) =>
          segment(i % 2, i, d0 + Math.min(a, b), d0 + Math.max(a, b)),
        ),
        state: watermark === null ? null : state(d0 + watermark, 'set'),
        partitions: [
          partition(
            0,
            readToEnd === null ? null : d0 + readToEnd,
            consuming === null ? null : { rows: 1, min: d0 + consuming, max: d0 + consuming },
          ),
        ],
      }),
    );

  test('windows never overlap, never cross the buffer, hold a segment each; nothing due has a reason', () => {
    fc.assert(
      fc.property(shots, times, (shot, offset) => {
        const at = d0 + offset;
        const { plan, decisions } = planTable(shot, at, all);
        const bucket = shot.table.realtime?.move?.bucketMs ?? 0;
        const buffer = shot.table.realtime?.move?.bufferMs ?? 0;
        let end = plan.watermarkMs ?? 0;
        for (const window of plan.windows) {
          expect(window.startMs).toBeGreaterThanOrEqual(end);
          expect((window.startMs - (plan.watermarkMs ?? 0)) % bucket).toBe(0);
          expect(window.endMs).toBe(window.startMs + bucket);
          expect(window.endMs).toBeLessThanOrEqual(at - buffer);
          expect(window.segments.length).toBeGreaterThan(0);
          end = window.endMs;
        }
        expect(plan.held.length).toBeGreaterThan(0);
        expect(decisions.map((decision) => decision.window)).toEqual(plan.windows);
        const first = planTable(shot, at, one).plan.windows;
        expect(first).toEqual(plan.windows.slice(0, 1));
      }),
      { numRuns: 300 },
    );
  });

  test('exact: no planned window ends after a CONSUMING row, so that none becomes late', () => {
    fc.assert(
      fc.property(shots, (shot) => {
        const consuming = shot.partitions[0]?.consuming?.minTimeMs ?? Infinity;
        const isExact = shot.table.realtime?.move?.semantics === 'exact';
        for (const window of planTable(shot, now, all).plan.windows)
          expect(!isExact || window.endMs <= consuming).toBe(true);
        expect(shot.table.name).toBe('t');
      }),
    );
  });
});
