// `export`: a segment as a file of its own.
import { rm, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { tableOf } from '../catalog/keys.ts';
import type { SegmentRecord } from '../catalog/types.ts';
import type { ColumnStats } from '../columns/column.ts';
import type { SegmentFormat } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { codecOf, inspectSegment } from '../segment/open.ts';
import { isSystemError } from '../store/failure.ts';
import type { EngineContext } from './context.ts';
import { openSubject } from './segments.ts';

export interface ExportReport {
  readonly segment: string;
  readonly path: string;
  readonly format: SegmentFormat;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * A segment as a file of its own: as it is, or encoded anew when the ending asks for the other format, or when the file
 * does not hold the segment's name yet (a move names its outputs after they were written).
 * @throws SegmillError SEGMENT_NOT_FOUND, UNSUPPORTED (ending), FILE_UNREADABLE (target)
 */
export async function exportSegment(
  ctx: EngineContext,
  name: string,
  path: string,
): Promise<ExportReport> {
  const { record, bytes, where } = await openSubject(ctx, name);
  if (record === null)
    throw new SegmillError(
      'SEGMENT_NOT_FOUND',
      `${name} is not a sealed segment; segmill segments TABLE lists them`,
      { segment: name },
    );
  const format = targetFormat(path, record.format);
  const named = inspectSegment(bytes, where).header?.segmentName === name;
  const out =
    format === record.format && named ? bytes : recoded(ctx, record, bytes, where, format);
  try {
    await writeFile(path, out, { flag: 'wx' });
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) await rm(path, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new SegmillError(
      'FILE_UNREADABLE',
      `${path} can't be written: ${reason}; give a new file in a folder that is there`,
      { path },
      { cause: error },
    );
  }
  return { segment: name, path, format, rows: record.rowCount, bytes: out.byteLength };
}

function targetFormat(path: string, own: SegmentFormat): SegmentFormat {
  const ending = extname(path).toLowerCase();
  if (ending === '') return own;
  if (ending === '.parquet') return 'parquet';
  if (ending === '.arrow' || ending === '.arrows' || ending === '.feather') return 'arrow';
  throw new SegmillError(
    'UNSUPPORTED',
    `${path}: ending ${ending} is no format that is written; allowed: .parquet, .arrow, or none for the segment's own`,
    { path },
  );
}

function recoded(
  ctx: EngineContext,
  record: SegmentRecord,
  bytes: Uint8Array,
  where: string,
  format: SegmentFormat,
): Buffer {
  const { batch, header, stats } = codecOf(record.format).decode(bytes, where);
  const table = ctx.catalog.read((view) => tableOf(view, record.table));
  const fallback = {
    segmentName: record.name,
    table: record.table,
    tableType: record.type,
    creationMs: record.creationMs,
    timeColumn: null,
    nullHandling: false,
    sortedColumns: [],
    extra: {},
  };
  const knownStats: readonly ColumnStats[] = stats ?? record.columns;
  return Buffer.concat([
    ...codecOf(format).encode([batch], {
      header: { ...(header ?? fallback), segmentName: record.name },
      schema: table.schema,
      compression: table.realtime?.move?.compression ?? 'snappy',
      stats: knownStats,
    }),
  ]);
}
