// Keys of the catalog's collections, and the reads that everyone needs. Names hold no `/` (checked when they are made).
import { nearestName } from '../config/names.ts';
import { SegmillError } from '../errors.ts';
import type { TableRecord, TableType } from '../config/types.ts';
import type {
  CatalogView,
  PartitionRecord,
  ReplacedSegment,
  RunRecord,
  SegmentRecord,
  TableState,
} from './types.ts';

export function segmentKey(table: string, type: TableType, name: string): string {
  return `${table}/${type}/${name}`;
}

export function replacedKey(table: string, name: string, runId: string): string {
  return `${table}/${name}/${runId}`;
}

export function partitionKey(table: string, partition: number): string {
  return `${table}/${String(partition).padStart(10, '0')}`;
}

export function runKey(table: string, commitNumber: number, runId: string): string {
  return `${table}/${String(commitNumber).padStart(12, '0')}/${runId}`;
}

/** Who moves a table, or who ingests one of its partitions. */
export function leaseKey(kind: 'move', table: string): string;
export function leaseKey(kind: 'ingest', table: string, partition: number): string;
export function leaseKey(kind: 'move' | 'ingest', table: string, partition?: number): string {
  return partition === undefined ? `${kind}/${table}` : `${kind}/${partitionKey(table, partition)}`;
}

/** @throws SegmillError TABLE_NOT_FOUND */
export function tableOf(view: CatalogView, table: string): TableRecord {
  const record = view.get('tables', table);
  if (record !== undefined) return record;
  const nearest = nearestName(
    table,
    view.list('tables').map(({ name }) => name),
  );
  const meant = nearest === null ? '' : `; did you mean ${nearest}?`;
  throw new SegmillError(
    'TABLE_NOT_FOUND',
    `table ${table} is not known: add it with "table add", or see "table list"${meant}`,
    { table },
  );
}

/** The state of a table, with defaults for one that nothing was committed for yet. */
export function stateOf(view: CatalogView, table: string): TableState {
  return (
    view.get('states', table) ?? {
      table,
      watermarkMs: null,
      watermarkOrigin: null,
      boundary: null,
      boundarySet: null,
      commitNumber: 0,
    }
  );
}

/** Live segments by type (OFFLINE first) and name. */
export function segmentsOf(view: CatalogView, table: string, type?: TableType): SegmentRecord[] {
  return view.list('segments', type === undefined ? `${table}/` : `${table}/${type}/`);
}

/** A live segment by name, of one type, or REALTIME before OFFLINE. */
export function findSegment(
  view: CatalogView,
  table: string,
  name: string,
  type?: TableType,
): SegmentRecord | undefined {
  if (type !== undefined) return view.get('segments', segmentKey(table, type, name));
  return (
    view.get('segments', segmentKey(table, 'REALTIME', name)) ??
    view.get('segments', segmentKey(table, 'OFFLINE', name))
  );
}

export function partitionsOf(view: CatalogView, table: string): PartitionRecord[] {
  return view.list('partitions', `${table}/`);
}

/** A partition as it stands, or as it begins. */
export function partitionOf(view: CatalogView, table: string, partition: number): PartitionRecord {
  return (
    view.get('partitions', partitionKey(table, partition)) ?? {
      table,
      partition,
      nextSequence: 0,
      consuming: null,
      sources: [],
      sealedSources: [],
      readToEndMs: null,
      rejectedRows: 0,
      ignoredFields: 0,
      rejectBytes: 0,
      sealedRejects: { rejectedRows: 0, ignoredFields: 0, rejectBytes: 0 },
    }
  );
}

/** In the order of their commits; failed runs stand behind the commit they followed. */
export function runsOf(view: CatalogView, table: string): RunRecord[] {
  return view.list('runs', `${table}/`);
}

export function replacedOf(view: CatalogView, table: string): ReplacedSegment[] {
  return view.list('replaced', `${table}/`);
}
