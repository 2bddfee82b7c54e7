// What the stages of one window share, and how they run tasks.
import { tasksInFlightPerWorker } from '../limits.ts';
import type { Store } from '../store/types.ts';
import type { JobFacts, ShardSlice, TaskMap, TaskName } from '../tasks/contract.ts';
import type { RowPlan } from '../tasks/plan.ts';
import type { WindowJob } from '../tasks/types.ts';
import type { MemoryBudget } from './budget.ts';
import { inLanes } from './lanes.ts';
import { cancelled } from './pool.ts';
import type { TaskPool } from './pool.ts';

export interface WindowProgress {
  readonly stage: 'survey' | 'map' | 'reduce' | 'emit';
  readonly done: number;
  readonly total: number;
}

export interface WindowDeps {
  readonly store: Store;
  readonly pool: TaskPool;
  readonly signal: AbortSignal;
  readonly memoryCapBytes: number;
  /** Cap for outputs and other files below tmp/<runId>/; null or absent: none but the disk's own. */
  readonly tempDiskBytes?: number | null;
  /** Rows that a shard aims at; tests make it small. */
  readonly shardRows?: number;
  readonly progress?: (progress: WindowProgress) => void;
}

export interface WindowRun {
  readonly job: WindowJob;
  readonly facts: JobFacts;
  readonly plan: RowPlan;
  readonly deps: WindowDeps;
  readonly budget: MemoryBudget;
  readonly stages: Record<string, number>;
}

/** Rows of one partition after the merge, in output order. */
export interface PartitionRows {
  readonly partition: string;
  readonly pieces: readonly ShardSlice[];
}

/** One task for every item, a bounded number in flight; results in item order. */
export async function runTasks<K extends TaskName, I>(
  run: WindowRun,
  task: K,
  items: readonly I[],
  inputOf: (item: I, index: number) => TaskMap[K]['input'],
  stage?: WindowProgress['stage'],
  take?: (output: TaskMap[K]['output']) => void,
): Promise<TaskMap[K]['output'][]> {
  const { pool, store, signal, progress } = run.deps;
  let done = 0;
  return inLanes(pool.threads * tasksInFlightPerWorker, items, async (item, index) => {
    if (signal.aborted) throw cancelled(task);
    const output = await pool.run(task, inputOf(item, index), { store, signal });
    take?.(output);
    done++;
    if (stage !== undefined) progress?.({ stage, done, total: items.length });
    return output;
  });
}
