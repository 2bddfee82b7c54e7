// Calls of `run` recorded on a live Pinot, played on the planner alone: a tiny stand-in commits what is planned.
import { describe, expect, test } from 'vitest';
import type { PartitionRecord, SegmentRecord } from '../../src/catalog/types.ts';
import type { MoveConfig, Semantics } from '../../src/config/types.ts';
import type { TableSnapshot } from '../../src/planner/snapshot.ts';
import { planTable } from '../../src/planner/windows.ts';
import {
  d0,
  day,
  hour,
  now,
  one,
  partition,
  run,
  segment,
  snapshot,
  state,
  table,
} from './fixtures.ts';

/** One `run T`: a reason, or the window with the numbers `partition/sequence` of its segments. */
type Call = string | readonly [startMs: number, endMs: number, segments: string];

class Replay {
  #shot: TableSnapshot;

  constructor(semantics: Semantics, move: Partial<MoveConfig> = {}) {
    this.#shot = snapshot({ table: table({ move: { ...move, semantics } }) });
  }

  seal(...segments: readonly SegmentRecord[]): this {
    this.#shot = { ...this.#shot, realtime: [...this.#shot.realtime, ...segments] };
    return this;
  }

  partitions(...partitions: readonly PartitionRecord[]): this {
    this.#shot = { ...this.#shot, partitions };
    return this;
  }

  watermark(ms: number): this {
    this.#shot = { ...this.#shot, state: state(ms, 'set') };
    return this;
  }

  get watermarkMs(): number | null {
    return this.#shot.state?.watermarkMs ?? null;
  }

  call(): Call {
    const { plan, decisions, coldWatermarkMs } = planTable(this.#shot, now, one);
    if (coldWatermarkMs !== null)
      this.#shot = { ...this.#shot, state: state(coldWatermarkMs, 'cold') };
    const [decision] = decisions;
    if (decision === undefined) return plan.held.map(({ reason }) => reason).join();
    const { startMs, endMs } = decision.window;
    const runs = this.#shot.runs.map((each) =>
      decision.replacesRuns.includes(each.runId) ? { ...each, state: 'SUPERSEDED' as const } : each,
    );
    runs.push(run(`r${runs.length}`, startMs, endMs, decision.inputs));
    this.#shot = { ...this.#shot, runs, state: state(endMs) };
    const names = decision.inputs.map((each) => `${each.partition}/${each.sequence}`);
    return [startMs, endMs, names.join(' ')];
  }

  calls(count: number): Call[] {
    return Array.from({ length: count }, () => this.call());
  }
}

describe.each(['pinot', 'exact'] as const)('%s', (semantics) => {
  const pinot = semantics === 'pinot';
  const w1 = (segments: string): Call => [d0, d0 + day, segments];
  const w2 = (segments: string): Call => [d0 + day, d0 + 2 * day, segments];

  test('W-15 consuming-guard', () => {
    const replay = new Replay(semantics);
    expect(replay.call()).toBe('NO_SEGMENTS');
    replay.partitions(partition(0, now, { rows: 2, min: d0 + 5, max: d0 + hour, sequence: 0 }));
    expect(replay.call()).toBe('NO_SEGMENTS');
    expect(replay.watermarkMs).toBeNull();
    replay.seal(segment(0, 0, d0 + 5, d0 + hour)).partitions(partition(0, now));
    expect(replay.call()).toEqual(pinot ? 'CONSUMING_MAY_HOLD_ROWS' : w1('0/0'));
    expect(replay.watermarkMs).toBe(pinot ? d0 : d0 + day);
    replay.partitions(partition(0, now, { rows: 2, min: d0 + 2 * hour, max: d0 + day }));
    expect(replay.call()).toBe('CONSUMING_MAY_HOLD_ROWS');
    replay.seal(segment(0, 1, d0 + 2 * hour, d0 + day)).partitions(partition(0, now));
    expect(replay.calls(2)).toEqual(
      pinot ? [w1('0/0 0/1'), 'CONSUMING_MAY_HOLD_ROWS'] : [w2('0/1'), 'BUFFER'],
    );
  });

  test('W-15 consuming-guard-end-on-edge', () => {
    const replay = new Replay(semantics).partitions(partition(0, now));
    replay.seal(segment(0, 0, d0, d0 + day - 1));
    expect(replay.call()).toEqual(pinot ? 'CONSUMING_MAY_HOLD_ROWS' : w1('0/0'));
    replay.seal(segment(0, 1, d0 + day, d0 + day));
    expect(replay.calls(2)).toEqual(
      pinot ? [w1('0/0'), 'CONSUMING_MAY_HOLD_ROWS'] : [w2('0/1'), 'BUFFER'],
    );
  });

  test('W-8 unguarded-consuming-partition', () => {
    const rows = { rows: 2, min: d0 + 2, max: d0 + 2 * day, sequence: 0 };
    const replay = new Replay(semantics)
      .seal(segment(0, 0, d0 + 1, d0 + 2 * day))
      .partitions(partition(0, now), partition(1, now, rows));
    expect(replay.call()).toBe('PARTITION_ONLY_CONSUMING');
    expect(replay.watermarkMs).toBe(d0);
    replay
      .seal(segment(1, 0, d0 + 2, d0 + 2 * day))
      .partitions(partition(0, now), partition(1, now));
    expect(replay.calls(2)).toEqual([w1('0/0 1/0'), w2('0/0 1/0')]);
    expect(replay.watermarkMs).toBe(1700179200000);
  });

  test('W-13, X-33 round-before-window', () => {
    const replay = new Replay(semantics, { bucketMs: 6 * hour })
      .seal(segment(0, 0, d0, d0 + day))
      .partitions(partition(0, now))
      .watermark(1700017200001);
    expect(replay.calls(3)).toEqual([
      [1700017200001, 1700038800001, '0/0'],
      [1700038800001, 1700060400001, '0/0'],
      [1700060400001, 1700082000001, '0/0'],
    ]);
    expect(replay.watermarkMs).toBe(1700082000001);
  });

  test('A-3 rerun-after-watermark-reset: the window is done again and replaces the one before', () => {
    const replay = new Replay(semantics)
      .seal(segment(0, 0, d0, d0 + day))
      .partitions(partition(0, now));
    expect(replay.call()).toEqual(w1('0/0'));
    for (let again = 0; again < 2; again++) expect(replay.watermark(d0).call()).toEqual(w1('0/0'));
    expect(replay.watermarkMs).toBe(d0 + day);
  });
});
