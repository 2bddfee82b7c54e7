import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bitmapBytes,
  copyNulls,
  countNulls,
  gatherNulls,
  isNull,
  setNull,
  sliceNulls,
} from '../../src/columns/nulls.ts';

const flags = fc.array(fc.boolean(), { maxLength: 70 });

function bitmap(values: readonly boolean[]): Uint8Array {
  const out = new Uint8Array(bitmapBytes(values.length));
  for (const [row, value] of values.entries()) if (value) setNull(out, row);
  return out;
}

function list(nulls: Uint8Array | null, count: number): boolean[] {
  return Array.from({ length: count }, (_, row) => isNull(nulls, row));
}

test('bits come back, and are counted without those behind the last row', () => {
  fc.assert(
    fc.property(flags, fc.nat(), (values, cut) => {
      const bits = bitmap(values);
      expect(list(bits, values.length)).toEqual(values);
      const rows = cut % (values.length + 1);
      expect(countNulls(bits, rows)).toBe(values.slice(0, rows).filter(Boolean).length);
    }),
  );
  expect(countNulls(null, 5)).toBe(0);
});

test('a slice, a gather and a copy move the right bits', () => {
  fc.assert(
    fc.property(flags, fc.nat(), fc.nat(), (values, a, b) => {
      const [from, to] = [a % (values.length + 1), b % (values.length + 1)].toSorted(
        (x, y) => x - y,
      ) as [number, number];
      const bits = bitmap(values);
      const part = values.slice(from, to);
      const slice = sliceNulls(bits, from, to);
      expect(list(slice, part.length)).toEqual(part);
      expect(slice === null).toBe(!part.includes(true));
      const rows = Uint32Array.from(part, (_, i) => to - 1 - i);
      expect(list(gatherNulls(bits, rows), part.length)).toEqual(part.toReversed());
      const target = new Uint8Array(bitmapBytes(part.length + 13));
      copyNulls(bits, from, part.length, target, 13);
      expect(list(target, part.length + 13)).toEqual([...Array<boolean>(13).fill(false), ...part]);
    }),
  );
});
