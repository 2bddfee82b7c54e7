// Calls of the command line in this process, with everything outside of it held by the test.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { demoFiles, demoNow } from '../../src/cli/demo/orders.ts';
import { run } from '../../src/cli/run.ts';

export interface Answer {
  readonly code: number;
  /** Lines. */
  readonly out: string;
  readonly err: string;
}

export interface CallOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly cwd?: string;
  readonly terminal?: boolean;
  readonly signal?: AbortSignal;
  readonly onOut?: () => void;
}

export async function call(argv: readonly string[], options: CallOptions = {}): Promise<Answer> {
  const out: string[] = [];
  const err: string[] = [];
  const { env = {}, stdin = '', cwd = tmpdir(), terminal = false } = options;
  const code = await run(argv, {
    out: (text) => {
      out.push(`${text}\n`);
      options.onOut?.();
    },
    err: (text) => err.push(`${text}\n`),
    outIsTerminal: terminal,
    errIsTerminal: terminal,
    env,
    cwd,
    stdin: (async function* () {
      if (stdin !== '') yield Buffer.from(stdin);
    })(),
    signal: options.signal ?? new AbortController().signal,
  });
  return { code, out: out.join(''), err: err.join('') };
}

export interface Workplace {
  readonly root: string;
  readonly dataDir: string;
  /** With the data directory and the clock of the demo. */
  segmill(line: string | readonly string[], options?: CallOptions): Promise<Answer>;
  /** The same, `--format json`, its answer parsed. */
  json(line: string | readonly string[], options?: CallOptions): Promise<unknown>;
  path(name: string): string;
}

export function workplace(): Workplace {
  const root = mkdtempSync(join(tmpdir(), 'segmill-cli-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return workplaceAt(root);
}

/** The demo's files lie in `root`, where every call runs. */
export function workplaceAt(root: string): Workplace {
  mkdirSync(root, { recursive: true });
  for (const [name, text] of Object.entries(demoFiles)) writeFileSync(join(root, name), text);
  const dataDir = join(root, 'data');
  const segmill: Workplace['segmill'] = (line, options = {}) => {
    const words = typeof line === 'string' ? line.split(' ') : line;
    const inRoot = words.map((word) => (word in demoFiles ? join(root, word) : word));
    return call([...inRoot, '--data-dir', dataDir, '--now', String(demoNow)], {
      cwd: root,
      ...options,
    });
  };
  return {
    root,
    dataDir,
    segmill,
    async json(line, options) {
      const words = typeof line === 'string' ? line.split(' ') : line;
      const { code, out, err } = await segmill([...words, '--format', 'json'], options);
      if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${err}`);
      return JSON.parse(out) as unknown;
    },
    path: (name) => join(root, name),
  };
}

export function copyOf(template: Workplace): Workplace {
  const copy = workplace();
  cpSync(template.dataDir, copy.dataDir, { recursive: true });
  return copy;
}
