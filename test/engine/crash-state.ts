// What a data directory holds, as crash tests compare it.
import { runRejectFile } from '../../src/catalog/layout.ts';
import { createInlinePool } from '../../src/coordinator/pool.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openContext } from '../../src/engine/open.ts';
import { codecOf } from '../../src/segment/open.ts';
import type { FaultPlan } from '../../src/store/types.ts';
import { sceneNow } from './crash-scenes.ts';
import { filesOf } from './desk.ts';

const pool = createInlinePool({ threads: 2, codecOf });

export function openAt(dataDir: string, fault?: FaultPlan): Promise<Engine> {
  return openEngine(
    { dataDir, now: () => sceneNow },
    { pool, ...(fault === undefined ? {} : { fault }) },
  );
}

/** What a user can see of the table, file bytes by their checksum; failed runs left out. */
export async function stateAt(
  dataDir: string,
): Promise<{ readonly runs: unknown; readonly segments: unknown }> {
  const { context, close } = await openContext({ dataDir });
  try {
    return context.catalog.read((view) => {
      const { watermarkMs, boundary } = view.get('states', 't') ?? {
        watermarkMs: null,
        boundary: null,
      };
      return {
        watermarkMs,
        boundary,
        segments: view
          .list('segments', 't/')
          .map(({ type, name, rowCount, crc, ranges }) => ({ type, name, rowCount, crc, ranges })),
        runs: view
          .list('runs', 't/')
          .filter(({ state }) => state !== 'FAILED')
          .map(({ kind, state, windowStartMs, ledger, outputs, replaced }) => ({
            kind,
            state,
            windowStartMs,
            ledger,
            outputs,
            replaced,
          })),
      };
    });
  } finally {
    await close();
  }
}

/** Files that no record of the catalog names, once the directory was opened again. */
export async function leftovers(dataDir: string): Promise<string[]> {
  const { context, close } = await openContext({ dataDir });
  await close();
  const owned = new Set<string>();
  const again = await openContext({ dataDir });
  again.context.catalog.read((view) => {
    for (const { file } of view.list('segments')) owned.add(file);
    for (const { segment } of view.list('replaced')) owned.add(segment.file);
    for (const { consuming, partition } of view.list('partitions')) {
      if (consuming !== null) owned.add(consuming.file);
      owned.add(`rejects/t/${partition}.ndjson`);
    }
    for (const { table, runId } of view.list('runs')) owned.add(runRejectFile(table, runId));
  });
  await again.close();
  return filesOf(context.dataDir).filter((path) => !owned.has(path));
}

export async function findingsAt(dataDir: string): Promise<readonly unknown[]> {
  const engine = await openAt(dataDir);
  try {
    return (await engine.verify()).findings;
  } finally {
    await engine.close();
  }
}

/** Rows of both partitions, read back through the hybrid table. */
export async function rowsAt(dataDir: string): Promise<string[]> {
  const engine = await openAt(dataDir);
  try {
    const rows: string[] = [];
    for (const { name } of engine.segments('t')) {
      const found = await engine.inspectRows(name);
      for (const { k, v, ts } of found.rows) rows.push(`${String(k)} ${String(v)} ${String(ts)}`);
    }
    return rows.toSorted();
  } finally {
    await engine.close();
  }
}
