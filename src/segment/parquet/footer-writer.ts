// The end of the file: page index, then the footer with schema, row groups and segmill's own facts.
import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { DataType } from '../../config/types.ts';
import type { ColumnShape } from './chunk.ts';
import type { Bounds, WrittenChunk } from './chunk-writer.ts';
import { metadataOf } from '../arrow/metadata.ts';
import { columnsKey, crcText, footerCrcKey, headersCrcKey } from './file-facts.ts';
import type { FileFacts } from './file-facts.ts';
import {
  convertedType,
  encoding,
  logicalType,
  magic,
  pageType,
  physicalType,
  repetition,
} from './format.ts';
import { ThriftWriter, thriftType } from './thrift-writer.ts';

/** The release that is named in the files; a test holds it to package.json. */
export const writerName = 'segmill version 0.1.0';

export interface RowGroup {
  readonly rowCount: number;
  readonly chunks: readonly PlacedChunk[];
  /** Leaf columns that the rows are sorted by. */
  readonly sortedBy: readonly number[];
}

/** A chunk without its bytes. */
export interface PlacedChunk extends Omit<WrittenChunk, 'parts'> {
  readonly offset: number;
}

interface IndexPlace {
  readonly columnOffset: number;
  readonly columnBytes: number;
  readonly pageOffset: number;
  readonly pageBytes: number;
}

/** Everything behind the last row group, which ended at `position`. */
export function* writeEnd(
  shapes: readonly ColumnShape[],
  groups: readonly RowGroup[],
  facts: FileFacts,
  codec: number,
  position: number,
): Iterable<Uint8Array> {
  const places: IndexPlace[][] = [];
  let at = position;
  for (const group of groups) {
    const row: IndexPlace[] = [];
    for (const chunk of group.chunks) {
      const columnIndex = writeColumnIndex(chunk);
      const offsetIndex = writeOffsetIndex(chunk);
      const columnBytes = columnIndex.length;
      row.push({
        columnOffset: at,
        columnBytes,
        pageOffset: at + columnBytes,
        pageBytes: offsetIndex.length,
      });
      at += columnBytes + offsetIndex.length;
      yield Buffer.concat([columnIndex, offsetIndex]);
    }
    places.push(row);
  }
  const footer = writeFooter(shapes, groups, places, facts, codec);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(footer.length, 0);
  tail.write(magic, 4, 'latin1');
  yield Buffer.concat([footer, tail]);
}

/** Empty when a page with values has no bounds. */
function writeColumnIndex(chunk: PlacedChunk): Uint8Array {
  const { pages } = chunk;
  if (pages.some((page) => page.bounds === null && page.valueCount > 0)) return new Uint8Array(0);
  const thrift = new ThriftWriter();
  thrift.list(1, thriftType.TRUE, pages.length);
  for (const page of pages) thrift.flag(page.bounds === null);
  thrift.list(2, thriftType.BINARY, pages.length);
  for (const page of pages) thrift.element(page.bounds?.least ?? '');
  thrift.list(3, thriftType.BINARY, pages.length);
  for (const page of pages) thrift.element(page.bounds?.most ?? '');
  thrift.i32(4, chunk.rising ? 1 : 0);
  thrift.list(5, thriftType.I64, pages.length);
  for (const page of pages) thrift.number(page.nullCount);
  thrift.end();
  return thrift.take();
}

function writeOffsetIndex(chunk: PlacedChunk): Uint8Array {
  const thrift = new ThriftWriter();
  thrift.list(1, thriftType.STRUCT, chunk.pages.length);
  for (const page of chunk.pages) {
    thrift.begin(null);
    thrift.i64(1, chunk.offset + page.offset);
    thrift.i32(2, page.byteLength);
    thrift.i64(3, page.firstRow);
    thrift.end();
  }
  thrift.end();
  return thrift.take();
}

function writeFooter(
  shapes: readonly ColumnShape[],
  groups: readonly RowGroup[],
  places: readonly (readonly IndexPlace[])[],
  facts: FileFacts,
  codec: number,
): Buffer {
  const thrift = new ThriftWriter();
  thrift.i32(1, 2);
  writeSchema(thrift, shapes);
  thrift.i64(
    3,
    groups.reduce((sum, group) => sum + group.rowCount, 0),
  );
  thrift.list(4, thriftType.STRUCT, groups.length);
  for (const [g, group] of groups.entries()) {
    writeRowGroup(thrift, shapes, group, g, places[g]!, codec);
  }
  writeFacts(thrift, facts);
  thrift.binary(6, writerName);
  thrift.list(7, thriftType.STRUCT, shapes.length);
  for (let i = 0; i < shapes.length; i++) {
    thrift.begin(null);
    thrift.begin(1);
    thrift.end();
    thrift.end();
  }
  thrift.end();
  const footer = Buffer.from(thrift.take());
  // The value stands right behind its key: one byte of length, then eight digits.
  const place = footer.lastIndexOf(footerCrcKey) + footerCrcKey.length + 2;
  footer.write(crcText(crc32(footer)), place, 'latin1');
  return footer;
}

function writeFacts(thrift: ThriftWriter, facts: FileFacts): void {
  const pairs = [...metadataOf(facts.header, facts.stats)];
  pairs.push([columnsKey, JSON.stringify(facts.columns)]);
  pairs.push([footerCrcKey, crcText(0)]);
  writePairs(thrift, 5, pairs);
}

function writePairs(
  thrift: ThriftWriter,
  id: number,
  pairs: readonly (readonly [string, string])[],
): void {
  thrift.list(id, thriftType.STRUCT, pairs.length);
  for (const [key, value] of pairs) {
    thrift.begin(null);
    thrift.binary(1, key);
    thrift.binary(2, value);
    thrift.end();
  }
}

function writeSchema(thrift: ThriftWriter, shapes: readonly ColumnShape[]): void {
  const elements = shapes.reduce((sum, shape) => sum + (shape.multiValue ? 3 : 1), 1);
  thrift.list(2, thriftType.STRUCT, elements);
  thrift.begin(null);
  thrift.binary(4, 'schema');
  thrift.i32(5, shapes.length);
  thrift.end();
  for (const shape of shapes) {
    const required = shape.optional ? repetition.OPTIONAL : repetition.REQUIRED;
    if (!shape.multiValue) {
      writeLeaf(thrift, shape.name, shape.dataType, required);
      continue;
    }
    thrift.begin(null);
    thrift.i32(3, required);
    thrift.binary(4, shape.name);
    thrift.i32(5, 1);
    thrift.i32(6, convertedType.LIST);
    writeLogical(thrift, logicalType.LIST);
    thrift.end();
    thrift.begin(null);
    thrift.i32(3, repetition.REPEATED);
    thrift.binary(4, 'list');
    thrift.i32(5, 1);
    thrift.end();
    writeLeaf(thrift, 'element', shape.dataType, repetition.REQUIRED);
  }
}

export function physicalOf(dataType: DataType): number {
  switch (dataType) {
    case 'BOOLEAN':
      return physicalType.BOOLEAN;
    case 'INT':
      return physicalType.INT32;
    case 'LONG':
    case 'TIMESTAMP':
      return physicalType.INT64;
    case 'FLOAT':
      return physicalType.FLOAT;
    case 'DOUBLE':
      return physicalType.DOUBLE;
    case 'STRING':
    case 'JSON':
    case 'BYTES':
    case 'BIG_DECIMAL':
      return physicalType.BYTE_ARRAY;
  }
}

function writeLeaf(thrift: ThriftWriter, name: string, dataType: DataType, repeated: number): void {
  thrift.begin(null);
  thrift.i32(1, physicalOf(dataType));
  thrift.i32(3, repeated);
  thrift.binary(4, name);
  if (dataType === 'STRING' || dataType === 'BIG_DECIMAL') {
    thrift.i32(6, convertedType.UTF8);
    writeLogical(thrift, logicalType.STRING);
  } else if (dataType === 'JSON') {
    thrift.i32(6, convertedType.JSON);
    writeLogical(thrift, logicalType.JSON);
  } else if (dataType === 'TIMESTAMP') {
    thrift.i32(6, convertedType.TIMESTAMP_MILLIS);
    thrift.begin(10);
    thrift.begin(logicalType.TIMESTAMP);
    thrift.boolean(1, true);
    thrift.begin(2);
    thrift.begin(1);
    thrift.end();
    thrift.end();
    thrift.end();
    thrift.end();
  }
  thrift.end();
}

function writeLogical(thrift: ThriftWriter, type: number): void {
  thrift.begin(10);
  thrift.begin(type);
  thrift.end();
  thrift.end();
}

function writeRowGroup(
  thrift: ThriftWriter,
  shapes: readonly ColumnShape[],
  group: RowGroup,
  ordinal: number,
  places: readonly IndexPlace[],
  codec: number,
): void {
  const sum = (of: (chunk: PlacedChunk) => number): number =>
    group.chunks.reduce((total, chunk) => total + of(chunk), 0);
  thrift.begin(null);
  thrift.list(1, thriftType.STRUCT, group.chunks.length);
  for (const [i, chunk] of group.chunks.entries()) {
    const place = places[i]!;
    thrift.begin(null);
    thrift.i64(2, 0);
    writeChunkMeta(thrift, shapes[i]!, chunk, codec);
    thrift.i64(4, place.pageOffset);
    thrift.i32(5, place.pageBytes);
    if (place.columnBytes > 0) {
      thrift.i64(6, place.columnOffset);
      thrift.i32(7, place.columnBytes);
    }
    thrift.end();
  }
  thrift.i64(
    2,
    sum((chunk) => chunk.uncompressedBytes),
  );
  thrift.i64(3, group.rowCount);
  if (group.sortedBy.length > 0) {
    thrift.list(4, thriftType.STRUCT, group.sortedBy.length);
    for (const column of group.sortedBy) {
      thrift.begin(null);
      thrift.i32(1, column);
      thrift.boolean(2, false);
      thrift.boolean(3, false);
      thrift.end();
    }
  }
  thrift.i64(5, group.chunks[0]?.offset ?? 0);
  thrift.i64(
    6,
    sum((chunk) => chunk.byteLength),
  );
  if (ordinal < 2 ** 15) thrift.i16(7, ordinal);
  thrift.end();
}

function writeChunkMeta(
  thrift: ThriftWriter,
  shape: ColumnShape,
  chunk: PlacedChunk,
  codec: number,
): void {
  const leveled = shape.optional || shape.multiValue;
  const encodings = new Set<number>([chunk.encoding]);
  if (chunk.hasDictionary) encodings.add(encoding.PLAIN);
  if (leveled) encodings.add(encoding.RLE);
  const path = shape.multiValue ? [shape.name, 'list', 'element'] : [shape.name];
  thrift.begin(3);
  thrift.i32(1, physicalOf(shape.dataType));
  thrift.list(2, thriftType.I32, encodings.size);
  for (const value of encodings) thrift.number(value);
  thrift.list(3, thriftType.BINARY, path.length);
  for (const name of path) thrift.element(name);
  thrift.i32(4, codec);
  thrift.i64(5, chunk.entryCount);
  thrift.i64(6, chunk.uncompressedBytes);
  thrift.i64(7, chunk.byteLength);
  writePairs(thrift, 8, [[headersCrcKey, crcText(chunk.headersCrc)]]);
  thrift.i64(9, chunk.offset + chunk.dictionaryBytes);
  if (chunk.hasDictionary) thrift.i64(11, chunk.offset);
  writeStatistics(thrift, chunk);
  const counts: (readonly [number, number, number])[] = [
    [pageType.DATA, chunk.encoding, chunk.pages.length],
  ];
  if (chunk.hasDictionary) counts.unshift([pageType.DICTIONARY, encoding.PLAIN, 1]);
  thrift.list(13, thriftType.STRUCT, counts.length);
  for (const [type, name, count] of counts) {
    thrift.begin(null);
    thrift.i32(1, type);
    thrift.i32(2, name);
    thrift.i32(3, count);
    thrift.end();
  }
  thrift.end();
}

function writeStatistics(thrift: ThriftWriter, chunk: PlacedChunk): void {
  const bounds: Bounds | null = chunk.bounds;
  thrift.begin(12);
  thrift.i64(3, chunk.nullCount);
  if (chunk.distinctCount !== null) thrift.i64(4, chunk.distinctCount);
  if (bounds !== null) {
    thrift.binary(5, bounds.most);
    thrift.binary(6, bounds.least);
    thrift.boolean(7, bounds.mostExact);
    thrift.boolean(8, bounds.leastExact);
  }
  thrift.end();
}
