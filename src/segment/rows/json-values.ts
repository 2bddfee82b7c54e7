import { isUtf8 } from 'node:buffer';
import { SegmillError } from '../../errors.ts';
import { JsonError, parseJson } from '../../json/parse.ts';
import { fingerprintBytes, rowBytesMax } from '../../limits.ts';
import type { ByteSource } from './byte-source.ts';
import { byteOrderMark } from './ndjson.ts';
import { isJsonObject, rowOfObject } from './row-batch.ts';
import type { ReadRow, RowBatches } from './row-batch.ts';
import { boundedText } from './row-text.ts';

/**
 * A JSON array of objects, or objects one after another over any number of lines. Positions are row numbers: row n is
 * the n-th element. An element that is no object is an undecodable row; so is what stands where the file breaks.
 * @throws SegmillError FILE_UNREADABLE when an array is not closed: nothing is read of a file still being written
 */
export async function* readJsonValues(source: ByteSource, start: number): RowBatches {
  if (source.byteLength !== null) await checkClosed(source, source.byteLength);
  const scanner = new ValueScanner();
  let row = 0;
  for await (const chunk of source.chunks(0)) {
    const rows: ReadRow[] = [];
    for (const value of scanner.push(chunk)) {
      if (row >= start) rows.push(valueRow(value, row));
      row++;
    }
    if (rows.length > 0) yield { rows, end: row, tail: null };
  }
  const rest = scanner.rest();
  const broken = rest !== null && row >= start;
  const rows: ReadRow[] = broken
    ? [undecodable('the file breaks off within this value', rest, row)]
    : [];
  yield { rows, end: Math.max(start, broken ? row + 1 : row), tail: null };
}

async function checkClosed(source: ByteSource, byteLength: number): Promise<void> {
  const head = await source.read(0, Math.min(byteLength, fingerprintBytes));
  if (firstByte(head) !== 0x5b) return;
  const tail = await source.read(Math.max(0, byteLength - fingerprintBytes), byteLength);
  const last = tail.findLast((byte) => !isSpace(byte));
  if (last === 0x5d) return;
  throw new SegmillError(
    'FILE_UNREADABLE',
    `${source.where} is a JSON array that is not closed after ${byteLength} bytes: it is broken off or still being written; nothing of it was read`,
    { path: source.where, byteLength },
  );
}

/** The first byte that is neither space nor byte-order mark, or undefined. */
export function firstByte(bytes: Uint8Array): number | undefined {
  return bytes.subarray(byteOrderMark(bytes)).find((byte) => !isSpace(byte));
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function valueRow(bytes: Uint8Array, row: number): ReadRow {
  if (bytes.length > rowBytesMax) {
    return undecodable(
      `the row has ${bytes.length} bytes, the limit is ${rowBytesMax}`,
      bytes,
      row,
    );
  }
  if (!isUtf8(bytes)) return undecodable('not valid UTF-8', bytes, row);
  try {
    const value = parseJson(Buffer.from(bytes).toString('utf8'));
    if (!isJsonObject(value)) return undecodable('not a JSON object', bytes, row);
    return { kind: 'row', row: rowOfObject(value), start: row, end: row + 1 };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return undecodable(`not valid JSON: ${error.message}`, bytes, row);
  }
}

function undecodable(reason: string, bytes: Uint8Array, row: number): ReadRow {
  return { kind: 'undecodable', reason, text: boundedText(bytes), start: row, end: row + 1 };
}

/**
 * Cuts a byte stream into JSON values by brackets and quotes alone. Commas between values and the brackets of one
 * outer array are not part of any value.
 */
class ValueScanner {
  #held: Uint8Array = new Uint8Array(0);
  #depth = 0;
  #inText = false;
  #escaped = false;
  #begun = false;
  #atStart = true;
  #inArray = false;
  #closed = false;

  *push(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let from = 0;
    for (let at = this.#held.length; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (!this.#begun) {
        if (this.#isBetween(byte)) {
          from = at + 1;
          continue;
        }
        this.#begun = true;
        from = at;
      }
      const over = this.#step(byte);
      if (over === 'within') continue;
      const end = over === 'after' ? at + 1 : at;
      yield bytes.subarray(from, end);
      this.#begun = false;
      from = at + 1;
      if (over === 'before' && byte === 0x5d) this.#closed = true;
    }
    this.#held = this.#begun ? bytes.subarray(from) : new Uint8Array(0);
  }

  /** A value that the end of the file cuts off, or a scalar that it ends; null when there is none. */
  rest(): Uint8Array | null {
    return this.#held.length > 0 ? this.#held : null;
  }

  #isBetween(byte: number): boolean {
    if (isSpace(byte) || byte === 0xef || byte === 0xbb || byte === 0xbf) return true;
    if (this.#atStart) {
      this.#atStart = false;
      this.#inArray = byte === 0x5b;
      return this.#inArray;
    }
    if (byte === 0x2c) return true;
    if (this.#inArray && !this.#closed && byte === 0x5d) {
      this.#closed = true;
      return true;
    }
    return false;
  }

  /** Whether the value goes on, ends with this byte, or ended before it (a scalar at a comma, bracket or space). */
  #step(byte: number): 'within' | 'after' | 'before' {
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === 0x5c) this.#escaped = true;
      else if (byte === 0x22) {
        this.#inText = false;
        return this.#depth === 0 ? 'after' : 'within';
      }
      return 'within';
    }
    if (byte === 0x22) this.#inText = true;
    else if (byte === 0x7b || byte === 0x5b) this.#depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      if (this.#depth === 0) return byte === 0x5d && this.#inArray ? 'before' : 'after';
      return --this.#depth === 0 ? 'after' : 'within';
    } else if (this.#depth === 0 && (byte === 0x2c || isSpace(byte))) return 'before';
    return 'within';
  }
}
