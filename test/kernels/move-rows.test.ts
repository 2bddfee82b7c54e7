import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  extremeRows,
  noRow,
  presentGroups,
  sumDoubles,
  sumFloats,
  sumInts,
  sumLongs,
} from '../../src/kernels/aggregate.ts';
import { countElements, gather, gatherLists } from '../../src/kernels/gather.ts';
import type { AnyArray } from '../../src/kernels/gather.ts';
import { invertPlaces, placeRows, scatter } from '../../src/kernels/scatter.ts';
import { chooseSplitters, findShards } from '../../src/kernels/shards.ts';
import {
  divide,
  floorTo,
  longsToNumbers,
  multiply,
  numbersToLongs,
  selectRange,
} from '../../src/kernels/times.ts';

const arrays: readonly ((length: number) => AnyArray)[] = [
  (n) => Uint8Array.from({ length: n }, (_, i) => i * 7),
  (n) => Uint16Array.from({ length: n }, (_, i) => i * 700),
  (n) => Uint32Array.from({ length: n }, (_, i) => i * 70_000_000),
  (n) => Int32Array.from({ length: n }, (_, i) => -i * 7),
  (n) => Float32Array.from({ length: n }, (_, i) => i / 3),
  (n) => Float64Array.from({ length: n }, (_, i) => -i / 3),
  (n) => BigInt64Array.from({ length: n }, (_, i) => BigInt(-i) * 5_000_000_000n),
];
const like = (source: AnyArray, length: number): AnyArray =>
  new (source.constructor as new (n: number) => AnyArray)(length);

test('gather picks by row, whatever the width', () => {
  fc.assert(
    fc.property(fc.constantFrom(...arrays), fc.array(fc.nat(19)), (make, picks) => {
      const source = make(20);
      const target = like(source, picks.length);
      gather(target, source, Uint32Array.from(picks));
      expect([...target]).toEqual(picks.map((row) => source[row]));
    }),
  );
});

test('gather keeps the bits of a NaN', () => {
  const bits = Uint32Array.of(0x7fc00001, 0xffc12345);
  const target = new Float32Array(2);
  gather(target, new Float32Array(bits.buffer), Uint32Array.of(1, 0));
  expect([...new Uint32Array(target.buffer)]).toEqual([0xffc12345, 0x7fc00001]);
});

test('gatherLists lays lists end to end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(200), { maxLength: 3 }), { minLength: 1 }),
      fc.array(fc.nat(50)),
      (lists, picks) => {
        const rows = Uint32Array.from(picks, (pick) => pick % lists.length);
        const offsets = new Uint32Array(lists.length + 1);
        lists.forEach((list, i) => (offsets[i + 1] = offsets[i]! + list.length));
        const source = Uint8Array.from(lists.flat());
        const target = new Uint8Array(countElements(offsets, rows));
        const targetOffsets = new Uint32Array(rows.length + 1);
        gatherLists(target, targetOffsets, source, offsets, rows);
        const found = Array.from(rows, (_, i) => [
          ...target.subarray(targetOffsets[i], targetOffsets[i + 1]),
        ]);
        expect(found).toEqual(Array.from(rows, (row) => lists[row]));
      },
    ),
  );
});

test('scatter groups rows by shard, input order within', () => {
  fc.assert(
    fc.property(fc.constantFrom(...arrays), fc.array(fc.nat(4)), (make, shards) => {
      const source = make(shards.length + 3);
      const rows = Uint32Array.from(shards, (_, i) => i + 3);
      const { places, starts } = placeRows(Uint32Array.from(shards), 5);
      const target = like(source, shards.length);
      scatter(target, source, rows, places);
      const order = shards.map((_, i) => i).toSorted((a, b) => shards[a]! - shards[b]! || a - b);
      expect([...target]).toEqual(order.map((i) => source[i + 3]));
      expect([...invertPlaces(places, rows)]).toEqual(order.map((i) => i + 3));
      expect([...starts]).toEqual(
        [0, 1, 2, 3, 4, 5].map((s) => shards.filter((shard) => shard < s).length),
      );
    }),
  );
});

const grouped = fc.array(fc.tuple(fc.nat(3), fc.boolean(), fc.nat(2)), { maxLength: 60 });

interface Drawn {
  readonly groupOf: Uint32Array;
  readonly nulls: Uint8Array;
  readonly slices: Uint32Array;
  readonly segments: number[];
}

function drawn(rows: readonly (readonly [number, boolean, number])[]): Drawn {
  const segments = rows.map(([, , segment]) => segment).toSorted((a, b) => a - b);
  const slices = Uint32Array.from(
    [0, 1, 2, 3],
    (s) => segments.filter((segment) => segment < s).length,
  );
  return {
    groupOf: Uint32Array.from(rows, ([group]) => group),
    nulls: Uint8Array.from(rows, ([, isNull]) => Number(isNull)),
    slices,
    segments,
  };
}

test('R-9 whole sums are exact or say that they are not', () => {
  fc.assert(
    fc.property(
      grouped,
      fc.infiniteStream(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
      (rows, numbers) => {
        const { groupOf, nulls } = drawn(rows);
        const longs = BigInt64Array.from(rows, () => numbers.next().value);
        const ints = Int32Array.from(longs, (value) => Number(BigInt.asIntN(32, value)));
        const totals = (values: ArrayLike<number | bigint>): bigint[] =>
          [0, 1, 2, 3].map((g) =>
            rows.reduce(
              (sum, [group], i) => (group === g && nulls[i] === 0 ? sum + BigInt(values[i]!) : sum),
              0n,
            ),
          );
        const exactLongs = totals(longs);
        const foundLongs = sumLongs(longs, nulls, groupOf, 4);
        expect([...foundLongs.sums]).toEqual(exactLongs.map((sum) => BigInt.asIntN(64, sum)));
        expect(foundLongs.overflow).toBe(
          exactLongs.findIndex((sum) => BigInt.asIntN(64, sum) !== sum),
        );
        const exactInts = totals(ints);
        const foundInts = sumInts(ints, nulls, groupOf, 4);
        expect([...foundInts.sums]).toEqual(exactInts.map((sum) => Number(BigInt.asIntN(32, sum))));
        expect(foundInts.overflow).toBe(
          exactInts.findIndex((sum) => BigInt.asIntN(32, sum) !== sum),
        );
      },
    ),
  );
});

test('float sums add up slice by slice, then the slices', () => {
  fc.assert(
    fc.property(
      grouped,
      fc.infiniteStream(fc.double({ noNaN: true, min: -1e10, max: 1e10 })),
      (rows, numbers) => {
        const { groupOf, nulls, slices, segments } = drawn(rows);
        const values = rows.map(() => Math.fround(numbers.next().value));
        const naive = (round: (x: number) => number): number[] =>
          [0, 1, 2, 3].map((g) => {
            const partials = [0, 1, 2]
              .map((segment) =>
                values.filter(
                  (_, i) => groupOf[i] === g && nulls[i] === 0 && segments[i] === segment,
                ),
              )
              .filter((list) => list.length > 0)
              .map((list) => list.reduce((a, b) => round(a + b)));
            return partials.length === 0 ? 0 : partials.reduce((a, b) => round(a + b));
          });
        expect([...sumDoubles(Float64Array.from(values), nulls, groupOf, 4, slices)]).toEqual(
          naive((x) => x),
        );
        expect([...sumFloats(Float32Array.from(values), nulls, groupOf, 4, slices)]).toEqual(
          naive(Math.fround),
        );
      },
    ),
  );
});

test('R-7 extremes skip nulls, ties by input order', () => {
  fc.assert(
    fc.property(
      grouped,
      fc.infiniteStream(fc.nat(2)),
      fc.boolean(),
      fc.boolean(),
      (rows, numbers, greatest, last) => {
        const { groupOf, nulls } = drawn(rows);
        const values = rows.map(() => numbers.next().value);
        const words = [Uint32Array.from(values), new Uint32Array(rows.length)];
        const expected = [0, 1, 2, 3].map((g) => {
          const own = rows.map((_, i) => i).filter((i) => groupOf[i] === g && nulls[i] === 0);
          if (own.length === 0) return noRow;
          const numbersOf = own.map((i) => values[i]!);
          const best = greatest ? Math.max(...numbersOf) : Math.min(...numbersOf);
          return last
            ? own.findLast((i) => values[i] === best)
            : own.find((i) => values[i] === best);
        });
        expect([...extremeRows(words, nulls, groupOf, 4, { greatest, last })]).toEqual(expected);
        expect([...presentGroups(nulls, groupOf, 4)]).toEqual(
          expected.map((row) => Number(row !== noRow)),
        );
      },
    ),
  );
  expect([...presentGroups(null, Uint32Array.of(0), 2)]).toEqual([1, 1]);
});

test('a shard is the number of splitters at or below the row', () => {
  const key = fc.oneof(fc.nat(6), fc.nat(5000), fc.maxSafeNat());
  fc.assert(
    fc.property(
      fc.array(key),
      fc.array(fc.tuple(key, fc.nat(40))),
      fc.boolean(),
      (prefixes, samples, spread) => {
        const ordinals = samples.map(([, ordinal]) => (spread ? ordinal : 0));
        const splitters = chooseSplitters(
          Float64Array.from(samples, ([prefix]) => prefix),
          Float64Array.from(ordinals),
          9,
        );
        expect(splitters.prefixes.length).toBeLessThan(9);
        const rows = Uint32Array.from(prefixes, (_, i) => i);
        const shards = findShards(Float64Array.from(prefixes), rows, spread ? 5 : null, splitters);
        const expected = prefixes.map((prefix, i) => {
          const ordinal = spread ? 5 + i : 0;
          return [...splitters.prefixes].filter(
            (at, s) => at < prefix || (at === prefix && splitters.ordinals[s]! <= ordinal),
          ).length;
        });
        expect([...shards]).toEqual(expected);
      },
    ),
  );
});

test('X-27 times: halves to numbers and back, floors, half-open ranges', () => {
  const ms = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
  fc.assert(
    fc.property(fc.array(ms), fc.integer({ min: 1, max: 1e9 }), (values, step) => {
      const longs = BigInt64Array.from(values, BigInt);
      expect([...longsToNumbers(longs)]).toEqual(values);
      expect([...numbersToLongs(Float64Array.from(values))]).toEqual([...longs]);
      const floored = Float64Array.from(values);
      floorTo(floored, step);
      for (const [i, value] of values.entries()) {
        expect(floored[i]! % step === 0 && floored[i]! <= value && value - floored[i]! < step).toBe(
          true,
        );
      }
    }),
  );
  const times = Float64Array.of(-1, 0, 9, 10, NaN);
  expect([...selectRange(times, 0, 10, false)]).toEqual([1, 2]);
  expect([...selectRange(times, 0, 10, true)]).toEqual([0, 3]);
  const scaled = Float64Array.of(-7, 7);
  multiply(scaled, 3);
  divide(scaled, 2);
  expect([...scaled]).toEqual([-11, 10]);
});
