// DuckDB's answers in the shape of Pinot's broker.
import {
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
} from '@duckdb/node-api';
import type { DuckDBResult, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { SegmillError } from '../errors.ts';
import { formatTimestamp } from '../config/timestamp.ts';
import { floatText } from '../columns/number-text.ts';

/** A value as JSON can hold it: LONGs beyond 2^53 stay bigint, infinities and BIG_DECIMAL are text, BYTES hex. */
export type ResultValue = null | boolean | number | bigint | string | readonly ResultValue[];

export interface ResultColumn {
  readonly name: string;
  /** Pinot's name: LONG, STRING, INT_ARRAY, ... */
  readonly dataType: string;
}

interface ReadOptions {
  readonly stop: AbortSignal;
  /** About what the rows may take. */
  readonly bytesMax: number;
  /** Names under which text is a BIG_DECIMAL. */
  readonly bigDecimals: ReadonlySet<string>;
  /** False: a DECIMAL comes from literals alone (`v * 1.5`), which are DOUBLE in Pinot. */
  readonly exactDecimals: boolean;
}

/** @throws SegmillError MEMORY_CAP; the signal's reason */
export async function readAnswer(
  result: DuckDBResult,
  options: ReadOptions,
): Promise<{ columns: ResultColumn[]; rows: ResultValue[][] }> {
  const columns = result.columnNames().map((name, i): ResultColumn => {
    const type = pinotTypeOf(result.columnType(i), options.exactDecimals);
    const isText = options.bigDecimals.has(name) && /^STRING(_ARRAY)?$/.test(type);
    return { name, dataType: isText ? type.replace('STRING', 'BIG_DECIMAL') : type };
  });
  const rows: ResultValue[][] = [];
  let bytes = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    options.stop.throwIfAborted();
    if (chunk === null || chunk.rowCount === 0) return { columns, rows };
    for (const row of chunk.getRows()) {
      const values = row.map((value, i) => resultValue(value, columns[i]!.dataType));
      for (const value of values) bytes += bytesOf(value);
      rows.push(values);
    }
    if (bytes > options.bytesMax) throw tooLarge(rows.length, bytes, options.bytesMax);
  }
}

function tooLarge(rowCount: number, bytes: number, limit: number): SegmillError {
  return new SegmillError(
    'MEMORY_CAP',
    `the result takes more than ${limit} bytes (${rowCount} rows so far): add a LIMIT, aggregate, or raise --memory`,
    { rowCount, bytes, limit },
  );
}

function bytesOf(value: ResultValue): number {
  if (typeof value === 'string') return 24 + 2 * value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, v) => sum + bytesOf(v), 32);
  return 16;
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
  UHUGEINT: 'DOUBLE',
  FLOAT: 'FLOAT',
  DOUBLE: 'DOUBLE',
  VARCHAR: 'STRING',
  JSON: 'JSON',
  BLOB: 'BYTES',
};

function pinotTypeOf(type: DuckDBType, exactDecimals: boolean): string {
  const text = type.alias ?? type.toString();
  const isList = text.endsWith('[]');
  const element = isList ? text.slice(0, -2) : text;
  const pinot = pinotTypes[element] ?? otherType(element, exactDecimals);
  return isList ? `${pinot}_ARRAY` : pinot;
}

function otherType(text: string, exactDecimals: boolean): string {
  if (/^DECIMAL\([0-9, ]+\)$/.test(text)) return exactDecimals ? 'BIG_DECIMAL' : 'DOUBLE';
  return /^TIMESTAMP(_| WITH TIME ZONE$|$)/.test(text) ? 'TIMESTAMP' : 'STRING';
}

function resultValue(value: DuckDBValue, dataType: string): ResultValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return dataType === 'LONG' ? safeInteger(value) : Number(value);
  if (typeof value === 'number') return resultNumber(value, dataType);
  if (value instanceof DuckDBListValue) {
    const element = dataType.replace(/_ARRAY$/, '');
    return value.items.map((item) => resultValue(item, element));
  }
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('hex');
  if (value instanceof DuckDBDecimalValue) {
    return dataType === 'DOUBLE' ? Number(value.toString()) : plainDecimal(value.toString());
  }
  return timestampText(value) ?? String(value);
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

/** The last moment that a Date of JavaScript holds, either way; infinite timestamps lie beyond. */
const dateMsMax = 8_640_000_000_000_000;

/** Null: no timestamp, or one that has no date. */
function timestampText(value: DuckDBValue): string | null {
  const ms = millisOf(value);
  return ms === null || Math.abs(ms) > dateMsMax ? null : formatTimestamp(ms);
}

function millisOf(value: DuckDBValue): number | null {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return Math.floor(Number(value.micros) / 1000);
  if (value instanceof DuckDBTimestampMillisecondsValue) return Number(value.millis);
  if (value instanceof DuckDBTimestampSecondsValue) return Number(value.seconds) * 1000;
  if (value instanceof DuckDBTimestampNanosecondsValue)
    return Math.floor(Number(value.nanos / 1000n) / 1000);
  return null;
}
