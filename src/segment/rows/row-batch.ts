// What every reader of rows yields. Positions are bytes for text that grows by lines (NDJSON, CSV) and row numbers for
// files that never grow (JSON arrays, Avro, Parquet): half-open, so `end` of one batch is `start` of the next.
import type { RawRow } from '../../config/cell.ts';
import type { JsonValue } from '../../json/value.ts';

export interface DecodedRow {
  readonly kind: 'row';
  readonly row: RawRow;
  readonly start: number;
  readonly end: number;
}

/** A row that could not be decoded: why, and its text as far as it is kept. */
export interface UndecodableRow {
  readonly kind: 'undecodable';
  readonly reason: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export type ReadRow = DecodedRow | UndecodableRow;

/** The end of a text file that is no whole row yet: left unread, reported. */
export interface UnreadTail {
  readonly start: number;
  readonly byteLength: number;
  readonly text: string;
}

export interface RowBatch {
  readonly rows: readonly ReadRow[];
  /** Where the next batch begins; skipped empty lines included. */
  readonly end: number;
  /** Only in the last batch. */
  readonly tail: UnreadTail | null;
}

export type RowBatches = AsyncGenerator<RowBatch, void, undefined>;

/** The members of a decoded object as a row. */
export function rowOfObject(value: { readonly [key: string]: JsonValue }): RawRow {
  return new Map(Object.entries(value));
}

/** True for a JSON object (no array, no scalar, no number kept as text). */
export function isJsonObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}
