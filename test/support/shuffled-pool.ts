// A pool in this thread whose tasks start late and finish in another order than they were sent, by a seed.
import type { TaskOptions, TaskPool } from '../../src/coordinator/pool.ts';
import type { TaskMap, TaskName } from '../../src/tasks/contract.ts';
import { inlinePool } from './window-jobs.ts';

const turnsMax = 6;

export function shuffledPool(threads: number, seed: number): TaskPool {
  const inner = inlinePool(threads);
  let state = seed;
  const draw = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) % turnsMax;
  };
  const wait = async (): Promise<void> => {
    for (let turns = draw(); turns > 0; turns--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    threads,
    async run<K extends TaskName>(
      task: K,
      input: TaskMap[K]['input'],
      options: TaskOptions,
    ): Promise<TaskMap[K]['output']> {
      await wait();
      const output = await inner.run(task, input, options);
      await wait();
      return output;
    },
    close: () => inner.close(),
  };
}
