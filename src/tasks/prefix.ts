// The leading part of a row's sort key as one number (`kernels/shards.ts`): digits of a column, how they are folded, and
// the plan of it, made from the ranges that the surveys found.
import { floatWord, doubleWords, intWord, longWords } from '../kernels/keys.ts';
import { appendCodes, appendDigits, appendLongs, prefixSpace } from '../kernels/shards.ts';
import { longsToNumbers } from '../kernels/times.ts';
import { newWords } from '../kernels/words.ts';
import type { WordRoom } from '../kernels/words.ts';
import { columnOf } from './frame.ts';
import type { Frame, FrameColumn } from './frame.ts';

export interface PrefixPart {
  readonly column: string;
  /** The column's null flag instead of its value. */
  readonly flag: boolean;
  readonly min: number;
  readonly size: number;
  readonly step: number;
}

export interface PrefixPlan {
  readonly parts: readonly PrefixPart[];
  /** Equal prefixes mean equal keys. */
  readonly whole: boolean;
}

export interface Digits {
  readonly digits: Float64Array;
  /** Different values have different digits. */
  readonly exact: boolean;
}

const exactLongMax = 2 ** 53;

/** A number a row that never contradicts the column's order. Multi value: the length, which is compared first (O-7). */
export function digitsOf(column: FrameColumn, rows: Uint32Array): Digits {
  const digits = new Float64Array(rows.length);
  const { values, offsets } = column;
  if (offsets !== null) {
    for (let i = 0; i < rows.length; i++) digits[i] = offsets[rows[i]! + 1]! - offsets[rows[i]!]!;
    return { digits, exact: false };
  }
  const source = numbersOf(values);
  for (let i = 0; i < rows.length; i++) digits[i] = source[rows[i]!]!;
  const exact =
    !(values instanceof Float64Array) && (!(values instanceof BigInt64Array) || isSafe(digits));
  return { digits, exact };
}

function numbersOf(
  values: FrameColumn['values'],
): Float64Array | Uint32Array | Uint16Array | Uint8Array {
  if (values instanceof Int32Array) return intWord(values);
  if (values instanceof BigInt64Array) return longsToNumbers(values);
  if (values instanceof Float32Array) return floatWord(values);
  if (values instanceof Float64Array) return doubleWords(values)[0]!;
  return values;
}

function isSafe(digits: Float64Array): boolean {
  for (let i = 0; i < digits.length; i++) if (Math.abs(digits[i]!) >= exactLongMax) return false;
  return true;
}

export function flagDigits(column: FrameColumn, rows: Uint32Array): Float64Array {
  const digits = new Float64Array(rows.length);
  const { nulls } = column;
  if (nulls !== null) for (let i = 0; i < rows.length; i++) digits[i] = nulls[rows[i]!]!;
  return digits;
}

/** Range of a key column over all segments, and whether its null flag is part of the key. */
export interface KeyRange {
  readonly column: string;
  readonly min: number;
  readonly max: number;
  readonly exact: boolean;
  readonly flagged: boolean;
  readonly unit: number;
}

/** As many leading key columns as fit in 53 bits; the first that does not is cut to its high part. */
export function planPrefix(ranges: readonly KeyRange[]): PrefixPlan {
  const parts: PrefixPart[] = [];
  let room = prefixSpace;
  for (const { column, min, max, exact, flagged, unit } of ranges) {
    const size = Math.floor((max - min) / unit) + 1;
    if (size > room && room < 4) return { parts, whole: false };
    // Twice the step and one more digit: room for what rounding does to very large ranges.
    const step = size > room ? Math.ceil(size / Math.floor(room / 2)) : 1;
    const cut = step === 1 ? size : Math.ceil(size / step) + 1;
    parts.push({ column, flag: false, min, size: cut, step: step * unit });
    room = Math.floor(room / cut);
    if (step > 1 || !exact) return { parts, whole: false };
    if (!flagged) continue;
    if (room < 2) return { parts, whole: false };
    parts.push({ column, flag: true, min: 0, size: 2, step: 1 });
    room = Math.floor(room / 2);
  }
  return { parts, whole: true };
}

/** @param digitsFor the digits of a part, all of the same length */
export function foldPrefix(
  plan: PrefixPlan,
  rowCount: number,
  digitsFor: (part: PrefixPart) => Float64Array,
): Float64Array {
  const prefix = new Float64Array(rowCount);
  for (const part of plan.parts) {
    appendDigits(prefix, digitsFor(part), part.min, part.size, part.step);
  }
  return prefix;
}

/** `foldPrefix` over rows of a frame whose codes are the window's, into `prefix`. */
export function foldRows(
  plan: PrefixPlan,
  frame: Frame,
  rows: Uint32Array,
  prefix: Float64Array,
): Float64Array {
  prefix.fill(0);
  for (const part of plan.parts) {
    const column = columnOf(frame, part.column);
    const { values, offsets } = column;
    const { min, size, step } = part;
    const plain = !part.flag && offsets === null;
    if (plain && column.storage === 'codes' && step === 1 && min === 0) {
      appendCodes(prefix, values as Uint8Array | Uint16Array | Uint32Array, rows, size);
    } else if (plain && values instanceof BigInt64Array) {
      appendLongs(prefix, values, rows, min, size, step);
    } else {
      const digits = part.flag ? flagDigits(column, rows) : digitsOf(column, rows).digits;
      appendDigits(prefix, digits, min, size, step);
    }
  }
  return prefix;
}

/** Words of a column's values for sorting and grouping, in value order. */
export function keyWords(column: FrameColumn, room: WordRoom = newWords): Uint32Array[] {
  const { values } = column;
  if (values instanceof Int32Array) return [intWord(values)];
  if (values instanceof BigInt64Array) return longWords(values, column.name, room);
  if (values instanceof Float32Array) return [floatWord(values)];
  if (values instanceof Float64Array) return doubleWords(values);
  if (values instanceof Uint32Array) return [values];
  const word = room(`${column.name}-word`, values.length);
  word.set(values);
  return [word];
}
