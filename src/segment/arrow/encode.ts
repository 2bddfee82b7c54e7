// Columns into an Arrow IPC file. segmill's own files carry a checksum that ordinary readers do not see:
//
//   ARROW1.. | schema | dictionaries, batches | end of stream | SEGMCRC1, crc32, 0 | footer | its length | ARROW1
//
// It is the CRC-32 of all other bytes of the file in their order, and is checked before anything else is believed.
import { crc32 } from 'node:zlib';
import type { Schema } from 'apache-arrow';
import { FileBlock, Footer } from 'apache-arrow/ipc/metadata/file';
import { createBatchBuilder } from '../../columns/builder.ts';
import type { Column, ColumnBatch } from '../../columns/column.ts';
import { sliceRows } from '../../columns/gather.ts';
import { varCount } from '../../columns/var-values.ts';
import type { Field } from '../../config/types.ts';
import type { EncodeOptions } from '../types.ts';
import { DictionaryTrack, inLayout } from './dictionaries.ts';
import { fileMagic, seal } from './file-frame.ts';
import { metadataOf } from './metadata.ts';
import { arrowSchema } from './schema.ts';
import type { ColumnLayout } from './schema.ts';
import {
  batchMessage,
  chunksOf,
  dictionaryMessage,
  schemaMessage,
  streamEnd,
  varBytesMax,
} from './write.ts';
import type { EncodedMessage } from './write.ts';

/** Never compressed, whatever `options.compression` says: readers use the buffers where they lie. */
export function* encodeFile(
  pieces: Iterable<ColumnBatch>,
  options: EncodeOptions,
): Generator<Uint8Array, void, undefined> {
  const iterator = pieces[Symbol.iterator]();
  // One piece ahead: pieces with dictionaries of their own need codes of four bytes, for the union grows.
  let piece: ColumnBatch | null = take(iterator) ?? emptyBatch(options.schema.fields);
  let next = take(iterator);
  const layouts = layoutsOf(piece, next === null || sharesDictionaries(piece, next), options);
  const tracks = layouts.map((layout) => new DictionaryTrack(layout));
  const schema = arrowSchema(layouts, metadataOf(options.header, options.stats));
  const file = new FileWriter();
  yield* file.start(schema);
  while (piece !== null) {
    for (const part of withinArrowLimits(piece)) {
      const columns: Column[] = [];
      for (const [c, column] of part.columns.entries()) {
        const { column: coded, delta, isFirst } = tracks[c]!.code(inLayout(column, layouts[c]!));
        columns.push(coded);
        if (delta !== null) {
          yield* file.dictionary(dictionaryMessage(layouts[c]!.dictionary!.id, delta, !isFirst));
        }
      }
      yield* file.batch(batchMessage(part.rowCount, columns, layouts));
    }
    piece = next;
    next = next === null ? null : take(iterator);
  }
  yield* file.finish(schema);
}

function take(iterator: Iterator<ColumnBatch>): ColumnBatch | null {
  const result = iterator.next();
  return result.done === true ? null : result.value;
}

function emptyBatch(fields: readonly Field[]): ColumnBatch {
  return createBatchBuilder(fields, { nullHandling: false }).finish({ sortDictionaries: true });
}

function sharesDictionaries(a: ColumnBatch, b: ColumnBatch): boolean {
  return a.columns.every((column, c) => {
    const other = b.columns[c];
    if (column.kind !== 'dictionary') return column.kind === other?.kind;
    return other?.kind === 'dictionary' && other.dictionary === column.dictionary;
  });
}

function layoutsOf(first: ColumnBatch, shared: boolean, options: EncodeOptions): ColumnLayout[] {
  const fields = new Map(options.schema.fields.map((field) => [field.name, field]));
  return first.columns.map((column, id): ColumnLayout => {
    const { name, dataType } = column;
    const multiValue = column.offsets !== null;
    const nullable = options.header.nullHandling;
    const defaultValue = fields.get(name)?.defaultValue ?? null;
    const base = { name, dataType, multiValue, nullable, defaultValue };
    if (column.kind !== 'dictionary') return { ...base, dictionary: null };
    const size = varCount(column.dictionary);
    const codeBytes = !shared || size > 1 << 16 ? 4 : size > 1 << 8 ? 2 : 1;
    return { ...base, dictionary: { id, codeBytes, sorted: shared && column.sorted } };
  });
}

/** A batch in parts whose plain bytes fit Arrow's signed offsets. */
function* withinArrowLimits(batch: ColumnBatch): Generator<ColumnBatch> {
  const fits = batch.columns.every(
    (column) => column.kind !== 'bytes' || column.values.offsets.at(-1)! <= varBytesMax,
  );
  if (fits || batch.rowCount < 2) {
    yield batch;
    return;
  }
  const half = batch.rowCount >>> 1;
  yield* withinArrowLimits(sliceRows(batch, 0, half));
  yield* withinArrowLimits(sliceRows(batch, half, batch.rowCount));
}

/** Keeps position, checksum and the footer's entries while the chunks go by. */
class FileWriter {
  readonly #dictionaries: FileBlock[] = [];
  readonly #batches: FileBlock[] = [];
  #at = 0;
  #crc = 0;

  *start(schema: Schema): Generator<Uint8Array> {
    yield this.#counted(Uint8Array.of(...fileMagic, 0, 0));
    yield* this.#message(schemaMessage(schema), null);
  }

  dictionary(message: EncodedMessage): Generator<Uint8Array> {
    return this.#message(message, this.#dictionaries);
  }

  batch(message: EncodedMessage): Generator<Uint8Array> {
    return this.#message(message, this.#batches);
  }

  *finish(schema: Schema): Generator<Uint8Array> {
    yield this.#counted(streamEnd);
    const metadata = Footer.encode(
      new Footer(schema as never, undefined, this.#batches, this.#dictionaries) as never,
    );
    const footer = new Uint8Array(metadata.length + 4 + fileMagic.length);
    footer.set(metadata);
    new DataView(footer.buffer).setInt32(metadata.length, metadata.length, true);
    footer.set(fileMagic, metadata.length + 4);
    yield seal(crc32(footer, this.#crc));
    yield footer;
  }

  *#message(message: EncodedMessage, blocks: FileBlock[] | null): Generator<Uint8Array> {
    blocks?.push(new FileBlock(message.head.length, message.bodyLength, this.#at));
    for (const chunk of chunksOf(message)) yield this.#counted(chunk);
  }

  #counted(chunk: Uint8Array): Uint8Array {
    this.#at += chunk.length;
    this.#crc = crc32(chunk, this.#crc);
    return chunk;
  }
}
