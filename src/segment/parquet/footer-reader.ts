// The footer into plain data: leaf columns with their levels, row groups with their chunks, text keys. Positions and
// sizes are checked against the file here, so that later steps can rely on them.
import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { segmentRowsMax } from '../../limits.ts';
import { corrupt } from './corrupt.ts';
import type { Place } from './corrupt.ts';
import { columnsKey, crcText, footerCrcKey, headersCrcKey } from './file-facts.ts';
import { convertedType, logicalType, magic, physicalType, repetition } from './format.ts';
import { readThrift } from './thrift-reader.ts';
import type { ThriftStruct } from './thrift-reader.ts';

/** What a leaf's annotations say of its values. */
export type Annotation =
  | { readonly kind: 'none' | 'text' | 'json' | 'date' | 'uuid' | 'float16' | 'unsigned' }
  | { readonly kind: 'time' | 'timestamp'; readonly unit: 'ms' | 'us' | 'ns' }
  | { readonly kind: 'decimal'; readonly scale: number };

export interface Leaf {
  readonly path: readonly string[];
  readonly physical: number;
  /** Bytes of FIXED_LEN_BYTE_ARRAY, else 0. */
  readonly length: number;
  readonly annotation: Annotation;
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  /** Definition level from which on the list itself is there (of a list leaf), else of the value. */
  readonly listDefinition: number;
  /** A plain column or one list of plain values; false: groups in groups. */
  readonly flat: boolean;
  /** The repetition of the root's child that it belongs to. */
  readonly optional: boolean;
}

export interface ChunkMeta {
  readonly codec: number;
  readonly encodings: readonly number[];
  readonly valueCount: number;
  /** First byte, of the dictionary page if there is one, and bytes. */
  readonly offset: number;
  readonly byteLength: number;
  readonly uncompressedBytes: number;
  readonly hasStatistics: boolean;
  readonly headersCrc: string | null;
}

export interface RowGroupMeta {
  readonly rowCount: number;
  readonly chunks: readonly ChunkMeta[];
}

export interface FileMeta {
  readonly rowCount: number;
  readonly leaves: readonly Leaf[];
  readonly groups: readonly RowGroupMeta[];
  readonly keys: ReadonlyMap<string, string>;
  readonly createdBy: string | null;
}

export function readFooter(bytes: Uint8Array, place: Place): FileMeta {
  const size = bytes.length;
  if (size < 12 || latin1(bytes, 0, 4) !== magic || latin1(bytes, size - 4, size) !== magic) {
    corrupt(place, `no Parquet file: ${size} bytes that do not begin and end with ${magic}`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset + size - 8).getUint32(0, true);
  const from = size - 8 - length;
  if (from < 4) corrupt(place, `a footer of ${length} bytes does not fit a file of ${size}`);
  const { struct, end } = readThrift(bytes, from, size - 8, place);
  if (end !== size - 8) corrupt(place, `${size - 8 - end} bytes behind the footer's end`);
  const keys = textKeys(struct.structs(5));
  checkFooterCrc(bytes.subarray(from, size - 8), keys, place);
  const leaves = readLeaves(struct.structs(2), place);
  const groups = struct.structs(4).map((group) => readGroup(group, leaves, from, place));
  const rowCount = groups.reduce((sum, group) => sum + group.rowCount, 0);
  if (rowCount !== struct.count(3)) {
    corrupt(place, `the row groups have ${rowCount} rows, the file names ${struct.count(3)}`);
  }
  if (rowCount > segmentRowsMax) {
    corrupt(place, `the footer names ${rowCount} rows, the limit is ${segmentRowsMax}`);
  }
  const createdBy = struct.has(6) ? struct.text(6) : null;
  return { rowCount, leaves, groups, keys, createdBy };
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}

function textKeys(pairs: readonly ThriftStruct[]): ReadonlyMap<string, string> {
  return new Map(pairs.map((pair) => [pair.text(1), pair.has(2) ? pair.text(2) : '']));
}

function checkFooterCrc(footer: Uint8Array, keys: ReadonlyMap<string, string>, place: Place): void {
  const stored = keys.get(footerCrcKey);
  if (stored === undefined) {
    if (keys.has(columnsKey)) corrupt(place, `the footer has no ${footerCrcKey}`);
    return;
  }
  const copy = Buffer.from(footer);
  const at = copy.lastIndexOf(footerCrcKey) + footerCrcKey.length + 2;
  copy.fill('0', at, at + 8, 'latin1');
  const found = crcText(crc32(copy));
  if (found !== stored) corrupt(place, `the footer has CRC ${found}, it should have ${stored}`);
}

interface Element {
  readonly name: string;
  readonly repeated: number;
  readonly children: number;
  readonly struct: ThriftStruct;
}

interface Level {
  readonly path: readonly string[];
  readonly definition: number;
  readonly repetition: number;
  /** Definition level of the first repeated ancestor less one. */
  readonly listDefinition: number;
  readonly optional: boolean;
  readonly flat: boolean;
}

const leavesMax = 1 << 16;

function readLeaves(structs: readonly ThriftStruct[], place: Place): readonly Leaf[] {
  const elements: readonly Element[] = structs.map((struct) => ({
    name: struct.text(4),
    repeated: struct.optionalNumber(3) ?? repetition.REQUIRED,
    children: struct.has(5) ? struct.count(5) : 0,
    struct,
  }));
  const root = elements[0];
  if (root === undefined || elements.length > leavesMax) corrupt(place, 'the footer has no schema');
  const leaves: Leaf[] = [];
  let next = 1;
  const walk = (parent: Level | null, depth: number): void => {
    const element = elements[next++];
    if (element === undefined || depth > 32) corrupt(place, 'the schema is cut off or too deep');
    const level = levelOf(parent, element, elements[next]);
    if (element.children === 0) {
      leaves.push(leafOf(level, element.struct, place));
      return;
    }
    for (let i = 0; i < element.children; i++) walk(level, depth + 1);
  };
  for (let i = 0; i < root.children; i++) walk(null, 0);
  if (next !== elements.length) corrupt(place, 'the schema has elements outside its tree');
  return leaves;
}

function levelOf(parent: Level | null, element: Element, child: Element | undefined): Level {
  const isRepeated = element.repeated === repetition.REPEATED;
  const isOptional = element.repeated === repetition.OPTIONAL;
  const definition = (parent?.definition ?? 0) + (isRepeated || isOptional ? 1 : 0);
  // A list is a group of one repeated child; that child is the element or a group of just the element.
  const holdsList = element.children === 1 && child?.repeated === repetition.REPEATED;
  const isListGroup = isRepeated && element.children === 1 && parent !== null;
  const plain = element.children === 0 || (parent === null && holdsList) || isListGroup;
  return {
    path: [...(parent?.path ?? []), element.name],
    definition,
    repetition: (parent?.repetition ?? 0) + (isRepeated ? 1 : 0),
    listDefinition: isRepeated ? definition - 1 : (parent?.listDefinition ?? 0),
    optional: parent?.optional ?? isOptional,
    flat:
      (parent?.flat ?? true) && plain && (parent === null || isRepeated || parent.repetition > 0),
  };
}

function leafOf(level: Level, struct: ThriftStruct, place: Place): Leaf {
  const physical = struct.count(1);
  if (physical > physicalType.FIXED_LEN_BYTE_ARRAY) corrupt(place, `unknown type ${physical}`);
  const fixed = physical === physicalType.FIXED_LEN_BYTE_ARRAY;
  const length = fixed ? struct.count(2) : 0;
  return {
    path: level.path,
    physical,
    length,
    annotation: annotationOf(struct),
    maxDefinition: level.definition,
    maxRepetition: level.repetition,
    listDefinition: level.listDefinition,
    flat: level.flat && level.repetition <= 1,
    optional: level.optional,
  };
}

const units = { 1: 'ms', 2: 'us', 3: 'ns' } as const;

function annotationOf(struct: ThriftStruct): Annotation {
  const logical = struct.optionalStruct(10);
  const tag = logical?.tag ?? 0;
  switch (tag) {
    case logicalType.STRING:
    case 4: // ENUM
      return { kind: 'text' };
    case logicalType.JSON:
      return { kind: 'json' };
    case logicalType.DATE:
      return { kind: 'date' };
    case logicalType.UUID:
      return { kind: 'uuid' };
    case logicalType.FLOAT16:
      return { kind: 'float16' };
    case logicalType.INTEGER:
      return { kind: logical!.struct(tag).boolean(2, true) ? 'none' : 'unsigned' };
    case logicalType.DECIMAL:
      return { kind: 'decimal', scale: logical!.struct(tag).optionalNumber(1) ?? 0 };
    case logicalType.TIME:
    case logicalType.TIMESTAMP: {
      const unit = units[logical!.struct(tag).struct(2).tag as 1 | 2 | 3] ?? 'ms';
      return { kind: tag === logicalType.TIME ? 'time' : 'timestamp', unit };
    }
    default:
      return convertedOf(struct);
  }
}

function convertedOf(struct: ThriftStruct): Annotation {
  switch (struct.optionalNumber(6) ?? -1) {
    case convertedType.UTF8:
    case 4: // ENUM
      return { kind: 'text' };
    case convertedType.JSON:
      return { kind: 'json' };
    case convertedType.DATE:
      return { kind: 'date' };
    case convertedType.DECIMAL:
      return { kind: 'decimal', scale: struct.optionalNumber(7) ?? 0 };
    case convertedType.TIME_MILLIS:
      return { kind: 'time', unit: 'ms' };
    case convertedType.TIME_MICROS:
      return { kind: 'time', unit: 'us' };
    case convertedType.TIMESTAMP_MILLIS:
      return { kind: 'timestamp', unit: 'ms' };
    case convertedType.TIMESTAMP_MICROS:
      return { kind: 'timestamp', unit: 'us' };
    case convertedType.UINT_8:
    case convertedType.UINT_16:
    case convertedType.UINT_32:
    case convertedType.UINT_64:
      return { kind: 'unsigned' };
    default:
      return { kind: 'none' };
  }
}

/** List elements of one row group. */
const valuesMax = 2 * segmentRowsMax;

function readGroup(
  group: ThriftStruct,
  leaves: readonly Leaf[],
  end: number,
  place: Place,
): RowGroupMeta {
  const columns = group.structs(1);
  if (columns.length !== leaves.length) {
    corrupt(place, `a row group has ${columns.length} columns, the schema ${leaves.length}`);
  }
  const chunks = columns.map((column, i) => {
    const inColumn = { ...place, column: leaves[i]!.path[0] ?? null };
    return readChunk(column.struct(3), end, inColumn);
  });
  const rowCount = group.count(3);
  for (const [i, { valueCount }] of chunks.entries()) {
    const { maxRepetition, path } = leaves[i]!;
    if (valueCount > valuesMax || (maxRepetition === 0 && valueCount !== rowCount)) {
      const inColumn = { ...place, column: path[0] ?? null };
      corrupt(inColumn, `${valueCount} values in a row group of ${rowCount} rows`);
    }
  }
  return { rowCount, chunks };
}

function readChunk(meta: ThriftStruct, end: number, place: Place): ChunkMeta {
  const data = meta.count(9);
  // Some writers name a dictionary page at 0 when there is none.
  const dictionary = meta.has(11) ? meta.count(11) : 0;
  const offset = dictionary > 0 && dictionary < data ? dictionary : data;
  const byteLength = meta.count(7);
  if (offset < 4 || offset + byteLength > end) {
    corrupt(place, `its bytes ${offset} to ${offset + byteLength} are not before the footer`);
  }
  return {
    codec: meta.count(4),
    encodings: meta.numbers(2),
    valueCount: meta.count(5),
    offset,
    byteLength,
    uncompressedBytes: meta.count(6),
    hasStatistics: meta.has(12),
    headersCrc: textKeys(meta.structs(8)).get(headersCrcKey) ?? null,
  };
}
