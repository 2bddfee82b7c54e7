import { describe, expect, test } from 'vitest';
import type { MoveConfig, TableConfig, TimeFormat } from '../../src/config/types.ts';
import { isSegmillError } from '../../src/errors.ts';
import {
  normalizedDateName,
  segmentBaseName,
  simpleName,
  takenNames,
  uniqueNames,
  type NamedOutput,
} from '../../src/planner/names.ts';
import {
  d0,
  day,
  moveConfig,
  offlineSegment,
  outputOf,
  run,
  table,
  tableConfig,
  type TableChange,
} from './fixtures.ts';

const sdf: TimeFormat = { kind: 'SIMPLE_DATE_FORMAT', pattern: 'yyyy-MM-dd', zone: 'UTC' };

function output(min: number, max: number, sequence: number): NamedOutput {
  return {
    sequence,
    minTimeMs: min,
    maxTimeMs: max,
    minTimeValue: String(min),
    maxTimeValue: String(max),
  };
}

function nameOf(
  out: NamedOutput,
  move: Partial<MoveConfig> = {},
  offline: Partial<TableConfig> = {},
  change: TableChange = {},
): string {
  const { schema } = table(change);
  return segmentBaseName(tableConfig('OFFLINE', offline), moveConfig(move), schema, out);
}

const e16 = [
  output(1597719600000, 1597795200000, 0),
  output(1597802400000, 1597878000000, 1),
  output(1597881600000, 1597892400000, 2),
];
const affixes = { segmentNamePrefix: 'myPrefix', segmentNamePostfix: 'myPostfix' };

test('E-16, O-11 simple names with prefix and postfix', () => {
  expect(e16.map((out) => nameOf(out, affixes))).toEqual([
    'myPrefix_1597719600000_1597795200000_myPostfix_0',
    'myPrefix_1597802400000_1597878000000_myPostfix_1',
    'myPrefix_1597881600000_1597892400000_myPostfix_2',
  ]);
});

test('E-16, O-12 the same with normalizedDate', () => {
  const names = e16.map((out) =>
    nameOf(out, affixes, { segmentNameGeneratorType: 'normalizedDate' }),
  );
  expect(names).toEqual([
    'myPrefix_2020-08-18_2020-08-19_myPostfix_0',
    'myPrefix_2020-08-19_2020-08-19_myPostfix_1',
    'myPrefix_2020-08-20_2020-08-20_myPostfix_2',
  ]);
});

test('E-26 the generators alone', () => {
  expect(simpleName('testTable', 'postfix', output(1234, 5678, 0))).toBe(
    'testTable_1234_5678_postfix_0',
  );
  expect(
    normalizedDateName(
      'myTable',
      null,
      { pushType: 'APPEND', pushFrequency: 'DAILY' },
      output(day, 3 * day, 1),
    ),
  ).toBe('myTable_1970-01-02_1970-01-04_1');
});

describe('O-10, O-11 the generator', () => {
  const out = output(d0, d0 + 1, 0);
  test('inferred: simple with the raw table name, normalizedDate for STRING dates, fixed when named', () => {
    expect(nameOf(out)).toBe(`t_${d0}_${d0 + 1}_0`);
    expect(nameOf(out, {}, {}, { format: sdf, timeType: 'STRING' })).toBe(
      't_2023-11-15_2023-11-15_0',
    );
    expect(nameOf(out, {}, {}, { format: sdf, timeType: 'INT' })).toBe(`t_${d0}_${d0 + 1}_0`);
    expect(nameOf(out, { fixedSegmentName: 'f' })).toBe('f');
  });
  test('explicit: the table name has its type', () => {
    expect(nameOf(out, {}, { segmentNameGeneratorType: 'simple' })).toBe(
      `t_OFFLINE_${d0}_${d0 + 1}_0`,
    );
    // As recorded by name-generator-normalized-date.
    expect(
      nameOf(
        out,
        { segmentNamePostfix: 'px' },
        { segmentNameGeneratorType: 'normalizedDate', pushFrequency: 'HOURLY' },
      ),
    ).toBe('t_OFFLINE_2023-11-15-00_2023-11-15-00_px_0');
    expect(() => nameOf(out, {}, { segmentNameGeneratorType: 'fixed' })).toThrow(/needs fixed/);
  });
  test('raw values go into simple names; nothing stands for a missing time or a negative sequence', () => {
    const hours = { ...out, minTimeValue: '472224', maxTimeValue: '472229' };
    expect(nameOf(hours)).toBe('t_472224_472229_0');
    expect(
      nameOf({ ...out, minTimeValue: null, maxTimeValue: null }, { segmentNamePostfix: 'p' }),
    ).toBe('t_p_0');
    expect(nameOf({ ...out, sequence: -1 })).toBe(`t_${d0}_${d0 + 1}`);
  });
});

test('O-12 REFRESH tables have no dates; prefix and postfix are trimmed; dates come from ms (design 5.11)', () => {
  const dated = { segmentNameGeneratorType: 'normalizedDate' } as const;
  const out = output(d0, d0 + 1, 0);
  expect(nameOf(out, { segmentNamePrefix: ' a ' }, { ...dated, pushType: 'REFRESH' })).toBe('a_0');
  expect(nameOf(out, { segmentNamePrefix: ' a ', segmentNamePostfix: ' b ' }, dated)).toBe(
    'a_2023-11-15_2023-11-15_b_0',
  );
  const fives: TimeFormat = { kind: 'EPOCH', unit: 'MINUTES', size: 5 };
  const raw = { ...out, minTimeValue: '5666688', maxTimeValue: '5666688' };
  expect(nameOf(raw, {}, dated, { format: fives })).toBe('t_OFFLINE_2023-11-15_2023-11-15_0');
});

test.each(['\\', '/', ':', '*', '?', '"', '<', '>', '|'])(
  'O-13 %s is refused in prefix, postfix and time',
  (bad) => {
    const out = output(d0, d0, 0);
    for (const make of [
      (): string => nameOf(out, { segmentNamePrefix: `a${bad}b` }),
      (): string => nameOf(out, { segmentNamePostfix: bad }),
      (): string => nameOf({ ...out, minTimeValue: `10${bad}00` }),
      (): string => nameOf(out, { fixedSegmentName: bad }),
    ]) {
      let caught: unknown;
      try {
        make();
      } catch (error) {
        caught = error;
      }
      expect(isSegmillError(caught, 'NAME_INVALID')).toBe(true);
    }
    expect(nameOf(out, { segmentNamePrefix: 'a b' })).toBe(`a b_${d0}_${d0}_0`);
  },
);

describe('design 5.14 unique names', () => {
  test('a taken name gets the window start, then _2, _3', () => {
    expect(uniqueNames(['a', 'b'], new Set(), 5)).toEqual(['a', 'b']);
    expect(uniqueNames(['a', 'b'], new Set(['a']), 5)).toEqual(['a_5', 'b']);
    expect(uniqueNames(['a'], new Set(['a', 'a_5']), 5)).toEqual(['a_5_2']);
    expect(uniqueNames(['a'], new Set(['a', 'a_5', 'a_5_2']), 5)).toEqual(['a_5_3']);
    // A name that another output of the window was just given is taken, too.
    expect(uniqueNames(['a', 'a_5'], new Set(['a']), 5)).toEqual(['a_5', 'a_5_5']);
  });

  test('O-16 a fixed name for several outputs is refused', () => {
    expect(() => uniqueNames(['f', 'f'], new Set(), 5)).toThrow(/makes 2 segments/);
    expect(uniqueNames(['f'], new Set(), 5)).toEqual(['f']);
  });

  test('O-19 taken: in sight and not replaced, or to be rolled back, but for the own window', () => {
    const r1 = run('r1', d0, d0 + day, []);
    const r2 = run('r2', d0 + day, d0 + 2 * day, []);
    const [own, other] = [outputOf(r1), outputOf(r2)];
    const window = { startMs: d0, endMs: d0 + day };
    expect([...takenNames([own, other], [], window, ['out-r1'])]).toEqual(['out-r2']);
    expect([...takenNames([own], [], window, [])]).toEqual(['out-r1']);
    const replaced = [own, other, offlineSegment('backfilled', d0, d0)].map((segment) => ({
      segment,
      replacedMs: 0,
      replacedRealMs: 0,
      runId: 'x',
    }));
    expect([...takenNames([], replaced, window, [])]).toEqual(['out-r2', 'backfilled']);
    expect([...takenNames([], replaced, window, ['backfilled'])]).toEqual(['out-r2']);
  });
});
