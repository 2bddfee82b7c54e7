import { expect, test } from 'vitest';
import { runChild } from '../../src/bench/child.ts';
import { findPeers } from '../../src/bench/peers.ts';
import { join } from 'node:path';
import { scratchFolder } from './scratch.ts';

test('DuckDB is always there; what Python lacks is said with its reason', async () => {
  const { peers, absent } = await findPeers({ SEGMILL_PYTHON: '/nowhere/python' });
  expect(peers.map(({ name }) => name)).toEqual(['duckdb', 'duckdb-db']);
  expect(peers[0]!.version).toMatch(/^v\d/);
  expect(absent.map(({ name }) => name)).toEqual(['polars', 'datafusion', 'chdb']);
  expect(absent[0]!.reason).toContain('/nowhere/python');
});

test('a child that fails is reported by the end of its talk', async () => {
  const scratch = join(scratchFolder(), 'job');
  const command = [process.execPath, '-e', 'throw new Error("no room left")'];
  const { signal } = new AbortController();
  await expect(runChild(command, {}, { what: 'the child', scratch, signal })).rejects.toMatchObject(
    {
      code: 'TASK_FAILED',
      message: expect.stringMatching(/the child ended with exit code 1: .*no room left/),
    },
  );
  const missing = runChild(['/nowhere/program'], {}, { what: 'the child', scratch, signal });
  await expect(missing).rejects.toMatchObject({ code: 'TASK_FAILED' });
});
