import fc from 'fast-check';
import { expect, test } from 'vitest';
import { extremeNumbers, extremeRows, isPlain, noRow } from '../../src/kernels/aggregate.ts';
import { gather } from '../../src/kernels/gather.ts';
import { hashGroups, tableGroups } from '../../src/kernels/groups.ts';
import { doubleWords, longWords } from '../../src/kernels/keys.ts';
import { appendCodes, appendDigits, appendLongs } from '../../src/kernels/shards.ts';

const keys = fc.array(fc.nat({ max: 30 }), { maxLength: 60 });

test('groups by table and by hash are those of a map, numbered by first appearance', () => {
  fc.assert(
    fc.property(keys, (values) => {
      const ids = new Map<number, number>();
      const first: number[] = [];
      const groupOf = values.map((key, i) => {
        const known = ids.get(key);
        if (known !== undefined) return known;
        ids.set(key, first.length);
        return first.push(i) - 1;
      });
      const numbers = Float64Array.from(values);
      for (const found of [tableGroups(numbers, 31), hashGroups(numbers)]) {
        expect([...found.groupOf]).toEqual(groupOf);
        expect([...found.first]).toEqual(first);
      }
    }),
  );
});

test('least and greatest doubles of a group are those that the words find', () => {
  const plain = fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value));
  const rows = fc.array(fc.tuple(plain, fc.nat({ max: 4 }), fc.boolean()), { maxLength: 40 });
  fc.assert(
    fc.property(rows, fc.boolean(), (given, greatest) => {
      const values = Float64Array.from(given, ([value]) => value);
      const groupOf = Uint32Array.from(given, ([, group]) => group);
      const nulls = Uint8Array.from(given, ([, , isNull]) => (isNull ? 1 : 0));
      expect(isPlain(values)).toBe(true);
      const wanted = extremeRows(doubleWords(values), nulls, groupOf, 5, { greatest, last: false });
      expect([...extremeNumbers(values, nulls, groupOf, 5, greatest)]).toEqual([...wanted]);
    }),
  );
  expect([...extremeNumbers(Float64Array.of(1), null, Uint32Array.of(0), 2, true)]).toEqual([
    0,
    noRow,
  ]);
});

test('NaN and -0.0 are not plain', () => {
  expect(isPlain(Float64Array.of(0, 1, -1))).toBe(true);
  expect(isPlain(Float64Array.of(0, -0))).toBe(false);
  expect(isPlain(Float32Array.of(1, NaN))).toBe(false);
});

test('digits of codes and of 64-bit integers are folded as plain digits are', () => {
  const codes = fc.array(fc.nat({ max: 200 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(codes, fc.integer({ min: 1, max: 50 }), (values, step) => {
      const rows = Uint32Array.from(values, (_, i) => values.length - 1 - i);
      const digits = Float64Array.from(rows, (row) => values[row]!);
      const wanted = new Float64Array(rows.length).fill(3);
      appendDigits(wanted, digits, 0, 201, 1);
      for (const array of [Uint8Array, Uint16Array, Uint32Array]) {
        const prefix = new Float64Array(rows.length).fill(3);
        appendCodes(prefix, array.from(values), rows, 201);
        expect([...prefix]).toEqual([...wanted]);
      }
      const base = 1_700_000_000_000;
      const longs = BigInt64Array.from(values, (value) => BigInt(base + value));
      const prefix = new Float64Array(rows.length).fill(3);
      appendLongs(prefix, longs, rows, base, 201, step);
      const stepped = new Float64Array(rows.length).fill(3);
      appendDigits(stepped, digits, 0, 201, step);
      expect([...prefix]).toEqual([...stepped]);
    }),
  );
});

test('words of 64-bit integers rise with their values, one word where the range allows it', () => {
  const longs = fc.array(
    fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt({ min: -9n, max: 9n }),
    ),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(longs, (values) => {
      const words = longWords(BigInt64Array.from(values));
      const [least, most] = [
        values.reduce((a, b) => (a < b ? a : b)),
        values.reduce((a, b) => (a > b ? a : b)),
      ];
      const near = least > -(2n ** 53n) && most < 2n ** 53n && most - least < 2n ** 32n;
      expect(words).toHaveLength(near ? 1 : 2);
      const order = (a: number, b: number): number => {
        for (const word of words) if (word[a] !== word[b]) return word[a]! - word[b]!;
        return 0;
      };
      for (let i = 1; i < values.length; i++) {
        const [a, b] = [values[i - 1]!, values[i]!];
        expect(Math.sign(order(i - 1, i))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }
    }),
  );
});

test('a stretch of rows is copied as the rows one by one', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10 }), fc.nat({ max: 10 }), fc.boolean(), (from, count, shuffled) => {
      const source = BigInt64Array.from({ length: 25 }, (_, i) => BigInt(i * 7));
      const rows = Uint32Array.from({ length: count }, (_, i) => from + i);
      if (shuffled) rows.reverse();
      const target = new BigInt64Array(count);
      gather(target, source, rows);
      expect([...target]).toEqual(Array.from(rows, (row) => BigInt(row * 7)));
    }),
  );
});
