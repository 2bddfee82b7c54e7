// Worker entry: no logic. Loaded by URL from src/coordinator/pool.ts.
import { codecOf } from '../src/segment/open.ts';
import { replying } from '../src/tasks/boundary.ts';
import type { MergeInput, MergeOutput, TaskMessage, TaskReply } from '../src/tasks/contract.ts';
import { runMerge } from '../src/tasks/merge.ts';

const handler: (message: TaskMessage<MergeInput>) => Promise<TaskReply<MergeOutput>> = replying(
  runMerge,
  codecOf,
);
export default handler;
