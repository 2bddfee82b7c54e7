import { toWire } from '../errors.ts';
import { openStore } from '../store/open.ts';
import type { TaskContext, TaskMessage, TaskReply } from './contract.ts';
import { Scratch } from './scratch.ts';

// One a thread: a thread runs one task at a time.
const scratch = new Scratch();

/** Wraps a task as a worker entry: it opens the store, and a failure is returned with its code and details. */
export function replying<I, O>(
  run: (input: I, context: TaskContext) => O | Promise<O>,
  codecOf: TaskContext['codecOf'],
): (message: TaskMessage<I>) => Promise<TaskReply<O>> {
  return async ({ store, input }) => {
    try {
      return { ok: true, value: await run(input, { store: openStore(store), codecOf, scratch }) };
    } catch (error) {
      return { ok: false, error: toWire(error) };
    }
  };
}
