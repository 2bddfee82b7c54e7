// `rollback` and `gc`: previews that act with `execute`.
import { existsSync } from 'node:fs';
import {
  findSegment,
  replacedKey,
  replacedOf,
  runsOf,
  segmentKey,
  tableOf,
  leaseKey,
} from '../catalog/keys.ts';
import { assertLease, livingLeases, withLease } from '../catalog/lease.ts';
import { planRollback, rollbackRun } from '../catalog/rollback.ts';
import type { RollbackPlan } from '../catalog/rollback.ts';
import type { CatalogView, ReplacedSegment, SegmentRecord } from '../catalog/types.ts';
import { SegmillError } from '../errors.ts';
import { planTable } from '../planner/windows.ts';
import { expiredSegments, removableSegments } from '../planner/retention.ts';
import type { StoreEntry } from '../store/types.ts';
import { neededRenditions, renditionsFolder } from '../query/renditions.ts';
import type { EngineContext } from './context.ts';
import { planOptions, snapshotWithFacts } from './facts.ts';
import { rawName } from './tables.ts';

export interface RolledSegment {
  readonly name: string;
  readonly rows: number;
  /** The run that made it; null for segments that no run made. */
  readonly runId: string | null;
}

export interface RollbackReport {
  readonly table: string;
  readonly runId: string;
  readonly kind: string;
  readonly remove: readonly string[];
  readonly restore: readonly string[];
  /** The same segments with what tells those of one name apart. */
  readonly removed: readonly RolledSegment[];
  readonly restored: readonly RolledSegment[];
  readonly watermarkMs: number | null;
  readonly executed: boolean;
}

/**
 * Takes a run back: the newest in force unless named.
 * @throws SegmillError TABLE_NOT_FOUND, ROLLBACK_REFUSED, RUNNING_ELSEWHERE
 */
export async function rollbackTable(
  ctx: EngineContext,
  table: string,
  { runId, execute }: { readonly runId?: string | undefined; readonly execute: boolean },
): Promise<RollbackReport> {
  const name = rawName(table);
  const id = runId ?? ctx.catalog.read((view) => newestRun(view, name));
  const removedBy = (view: CatalogView, plan: RollbackPlan): RolledSegment[] =>
    plan.remove.flatMap((segmentName) => {
      const segment = findSegment(view, name, segmentName, 'OFFLINE');
      return segment === undefined ? [] : [rolledSegment(segment)];
    });
  const report = (
    plan: RollbackPlan,
    removed: readonly RolledSegment[],
    executed: boolean,
  ): RollbackReport => ({
    table: name,
    runId: id,
    kind: plan.run.kind,
    remove: plan.remove,
    restore: plan.restore.map(({ segment }) => segment.name),
    removed,
    restored: plan.restore.map(({ segment }) => rolledSegment(segment)),
    watermarkMs: plan.movesWatermark ? plan.run.watermarkBefore : plan.run.watermarkAfter,
    executed,
  });
  if (!execute)
    return ctx.catalog.read((view) => {
      const plan = planRollback(view, name, id);
      return report(plan, removedBy(view, plan), false);
    });
  return withLease(ctx.catalog, leaseKey('move', name), { owner: ctx.owner }, async (lease) => {
    return ctx.catalog.write((transaction) => {
      assertLease(transaction, lease);
      const removed = removedBy(transaction, planRollback(transaction, name, id));
      const plan = rollbackRun(transaction, {
        table: name,
        runId: id,
        nowMs: ctx.now(),
        realNowMs: ctx.realNow(),
      });
      return report(plan, removed, true);
    });
  });
}

function rolledSegment({ name, rowCount, origin }: SegmentRecord): RolledSegment {
  return { name, rows: rowCount, runId: origin.kind === 'ingest' ? null : origin.runId };
}

function newestRun(view: CatalogView, name: string): string {
  tableOf(view, name);
  const run = runsOf(view, name).findLast(
    ({ state }) => state === 'COMMITTED' || state === 'EMPTY',
  );
  if (run !== undefined) return run.runId;
  throw new SegmillError(
    'ROLLBACK_REFUSED',
    `table ${name} has no run in force; nothing to roll back`,
    { table: name },
  );
}

export interface GcReport {
  readonly executed: boolean;
  /** Files that may go, with the reason. */
  readonly files: readonly {
    readonly path: string;
    readonly bytes: number;
    readonly reason: 'EXPIRED' | 'REPLACED' | 'RENDITION';
  }[];
  readonly bytes: number;
}

/**
 * What retention, replaced segments past the horizon of rollback, and renditions of segments that are gone free.
 * Deletions go by the real clock.
 * @throws SegmillError TABLE_NOT_FOUND, RUNNING_ELSEWHERE
 */
export async function collectGarbage(
  ctx: EngineContext,
  table: string | undefined,
  { execute }: { readonly execute: boolean },
): Promise<GcReport> {
  const names =
    table === undefined
      ? ctx.catalog.read((view) => view.list('tables').map(({ name }) => name))
      : [rawName(table)];
  const files: GcReport['files'][number][] = [];
  for (const name of names) {
    if (!execute) files.push(...(await garbageOf(ctx, name, false)).files);
    else {
      await withLease(ctx.catalog, leaseKey('move', name), { owner: ctx.owner }, async (lease) => {
        const { files: found, expired, replaced } = await garbageOf(ctx, name, true);
        const removed = await ctx.catalog.write((transaction) => {
          assertLease(transaction, lease);
          // A query that began meanwhile may have seen them; one that begins later can't.
          if (livingLeases(transaction, 'read/', ctx.realNow()).length > 0) return false;
          for (const segment of expired)
            transaction.remove('segments', segmentKey(name, segment.type, segment.name));
          for (const { segment, runId } of replaced)
            transaction.remove('replaced', replacedKey(name, segment.name, runId));
          return true;
        });
        if (removed) files.push(...found);
      });
    }
  }
  files.push(...(await staleRenditions(ctx)));
  if (execute) for (const { path } of files) await ctx.store.remove(path);
  return { executed: execute, files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

interface Garbage {
  readonly files: GcReport['files'];
  readonly expired: readonly SegmentRecord[];
  readonly replaced: readonly ReplacedSegment[];
}

async function garbageOf(ctx: EngineContext, name: string, holdsLease: boolean): Promise<Garbage> {
  const snapshot = await snapshotWithFacts(ctx, name, { holdsLease });
  const nowMs = ctx.realNow();
  const reading = ctx.catalog.read((view) => livingLeases(view, 'read/', nowMs).length > 0);
  if (reading) return { files: [], expired: [], replaced: [] };
  const held =
    (snapshot.table.realtime?.move ?? null) === null
      ? []
      : planTable(snapshot, ctx.now(), planOptions(ctx, 'all')).plan.held;
  const expired = expiredSegments(snapshot, held, nowMs);
  const replaced = removableSegments(
    snapshot,
    ctx.catalog.read((view) => replacedOf(view, name)),
    nowMs,
  );
  const live = new Set([...snapshot.realtime, ...snapshot.offline].map(({ file }) => file));
  const files = [
    ...expired.map(({ file, byteLength }) => ({
      path: file,
      bytes: byteLength,
      reason: 'EXPIRED' as const,
    })),
    ...replaced
      .filter(({ segment }) => !live.has(segment.file))
      .map(({ segment }) => ({
        path: segment.file,
        bytes: segment.byteLength,
        reason: 'REPLACED' as const,
      })),
  ];
  return { files, expired, replaced };
}

/** Renditions of segments and CONSUMING lengths that the catalog no longer shows, while no query reads. */
async function staleRenditions(ctx: EngineContext): Promise<GcReport['files'][number][]> {
  if (!existsSync(ctx.store.localPath(renditionsFolder))) return [];
  const entries: StoreEntry[] = await ctx.store.list(renditionsFolder);
  return ctx.catalog.read((view) => {
    if (livingLeases(view, 'read/', ctx.realNow()).length > 0) return [];
    const wanted = neededRenditions(view);
    return entries
      .filter(({ path }) => !wanted.has(path))
      .map(({ path, byteLength }) => ({ path, bytes: byteLength, reason: 'RENDITION' as const }));
  });
}
