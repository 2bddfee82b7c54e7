// `ingest`: files or standard input into a table's partitions, up to the ends that they have at the start.
import { setTimeout as delay } from 'node:timers/promises';
import { invariant, SegmillError } from '../errors.ts';
import { followPollMs, pipeCloseMs, readToEndStepMs } from '../limits.ts';
import type { TableRecord } from '../config/types.ts';
import { leaseKey } from '../catalog/keys.ts';
import { withLease } from '../catalog/lease.ts';
import type { Lease } from '../catalog/lease.ts';
import type { Catalog, PartitionRecord } from '../catalog/types.ts';
import type { UnreadTail } from '../segment/rows/row-batch.ts';
import type { Store } from '../store/types.ts';
import { openSource } from './open-source.ts';
import { PartitionWriter } from './partition-writer.ts';
import { rejectFile } from './reject-file.ts';
import type { PartitionCounts } from './row-intake.ts';
import type { StreamPartition, StreamSource } from './stream-source.ts';

export interface IngestOptions {
  readonly catalog: Catalog;
  readonly store: Store;
  readonly table: TableRecord;
  /** Files, directories, `-` for standard input. */
  readonly from: readonly string[];
  /** `--source`; null: each argument's real path. */
  readonly source: string | null;
  /** `--partition`, none: all. */
  readonly partitions: readonly number[];
  /** Seals what is left in the partitions of this call. */
  readonly seal: boolean;
  /** Goes on with what is appended until the signal. */
  readonly follow: boolean;
  /** Content that was read under another key is added once more. */
  readonly again: boolean;
  /** For naming, dating, the time threshold and the moment up to which was read (`--now`). */
  readonly clock: () => number;
  /** Stops after the rows at hand; what was read is kept. */
  readonly signal: AbortSignal;
  /** Standard input. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Who holds the lease, for messages. */
  readonly owner: string;
  readonly progress?: (state: IngestProgress) => void;
}

export interface IngestProgress {
  readonly partition: number;
  readonly rowsRead: number;
  readonly sealed: number;
}

export interface PartitionResult extends Readonly<PartitionCounts> {
  readonly partition: number;
  /** Rows that are durable and not sealed, those of earlier calls included. */
  readonly consumingRows: number;
  /** Ends of files that were no whole row. */
  readonly unread: readonly (UnreadTail & { readonly source: string })[];
  /** Relative to the data directory; null: the partition never rejected a row. */
  readonly rejectFile: string | null;
}

export interface IngestResult {
  readonly table: string;
  readonly partitions: readonly PartitionResult[];
  readonly rowsRead: number;
  readonly rowsKept: number;
  readonly rowsRejected: number;
  readonly interrupted: boolean;
  /** Least and greatest time of the rows kept by this call. */
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
}

/** @throws SegmillError FILE_NOT_FOUND, FILE_CHANGED, FILE_SEEN, FILE_UNREADABLE, RUNNING_ELSEWHERE, ROW_REJECTED, USAGE */
export async function ingestFiles(options: IngestOptions): Promise<IngestResult> {
  const source = await openSource(options);
  try {
    return await ingestStream(source, options);
  } finally {
    await source.close();
  }
}

/** The same from any stream: all partitions of it, each under its lease. */
export async function ingestStream(
  source: StreamSource,
  options: IngestOptions,
): Promise<IngestResult> {
  const { catalog, table, owner } = options;
  const leases: Lease[] = [];
  const withLeases = async (next: number): Promise<IngestResult> => {
    const partition = source.partitions[next];
    if (partition === undefined) return runPartitions(source, leases, options);
    const key = leaseKey('ingest', table.name, partition.partition);
    return withLease(catalog, key, { owner }, (lease) => {
      leases.push(lease);
      return withLeases(next + 1);
    });
  };
  return withLeases(0);
}

interface Running {
  readonly source: StreamPartition;
  readonly writer: PartitionWriter;
  readonly tails: Map<string, UnreadTail>;
}

async function runPartitions(
  source: StreamSource,
  leases: readonly Lease[],
  options: IngestOptions,
): Promise<IngestResult> {
  const { table, seal, follow } = options;
  const { realtime } = table;
  const stream = realtime?.stream ?? null;
  if (realtime === null || stream === null) throw noRealtimeTable(table);
  const signal = AbortSignal.any([options.signal, ...leases.map((lease) => lease.signal)]);
  const running: Running[] = [];
  for (const [i, partition] of source.partitions.entries()) {
    const lease = leases[i];
    invariant(lease !== undefined, () => `partition ${partition.partition} without a lease`);
    const writer = await PartitionWriter.open({ ...options, realtime, stream, lease }, partition);
    running.push({ source: partition, writer, tails: new Map() });
    await writer.sealIfDue();
  }
  for (const one of running) await readToEnd(one, signal, options);
  // A pipe that has ended brings nothing more.
  while (follow && !options.from.includes('-') && !signal.aborted) {
    await pause(signal);
    for (const one of running) await readToEnd(one, signal, options);
  }
  const sealsRest = seal || (source.sealsAtEnd && !signal.aborted);
  if (sealsRest && !lost(leases)) for (const { writer } of running) await writer.seal();
  for (const { signal: lease } of leases) lease.throwIfAborted();
  return resultOf(running, options);
}

function lost(leases: readonly Lease[]): boolean {
  return leases.some((lease) => lease.signal.aborted);
}

/** One pass over a partition: everything up to the ends asked for after the moment that is taken here (design 5.9). */
async function readToEnd(
  { source, writer, tails }: Running,
  signal: AbortSignal,
  { clock, progress }: IngestOptions,
): Promise<void> {
  const moment = clock();
  const fetched = new Set<string>();
  const batches = source.fetch(writer.record.sources);
  let pending = batches.next();
  try {
    while (!signal.aborted) {
      const next = await within(pending, writer.flushDueMs, signal);
      if (next === 'late') {
        await writer.flush();
        await writer.sealIfDue();
        continue;
      }
      if (next.done === true) break;
      const batch = next.value;
      fetched.add(batch.source);
      await writer.add(batch);
      if (batch.tail === null) tails.delete(batch.source);
      else tails.set(batch.source, batch.tail);
      const { rowsRead, sealed } = writer.counts;
      progress?.({ partition: source.partition, rowsRead, sealed: sealed.length });
      pending = batches.next();
    }
    // Where a half-read file stands is known only while it is open.
    if (signal.aborted && writer.flushDueMs !== null) await writer.flush();
  } catch (error) {
    // What was read before a broken place is kept, so that the next call begins there.
    if (writer.flushDueMs !== null) await writer.flush();
    throw error;
  } finally {
    await closed(batches, pending);
  }
  const complete = !signal.aborted && (await restIsRead(source, writer.record, fetched));
  const readToEndMs = complete && isLater(moment, writer.record) ? moment : null;
  if (readToEndMs !== null || writer.flushDueMs !== null) await writer.flush(readToEndMs);
  await writer.sealIfDue();
}

/** A pipe that is silent is not waited for: nothing of it is needed any more. */
async function closed<T>(batches: AsyncGenerator<T>, pending: Promise<unknown>): Promise<void> {
  const closing = pending.then(
    () => batches.return(undefined),
    () => undefined,
  );
  await Promise.race([closing, delay(pipeCloseMs)]);
}

/** A moment that says little more than the one that is known is not worth a transaction. */
function isLater(moment: number, record: PartitionRecord): boolean {
  return record.readToEndMs === null || moment - record.readToEndMs >= readToEndStepMs;
}

async function restIsRead(
  source: StreamPartition,
  record: PartitionRecord,
  fetched: ReadonlySet<string>,
): Promise<boolean> {
  for (const position of record.sources) {
    if (!fetched.has(position.source) && !(await source.isAtEnd(position))) return false;
  }
  return true;
}

/** The next batch, or `late` when `ms` have passed or the signal came before it. */
async function within<T>(
  pending: Promise<T>,
  ms: number | null,
  signal: AbortSignal,
): Promise<T | 'late'> {
  const timer = new AbortController();
  const stop = (): void => timer.abort();
  signal.addEventListener('abort', stop);
  try {
    const waiting = delay(ms ?? 2 ** 31 - 1, 'late' as const, { signal: timer.signal });
    return await Promise.race([pending, waiting.catch(() => 'late' as const)]);
  } finally {
    signal.removeEventListener('abort', stop);
    timer.abort();
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await delay(followPollMs, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

function resultOf(running: readonly Running[], options: IngestOptions): IngestResult {
  const { table, signal } = options;
  const partitions = running.map(({ source, writer, tails }): PartitionResult => {
    const { rejectedRows } = writer.record;
    return {
      partition: source.partition,
      ...writer.counts,
      consumingRows: writer.consumingRows,
      unread: [...tails].map(([key, tail]) => ({ source: key, ...tail })),
      rejectFile: rejectedRows === 0 ? null : rejectFile(table.name, source.partition),
    };
  });
  const sum = (of: (result: PartitionResult) => number): number =>
    partitions.reduce((total, result) => total + of(result), 0);
  const times = partitions.flatMap(({ minTimeMs, maxTimeMs }) =>
    minTimeMs === null || maxTimeMs === null ? [] : [minTimeMs, maxTimeMs],
  );
  return {
    table: table.name,
    partitions,
    rowsRead: sum((result) => result.rowsRead),
    rowsKept: sum((result) => result.rowsKept),
    rowsRejected: sum((result) => result.rowsRejected),
    interrupted: signal.aborted,
    minTimeMs: times.length === 0 ? null : Math.min(...times),
    maxTimeMs: times.length === 0 ? null : Math.max(...times),
  };
}

function noRealtimeTable(table: TableRecord): SegmillError {
  return new SegmillError(
    'CONFIG_INVALID',
    `table ${table.name} has ${table.realtime === null ? 'no REALTIME config' : 'no stream config'}: rows cannot be ingested; add it with "table add"`,
    { table: table.name },
  );
}
