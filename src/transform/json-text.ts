// The text under which a JSON column stores a value: no spaces, the keys of objects sorted, numbers as Pinot prints them.
import { Buffer } from 'node:buffer';
import { bigDecimalText, doubleText } from '../columns/number-text.ts';
import type { RawValue } from '../config/cell.ts';
import { plainDecimal } from '../config/decimal.ts';
import { parseJson, JsonError } from '../json/parse.ts';
import { NumberText } from '../json/value.ts';

/** JSON text of a decoded value. Members of objects in the order of their keys; text is quoted, never parsed. */
export function jsonTextOf(value: RawValue): string {
  return write(value, doubleLiteral, true);
}

/** Text into a JSON column: JSON is stored without spaces, members as they came; other text becomes a JSON string. */
export function normalisedJsonText(text: string): string {
  if (text.trim() === '') return '';
  try {
    return write(parseJson(text), String, false);
  } catch (error) {
    if (error instanceof JsonError) return JSON.stringify(text);
    throw error;
  }
}

function write(value: RawValue, literal: (x: number) => string, sortKeys: boolean): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? literal(value) : `"${value}"`;
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof NumberText) return numberTextLiteral(value.text);
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
  if (Array.isArray(value)) {
    return `[${value.map((item: RawValue) => write(item, literal, sortKeys)).join(',')}]`;
  }
  const members = Object.entries(value as { readonly [key: string]: RawValue });
  if (sortKeys) members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${write(item, literal, sortKeys)}`).join(',')}}`;
}

function doubleLiteral(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : doubleText(value);
}

function numberTextLiteral(text: string): string {
  const plain = plainDecimal(text);
  return plain === null ? text : bigDecimalText(plain);
}
