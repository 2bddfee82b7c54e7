// The tables that a query names, from one catalog snapshot, with a Parquet file for every segment that they read.
import { compileTimeFormat } from '../config/time-format.ts';
import type { Catalog, CatalogView } from '../catalog/types.ts';
import type { Field, TableRecord } from '../config/types.ts';
import { isSegmillError } from '../errors.ts';
import { noOutsideFacts, snapshotOf } from '../planner/from-catalog.ts';
import type { TableSnapshot } from '../planner/snapshot.ts';
import type { Store } from '../store/types.ts';
import { decimalTypes } from './decimals.ts';
import { consumingRenditionOf, renditionOf } from './renditions.ts';
import { ownTable } from './session.ts';
import type { Session } from './session.ts';
import { partsOf } from './sides.ts';
import type { Part, Source, ViewKind } from './sides.ts';
import { needsTimeTexts } from './time-condition.ts';
import { quote, valuesSelect } from './views.ts';
import type { FileColumn, QueryFile, ViewTable } from './views.ts';

interface QueryView {
  /** `orders`, `orders_OFFLINE`, `orders_REALTIME`. */
  readonly name: string;
  readonly kind: ViewKind;
}

export interface QueryTable extends ViewTable {
  readonly views: readonly { readonly name: string; readonly files: readonly QueryFile[] }[];
}

/** Every name that a query can use: `T` and the sides it has. */
export function queryTableNames(view: CatalogView): string[] {
  return view.list('tables').flatMap((table) => viewsOf(table).map(({ name }) => name));
}

function viewsOf({ name, offline, realtime }: TableRecord): QueryView[] {
  return [
    { name, kind: 'hybrid' },
    ...(offline === null ? [] : [{ name: `${name}_OFFLINE`, kind: 'OFFLINE' as const }]),
    ...(realtime === null ? [] : [{ name: `${name}_REALTIME`, kind: 'REALTIME' as const }]),
  ];
}

/** What a query reads: the parts of each view that it names, all from one state, and a file for each source. */
interface QuerySources {
  readonly tables: readonly {
    readonly record: TableRecord;
    readonly views: readonly { readonly name: string; readonly parts: readonly Part[] }[];
  }[];
  /** By source: path relative to the store. */
  readonly paths: ReadonlyMap<Source['record'], string>;
}

const lostCodes = ['FILE_NOT_FOUND', 'MISSING_INPUT', 'SEGMENT_CORRUPT'] as const;

/** Names that are no table are left to DuckDB's own error. */
export async function openSources(
  { catalog, store }: { readonly catalog: Catalog; readonly store: Store },
  names: ReadonlySet<string>,
  stop: AbortSignal,
): Promise<QuerySources> {
  const wanted = new Set([...names].map((name) => name.toLowerCase()));
  let tables = catalog.read((view) => wantedTables(view, wanted));
  for (;;) {
    try {
      return { tables, paths: await pathsOf(store, tables, stop) };
    } catch (error) {
      const lost = lostCodes.some((code) => isSegmillError(error, code));
      const next = catalog.read((view) => wantedTables(view, wanted));
      // Sealing takes a CONSUMING file away: the next snapshot shows the segment instead.
      if (!lost || consumingMarks(next) === consumingMarks(tables)) throw error;
      tables = next;
    }
  }
}

function consumingMarks(tables: QuerySources['tables']): string {
  const sources = tables.flatMap(({ views }) => views.flatMap(({ parts }) => parts));
  const marks = sources.flatMap(({ source: { kind, record } }) =>
    kind === 'consuming' ? [[record.name, record.byteLength, record.crc]] : [],
  );
  return JSON.stringify(marks);
}

function wantedTables(view: CatalogView, wanted: ReadonlySet<string>): QuerySources['tables'] {
  return view.list('tables').flatMap((record) => {
    const views = viewsOf(record).filter(({ name }) => wanted.has(name.toLowerCase()));
    if (views.length === 0) return [];
    const snapshot: TableSnapshot = snapshotOf(view, record.name, noOutsideFacts);
    const parts = views.map(({ name, kind }) => ({ name, parts: partsOf(snapshot, kind) }));
    return [{ record, views: parts }];
  });
}

async function pathsOf(
  store: Store,
  tables: QuerySources['tables'],
  stop: AbortSignal,
): Promise<Map<Source['record'], string>> {
  const paths = new Map<Source['record'], string>();
  for (const { record, views } of tables) {
    for (const { source } of views.flatMap(({ parts }) => parts)) {
      if (paths.has(source.record)) continue;
      stop.throwIfAborted();
      paths.set(source.record, await pathOf(store, record, source, stop));
    }
  }
  return paths;
}

async function pathOf(
  store: Store,
  table: TableRecord,
  source: Source,
  stop: AbortSignal,
): Promise<string> {
  if (source.kind === 'sealed') return renditionOf(store, source.record, table.schema, stop);
  const { realtime } = table;
  return consumingRenditionOf(store, { ...table, realtime: realtime! }, source.record);
}

/** The tables as views need them; asks the files what the catalog does not know. */
export async function openTables(
  session: Session,
  store: Store,
  { tables, paths }: QuerySources,
  names: ReadonlySet<string>,
): Promise<QueryTable[]> {
  const opened: QueryTable[] = [];
  const columns = new Map<Source['record'], ReadonlyMap<string, FileColumn>>();
  for (const [index, { record, views }] of tables.entries()) {
    const files: { name: string; files: QueryFile[] }[] = [];
    for (const { name, parts } of views) {
      const own: QueryFile[] = [];
      for (const { source, ranges } of parts) {
        const path = store.localPath(paths.get(source.record)!);
        const known = columns.get(source.record) ?? (await columnsOf(session, source, path));
        columns.set(source.record, known);
        own.push({ segmentName: source.record.name, path, columns: known, ranges });
      }
      files.push({ name, files: own });
    }
    const all = files.flatMap((view) => view.files);
    const timeColumn = (record.offline ?? record.realtime)?.timeColumn ?? null;
    const time = record.schema.fields.find(({ name }) => name === timeColumn);
    opened.push({
      schema: record.schema,
      timeColumn,
      timeTexts: time === undefined ? null : await timeTexts(session, index, time, all),
      decimals: await decimalTypes(session, record.schema, all, names),
      views: files,
    });
  }
  return opened;
}

async function columnsOf(
  session: Session,
  source: Source,
  path: string,
): Promise<ReadonlyMap<string, FileColumn>> {
  if (source.kind === 'sealed') {
    return new Map(
      source.record.columns.map(({ name, dataType, multiValue, nullCount }) => [
        name,
        { dataType, multiValue, mayBeNull: nullCount > 0 },
      ]),
    );
  }
  const [row] = await session.rows(
    `SELECT decode(value) FROM parquet_kv_metadata(${quote(path)}) WHERE decode(key) = 'segmill.columns'`,
  );
  const facts = JSON.parse(String(row?.[0])) as (Omit<FileColumn, 'mayBeNull'> & {
    name: string;
  })[];
  return new Map(
    facts.map(({ name, dataType, multiValue }) => [
      name,
      { dataType, multiValue, mayBeNull: true },
    ]),
  );
}

/** A table of the time column's texts with their epoch ms, where a view has to tell rows of one segment apart by them. */
async function timeTexts(
  session: Session,
  index: number,
  time: Field,
  files: readonly QueryFile[],
): Promise<string | null> {
  if (!needsTimeTexts(time) || time.format === null) return null;
  const name = `times_${index}`;
  await session.run(`CREATE TABLE ${ownTable(name)} (text VARCHAR, ms BIGINT)`);
  const select = valuesSelect(
    time,
    files.filter(({ ranges }) => ranges !== null),
  );
  if (select === null) return ownTable(name);
  const format = compileTimeFormat(time.format);
  const appender = await session.connection.createAppender(name, 'segmill');
  for (const [text] of await session.rows(select)) {
    appender.appendVarchar(String(text));
    const ms = millisOrNull(() => format.toMillis(String(text)));
    if (ms === null) appender.appendNull();
    else appender.appendBigInt(BigInt(ms));
    appender.endRow();
  }
  appender.closeSync();
  return ownTable(name);
}

function millisOrNull(parse: () => number): number | null {
  try {
    return parse();
  } catch (error) {
    if (isSegmillError(error, 'VALUE_INVALID')) return null;
    throw error;
  }
}
