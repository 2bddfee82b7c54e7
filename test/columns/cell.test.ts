import { expect, test } from 'vitest';
import { valueText } from '../../src/columns/cell.ts';
import { bigDecimalText, doubleText, floatText } from '../../src/columns/number-text.ts';

test('P-4 a value prints as the partition function reads it', () => {
  expect(valueText('INT', -5)).toBe('-5');
  expect(valueText('LONG', 9007199254740993n)).toBe('9007199254740993');
  expect(valueText('TIMESTAMP', 0n)).toBe('0');
  expect(valueText('BYTES', Uint8Array.of(0, 0xab))).toBe('00ab');
  expect(valueText('BIG_DECIMAL', '-7100')).toBe('-7100');
  expect(valueText('STRING', 'null')).toBe('null');
  expect(valueText('BOOLEAN', true)).toBe('1');
});

test.each([
  [0, '0.0'],
  [-0, '-0.0'],
  [1, '1.0'],
  [-12.5, '-12.5'],
  [0.001, '0.001'],
  [0.00012, '1.2E-4'],
  [9999999, '9999999.0'],
  [1e7, '1.0E7'],
  [12345678.9, '1.23456789E7'],
  [1e10, '1.0E10'],
  [1e300, '1.0E300'],
  [5e-324, '4.9E-324'],
  [2e-323, '2.0E-323'],
  [Number.MAX_VALUE, '1.7976931348623157E308'],
  [NaN, 'NaN'],
  [-Infinity, '-Infinity'],
])('P-4 the double %d prints as %s', (value, text) => {
  expect(doubleText(value)).toBe(text);
});

test.each([
  [1.1, '1.1'],
  [3.4028234663852886e38, '3.4028235E38'],
  [1.401298464324817e-45, '1.4E-45'],
  [16777216, '1.6777216E7'],
  [0.3, '0.3'],
  [100, '100.0'],
  [Infinity, 'Infinity'],
])('P-4 the float %d prints as %s', (value, text) => {
  expect(floatText(Math.fround(value))).toBe(text);
});

test.each([
  ['0', '0'],
  ['0.0', '0.0'],
  ['-7100', '-7.1E+3'],
  ['100', '1E+2'],
  ['7', '7'],
  ['10.00', '10.00'],
  ['0.000001', '0.000001'],
  ['0.0000001', '1E-7'],
  ['-0.00000012', '-1.2E-7'],
])('the decimal %s prints in metadata as %s', (plain, text) => {
  expect(bigDecimalText(plain)).toBe(text);
});
