// Parquet renditions of segments that are not Parquet, made on first use below `renditions/` and counted by `gc`.
import { crc32 } from '../kernels/crc32.ts';
import { SegmillError } from '../errors.ts';
import type { ConsumingRecord, SegmentRecord } from '../catalog/types.ts';
import type { ColumnBatch } from '../columns/column.ts';
import type { Schema, TableConfig } from '../config/types.ts';
import { codecOf } from '../segment/open.ts';
import { decodeConsuming } from '../segment/arrow/stream.ts';
import type { Store } from '../store/types.ts';

export const renditionsFolder = 'renditions';

let unique = 0;

/** The path, relative to the store, of a Parquet file with the segment's rows in order. */
export async function renditionOf(
  store: Store,
  segment: SegmentRecord,
  schema: Schema,
): Promise<string> {
  if (segment.format === 'parquet') return segment.file;
  const path = `${renditionsFolder}/${segment.table}_${segment.type}/${segment.name}-${segment.crc.toString(16)}.parquet`;
  if (await store.exists(path)) return path;
  const bytes = await store.read(segment.file);
  const { batch, header } = codecOf(segment.format).decode(bytes, segment.file);
  await write(store, path, batch, schema, {
    name: segment.name,
    table: segment.table,
    nullHandling: header?.nullHandling ?? false,
  });
  return path;
}

/** The same for a partition's CONSUMING rows; each valid length has a rendition of its own. */
export async function consumingRenditionOf(
  store: Store,
  realtime: TableConfig,
  consuming: ConsumingRecord,
  schema: Schema,
): Promise<{ path: string; columns: string[] }> {
  const bytes = await store.read(consuming.file, { start: 0, end: consuming.byteLength });
  if (crc32(bytes) !== consuming.crc) {
    throw new SegmillError(
      'SEGMENT_CORRUPT',
      `${consuming.file}: the CONSUMING rows fail their checksum; the next ingest of the partition drops the file and reads the source again`,
      { file: consuming.file, segment: consuming.name },
    );
  }
  const batch = decodeConsuming(bytes, consuming.file);
  const folder = `${renditionsFolder}/${realtime.tableName}_REALTIME`;
  const path = `${folder}/${consuming.name}-consuming-${consuming.byteLength}-${consuming.crc.toString(16)}.parquet`;
  if (!(await store.exists(path))) {
    await write(store, path, batch, schema, {
      name: consuming.name,
      table: realtime.tableName,
      nullHandling: realtime.nullHandling || schema.columnBasedNullHandling,
    });
  }
  return { path, columns: batch.columns.map(({ name }) => name) };
}

async function write(
  store: Store,
  path: string,
  batch: ColumnBatch,
  schema: Schema,
  { name, table, nullHandling }: { name: string; table: string; nullHandling: boolean },
): Promise<void> {
  const temporary = `${path}.${process.pid}-${unique++}.tmp`;
  const writer = await store.create(temporary);
  try {
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
    for (const chunk of codecOf('parquet').encode([batch], {
      header,
      schema,
      compression: 'snappy',
      stats: null,
    })) {
      await writer.write(chunk);
    }
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  // Another process may have made the same rendition meanwhile; it holds the same rows.
  if (await store.exists(path)) await store.remove(temporary);
  else await store.rename(temporary, path);
}
