// Comparisons: numbers by value across types, text by code unit, truth values and bytes among themselves.
import { Buffer } from 'node:buffer';
import type { RawValue } from '../../config/cell.ts';
import { NumberText } from '../../json/value.ts';
import type { Args, FunctionFamily, ScalarFunction } from './function.ts';
import { callError, nullable, scalar, textArg } from './function.ts';
import { shownValue } from '../convert.ts';

/** Negative, zero or positive; NaN when a NaN takes part. @throws SegmillError when the two cannot be compared */
export function compareValues(a: RawValue, b: RawValue): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  const left = numeric(a);
  const right = numeric(b);
  if (left === null || right === null) {
    throw callError(`${shownValue(a)} and ${shownValue(b)} cannot be compared`);
  }
  if (left < right) return -1;
  if (left > right) return 1;
  return typeof left === 'number' && Number.isNaN(left)
    ? NaN
    : typeof right === 'number' && Number.isNaN(right)
      ? NaN
      : 0;
}

function numeric(value: RawValue): number | bigint | null {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof NumberText) return Number(value.text);
  if (typeof value !== 'string') return null;
  if (/^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true' ? 1 : 0;
  const text = value.trim();
  if (/^[+-]?[0-9]{1,40}$/.test(text)) return BigInt(text.replace('+', ''));
  return text === '' || Number.isNaN(Number(text)) ? null : Number(text);
}

/** Equality never fails: what cannot be compared differs. Arrays are equal by their elements. */
export function equalValues(a: RawValue, b: RawValue): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item: RawValue, i) => equalValues(item, b[i]));
  }
  if (a === null || b === null) return a === b;
  if (a === b) return true;
  const comparable =
    (typeof a === 'string' && typeof b === 'string') ||
    (a instanceof Uint8Array && b instanceof Uint8Array) ||
    (numeric(a) !== null && numeric(b) !== null);
  return comparable && compareValues(a, b) === 0;
}

function order(test: (sign: number) => boolean): ScalarFunction {
  return scalar(2, 2, (args) => test(compareValues(args[0]!, args[1]!)));
}

function matchesLike(text: string, pattern: string): boolean {
  const source = pattern.replace(/\\?[\s\S]/gu, (part) => {
    if (part === '%') return '[\\s\\S]*';
    if (part === '_') return '[\\s\\S]';
    return part.slice(-1).replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  });
  return new RegExp(`^${source}$`).test(text);
}

const greaterThan = order((sign) => sign > 0);
const greaterThanOrEqual = order((sign) => sign >= 0);
const lessThan = order((sign) => sign < 0);
const lessThanOrEqual = order((sign) => sign <= 0);
const isNull = nullable(1, 1, (args) => args[0] === null);
const isNotNull = nullable(1, 1, (args) => args[0] !== null);
const distinct = (args: Args): boolean => !equalValues(args[0]!, args[1]!);

export const comparisonFunctions: FunctionFamily = {
  equals: scalar(2, 2, (args) => equalValues(args[0]!, args[1]!)),
  notEquals: scalar(2, 2, distinct),
  greaterThan,
  greaterThanOrEqual,
  greaterThanOrEquals: greaterThanOrEqual,
  gt: greaterThan,
  gte: greaterThanOrEqual,
  lessThan,
  lessThanOrEqual,
  lessThanOrEquals: lessThanOrEqual,
  lt: lessThan,
  lte: lessThanOrEqual,
  between: scalar(
    3,
    3,
    ([value, low, high]) => compareValues(value!, low!) >= 0 && compareValues(value!, high!) <= 0,
  ),
  in: scalar(2, Infinity, ([value, ...items]) => items.some((item) => equalValues(value!, item))),
  like: scalar(2, 2, (args) => matchesLike(textArg(args, 0), textArg(args, 1))),
  isNull,
  isNotNull,
  isTrue: nullable(1, 1, (args) => args[0] === true),
  isFalse: nullable(1, 1, (args) => args[0] === false),
  isNotTrue: nullable(1, 1, (args) => args[0] !== true),
  isNotFalse: nullable(1, 1, (args) => args[0] !== false),
  isDistinctFrom: nullable(2, 2, distinct),
  isNotDistinctFrom: nullable(2, 2, (args) => !distinct(args)),
};
