// The time column of a batch: values to epoch ms, and rounded ms back to values. Whole-number EPOCH columns go
// through loops on integers; anything else converts each distinct value once.
import { elementAt } from '../columns/cell.ts';
import { sortDictionary, remapCodes } from '../columns/dictionary.ts';
import type { Column, DictionaryColumn, FixedColumn, FixedValues } from '../columns/column.ts';
import { makeFixed } from '../columns/builder.ts';
import { varCount, varFromTexts } from '../columns/var-values.ts';
import type { CellValue } from '../config/cell.ts';
import { compileTimeFormat, unitMs } from '../config/time-format.ts';
import type { TimeConverter } from '../config/time-format.ts';
import type { Field } from '../config/types.ts';
import { isSegmillError } from '../errors.ts';
import { divide, floorTo, longsToNumbers, multiply, numbersToLongs } from '../kernels/times.ts';

export interface ColumnTimes {
  /** Epoch ms by row, NaN where the value is no time. */
  readonly ms: Float64Array;
  /** Why the value of a row is no time. */
  readonly reasonOf: (row: number) => string;
}

export function timesOf(column: Column, field: Field): ColumnTimes {
  const converter = compileTimeFormat(field.format!, field.dataType);
  const step = wholeStepMs(field);
  if (step !== null && column.kind === 'fixed' && isInteger(column.values)) {
    const ms =
      column.values instanceof BigInt64Array
        ? longsToNumbers(column.values)
        : Float64Array.from(column.values as Int32Array);
    if (step !== 1) multiply(ms, step);
    return { ms, reasonOf: () => 'it is no time' };
  }
  const reasonOf = (row: number): string => {
    try {
      converter.toMillis(elementAt(column, row));
      return 'it is no time';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  return { ms: slowTimes(column, converter), reasonOf };
}

/** The column with every time moved down to its bucket; `ms` is rounded in place. Rows without a time keep their value. */
export function roundTimes(
  column: Column,
  field: Field,
  ms: Float64Array,
  roundMs: number,
): Column {
  const converter = compileTimeFormat(field.format!, field.dataType);
  floorTo(ms, roundMs);
  const step = wholeStepMs(field);
  if (step !== null && column.kind === 'fixed' && isInteger(column.values)) {
    const values = ms.slice();
    if (step !== 1) divide(values, step);
    return {
      ...column,
      values:
        column.values instanceof BigInt64Array ? numbersToLongs(values) : Int32Array.from(values),
    };
  }
  return column.kind === 'dictionary'
    ? roundDictionary(column, converter, roundMs)
    : roundFixed(column as FixedColumn, converter, ms);
}

/** The values of a column that stores epoch milliseconds in 64 bits; null for any other. */
export function epochMillis(column: Column, field: Field): BigInt64Array | null {
  if (column.kind !== 'fixed' || wholeStepMs(field) !== 1) return null;
  return column.values instanceof BigInt64Array ? column.values : null;
}

/** Ms of one unit of the stored number; null where values are not whole multiples of a millisecond. */
function wholeStepMs(field: Field): number | null {
  const format = field.format!;
  if (format.kind === 'TIMESTAMP') return 1;
  if (format.kind !== 'EPOCH') return null;
  const step = unitMs(format.unit) * format.size;
  return Number.isInteger(step) ? step : null;
}

function isInteger(values: FixedValues): boolean {
  return values instanceof BigInt64Array || values instanceof Int32Array;
}

function slowTimes(column: Column, converter: TimeConverter): Float64Array {
  const ms = new Float64Array(column.rowCount);
  if (column.kind === 'dictionary') {
    const byCode = Float64Array.from({ length: varCount(column.dictionary) }, (_, code) =>
      millisOf(dictionaryValue(column, code), converter),
    );
    for (let i = 0; i < ms.length; i++) ms[i] = byCode[column.codes[i]!]!;
    return ms;
  }
  const seen = new Map<CellValue, number>();
  for (let i = 0; i < ms.length; i++) {
    const value = elementAt(column, i);
    let time = seen.get(value);
    if (time === undefined) seen.set(value, (time = millisOf(value, converter)));
    ms[i] = time;
  }
  return ms;
}

function dictionaryValue(column: DictionaryColumn, code: number): CellValue {
  return elementAt({ ...column, codes: Uint32Array.of(code) }, 0);
}

function millisOf(value: CellValue, converter: TimeConverter): number {
  try {
    return converter.toMillis(value);
  } catch (error) {
    if (isSegmillError(error, 'VALUE_INVALID')) return NaN;
    throw error;
  }
}

function roundDictionary(
  column: DictionaryColumn,
  converter: TimeConverter,
  roundMs: number,
): Column {
  const texts = Array.from({ length: varCount(column.dictionary) }, (_, code) => {
    const value = dictionaryValue(column, code);
    const time = millisOf(value, converter);
    const rounded = Math.floor(time / roundMs) * roundMs;
    return String(Number.isNaN(time) ? value : converter.fromMillis(rounded));
  });
  const { dictionary, remap } = sortDictionary(varFromTexts(texts), column.dataType);
  const codes = remapCodes(column.codes, remap, varCount(dictionary));
  return { ...column, codes, dictionary, sorted: true };
}

function roundFixed(column: FixedColumn, converter: TimeConverter, ms: Float64Array): Column {
  const values = makeFixed(column.dataType, column.rowCount)!;
  const seen = new Map<number, CellValue>();
  for (let i = 0; i < ms.length; i++) {
    const time = ms[i]!;
    if (Number.isNaN(time)) {
      values[i] = column.values[i]!;
      continue;
    }
    let value = seen.get(time);
    if (value === undefined) seen.set(time, (value = converter.fromMillis(time)));
    values[i] = value as number & bigint;
  }
  return { ...column, values };
}
