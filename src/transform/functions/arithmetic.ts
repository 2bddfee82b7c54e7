// Arithmetic: whole numbers exact in 64 bits (an overflow is an error), all else in doubles as in Java.
import { plainDecimal } from '../../config/decimal.ts';
import type { RawValue } from '../../config/cell.ts';
import { compareValues } from './comparison.ts';
import type { Args, FunctionFamily, ScalarFunction } from './function.ts';
import { callError, doubleArg, intArg, longArg, longResult, nullable, scalar } from './function.ts';

/** The value as a whole number when it is one by its type: an integer, or the text of one. */
function whole(value: RawValue | undefined): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : null;
  }
  return typeof value === 'string' && /^\s*-?[0-9]{1,19}\s*$/.test(value) ? BigInt(value) : null;
}

function binary(
  onLongs: (a: bigint, b: bigint) => bigint | null,
  onDoubles: (a: number, b: number) => number,
): ScalarFunction {
  return scalar(2, 2, (args) => {
    const [a, b] = [whole(args[0]), whole(args[1])];
    const exact = a === null || b === null ? null : onLongs(a, b);
    return exact === null ? onDoubles(doubleArg(args, 0), doubleArg(args, 1)) : longResult(exact);
  });
}

function onDouble(compute: (x: number) => number): ScalarFunction {
  return scalar(1, 1, (args) => compute(doubleArg(args, 0)));
}

/** Whole numbers stay as they are. */
function keepingWhole(compute: (x: number) => number): ScalarFunction {
  return scalar(1, 1, (args) => (whole(args[0]) === null ? compute(doubleArg(args, 0)) : args[0]!));
}

function sign(args: Args): number {
  return Math.sign(doubleArg(args, 0));
}

/** `scale` digits behind the point (before it, when negative), by the digits that the double prints. */
function scaled(value: number, scale: number, halfUp: boolean): number {
  const plain = Number.isFinite(value) ? plainDecimal(String(value)) : null;
  if (plain === null) return value;
  const [integer, fraction = ''] = plain.replace('-', '').split('.') as [string, string?];
  if (scale >= fraction.length) return value;
  const digits = integer.padStart(1 - Math.min(scale, 0), '0') + fraction;
  const kept = digits.length - (fraction.length - scale);
  let unscaled = kept > 0 ? BigInt(digits.slice(0, kept)) : 0n;
  if (halfUp && kept >= 0 && digits[kept]! >= '5') unscaled++;
  return Number(`${value < 0 ? '-' : ''}${unscaled}e${-scale}`);
}

function extreme(wanted: number): ScalarFunction {
  return scalar(2, Infinity, (args) =>
    args.reduce((best, value) => {
      const order = compareValues(value, best);
      if (Number.isNaN(order)) return NaN;
      return Math.sign(order) === wanted ? value : best;
    }),
  );
}

function floorDivide(args: Args): RawValue {
  const [a, b] = [whole(args[0]), whole(args[1])];
  if (a === null || b === null) {
    const quotient = Math.floor(doubleArg(args, 0) / doubleArg(args, 1));
    if (!Number.isFinite(quotient)) throw callError('division by zero');
    return quotient;
  }
  if (b === 0n) throw callError('division by zero');
  const quotient = a / b;
  return longResult(a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient);
}

function bits(compute: (a: bigint, b: bigint) => bigint): ScalarFunction {
  return scalar(2, 2, (args) => longResult(compute(longArg(args, 0), longArg(args, 1))));
}

function isZero(value: RawValue | undefined): boolean {
  return Number(value) === 0;
}

const plus = binary(
  (a, b) => a + b,
  (a, b) => a + b,
);
const minus = binary(
  (a, b) => a - b,
  (a, b) => a - b,
);
const times = binary(
  (a, b) => a * b,
  (a, b) => a * b,
);
const mod = binary(
  (a, b) => (b === 0n ? null : a % b),
  (a, b) => a % b,
);
const least = extreme(-1);
const greatest = extreme(1);
const ceil = keepingWhole(Math.ceil);
const power = scalar(2, 2, (args) => doubleArg(args, 0) ** doubleArg(args, 1));
const ln = onDouble(Math.log);
const divide = scalar(2, 3, (args) =>
  args.length === 3 && isZero(args[1]) ? args[2]! : doubleArg(args, 0) / doubleArg(args, 1),
);

export const arithmeticFunctions: FunctionFamily = {
  plus,
  add: plus,
  minus,
  sub: minus,
  times,
  mult: times,
  divide,
  div: divide,
  mod,
  modulo: mod,
  positiveModulo: scalar(2, 2, (args) => {
    const remainder = doubleArg(args, 0) % doubleArg(args, 1);
    return remainder < 0 ? remainder + Math.abs(doubleArg(args, 1)) : remainder;
  }),
  moduloOrZero: scalar(2, 2, (args) =>
    isZero(args[1]) ? 0 : doubleArg(args, 0) % doubleArg(args, 1),
  ),
  intDiv: scalar(2, 2, floorDivide),
  intDivOrZero: scalar(2, 2, (args) => (isZero(args[1]) ? 0 : floorDivide(args))),
  abs: scalar(1, 1, (args) => {
    const value = whole(args[0]);
    if (value === null) return Math.abs(doubleArg(args, 0));
    return longResult(value < 0n ? -value : value);
  }),
  negate: scalar(1, 1, (args) => {
    const value = whole(args[0]);
    return value === null ? -doubleArg(args, 0) : longResult(-value);
  }),
  sign: scalar(1, 1, sign),
  ceil,
  ceiling: ceil,
  floor: keepingWhole(Math.floor),
  round: scalar(2, 2, (args) => {
    const [value, step] = [longArg(args, 0), longArg(args, 1)];
    if (step === 0n) throw callError('the rounding step is 0');
    return longResult((value / step) * step);
  }),
  roundDecimal: scalar(1, 2, (args) =>
    args.length === 1
      ? Math.round(doubleArg(args, 0))
      : scaled(doubleArg(args, 0), intArg(args, 1), true),
  ),
  truncate: scalar(1, 2, (args) =>
    args.length === 1
      ? Math.trunc(doubleArg(args, 0))
      : scaled(doubleArg(args, 0), intArg(args, 1), false),
  ),
  least,
  min: least,
  greatest,
  max: greatest,
  power,
  pow: power,
  sqrt: onDouble(Math.sqrt),
  exp: onDouble(Math.exp),
  ln,
  log: ln,
  log2: onDouble((x) => Math.log(x) / Math.log(2)),
  log10: onDouble(Math.log10),
  sin: onDouble(Math.sin),
  cos: onDouble(Math.cos),
  tan: onDouble(Math.tan),
  asin: onDouble(Math.asin),
  acos: onDouble(Math.acos),
  atan: onDouble(Math.atan),
  degrees: onDouble((x) => (x * 180) / Math.PI),
  radians: onDouble((x) => (x / 180) * Math.PI),
  isNaN: scalar(1, 1, (args) => Number.isNaN(doubleArg(args, 0))),
  isFinite: scalar(1, 1, (args) => Number.isFinite(doubleArg(args, 0))),
  isInfinite: scalar(1, 1, (args) => Math.abs(doubleArg(args, 0)) === Infinity),
  bitAnd: bits((a, b) => a & b),
  bitOr: bits((a, b) => a | b),
  bitXor: bits((a, b) => a ^ b),
  bitNot: scalar(1, 1, (args) => longResult(~longArg(args, 0))),
  nullIf: nullable(2, 2, (args) => {
    const [a, b] = [args[0]!, args[1]!];
    return a !== null && b !== null && compareValues(a, b) === 0 ? null : a;
  }),
};
