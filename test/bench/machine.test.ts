import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { machineFacts, plainCopy, watchOthers } from '../../src/bench/machine.ts';
import { cpuSeconds, peakRssBytes, runsCompiled } from '../../src/bench/process-figures.ts';
import { scratchFolder } from './scratch.ts';

test('the machine has a processor and memory', () => {
  const { cores, memoryBytes, cpu } = machineFacts();
  expect(cores).toBeGreaterThan(0);
  expect(memoryBytes).toBeGreaterThan(2 ** 28);
  expect(cpu).not.toBe('');
});

test('the share of others is between nothing and all', () => {
  const others = watchOthers();
  const ended = performance.now() + 50;
  while (performance.now() < ended);
  expect(others(0)).toBeGreaterThanOrEqual(0);
  expect(others(0)).toBeLessThanOrEqual(1);
  expect(others(1e9)).toBe(0);
});

test('a plain copy leaves nothing behind', async () => {
  const folder = scratchFolder();
  const [source, target] = [join(folder, 'source'), join(folder, 'target')];
  await writeFile(source, new Uint8Array(10_000));
  expect(await plainCopy([source, source], 25_000, target)).toBeGreaterThan(0);
  expect(existsSync(target)).toBe(false);
});

test('a process knows its peak, its CPU and how it runs', () => {
  expect(peakRssBytes()).toBeGreaterThanOrEqual(process.memoryUsage().rss / 2);
  expect(cpuSeconds()).toBeGreaterThan(0);
  expect(runsCompiled()).toBe(false);
});
