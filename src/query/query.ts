// SQL over the tables of one catalog snapshot: adapt the text, lay views over Parquet files, let DuckDB answer.
import { randomUUID } from 'node:crypto';
import { StatementType } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { SegmillError } from '../errors.ts';
import { temporaryFolder } from '../catalog/layout.ts';
import { withLease } from '../catalog/lease.ts';
import type { Catalog } from '../catalog/types.ts';
import { queryTimeoutMsDefault } from '../limits.ts';
import type { Store } from '../store/types.ts';
import { adaptQuery } from './dialect.ts';
import type { AdaptedQuery } from './dialect.ts';
import { queryError } from './query-errors.ts';
import { renditionsFolder } from './renditions.ts';
import { readAnswer } from './result.ts';
import type { ResultColumn, ResultValue } from './result.ts';
import { named } from './select-items.ts';
import { withSession } from './session.ts';
import type { Session } from './session.ts';
import { openSources, openTables } from './tables.ts';
import type { QueryTable } from './tables.ts';
import { identifier, viewSelect } from './views.ts';

export interface QueryOptions {
  /** `--null-handling`; a leading `SET enableNullHandling` wins. */
  readonly nullHandling: boolean;
  /** Null: the default; a leading `SET timeoutMs` wins. */
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

interface Deps {
  readonly catalog: Catalog;
  readonly store: Store;
}

/**
 * One SELECT over `T`, `T_OFFLINE`, `T_REALTIME`.
 * @throws SegmillError QUERY_INVALID (the text), QUERY_TIMEOUT, CANCELLED, MEMORY_CAP, SEGMENT_CORRUPT, MISSING_INPUT,
 * QUERY_FAILED (the engine)
 */
export async function runQuery(
  deps: Deps,
  text: string,
  options: QueryOptions,
): Promise<QueryAnswer> {
  const started = performance.now();
  const adapted = adaptQuery(text);
  const timeoutMs = adapted.settings.timeoutMs ?? options.timeoutMs ?? queryTimeoutMsDefault;
  return stopping(timeoutMs, options.signal, async (stop) => {
    const id = randomUUID();
    const lease = { owner: `query-${process.pid}` };
    const answer = await withLease(deps.catalog, `read/${id}`, lease, () =>
      answerOf(deps, adapted, options, { id, stop }),
    );
    return { ...answer, timeUsedMs: Math.round(performance.now() - started) };
  });
}

/** Runs `body` with a signal that is aborted, with the error to throw, by time or by the caller's own. */
async function stopping<T>(
  timeoutMs: number,
  signal: AbortSignal | null,
  body: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const control = new AbortController();
  const cancel = (): void =>
    control.abort(new SegmillError('CANCELLED', 'the query was interrupted'));
  const timer = setTimeout(() => {
    const message = `the query took longer than ${timeoutMs} ms; narrow it, or begin with SET timeoutMs=...;`;
    control.abort(new SegmillError('QUERY_TIMEOUT', message, { timeoutMs }));
  }, timeoutMs);
  signal?.addEventListener('abort', cancel);
  if (signal?.aborted === true) cancel();
  try {
    control.signal.throwIfAborted();
    return await body(control.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
}

async function answerOf(
  { catalog, store }: Deps,
  adapted: AdaptedQuery,
  { memoryBytes, threads, nullHandling }: QueryOptions,
  { id, stop }: { readonly id: string; readonly stop: AbortSignal },
): Promise<Omit<QueryAnswer, 'timeUsedMs'>> {
  const sources = await openSources({ catalog, store }, adapted.names, stop);
  const records = [...sources.paths];
  const segments = new Map(
    records.map(([{ name: segment }, path]) => {
      const isRendition = path.startsWith(`${renditionsFolder}/`);
      return [store.localPath(path), { segment, isRendition }] as const;
    }),
  );
  // Half for DuckDB, half for the rows as JavaScript holds them.
  const shareBytes = Math.floor(memoryBytes / 2);
  let isLocked = false;
  const spillFolder = store.localPath(temporaryFolder(`query-${id}`));
  try {
    return await withSession(
      { threads, memoryBytes: shareBytes, spillFolder, stop },
      async (session) => {
        await session.run('CREATE SCHEMA segmill');
        const tables = await openTables(session, store, sources, adapted.names);
        await createViews(session, tables, adapted, adapted.settings.nullHandling ?? nullHandling);
        await session.lock([...segments.keys()]);
        isLocked = true;
        return execute(session.connection, tables, adapted, { stop, bytesMax: shareBytes });
      },
    );
  } catch (error) {
    const { tables } = sources;
    throw queryError(error, {
      catalog,
      sql: adapted.sql,
      tables,
      files: segments,
      isText: isLocked,
    });
  } finally {
    await store.removeFolder(temporaryFolder(`query-${id}`));
  }
}

async function createViews(
  session: Session,
  tables: readonly QueryTable[],
  adapted: AdaptedQuery,
  nullHandling: boolean,
): Promise<void> {
  const options = { virtualColumns: adapted.virtualColumns, nullHandling };
  for (const table of tables) {
    for (const { name, files } of table.views) {
      const select = viewSelect(table, files, options);
      await session.run(`CREATE VIEW ${identifier(name)} AS ${select}`);
      const [database, raw] = name.split('.');
      if (database === undefined || raw === undefined) continue;
      // Pinot's `database.table`, also without quotes.
      await session.run(`CREATE SCHEMA IF NOT EXISTS ${identifier(database)}`);
      const qualified = `${identifier(database)}.${identifier(raw)}`;
      await session.run(`CREATE VIEW ${qualified} AS SELECT * FROM ${identifier(name)}`);
    }
  }
}

async function execute(
  connection: DuckDBConnection,
  tables: readonly QueryTable[],
  adapted: AdaptedQuery,
  limits: { readonly stop: AbortSignal; readonly bytesMax: number },
): Promise<Omit<QueryAnswer, 'timeUsedMs'>> {
  const statements = await connection.extractStatements(adapted.sql);
  if (statements.count !== 1) {
    throw new SegmillError(
      'QUERY_INVALID',
      `found ${statements.count} statements, one SELECT is allowed`,
    );
  }
  const statement = await statements.prepare(0);
  if (statement.statementType !== StatementType.SELECT) {
    throw new SegmillError(
      'QUERY_INVALID',
      `found a ${StatementType[statement.statementType]} statement, only SELECT is allowed`,
    );
  }
  const { columns, rows } = await readAnswer(await statement.stream(), {
    ...limits,
    bigDecimals: bigDecimalColumns(tables),
    exactDecimals: tables.some(({ decimals }) => decimals.size > 0) || namesDecimal(adapted),
  });
  return { columns: named(columns, adapted.items), rows };
}

/** Names under which a text column of a result is a BIG_DECIMAL. */
function bigDecimalColumns(tables: readonly QueryTable[]): Set<string> {
  return new Set(
    tables.flatMap(({ schema }) =>
      schema.fields.filter(({ dataType }) => dataType === 'BIG_DECIMAL').map(({ name }) => name),
    ),
  );
}

function namesDecimal({ names }: AdaptedQuery): boolean {
  return [...names].some((name) => /^(decimal|numeric|big_decimal)$/i.test(name));
}
