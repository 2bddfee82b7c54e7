// Columns into Arrow messages. Buffers are handed on where they lie; only booleans, validity and code widths are made.
//
//   message   ffffffff | length of metadata | metadata, padded | body: buffers, each padded to 8 bytes
import { Message } from 'apache-arrow';
import type { Schema } from 'apache-arrow';
import {
  BufferRegion,
  DictionaryBatch,
  FieldNode,
  RecordBatch,
} from 'apache-arrow/ipc/metadata/message';
import type { Codes, Column, VarValues } from '../../columns/column.ts';
import { countNulls } from '../../columns/nulls.ts';
import { varCount } from '../../columns/var-values.ts';
import { SegmillError } from '../../errors.ts';
import type { ColumnLayout } from './schema.ts';

export interface EncodedMessage {
  /** Prefix and metadata; a multiple of 8 bytes. */
  readonly head: Uint8Array;
  readonly body: readonly Uint8Array[];
  readonly bodyLength: number;
}

/** End of a stream. */
export const streamEnd: Uint8Array = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

export function schemaMessage(schema: Schema): EncodedMessage {
  // The classes of apache-arrow's package entry and of its inner modules are the same; their declared types differ.
  return framed(Message.encode(Message.from(schema as never)), new Body());
}

export function dictionaryMessage(id: number, values: VarValues, isDelta: boolean): EncodedMessage {
  const body = new Body();
  writeVar(values, body);
  const header = new DictionaryBatch(body.batch(varCount(values)), id, isDelta);
  return framed(Message.encode(Message.from(header as never, body.byteLength)), body);
}

/** @param columns in the order of `layouts`, kinds as they say */
export function batchMessage(
  rowCount: number,
  columns: readonly Column[],
  layouts: readonly ColumnLayout[],
): EncodedMessage {
  const body = new Body();
  for (const [c, column] of columns.entries()) writeColumn(column, layouts[c]!, body);
  return framed(Message.encode(Message.from(body.batch(rowCount) as never, body.byteLength)), body);
}

export function* chunksOf(message: EncodedMessage): Generator<Uint8Array> {
  yield message.head;
  yield* message.body;
}

function framed(metadata: Uint8Array, body: Body): EncodedMessage {
  const length = pad8(8 + metadata.length);
  const head = new Uint8Array(length);
  const view = new DataView(head.buffer);
  view.setInt32(0, -1, true);
  view.setInt32(4, length - 8, true);
  head.set(metadata, 8);
  return { head, body: body.chunks, bodyLength: body.byteLength };
}

class Body {
  readonly chunks: Uint8Array[] = [];
  byteLength = 0;
  readonly #nodes: FieldNode[] = [];
  readonly #buffers: BufferRegion[] = [];

  node(length: number, nullCount: number): void {
    this.#nodes.push(new FieldNode(length, nullCount));
  }

  buffer(values: ArrayBufferView | null): void {
    const length = values?.byteLength ?? 0;
    this.#buffers.push(new BufferRegion(this.byteLength, length));
    if (values === null || length === 0) return;
    this.chunks.push(new Uint8Array(values.buffer, values.byteOffset, length));
    const padding = pad8(length) - length;
    if (padding > 0) this.chunks.push(new Uint8Array(padding));
    this.byteLength += length + padding;
  }

  batch(length: number): RecordBatch {
    return new RecordBatch(length, this.#nodes, this.#buffers, null);
  }
}

function pad8(length: number): number {
  return Math.ceil(length / 8) * 8;
}

function writeColumn(column: Column, layout: ColumnLayout, body: Body): void {
  const nullCount = layout.nullable ? countNulls(column.nulls, column.rowCount) : 0;
  body.node(column.rowCount, nullCount);
  body.buffer(nullCount === 0 ? null : validity(column.nulls!, column.rowCount));
  if (column.offsets !== null) {
    body.buffer(column.offsets);
    const count = column.offsets[column.rowCount]!;
    body.node(count, 0);
    body.buffer(null);
  }
  switch (column.kind) {
    case 'fixed':
      body.buffer(
        column.dataType === 'BOOLEAN' ? packBits(column.values as Uint8Array) : column.values,
      );
      return;
    case 'dictionary':
      body.buffer(widened(column.codes, layout.dictionary!.codeBytes));
      return;
    case 'bytes':
      writeVarBuffers(column.values, body);
  }
}

function writeVar(values: VarValues, body: Body): void {
  body.node(varCount(values), 0);
  body.buffer(null);
  writeVarBuffers(values, body);
}

function writeVarBuffers(values: VarValues, body: Body): void {
  const bytes = values.offsets.at(-1)!;
  if (bytes > varBytesMax) {
    throw new SegmillError(
      'SEGMENT_TOO_LARGE',
      `a dictionary has ${bytes} bytes of values, Arrow's limit is ${varBytesMax}: use fewer rows a segment`,
      { byteLength: bytes, limit: varBytesMax },
    );
  }
  body.buffer(values.offsets);
  body.buffer(values.data.subarray(0, bytes));
}

/** Arrow's offsets are signed. */
export const varBytesMax: number = 2 ** 31 - 1;

/** Arrow's bit says valid where ours says null; bits past the last row stay clear. */
function validity(nulls: Uint8Array, rowCount: number): Uint8Array {
  const out = new Uint8Array((rowCount + 7) >>> 3);
  for (let i = 0; i < out.length; i++) out[i] = ~nulls[i]!;
  if ((rowCount & 7) !== 0) out[out.length - 1] = out.at(-1)! & ((1 << (rowCount & 7)) - 1);
  return out;
}

function packBits(values: Uint8Array): Uint8Array {
  const out = new Uint8Array((values.length + 7) >>> 3);
  for (let i = 0; i < values.length; i++) {
    out[i >>> 3] = out[i >>> 3]! | ((values[i] === 0 ? 0 : 1) << (i & 7));
  }
  return out;
}

function widened(codes: Codes, codeBytes: 1 | 2 | 4): Codes {
  if (codes.BYTES_PER_ELEMENT === codeBytes) return codes;
  if (codeBytes === 4) return Uint32Array.from(codes);
  return codeBytes === 2 ? Uint16Array.from(codes) : Uint8Array.from(codes);
}
