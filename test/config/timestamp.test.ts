import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTimestamp, parseTimestamp } from '../../src/config/timestamp.ts';

test.each([
  ['2023-11-14 23:00:00.0', 1_700_002_800_000],
  ['2023-11-14 23:00:00', 1_700_002_800_000],
  ['2023-11-14 23:00:00.123456', 1_700_002_800_123],
  ['2023-1-4 3:00:00', Date.UTC(2023, 0, 4, 3)],
  ['2023-11-14T23:00:00Z', 1_700_002_800_000],
  ['2023-11-15T01:00:00+02:00', 1_700_002_800_000],
  ['1700002800000', 1_700_002_800_000],
  [' 1700002800000 ', 1_700_002_800_000],
])('timestamp "%s"', (text, ms) => {
  expect(parseTimestamp(text)).toBe(ms);
});

test.each(['', 'now', '2023-11-31 00:00:00', '2023-11-14 24:00:00', '1.5'])(
  '"%s" is no timestamp',
  (text) => {
    expect(() => parseTimestamp(text)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  },
);

test('B-4, X-32 printed as Pinot does, in UTC, with at least one digit of the fraction', () => {
  const base = 1_700_002_800_000;
  expect([0, 500, 120, 7].map((ms) => formatTimestamp(base + ms))).toEqual([
    '2023-11-14 23:00:00.0',
    '2023-11-14 23:00:00.5',
    '2023-11-14 23:00:00.12',
    '2023-11-14 23:00:00.007',
  ]);
});

test('what is printed reads back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -6e13, max: 2.5e14 }), (ms) => {
      expect(parseTimestamp(formatTimestamp(ms))).toBe(ms);
    }),
  );
});
