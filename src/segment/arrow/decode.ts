// An Arrow IPC file as columns.
import { makeFixed } from '../../columns/element-sink.ts';
import type { Column, ColumnBatch, VarValues } from '../../columns/column.ts';
import { concatColumns } from '../../columns/gather.ts';
import { concatVar, varFromBytes } from '../../columns/var-values.ts';
import { SegmillError } from '../../errors.ts';
import type { DecodedSegment } from '../types.ts';
import { corrupt, looksOwn, openFrame } from './file-frame.ts';
import { readFooter, readMessage } from './flatbuffer.ts';
import type { ArrowField, ArrowMessage, ArrowSchema } from './flatbuffer.ts';
import { headerOf, statsOf } from './metadata.ts';
import { checkedOrder } from './foreign.ts';
import { BodyReader, readColumn, readVar, unsupported } from './read.ts';
import { dataTypeOf, elementField, isList } from './schema.ts';

/**
 * A file of segmill's own or of another writer. Columns asked for that the file does not have are left out.
 * @throws SegmillError SEGMENT_CORRUPT; UNSUPPORTED for a column of a type that no schema has
 */
export function decodeFile(
  file: Uint8Array,
  where: string,
  columns?: readonly string[],
  checked: boolean = false,
): DecodedSegment {
  return guarded(where, () => {
    const bytes = plainBytes(file);
    const { footer, sealed } = openFrame(bytes, where, checked);
    if (!sealed && looksOwn(bytes)) throw corrupt(where, 'its checksum is missing');
    return readFile(bytes, footer, sealed, columns);
  });
}

/**
 * A file or a stream of any writer, for import: also one that kept segmill's metadata when it was rewritten.
 * @throws SegmillError SEGMENT_CORRUPT; UNSUPPORTED for a column of a type that no schema has
 */
export function readArrow(
  file: Uint8Array,
  where: string,
  columns?: readonly string[],
): DecodedSegment {
  return guarded(where, () => {
    const bytes = plainBytes(file);
    if (bytes[0] !== 0x41) return decodedStream(readStream(bytes), columns);
    const { footer, sealed } = openFrame(bytes, where, false);
    return readFile(bytes, footer, sealed, columns);
  });
}

// A Buffer's slices and subarrays are Buffers again, and its `slice` does not copy.
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whatever damaged bytes make the readers throw is the file's fault. */
export function guarded<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SegmillError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw corrupt(where, what, undefined, error);
  }
}

function readFile(
  bytes: Uint8Array,
  footerBytes: Uint8Array,
  trusted: boolean,
  columns?: readonly string[],
): DecodedSegment {
  const footer = readFooter(footerBytes);
  const dictionaries = new DictionarySet(footer.schema.fields);
  for (const offset of footer.dictionaries) {
    const message = messageAt(bytes, offset);
    if (message.kind !== 'dictionary') throw new RangeError(`no dictionary at byte ${offset}`);
    dictionaries.add(message);
  }
  const batches = footer.batches.map((offset): PlacedBatch => {
    const message = messageAt(bytes, offset);
    if (message.kind !== 'batch') throw new RangeError(`no record batch at byte ${offset}`);
    return { message, dictionaries: dictionaries.current };
  });
  return {
    batch: joinBatches(footer.schema, batches, trusted, columns),
    header: headerOf(footer.schema.metadata),
    stats: statsOf(footer.schema.metadata),
  };
}

/** A message with its body, and where the next one begins. */
type PlacedMessage<K extends ArrowMessage['kind'] = ArrowMessage['kind']> = Extract<
  ArrowMessage,
  { kind: K }
> & { readonly body: Uint8Array; readonly end: number };

/** @throws RangeError */
function messageAt(bytes: Uint8Array, offset: number): PlacedMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Before Arrow 0.15 the length came first, without the four bytes of ff.
  const start = view.getInt32(offset, true) === -1 ? offset + 8 : offset + 4;
  const length = view.getInt32(start - 4, true);
  if (length <= 0 || start + length > bytes.length) {
    throw new RangeError(`a message at byte ${offset} reaches past the end`);
  }
  const message = readMessage(bytes.subarray(start, start + length));
  const body = start + length;
  const end = body + message.bodyLength;
  if (end > bytes.length) throw new RangeError(`the body at byte ${body} reaches past the end`);
  return { ...message, body: bytes.subarray(body, end), end } as PlacedMessage;
}

interface DecodedStream {
  readonly schema: ArrowSchema;
  readonly batches: readonly PlacedBatch[];
}

interface PlacedBatch {
  readonly message: PlacedMessage<'batch'>;
  readonly dictionaries: ReadonlyMap<number, DictionaryParts>;
}

/** The messages of a stream up to its end mark or the end of the bytes. */
export function readStream(stream: Uint8Array): DecodedStream {
  const bytes = plainBytes(stream);
  const first = messageAt(bytes, 0);
  if (first.kind !== 'schema') throw new RangeError('no schema at byte 0');
  const { schema } = first;
  const dictionaries = new DictionarySet(schema.fields);
  const batches: PlacedBatch[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = first.end; at < bytes.length;) {
    const mark = view.getInt32(at, true);
    if (mark === 0 || (mark === -1 && view.getInt32(at + 4, true) === 0)) break;
    const message = messageAt(bytes, at);
    if (message.kind === 'schema') throw new RangeError(`a second schema at byte ${at}`);
    if (message.kind === 'dictionary') dictionaries.add(message);
    else batches.push({ message, dictionaries: dictionaries.current });
    at = message.end;
  }
  return { schema, batches };
}

function decodedStream(stream: DecodedStream, columns?: readonly string[]): DecodedSegment {
  const { metadata } = stream.schema;
  const batch = joinBatches(stream.schema, stream.batches, false, columns);
  return { batch, header: headerOf(metadata), stats: statsOf(metadata) };
}

/** One dictionary with all that was added to it later, joined when it is first looked at. */
class DictionaryParts {
  readonly #parts: VarValues[];
  #joined: VarValues | null = null;

  constructor(values: VarValues) {
    this.#parts = [values];
  }

  add(values: VarValues): void {
    this.#parts.push(values);
  }

  get values(): VarValues {
    this.#joined ??= this.#parts.length === 1 ? this.#parts[0]! : concatVar(this.#parts);
    return this.#joined;
  }
}

class DictionarySet {
  readonly #fields = new Map<number, ArrowField>();
  /** Dictionaries by id as the next batch sees them. A replaced one stays with the batches before. */
  current: ReadonlyMap<number, DictionaryParts> = new Map();

  constructor(fields: readonly ArrowField[]) {
    for (const field of fields) this.#note(field);
  }

  add(message: PlacedMessage<'dictionary'>): void {
    const field = this.#fields.get(message.id);
    if (field === undefined) throw new RangeError(`dictionary ${message.id} belongs to no column`);
    if (!isVar(field)) return;
    if (message.batch.compressed) throw compressed(field.name);
    const reader = new BodyReader(message.body, message.batch);
    const node = reader.node();
    reader.buffer(0);
    if (node.nullCount > 0) throw new RangeError(`dictionary ${message.id} holds a null`);
    const values = readVar(reader, field, node.length);
    const known = this.current.get(message.id);
    if (message.isDelta && known !== undefined) known.add(values);
    else this.current = new Map(this.current).set(message.id, new DictionaryParts(values));
  }

  #note(field: ArrowField): void {
    if (field.dictionary !== null) this.#fields.set(field.dictionary.id, field);
    for (const child of field.children) this.#note(child);
  }
}

function isVar(field: ArrowField): boolean {
  const { type } = field;
  return (
    type === 'Utf8' ||
    type === 'LargeUtf8' ||
    type === 'Binary' ||
    type === 'LargeBinary' ||
    type === 'FixedSizeBinary'
  );
}

function compressed(column: string): SegmillError {
  return new SegmillError(
    'UNSUPPORTED',
    `the Arrow buffers of column ${column} are compressed: write the file without compression, or as Parquet`,
    { column },
  );
}

/** The columns asked for, over all batches. */
export function joinBatches(
  schema: ArrowSchema,
  batches: readonly PlacedBatch[],
  trusted: boolean,
  columns?: readonly string[],
): ColumnBatch {
  const places = new Map(schema.fields.map((field, place) => [field.name, place]));
  const wanted = (columns ?? [...places.keys()]).filter((name) => places.has(name));
  const chosen = new Set(wanted.map((name) => places.get(name)!));
  const parts = schema.fields.map((): Column[] => []);
  let rowCount = 0;
  for (const { message, dictionaries } of batches) {
    rowCount += message.batch.length;
    if (message.batch.compressed) throw compressed(schema.fields[0]?.name ?? '');
    const values = new Map([...dictionaries].map(([id, known]) => [id, known.values]));
    const reader = new BodyReader(message.body, message.batch);
    for (const [place, field] of schema.fields.entries()) {
      if (chosen.has(place)) parts[place]!.push(readColumn(reader, field, values, trusted));
      else if (chosen.size > 0) reader.skip(field);
    }
  }
  const out = wanted.map((name): Column => {
    const place = places.get(name)!;
    const joined = concatColumns(
      parts[place]!.length === 0 ? [emptyColumn(schema.fields[place]!)] : parts[place]!,
    );
    return trusted ? joined : checkedOrder(joined);
  });
  return { rowCount, columns: out };
}

function emptyColumn(field: ArrowField): Column {
  const dataType = dataTypeOf(field);
  if (dataType === null) throw unsupported(field);
  const offsets = isList(field) ? new Uint32Array(1) : null;
  const base = { name: field.name, dataType, rowCount: 0, nulls: null, offsets };
  const fixed = makeFixed(dataType, 0);
  if (fixed !== null) return { ...base, kind: 'fixed', values: fixed };
  const none = varFromBytes([]);
  if (elementField(field).dictionary === null) return { ...base, kind: 'bytes', values: none };
  return { ...base, kind: 'dictionary', codes: new Uint8Array(0), dictionary: none, sorted: true };
}
