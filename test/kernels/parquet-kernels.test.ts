import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitWidthOf, packBits, packedBytes, unpackBits } from '../../src/kernels/bit-pack.ts';
import {
  deltaBytesMax,
  deltaWidth,
  writeDelta32,
  writeDelta64,
} from '../../src/kernels/delta-pack.ts';
import {
  extremes32,
  extremes64,
  extremesCodes,
  extremesDouble,
  extremesFloat,
  extremesRanks,
} from '../../src/kernels/extremes.ts';
import {
  numberDictionary32,
  numberDictionary64,
  rangeDictionary,
} from '../../src/kernels/number-dictionary.ts';
import {
  countRuns,
  hybridBytesMax,
  readHybrid,
  writeHybrid,
} from '../../src/kernels/run-length.ts';
import { readDelta32, readDelta64 } from '../../src/segment/parquet/delta-reader.ts';

const place = { where: 'test', column: null };

const packable = fc.integer({ min: 1, max: 32 }).chain((width) =>
  fc.tuple(
    fc.constant(width),
    fc.array(fc.oneof(fc.nat(2 ** Math.min(31, width) - 1), fc.constant(2 ** width - 1)), {
      maxLength: 70,
    }),
  ),
);

/** The bits one by one. */
function naivePack(values: readonly number[], width: number): number[] {
  const out: number[] = Array.from({ length: packedBytes(values.length, width) }, () => 0);
  for (const [i, value] of values.entries()) {
    for (let b = 0; b < width; b++) {
      const bit = i * width + b;
      if (Math.floor(value / 2 ** b) % 2 === 1) out[bit >>> 3]! |= 1 << (bit & 7);
    }
  }
  return out;
}

test('bits are packed and unpacked as one by one, every width', () => {
  fc.assert(
    fc.property(packable, fc.nat(9), ([width, values], from) => {
      const source = Uint32Array.from([...Array<number>(from).fill(0), ...values]);
      const out = new Uint8Array(packedBytes(values.length, width) + 3).fill(255);
      const end = packBits(source, from, source.length, width, out, 2);
      expect(end).toBe(2 + packedBytes(values.length, width));
      expect([...out.subarray(2, end)]).toEqual(naivePack(values, width));
      const back = new Uint32Array(values.length + 1);
      unpackBits(out, 2, width, values.length, back, 1);
      expect([...back.subarray(1)]).toEqual(values);
    }),
    { numRuns: 400 },
  );
});

test('a bit width holds the greatest value and no more', () => {
  for (let width = 1; width <= 32; width++) {
    expect(bitWidthOf(2 ** width - 1)).toBe(width);
    expect(bitWidthOf(2 ** (width - 1) - 1)).toBe(width - 1);
  }
});

test('runs and packed parts come back, within the room that was named', () => {
  const runs = fc.array(fc.tuple(fc.nat(2 ** 13 - 1), fc.integer({ min: 1, max: 300 })), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(runs, fc.integer({ min: 13, max: 32 }), (parts, width) => {
      const values = Uint32Array.from(parts.flatMap(([v, n]) => Array<number>(n).fill(v)));
      let expected = 0;
      for (const [i, v] of values.entries()) if (i === 0 || v !== values[i - 1]) expected++;
      expect(countRuns(values, 0, values.length)).toBe(expected);
      const out = new Uint8Array(hybridBytesMax(values.length, width));
      const end = writeHybrid(values, 0, values.length, width, out, 0);
      expect(end).toBeLessThanOrEqual(out.length);
      const back = new Uint32Array(values.length);
      expect(readHybrid(out, 0, end, width, values.length, back, 0)).toBe(end);
      expect(back).toEqual(values);
      if (values.length > 0) {
        expect(readHybrid(out, 0, end - 1, width, values.length, back, 0)).toBe(-1);
      }
    }),
  );
});

test('differences come back, whatever the length, within the room that was named', () => {
  const near = fc.array(fc.integer({ min: -(2 ** 30), max: 2 ** 30 - 1 }), { maxLength: 300 });
  const base = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });
  fc.assert(
    fc.property(near, base, fc.nat(5), (values, start, skipped) => {
      const from = Math.min(skipped, values.length);
      const narrow = Int32Array.from(values);
      const wide = BigInt64Array.from(values, (value) => start + BigInt(value));
      const out = new Uint8Array(deltaBytesMax(values.length));
      const end = writeDelta32(narrow, from, values.length, out, 0);
      expect(end).toBeLessThanOrEqual(out.length);
      const back = new Int32Array(values.length - from);
      expect(readDelta32(out.subarray(0, end), 0, back, place)).toBe(end);
      expect(back).toEqual(narrow.slice(from));
      const wideEnd = writeDelta64(new Int32Array(wide.buffer), from, values.length, out, 0);
      const wideBack = new BigInt64Array(values.length - from);
      expect(readDelta64(out.subarray(0, wideEnd), 0, wideBack, place)).toBe(wideEnd);
      expect(wideBack).toEqual(wide.slice(from));
    }),
    { numRuns: 200 },
  );
});

test('the width of differences is that of their range', () => {
  expect(deltaWidth(Int32Array.of(5, 7, 9), 1, 0, 3)).toBe(0);
  expect(deltaWidth(Int32Array.of(5, 7, 10), 1, 0, 3)).toBe(1);
  expect(deltaWidth(Int32Array.of(5, 0, 3, 0, 20, 0), 2, 0, 3)).toBe(5);
  expect(deltaWidth(Int32Array.of(5), 1, 0, 1)).toBe(0);
});

test('extremes are those of a sort, and NaN is reported', () => {
  const edges = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -(2n ** 33n), max: 2n ** 33n }),
    fc.bigInt({ min: 2n ** 53n - 4n, max: 2n ** 53n + 4n }),
  );
  fc.assert(
    fc.property(fc.array(edges, { minLength: 1, maxLength: 8 }), (values) => {
      const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      const wide = BigInt64Array.from(values);
      const found = new Int32Array(4);
      extremes64(new Int32Array(wide.buffer), 0, values.length, found);
      expect([...new BigInt64Array(found.buffer)]).toEqual([sorted[0], sorted.at(-1)]);
      const narrow = Int32Array.from(values, (value) => Number(BigInt.asIntN(32, value)));
      const pair = new Int32Array(2);
      extremes32(narrow, 0, narrow.length, pair);
      const ordered = narrow.toSorted();
      expect([...pair]).toEqual([ordered[0], ordered.at(-1)]);
    }),
  );
  const floats = new Float64Array(2);
  expect(extremesDouble(Float64Array.of(3, -Infinity, 2), 0, 3, floats)).toBe(true);
  expect([...floats]).toEqual([-Infinity, 3]);
  expect(extremesDouble(Float64Array.of(3, NaN), 0, 2, floats)).toBe(false);
  expect(extremesFloat(Float32Array.of(0.5, 4, 1), 1, 3, floats)).toBe(true);
  expect([...floats]).toEqual([1, 4]);
  expect(extremesFloat(Float32Array.of(NaN), 0, 1, floats)).toBe(false);
  const codes = new Uint32Array(2);
  extremesCodes(Uint32Array.of(4, 2, 9), 0, 3, codes);
  expect([...codes]).toEqual([2, 9]);
  extremesRanks(Uint32Array.of(0, 2), Uint32Array.of(7, 1, 3), 0, 2, codes);
  expect([...codes]).toEqual([3, 7]);
});

test('a dictionary of numbers names every value by its bits, or gives up', () => {
  const few = fc.array(fc.constantFrom(0, -0, NaN, 1.5, -1.5, 1e300, 7, 8, 9), { maxLength: 80 });
  fc.assert(
    fc.property(few, (values) => {
      const doubles = Float64Array.from(values);
      const words = new Int32Array(doubles.buffer);
      const codes = new Uint32Array(values.length);
      const entries = numberDictionary64(words, values.length, 16, codes)!;
      const named = new Float64Array(entries.buffer);
      for (const [i, value] of values.entries()) expect(named[codes[i]!]).toBe(value);
      expect(new Set(codes).size).toBe(named.length);
      const narrow = Int32Array.from(values.map((value) => value * 100 || 0));
      const names = numberDictionary32(narrow, values.length, 16, codes)!;
      for (const [i, value] of narrow.entries()) expect(names[codes[i]!]).toBe(value);
    }),
  );
  const rising = Int32Array.from({ length: 9 }, (_, i) => i);
  expect(numberDictionary32(rising, 9, 8, new Uint32Array(9))).toBe(null);
  expect(numberDictionary32(rising, 9, 9, new Uint32Array(9))).toEqual(rising);
  expect(numberDictionary64(rising, 4, 3, new Uint32Array(4))).toBe(null);
});

test('a dictionary over a short range names every value, or gives up', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(65_535), { maxLength: 60 }), fc.boolean(), (offsets, wide) => {
      const least = -70_000;
      const stride = wide ? 2 : 1;
      const words = Int32Array.from(offsets.flatMap((o) => (wide ? [least + o, -1] : [least + o])));
      const codes = new Uint32Array(offsets.length);
      const entries = rangeDictionary(words, stride, offsets.length, least, 60, codes)!;
      expect([...codes].map((code) => entries[code])).toEqual(offsets);
      expect(entries.length).toBe(new Set(offsets).size);
    }),
  );
  expect(rangeDictionary(Int32Array.of(1, 2, 3), 1, 3, 1, 2, new Uint32Array(3))).toBe(null);
});
