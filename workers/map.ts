// Worker entry: no logic. Loaded by URL from src/coordinator/pool.ts.
import { codecOf } from '../src/segment/open.ts';
import { replying } from '../src/tasks/boundary.ts';
import type { MapInput, MapOutput, TaskMessage, TaskReply } from '../src/tasks/contract.ts';
import { runMap } from '../src/tasks/map.ts';

const handler: (message: TaskMessage<MapInput>) => Promise<TaskReply<MapOutput>> = replying(
  runMap,
  codecOf,
);
export default handler;
