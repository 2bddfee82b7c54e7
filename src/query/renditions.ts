// Parquet renditions of segments that are not Parquet, made on first use below `renditions/` and counted by `gc`.
import { createHash, randomUUID } from 'node:crypto';
import { crc32 } from '../kernels/crc32.ts';
import { SegmillError } from '../errors.ts';
import { partitionsOf, segmentsOf } from '../catalog/keys.ts';
import type { CatalogView, ConsumingRecord, SegmentRecord } from '../catalog/types.ts';
import type { ColumnBatch } from '../columns/column.ts';
import type { Field, Schema, TableConfig, TableRecord } from '../config/types.ts';
import { codecOf } from '../segment/open.ts';
import { decodeConsuming } from '../segment/arrow/stream.ts';
import { folderOf } from '../store/path.ts';
import type { Store } from '../store/types.ts';
import { checkSegmentFile, readSegmentFile } from './segment-files.ts';

export const renditionsFolder = 'renditions';
const fileNameBytesMax = 200;

/** Relative to the store; by name and checksum, so that a replacement has a rendition of its own. */
function renditionPath(segment: SegmentRecord): string {
  const folder = `${renditionsFolder}/${segment.table}_${segment.type}`;
  return `${folder}/${fileName(segment.name)}-${segment.crc.toString(16)}.parquet`;
}

/** Each valid length of a partition's CONSUMING rows has a rendition of its own. */
function consumingRenditionPath(table: string, consuming: ConsumingRecord): string {
  const { name, byteLength, crc } = consuming;
  const folder = `${renditionsFolder}/${table}_REALTIME`;
  return `${folder}/${fileName(name)}-consuming-${byteLength}-${crc.toString(16)}.parquet`;
}

/** The renditions that a query of this state may read, made or not. */
export function neededRenditions(view: CatalogView): Set<string> {
  const paths = view
    .list('tables')
    .flatMap(({ name }) => [
      ...segmentsOf(view, name).map(renditionPath),
      ...partitionsOf(view, name).flatMap(({ consuming }) =>
        consuming === null ? [] : [consumingRenditionPath(name, consuming)],
      ),
    ]);
  return new Set(paths);
}

/** A name too long for a file is cut and ends in its hash. */
function fileName(name: string): string {
  if (Buffer.byteLength(name) <= fileNameBytesMax) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  const head = Buffer.from(name).subarray(0, fileNameBytesMax - 17);
  return `${new TextDecoder().decode(head, { stream: true })}-${hash}`;
}

/**
 * The path, relative to the store, of a Parquet file with the segment's rows in order.
 * @throws SegmillError SEGMENT_CORRUPT, MISSING_INPUT, or the reason of `stop`
 */
export async function renditionOf(
  store: Store,
  segment: SegmentRecord,
  schema: Schema,
  stop: AbortSignal,
): Promise<string> {
  if (segment.format === 'parquet') {
    await checkSegmentFile(store, segment, stop);
    return segment.file;
  }
  const path = renditionPath(segment);
  if (await store.exists(path)) return path;
  const bytes = await readSegmentFile(store, segment);
  const codec = codecOf(segment.format);
  const { batch, header } = codec.decode(bytes, segment.file, undefined, true);
  await write(store, path, batch, schema, {
    name: segment.name,
    table: segment.table,
    nullHandling: header?.nullHandling ?? false,
  });
  return path;
}

/**
 * The same for a partition's CONSUMING rows.
 * @throws SegmillError SEGMENT_CORRUPT
 */
export async function consumingRenditionOf(
  store: Store,
  { name: table, schema, realtime }: TableRecord & { readonly realtime: TableConfig },
  consuming: ConsumingRecord,
): Promise<string> {
  const path = consumingRenditionPath(table, consuming);
  if (await store.exists(path)) return path;
  const batch = decodeConsuming(await consumingBytes(store, consuming), consuming.file);
  await write(store, path, batch, schema, {
    name: consuming.name,
    table,
    nullHandling: realtime.nullHandling || schema.columnBasedNullHandling,
  });
  return path;
}

async function consumingBytes(store: Store, consuming: ConsumingRecord): Promise<Uint8Array> {
  const { file, byteLength, crc, name } = consuming;
  const found = await store.size(file);
  const bytes = found < byteLength ? null : await store.read(file, { start: 0, end: byteLength });
  if (bytes !== null && crc32(bytes) === crc) return bytes;
  throw new SegmillError(
    'SEGMENT_CORRUPT',
    `${file}: the CONSUMING rows of ${name} fail their checksum (${found} bytes, ${byteLength} valid); the next ingest of the partition drops the file and reads the source again`,
    { file, segment: name, byteLength: found },
  );
}

async function write(
  store: Store,
  path: string,
  batch: ColumnBatch,
  schema: Schema,
  { name, table, nullHandling }: { name: string; table: string; nullHandling: boolean },
): Promise<void> {
  const temporary = `${folderOf(path)}/${randomUUID()}.tmp`;
  const header = {
    segmentName: name,
    table,
    tableType: 'REALTIME',
    creationMs: 0,
    timeColumn: null,
    nullHandling,
    sortedColumns: [],
    extra: {},
  } as const;
  const options = {
    header,
    schema: withColumns(schema, batch),
    compression: 'snappy',
    stats: null,
  } as const;
  const writer = await store.create(temporary);
  try {
    for (const chunk of codecOf('parquet').encode([batch], options)) await writer.write(chunk);
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  try {
    await store.rename(temporary, path);
  } catch (error) {
    // Another process made the same rendition meanwhile; it holds the same rows.
    const made = await store.exists(path);
    await store.remove(temporary);
    if (!made) throw error;
  }
}

/** The schema, with stand-ins for columns of the segment that it no longer has. */
function withColumns(schema: Schema, batch: ColumnBatch): Schema {
  const known = new Set(schema.fields.map(({ name }) => name));
  const gone = batch.columns
    .filter(({ name }) => !known.has(name))
    .map(({ name, dataType, offsets }): Field => ({
      name,
      dataType,
      role: 'DIMENSION',
      multiValue: offsets !== null,
      defaultValue: '',
      maxLength: 0,
      maxLengthStrategy: null,
      allowTrailingZeros: false,
      format: null,
      transformFunction: null,
    }));
  return gone.length === 0 ? schema : { ...schema, fields: [...schema.fields, ...gone] };
}
