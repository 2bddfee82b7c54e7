// Worker entry: no logic. Loaded by URL from src/coordinator/pool.ts.
import { codecOf } from '../src/segment/open.ts';
import { replying } from '../src/tasks/boundary.ts';
import type { EmitInput, EmitOutput, TaskMessage, TaskReply } from '../src/tasks/contract.ts';
import { runEmit } from '../src/tasks/emit.ts';

const handler: (message: TaskMessage<EmitInput>) => Promise<TaskReply<EmitOutput>> = replying(
  runEmit,
  codecOf,
);
export default handler;
