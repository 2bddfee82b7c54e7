// SQL over the tables of one catalog snapshot: adapt the text, lay views over Parquet files, let DuckDB answer.
import { StatementType, DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { SegmillError } from '../errors.ts';
import { nearestName } from '../config/names.ts';
import { withLease } from '../catalog/lease.ts';
import type { Catalog } from '../catalog/types.ts';
import { queryTimeoutMsDefault } from '../limits.ts';
import type { Store } from '../store/types.ts';
import { adaptQuery } from './dialect.ts';
import type { AdaptedQuery } from './dialect.ts';
import { functionHint } from './hints.ts';
import { pinotTypeOf, resultValue } from './result.ts';
import type { ResultColumn, ResultValue } from './result.ts';
import { openQueryTables, queryTableNames } from './tables.ts';
import { identifier, quote, viewsOf } from './views.ts';
import type { QueryTable } from './views.ts';

export interface QueryOptions {
  /** `--null-handling`; a leading `SET enableNullHandling` wins. */
  readonly nullHandling: boolean;
  readonly timeoutMs: number | null;
  readonly memoryBytes: number;
  readonly threads: number;
  readonly signal: AbortSignal | null;
}

export interface QueryAnswer {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly ResultValue[])[];
  readonly timeUsedMs: number;
}

/**
 * One SELECT over `T`, `T_OFFLINE`, `T_REALTIME`.
 * @throws SegmillError QUERY_INVALID (the text), QUERY_TIMEOUT, CANCELLED, QUERY_FAILED (the engine)
 */
export async function runQuery(
  deps: { readonly catalog: Catalog; readonly store: Store },
  text: string,
  options: QueryOptions,
): Promise<QueryAnswer> {
  const started = performance.now();
  const adapted = adaptQuery(text);
  const owner = `query-${process.pid}`;
  return withLease(deps.catalog, `read/${crypto.randomUUID()}`, { owner }, async () => {
    const tables = await openQueryTables(deps, adapted.names);
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(options.threads),
      memory_limit: `${Math.max(64, Math.floor(options.memoryBytes / 2 ** 20))}MiB`,
    });
    const connection = await instance.connect();
    try {
      await prepare(connection, tables, adapted, options);
      const answer = await execute(connection, deps.catalog, tables, adapted, options);
      return { ...answer, timeUsedMs: Math.round(performance.now() - started) };
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}

async function prepare(
  connection: DuckDBConnection,
  tables: readonly QueryTable[],
  adapted: AdaptedQuery,
  options: QueryOptions,
): Promise<void> {
  const nullHandling = adapted.nullHandling ?? options.nullHandling;
  // Views bind their files when they are made, so the lock on files comes first and names just these files.
  const paths = tables.flatMap(({ offline, realtime }) =>
    [...(offline ?? []), ...(realtime ?? [])].map(({ path }) => path),
  );
  if (paths.length > 0)
    await connection.run(`SET allowed_paths = [${paths.map(quote).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  for (const table of tables) {
    for (const [name, select] of viewsOf(table, {
      virtualColumns: adapted.virtualColumns,
      nullHandling,
    })) {
      await connection.run(`CREATE VIEW ${identifier(name)} AS ${select}`);
    }
  }
  await connection.run('SET lock_configuration = true');
}

async function execute(
  connection: DuckDBConnection,
  catalog: Catalog,
  tables: readonly QueryTable[],
  adapted: AdaptedQuery,
  options: QueryOptions,
): Promise<Omit<QueryAnswer, 'timeUsedMs'>> {
  const timeoutMs = adapted.timeoutMs ?? options.timeoutMs ?? queryTimeoutMsDefault;
  const interrupt = (): void => connection.interrupt();
  const timer = setTimeout(interrupt, timeoutMs);
  options.signal?.addEventListener('abort', interrupt);
  try {
    const statements = await connection.extractStatements(adapted.sql);
    const statement = await statements.prepare(0);
    if (statements.count !== 1 || statement.statementType !== StatementType.SELECT) {
      throw new SegmillError(
        'QUERY_INVALID',
        `found a ${StatementType[statement.statementType]} statement, only one SELECT is allowed`,
      );
    }
    const reader = await statement.runAndReadAll();
    const bigDecimals = bigDecimalColumns(tables);
    const columns = reader.columnNames().map((name, i) => {
      const type = pinotTypeOf(reader.columnType(i));
      return {
        name,
        dataType: bigDecimals.has(name) ? type.replace('STRING', 'BIG_DECIMAL') : type,
      };
    });
    const rows = reader
      .getRows()
      .map((row) => row.map((value, i) => resultValue(value, columns[i]!.dataType)));
    return { columns: renamed(columns, adapted.columnNames), rows };
  } catch (error) {
    throw queryError(error, catalog, { interrupted: options.signal?.aborted === true, timeoutMs });
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', interrupt);
  }
}

function bigDecimalColumns(tables: readonly QueryTable[]): Set<string> {
  return new Set(
    tables.flatMap(({ schema }) =>
      schema.fields.filter(({ dataType }) => dataType === 'BIG_DECIMAL').map(({ name }) => name),
    ),
  );
}

/** Pinot's names for the items of the outermost list; a star in between shifts those after it to the end. */
function renamed(
  columns: readonly ResultColumn[],
  names: AdaptedQuery['columnNames'],
): ResultColumn[] {
  const out = [...columns];
  if (names === null) return out;
  if (names.length === columns.length) {
    return out.map((column, i) => ({ ...column, name: names[i] ?? column.name }));
  }
  const star = names.indexOf(null);
  names.slice(0, Math.max(star, 0)).forEach((name, i) => {
    if (name !== null && out[i] !== undefined) out[i] = { ...out[i], name };
  });
  return out;
}

function queryError(
  error: unknown,
  catalog: Catalog,
  { interrupted, timeoutMs }: { interrupted: boolean; timeoutMs: number },
): Error {
  if (error instanceof SegmillError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/INTERRUPT/i.test(text)) {
    return interrupted
      ? new SegmillError('CANCELLED', 'the query was interrupted')
      : new SegmillError(
          'QUERY_TIMEOUT',
          `the query took longer than ${timeoutMs} ms; narrow it, or begin with SET timeoutMs=...;`,
          { timeoutMs },
        );
  }
  const [headline = text] = text.split('\n\n');
  const table = /Table with name "?([^\s"]+)"? does not exist/.exec(text)?.[1];
  if (table !== undefined) return unknownTable(catalog, table);
  const lacking = /Function with name "?([^\s"]+)"? does not exist/.exec(text)?.[1];
  const hint = lacking === undefined ? null : functionHint(lacking);
  if (hint !== null)
    return new SegmillError(
      'QUERY_INVALID',
      `function ${lacking} is not available here; write ${hint}`,
      { function: lacking! },
    );
  const invalid =
    /^(Failed to extract statements: )?(Parser|Binder|Catalog|Conversion|Invalid Input|Permission|Not implemented|Syntax) Error/i.test(
      text,
    );
  return new SegmillError(
    invalid ? 'QUERY_INVALID' : 'QUERY_FAILED',
    headline.replaceAll(/\s*\n\s*/g, ' '),
  );
}

function unknownTable(catalog: Catalog, table: string): SegmillError {
  const names = catalog.read(queryTableNames);
  const nearest = nearestName(table, names);
  const known =
    names.length === 0
      ? 'there is no table yet (segmill table add)'
      : `tables are ${names.join(', ')}`;
  return new SegmillError(
    'QUERY_INVALID',
    `table ${table} does not exist; ${known}${nearest === null ? '' : `; did you mean ${nearest}?`}`,
    { table },
  );
}
