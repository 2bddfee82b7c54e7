import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compileTimeFormat,
  fromMillis,
  parseTimeFormat,
  toMillis,
} from '../../src/config/time-format.ts';
import { NumberText } from '../../src/json/value.ts';

describe('X-29 both forms', () => {
  test.each([
    ['1:MILLISECONDS:EPOCH', { kind: 'EPOCH', unit: 'MILLISECONDS', size: 1 }],
    ['5:MINUTES:EPOCH', { kind: 'EPOCH', unit: 'MINUTES', size: 5 }],
    ['EPOCH', { kind: 'EPOCH', unit: 'MILLISECONDS', size: 1 }],
    ['EPOCH|HOURS', { kind: 'EPOCH', unit: 'HOURS', size: 1 }],
    ['EPOCH|MINUTES|5', { kind: 'EPOCH', unit: 'MINUTES', size: 5 }],
    ['TIMESTAMP', { kind: 'TIMESTAMP' }],
    ['1:MILLISECONDS:TIMESTAMP', { kind: 'TIMESTAMP' }],
    ['3:WEEKS:TIMESTAMP', { kind: 'TIMESTAMP' }],
    [
      '1:DAYS:SIMPLE_DATE_FORMAT:yyyyMMdd',
      { kind: 'SIMPLE_DATE_FORMAT', pattern: 'yyyyMMdd', zone: 'UTC' },
    ],
    [
      '7:WEEKS:SIMPLE_DATE_FORMAT:yyyy-MM-dd HH:mm:ss tz(America/Los_Angeles)',
      {
        kind: 'SIMPLE_DATE_FORMAT',
        pattern: 'yyyy-MM-dd HH:mm:ss',
        zone: 'America/Los_Angeles',
      },
    ],
    ['1:DAYS:SIMPLE_DATE_FORMAT', { kind: 'SIMPLE_DATE_FORMAT', pattern: null, zone: 'UTC' }],
    [
      'SIMPLE_DATE_FORMAT|yyyy-MM-dd|Europe/Berlin',
      { kind: 'SIMPLE_DATE_FORMAT', pattern: 'yyyy-MM-dd', zone: 'Europe/Berlin' },
    ],
    ['SIMPLE_DATE_FORMAT', { kind: 'SIMPLE_DATE_FORMAT', pattern: null, zone: 'UTC' }],
    ['SIMPLE_DATE_FORMAT|yyyy', { kind: 'SIMPLE_DATE_FORMAT', pattern: 'yyyy', zone: 'UTC' }],
  ])('X-29 %s', (text, format) => {
    expect(parseTimeFormat(text)).toEqual(format);
  });

  test.each([
    '',
    'GARBAGE',
    '1:MILLISECONDS',
    '1',
    '0:DAYS:EPOCH',
    'x:DAYS:EPOCH',
    '1:WEEKS:EPOCH',
    'EPOCH|FORTNIGHTS',
    'EPOCH|DAYS|0',
    '1:DAYS:SIMPLE_DATE_FORMAT:yyyy tz(Mars/Base)',
    'SIMPLE_DATE_FORMAT|yyyy-qq',
    "SIMPLE_DATE_FORMAT|yyyy'T",
  ])('X-29 "%s" is refused', (text) => {
    expect(() => parseTimeFormat(text)).toThrow(/is no time format/);
  });
});

describe('X-30 EPOCH', () => {
  const moment = 1_498_892_400_000;
  test.each([
    ['1:HOURS:EPOCH', 416_359n],
    ['5:MINUTES:EPOCH', 4_996_308n],
    ['1:MILLISECONDS:EPOCH', 1_498_892_400_000n],
    ['1:MICROSECONDS:EPOCH', 1_498_892_400_000_000n],
    ['1:NANOSECONDS:EPOCH', 1_498_892_400_000_000_000n],
    ['250:MICROSECONDS:EPOCH', 5_995_569_600_000n],
  ])('X-30 %s is %s', (format, value) => {
    const parsed = parseTimeFormat(format);
    expect(fromMillis(parsed, 'LONG', moment)).toBe(value);
    expect(toMillis(parsed, value)).toBe(moment);
    expect(toMillis(parsed, String(value))).toBe(moment);
  });

  test('X-30 the value is cut to a whole number first', () => {
    const seconds = compileTimeFormat(parseTimeFormat('EPOCH|SECONDS'));
    expect(
      ['12.9', 12.9, '1.29e1', new NumberText('12.90'), '-12.9'].map(seconds.toMillis),
    ).toEqual([12_000, 12_000, 12_000, 12_000, -12_000]);
  });

  test.each(['', 'x', '1x', '.', null, true, [1], {}])('X-30 %j is no time', (value) => {
    const { toMillis: read } = compileTimeFormat(parseTimeFormat('EPOCH'));
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });

  test('X-30, L-16 division floors, also before 1970', () => {
    const hours = compileTimeFormat(parseTimeFormat('EPOCH|HOURS'), 'INT');
    expect([-1, 0, 3_599_999, 3_600_000].map(hours.fromMillis)).toEqual([-1, 0, 0, 1]);
    const nanos = parseTimeFormat('EPOCH|NANOSECONDS');
    expect([-1n, -1_000_000n, 999_999n].map((v) => toMillis(nanos, v))).toEqual([-1, -1, 0]);
  });

  test('X-30 there and back gives the start of the step', () => {
    const units = ['MILLISECONDS', 'SECONDS', 'MINUTES', 'HOURS', 'DAYS'];
    const unitMs = [1, 1e3, 6e4, 36e5, 864e5];
    fc.assert(
      fc.property(
        fc.nat(4),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: -4e12, max: 4e12 }),
        (unit, size, ms) => {
          const { toMillis: read, fromMillis: write } = compileTimeFormat(
            parseTimeFormat(`${size}:${units[unit]}:EPOCH`),
          );
          const back = read(write(ms));
          expect(back).toBeLessThanOrEqual(ms);
          expect(ms - back).toBeLessThan(unitMs[unit]! * size);
        },
      ),
    );
  });
});

test('the type of the column decides what is written', () => {
  const [hours, timestamp] = [parseTimeFormat('EPOCH|HOURS'), parseTimeFormat('TIMESTAMP')];
  expect(
    (['INT', 'LONG', 'DOUBLE', 'STRING', 'TIMESTAMP'] as const).map((t) =>
      fromMillis(hours, t, 36e5),
    ),
  ).toEqual([1, 1n, 1, '1', 1n]);
  expect(
    (['TIMESTAMP', 'LONG', 'STRING'] as const).map((t) => fromMillis(timestamp, t, 5)),
  ).toEqual([5n, 5n, '1970-01-01 00:00:00.005']);
  expect(fromMillis(parseTimeFormat('SIMPLE_DATE_FORMAT|yyyyMMdd'), 'INT', 1_498_892_400_000)).toBe(
    20_170_701,
  );
});

describe('X-31 SIMPLE_DATE_FORMAT', () => {
  test('X-31 the example of X-30', () => {
    const day = parseTimeFormat('1:DAYS:SIMPLE_DATE_FORMAT:yyyyMMdd');
    expect(fromMillis(day, 'STRING', 1_498_892_400_000)).toBe('20170701');
    expect(toMillis(day, '20170701')).toBe(Date.UTC(2017, 6, 1));
    expect(toMillis(day, 20_170_701)).toBe(Date.UTC(2017, 6, 1));
    expect(toMillis(day, 20_170_701n)).toBe(Date.UTC(2017, 6, 1));
  });

  test('X-31 without a pattern: ISO date-time, printed without milliseconds', () => {
    const iso = parseTimeFormat('SIMPLE_DATE_FORMAT');
    expect(fromMillis(iso, 'STRING', 1_700_000_000_123)).toBe('2023-11-14T22:13:20Z');
    expect(toMillis(iso, '2023-11-14T22:13:20.123Z')).toBe(1_700_000_000_123);
    expect(toMillis(iso, '2023-11-15T00:13:20+02:00')).toBe(1_700_000_000_000);
    const berlin = parseTimeFormat('SIMPLE_DATE_FORMAT||Europe/Berlin');
    expect(fromMillis(berlin, 'STRING', 1_700_000_000_123)).toBe('2023-11-14T23:13:20+01:00');
    expect(toMillis(berlin, '2023-11-14T23:13:20')).toBe(1_700_000_000_000);
    expect(toMillis(berlin, '2023-11-14')).toBe(1_699_916_400_000);
  });

  test.each(['2023-11-31', '2023-1x-01', '2023-11-14 ', '', '14.11.2023'])(
    'X-31 "%s" is no yyyy-MM-dd',
    (text) => {
      expect(() => toMillis(parseTimeFormat('SIMPLE_DATE_FORMAT|yyyy-MM-dd'), text)).toThrow(
        expect.objectContaining({ code: 'VALUE_INVALID' }),
      );
    },
  );
});
