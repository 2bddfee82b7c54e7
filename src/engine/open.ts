// The one place where the parts are wired: store, catalog, worker pool, clock.
import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { openCatalog } from '../catalog/lmdb.ts';
import { recover } from '../catalog/recovery.ts';
import type { Catalog } from '../catalog/types.ts';
import { createTaskPool } from '../coordinator/pool.ts';
import type { TaskPool } from '../coordinator/pool.ts';
import { SegmillError } from '../errors.ts';
import { faultPlanFrom } from '../store/fault.ts';
import { openLocalStore } from '../store/local.ts';
import type { FaultPlan } from '../store/types.ts';
import type { EngineContext, LogEntry } from './context.ts';
import { machineMemoryBytes } from './machine.ts';

export interface OpenOptions {
  /** Where tables, catalog and segments live. */
  readonly dataDir: string;
  /** Make the directory when it is not there; else that is DATA_DIR_UNUSABLE. Default true. */
  readonly create?: boolean;
  /** Cap for the whole process in bytes; default half of what machine or cgroup allow. */
  readonly memoryBytes?: number;
  /** Cap for spills and unfinished outputs in bytes; default all but 10 % of the disk. */
  readonly tempDiskBytes?: number | null;
  /** Threads; default all cores. */
  readonly workers?: number;
  /** The clock for planning, naming and dating, epoch ms. Deletions always go by the real one. */
  readonly now?: () => number;
  readonly signal?: AbortSignal;
  readonly log?: (entry: LogEntry) => void;
}

/** Parts that tests put in place of the real ones. */
export interface EngineParts {
  /** Not closed with the engine. */
  readonly pool?: TaskPool;
  /** The clock of deletions and leases. */
  readonly realNow?: () => number;
  readonly fault?: FaultPlan;
}

export interface OpenedContext {
  readonly context: EngineContext;
  readonly close: () => Promise<void>;
}

/**
 * Opens a data directory and mends what a crash left behind.
 * @throws SegmillError DATA_DIR_UNUSABLE, DATA_DIR_VERSION, CATALOG_CORRUPT
 */
export async function openContext(
  options: OpenOptions,
  parts: EngineParts = {},
): Promise<OpenedContext> {
  const dataDir = resolve(options.dataDir);
  const fault = parts.fault ?? faultPlanFrom(process.env['SEGMILL_FAULT']);
  prepareFolder(dataDir, options.create ?? true);
  const log = options.log ?? ((): void => {});
  const store = openLocalStore(dataDir, fault);
  const catalog: Catalog = openCatalog(dataDir, { fault });
  let pool: TaskPool | null = null;
  const workers = options.workers ?? availableParallelism();
  const context: EngineContext = {
    dataDir,
    store,
    catalog,
    memoryBytes: options.memoryBytes ?? Math.floor(machineMemoryBytes() / 2),
    tempDiskBytes: options.tempDiskBytes ?? null,
    workers,
    now: options.now ?? Date.now,
    realNow: parts.realNow ?? Date.now,
    pool: () => parts.pool ?? (pool ??= createTaskPool({ threads: workers })),
    signal: options.signal ?? new AbortController().signal,
    log,
    owner: `pid-${process.pid}`,
  };
  const close = async (): Promise<void> => {
    await pool?.close();
    await catalog.close();
  };
  try {
    const { removed } = await recover(store, catalog);
    if (removed.length > 0)
      log({ level: 'warn', event: 'recovered', files: removed.length, first: removed[0] });
  } catch (error) {
    await close();
    throw error;
  }
  return { context, close };
}

export function hasCatalog(dataDir: string): boolean {
  return existsSync(join(dataDir, 'catalog'));
}

/** Without `create`, a folder that is no data directory yet stays as it is. */
function prepareFolder(dataDir: string, create: boolean): void {
  if (!create) {
    if (hasCatalog(dataDir)) return;
    throw new SegmillError(
      'DATA_DIR_UNUSABLE',
      `no data directory at ${dataDir}; begin with segmill table add, or name another with --data-dir`,
      { dataDir },
    );
  }
  if (existsSync(dataDir)) return;
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SegmillError(
      'DATA_DIR_UNUSABLE',
      `data directory ${dataDir} can't be made: ${reason}`,
      { dataDir },
      { cause: error },
    );
  }
}
