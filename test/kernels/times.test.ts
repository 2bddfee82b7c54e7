import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  floorLongs,
  longsToNumbers,
  numbersToLongs,
  selectLongs,
  selectRange,
} from '../../src/kernels/times.ts';

const times = fc.array(
  fc.oneof(
    fc.bigInt({ min: -(2n ** 50n), max: 2n ** 50n }),
    fc.bigInt({ min: -10n, max: 10n }),
    fc.bigInt({ min: 1_700_000_000_000n, max: 1_700_000_100_000n }),
  ),
  { maxLength: 40 },
);

test('64-bit times to numbers and back', () => {
  fc.assert(
    fc.property(times, (values) => {
      const longs = BigInt64Array.from(values);
      expect([...longsToNumbers(longs)]).toEqual(values.map(Number));
      expect([...numbersToLongs(longsToNumbers(longs))]).toEqual(values);
    }),
  );
});

test('X-27 rows of a half-open range or outside of it, as numbers and as 64-bit integers', () => {
  fc.assert(
    fc.property(times, fc.integer(), fc.nat(), fc.boolean(), (values, start, length, negate) => {
      const end = start + length;
      const wanted = values.flatMap((value, i) =>
        (Number(value) >= start && Number(value) < end) !== negate ? [i] : [],
      );
      const longs = BigInt64Array.from(values);
      const room = new Uint32Array(values.length);
      expect([...selectLongs(longs, start, end, negate, room)]).toEqual(wanted);
      expect([...selectRange(longsToNumbers(longs), start, end, negate)]).toEqual(wanted);
    }),
  );
});

test('X-27 design 5.4 buckets floor, also before 1970', () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 1 << 30 }), (values, step) => {
      const out = new BigInt64Array(values.length);
      const floored = values.map((value) => {
        const rest = ((value % BigInt(step)) + BigInt(step)) % BigInt(step);
        return value - rest;
      });
      expect([...floorLongs(BigInt64Array.from(values), step, out)]).toEqual(floored);
    }),
  );
});
