// Numbers as Java prints them. Digits are the shortest that read back as the same number (Java since 19); decimal
// notation from 1e-3 to below 1e7, else one digit before the point and an exponent: 1.0E10, 4.9E-324.

/** Text of a DOUBLE, e.g. `3.0`, `1.0E10`, `-Infinity`, `NaN`, `-0.0`. */
export function doubleText(value: number): string {
  return javaText(value, (x) => x.toExponential());
}

/** Text of a FLOAT: the shortest digits that read back as the same 32-bit number, e.g. `1.1` for 1.1f. */
export function floatText(value: number): string {
  return javaText(value, shortestFloat);
}

function javaText(value: number, exponential: (x: number) => string): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const sign = value < 0 ? '-' : '';
  let shortest = exponential(Math.abs(value));
  // Java looks among two digits at least: 4.9E-324, where 5E-324 would do.
  if (shortest[1] === 'e') shortest = Math.abs(value).toExponential(1).replace('.0e', 'e');
  const [mantissa, power] = shortest.split('e') as [string, string];
  const digits = mantissa.replace('.', '');
  const exponent = Number(power);
  if (exponent < -3 || exponent >= 7) {
    return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

// Nine digits always suffice for 32 bits.
function shortestFloat(value: number): string {
  for (let digits = 0; digits < 8; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text.replace(/\.?0+e/, 'e');
  }
  return value.toExponential(8).replace(/\.?0+e/, 'e');
}

/**
 * Java's text of the number behind a plain decimal text. A whole number's trailing zeros count as stripped, as they are
 * in a stored value unless its field keeps them: `-7100` is `-7.1E+3`. Below 1e-6 the exponent form is used as well.
 */
export function bigDecimalText(plain: string): string {
  const [, sign, whole, fraction] = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(plain) ?? [];
  if (sign === undefined || whole === undefined) return plain;
  const digits = (whole + (fraction ?? '')).replace(/^0+(?=.)/, '');
  if (fraction !== undefined) {
    const exponent = digits.length - 1 - fraction.length;
    return exponent < -6 ? scientific(sign, digits, exponent) : plain;
  }
  const stripped = digits.replace(/(?<=[0-9])0+$/, '');
  if (stripped.length === digits.length || digits === '0') return plain;
  return scientific(sign, stripped, digits.length - 1);
}

function scientific(sign: string, digits: string, exponent: number): string {
  const rest = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${sign}${digits[0]}${rest}E${exponent < 0 ? '' : '+'}${exponent}`;
}
