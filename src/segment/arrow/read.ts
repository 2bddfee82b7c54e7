// Arrow's buffers as columns, used where they lie when they have the form that segmill works on. A foreign file's
// values are checked and brought into that form; a null slot gets its type's default then.
import type {
  Codes,
  Column,
  DictionaryColumn,
  FixedValues,
  VarValues,
} from '../../columns/column.ts';
import { varCount } from '../../columns/var-values.ts';
import type { DataType } from '../../config/types.ts';
import { SegmillError } from '../../errors.ts';
import type { ArrowField, ArrowTypeName, BatchMetadata } from './flatbuffer.ts';
import { filledCodes, filledFixed, filledVar, listInOrder } from './foreign.ts';
import { dataTypeOf, elementField, isList } from './schema.ts';

/** Walks the nodes and buffers of one message's body in the order of the fields. */
export class BodyReader {
  readonly rowCount: number;
  readonly #body: Uint8Array;
  readonly #batch: BatchMetadata;
  #node = 0;
  #buffer = 0;

  constructor(body: Uint8Array, batch: BatchMetadata) {
    this.#body = body;
    this.#batch = batch;
    this.rowCount = batch.length;
  }

  node(): { readonly length: number; readonly nullCount: number } {
    const at = 2 * this.#node++;
    if (at >= this.#batch.nodes.length) throw new RangeError('fewer nodes than fields');
    const length = this.#batch.nodes[at]!;
    if (length > 2 ** 32 - 1) throw new RangeError(`${length} values`);
    return { length, nullCount: this.#batch.nodes[at + 1]! };
  }

  /** The next buffer; at least `byteLength` bytes of it when that is given. */
  buffer(byteLength: number): Uint8Array {
    const at = 2 * this.#buffer++;
    if (at >= this.#batch.buffers.length) throw new RangeError('fewer buffers than fields');
    const offset = this.#batch.buffers[at]!;
    const length = this.#batch.buffers[at + 1]!;
    if (offset + length > this.#body.length) throw new RangeError('a buffer outside its message');
    if (length < byteLength) throw new RangeError(`a buffer of ${length} bytes, not ${byteLength}`);
    return this.#body.subarray(offset, offset + length);
  }

  skip(field: ArrowField): void {
    this.#node++;
    if (field.dictionary !== null) {
      this.#buffer += 2;
      return;
    }
    this.#buffer += bufferCount(field);
    for (const child of field.children) this.skip(child);
  }
}

const bufferCounts: Readonly<Partial<Record<ArrowTypeName, number>>> = {
  Null: 0,
  RunEndEncoded: 0,
  Struct: 1,
  FixedSizeList: 1,
  Binary: 3,
  Utf8: 3,
  LargeBinary: 3,
  LargeUtf8: 3,
  ListView: 3,
  LargeListView: 3,
};

function bufferCount(field: ArrowField): number {
  const { name, type } = field;
  if (type !== 'Union' && type !== 'BinaryView' && type !== 'Utf8View') {
    return bufferCounts[type] ?? 2;
  }
  throw new SegmillError(
    'UNSUPPORTED',
    `column ${name} is of Arrow's type ${type}, behind which no other column can be found: write the file without it`,
    { column: name },
  );
}

/** The next field of a record batch. `trusted`: segmill wrote it and its checksum is right, so slots need no look. */
export function readColumn(
  reader: BodyReader,
  field: ArrowField,
  dictionaries: ReadonlyMap<number, VarValues>,
  trusted: boolean,
): Column {
  const dataType = dataTypeOf(field);
  if (dataType === null) throw unsupported(field);
  const { length, nullCount } = reader.node();
  if (length !== reader.rowCount) throw new RangeError(`column ${field.name} has ${length} rows`);
  const rowNulls = readNulls(reader, length, nullCount);
  const base = { name: field.name, dataType, rowCount: length, nulls: rowNulls };
  if (!isList(field)) {
    const fill = trusted ? null : rowNulls;
    return {
      ...base,
      offsets: null,
      ...readElements(reader, field, length, dataType, dictionaries, fill, trusted),
    };
  }
  const wide = field.type === 'LargeList';
  const raw = readOffsets(reader, length, wide);
  const element = elementField(field);
  const child = reader.node();
  const elementNulls = readNulls(reader, child.length, child.nullCount);
  checkOffsets(raw, child.length);
  const elements = readElements(
    reader,
    element,
    child.length,
    dataType,
    dictionaries,
    elementNulls,
    trusted,
  );
  const column = { ...base, offsets: raw, ...elements };
  if (!trusted) return listInOrder(column);
  if (raw[0] !== 0 || raw[length] !== child.length) throw new RangeError('lists with gaps');
  return column;
}

export function unsupported(field: ArrowField): SegmillError {
  const element = elementField(field);
  const type = element.width > 0 ? `${element.type}(${element.width})` : element.type;
  return new SegmillError(
    'UNSUPPORTED',
    `column ${field.name} is of Arrow's type ${type}${isList(field) ? ' in a list' : ''}, which no type of a schema holds: write the file without it or cast it`,
    { column: field.name, type },
  );
}

/** Our bitmap of null rows, null when there are none. */
function readNulls(reader: BodyReader, length: number, nullCount: number): Uint8Array | null {
  const valid = reader.buffer(nullCount === 0 ? 0 : Math.ceil(length / 8));
  if (nullCount === 0) return null;
  const out = new Uint8Array(Math.ceil(length / 8));
  for (let i = 0; i < out.length; i++) out[i] = ~valid[i]!;
  if ((length & 7) !== 0) out[out.length - 1] = out.at(-1)! & ((1 << (length & 7)) - 1);
  return out;
}

function readOffsets(reader: BodyReader, length: number, wide: boolean): Uint32Array {
  const bytes = reader.buffer(length === 0 ? 0 : (length + 1) * (wide ? 8 : 4));
  if (length === 0) return new Uint32Array(1);
  if (!wide) return words(bytes, length + 1);
  const halves = words(bytes, 2 * (length + 1));
  const out = new Uint32Array(length + 1);
  for (let i = 0; i <= length; i++) {
    if (halves[2 * i + 1] !== 0) throw new RangeError('offsets past 32 bits');
    out[i] = halves[2 * i]!;
  }
  return out;
}

function words(bytes: Uint8Array, length: number): Uint32Array {
  return new Uint32Array(aligned(bytes, 4), byteOffsetOf(bytes, 4), length);
}

// A buffer that does not lie on a multiple of its width (other writers, odd file positions) is copied.
function aligned(bytes: Uint8Array, width: number): ArrayBufferLike {
  return bytes.byteOffset % width === 0 ? bytes.buffer : bytes.slice().buffer;
}

function byteOffsetOf(bytes: Uint8Array, width: number): number {
  return bytes.byteOffset % width === 0 ? bytes.byteOffset : 0;
}

function checkOffsets(offsets: Uint32Array, end: number): void {
  let bad = 0;
  for (let i = 1; i < offsets.length; i++) if (offsets[i]! < offsets[i - 1]!) bad = 1;
  if (bad === 1 || offsets[offsets.length - 1]! > end)
    throw new RangeError('offsets that do not rise');
}

type Elements =
  | { readonly kind: 'fixed'; readonly values: FixedValues }
  | { readonly kind: 'bytes'; readonly values: VarValues }
  | Pick<DictionaryColumn, 'kind' | 'codes' | 'dictionary' | 'sorted'>;

function readElements(
  reader: BodyReader,
  field: ArrowField,
  length: number,
  dataType: DataType,
  dictionaries: ReadonlyMap<number, VarValues>,
  fill: Uint8Array | null,
  trusted: boolean,
): Elements {
  if (field.dictionary !== null)
    return readCodes(reader, field, length, dataType, dictionaries, fill, trusted);
  if (
    dataType === 'STRING' ||
    dataType === 'JSON' ||
    dataType === 'BYTES' ||
    dataType === 'BIG_DECIMAL'
  ) {
    const values = readVar(reader, field, length);
    return { kind: 'bytes', values: fill === null ? values : filledVar(values, fill, dataType) };
  }
  const values = readFixed(reader, field, length);
  return { kind: 'fixed', values: fill === null ? values : filledFixed(values, fill, dataType) };
}

function readCodes(
  reader: BodyReader,
  field: ArrowField,
  length: number,
  dataType: DataType,
  dictionaries: ReadonlyMap<number, VarValues>,
  fill: Uint8Array | null,
  trusted: boolean,
): Elements {
  const { id, indexBits, ordered } = field.dictionary!;
  const found = dictionaries.get(id);
  if (found === undefined)
    throw new RangeError(`dictionary ${id} of column ${field.name} is missing`);
  const bytes = reader.buffer((length * indexBits) / 8);
  const raw = codesOf(bytes, indexBits, length);
  const { codes, dictionary } =
    fill === null ? { codes: raw, dictionary: found } : filledCodes(raw, found, fill, dataType);
  const size = varCount(dictionary);
  const greatest = trusted ? -1 : greatestCode(codes);
  if (greatest >= size)
    throw new RangeError(`code ${greatest} of column ${field.name} names no value`);
  return { kind: 'dictionary', codes, dictionary, sorted: fill === null && ordered };
}

function greatestCode(codes: Codes): number {
  if (codes instanceof Uint8Array) return greatest8(codes);
  return codes instanceof Uint16Array ? greatest16(codes) : greatest32(codes);
}

function greatest8(codes: Uint8Array): number {
  let greatest = -1;
  for (let i = 0; i < codes.length; i++) if (codes[i]! > greatest) greatest = codes[i]!;
  return greatest;
}

function greatest16(codes: Uint16Array): number {
  let greatest = -1;
  for (let i = 0; i < codes.length; i++) if (codes[i]! > greatest) greatest = codes[i]!;
  return greatest;
}

function greatest32(codes: Uint32Array): number {
  let greatest = -1;
  for (let i = 0; i < codes.length; i++) if (codes[i]! > greatest) greatest = codes[i]!;
  return greatest;
}

function codesOf(bytes: Uint8Array, bits: number, length: number): Codes {
  switch (bits) {
    case 8:
      return bytes.subarray(0, length);
    case 16:
      return new Uint16Array(aligned(bytes, 2), byteOffsetOf(bytes, 2), length);
    case 32:
      return words(bytes, length);
    case 64: {
      const halves = words(bytes, 2 * length);
      const out = new Uint32Array(length);
      for (let i = 0; i < length; i++)
        out[i] = halves[2 * i + 1] === 0 ? halves[2 * i]! : 0xffffffff;
      return out;
    }
    default:
      throw new RangeError(`codes of ${bits} bits`);
  }
}

/** The values of a dictionary message or of a column without dictionary. */
export function readVar(reader: BodyReader, field: ArrowField, length: number): VarValues {
  if (field.type === 'FixedSizeBinary') {
    const data = reader.buffer(length * field.width).subarray(0, length * field.width);
    return { offsets: Uint32Array.from({ length: length + 1 }, (_, i) => i * field.width), data };
  }
  const wide = field.type === 'LargeUtf8' || field.type === 'LargeBinary';
  const raw = readOffsets(reader, length, wide);
  const data = reader.buffer(0);
  checkOffsets(raw, data.length);
  const first = raw[0]!;
  const offsets = first === 0 ? raw : raw.map((offset) => offset - first);
  return { offsets, data: data.subarray(first, raw[length]!) };
}

function readFixed(reader: BodyReader, field: ArrowField, length: number): FixedValues {
  const { type, width } = field;
  if (type === 'Bool') return unpackBits(reader.buffer(Math.ceil(length / 8)), length);
  if (type === 'Int') return readInts(reader.buffer((length * width) / 8), field, length);
  if (type === 'FloatingPoint') {
    const bytes = reader.buffer((length * width) / 8);
    return width === 64
      ? new Float64Array(aligned(bytes, 8), byteOffsetOf(bytes, 8), length)
      : new Float32Array(aligned(bytes, 4), byteOffsetOf(bytes, 4), length);
  }
  if (type === 'Date' && field.unit === 0) {
    const days = readInts(reader.buffer(length * 4), { width: 32, signed: true }, length);
    return BigInt64Array.from(days as Int32Array, (day) => BigInt(day) * 86_400_000n);
  }
  const values = longs(reader.buffer(length * 8), length);
  return type === 'Date' ? values : toMillis(values, field);
}

function readInts(
  bytes: Uint8Array,
  field: Pick<ArrowField, 'width' | 'signed'>,
  length: number,
): Int32Array | BigInt64Array {
  const { width, signed } = field;
  const { buffer, byteOffset } = bytes;
  if (width === 64) return longs(bytes, length);
  if (width === 32) {
    if (signed) return new Int32Array(aligned(bytes, 4), byteOffsetOf(bytes, 4), length);
    return BigInt64Array.from(words(bytes, length), BigInt);
  }
  if (width === 16) {
    const at = [aligned(bytes, 2), byteOffsetOf(bytes, 2), length] as const;
    return Int32Array.from(signed ? new Int16Array(...at) : new Uint16Array(...at));
  }
  if (width !== 8) throw new RangeError(`whole numbers of ${width} bits`);
  return Int32Array.from(
    signed ? new Int8Array(buffer, byteOffset, length) : bytes.subarray(0, length),
  );
}

function longs(bytes: Uint8Array, length: number): BigInt64Array {
  return new BigInt64Array(aligned(bytes, 8), byteOffsetOf(bytes, 8), length);
}

/** Timestamps of any unit in ms; what is finer is cut off downwards. */
function toMillis(values: BigInt64Array, field: ArrowField): BigInt64Array {
  if (field.unit === 1) return values;
  if (field.unit === 0) return values.map((value) => value * 1000n);
  const divisor = field.unit === 2 ? 1000n : 1_000_000n;
  return values.map((value) => (value - (((value % divisor) + divisor) % divisor)) / divisor);
}

function unpackBits(bits: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = (bits[i >>> 3]! >>> (i & 7)) & 1;
  return out;
}
