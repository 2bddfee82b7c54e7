import type { Schema } from '../../../src/config/types.ts';
import { bytesSource, pipeSource } from '../../../src/segment/rows/byte-source.ts';
import type { ByteSource } from '../../../src/segment/rows/byte-source.ts';
import type { RowFormat } from '../../../src/segment/rows/format.ts';
import { readRows } from '../../../src/segment/rows/read-rows.ts';
import type { ReadRow, UnreadTail } from '../../../src/segment/rows/row-batch.ts';

export const noFields: Schema = {
  schemaName: 't',
  fields: [],
  primaryKeyColumns: [],
  columnBasedNullHandling: false,
};

export interface ReadAll {
  readonly rows: readonly ReadRow[];
  readonly end: number;
  readonly tail: UnreadTail | null;
}

export async function readAll(
  source: ByteSource,
  format: RowFormat,
  start = 0,
  schema: Schema = noFields,
): Promise<ReadAll> {
  const rows: ReadRow[] = [];
  let end = start;
  let tail: UnreadTail | null = null;
  for await (const batch of readRows(source, { format, start, schema })) {
    rows.push(...batch.rows);
    end = batch.end;
    tail = batch.tail;
  }
  return { rows, end, tail };
}

export function textSource(text: string | Uint8Array): ByteSource {
  return bytesSource(typeof text === 'string' ? Buffer.from(text) : text, 'test');
}

/** A pipe that gives the bytes in pieces of the given lengths, then the rest. */
export function pieces(bytes: Uint8Array, lengths: readonly number[]): ByteSource {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let at = 0;
    for (const length of lengths) {
      if (at >= bytes.length) return;
      yield bytes.subarray(at, at + length);
      at += length;
    }
    if (at < bytes.length) yield bytes.subarray(at);
  }
  return pipeSource(chunks(), 'test');
}

/** Rows as plain objects, undecodable ones as their reason. */
export function shown(rows: readonly ReadRow[]): unknown[] {
  return rows.map((row) => (row.kind === 'row' ? Object.fromEntries(row.row) : row.reason));
}

export function spans(rows: readonly ReadRow[]): [number, number][] {
  return rows.map(({ start, end }) => [start, end]);
}
