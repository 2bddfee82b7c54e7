import { isUtf8 } from 'node:buffer';
import { JsonError, parseJson } from '../../json/parse.ts';
import { rowBytesMax } from '../../limits.ts';
import type { ByteSource } from './byte-source.ts';
import { readLines } from './lines.ts';
import type { LineBlock } from './lines.ts';
import { isJsonObject, rowOfObject } from './row-batch.ts';
import type { ReadRow, RowBatch, RowBatches, UnreadTail } from './row-batch.ts';
import { boundedText } from './row-text.ts';

/**
 * One JSON object a line. Empty lines and a byte-order mark at the start are skipped; a line that is no object, or no
 * UTF-8, is an undecodable row. What stands behind the last line feed is a row if it is a whole object, else the tail.
 */
export async function* readNdjson(source: ByteSource, start: number): RowBatches {
  for await (const block of readLines(source, start)) {
    if (block.rest === null) yield { rows: blockRows(block), end: block.end, tail: null };
    else yield lastBatch(block.rest, block.base);
  }
}

function blockRows(block: LineBlock): ReadRow[] {
  const rows: ReadRow[] = block.tooLong === null ? [] : [block.tooLong];
  const bytes = Buffer.from(block.bytes.buffer, block.bytes.byteOffset, block.bytes.length);
  const valid = isUtf8(bytes.subarray(0, block.end - block.base));
  for (let i = 0; i < block.starts.length; i++) {
    const row = lineRow(bytes, block.starts[i]!, block.ends[i]!, block.base, 1, valid);
    if (row !== null) rows.push(row);
  }
  return rows;
}

/** Null: an empty line. `gap` bytes of line end follow. */
function lineRow(
  bytes: Buffer,
  from: number,
  to: number,
  base: number,
  gap: number,
  knownUtf8: boolean,
): ReadRow | null {
  const first = base + from === 0 ? from + byteOrderMark(bytes) : from;
  const place = { bytes, first, to, start: base + from, end: base + to + gap };
  if (to - first > rowBytesMax) {
    return undecodable(place, `the row has ${to - first} bytes, the limit is ${rowBytesMax}`);
  }
  if (!knownUtf8 && !isUtf8(bytes.subarray(first, to)))
    return undecodable(place, 'not valid UTF-8');
  const text = bytes.toString('utf8', first, to);
  try {
    const value = parseJson(text);
    if (!isJsonObject(value)) return undecodable(place, 'not a JSON object');
    return { kind: 'row', row: rowOfObject(value), start: place.start, end: place.end };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return text.trim() === '' ? null : undecodable(place, `not valid JSON: ${error.message}`);
  }
}

interface Place {
  readonly bytes: Buffer;
  readonly first: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

function undecodable({ bytes, first, to, start, end }: Place, reason: string): ReadRow {
  return { kind: 'undecodable', reason, text: boundedText(bytes.subarray(first, to)), start, end };
}

function lastBatch(rest: Uint8Array, base: number): RowBatch {
  const bytes = Buffer.from(rest.buffer, rest.byteOffset, rest.length);
  const row = lineRow(bytes, 0, bytes.length, base, 0, false);
  if (row === null) return { rows: [], end: base, tail: null };
  if (row.kind === 'row') return { rows: [row], end: base + bytes.length, tail: null };
  return { rows: [], end: base, tail: tailOf(bytes, base) };
}

export function tailOf(bytes: Uint8Array, start: number): UnreadTail {
  return { start, byteLength: bytes.length, text: boundedText(bytes) };
}

/** Bytes of the mark at the start of a file: 3 or 0. */
export function byteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}
