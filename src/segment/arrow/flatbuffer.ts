// The few tables of Arrow's IPC metadata, read off the bytes with every position checked, so that damaged metadata ends
// in a RangeError instead of in endless loops. (apache-arrow's own reader trusts the counts that it finds.)

/** Arrow's `Type` union, as far as we name its members. */
export const arrowTypes = [
  'None',
  'Null',
  'Int',
  'FloatingPoint',
  'Binary',
  'Utf8',
  'Bool',
  'Decimal',
  'Date',
  'Time',
  'Timestamp',
  'Interval',
  'List',
  'Struct',
  'Union',
  'FixedSizeBinary',
  'FixedSizeList',
  'Map',
  'Duration',
  'LargeBinary',
  'LargeUtf8',
  'LargeList',
  'RunEndEncoded',
  'BinaryView',
  'Utf8View',
  'ListView',
  'LargeListView',
] as const;

export type ArrowTypeName = (typeof arrowTypes)[number];

export interface ArrowField {
  readonly name: string;
  readonly nullable: boolean;
  readonly type: ArrowTypeName;
  /** Int, FloatingPoint: bits of a value; FixedSizeBinary: bytes; else 0. */
  readonly width: number;
  readonly signed: boolean;
  /** Date, Time, Timestamp: the unit's number in Arrow; else 0. */
  readonly unit: number;
  readonly dictionary: ArrowDictionary | null;
  readonly children: readonly ArrowField[];
  readonly metadata: ReadonlyMap<string, string>;
}

export interface ArrowDictionary {
  readonly id: number;
  readonly indexBits: number;
  readonly indexSigned: boolean;
  readonly ordered: boolean;
}

export interface ArrowSchema {
  readonly fields: readonly ArrowField[];
  readonly metadata: ReadonlyMap<string, string>;
}

export interface BatchMetadata {
  readonly length: number;
  /** Length and null count of node i at 2i and 2i + 1. */
  readonly nodes: Float64Array;
  /** Offset in the body and length of buffer i at 2i and 2i + 1. */
  readonly buffers: Float64Array;
  readonly compressed: boolean;
}

export type ArrowMessage =
  | { readonly kind: 'schema'; readonly bodyLength: number; readonly schema: ArrowSchema }
  | { readonly kind: 'batch'; readonly bodyLength: number; readonly batch: BatchMetadata }
  | {
      readonly kind: 'dictionary';
      readonly bodyLength: number;
      readonly id: number;
      readonly isDelta: boolean;
      readonly batch: BatchMetadata;
    };

export interface ArrowFooter {
  readonly schema: ArrowSchema;
  /** File offsets of the messages, in order. */
  readonly dictionaries: readonly number[];
  readonly batches: readonly number[];
}

const depthMax = 8;
const fieldsMax = 1 << 16;

/** @throws RangeError when the bytes are no such message */
export function readMessage(bytes: Uint8Array): ArrowMessage {
  const message = rootOf(bytes);
  const bodyLength = message.int64(3);
  if (bodyLength < 0) throw new RangeError('a negative body length');
  const header = message.table(2);
  if (header === null) throw new RangeError('a message without a header');
  switch (message.uint8(1)) {
    case 1:
      return { kind: 'schema', bodyLength, schema: readSchema(header) };
    case 2: {
      const batch = header.table(1);
      if (batch === null) throw new RangeError('a dictionary without values');
      const isDelta = header.uint8(2) !== 0;
      const id = header.int64(0);
      return { kind: 'dictionary', bodyLength, id, isDelta, batch: readBatch(batch) };
    }
    case 3:
      return { kind: 'batch', bodyLength, batch: readBatch(header) };
    default:
      throw new RangeError(`a message of kind ${message.uint8(1)}`);
  }
}

/** @throws RangeError when the bytes are no footer */
export function readFooter(bytes: Uint8Array): ArrowFooter {
  const footer = rootOf(bytes);
  const schema = footer.table(1);
  if (schema === null) throw new RangeError('a footer without a schema');
  return {
    schema: readSchema(schema),
    dictionaries: readBlocks(footer, 2),
    batches: readBlocks(footer, 3),
  };
}

function readBlocks(footer: Table, field: number): number[] {
  const vector = footer.vector(field, 24);
  return Array.from({ length: vector.length }, (_, i) => footer.int64At(vector.start + 24 * i));
}

function readBatch(table: Table): BatchMetadata {
  const length = table.int64(0);
  if (length < 0) throw new RangeError('a negative row count');
  return {
    length,
    nodes: readPairs(table, 1),
    buffers: readPairs(table, 2),
    compressed: table.table(3) !== null,
  };
}

function readPairs(table: Table, field: number): Float64Array {
  const vector = table.vector(field, 16);
  const out = new Float64Array(2 * vector.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = table.int64At(vector.start + 8 * i);
    if (out[i]! < 0) throw new RangeError('a negative length');
  }
  return out;
}

function readSchema(table: Table): ArrowSchema {
  if (table.int16(0) !== 0) throw new RangeError('big-endian data');
  const budget = { fields: 0 };
  const fields = table.tables(1).map((field) => readField(field, 0, budget));
  return { fields, metadata: readKeys(table, 2) };
}

function readField(table: Table, depth: number, budget: { fields: number }): ArrowField {
  if (depth > depthMax || ++budget.fields > fieldsMax) throw new RangeError('too many fields');
  const type = arrowTypes[table.uint8(2)] ?? 'None';
  const details = table.table(3);
  return {
    name: table.text(0),
    nullable: table.uint8(1) !== 0,
    type,
    ...readType(type, details),
    dictionary: readDictionary(table.table(4)),
    children: table.tables(5).map((child) => readField(child, depth + 1, budget)),
    metadata: readKeys(table, 6),
  };
}

function readType(
  type: ArrowTypeName,
  table: Table | null,
): Pick<ArrowField, 'width' | 'signed' | 'unit'> {
  const none = { width: 0, signed: false, unit: 0 };
  if (table === null) return none;
  if (type === 'Int') return { ...none, width: table.int32(0), signed: table.uint8(1) !== 0 };
  if (type === 'FloatingPoint') return { ...none, width: 16 << table.int16(0), signed: true };
  if (type === 'FixedSizeBinary') return { ...none, width: table.int32(0) };
  if (type === 'Date') return { ...none, unit: table.int16(0, 1) };
  return type === 'Timestamp' ? { ...none, unit: table.int16(0) } : none;
}

function readDictionary(table: Table | null): ArrowDictionary | null {
  if (table === null) return null;
  const index = table.table(1);
  return {
    id: table.int64(0),
    indexBits: index === null ? 32 : index.int32(0),
    indexSigned: index === null || index.uint8(1) !== 0,
    ordered: table.uint8(2) !== 0,
  };
}

function readKeys(table: Table, field: number): Map<string, string> {
  return new Map(table.tables(field).map((entry) => [entry.text(0), entry.text(1)]));
}

function rootOf(bytes: Uint8Array): Table {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new Table(view, view.getUint32(0, true));
}

const decoder = new TextDecoder();

/** One flatbuffer table; DataView throws RangeError for whatever lies outside the bytes. */
class Table {
  readonly #view: DataView;
  readonly #at: number;
  readonly #slots: number;
  readonly #slotsEnd: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
    this.#slots = at - view.getInt32(at, true);
    this.#slotsEnd = this.#slots + view.getUint16(this.#slots, true);
  }

  uint8(field: number): number {
    const at = this.#field(field);
    return at === 0 ? 0 : this.#view.getUint8(at);
  }

  int16(field: number, absent = 0): number {
    const at = this.#field(field);
    return at === 0 ? absent : this.#view.getInt16(at, true);
  }

  int32(field: number): number {
    const at = this.#field(field);
    return at === 0 ? 0 : this.#view.getInt32(at, true);
  }

  int64(field: number): number {
    const at = this.#field(field);
    return at === 0 ? 0 : this.int64At(at);
  }

  int64At(at: number): number {
    return this.#view.getUint32(at, true) + this.#view.getInt32(at + 4, true) * 2 ** 32;
  }

  text(field: number): string {
    const { start, length } = this.vector(field, 1);
    const { buffer, byteOffset } = this.#view;
    return length === 0 ? '' : decoder.decode(new Uint8Array(buffer, byteOffset + start, length));
  }

  table(field: number): Table | null {
    const at = this.#field(field);
    return at === 0 ? null : new Table(this.#view, at + this.#view.getUint32(at, true));
  }

  tables(field: number): Table[] {
    const { start, length } = this.vector(field, 4);
    return Array.from({ length }, (_, i) => {
      const at = start + 4 * i;
      return new Table(this.#view, at + this.#view.getUint32(at, true));
    });
  }

  vector(field: number, itemBytes: number): { readonly start: number; readonly length: number } {
    const at = this.#field(field);
    if (at === 0) return { start: 0, length: 0 };
    const start = at + this.#view.getUint32(at, true) + 4;
    const length = this.#view.getUint32(start - 4, true);
    if (start + length * itemBytes > this.#view.byteLength) {
      throw new RangeError(`${length} items at ${start} reach past the end`);
    }
    return { start, length };
  }

  #field(field: number): number {
    const slot = this.#slots + 4 + 2 * field;
    const offset = slot + 2 > this.#slotsEnd ? 0 : this.#view.getUint16(slot, true);
    return offset === 0 ? 0 : this.#at + offset;
  }
}
