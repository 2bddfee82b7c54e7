// A worker entry that dies as often as its input says, then answers. What has been is counted in shared memory.
import { isMainThread } from 'node:worker_threads';

export default function merge({ input }: { input: { deaths: Int32Array } }): unknown {
  if (isMainThread) throw new Error('only for threads');
  if (Atomics.sub(input.deaths, 0, 1) > 0) process.exit(7);
  return { ok: true, value: 'alive' };
}
