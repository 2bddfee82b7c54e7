import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  buildDictionary,
  compactDictionary,
  isSortedDictionary,
  makeCodes,
  mergeDictionaries,
  remapCodes,
  sortDictionary,
  withSortedDictionary,
} from '../../src/columns/dictionary.ts';
import type { DictionaryColumn } from '../../src/columns/column.ts';
import { varCount, varFromTexts, varText } from '../../src/columns/var-values.ts';
import { cellArbitrary, cellsOf, columnOf, field } from './fields.ts';

const text = cellArbitrary(field('c', 'STRING'), false) as fc.Arbitrary<string>;
const texts = fc.array(text, { maxLength: 60 });
const textsOf = (values: Parameters<typeof varText>[0]): string[] =>
  Array.from({ length: varCount(values) }, (_, i) => varText(values, i));
// Without a compare function, sort is by UTF-16 code unit.
const distinctSorted = (values: readonly string[]): string[] => [...new Set(values)].sort();

test('O-7 a built dictionary holds each value once, in order, and codes name the values', () => {
  fc.assert(
    fc.property(texts, (values) => {
      const { dictionary, codes } = buildDictionary(varFromTexts(values), 'STRING');
      expect(textsOf(dictionary)).toEqual(distinctSorted(values));
      expect(Array.from(codes, (code) => varText(dictionary, code))).toEqual(values);
    }),
  );
});

test('many distinct values are told apart', () => {
  const values = Array.from({ length: 20_000 }, (_, i) => `k${(i * 7919) % 9000}`);
  const { dictionary, codes } = buildDictionary(varFromTexts(values), 'STRING');
  expect(varCount(dictionary)).toBe(9000);
  expect(codes).toBeInstanceOf(Uint16Array);
  expect(Array.from(codes, (code) => varText(dictionary, code))).toEqual(values);
});

test('sorting a dictionary drops doubles and remaps', () => {
  fc.assert(
    fc.property(texts, (values) => {
      const { dictionary, remap } = sortDictionary(varFromTexts(values), 'STRING');
      expect(isSortedDictionary(dictionary, 'STRING')).toBe(true);
      expect(Array.from(remap, (code) => varText(dictionary, code))).toEqual(values);
    }),
  );
});

test('a merge of sorted dictionaries is the sorted union with a remap an input', () => {
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 6 }), (lists) => {
      const inputs = lists.map((values) => varFromTexts(distinctSorted(values)));
      const { dictionary, remaps } = mergeDictionaries(inputs, 'STRING');
      expect(textsOf(dictionary)).toEqual(distinctSorted(lists.flat()));
      for (const [k, remap] of remaps.entries()) {
        expect(Array.from(remap, (code) => varText(dictionary, code))).toEqual(
          distinctSorted(lists[k]!),
        );
      }
    }),
  );
});

test('BIG_DECIMAL dictionaries are in the order of numbers', () => {
  const { dictionary } = buildDictionary(
    varFromTexts(['10', '9', '-1', '9.5', '9']),
    'BIG_DECIMAL',
  );
  expect(textsOf(dictionary)).toEqual(['-1', '9', '9.5', '10']);
  const merged = mergeDictionaries(
    [dictionary, varFromTexts(['-2', '9.50', '100'])],
    'BIG_DECIMAL',
  );
  expect(textsOf(merged.dictionary)).toEqual(['-2', '-1', '9', '9.5', '9.50', '10', '100']);
});

test('compacting keeps the rows and drops what no row uses', () => {
  const column = columnOf('STRING', ['d', 'a', 'c', 'b']) as DictionaryColumn;
  const some = { ...column, rowCount: 2, codes: column.codes.subarray(0, 2) };
  const compact = compactDictionary(some);
  expect(textsOf(compact.dictionary)).toEqual(['a', 'd']);
  expect(cellsOf(compact)).toEqual(['d', 'a']);
  expect(compactDictionary(column)).toBe(column);
});

test('an unsorted dictionary column keeps its rows when it is sorted', () => {
  const column = columnOf('STRING', ['d', null, 'c', 'd'], { sortDictionaries: false });
  const sorted = withSortedDictionary(column as DictionaryColumn);
  expect(sorted.sorted).toBe(true);
  expect(cellsOf(sorted)).toEqual(['d', null, 'c', 'd']);
});

test('codes are as narrow as the dictionary allows, between all widths', () => {
  expect(makeCodes(256, 1)).toBeInstanceOf(Uint8Array);
  expect(makeCodes(257, 1)).toBeInstanceOf(Uint16Array);
  expect(makeCodes(65537, 1)).toBeInstanceOf(Uint32Array);
  const remap = Uint32Array.of(3, 2, 1, 0);
  for (const from of [Uint8Array, Uint16Array, Uint32Array])
    for (const size of [4, 300, 70_000])
      expect(Array.from(remapCodes(from.of(0, 3, 1), remap, size))).toEqual([3, 0, 2]);
});
