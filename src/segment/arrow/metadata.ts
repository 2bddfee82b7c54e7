// Header and statistics as text keys of the file's own metadata, prefix `segmill.`.
import type { ColumnStats } from '../../columns/column.ts';
import type { SegmentHeader } from '../types.ts';

const version = '1';

export function metadataOf(
  header: SegmentHeader,
  stats: readonly ColumnStats[] | null,
): Map<string, string> {
  const keys = new Map([
    ['segmill.version', version],
    ['segmill.segmentName', header.segmentName],
    ['segmill.table', header.table],
    ['segmill.tableType', header.tableType],
    ['segmill.creationMs', String(header.creationMs)],
    ['segmill.nullHandling', String(header.nullHandling)],
    ['segmill.sortedColumns', JSON.stringify(header.sortedColumns)],
    ['segmill.extra', JSON.stringify(header.extra)],
  ]);
  if (header.timeColumn !== null) keys.set('segmill.timeColumn', header.timeColumn);
  if (stats !== null) keys.set('segmill.stats', JSON.stringify(stats));
  return keys;
}

/** Null: the file was not written by segmill. */
export function headerOf(metadata: ReadonlyMap<string, string>): SegmentHeader | null {
  const segmentName = metadata.get('segmill.segmentName');
  if (segmentName === undefined) return null;
  return {
    segmentName,
    table: metadata.get('segmill.table') ?? '',
    tableType: metadata.get('segmill.tableType') === 'OFFLINE' ? 'OFFLINE' : 'REALTIME',
    creationMs: Number(metadata.get('segmill.creationMs')),
    timeColumn: metadata.get('segmill.timeColumn') ?? null,
    nullHandling: metadata.get('segmill.nullHandling') === 'true',
    sortedColumns: JSON.parse(metadata.get('segmill.sortedColumns') ?? '[]') as string[],
    extra: JSON.parse(metadata.get('segmill.extra') ?? '{}') as Record<string, string>,
  };
}

export function statsOf(metadata: ReadonlyMap<string, string>): ColumnStats[] | null {
  const text = metadata.get('segmill.stats');
  return text === undefined ? null : (JSON.parse(text) as ColumnStats[]);
}
