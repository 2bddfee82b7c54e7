import { crc32 } from 'node:zlib';
import { SegmillError } from '../errors.ts';
import type { ColumnBatch } from '../columns/column.ts';
import { decodeConsuming } from '../segment/arrow/stream.ts';
import type { Store } from '../store/types.ts';
import type { ConsumingRecord, PartitionRecord } from '../catalog/types.ts';

/**
 * The rows of a partition that are durable and not sealed yet, in the order they came.
 * @throws SegmillError SEGMENT_CORRUPT, FILE_NOT_FOUND
 */
export async function readConsuming(
  store: Store,
  record: PartitionRecord,
): Promise<ColumnBatch | null> {
  return record.consuming === null ? null : readConsumingRecord(store, record.consuming);
}

export async function readConsumingRecord(
  store: Store,
  consuming: ConsumingRecord,
): Promise<ColumnBatch> {
  return decodeConsuming(await readConsumingBytes(store, consuming), consuming.file);
}

/** The valid part of the file. */
export async function readConsumingBytes(
  store: Store,
  consuming: ConsumingRecord,
): Promise<Uint8Array<ArrayBuffer>> {
  const { file, byteLength, crc } = consuming;
  const found = await store.size(file);
  const bytes = found < byteLength ? null : await store.read(file, { start: 0, end: byteLength });
  if (bytes !== null && crc32(bytes) === crc) return bytes;
  throw new SegmillError(
    'SEGMENT_CORRUPT',
    `${file}: the CONSUMING rows of ${consuming.name} fail their checksum (${found} bytes, ${byteLength} valid); the next ingest drops the file and reads the source again`,
    { file, segment: consuming.name, byteLength: found },
  );
}
