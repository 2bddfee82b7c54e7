// Child processes of the bench: each measured run has its own, so that no compiler, heap or cache of one serves another.
import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SegmillError } from '../errors.ts';

export interface ChildOptions {
  /** For messages. */
  readonly what: string;
  /** The two JSON files are `<scratch>.job.json` and `<scratch>.result.json`. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
}

const talkMax = 4000;

/** `case` or `duckdb-job` of this folder, as it lies: source under a loader, else compiled. Node's own flags go along. */
export function runNodeChild<R>(
  entry: 'case' | 'duckdb-job',
  spec: unknown,
  options: ChildOptions,
): Promise<R> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const file = fileURLToPath(new URL(`./${entry}${extension}`, import.meta.url));
  return runChild([process.execPath, ...process.execArgv, file], spec, options);
}

/**
 * Starts `<command> <job file> <result file>` and gives what it wrote.
 * @throws SegmillError TASK_FAILED with the end of its talk, CANCELLED
 */
export async function runChild<R>(
  command: readonly string[],
  spec: unknown,
  { what, scratch, signal, env = {} }: ChildOptions,
): Promise<R> {
  const [specFile, resultFile] = [`${scratch}.job.json`, `${scratch}.result.json`];
  await rm(resultFile, { force: true });
  await writeFile(specFile, JSON.stringify(spec));
  const [program, ...words] = command;
  const child = spawn(program!, [...words, specFile, resultFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
    signal,
  });
  let talk = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => (talk = (talk + text).slice(-talkMax)));
  const ended = await new Promise<string | null>((resolve) => {
    // A child that did start is waited for: it may still be writing while it dies.
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(error.message);
    });
    child.once('close', (code, killed) =>
      resolve(code === 0 ? null : killed === null ? `exit code ${code}` : `killed by ${killed}`),
    );
  });
  if (signal.aborted) throw new SegmillError('CANCELLED', `cancelled in ${what}`, { what });
  if (ended !== null) {
    throw new SegmillError('TASK_FAILED', `${what} ended with ${ended}: ${lastLines(talk)}`, {
      what,
    });
  }
  return JSON.parse(await readFile(resultFile, 'utf8')) as R;
}

function lastLines(talk: string): string {
  const lines = talk.trim().split('\n');
  const error = lines.findLast((line) => /error|exception/i.test(line) && !/^\s+at /.test(line));
  return (error ?? lines.at(-1) ?? '').trim() || 'it said nothing';
}
