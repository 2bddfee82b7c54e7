import { expect, test } from 'vitest';
import { expiredSegments, removableSegments } from '../../src/planner/retention.ts';
import type { TableSnapshot } from '../../src/planner/snapshot.ts';
import type { HeldWindow } from '../../src/planner/types.ts';
import { d0, day, hour, outputOf, run, segment, snapshot, state, table } from './fixtures.ts';

const input = segment(0, 0, d0, d0 + day - 1);
const r1 = run('r1', d0, d0 + day, [input], { finishedMs: d0 + 10 * day });
const base = snapshot({
  table: table({ realtime: { retentionMs: 5 * day } }),
  realtime: [input],
  runs: [r1],
  offline: [outputOf(r1)],
  state: state(d0 + day, 'commit', { boundary: { ms: d0 + day - 1, mode: 'exact' } }),
});
const realNow = d0 + 20 * day;

function expired(shot: TableSnapshot, held: readonly HeldWindow[] = [], at = realNow): string[] {
  return expiredSegments(shot, held, at).map(({ name }) => name);
}

test('design 5.19 a segment expires when all is accounted for', () => {
  expect(expired(base)).toEqual([input.name]);
});

test.each<[string, Partial<TableSnapshot>]>([
  ['no retention is configured', { table: table() }],
  ['it is younger', { table: table({ realtime: { retentionMs: 30 * day } }) }],
  ['the watermark is not past it', { state: state(d0 + day - 1) }],
  ['there is no boundary', { state: state(d0 + day) }],
  [
    'the boundary is not past it',
    { state: state(d0 + day, 'commit', { boundarySet: { ms: d0 + day - 2, mode: 'set' } }) },
  ],
  ['no window names it', { runs: [] }],
  ['its window was rolled back', { runs: [{ ...r1, state: 'ROLLED_BACK' }] }],
  [
    'not every row is accounted for',
    {
      runs: [{ ...r1, windowEndMs: d0 + hour, inputs: [{ ...r1.inputs[0]!, taken: 9 }] }],
    },
  ],
  ['a commit used it lately', { runs: [{ ...r1, finishedMs: realNow - 4 * hour + 1 }] }],
])('design 5.19 a segment stays while %s', (_, change) => {
  expect(expired({ ...base, ...change })).toEqual([]);
});

test('design 5.19 a held window keeps what it needs', () => {
  const held = { reason: 'MISSING_INPUT', detail: '' } as const;
  expect(expired(base, [{ ...held, startMs: d0, endMs: d0 + 1 }])).toEqual([]);
  expect(expired(base, [{ ...held, startMs: d0 + day, endMs: d0 + 2 * day }])).toHaveLength(1);
  expect(expired(base, [{ ...held, startMs: null, endMs: null }])).toHaveLength(1);
});

test('A-26 replaced files stay for the horizon of rollback', () => {
  const replaced = [
    { segment: outputOf(r1), replacedMs: 0, replacedRealMs: realNow - 4 * hour, runId: 'x' },
    { segment: outputOf(r1), replacedMs: 0, replacedRealMs: realNow - 4 * hour + 1, runId: 'x' },
  ];
  expect(removableSegments(base, replaced, realNow)).toEqual(replaced.slice(0, 1));
});
