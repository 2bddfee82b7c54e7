import { expect, test } from 'vitest';
import type { CliIo } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';
import type { BenchReport } from '../../src/bench/report.ts';
import { scratchFolder } from './scratch.ts';

interface Called {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function bench(...words: readonly string[]): Promise<Called> {
  const [out, err]: [string[], string[]] = [[], []];
  const io: CliIo = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    outIsTerminal: false,
    errIsTerminal: false,
    env: {},
    cwd: scratchFolder(),
    stdin: (async function* (): AsyncGenerator<Uint8Array> {})(),
    signal: new AbortController().signal,
  };
  const code = await run(['bench', ...words], io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('an unknown workload, or no count where one is asked for, is bad usage', async () => {
  expect(await bench('nothing')).toMatchObject({ code: 2, err: expect.stringContaining('USAGE') });
  expect(await bench('copy', '--rows', '0')).toMatchObject({ code: 2 });
  expect(await bench('copy', '--runs', 'many')).toMatchObject({ code: 2 });
});

test('the report is JSON for programs; progress goes to stderr', async () => {
  const words = ['copy', '--rows', '2000', '--runs', '1', '--workers', '1', '--memory', '1GiB'];
  const { code, out, err } = await bench(...words, '--keep', 'kept');
  expect(err).toContain('copy: segmill, run 1 of 1: ');
  expect(code).toBe(0);
  const report = JSON.parse(out) as BenchReport;
  expect(report).toMatchObject({ rows: 2000, runs: 1, workers: 1, memoryCapBytes: 2 ** 30 });
  expect(report.workloads[0]!.contests[0]).toMatchObject({ name: 'segmill', wrong: [] });
  expect(report.machine.cores).toBeGreaterThan(0);
});

test('the table for people names workload, contestant and verdict', async () => {
  const words = ['copy', '--rows', '2000', '--runs', '1', '--format', 'table', '--quiet'];
  const { code, out, err } = await bench(...words);
  expect(err).toBe('');
  expect(out).toMatch(/copy +segmill .* agrees/);
  expect(out).toMatch(/copy +map \d+, reduce \d+, emit \d+, commit \d+/);
  expect(code).toBe(0);
});
