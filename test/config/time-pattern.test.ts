import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileTimePattern } from '../../src/config/time-pattern.ts';
import type { TimePattern } from '../../src/config/time-pattern.ts';
import { openZone } from '../../src/config/zone.ts';

function compile(pattern: string, zone = 'UTC'): TimePattern {
  const compiled = compileTimePattern(pattern, openZone(zone)!);
  if (typeof compiled === 'string') throw new Error(compiled);
  return compiled;
}

const moment = Date.UTC(2023, 10, 5, 15, 4, 9, 78);

describe('X-31 Joda letters', () => {
  test.each([
    ['yyyy-MM-dd HH:mm:ss.SSS', '2023-11-05 15:04:09.078'],
    ["yyyy-MM-dd'T'HH:mm:ss'Z'", '2023-11-05T15:04:09Z'],
    ['yyyyMMddHH', '2023110515'],
    ['yy/M/d', '23/11/5'],
    ['EEE, dd MMM yyyy hh:mm a', 'Sun, 05 Nov 2023 03:04 PM'],
    ['EEEE d MMMM yyyy', 'Sunday 5 November 2023'],
    ['yyyy D', '2023 309'],
    ["xxxx-'W'ww-e", '2023-W44-7'],
    ['YYYY G', '2023 AD'],
    ['H k K h', '15 15 3 3'],
    ['S SS SSS SSSSSS', '0 07 078 078000'],
    ['HH:mm Z', '15:04 +0000'],
    ['HH:mm ZZ', '15:04 +00:00'],
    ["'it''s' yyyy ''", "it's 2023 '"],
  ])('X-31 %s prints as %s', (pattern, text) => {
    expect(compile(pattern).print(moment)).toBe(text);
  });

  test.each([
    // Fewer digits than letters are read, as by Joda.
    ['yyyyMMdd', '2023113', Date.UTC(2023, 10, 3)],
    ['yyyyMMddHHmmssSSS', '20231105150409078', moment],
    ['yyyy-MM-dd HH:mm:ss', '2023-11-5 15:4:9', moment - 78],
    ['EEE, dd MMM yyyy hh:mm a', 'sun, 05 november 2023 03:04 pm', Date.UTC(2023, 10, 5, 15, 4)],
    ['dd/MMMM/yyyy', '05/May/2023', Date.UTC(2023, 4, 5)],
    ['yyyy-DDD', '2024-366', Date.UTC(2024, 11, 31)],
    ["xxxx-'W'ww-e", '2023-W44-7', Date.UTC(2023, 10, 5)],
    ["xxxx-'W'ww", '2020-W53', Date.UTC(2020, 11, 28)],
    ['yy-MM-dd', '45-01-01', Date.UTC(2045, 0, 1)],
    ['yy-MM-dd', '46-01-01', Date.UTC(1946, 0, 1)],
    ['MM-dd', '02-29', Date.UTC(2000, 1, 29)],
    ['HH:mm', '01:30', 5_400_000],
    ['yyyy-MM-dd HH:mm Z', '2023-11-05 15:04 -0530', Date.UTC(2023, 10, 5, 20, 34)],
    ['yyyy-MM-dd HH:mm ZZZ', '2023-07-01 12:00 Europe/Berlin', Date.UTC(2023, 6, 1, 10)],
    ['yyyy-MM-dd HH:mm ZZ', '2023-11-05 15:04 +05:30', Date.UTC(2023, 10, 5, 9, 34)],
    ['yyyy-MM-dd hh a', '2023-11-05 12 AM', Date.UTC(2023, 10, 5)],
    ['yyyy-MM-dd kk', '2023-11-05 24', Date.UTC(2023, 10, 5)],
    ['yyyy.SSSSSS', '2023.123456', Date.UTC(2023, 0, 1) + 123],
    ['YYYY G', '5 BC', Date.UTC(-4, 0, 1)],
  ])('X-31 %s reads %s', (pattern, text, ms) => {
    expect(compile(pattern).parse(text)).toBe(ms);
  });

  test.each([
    ['yyyyMMdd', '202311'],
    ['yyyy-MM-dd', '2023-02-29'],
    ['yyyy-MM-dd', '2023-00-01'],
    ['yyyy-MM-dd', '2023-01-32'],
    ['yyyy-MM-dd', '2023-01-01x'],
    ['HH:mm', '24:00'],
    ['HH:mm', '23:60'],
    ['hh a', '13 PM'],
    ['yyyy-DDD', '2023-366'],
    ["xxxx-'W'ww", '2021-W53'],
    ['MMM', 'Nov.'],
    ['EEE', 'Xyz'],
    ['Z', '0530'],
    ['ZZZ', 'Nowhere/Land'],
  ])('X-31 %s refuses "%s"', (pattern, text) => {
    expect(compile(pattern).parse(text)).toBeNull();
  });

  test.each(['yyyy-QQ', 'zzz', 'C', '', "yyyy'"])(
    'X-31 pattern "%s" does not compile',
    (pattern) => {
      expect(compileTimePattern(pattern, openZone('UTC')!)).toBeTypeOf('string');
    },
  );
});

describe('X-31, X-32 zones', () => {
  const local = 'yyyy-MM-dd HH:mm';
  test('an hour that the clock skips is no time', () => {
    expect(compile(local, 'Europe/Berlin').parse('2023-03-26 02:30')).toBeNull();
    expect(compile(local, 'America/New_York').parse('2023-03-12 02:00')).toBeNull();
  });

  test('an hour that comes twice is its first', () => {
    expect(compile(local, 'Europe/Berlin').parse('2023-10-29 02:30')).toBe(
      Date.UTC(2023, 9, 29, 0, 30),
    );
    expect(compile(local, 'America/New_York').parse('2023-11-05 01:30')).toBe(
      Date.UTC(2023, 10, 5, 5, 30),
    );
  });

  test('both sides of a change are right', () => {
    const berlin = compile(local, 'Europe/Berlin');
    expect(berlin.print(Date.UTC(2023, 2, 26, 0, 59))).toBe('2023-03-26 01:59');
    expect(berlin.print(Date.UTC(2023, 2, 26, 1, 0))).toBe('2023-03-26 03:00');
    expect(berlin.print(Date.UTC(2023, 9, 29, 0, 59))).toBe('2023-10-29 02:59');
    expect(berlin.print(Date.UTC(2023, 9, 29, 1, 0))).toBe('2023-10-29 02:00');
  });

  test.each([
    ['+05:30', '2023-11-05 20:34'],
    ['-0800', '2023-11-05 07:04'],
    ['GMT+2', '2023-11-05 17:04'],
    ['Asia/Kathmandu', '2023-11-05 20:49'],
    ['Australia/Lord_Howe', '2023-11-06 02:04'],
    ['Etc/UTC', '2023-11-05 15:04'],
  ])('zone %s', (zone, text) => {
    expect(compile(local, zone).print(moment)).toBe(text);
    expect(compile(local, zone).parse(text)).toBe(Math.floor(moment / 60_000) * 60_000);
  });

  test.each(['Mars/Base', '', '+25:00', 'GMT+99', 'UTC+01:75'])('no zone: "%s"', (zone) => {
    expect(openZone(zone)).toBeNull();
  });

  test('any moment with its offset reads back, in any zone', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
    ];
    const patterns = zones.map((zone) => compile('yyyy-MM-dd HH:mm:ss.SSS ZZ', zone));
    fc.assert(
      fc.property(
        fc.nat(zones.length - 1),
        fc.integer({ min: Date.UTC(1971, 0, 1), max: Date.UTC(2071, 0, 1) }),
        (zone, ms) => {
          const pattern = patterns[zone]!;
          expect(pattern.parse(pattern.print(ms))).toBe(ms);
        },
      ),
    );
  });

  test('local time without offset reads back as the same local time, and never later', () => {
    const pattern = compile('yyyy-MM-dd HH:mm:ss.SSS', 'America/New_York');
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1980, 0, 1), max: Date.UTC(2037, 0, 1) }), (ms) => {
        const back = pattern.parse(pattern.print(ms))!;
        expect([0, 3_600_000]).toContain(ms - back);
        expect(pattern.print(back)).toBe(pattern.print(ms));
      }),
    );
  });
});
