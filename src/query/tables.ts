// The tables that a query names, from one catalog snapshot, with a Parquet file for every segment.
import { DuckDBInstance } from '@duckdb/node-api';
import { compileTimeFormat } from '../config/time-format.ts';
import { splitTableName } from '../config/names.ts';
import type { Catalog, CatalogView, PartitionRecord, SegmentRecord } from '../catalog/types.ts';
import { hybridSplit } from '../planner/boundary.ts';
import { noOutsideFacts, snapshotOf } from '../planner/from-catalog.ts';
import type { TableSnapshot } from '../planner/snapshot.ts';
import type { Store } from '../store/types.ts';
import { consumingRenditionOf, renditionOf } from './renditions.ts';
import { identifier, quote } from './views.ts';
import type { QueryFile, QueryTable, TakenRange } from './views.ts';

interface Deps {
  readonly catalog: Catalog;
  readonly store: Store;
}

/** Every name that a query can use: `T` and the sides it has. */
export function queryTableNames(view: CatalogView): string[] {
  return view
    .list('tables')
    .flatMap(({ name, offline, realtime }) => [
      name,
      ...(offline === null ? [] : [`${name}_OFFLINE`]),
      ...(realtime === null ? [] : [`${name}_REALTIME`]),
    ]);
}

/** The tables that any of `names` stands for; names that are none are left to DuckDB's own error. */
export async function openQueryTables(
  deps: Deps,
  names: ReadonlySet<string>,
): Promise<QueryTable[]> {
  const wanted = new Set([...names].map((name) => splitTableName(name).raw.toLowerCase()));
  const snapshots = deps.catalog.read((view) =>
    view
      .list('tables')
      .filter(
        ({ name }) =>
          wanted.has(name.toLowerCase()) || wanted.has(splitTableName(name).raw.toLowerCase()),
      )
      .map(({ name }) => snapshotOf(view, name, noOutsideFacts)),
  );
  const tables: QueryTable[] = [];
  for (const snapshot of snapshots) tables.push(await openTable(deps.store, snapshot, names));
  return tables;
}

async function openTable(
  store: Store,
  snapshot: TableSnapshot,
  names: ReadonlySet<string>,
): Promise<QueryTable> {
  const { table } = snapshot;
  const config = table.offline ?? table.realtime;
  const split = hybridSplit(snapshot);
  const taken = new Map(
    split.realtime.map(({ segment, takenWindows }) => [segment, takenWindows] as const),
  );
  const base = {
    name: table.name,
    schema: table.schema,
    timeColumn: config?.timeColumn ?? null,
    offline:
      table.offline === null
        ? null
        : await sealedFiles(store, snapshot, snapshot.offline, new Map()),
    realtime: table.realtime === null ? null : await realtimeFiles(store, snapshot, taken),
    boundaryMs: split.boundaryMs,
  };
  return {
    ...base,
    timeTexts: await timeTexts(base),
    decimals: await decimalTypes(base, names),
  };
}

async function sealedFiles(
  store: Store,
  { table }: TableSnapshot,
  segments: readonly SegmentRecord[],
  taken: ReadonlyMap<string, readonly TakenRange[]>,
): Promise<QueryFile[]> {
  const files: QueryFile[] = [];
  for (const segment of segments) {
    if (segment.rowCount === 0) continue;
    files.push({
      segmentName: segment.name,
      path: store.localPath(await renditionOf(store, segment, table.schema)),
      columns: segment.columns.map(({ name }) => name),
      taken: taken.get(segment.name) ?? [],
    });
  }
  return files;
}

async function realtimeFiles(
  store: Store,
  snapshot: TableSnapshot,
  taken: ReadonlyMap<string, readonly TakenRange[]>,
): Promise<QueryFile[]> {
  const files = await sealedFiles(store, snapshot, snapshot.realtime, taken);
  for (const partition of snapshot.partitions)
    files.push(...(await consumingFiles(store, snapshot, partition, taken)));
  return files;
}

async function consumingFiles(
  store: Store,
  { table }: TableSnapshot,
  { consuming }: PartitionRecord,
  taken: ReadonlyMap<string, readonly TakenRange[]>,
): Promise<QueryFile[]> {
  if (consuming === null || consuming.rowCount === 0 || table.realtime === null) return [];
  const { path, columns } = await consumingRenditionOf(
    store,
    table.realtime,
    consuming,
    table.schema,
  );
  return [{ segmentName: consuming.name, path: store.localPath(path), columns, taken: taken.get(consuming.name) ?? [] }];
}

type Sides = Pick<QueryTable, 'name' | 'schema' | 'timeColumn' | 'offline' | 'realtime'>;

/** Every text of a SIMPLE_DATE_FORMAT time column with its epoch ms; null for formats that arithmetic can split. */
async function timeTexts({
  schema,
  timeColumn,
  offline,
  realtime,
}: Sides): Promise<Map<string, number> | null> {
  const field = schema.fields.find(({ name }) => name === timeColumn);
  if (field?.format?.kind !== 'SIMPLE_DATE_FORMAT') return null;
  const format = compileTimeFormat(field.format);
  const files = [...(offline ?? []), ...(realtime ?? [])].filter(({ columns }) =>
    columns.includes(field.name),
  );
  const texts = await ask(files, `SELECT DISTINCT CAST(${identifier(field.name)} AS VARCHAR)`);
  return new Map(
    texts.flatMap(([text]) =>
      typeof text === 'string' ? [[text, format.toMillis(text)] as const] : [],
    ),
  );
}

const decimalDigitsMax = 38;

/** DECIMAL types for BIG_DECIMAL columns whose values all fit 38 digits, for the columns that the query may mean. */
async function decimalTypes(
  { schema, offline, realtime }: Sides,
  names: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const types = new Map<string, string>();
  for (const { name, dataType, multiValue } of schema.fields) {
    if (dataType !== 'BIG_DECIMAL' || multiValue || !names.has(name)) continue;
    const files = [...(offline ?? []), ...(realtime ?? [])].filter(({ columns }) =>
      columns.includes(name),
    );
    const value = `CAST(${identifier(name)} AS VARCHAR)`;
    const fraction = `length(split_part(${value}, '.', 2))`;
    const whole = `length(ltrim(split_part(${value}, '.', 1), '-'))`;
    const plain = `bool_and(regexp_full_match(${value}, '-?[0-9]+([.][0-9]+)?'))`;
    const [row] = await ask(files, `SELECT max(${whole}), max(${fraction}), ${plain}`);
    const [wholeDigits, scale, allPlain] = row ?? [];
    if (allPlain !== true || typeof wholeDigits !== 'bigint' || typeof scale !== 'bigint') continue;
    if (wholeDigits + scale <= decimalDigitsMax)
      types.set(name, `DECIMAL(${decimalDigitsMax}, ${scale})`);
  }
  return types;
}

/** `select` FROM the files, on a connection of its own. */
async function ask(files: readonly QueryFile[], select: string): Promise<unknown[][]> {
  if (files.length === 0) return [];
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const source = `read_parquet([${files.map(({ path }) => quote(path)).join(', ')}], union_by_name=true)`;
    return (await connection.runAndReadAll(`${select} FROM ${source}`)).getRows();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
