// A column chunk back into values and levels, page by page: header, CRC where there is one, levels, values.
import { crc32 } from 'node:zlib';
import { concatVar, gatherVar } from '../../columns/var-values.ts';
import { bitWidthOf, unpackBits } from '../../kernels/bit-pack.ts';
import { readHybrid } from '../../kernels/run-length.ts';
import { corrupt } from './corrupt.ts';
import type { Place } from './corrupt.ts';
import { joinFixed, takeFixed } from './fixed-values.ts';
import { crcText } from './file-facts.ts';
import { decompress } from './decompress.ts';
import type { ChunkMeta, Leaf } from './footer-reader.ts';
import { encoding, pageType } from './format.ts';
import { readThrift } from './thrift-reader.ts';
import type { ThriftStruct } from './thrift-reader.ts';
import { readValues } from './values-reader.ts';
import type { LeafValues } from './values-reader.ts';

export interface LeafChunk {
  readonly entryCount: number;
  /** Null: every entry starts a row. */
  readonly repetition: Uint32Array | null;
  /** Null: the leaf has no definition levels, every entry has a value. */
  readonly definition: Uint32Array | null;
  readonly values: LeafValues;
}

/** A run of equal values takes a few bytes whatever its length, so a page's size does not bound its values. */
const pageValuesMax = 1 << 24;

interface Page {
  readonly count: number;
  readonly repetition: Uint32Array | null;
  readonly definition: Uint32Array | null;
  readonly values: LeafValues;
}

export function readChunk(bytes: Uint8Array, meta: ChunkMeta, leaf: Leaf, place: Place): LeafChunk {
  const end = meta.offset + meta.byteLength;
  const pages: Page[] = [];
  let dictionary: LeafValues | null = null;
  let entries = 0;
  let headersCrc = 0;
  for (let at = meta.offset; at < end && entries < meta.valueCount;) {
    const { struct: header, end: bodyAt } = readThrift(bytes, at, end, place);
    headersCrc = crc32(bytes.subarray(at, bodyAt), headersCrc);
    const length = header.count(3);
    if (bodyAt + length > end) corrupt(place, `a page of ${length} bytes runs out of its chunk`);
    const body = bytes.subarray(bodyAt, bodyAt + length);
    const crc = header.optionalNumber(4);
    if (crc !== null && (crc | 0) !== (crc32(body) | 0)) {
      corrupt(place, `the page at byte ${at} has CRC ${crcText(crc32(body))}, not ${crcText(crc)}`);
    }
    const type = header.count(1);
    if (type === pageType.DICTIONARY) {
      if (dictionary !== null || pages.length > 0) corrupt(place, 'a second dictionary page');
      dictionary = readDictionary(body, header, meta, leaf, place);
    } else if (type === pageType.DATA || type === pageType.DATA_V2) {
      const room = meta.valueCount - entries;
      const page = readPage(body, header, type, meta, leaf, dictionary, room, place);
      pages.push(page);
      entries += page.count;
    }
    at = bodyAt + length;
  }
  if (entries !== meta.valueCount) {
    corrupt(place, `its pages have ${entries} values, the footer names ${meta.valueCount}`);
  }
  if (meta.headersCrc !== null && crcText(headersCrc) !== meta.headersCrc) {
    corrupt(place, `its page headers have CRC ${crcText(headersCrc)}, not ${meta.headersCrc}`);
  }
  return {
    entryCount: entries,
    repetition: leaf.maxRepetition === 0 ? null : joinLevels(pages.map((p) => p.repetition!)),
    definition: leaf.maxDefinition === 0 ? null : joinLevels(pages.map((p) => p.definition!)),
    values: joinLeaf(
      pages.map((page) => page.values),
      leaf,
      place,
    ),
  };
}

function readDictionary(
  body: Uint8Array,
  header: ThriftStruct,
  meta: ChunkMeta,
  leaf: Leaf,
  place: Place,
): LeafValues {
  const page = header.struct(7);
  const plain = decompress(meta.codec, body, header.count(2), place);
  const encoded = page.count(2);
  if (encoded !== encoding.PLAIN && encoded !== encoding.PLAIN_DICTIONARY) {
    corrupt(place, `a dictionary page encoded as ${encoded}`);
  }
  return readValues(plain, 0, leaf, encoding.PLAIN, page.count(1), null, place);
}

function readPage(
  body: Uint8Array,
  header: ThriftStruct,
  type: number,
  meta: ChunkMeta,
  leaf: Leaf,
  dictionary: LeafValues | null,
  room: number,
  place: Place,
): Page {
  const page = header.struct(type === pageType.DATA ? 5 : 8);
  const count = page.count(1);
  if (count > pageValuesMax)
    corrupt(place, `a page of ${count} values, the limit is ${pageValuesMax}`);
  if (count > room) corrupt(place, `a page of ${count} values, ${room} are left by the footer`);
  const size = header.count(2);
  const levels = new LevelReader(leaf, count, place);
  let plain: Uint8Array;
  let at: number;
  if (type === pageType.DATA) {
    plain = decompress(meta.codec, body, size, place);
    at = levels.readRepetition(plain, 0, page.count(4), null);
    at = levels.readDefinition(plain, at, page.count(3), null);
  } else {
    const repetitionBytes = page.count(6);
    const definitionBytes = page.count(5);
    at = repetitionBytes + definitionBytes;
    if (at > body.length || at > size) corrupt(place, 'the levels of a page do not fit it');
    levels.readRepetition(body, 0, encoding.RLE, repetitionBytes);
    levels.readDefinition(body, repetitionBytes, encoding.RLE, definitionBytes);
    const rest = body.subarray(at);
    const packed = page.boolean(7, true) && rest.length > 0;
    plain = packed ? decompress(meta.codec, rest, size - at, place) : rest;
    at = 0;
  }
  const { repetition, definition } = levels;
  const values = definition === null ? count : countOf(definition, leaf.maxDefinition);
  const encoded = page.count(type === pageType.DATA ? 2 : 4);
  return {
    count,
    repetition,
    definition,
    values: readValues(plain, at, leaf, encoded, values, dictionary, place),
  };
}

function countOf(levels: Uint32Array, level: number): number {
  let count = 0;
  for (let i = 0; i < levels.length; i++) count += levels[i] === level ? 1 : 0;
  return count;
}

class LevelReader {
  readonly #leaf: Leaf;
  readonly #count: number;
  readonly #place: Place;
  repetition: Uint32Array | null = null;
  definition: Uint32Array | null = null;

  constructor(leaf: Leaf, count: number, place: Place) {
    this.#leaf = leaf;
    this.#count = count;
    this.#place = place;
  }

  /** `length` null: a page of version 1, the length stands before the levels. Returns the position behind them. */
  readRepetition(bytes: Uint8Array, at: number, encoded: number, length: number | null): number {
    if (this.#leaf.maxRepetition === 0) return at + (length ?? 0);
    this.repetition = new Uint32Array(this.#count);
    return this.#read(bytes, at, encoded, length, this.#leaf.maxRepetition, this.repetition);
  }

  readDefinition(bytes: Uint8Array, at: number, encoded: number, length: number | null): number {
    if (this.#leaf.maxDefinition === 0) return at + (length ?? 0);
    this.definition = new Uint32Array(this.#count);
    return this.#read(bytes, at, encoded, length, this.#leaf.maxDefinition, this.definition);
  }

  #read(
    bytes: Uint8Array,
    at: number,
    encoded: number,
    length: number | null,
    max: number,
    out: Uint32Array,
  ): number {
    const width = bitWidthOf(max);
    let from = at;
    let end = at + (length ?? 0);
    if (encoded === encoding.BIT_PACKED) return this.#readPacked(bytes, at, width, out);
    if (encoded !== encoding.RLE) corrupt(this.#place, `levels encoded as ${encoded}`);
    if (length === null) {
      if (at + 4 > bytes.length) corrupt(this.#place, 'a page ends before its levels');
      from = at + 4;
      end = from + new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
    }
    if (end > bytes.length) corrupt(this.#place, 'a page ends within its levels');
    if (readHybrid(bytes, from, end, width, this.#count, out, 0) < 0) {
      corrupt(this.#place, 'the levels of a page end early');
    }
    for (let i = 0; i < out.length; i++) {
      if (out[i]! > max) corrupt(this.#place, `level ${out[i]!}, the most is ${max}`);
    }
    return end;
  }

  /** The old form: no length, the most significant bit first. */
  #readPacked(bytes: Uint8Array, at: number, width: number, out: Uint32Array): number {
    const end = at + Math.ceil((this.#count * width) / 8);
    if (end > bytes.length) corrupt(this.#place, 'a page ends within its levels');
    const bits = new Uint32Array(8 * (end - at));
    unpackBits(bytes, at, 1, bits.length, bits, 0);
    for (let i = 0; i < out.length; i++) {
      let level = 0;
      for (let k = 0; k < width; k++) {
        const bit = i * width + k;
        level = (level << 1) | bits[(bit & ~7) + 7 - (bit & 7)]!;
      }
      out[i] = level;
    }
    return end;
  }
}

function joinLevels(parts: readonly Uint32Array[]): Uint32Array {
  if (parts.length === 1) return parts[0]!;
  const out = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Pages of one chunk as one: codes when all are codes, else plain values. */
export function joinLeaf(parts: readonly LeafValues[], leaf: Leaf, place: Place): LeafValues {
  const first = parts[0];
  if (first === undefined)
    return readValues(new Uint8Array(0), 0, leaf, encoding.PLAIN, 0, null, place);
  if (first.kind === 'codes') {
    const { dictionary } = first;
    const codes = parts.map((part) =>
      part.kind === 'codes' && part.dictionary === dictionary ? part.codes : null,
    );
    if (codes.every((part) => part !== null)) {
      return { kind: 'codes', codes: joinLevels(codes), dictionary };
    }
  }
  if (parts.length === 1) return first;
  const plain = parts.map(unfolded);
  const fixed = plain.flatMap((part) => (part.kind === 'fixed' ? [part.values] : []));
  if (fixed.length === plain.length) return { kind: 'fixed', values: joinFixed(fixed) };
  const vars = plain.flatMap((part) => (part.kind === 'var' ? [part.values] : []));
  return { kind: 'var', values: concatVar(vars) };
}

/** Without codes. */
export function unfolded(values: LeafValues): LeafValues {
  if (values.kind !== 'codes') return values;
  const { codes, dictionary } = values;
  switch (dictionary.kind) {
    case 'fixed':
      return { kind: 'fixed', values: takeFixed(dictionary.values, codes) };
    case 'var':
      return { kind: 'var', values: gatherVar(dictionary.values, codes) };
    case 'codes':
      return unfolded(dictionary);
  }
}
