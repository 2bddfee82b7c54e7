// A column chunk: an optional dictionary page, then data pages (version 1: every reader takes it, and a required column's
// plain values can be compressed where they lie).
import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { invariant } from '../../errors.ts';
import { hybridBytesMax, writeHybrid } from '../../kernels/run-length.ts';
import { compactChunk, makeChunk } from './chunk.ts';
import type { Chunk, ColumnShape, ColumnSlice } from './chunk.ts';
import type { Compressor } from './compress.ts';
import { fixedPages } from './fixed-pages.ts';
import { encoding, pageType } from './format.ts';
import type { Extremes, PageValues } from './page-values.ts';
import { ThriftWriter } from './thrift-writer.ts';
import { codePages, lengthPages, unfoldedPages } from './var-pages.ts';

/** Statistics as bytes; a long value is cut and then not exact. */
export interface Bounds {
  readonly least: Uint8Array;
  readonly most: Uint8Array;
  readonly leastExact: boolean;
  readonly mostExact: boolean;
}

export interface WrittenPage {
  /** From the chunk's start. */
  readonly offset: number;
  readonly byteLength: number;
  readonly firstRow: number;
  readonly nullCount: number;
  readonly valueCount: number;
  readonly bounds: Bounds | null;
}

export interface WrittenChunk {
  readonly parts: readonly Uint8Array[];
  readonly byteLength: number;
  readonly uncompressedBytes: number;
  readonly entryCount: number;
  readonly nullCount: number;
  readonly encoding: number;
  readonly hasDictionary: boolean;
  readonly dictionaryBytes: number;
  readonly distinctCount: number | null;
  readonly bounds: Bounds | null;
  readonly pages: readonly WrittenPage[];
  /** The pages' bounds rise from one to the next. */
  readonly rising: boolean;
  /** Of all page headers one after the other: the pages' own CRCs do not cover them. */
  readonly headersCrc: number;
}

/** Longest value kept whole in statistics. */
const boundBytesMax = 64;

export function writeChunk(
  shape: ColumnShape,
  slices: readonly ColumnSlice[],
  compressor: Compressor,
  known: readonly [bigint, bigint] | null = null,
): WrittenChunk {
  const chunk = makeChunk(shape, slices);
  const values = pageValuesOf(chunk, known);
  const writer = new ChunkWriter(shape, chunk, values, compressor);
  return writer.run();
}

function pageValuesOf(chunk: Chunk, known: readonly [bigint, bigint] | null): PageValues {
  const { values } = chunk;
  switch (values.kind) {
    case 'fixed':
      return fixedPages(values.values, known);
    case 'bytes':
      return lengthPages(values.values);
    case 'codes': {
      const compact = compactChunk(values.codes, values.dictionary);
      return compact === null
        ? unfoldedPages(values.codes, values.dictionary)
        : codePages(compact.codes, compact.dictionary);
    }
  }
}

let scratch: Uint8Array = new Uint8Array(1 << 18);

function scratchOf(byteLength: number): Uint8Array {
  if (scratch.length < byteLength) scratch = new Uint8Array(byteLength + (byteLength >>> 1));
  return scratch;
}

interface PageRange {
  readonly entry: number;
  readonly entryEnd: number;
  readonly value: number;
  readonly valueEnd: number;
}

class ChunkWriter {
  readonly #shape: ColumnShape;
  readonly #chunk: Chunk;
  readonly #values: PageValues;
  readonly #compressor: Compressor;
  readonly #parts: Uint8Array[] = [];
  readonly #pages: WrittenPage[] = [];
  readonly #thrift = new ThriftWriter();
  #byteLength = 0;
  #uncompressed = 0;
  #headersCrc = 0;

  constructor(shape: ColumnShape, chunk: Chunk, values: PageValues, compressor: Compressor) {
    this.#shape = shape;
    this.#chunk = chunk;
    this.#values = values;
    this.#compressor = compressor;
  }

  run(): WrittenChunk {
    const values = this.#values;
    if (values.dictionary !== null) this.#dictionaryPage(values.dictionary);
    const dictionaryBytes = this.#byteLength;
    let extremes: Extremes | null = null;
    let last: Extremes | null = null;
    let ordered = true;
    let rising = true;
    let row = 0;
    for (let entry = 0, value = 0; entry < this.#chunk.entryCount;) {
      const range = this.#range(entry, value);
      const found = values.extremes(range.value, range.valueEnd);
      if (found === null) ordered &&= range.value === range.valueEnd;
      else {
        const { compare } = values;
        if (last !== null)
          rising &&= compare(last[0], found[0]) <= 0 && compare(last[1], found[1]) <= 0;
        last = found;
        extremes = extremes === null ? found : this.#widest(extremes, found);
      }
      row += this.#dataPage(range, row, found);
      entry = range.entryEnd;
      value = range.valueEnd;
    }
    return {
      parts: this.#parts,
      byteLength: this.#byteLength,
      uncompressedBytes: this.#uncompressed,
      entryCount: this.#chunk.entryCount,
      nullCount: this.#chunk.nullCount,
      encoding: values.encoding,
      hasDictionary: values.dictionary !== null,
      dictionaryBytes,
      distinctCount: values.dictionary?.count ?? null,
      bounds: ordered && extremes !== null ? this.#bounds(extremes) : null,
      pages: this.#pages,
      rising,
      headersCrc: this.#headersCrc,
    };
  }

  #widest(a: Extremes, b: Extremes): Extremes {
    const { compare } = this.#values;
    const least = compare(b[0], a[0]) < 0 ? b[0] : a[0];
    const most = compare(b[1], a[1]) > 0 ? b[1] : a[1];
    return [least, most] as Extremes;
  }

  /** The entries and values of the next page; a list is never cut. */
  #range(entry: number, value: number): PageRange {
    const valueEnd = this.#values.end(value);
    const { definition, repetition, entryCount } = this.#chunk;
    if (definition === null) return { entry, entryEnd: valueEnd, value, valueEnd };
    const present = this.#shape.multiValue ? 2 : 1;
    let entryEnd = entry;
    let at = value;
    for (; entryEnd < entryCount; entryEnd++) {
      const starts = repetition === null || repetition[entryEnd] === 0;
      if (at >= valueEnd && starts && at > value) break;
      if (definition[entryEnd] === present) at++;
    }
    return { entry, entryEnd, value, valueEnd: at };
  }

  #dictionaryPage({ bytes, count }: { readonly bytes: Uint8Array; readonly count: number }): void {
    this.#page(pageType.DICTIONARY, bytes, (thrift) => {
      thrift.begin(7);
      thrift.i32(1, count);
      thrift.i32(2, encoding.PLAIN);
      thrift.end();
    });
  }

  /** Returns the rows of the page. */
  #dataPage(range: PageRange, firstRow: number, extremes: Extremes | null): number {
    const { entry, entryEnd } = range;
    const offset = this.#byteLength;
    const { definition, repetition } = this.#chunk;
    this.#page(pageType.DATA, this.#body(range), (thrift) => {
      thrift.begin(5);
      thrift.i32(1, entryEnd - entry);
      thrift.i32(2, this.#values.encoding);
      thrift.i32(3, encoding.RLE);
      thrift.i32(4, encoding.RLE);
      thrift.end();
    });
    let rows = entryEnd - entry;
    let nulls = 0;
    if (definition !== null) {
      const list = repetition !== null;
      rows = 0;
      for (let i = entry; i < entryEnd; i++) {
        if (!list || repetition[i] === 0) rows++;
        if (definition[i] === 0) nulls++;
      }
    }
    this.#pages.push({
      offset,
      byteLength: this.#byteLength - offset,
      firstRow,
      nullCount: nulls,
      valueCount: range.valueEnd - range.value,
      bounds: extremes === null ? null : this.#bounds(extremes),
    });
    return rows;
  }

  #body({ entry, entryEnd, value, valueEnd }: PageRange): Uint8Array {
    const values = this.#values;
    const { optional, multiValue } = this.#shape;
    if (!optional && !multiValue) {
      const view = values.view(value, valueEnd);
      if (view !== null) return view;
    }
    const count = entryEnd - entry;
    const out = scratchOf(2 * (4 + hybridBytesMax(count, 2)) + values.bytesMax(value, valueEnd));
    let at = 0;
    if (multiValue) {
      at = writeLevels(this.#chunk.repetition!, entry, entryEnd, 1, out, at);
      const definition = this.#chunk.definition!;
      // A required list has no level for a null list: empty is 0 and present 1.
      const levels = optional ? definition : lowered(definition.subarray(entry, entryEnd));
      const from = optional ? entry : 0;
      at = writeLevels(levels, from, from + count, optional ? 2 : 1, out, at);
    } else if (optional) {
      const { definition } = this.#chunk;
      at =
        definition === null
          ? writeLevels(new Uint32Array(count).fill(1), 0, count, 1, out, at)
          : writeLevels(definition, entry, entryEnd, 1, out, at);
    }
    const end = values.write(value, valueEnd, out, at);
    return out.subarray(0, end);
  }

  #page(type: number, body: Uint8Array, header: (thrift: ThriftWriter) => void): void {
    const packed = this.#compressor.compress(body);
    invariant(body.length < 2 ** 31, () => `a page of ${body.length} bytes`);
    const thrift = this.#thrift;
    thrift.i32(1, type);
    thrift.i32(2, body.length);
    thrift.i32(3, packed.length);
    thrift.i32(4, crc32(packed) | 0);
    header(thrift);
    thrift.end();
    const head = thrift.take();
    this.#headersCrc = crc32(head, this.#headersCrc);
    this.#parts.push(head, packed);
    this.#byteLength += head.length + packed.length;
    this.#uncompressed += head.length + body.length;
  }

  #bounds([least, most]: Extremes): Bounds | null {
    const low = this.#values.bound(least);
    const high = this.#values.bound(most);
    if (low.length <= boundBytesMax && high.length <= boundBytesMax) {
      return { least: low.slice(), most: high.slice(), leastExact: true, mostExact: true };
    }
    const text = this.#shape.dataType !== 'BYTES';
    const leastExact = low.length <= boundBytesMax;
    const mostExact = high.length <= boundBytesMax;
    const raised = mostExact ? high : cutAbove(high, text);
    if (raised === null) return null;
    return {
      least: low.slice(0, leastExact ? low.length : cutAt(low, text)),
      most: raised.slice(),
      leastExact,
      mostExact,
    };
  }
}

function writeLevels(
  levels: Uint32Array,
  from: number,
  to: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  const end = writeHybrid(levels, from, to, width, out, at + 4);
  new DataView(out.buffer, out.byteOffset).setUint32(at, end - at - 4, true);
  return end;
}

function lowered(levels: Uint32Array): Uint32Array {
  return levels.map((level) => level - 1);
}

/** Where to cut, not inside a UTF-8 character. */
function cutAt(bytes: Uint8Array, text: boolean): number {
  let at = boundBytesMax;
  if (text) while (at > 0 && (bytes[at]! & 0xc0) === 0x80) at--;
  return at;
}

/** A short value above all that begin like `bytes`: cut, the last character that can grow raised; null when none can. */
function cutAbove(bytes: Uint8Array, text: boolean): Uint8Array | null {
  for (let at = cutAt(bytes, text) - 1; at >= 0; at--) {
    const byte = bytes[at]!;
    // The last byte of a character may grow within its range; a lead byte of several stays.
    const most = !text ? 0xff : byte < 0x80 ? 0x7f : byte < 0xc0 ? 0xbf : 0;
    if (byte >= most) continue;
    const out = bytes.slice(0, at + 1);
    out[at] = byte + 1;
    if (!text || isUtf8(out)) return out;
  }
  return null;
}
