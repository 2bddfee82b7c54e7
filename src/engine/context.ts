// What every operation of the engine works with: opened once, closed once.
import type { Catalog } from '../catalog/types.ts';
import type { TaskPool } from '../coordinator/pool.ts';
import type { Store } from '../store/types.ts';

/** One line of talk for an operator; never rows or secrets. */
export interface LogEntry {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly event: string;
  readonly [field: string]: string | number | boolean | null | undefined;
}

export interface EngineContext {
  readonly dataDir: string;
  readonly store: Store;
  readonly catalog: Catalog;
  readonly memoryBytes: number;
  /** Null: all but 10 % of the disk. */
  readonly tempDiskBytes: number | null;
  readonly workers: number;
  /** For planning, naming and dating (`--now`). */
  readonly now: () => number;
  /** For deletions, never replaced (design 5.19). */
  readonly realNow: () => number;
  /** The worker threads, started at first use. */
  readonly pool: () => TaskPool;
  /** Aborts what runs when the process is told to stop. */
  readonly signal: AbortSignal;
  readonly log: (entry: LogEntry) => void;
  /** Who holds leases of this engine. */
  readonly owner: string;
}

/**
 * Removes what nobody sees any more. That it fails is said in the log and changes no answer: what the call was for is
 * done or refused already, and the next opening of the data directory removes the rest.
 */
export async function tidy(ctx: EngineContext, remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    ctx.log({ level: 'warn', event: 'left behind', message });
  }
}
