// Steps of the store and the catalog fail, as on a full disk: every one, but of writes at most `pointsMax`, first and
// last among them. Afterwards: the old state or the new one, `verify` clean, no file that nobody owns, and the repeated
// call gives the same bytes as one that was never disturbed. `test/e2e/crash.test.ts` kills the built command line.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { faultPlan } from '../../src/store/fault.ts';
import type { FaultSeam } from '../../src/store/fault.ts';
import type { FaultPlan } from '../../src/store/types.ts';
import { scenes } from './crash-scenes.ts';
import type { Scene } from './crash-scenes.ts';
import { findingsAt, leftovers, openAt, rowsAt, stateAt } from './crash-state.ts';

const seams: readonly FaultSeam[] = [
  'store.create',
  'store.write',
  'store.sync',
  'store.rename',
  'store.remove',
  'catalog.write',
];

const pointsMax = 8;

function pointsOf(last: number): number[] {
  if (last <= pointsMax) return Array.from({ length: last }, (_, i) => i + 1);
  const step = (last - 1) / (pointsMax - 1);
  return Array.from({ length: pointsMax }, (_, i) => Math.round(1 + i * step));
}

const root = mkdtempSync(join(tmpdir(), 'segmill-crash-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

class Bench {
  readonly #folder: string;
  readonly #scene: Scene;
  readonly #allowed: string[] = [];
  #final: unknown = null;
  #copies = 0;
  readonly counts = new Map<FaultSeam, number>();

  constructor(name: string, scene: Scene) {
    this.#folder = join(root, name);
    this.#scene = scene;
  }

  get inputDir(): string {
    return join(this.#folder, 'input');
  }

  /** The directory before, the states that a step may leave, and how often each seam is passed. */
  async prepare(step: (engine: Engine) => Promise<unknown>): Promise<void> {
    const template = join(this.#folder, 'template');
    mkdirSync(template, { recursive: true });
    const engine = await openAt(template);
    await this.#scene.prepare(engine, this.inputDir, (path, text) => {
      const full = join(this.inputDir, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, text);
      return full;
    });
    await engine.close();
    this.#allowed.push(JSON.stringify(await stateAt(template)));
    const stepped = this.copy();
    for (let last = ''; last !== this.#allowed.at(-1);) {
      last = this.#allowed.at(-1)!;
      const stepping = await openAt(stepped);
      await step(stepping);
      await stepping.close();
      this.#allowed.push(JSON.stringify(await stateAt(stepped)));
    }
    const whole = this.copy();
    for (const seam of seams) {
      const dataDir = seam === seams[0] ? whole : this.copy();
      const fault = faultPlan(seam, 2 ** 30);
      await this.act(dataDir, fault);
      this.counts.set(seam, fault.counter[0]!);
    }
    const { runs, ...shown } = await stateAt(whole);
    this.#allowed.push(JSON.stringify({ ...shown, runs }));
    this.#final = shown;
  }

  copy(): string {
    const dataDir = join(this.#folder, `data-${this.#copies++}`);
    cpSync(join(this.#folder, 'template'), dataDir, { recursive: true });
    return dataDir;
  }

  /** @returns what it failed with, null when it did not */
  async act(dataDir: string, fault?: FaultPlan, again = false): Promise<unknown> {
    let engine: Engine;
    try {
      engine = await openAt(dataDir, fault);
    } catch (error) {
      return error;
    }
    try {
      await this.#scene.act(engine, this.inputDir);
      return null;
    } catch (error) {
      // Every other time the same engine goes on, as a daemon would.
      if (again) await this.#scene.act(engine, this.inputDir);
      return error;
    } finally {
      await engine.close();
    }
  }

  async check(dataDir: string, what: string, compareStates: boolean): Promise<void> {
    expect(await findingsAt(dataDir), what).toEqual([]);
    expect(await leftovers(dataDir), what).toEqual([]);
    if (compareStates)
      expect(this.#allowed, what).toContain(JSON.stringify(await stateAt(dataDir)));
    else expect(new Set(await rowsAt(dataDir)).size, what).toBe((await rowsAt(dataDir)).length);
    const failed = await this.act(dataDir);
    expect(failed, what).toBeNull();
    const { runs: _runs, ...shown } = await stateAt(dataDir);
    // A job that had committed before its process died is done a second time: runs may be more, bytes are the same.
    expect(shown, what).toEqual(this.#final);
    expect(await leftovers(dataDir), what).toEqual([]);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

describe.each(Object.keys(scenes) as (keyof typeof scenes)[])('%s', (name) => {
  const bench = new Bench(name, scenes[name]);
  // Only a run has states in between: the cold watermark, and each window.
  let steps = 0;
  const step = async (engine: Engine): Promise<unknown> =>
    name === 'run' ? engine.run('t', { windows: steps++ === 0 ? 0 : 1 }) : null;
  beforeAll(() => bench.prepare(step));

  test.each(seams)('a full disk at %s', async (seam) => {
    const last = bench.counts.get(seam)!;
    for (const [i, nth] of pointsOf(last).entries()) {
      const dataDir = bench.copy();
      const what = `${name} with ${seam}:${nth} of ${last}`;
      const fault = faultPlan(seam, nth);
      const again = i % 2 === 1;
      await bench.act(dataDir, fault, again);
      expect(fault.counter[0], what).toBeGreaterThanOrEqual(nth);
      await bench.check(dataDir, what, name !== 'ingest');
    }
    expect(last).toBeGreaterThanOrEqual(name === 'ingest' && seam === 'store.rename' ? 0 : 1);
  });
});
