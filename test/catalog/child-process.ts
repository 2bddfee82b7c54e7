// Starts `child.ts` as a process of its own, with a fault planted in it when asked.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Child {
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly pid: number;
  /** The next line that it prints. */
  line(): Promise<string>;
  kill(): void;
}

export function startChild(role: string, root: string, argument = '', fault = ''): Child {
  const script = fileURLToPath(new URL('./child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, role, root, argument], {
    env: { ...process.env, SEGMILL_FAULT: fault },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exit = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  return {
    exit,
    pid: child.pid!,
    line: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error('the child ended without a line');
      return next.value;
    },
    kill: () => child.kill('SIGKILL'),
  };
}
