// The one place that knows which codec belongs to which format.
import { Buffer } from 'node:buffer';
import type { Column } from '../columns/column.ts';
import type { SegmentFormat } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { arrowCodec } from './arrow/codec.ts';
import type { ColumnLayout, SegmentInspection } from './inspection.ts';
import { parquetCodec } from './parquet/codec.ts';
import { inspectParquet } from './parquet/inspect.ts';
import type { SegmentCodec } from './types.ts';

export type { ColumnLayout, SegmentInspection } from './inspection.ts';

export function codecOf(format: SegmentFormat): SegmentCodec {
  return format === 'arrow' ? arrowCodec : parquetCodec;
}

/**
 * The format by the file's first bytes.
 * @throws SegmillError UNSUPPORTED for Pinot's segments, FILE_UNREADABLE for anything else
 */
export function formatOfBytes(bytes: Uint8Array, where: string): SegmentFormat {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 512));
  if (head.toString('latin1', 0, 4) === 'PAR1') return 'parquet';
  if (head.toString('latin1', 0, 6) === 'ARROW1') return 'arrow';
  // The continuation mark of an Arrow stream.
  if (head.length >= 4 && head.readUInt32LE(0) === 0xffffffff) return 'arrow';
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  if (gzip || head.toString('latin1', 257, 262) === 'ustar') {
    throw new SegmillError(
      'UNSUPPORTED',
      `${where}: a tar archive, as Pinot packs its segments; this release reads Parquet and Arrow: export the rows as Parquet and import that`,
      { file: where },
    );
  }
  throw new SegmillError(
    'FILE_UNREADABLE',
    `${where}: neither a Parquet nor an Arrow file by its first bytes`,
    { file: where },
  );
}

/**
 * What a segment file holds and how it lies.
 * @throws SegmillError SEGMENT_CORRUPT, UNSUPPORTED, FILE_UNREADABLE
 */
export function inspectSegment(bytes: Uint8Array, where: string): SegmentInspection {
  return formatOfBytes(bytes, where) === 'parquet'
    ? inspectParquet(bytes, where)
    : inspectArrow(bytes, where);
}

/** Arrow's columns lie in the file as in memory, so their arrays tell the bytes. */
function inspectArrow(bytes: Uint8Array, where: string): SegmentInspection {
  const { batch, header, stats } = arrowCodec.decode(bytes, where);
  return {
    format: 'arrow',
    byteLength: bytes.length,
    rowCount: batch.rowCount,
    writer: null,
    rowGroups: [],
    header,
    stats,
    columns: batch.columns.map(arrowLayout),
  };
}

function arrowLayout(column: Column): ColumnLayout {
  const levels = (column.nulls?.byteLength ?? 0) + (column.offsets?.byteLength ?? 0);
  const plainBytes = levels + valueBytes(column);
  return {
    name: column.name,
    dataType: column.dataType,
    multiValue: column.offsets !== null,
    optional: column.nulls !== null,
    encodings: [column.kind],
    compression: [],
    storedBytes: plainBytes,
    plainBytes,
  };
}

function valueBytes(column: Column): number {
  if (column.kind === 'fixed') return column.values.byteLength;
  const values = column.kind === 'bytes' ? column.values : column.dictionary;
  const codes = column.kind === 'bytes' ? 0 : column.codes.byteLength;
  return codes + values.offsets.byteLength + values.data.byteLength;
}
