import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnBytesMax } from '../../src/limits.ts';
import { GrowingDictionary } from '../../src/columns/growing-dictionary.ts';
import {
  checkColumnBytes,
  concatVar,
  gatherVar,
  sliceVar,
  varBytes,
  varCount,
  varEqual,
  varFromBytes,
  varFromTexts,
  varText,
} from '../../src/columns/var-values.ts';
import type { VarValues } from '../../src/columns/column.ts';

const values = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 30 });

function listOf(from: VarValues): Uint8Array[] {
  return Array.from({ length: varCount(from) }, (_, i) => Uint8Array.from(varBytes(from, i)));
}

test('values come back whole, picked, cut and joined', () => {
  fc.assert(
    fc.property(values, values, fc.array(fc.nat()), fc.nat(), (a, b, picks, cut) => {
      const [left, right] = [varFromBytes(a), varFromBytes(b)];
      expect(listOf(left)).toEqual(a);
      const chosen = a.length === 0 ? [] : picks.map((pick) => pick % a.length);
      expect(listOf(gatherVar(left, Uint32Array.from(chosen)))).toEqual(chosen.map((i) => a[i]));
      const at = cut % (a.length + 1);
      const tail = sliceVar(left, at, a.length);
      expect(listOf(tail)).toEqual(a.slice(at));
      expect(listOf(concatVar([tail, right, left]))).toEqual([...a.slice(at), ...b, ...a]);
    }),
  );
});

test('equality is of the bytes', () => {
  const some = varFromTexts(['ab', 'a', 'ab', '', 'b']);
  const equal = [0, 1, 2, 3, 4].map((i) => varEqual(some, 0, some, i));
  expect(equal).toEqual([true, false, true, false, false]);
});

test('texts of all lengths and scripts are decoded', () => {
  const texts = [
    '',
    'ascii',
    'é',
    'a longer text without an accent',
    'ein längerer Text 😀 mit allem',
    '\0',
  ];
  expect(texts.map((_, i) => varText(varFromTexts(texts), i))).toEqual(texts);
});

test('a column of more bytes than its offsets can name is refused with both figures', () => {
  expect(() => checkColumnBytes(columnBytesMax)).not.toThrow();
  expect(() => checkColumnBytes(columnBytesMax + 1)).toThrow(
    /4294967296 bytes.*limit is 4294967295/,
  );
});

test('a growing dictionary keeps the codes that it gave', () => {
  const growing = new GrowingDictionary();
  const first = growing.add(varFromTexts(['b', 'a']));
  const second = growing.add(varFromTexts(['a', 'c', 'b', 'c']));
  expect(Array.from(first.remap)).toEqual([0, 1]);
  expect(Array.from(second.remap)).toEqual([1, 2, 0, 2]);
  expect([varCount(first.added), varCount(second.added), growing.size]).toEqual([2, 1, 3]);
  expect(varText(second.added, 0)).toBe('c');
});
