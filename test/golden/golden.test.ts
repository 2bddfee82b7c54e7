// Every case of a folder, twice: as the recorded cluster answers, and with segmill's own exact semantics.
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inProcess, spawned } from './program.ts';
import { listCases } from './recording.ts';
import { runCase } from './run-case.ts';

const root = resolve(process.env['SEGMILL_GOLDEN'] ?? 'test/golden/r2o-cases');
const cases = listCases(root);
/** Some cases run as a user's own processes would. */
const asProcesses = new Set(['upload-fails-halfway']);

test('there are cases', () => {
  expect(cases).not.toEqual([]);
});

describe.each(['pinot', 'exact'] as const)('%s', (semantics) => {
  test.each(cases)('%s', async (name) => {
    const program = asProcesses.has(name) && semantics === 'exact' ? spawned : inProcess;
    expect(await runCase(root, name, semantics, program)).toEqual([]);
  });
});
