// A decoded value as a cell of its column (X-13 step 9, X-17, X-18): what converts and what does not follows Pinot, with
// one difference: a number outside the range of its column is an error here, it never wraps around or saturates.
import { Buffer } from 'node:buffer';
import { doubleText } from '../columns/number-text.ts';
import type { Cell, CellValue, RawValue } from '../config/cell.ts';
import { plainDecimal } from '../config/decimal.ts';
import { parseTimestamp } from '../config/timestamp.ts';
import type { DataType, Field } from '../config/types.ts';
import { isSegmillError, SegmillError } from '../errors.ts';
import { stringifyJson } from '../json/stringify.ts';
import { NumberText } from '../json/value.ts';
import { jsonTextOf, normalisedJsonText } from './json-text.ts';

/** What decides how a value is converted. */
export type ConvertField = Pick<Field, 'name' | 'dataType' | 'multiValue' | 'allowTrailingZeros'>;

type Scalar = boolean | number | bigint | string | NumberText | Uint8Array;

/**
 * The cell of a decoded value; null for null, for an empty array or object, for NaN, and for arrays of nothing else.
 * @throws SegmillError VALUE_INVALID with column, type and value
 */
export function convertCell(field: ConvertField, raw: RawValue): Cell {
  if (raw === null) return null;
  if (field.dataType === 'JSON') return jsonCell(field, raw);
  const value = standardised(field, raw, field.multiValue);
  if (value === null) return null;
  if (!field.multiValue) return convertOne(field, value as Scalar);
  const cells: CellValue[] = [];
  for (const element of Array.isArray(value) ? (value as Scalar[]) : [value as Scalar]) {
    const cell = convertOne(field, element);
    if (cell !== null) cells.push(cell);
  }
  return cells.length === 0 ? null : cells;
}

function jsonCell(field: ConvertField, raw: RawValue): Cell {
  const text = typeof raw === 'string' ? normalisedJsonText(raw) : jsonTextOf(raw);
  return field.multiValue ? [text] : text;
}

/** Nested arrays and objects opened to their values: none is null, one is that value, several only for multi value. */
function standardised(
  field: ConvertField,
  raw: RawValue,
  several: boolean,
): Scalar | Scalar[] | null {
  const items = itemsOf(raw);
  if (items === null) return raw as Scalar | null;
  if (items.length === 1) return standardised(field, items[0]!, several);
  const values: Scalar[] = [];
  for (const item of items) {
    const value = standardised(field, item, false);
    if (value !== null) values.push(value as Scalar);
  }
  if (values.length <= 1) return values[0] ?? null;
  if (!several) {
    throw invalid(field, raw, 'it holds several values, and the column is single-value');
  }
  return values;
}

function itemsOf(raw: RawValue): readonly RawValue[] | null {
  if (raw === null || typeof raw !== 'object') return null;
  if (raw instanceof NumberText || raw instanceof Uint8Array) return null;
  return Array.isArray(raw) ? (raw as readonly RawValue[]) : Object.values(raw);
}

/** One value; null for NaN. */
function convertOne(field: ConvertField, value: Scalar): CellValue | null {
  switch (field.dataType) {
    case 'INT': {
      const whole = wholeNumber(field, value);
      if (whole < -0x80000000n || whole > 0x7fffffffn) throw outOfRange(field, value);
      return Number(whole);
    }
    case 'LONG':
      return inLongRange(field, value, wholeNumber(field, value));
    case 'TIMESTAMP':
      return inLongRange(field, value, timestamp(field, value));
    case 'FLOAT':
      return specialValue(Math.fround(floating(field, value)));
    case 'DOUBLE':
      return specialValue(floating(field, value));
    case 'BIG_DECIMAL':
      return decimal(field, value);
    case 'BOOLEAN':
      return truth(field, value);
    case 'STRING':
      return textOf(value);
    case 'JSON':
      return jsonTextOf(value);
    case 'BYTES':
      return bytes(field, value);
  }
}

/** NaN is null, -0.0 is 0.0. */
function specialValue(value: number): number | null {
  return Number.isNaN(value) ? null : value + 0;
}

function wholeNumber(field: ConvertField, value: Scalar): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number' && Number.isFinite(value)) return BigInt(Math.trunc(value));
  if (typeof value === 'string') {
    const text = value.trim();
    if (/^[+-]?[0-9]{1,400}$/.test(text)) return BigInt(text.replace('+', ''));
  }
  if (value instanceof NumberText) return BigInt(decimal(field, value).replace(/\..*$/, ''));
  throw invalid(field, value, 'it is not an integer');
}

function inLongRange(field: ConvertField, value: Scalar, whole: bigint): bigint {
  if (BigInt.asIntN(64, whole) !== whole) throw outOfRange(field, value);
  return whole;
}

function timestamp(field: ConvertField, value: Scalar): bigint {
  if (typeof value === 'boolean' || value instanceof Uint8Array) {
    throw invalid(field, value, 'it is not a time');
  }
  if (typeof value !== 'string' || /^\s*[+-]?[0-9]+\s*$/.test(value)) {
    return wholeNumber(field, value);
  }
  try {
    return BigInt(parseTimestamp(value));
  } catch (error) {
    if (!isSegmillError(error, 'VALUE_INVALID')) throw error;
    throw invalid(field, value, 'expected epoch ms, "yyyy-MM-dd HH:mm:ss.SSS" or ISO text');
  }
}

const floatPattern =
  /^[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?)$/;

function floating(field: ConvertField, value: Scalar): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  if (value instanceof NumberText) return Number(value.text);
  if (typeof value === 'string') {
    const text = value.trim();
    if (floatPattern.test(text)) return parseFloat(text.replace(/^[+-]NaN/, 'NaN'));
  }
  throw invalid(field, value, 'it is not a number');
}

function decimal(field: ConvertField, value: Scalar): string {
  const plain = plainDecimal(decimalSource(value), field.allowTrailingZeros);
  if (plain === null) throw invalid(field, value, 'it is not a decimal number of bearable size');
  return plain;
}

function decimalSource(value: Scalar): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (value instanceof NumberText) return value.text;
  return value instanceof Uint8Array ? decimalOfBytes(value) : String(value);
}

/** Pinot's bytes of a BIG_DECIMAL: a scale of two bytes, then the digits in two's complement, both big-endian. */
function decimalOfBytes(bytes: Uint8Array): string {
  if (bytes.length < 3) return '';
  const digits = BigInt(`0x${Buffer.from(bytes.subarray(2)).toString('hex')}`);
  const scale = (bytes[0]! << 8) | bytes[1]!;
  return `${BigInt.asIntN((bytes.length - 2) * 8, digits)}e-${scale}`;
}

/** Pinot's rule for text: `true` in any case and `1` are true, all else is false. */
function truth(field: ConvertField, value: Scalar): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return /^(?:true|1)$/i.test(value.trim());
  if (value instanceof Uint8Array) throw invalid(field, value, 'it is not a truth value');
  if (value instanceof NumberText) return Number(value.text) !== 0;
  return typeof value === 'bigint' ? value !== 0n : value !== 0;
}

/** Text of one value as Java prints it; BYTES in hex. */
export function textOf(value: Scalar): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof NumberText) return value.text;
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return String(value);
  return doubleText(value);
}

function bytes(field: ConvertField, value: Scalar): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') {
    const hex = value.trim();
    if (hex.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(hex)) {
      return new Uint8Array(Buffer.from(hex, 'hex'));
    }
  }
  throw invalid(field, value, 'expected bytes as hex text');
}

function outOfRange(field: ConvertField, value: RawValue): SegmillError {
  return invalid(field, value, `it is outside the range of ${field.dataType}`);
}

const shownMax = 60;

/** The error of a value that its column cannot hold. */
export function invalid(
  field: Pick<Field, 'name'> & { readonly dataType: DataType },
  value: RawValue,
  why: string,
): SegmillError {
  const shown = shownValue(value);
  return new SegmillError(
    'VALUE_INVALID',
    `column ${field.name} (${field.dataType}) cannot hold ${shown}: ${why}`,
    { column: field.name, dataType: field.dataType, value: shown },
  );
}

/** A value for a message: JSON text, cut where it is long. */
export function shownValue(value: RawValue): string {
  if (value instanceof Uint8Array) return `bytes ${textOf(value.subarray(0, shownMax / 2))}`;
  const text =
    typeof value === 'string' ? JSON.stringify(value.slice(0, shownMax + 1)) : stringifyJson(value);
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}...`;
}
