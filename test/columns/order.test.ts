import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compareBytes,
  compareDecimal,
  compareDoubles,
  compareText,
} from '../../src/columns/order.ts';
import { varFromBytes, varFromTexts } from '../../src/columns/var-values.ts';
import type { CompareVar } from '../../src/columns/order.ts';
import { cellArbitrary, field } from './fields.ts';

function compareTexts(compare: CompareVar, a: string, b: string): number {
  return Math.sign(compare(varFromTexts(['x', a]), 1, varFromTexts([b]), 0));
}

test('O-7 STRING is ordered by UTF-16 code units, read off the UTF-8 bytes', () => {
  const text = cellArbitrary(field('c', 'STRING'), false) as fc.Arbitrary<string>;
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(compareTexts(compareText, a, b)).toBe(a < b ? -1 : Number(a > b));
    }),
    { numRuns: 2000 },
  );
});

test('O-7 surrogate pairs stand before U+E000 to U+FFFF', () => {
  expect(compareTexts(compareText, '\u{1f600}', '\u{e000}')).toBe(-1);
  expect(compareTexts(compareText, '\u{10ffff}', '\u{ffff}')).toBe(-1);
  expect(compareTexts(compareText, '\u{10000}', '\u{d7ff}')).toBe(1);
  expect(compareTexts(compareText, 'a', 'ab')).toBe(-1);
});

test('O-7 BYTES are ordered unsigned, the shorter first', () => {
  const bytes = varFromBytes(
    [[], [0], [0, 0], [127], [128], [255, 0]].map((b) => Uint8Array.of(...b)),
  );
  for (let i = 0; i < 6; i++)
    for (let j = 0; j < 6; j++)
      expect(Math.sign(compareBytes(bytes, i, bytes, j))).toBe(Math.sign(i - j));
});

test('O-7 BIG_DECIMAL is ordered by number, then by text', () => {
  const rising = [
    '-10',
    '-9.50',
    '-9.5',
    '-0.01',
    '0',
    '0.0',
    '0.009',
    '0.01',
    '1',
    '1.0',
    '1.00',
    '2',
    '10',
    '10.5',
    '100',
  ];
  for (const [i, a] of rising.entries())
    for (const [j, b] of rising.entries())
      if (Number(a) !== Number(b))
        expect(compareTexts(compareDecimal, a, b)).toBe(Math.sign(i - j));
  expect(compareTexts(compareDecimal, '1.0', '1.00')).toBe(-1);
  expect(compareTexts(compareDecimal, '1.5', '1.5')).toBe(0);
});

test('O-7 BIG_DECIMAL agrees with whole-number arithmetic', () => {
  const decimal = cellArbitrary(field('c', 'BIG_DECIMAL'), false) as fc.Arbitrary<string>;
  const scaled = (text: string): bigint => {
    const [whole, fraction = ''] = text.split('.') as [string, string?];
    return BigInt(whole + fraction.padEnd(20, '0'));
  };
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      const [x, y] = [scaled(a), scaled(b)];
      fc.pre(x !== y);
      expect(compareTexts(compareDecimal, a, b)).toBe(x < y ? -1 : 1);
    }),
    { numRuns: 2000 },
  );
});

test('O-7 doubles: -0.0 before 0.0, NaN behind all', () => {
  const rising = [-Infinity, -1, -0, 0, 1, Infinity, NaN];
  for (const [i, a] of rising.entries())
    for (const [j, b] of rising.entries())
      expect(Math.sign(compareDoubles(a, b))).toBe(Math.sign(i - j));
});
