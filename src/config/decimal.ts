/**
 * Plain text of a decimal number (`1.50e2` is `150`), exact at any size; trailing zeros of the fraction are cut unless
 * kept. Null when the text is no number or its exponent is beyond 9999.
 */
export function plainDecimal(text: string, keepTrailingZeros = false): string | null {
  const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text.trim());
  if (found === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = found;
  if (whole + fraction === '') return null;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  const left = point <= 0 ? '' : digits.slice(0, point).padEnd(point, '0');
  let right = point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  if (!keepTrailingZeros) right = right.replace(/0+$/, '');
  const plain = (left.replace(/^0+/, '') || '0') + (right === '' ? '' : `.${right}`);
  return sign === '-' && /[1-9]/.test(plain) ? `-${plain}` : plain;
}
