// CONSUMING rows as an Arrow IPC stream that is appended to: a schema, then for each append the dictionary values that
// are new (deltas) and one record batch. Any prefix that ends with an append is a whole stream to any Arrow reader; the
// catalog knows such a prefix by its length and CRC-32, so the stream itself carries none.
//
// An encoder knows nothing of what was appended before it was made: its first append brings its dictionaries whole, as
// Arrow's replacement of what the stream had. So a stream goes on after a restart with a new encoder and no state.
import { Buffer } from 'node:buffer';
import type { ColumnBatch } from '../../columns/column.ts';
import { makeFixed } from '../../columns/element-sink.ts';
import type { Field } from '../../config/types.ts';
import { consumingDictionaryMax } from '../../limits.ts';
import { guarded, joinBatches, readStream } from './decode.ts';
import { DictionaryTrack, inLayout } from './dictionaries.ts';
import { arrowSchema } from './schema.ts';
import type { ColumnLayout } from './schema.ts';
import { batchMessage, chunksOf, dictionaryMessage, schemaMessage } from './write.ts';
import type { EncodedMessage } from './write.ts';

export interface ConsumingEncoder {
  /** The start of a new stream. One that goes on has it already. */
  header(): Uint8Array;
  /** What to append for a batch of the encoder's fields, in their order. */
  encodeBatch(batch: ColumnBatch): Uint8Array;
}

export function createConsumingEncoder(
  fields: readonly Field[],
  options: { readonly nullHandling: boolean },
): ConsumingEncoder {
  const layouts = fields.map((field, id): ColumnLayout => {
    const { name, dataType, multiValue, defaultValue } = field;
    const nullable = options.nullHandling;
    const isVar = makeFixed(dataType, 0) === null;
    const dictionary = isVar ? ({ id, codeBytes: 4, sorted: false } as const) : null;
    return { name, dataType, multiValue, nullable, defaultValue, dictionary };
  });
  const tracks = layouts.map((layout) => new DictionaryTrack(layout, consumingDictionaryMax));
  return {
    header: () => joined([schemaMessage(arrowSchema(layouts, new Map()))]),
    encodeBatch: (batch) => encodeAppend(batch, layouts, tracks),
  };
}

function encodeAppend(
  batch: ColumnBatch,
  layouts: readonly ColumnLayout[],
  tracks: readonly DictionaryTrack[],
): Uint8Array {
  const messages: EncodedMessage[] = [];
  const columns = batch.columns.map((column, c) => {
    const layout = layouts[c]!;
    const { column: coded, delta, isFirst } = tracks[c]!.code(inLayout(column, layout));
    if (delta !== null) messages.push(dictionaryMessage(layout.dictionary!.id, delta, !isFirst));
    return coded;
  });
  messages.push(batchMessage(batch.rowCount, columns, layouts));
  return joined(messages);
}

function joined(messages: readonly EncodedMessage[]): Uint8Array {
  return Buffer.concat(messages.flatMap((message) => [...chunksOf(message)]));
}

/**
 * The rows of a stream cut to its valid length, whose checksum the caller has looked at. Dictionaries are in the order
 * in which values came, so mostly unsorted.
 * @throws SegmillError SEGMENT_CORRUPT
 */
export function decodeConsuming(bytes: Uint8Array, where: string): ColumnBatch {
  return guarded(where, () => {
    const { schema, batches } = readStream(bytes);
    return joinBatches(schema, batches, true);
  });
}
