// Where things are in a data directory, as store paths. The catalog's own folder is LMDB's business.
import { createHash } from 'node:crypto';
import type { TableType } from '../config/types.ts';
import { partitionKey } from './keys.ts';

export const folders = {
  segments: 'segments',
  consuming: 'consuming',
  temporary: 'tmp',
  rejects: 'rejects',
  logs: 'logs',
} as const;

/** Bytes of one file name that all common file systems take, less room for an ending. */
const fileNameBytesMax = 200;

/** `segments/<table_TYPE>` */
function segmentFolder(table: string, type: TableType): string {
  return `${folders.segments}/${table}_${type}`;
}

/**
 * `segments/<table_TYPE>/<segment>.<runId>.<ext>`: the id of whoever writes it makes the file of a replacement a new
 * one, also where the segment's name stays. A name too long for a file is cut and ends in its hash.
 */
export function segmentFile(
  table: string,
  type: TableType,
  name: string,
  writerId: string,
  extension: string,
): string {
  return `${segmentFolder(table, type)}/${shortened(name)}.${writerId}.${extension}`;
}

/** `consuming/<table>/<partition>-<sequence>.arrows` */
export function consumingFile(table: string, partition: number, sequence: number): string {
  return `${folders.consuming}/${partitionKey(table, partition)}-${sequence}.arrows`;
}

/** Table and partition of a path that `consumingFile` made; null for another. */
export function consumingPartOf(
  path: string,
): { readonly table: string; readonly partition: number } | null {
  const match = /^consuming\/([^/]+)\/(\d+)-\d+\.arrows$/.exec(path);
  return match === null ? null : { table: match[1]!, partition: Number(match[2]) };
}

/** The table of a folder below `segments/`; null for one that is none of ours. */
export function segmentTableOf(folder: string): string | null {
  return /^(.+)_(?:REALTIME|OFFLINE)$/.exec(folder)?.[1] ?? null;
}

/** `rejects/<table>/run-<runId>.ndjson`: the rows that a move rejected, beside those of ingestion. */
export function runRejectFile(table: string, runId: string): string {
  return `${folders.rejects}/${table}/run-${runId}.ndjson`;
}

/** The run of a path that `runRejectFile` made; null for another. */
export function runOfRejects(path: string): string | null {
  return /^rejects\/[^/]+\/run-([^/]+)\.ndjson$/.exec(path)?.[1] ?? null;
}

/** `tmp/<runId>`: spills and unfinished outputs of one run or ingestion. */
export function temporaryFolder(runId: string): string {
  return `${folders.temporary}/${runId}`;
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= fileNameBytesMax) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  const head = new TextDecoder().decode(Buffer.from(name).subarray(0, fileNameBytesMax - 17), {
    stream: true,
  });
  return `${head}-${hash}`;
}
