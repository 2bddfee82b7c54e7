// The order of values (O-7), per data type. Var-length values are compared on their bytes, never decoded:
//
//   STRING, JSON   by UTF-16 code unit; UTF-8 differs only in that code points from U+10000 on (surrogate pairs,
//                  lead bytes f0..f4) stand before U+E000..U+FFFF (lead bytes ee, ef)
//   BYTES          unsigned, lexicographic
//   BIG_DECIMAL    by number; equal numbers (1.0, 1.00) by text, so that the order is total
import type { DataType } from '../config/types.ts';
import type { VarValues } from './column.ts';

/** Below 0, 0 or above 0 as value i of `a` stands before, beside or behind value j of `b`. */
export type CompareVar = (a: VarValues, i: number, b: VarValues, j: number) => number;

export function compareVarOf(dataType: DataType): CompareVar {
  if (dataType === 'BYTES') return compareBytes;
  return dataType === 'BIG_DECIMAL' ? compareDecimal : compareText;
}

export function compareText(a: VarValues, i: number, b: VarValues, j: number): number {
  const left = a.data;
  const right = b.data;
  let x = a.offsets[i]!;
  let y = b.offsets[j]!;
  const leftLength = a.offsets[i + 1]! - x;
  const rightLength = b.offsets[j + 1]! - y;
  const end = x + (leftLength < rightLength ? leftLength : rightLength);
  for (; x < end; x++, y++) {
    const p = left[x]!;
    const q = right[y]!;
    if (p !== q) return utf16Rank(p) - utf16Rank(q);
  }
  return leftLength - rightLength;
}

/** A permutation of the byte values that turns byte order of UTF-8 into the order of UTF-16 code units. */
export function utf16Rank(byte: number): number {
  if (byte < 0xee) return byte;
  return byte >= 0xf0 ? byte - 2 : byte + 16;
}

export function compareBytes(a: VarValues, i: number, b: VarValues, j: number): number {
  const left = a.data;
  const right = b.data;
  let x = a.offsets[i]!;
  let y = b.offsets[j]!;
  const leftLength = a.offsets[i + 1]! - x;
  const rightLength = b.offsets[j + 1]! - y;
  const end = x + (leftLength < rightLength ? leftLength : rightLength);
  for (; x < end; x++, y++) {
    const difference = left[x]! - right[y]!;
    if (difference !== 0) return difference;
  }
  return leftLength - rightLength;
}

const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;

/** Plain decimal text, as in CellValue: `-`? digits, then perhaps `.` and digits. */
export function compareDecimal(a: VarValues, i: number, b: VarValues, j: number): number {
  const left = decimalParts(a, i);
  const right = decimalParts(b, j);
  const number =
    left.sign === right.sign
      ? left.sign * compareMagnitude(a.data, left, b.data, right)
      : left.sign - right.sign;
  return number === 0 ? compareBytes(a, i, b, j) : number;
}

interface DecimalParts {
  readonly sign: -1 | 0 | 1;
  /** First digit that is not a leading zero; the point or the end when the whole part is 0. */
  readonly from: number;
  readonly point: number;
  /** Past the last digit that is not a trailing zero of the fraction. */
  readonly end: number;
}

function decimalParts(values: VarValues, i: number): DecimalParts {
  const { data } = values;
  let from = values.offsets[i]!;
  let end = values.offsets[i + 1]!;
  const negative = from < end && data[from] === minus;
  if (negative) from++;
  let at = from;
  while (at < end && data[at] !== point) at++;
  while (from < at && data[from] === zero) from++;
  while (end > at && (data[end - 1] === zero || end - 1 === at)) end--;
  if (from === at && end === at) return { sign: 0, from, point: at, end };
  return { sign: negative ? -1 : 1, from, point: at, end };
}

function compareMagnitude(
  left: Uint8Array,
  a: DecimalParts,
  right: Uint8Array,
  b: DecimalParts,
): number {
  const whole = a.point - a.from - (b.point - b.from);
  if (whole !== 0) return whole;
  const lengthA = a.end - a.from;
  const lengthB = b.end - b.from;
  const length = Math.min(lengthA, lengthB);
  for (let k = 0; k < length; k++) {
    const difference = left[a.from + k]! - right[b.from + k]!;
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}

/** FLOAT and DOUBLE as Java's compare: -0.0 before 0.0, NaN behind everything. */
export function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return a !== 0 ? 0 : Number(Object.is(b, -0)) - Number(Object.is(a, -0));
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
