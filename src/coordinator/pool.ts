// Runs tasks on worker threads, or in this thread for tests. Both give the same answers.
import { Piscina } from 'piscina';
import { fromWire, isSegmillError, SegmillError } from '../errors.ts';
import { taskAttemptsMax, tasksQueuedPerWorkerMax } from '../limits.ts';
import type { Store } from '../store/types.ts';
import { Scratch } from '../tasks/scratch.ts';
import type { TaskContext, TaskMap, TaskMessage, TaskName, TaskReply } from '../tasks/contract.ts';
import { taskRuns } from '../tasks/run.ts';
import type { TaskRun } from '../tasks/run.ts';

export interface TaskOptions {
  readonly store: Store;
  readonly signal: AbortSignal;
}

export interface TaskPool {
  /** Tasks that run at the same time. */
  readonly threads: number;
  /** @throws SegmillError what the task throws, WORKER_DIED, CANCELLED */
  run<K extends TaskName>(
    task: K,
    input: TaskMap[K]['input'],
    options: TaskOptions,
  ): Promise<TaskMap[K]['output']>;
  close(): Promise<void>;
}

// workers/ is a sibling of src/ in the source tree and in dist/, so one relative URL serves both.
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

const workersFolder: URL = new URL('../../workers/', import.meta.url);

/**
 * The store must have a descriptor: each thread opens its own.
 * @param options.entries folder of the worker entries, one file a task; tests bring entries that die
 * @param options.execArgv of the threads, else that of the process; tests bring one that no thread starts with
 */
export function createTaskPool(options: {
  readonly threads: number;
  readonly entries?: URL;
  readonly execArgv?: readonly string[];
}): TaskPool {
  return new ThreadPool(options.threads, options.entries ?? workersFolder, options.execArgv);
}

class ThreadPool implements TaskPool {
  readonly threads: number;
  readonly #piscina: Piscina;
  readonly #entries: URL;
  /** Aborted, with the reason, once no thread could start. */
  readonly #broken: AbortController = new AbortController();

  constructor(threads: number, entries: URL, execArgv: readonly string[] | undefined) {
    this.threads = threads;
    this.#entries = entries;
    this.#piscina = new Piscina({
      minThreads: threads,
      maxThreads: threads,
      maxQueue: threads * tasksQueuedPerWorkerMax,
      // The default parks an idle thread so that nothing else runs in it; our tasks are coarse and lose nothing.
      atomics: 'disabled',
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
    });
    // A thread that dies without a task is replaced, one that fails to start is not: without any, nothing would end.
    this.#piscina.on('error', (error) => {
      if (this.#piscina.threads.length === 0) this.#broken.abort(error);
    });
  }

  async run<K extends TaskName>(
    task: K,
    input: TaskMap[K]['input'],
    { store, signal }: TaskOptions,
  ): Promise<TaskMap[K]['output']> {
    const { descriptor } = store;
    if (descriptor === null) throw new Error('worker threads need a store with a descriptor');
    const message: TaskMessage<TaskMap[K]['input']> = { store: descriptor, input };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#tryOnce(task, message, signal);
      } catch (error) {
        if (!isSegmillError(error, 'WORKER_DIED') || attempt >= taskAttemptsMax) throw error;
      }
    }
  }

  async #tryOnce<K extends TaskName>(
    task: K,
    message: TaskMessage<TaskMap[K]['input']>,
    signal: AbortSignal,
  ): Promise<TaskMap[K]['output']> {
    const reply = await this.#send<TaskMap[K]['output']>(task, message, signal);
    if (!reply.ok) throw fromWire(reply.error);
    return reply.value;
  }

  async #send<T>(task: TaskName, message: unknown, signal: AbortSignal): Promise<TaskReply<T>> {
    try {
      return (await this.#piscina.run(message, {
        filename: new URL(`${task}${extension}`, this.#entries).href,
        signal: AbortSignal.any([signal, this.#broken.signal]),
      })) as TaskReply<T>;
    } catch (failure) {
      if (signal.aborted) throw cancelled(task);
      const error: unknown = this.#broken.signal.reason ?? failure;
      const why = error instanceof Error ? error.message : String(error);
      throw new SegmillError(
        'WORKER_DIED',
        `a worker thread died in task ${task}: ${why}; the task was tried ${taskAttemptsMax} times`,
        { task },
        { cause: error },
      );
    }
  }

  close(): Promise<void> {
    return this.#piscina.destroy();
  }
}

export function cancelled(task: string): SegmillError {
  return new SegmillError('CANCELLED', `cancelled in task ${task}`, { task });
}

/** The tasks as plain calls: nothing crosses a thread, `threads` is how many the coordinator starts at a time. */
export function createInlinePool(options: {
  readonly threads: number;
  readonly codecOf: TaskContext['codecOf'];
}): TaskPool {
  return {
    threads: options.threads,
    async run<K extends TaskName>(
      task: K,
      input: TaskMap[K]['input'],
      { store, signal }: TaskOptions,
    ): Promise<TaskMap[K]['output']> {
      // A turn of the event loop, as a thread would take: a cancel can come in between.
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) throw cancelled(task);
      const run = taskRuns[task] as TaskRun<K>;
      return await run(input, { store, codecOf: options.codecOf, scratch: new Scratch() });
    },
    close: () => Promise.resolve(),
  };
}
