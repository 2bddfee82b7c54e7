import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareDoubles } from '../../src/columns/order.ts';
import { findGroups, firstRows, groupOfRows, hashGroups } from '../../src/kernels/groups.ts';
import {
  doubleWords,
  floatWord,
  intWord,
  listRanks,
  longWords,
  packKeys,
} from '../../src/kernels/keys.ts';
import { isSorted, sortRows } from '../../src/kernels/sort.ts';

/** Sorts by comparing, ties by row. */
function naiveOrder(rowCount: number, compare: (a: number, b: number) => number): number[] {
  return Array.from({ length: rowCount }, (_, i) => i).toSorted((a, b) => compare(a, b) || a - b);
}

function sortBy(words: Uint32Array[], rowCount: number): number[] {
  return [...sortRows(packKeys(words, rowCount))];
}

const word = fc.oneof(fc.nat(3), fc.nat(5000), fc.integer({ min: 0, max: 0xffffffff }));

test('rows sort by all words, ties in input order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word, word), { maxLength: 200 }), (rows) => {
      const words = [0, 1, 2].map((w) => Uint32Array.from(rows, (row) => row[w]!));
      const expected = naiveOrder(rows.length, (a, b) => {
        for (const w of [0, 1, 2] as const)
          if (rows[a]![w] !== rows[b]![w]) return rows[a]![w] - rows[b]![w];
        return 0;
      });
      expect(sortBy(words, rows.length)).toEqual(expected);
    }),
  );
});

test('44 key words sort as one comparison of all of them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(2), { minLength: 44, maxLength: 44 }), { maxLength: 60 }),
      (rows) => {
        const words = Array.from({ length: 44 }, (_, w) =>
          Uint32Array.from(rows, (row) => row[w]!),
        );
        const texts = rows.map((row) => row.join(''));
        expect(sortBy(words, rows.length)).toEqual(
          naiveOrder(rows.length, (a, b) =>
            texts[a]! < texts[b]! ? -1 : Number(texts[a]! > texts[b]!),
          ),
        );
      },
    ),
  );
});

test('no word: input order', () => {
  expect(sortBy([], 3)).toEqual([0, 1, 2]);
  expect(isSorted([Uint32Array.of(1, 1, 2)], 3)).toBe(true);
  expect(isSorted([Uint32Array.of(2, 1)], 2)).toBe(false);
});

test('O-7 words of numbers rise with the numbers', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (values) => {
      expect(sortBy([intWord(Int32Array.from(values))], values.length)).toEqual(
        naiveOrder(values.length, (a, b) => values[a]! - values[b]!),
      );
    }),
  );
  const long = fc.oneof(
    fc.bigInt(-3n, 3n),
    fc.bigInt(-(2n ** 33n), 2n ** 33n),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  );
  fc.assert(
    fc.property(fc.array(long), (values) => {
      expect(sortBy(longWords(BigInt64Array.from(values)), values.length)).toEqual(
        naiveOrder(
          values.length,
          (a, b) => Number(values[a]! > values[b]!) - Number(values[a]! < values[b]!),
        ),
      );
    }),
  );
});

test('O-7 floats sort as in Java: -0.0 before 0.0, NaN last', () => {
  const special = fc.constantFrom(0, -0, NaN, Infinity, -Infinity);
  fc.assert(
    fc.property(fc.array(fc.oneof(special, fc.double())), (values) => {
      expect(sortBy(doubleWords(Float64Array.from(values)), values.length)).toEqual(
        naiveOrder(values.length, (a, b) => compareDoubles(values[a]!, values[b]!)),
      );
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(special, fc.float())), (values) => {
      expect(sortBy([floatWord(Float32Array.from(values))], values.length)).toEqual(
        naiveOrder(values.length, (a, b) => compareDoubles(values[a]!, values[b]!)),
      );
    }),
  );
});

test('longs close together take one word', () => {
  expect(longWords(BigInt64Array.of(2n ** 40n - 1n, 2n ** 40n, 2n ** 40n + 5n))).toHaveLength(1);
  expect(longWords(BigInt64Array.of(0n, 2n ** 32n))).toHaveLength(2);
  expect(longWords(new BigInt64Array(0))).toHaveLength(1);
});

test('O-7 ranks of lists: shorter first, then by element', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(2), { maxLength: 4 })), (lists) => {
      const offsets = new Uint32Array(lists.length + 1);
      lists.forEach((list, i) => (offsets[i + 1] = offsets[i]! + list.length));
      const ranks = listRanks([Uint32Array.from(lists.flat())], offsets);
      const distinct = [
        ...new Set(lists.map((list) => `${list.length}:${list.join()}`)),
      ].toSorted();
      expect([...ranks]).toEqual(
        lists.map((list) => distinct.indexOf(`${list.length}:${list.join()}`)),
      );
    }),
  );
});

test('groups are runs of equal keys, first rows come first in input', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2), fc.nat(2))), (rows) => {
      const words = [0, 1].map((w) => Uint32Array.from(rows, (row) => row[w]!));
      const order = sortRows(packKeys(words, rows.length));
      const groups = findGroups(words, order);
      const keys = [...new Set(rows.map((row) => row.join()))].toSorted();
      expect(groups.groupCount).toBe(keys.length);
      expect([...firstRows(order, groups)]).toEqual(
        keys.map((key) => rows.findIndex((row) => row.join() === key)),
      );
      expect([...groupOfRows(order, groups)]).toEqual(rows.map((row) => keys.indexOf(row.join())));
    }),
  );
});

test('hashed groups count up by first appearance', () => {
  const key = fc.oneof(fc.nat(5), fc.constantFrom(2 ** 32, 2 ** 52, 2 ** 53 - 1), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.array(key), (keys) => {
      const { groupOf, first } = hashGroups(Float64Array.from(keys));
      const distinct = [...new Set(keys)];
      expect([...groupOf]).toEqual(keys.map((value) => distinct.indexOf(value)));
      expect([...first]).toEqual(distinct.map((value) => keys.indexOf(value)));
    }),
  );
});
