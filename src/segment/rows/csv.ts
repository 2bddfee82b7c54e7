import { isUtf8 } from 'node:buffer';
import { CsvError, parse } from 'csv-parse/sync';
import type { RawRow, RawValue } from '../../config/cell.ts';
import { SegmillError } from '../../errors.ts';
import { rowBytesMax } from '../../limits.ts';
import type { ByteSource } from './byte-source.ts';
import { readLines } from './lines.ts';
import type { LineBlock } from './lines.ts';
import { byteOrderMark, tailOf } from './ndjson.ts';
import type { ReadRow, RowBatches } from './row-batch.ts';
import { boundedText } from './row-text.ts';

export interface CsvOptions {
  /** One character. */
  readonly delimiter: string;
  /** Splits the cells of `multiValueColumns`. */
  readonly multiValueDelimiter: string;
  readonly multiValueColumns: ReadonlySet<string>;
  /** Column names; null: the first record holds them. */
  readonly header: readonly string[] | null;
}

export const csvDefaults: CsvOptions = {
  delimiter: ',',
  multiValueDelimiter: ';',
  multiValueColumns: new Set(),
  header: null,
};

/**
 * Records by RFC 4180: quotes double, line feeds within quotes, spaces around cells dropped, an empty cell is null.
 * A record with another number of cells than the header, a bad quote or no UTF-8 is an undecodable row.
 */
export async function* readCsv(source: ByteSource, start: number, options: CsvOptions): RowBatches {
  let header = options.header;
  if (header === null && start > 0) header = await readHeader(source, options);
  for await (const block of readLines(source, start, recordEndOf(options.delimiter))) {
    const records = recordsOf(block);
    if (header === null && block.rest !== null && records.length > 0) {
      yield { rows: [], end: block.base, tail: tailOf(block.rest, block.base) };
      continue;
    }
    if (header === null && records.length > 0) {
      const first = records.shift()!;
      header = headerOf(block.bytes.subarray(first.from, first.to), options, source.where);
    }
    const rows = header === null ? [] : rowsOf(block, records, header, options);
    if (block.rest === null) {
      yield {
        rows: block.tooLong === null ? rows : [block.tooLong, ...rows],
        end: block.end,
        tail: null,
      };
      continue;
    }
    const last = rows[0];
    if (last?.kind === 'undecodable')
      yield { rows: [], end: block.base, tail: tailOf(block.rest, block.base) };
    else yield { rows, end: block.base + (header === null ? 0 : block.rest.length), tail: null };
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly next: number;
}

function recordsOf(block: LineBlock): Span[] {
  const spans = block.starts.map((from, i) => ({
    from,
    to: block.ends[i]!,
    next: block.ends[i]! + 1,
  }));
  const rest = block.rest;
  if (rest !== null) spans.push({ from: 0, to: rest.length, next: rest.length });
  return spans
    .map((span) => ({ ...span, from: contentStart(block, span.from) }))
    .filter((span) => !isBlank(block.bytes.subarray(span.from, span.to)));
}

function contentStart(block: LineBlock, from: number): number {
  return block.base + from === 0 ? byteOrderMark(block.bytes) : from;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}

function rowsOf(
  block: LineBlock,
  records: readonly Span[],
  header: readonly string[],
  options: CsvOptions,
): ReadRow[] {
  const whole = parseTogether(block, records, options);
  return records.map((span, i) => {
    const bytes = block.bytes.subarray(span.from, span.to);
    const place = { start: block.base + span.from, end: block.base + span.next };
    const cells = whole?.[i] ?? parseRecord(bytes, options);
    const reason =
      typeof cells === 'string'
        ? cells
        : cells.length === header.length
          ? null
          : `${cells.length} cells, the header has ${header.length}`;
    if (typeof cells === 'string' || reason !== null) {
      return { kind: 'undecodable', reason: reason ?? '', text: boundedText(bytes), ...place };
    }
    return { kind: 'row', row: rowOf(header, cells, options), ...place };
  });
}

/** All records of a block at once, the quick way; null when one of them is bad. */
function parseTogether(
  block: LineBlock,
  records: readonly Span[],
  options: CsvOptions,
): string[][] | null {
  const first = records[0];
  const last = records.at(-1);
  if (first === undefined || last === undefined) return [];
  const bytes = block.bytes.subarray(first.from, last.to);
  if (!isUtf8(bytes)) return null;
  const found = parseCells(bytes, options);
  return typeof found !== 'string' && found.length === records.length ? found : null;
}

function parseRecord(bytes: Uint8Array, options: CsvOptions): string[] | string {
  if (!isUtf8(bytes)) return 'not valid UTF-8';
  if (bytes.length > rowBytesMax)
    return `the row has ${bytes.length} bytes, the limit is ${rowBytesMax}`;
  const found = parseCells(bytes, options);
  if (typeof found === 'string') return found;
  return found.length === 1 ? found[0]! : `not one CSV record but ${found.length}`;
}

function parseCells(bytes: Uint8Array, options: CsvOptions): string[][] | string {
  try {
    return parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
      delimiter: options.delimiter,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return `not valid CSV: ${error.message}`;
  }
}

function rowOf(header: readonly string[], cells: readonly string[], options: CsvOptions): RawRow {
  return new Map(
    header.map((name, i): [string, RawValue] => {
      const cell = cells[i]!;
      if (cell === '') return [name, null];
      if (!options.multiValueColumns.has(name)) return [name, cell];
      return [name, cell.split(options.multiValueDelimiter).filter((part) => part !== '')];
    }),
  );
}

async function readHeader(source: ByteSource, options: CsvOptions): Promise<readonly string[]> {
  for await (const block of readLines(source, 0, recordEndOf(options.delimiter))) {
    const first = recordsOf(block)[0];
    if (first !== undefined) {
      return headerOf(block.bytes.subarray(first.from, first.to), options, source.where);
    }
  }
  return [];
}

function headerOf(bytes: Uint8Array, options: CsvOptions, where: string): string[] {
  const names = parseRecord(bytes, options);
  const twice = typeof names === 'string' ? null : names.find((name, i) => names.indexOf(name) < i);
  if (typeof names !== 'string' && twice === undefined && !names.includes('')) return names;
  const fault =
    typeof names === 'string'
      ? names
      : twice === undefined
        ? 'a column without a name'
        : `column ${twice} twice`;
  throw new SegmillError('FILE_UNREADABLE', `the header of ${where} cannot be used: ${fault}`, {
    path: where,
  });
}

/** Finds the line feed that ends the record starting at `from`: quotes count only where a cell begins, or double. */
function recordEndOf(delimiter: string): (bytes: Uint8Array, from: number) => number {
  const cut = delimiter.charCodeAt(0);
  return (bytes, from) => {
    const plain = bytes.indexOf(10, from);
    const quote = bytes.indexOf(34, from);
    if (plain < 0 || quote < 0 || quote > plain) return plain;
    let cellStart = true;
    let quoted = false;
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (quoted) {
        if (byte === 34) quoted = false;
      } else if (byte === 10) return at;
      else if (byte === 34 && cellStart) quoted = true;
      else cellStart = byte === cut || (cellStart && byte === 32);
    }
    return -1;
  };
}
