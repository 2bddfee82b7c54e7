import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainDecimal } from '../../src/config/decimal.ts';

test.each([
  ['0', '0'],
  ['-0', '0'],
  ['1.50', '1.5'],
  ['1.5e3', '1500'],
  ['1.50E2', '150'],
  ['-12.34e-5', '-0.0001234'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['+007', '7'],
  ['12345678901234567890.123456789', '12345678901234567890.123456789'],
  ['1e-3', '0.001'],
  ['0.000', '0'],
])('X-18 %s is %s', (text, plain) => {
  expect(plainDecimal(text)).toBe(plain);
});

test('X-18 trailing zeros stay where the field allows them', () => {
  expect(plainDecimal('1.500', true)).toBe('1.500');
  expect(plainDecimal('1.500e1', true)).toBe('15.00');
});

test.each(['', '.', 'e5', '1e', 'NaN', '0x10', '1_000', '1e99999'])('"%s" is no number', (text) => {
  expect(plainDecimal(text)).toBeNull();
});

test('the value stays the same', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.integer({ min: -30, max: 30 }), (digits, exponent) => {
      const plain = plainDecimal(`${digits}e${exponent}`)!;
      const [whole = '', fraction = ''] = plain.split('.');
      const scale = 40;
      const value = BigInt(whole.replace('-', '') + fraction.padEnd(scale, '0'));
      const expected = (digits < 0n ? -digits : digits) * 10n ** BigInt(scale + exponent);
      expect(value).toBe(expected);
      expect(plain.startsWith('-')).toBe(digits < 0n);
    }),
  );
});
