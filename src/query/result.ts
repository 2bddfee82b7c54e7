// DuckDB's answers in the shape of Pinot's broker.
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBTimestampValue,
} from '@duckdb/node-api';
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { formatTimestamp } from '../config/timestamp.ts';
import { floatText } from '../columns/number-text.ts';

/** A value as JSON can hold it: LONGs beyond 2^53 stay bigint, infinities and BIG_DECIMAL are text, BYTES hex. */
export type ResultValue = null | boolean | number | bigint | string | readonly ResultValue[];

export interface ResultColumn {
  readonly name: string;
  /** Pinot's name: LONG, STRING, INT_ARRAY, ... */
  readonly dataType: string;
}

const pinotTypes: Readonly<Record<string, string>> = {
  BOOLEAN: 'BOOLEAN',
  TINYINT: 'INT',
  SMALLINT: 'INT',
  INTEGER: 'INT',
  UTINYINT: 'INT',
  USMALLINT: 'INT',
  UINTEGER: 'LONG',
  BIGINT: 'LONG',
  UBIGINT: 'LONG',
  // DuckDB sums integers in 128 bits, Pinot in doubles.
  HUGEINT: 'DOUBLE',
  FLOAT: 'FLOAT',
  DOUBLE: 'DOUBLE',
  VARCHAR: 'STRING',
  JSON: 'JSON',
  BLOB: 'BYTES',
};

export function pinotTypeOf(type: DuckDBType): string {
  const text = type.alias ?? type.toString();
  if (text.endsWith('[]'))
    return `${pinotTypes[text.slice(0, -2)] ?? elementType(text.slice(0, -2))}_ARRAY`;
  return pinotTypes[text] ?? elementType(text);
}

function elementType(text: string): string {
  if (text.startsWith('DECIMAL')) return 'BIG_DECIMAL';
  if (text.startsWith('TIMESTAMP')) return 'TIMESTAMP';
  return 'STRING';
}

export function resultValue(value: DuckDBValue, dataType: string): ResultValue {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return dataType === 'LONG' ? safeInteger(value) : Number(value);
  if (typeof value === 'number') return resultNumber(value, dataType);
  if (typeof value === 'string') return value;
  if (value instanceof DuckDBListValue) {
    const element = dataType.replace(/_ARRAY$/, '');
    return value.items.map((item) => resultValue(item, element));
  }
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('hex');
  if (value instanceof DuckDBTimestampValue) return formatTimestamp(Number(value.micros / 1000n));
  if (value instanceof DuckDBDecimalValue) return plainDecimal(value.toString());
  if (value instanceof DuckDBDateValue) return value.toString();
  return String(value);
}

function safeInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function resultNumber(value: number, dataType: string): ResultValue {
  if (!Number.isFinite(value)) return String(value);
  return dataType === 'FLOAT' ? Number(floatText(value)) : value;
}

function plainDecimal(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
