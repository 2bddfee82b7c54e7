// `table drop`: a table with all that it holds.
import {
  leaseKey,
  partitionKey,
  partitionsOf,
  replacedKey,
  replacedOf,
  runKey,
  runsOf,
  segmentKey,
  segmentsOf,
  tableOf,
} from '../catalog/keys.ts';
import { assertLease, livingLeases, withLease } from '../catalog/lease.ts';
import type { CatalogTransaction, CatalogView, CollectionName } from '../catalog/types.ts';
import { SegmillError } from '../errors.ts';
import type { EngineContext } from './context.ts';
import { rawName } from './tables.ts';

export interface DropReport {
  readonly table: string;
  /** Sealed ones; `rows` and `bytes` count CONSUMING ones, too. */
  readonly segments: number;
  readonly rows: number;
  readonly bytes: number;
  readonly executed: boolean;
}

/**
 * What a drop would take away; with `execute` it does, files included.
 * @throws SegmillError TABLE_NOT_FOUND, RUNNING_ELSEWHERE, TABLE_IN_USE
 */
export async function dropTable(
  ctx: EngineContext,
  table: string,
  { execute }: { readonly execute: boolean },
): Promise<DropReport> {
  const name = rawName(table);
  const report = ctx.catalog.read((view) => dropReport(view, name));
  if (!execute) return report;
  await withLease(ctx.catalog, leaseKey('move', name), { owner: ctx.owner }, async (lease) => {
    await ctx.catalog.write((transaction) => {
      assertLease(transaction, lease);
      checkUnused(transaction, name, ctx.realNow());
      removeRecords(transaction, name);
    });
    for (const folder of [
      `segments/${name}_REALTIME`,
      `segments/${name}_OFFLINE`,
      `consuming/${name}`,
      `rejects/${name}`,
      `renditions/${name}_REALTIME`,
      `renditions/${name}_OFFLINE`,
    ]) {
      await ctx.store.removeFolder(folder);
    }
  });
  return { ...report, executed: true };
}

function checkUnused(view: CatalogView, name: string, realNowMs: number): void {
  const [ingesting] = livingLeases(view, `ingest/${name}/`, realNowMs);
  if (ingesting !== undefined) {
    throw new SegmillError(
      'RUNNING_ELSEWHERE',
      `table ${name} is being ingested by pid ${ingesting.pid} on ${ingesting.host}; stop that first`,
      { table: name, pid: ingesting.pid },
    );
  }
  const [reading] = livingLeases(view, 'read/', realNowMs);
  if (reading === undefined) return;
  throw new SegmillError(
    'TABLE_IN_USE',
    `a query of pid ${reading.pid} on ${reading.host} may be reading table ${name}; try again when it is done`,
    { table: name, pid: reading.pid },
  );
}

function dropReport(view: CatalogView, name: string): DropReport {
  tableOf(view, name);
  const sealed = segmentsOf(view, name);
  const consuming = partitionsOf(view, name).flatMap((partition) => partition.consuming ?? []);
  const all = [...sealed, ...consuming];
  return {
    table: name,
    segments: sealed.length,
    rows: all.reduce((sum, { rowCount }) => sum + rowCount, 0),
    bytes: all.reduce((sum, { byteLength }) => sum + byteLength, 0),
    executed: false,
  };
}

function removeRecords(transaction: CatalogTransaction, name: string): void {
  const keyed: readonly (readonly [CollectionName, readonly string[]])[] = [
    [
      'segments',
      segmentsOf(transaction, name).map((record) => segmentKey(name, record.type, record.name)),
    ],
    [
      'replaced',
      replacedOf(transaction, name).map(({ segment, runId }) =>
        replacedKey(name, segment.name, runId),
      ),
    ],
    [
      'partitions',
      partitionsOf(transaction, name).map(({ partition }) => partitionKey(name, partition)),
    ],
    [
      'runs',
      runsOf(transaction, name).map(({ commitNumber, runId }) => runKey(name, commitNumber, runId)),
    ],
    ['states', [name]],
    ['tables', [name]],
  ];
  for (const [collection, keys] of keyed)
    for (const key of keys) transaction.remove(collection, key);
}
