// How a Parquet file lies on disk, column by column, from its footer alone.
import { headerOf, statsOf } from '../arrow/metadata.ts';
import type { ColumnLayout, SegmentInspection } from '../inspection.ts';
import { openParquet } from './decode.ts';
import type { FileColumn, ParquetFile } from './decode.ts';
import { compressionCodec, encoding, nameOf } from './format.ts';

/** @throws SegmillError SEGMENT_CORRUPT when the footer is damaged; pages are not read */
export function inspectParquet(bytes: Uint8Array, where: string): SegmentInspection {
  const file = openParquet(bytes, where);
  const { meta, own } = file;
  return {
    format: 'parquet',
    byteLength: bytes.length,
    rowCount: meta.rowCount,
    writer: meta.createdBy,
    rowGroups: meta.groups.map((group) => group.rowCount),
    header: own ? headerOf(meta.keys) : null,
    stats: own ? statsOf(meta.keys) : null,
    columns: file.columns.map((column) => layoutOf(file, column)),
  };
}

function layoutOf(file: ParquetFile, column: FileColumn): ColumnLayout {
  const chunks = file.meta.groups.map((group) => group.chunks[column.index]!);
  const names = (table: Readonly<Record<string, number>>, values: readonly number[]): string[] => [
    ...new Set(values.map((value) => nameOf(table, value))),
  ];
  return {
    name: column.name,
    dataType: column.dataType,
    multiValue: column.multiValue,
    optional: column.leaf.optional,
    encodings: names(
      encoding,
      chunks.flatMap((chunk) => chunk.encodings),
    ),
    compression: names(
      compressionCodec,
      chunks.map((chunk) => chunk.codec),
    ),
    storedBytes: chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
    plainBytes: chunks.reduce((sum, chunk) => sum + chunk.uncompressedBytes, 0),
  };
}
