// One DuckDB in memory for one query: trusted statements first, then locked, then the user's. It can be stopped at any
// time; where DuckDB does not look (it binds without checking for interrupts), it is left behind and closed when it is done.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { queryStopMs } from '../limits.ts';
import { identifier, quote } from './views.ts';

interface SessionOptions {
  readonly threads: number;
  readonly memoryBytes: number;
  /** Absolute path of a folder for what does not fit the memory; DuckDB makes it when needed. */
  readonly spillFolder: string;
  /** Its reason is thrown when it is aborted. */
  readonly stop: AbortSignal;
}

export interface Session {
  readonly connection: DuckDBConnection;
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<DuckDBValue[][]>;
  /** From here on only these files can be read, and no setting changed. */
  lock(paths: readonly string[]): Promise<void>;
}

const MiB = 2 ** 20;
const interruptEveryMs = 20;

export async function withSession<T>(
  options: SessionOptions,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  options.stop.throwIfAborted();
  await mkdir(dirname(options.spillFolder), { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: `${Math.max(64, Math.floor(options.memoryBytes / MiB))}MiB`,
    temp_directory: options.spillFolder,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const work = body(sessionOn(connection)).finally(() => {
    connection.closeSync();
    instance.closeSync();
  });
  return stoppable(work, connection, options.stop);
}

function sessionOn(connection: DuckDBConnection): Session {
  return {
    connection,
    async run(sql) {
      await connection.run(sql);
    },
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRows(),
    async lock(paths) {
      if (paths.length > 0)
        await connection.run(`SET allowed_paths = [${paths.map(quote).join(', ')}]`);
      await connection.run("SET TimeZone = 'UTC'");
      await connection.run('SET enable_external_access = false');
      await connection.run('SET lock_configuration = true');
    },
  };
}

async function stoppable<T>(
  work: Promise<T>,
  connection: DuckDBConnection,
  stop: AbortSignal,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let interrupting = (): void => {};
  const abandoned = new Promise<never>((_resolve, reject) => {
    interrupting = () => {
      const since = performance.now();
      // Again and again: an interrupt between two statements is forgotten.
      timer = setInterval(() => {
        if (performance.now() - since < queryStopMs) connection.interrupt();
        else reject(stop.reason);
      }, interruptEveryMs);
    };
  });
  stop.addEventListener('abort', interrupting);
  if (stop.aborted) interrupting();
  try {
    return await Promise.race([work, abandoned]);
  } catch (error) {
    // Whatever an interrupted statement says, and what its abandoned promise says later.
    work.catch(() => {});
    if (stop.aborted) throw stop.reason;
    throw error;
  } finally {
    clearInterval(timer);
    stop.removeEventListener('abort', interrupting);
  }
}

/** `"schema"."name"` for a table of the session's own, out of the way of the user's names. */
export function ownTable(name: string): string {
  return `${identifier('segmill')}.${identifier(name)}`;
}
