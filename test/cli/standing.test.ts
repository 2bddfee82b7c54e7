// What no window took, as lines of text.
import { expect, test } from 'vitest';
import { heldLines, lateLines } from '../../src/cli/standing.ts';

test('late rows come with the call that moves them, its times filled in', () => {
  expect(lateLines('t', { rows: 0, segments: [] })).toEqual([]);
  const segments = [
    { name: 'a', rows: 1, minTimeMs: 2000, maxTimeMs: 5000 },
    { name: 'b', rows: 2, minTimeMs: 1000, maxTimeMs: 3000 },
  ];
  expect(lateLines('t', { rows: 3, segments })).toEqual([
    'late: 3 rows below the watermark that no window took; segmill rerun t --from 1970-01-01T00:00:01Z --to 1970-01-01T00:00:05.001Z --execute moves them',
  ]);
});

test('held: the start of the window is named once', () => {
  const held = { startMs: 0, endMs: 1000, reason: 'BUFFER' } as const;
  expect(
    heldLines([
      { ...held, detail: 'the window from 1970-01-01T00:00:00.000Z (0) is not due' },
      { ...held, detail: 'not due' },
      { startMs: null, endMs: null, reason: 'NO_SEGMENTS', detail: 'none' },
    ]),
  ).toEqual([
    'held BUFFER: the window from 1970-01-01T00:00:00.000Z (0) is not due',
    'held 1970-01-01T00:00:00Z BUFFER: not due',
    'held NO_SEGMENTS: none',
  ]);
});
