// Calls of the built command line, in this process or as a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { parseJson } from '../../src/json/parse.ts';
import type { JsonValue } from '../../src/json/value.ts';
import type { CliIo } from '../../src/cli/io.ts';

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CallOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
}

/** One way to run `segmill ARGV`. */
export type Program = (argv: readonly string[], options?: CallOptions) => Promise<Answer>;

const built = resolve('dist/src/cli');

/** As a user does: a process for each call. */
export const spawned: Program = async (argv, { env = {}, stdin, cwd } = {}) => {
  const child = spawn(process.execPath, [`${built}/main.js`, ...argv], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(stdin ?? '');
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8');
  return {
    code: code ?? -1,
    out: text(out),
    err: text(err) + (signal === null ? '' : `\nended by ${signal}`),
  };
};

type Run = (argv: readonly string[], io: CliIo) => Promise<number>;
let loaded: Promise<{ run: Run }> | null = null;

/** The same program in this process, which saves the start of a process for each call. */
export const inProcess: Program = async (argv, { env = {}, stdin = '', cwd } = {}) => {
  loaded ??= import(`${built}/run.js`) as Promise<{ run: Run }>;
  const { run } = await loaded;
  const out: string[] = [];
  const err: string[] = [];
  // The store reads its fault from the process, as a child of it would.
  const kept = Object.keys(env).map((key) => [key, process.env[key]] as const);
  Object.assign(process.env, env);
  try {
    const code = await run(argv, {
      out: (text) => out.push(`${text}\n`),
      err: (text) => err.push(`${text}\n`),
      outIsTerminal: false,
      errIsTerminal: false,
      env: { ...process.env },
      cwd: cwd ?? process.cwd(),
      stdin: (async function* () {
        if (stdin.length > 0) yield Buffer.from(stdin);
      })(),
      signal: new AbortController().signal,
    });
    return { code, out: out.join(''), err: err.join('') };
  } finally {
    for (const [key, value] of kept) {
      if (value === undefined) delete process.env[key];
      else process.env[key] = value;
    }
  }
};

/** @throws Error with both outputs when the call did not end with one of `codes` and JSON on stdout */
export function jsonOf(
  argv: readonly string[],
  answer: Answer,
  codes: readonly number[],
): JsonValue {
  const { code, out, err } = answer;
  if (!codes.includes(code)) {
    throw new Error(
      `segmill ${argv.join(' ')} ended with ${code}, expected ${codes.join(' or ')}\n${err}\n${out}`,
    );
  }
  return parseJson(out);
}
