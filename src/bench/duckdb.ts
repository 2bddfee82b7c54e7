// DuckDB as the bench uses it: one connection, a number of threads, a folder for what it spills.
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';

export interface DuckDbOptions {
  readonly threads: number;
  /** Where it may spill. */
  readonly temporary: string;
  /** A database file, opened for reading only; null: in memory. */
  readonly database?: string | null;
}

export async function withDuckDb<T>(
  { threads, temporary, database = null }: DuckDbOptions,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(database ?? ':memory:', {
    threads: String(threads),
    temp_directory: temporary,
    ...(database === null ? {} : { access_mode: 'READ_ONLY' }),
  });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A text of SQL in quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name of SQL in quotes. */
export function named(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
