import { expect, test } from 'vitest';
import { lookUpAggregation, normalizeFunctionName } from '../../src/config/aggregation.ts';

test('C-28 function names are normalised', () => {
  expect(
    ['distinct_count_hll', 'first$With_Time', 'percentileTDigest95', 'sum0'].map(
      normalizeFunctionName,
    ),
  ).toEqual(['DISTINCTCOUNTHLL', 'FIRSTWITHTIME', 'PERCENTILETDIGEST', 'SUM0']);
});

test.each(['sum', 'MIN', 'Max', 'a_v_g', 'firstWithTime', 'last_with_time'])(
  'C-27 %s is supported',
  (name) => {
    expect(lookUpAggregation(name)).toEqual({ type: normalizeFunctionName(name) });
  },
);

test.each(['distinctCountHLLPlus', 'DISTINCTCOUNTRAWHLLPLUS'])(
  'C-29 %s is refused by name',
  (name) => {
    expect(lookUpAggregation(name)).toEqual({
      unsupported: expect.stringContaining('Pinot accepts it and fails when it runs') as string,
    });
  },
);

test.each(['distinctCountHLL', 'percentileKLL95', 'distinctCountCPCSketch', 'distinctCountULL'])(
  'C-27 sketch %s is refused by name',
  (name) => {
    expect(lookUpAggregation(name)).toEqual({
      unsupported: expect.stringMatching(/sketches such as .* allowed are SUM/) as string,
    });
  },
);

test.each(['', 'count', 'histogram', 'garbage', 'sumPrecision', 'mode'])(
  'C-23 "%s" is no aggregation',
  (name) => {
    expect(lookUpAggregation(name)).toHaveProperty('unknown');
  },
);
