import type { CellValue } from './cell.ts';
import { plainDecimal } from './decimal.ts';
import { parseTimestamp } from './timestamp.ts';
import type { DataType, FieldRole } from './types.ts';
import { isSegmillError } from '../errors.ts';

/** what a null is stored as when the schema names nothing else. */
export function builtInDefault(dataType: DataType, role: FieldRole): CellValue {
  const metric = role === 'METRIC';
  switch (dataType) {
    case 'INT':
      return metric ? 0 : -(2 ** 31);
    case 'LONG':
      return metric ? 0n : -(2n ** 63n);
    case 'FLOAT':
    case 'DOUBLE':
      return metric ? 0 : -Infinity;
    case 'BIG_DECIMAL':
      return '0';
    case 'BOOLEAN':
      return false;
    case 'TIMESTAMP':
      return 0n;
    case 'STRING':
    case 'JSON':
      return 'null';
    case 'BYTES':
      return new Uint8Array(0);
  }
}

/** A default as text -> value of the type; null when it is none. */
export function parseDefault(
  text: string,
  dataType: DataType,
  keepTrailingZeros: boolean,
): CellValue | null {
  switch (dataType) {
    case 'INT':
      return whole(text, 2n ** 31n) === null ? null : Number(text);
    case 'LONG':
      return whole(text, 2n ** 63n);
    case 'FLOAT': {
      const value = double(text);
      return value === null ? null : Math.fround(value);
    }
    case 'DOUBLE':
      return double(text);
    case 'BIG_DECIMAL':
      return plainDecimal(text, keepTrailingZeros);
    case 'BOOLEAN':
      return /^(true|1|1\.0)$/i.test(text) ? true : /^(false|0|0\.0)$/i.test(text) ? false : null;
    case 'TIMESTAMP':
      return timestamp(text);
    case 'STRING':
    case 'JSON':
      return text;
    case 'BYTES':
      return /^([0-9a-f]{2})*$/i.test(text) ? new Uint8Array(Buffer.from(text, 'hex')) : null;
  }
}

function whole(text: string, bound: bigint): bigint | null {
  if (!/^[+-]?\d{1,20}$/.test(text)) return null;
  const value = BigInt(text.replace('+', ''));
  return value >= -bound && value < bound ? value : null;
}

function double(text: string): number | null {
  if (/^[+-]?(Infinity|NaN)$/.test(text)) return Number(text.replace(/^[+-](?=NaN)/, ''));
  const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
  return number ? Number(text) : null;
}

function timestamp(text: string): bigint | null {
  try {
    return BigInt(parseTimestamp(text));
  } catch (error) {
    if (isSegmillError(error, 'VALUE_INVALID')) return null;
    throw error;
  }
}
