// Worker entry: no logic. Loaded by URL from src/coordinator/pool.ts.
import { codecOf } from '../src/segment/open.ts';
import { replying } from '../src/tasks/boundary.ts';
import type { ReduceInput, ReduceOutput, TaskMessage, TaskReply } from '../src/tasks/contract.ts';
import { runReduce } from '../src/tasks/reduce.ts';

const handler: (message: TaskMessage<ReduceInput>) => Promise<TaskReply<ReduceOutput>> = replying(
  runReduce,
  codecOf,
);
export default handler;
