// Facts beside the catalog that plans depend on: which files are there, which sources are gone.
import { existsSync } from 'node:fs';
import { leaseKey, partitionsOf, segmentsOf } from '../catalog/keys.ts';
import { livingLeases } from '../catalog/lease.ts';
import { snapshotOf } from '../planner/from-catalog.ts';
import type { OutsideFacts } from '../planner/from-catalog.ts';
import type { PlanOptions } from '../planner/windows.ts';
import type { TableSnapshot } from '../planner/snapshot.ts';
import type { EngineContext } from './context.ts';

/**
 * One table as the planner sees it.
 * @param holdsLease true when this call is the table's mover, so that its own lease does not hold it
 * @throws SegmillError TABLE_NOT_FOUND
 */
export async function snapshotWithFacts(
  ctx: EngineContext,
  table: string,
  { holdsLease }: { readonly holdsLease: boolean },
): Promise<TableSnapshot> {
  const files = ctx.catalog.read((view) =>
    segmentsOf(view, table).map(({ name, file }) => ({ name, file })),
  );
  const missingFiles: string[] = [];
  for (const { name, file } of files) if (!(await ctx.store.exists(file))) missingFiles.push(name);
  const key = leaseKey('move', table);
  return ctx.catalog.read((view) => {
    const sources = partitionsOf(view, table).flatMap((partition) => partition.sources);
    const removedSources = sources
      .filter(({ path }) => path !== null && !existsSync(path))
      .map(({ source }) => source);
    const facts: OutsideFacts = {
      missingFiles,
      removedSources,
      runningElsewhere: holdsLease
        ? null
        : (livingLeases(view, key, ctx.realNow()).find((lease) => lease.key === key) ?? null),
    };
    return snapshotOf(view, table, facts);
  });
}

/** The caps of this process as the planner needs them. */
export function planOptions(ctx: EngineContext, windows: number | 'all'): PlanOptions {
  return { windows, memoryCapBytes: ctx.memoryBytes, workers: ctx.workers };
}
