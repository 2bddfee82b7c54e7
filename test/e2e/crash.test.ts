// The built command line, killed: at steps 1, 4 and 16 of every seam of the store and the catalog, or until it ends by
// itself. Afterwards the old state or a new one, `verify` clean, nothing left over, and the repeated call gives the same
// bytes as an undisturbed one. `test/engine/crash.test.ts` has the twin in which steps fail and the process goes on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { FaultSeam } from '../../src/store/fault.ts';
import { scenes, sceneNow } from '../engine/crash-scenes.ts';
import { findingsAt, leftovers, openAt, rowsAt, stateAt } from '../engine/crash-state.ts';

const root = mkdtempSync(join(tmpdir(), 'segmill-killed-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const seams: readonly FaultSeam[] = [
  'store.create',
  'store.write',
  'store.sync',
  'store.rename',
  'store.remove',
  'catalog.write',
];

async function segmill(argv: readonly string[], fault = ''): Promise<number | string | null> {
  const child = spawn(process.execPath, [resolve('dist/src/cli/main.js'), ...argv], {
    env: { ...process.env, SEGMILL_FAULT: fault },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal ?? code;
}

describe.each(['ingest', 'run', 'backfill'] as const)('%s', (name) => {
  const scene = scenes[name];
  const folder = join(root, name);
  const template = join(folder, 'template');
  const inputDir = join(folder, 'input');
  const argvOf = (dataDir: string): string[] => [
    ...scene.argv(inputDir),
    '--data-dir',
    dataDir,
    '--now',
    String(sceneNow),
    '--workers',
    '1',
    '--quiet',
  ];

  test('killed at a step, it is whole when opened again', async () => {
    mkdirSync(template, { recursive: true });
    const engine = await openAt(template);
    await scene.prepare(engine, inputDir, (path, text) => {
      const full = join(inputDir, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, text);
      return full;
    });
    await engine.close();
    const whole = join(folder, 'whole');
    cpSync(template, whole, { recursive: true });
    expect(await segmill(argvOf(whole))).toBe(0);
    const { runs: _all, ...final } = await stateAt(whole);
    let kills = 0;
    for (const seam of seams) {
      for (const nth of [1, 4, 16]) {
        const what = `${name} killed at ${seam}:${nth}`;
        const dataDir = join(folder, `${seam}-${nth}`);
        cpSync(template, dataDir, { recursive: true });
        const ended = await segmill(argvOf(dataDir), `${seam}:${nth}:exit`);
        if (ended !== 'SIGKILL') {
          expect(ended, what).toBe(0);
          break;
        }
        kills++;
        expect(await findingsAt(dataDir), what).toEqual([]);
        expect(await leftovers(dataDir), what).toEqual([]);
        const rows = await rowsAt(dataDir);
        if (name === 'ingest') expect(new Set(rows).size, what).toBe(rows.length);
        const again = await openAt(dataDir);
        await scene.act(again, inputDir);
        await again.close();
        const { runs: _runs, ...shown } = await stateAt(dataDir);
        expect(shown, what).toEqual(final);
        rmSync(dataDir, { recursive: true, force: true });
      }
    }
    expect(kills).toBeGreaterThanOrEqual(6);
  });
});
