import { rowBytesMax } from '../../limits.ts';
import type { ByteSource } from './byte-source.ts';
import { boundedText } from './row-text.ts';
import type { UndecodableRow } from './row-batch.ts';

/** Whole lines of one chunk: line i is bytes[starts[i]..ends[i]) without its line feed, `base` the position of bytes[0]. */
export interface LineBlock {
  readonly bytes: Uint8Array;
  readonly base: number;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Position behind the last whole line. */
  readonly end: number;
  /** A line that was longer than `rowBytesMax`, told once its end was found; it comes before the block's lines. */
  readonly tooLong: UndecodableRow | null;
  /** The file's end: what stands behind the last line feed, else null. */
  readonly rest: Uint8Array | null;
}

const lineFeed = 10;

/**
 * Lines by byte position. `isEnd` says whether the line feed at an index ends a record, given the record's start:
 * always for NDJSON; not within quotes for CSV.
 */
export async function* readLines(
  source: ByteSource,
  start: number,
  recordEnd: (bytes: Uint8Array, from: number) => number = nextLineFeed,
): AsyncGenerator<LineBlock, void, undefined> {
  let held: Uint8Array = new Uint8Array(0);
  let base = start;
  let skipping: { readonly start: number; readonly text: string } | null = null;
  for await (const chunk of source.chunks(start)) {
    let bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let tooLong: UndecodableRow | null = null;
    if (skipping !== null) {
      const end = nextLineFeed(bytes, 0);
      if (end < 0) {
        base += bytes.length;
        held = new Uint8Array(0);
        continue;
      }
      base += end + 1;
      bytes = bytes.subarray(end + 1);
      tooLong = longRow(skipping, base);
      skipping = null;
    }
    const block = split(bytes, base, recordEnd, tooLong);
    yield block;
    held = bytes.subarray(block.end - base);
    base = block.end;
    if (held.length > rowBytesMax) {
      skipping = { start: base, text: boundedText(held) };
      base += held.length;
      held = new Uint8Array(0);
    }
  }
  const rest = skipping === null ? held : Buffer.from(skipping.text);
  const at = skipping === null ? base : skipping.start;
  yield { bytes: rest, base: at, starts: [], ends: [], end: at, tooLong: null, rest };
}

function split(
  bytes: Uint8Array,
  base: number,
  recordEnd: (bytes: Uint8Array, from: number) => number,
  tooLong: UndecodableRow | null,
): LineBlock {
  const starts: number[] = [];
  const ends: number[] = [];
  let from = 0;
  for (let end = recordEnd(bytes, from); end >= 0; end = recordEnd(bytes, from)) {
    starts.push(from);
    ends.push(end);
    from = end + 1;
  }
  return { bytes, base, starts, ends, end: base + from, tooLong, rest: null };
}

function nextLineFeed(bytes: Uint8Array, from: number): number {
  return bytes.indexOf(lineFeed, from);
}

function longRow(
  skipped: { readonly start: number; readonly text: string },
  end: number,
): UndecodableRow {
  return {
    kind: 'undecodable',
    reason: `the row has ${end - 1 - skipped.start} bytes, the limit is ${rowBytesMax}`,
    text: skipped.text,
    start: skipped.start,
    end,
  };
}
