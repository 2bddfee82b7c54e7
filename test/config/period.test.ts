import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseInstant,
  parsePeriod,
  parsePinotPeriod,
  parseSize,
  pinotSizeBytes,
} from '../../src/config/period.ts';

describe('C-34, C-35, E-33 Pinot periods', () => {
  test.each([
    ['1d', 86_400_000],
    ['1D', 86_400_000],
    ['86400s', 86_400_000],
    ['1d12h', 129_600_000],
    ['4h30m', 16_200_000],
    ['3H30M', 12_600_000],
    ['90m', 5_400_000],
    ['', 0],
    ['0d', 0],
    ['-0d', 0],
    ['-2h', -7_200_000],
    ['+2h', 7_200_000],
    ['-1d2h', -79_200_000],
    ['1d2h3m4s', 93_784_000],
    ['999999999d', 86_399_999_913_600_000],
    ['2147483647s', 2_147_483_647_000],
    ['-2147483648s', -2_147_483_648_000],
  ])('C-35 "%s" is %d ms', (text, ms) => {
    expect(parsePinotPeriod(text)).toBe(ms);
  });

  test.each([
    '1d 12h',
    '12h1d',
    '1h1d',
    '1d1d',
    '1w',
    '1y',
    '1.5h',
    '1ms',
    '1',
    'd',
    ' 1d',
    '1d ',
    '--1d',
    '2147483648s',
    '-2147483649s',
    'garbage',
    'PT1H',
  ])('C-35 "%s" is refused', (text) => {
    expect(() => parsePinotPeriod(text)).toThrow(`Invalid time spec '${text}'`);
  });

  test('C-34 every part may be absent, in either case and with a sign', () => {
    const part = fc.option(fc.integer({ min: -5000, max: 5000 }), { nil: null });
    fc.assert(
      fc.property(part, part, part, part, fc.boolean(), (d, h, m, s, upper) => {
        const write = (count: number | null, unit: string): string =>
          count === null ? '' : `${count}${upper ? unit.toUpperCase() : unit}`;
        const text = write(d, 'd') + write(h, 'h') + write(m, 'm') + write(s, 's');
        const seconds = (d ?? 0) * 86_400 + (h ?? 0) * 3600 + (m ?? 0) * 60 + (s ?? 0);
        expect(parsePinotPeriod(text)).toBe(seconds * 1000 + 0);
      }),
    );
  });
});

test.each([
  ['1d12h', 129_600_000],
  ['PT36H', 129_600_000],
  ['P1DT12H', 129_600_000],
  ['P1W', 604_800_000],
  ['pt1.5s', 1500],
  ['PT0.25S', 250],
  ['-PT1H', -3_600_000],
])('a period of the command line: %s', (text, ms) => {
  expect(parsePeriod(text)).toBe(ms);
});

test.each(['', 'P', 'PT', 'P1Y', 'P1M', 'P1DT', '1w', 'PT1H30', '1.5h'])(
  'no period of the command line: "%s"',
  (text) => {
    expect(() => parsePeriod(text)).toThrow('is no period');
  },
);

test.each([
  ['0', 0],
  ['512', 512],
  ['512B', 512],
  ['1KB', 1000],
  ['1KiB', 1024],
  ['250MB', 250_000_000],
  ['512MiB', 536_870_912],
  ['1.5GiB', 1_610_612_736],
  ['2gib', 2_147_483_648],
  ['2 GB', 2_000_000_000],
])('size %s', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', 'MB', '-1MB', '1XB', '1 2', '99999999999999GiB'])('no size: "%s"', (text) => {
  expect(() => parseSize(text)).toThrow('is no size');
});

test('sizes of stream configs have binary units', () => {
  expect(['200M', '250MB', '1.5g', '10K', '7', '7B'].map(pinotSizeBytes)).toEqual([
    209_715_200, 262_144_000, 1_610_612_736, 10_240, 7, 7,
  ]);
  expect(['200MiB', 'x', '-1M', ''].map(pinotSizeBytes)).toEqual([null, null, null, null]);
});

test.each([
  ['1700000000000', 1_700_000_000_000],
  ['-5', -5],
  ['2023-11-14', 1_699_920_000_000],
  ['2023-11-14T22:13:20Z', 1_700_000_000_000],
  ['2023-11-14T22:13:20', 1_700_000_000_000],
  ['2023-11-14 22:13:20.5', 1_700_000_000_500],
  ['2023-11-14T22:13:20.123456789Z', 1_700_000_000_123],
  ['2023-11-15T00:13:20+02:00', 1_700_000_000_000],
  ['2023-11-14T16:43:20-0530', 1_700_000_000_000],
  ['2023-11-14T22:13', 1_699_999_980_000],
  ['0001-01-01', -62_135_596_800_000],
  ['2024-02-29', 1_709_164_800_000],
])('moment %s', (text, ms) => {
  expect(parseInstant(text)).toBe(ms);
});

test.each([
  '',
  'today',
  '2023-02-29',
  '2023-13-01',
  '2023-11-14T25:00',
  '2023-11-14T22:60Z',
  '99999999999999999999',
])('no moment: "%s"', (text) => {
  expect(() => parseInstant(text)).toThrow('is no time');
});
