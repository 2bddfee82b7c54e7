// The SQL of a table's views over Parquet files: `T_OFFLINE`, `T_REALTIME` and the hybrid `T` (design 5.12, B-4, B-5).
import { hostname } from 'node:os';
import type { CellValue } from '../config/cell.ts';
import type { Field, Schema, TimeFormat, TimeUnit } from '../config/types.ts';
import type { VirtualColumn } from './dialect.ts';

/** One segment as DuckDB reads it. */
export interface QueryFile {
  readonly segmentName: string;
  /** Absolute path of a Parquet file. */
  readonly path: string;
  /** Columns that the file has; others read as their default. */
  readonly columns: readonly string[];
  /** Times of its rows that live windows took: those are answered by the offline side. */
  readonly taken: readonly TakenRange[];
}

/** Times [startMs, endMs). */
export interface TakenRange {
  readonly startMs: number;
  readonly endMs: number;
}

export interface QueryTable {
  readonly name: string;
  readonly schema: Schema;
  readonly timeColumn: string | null;
  /** Null: the table has no such side. */
  readonly offline: readonly QueryFile[] | null;
  readonly realtime: readonly QueryFile[] | null;
  readonly boundaryMs: number | null;
  /** For time columns in SIMPLE_DATE_FORMAT: every stored text with its epoch ms. */
  readonly timeTexts: ReadonlyMap<string, number> | null;
  /** By BIG_DECIMAL column: DECIMAL(precision, scale) that holds all its values; absent: read as text. */
  readonly decimals: ReadonlyMap<string, string>;
}

export interface ViewOptions {
  readonly virtualColumns: readonly VirtualColumn[];
  readonly nullHandling: boolean;
}

const duckTypes = {
  INT: 'INTEGER',
  LONG: 'BIGINT',
  FLOAT: 'FLOAT',
  DOUBLE: 'DOUBLE',
  BIG_DECIMAL: 'VARCHAR',
  BOOLEAN: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP',
  STRING: 'VARCHAR',
  JSON: 'JSON',
  BYTES: 'BLOB',
} as const;

/** View name to SELECT text. */
export function viewsOf(table: QueryTable, options: ViewOptions): Map<string, string> {
  const views = new Map<string, string>();
  const select = (files: readonly QueryFile[], where: (file: QueryFile) => string): string =>
    selectFiles(table, files, where, options);
  const everything = (): string => 'true';
  if (table.offline !== null) views.set(`${table.name}_OFFLINE`, select(table.offline, everything));
  if (table.realtime !== null)
    views.set(`${table.name}_REALTIME`, select(table.realtime, everything));
  views.set(table.name, hybrid(table, select));
  return views;
}

function hybrid(
  table: QueryTable,
  select: (files: readonly QueryFile[], where: (file: QueryFile) => string) => string,
): string {
  const { offline, realtime, boundaryMs } = table;
  if (realtime === null || (boundaryMs === null && realtime.length === 0))
    return select(offline ?? [], () => 'true');
  if (offline === null || boundaryMs === null) return select(realtime, () => 'true');
  const ms = (condition: (ms: string) => string, test: (ms: number) => boolean): string =>
    timeCondition(table, condition, test);
  const side = [
    select(offline, () =>
      ms(
        (t) => `${t} <= ${boundaryMs}`,
        (t) => t <= boundaryMs,
      ),
    ),
    select(realtime, (file) =>
      ms(
        (t) =>
          `(${t} > ${boundaryMs} OR NOT (${file.taken.map((window) => takenText(window, t)).join(' OR ') || 'false'}))`,
        (t) => t > boundaryMs || !file.taken.some((window) => isTaken(window, t)),
      ),
    ),
  ];
  return side.join('\nUNION ALL\n');
}

function takenText({ startMs, endMs }: TakenRange, t: string): string {
  return `(${t} >= ${startMs} AND ${t} < ${endMs})`;
}

function isTaken({ startMs, endMs }: TakenRange, t: number): boolean {
  return t >= startMs && t < endMs;
}

/** A condition on the time column's epoch ms: arithmetic where the format allows, else the list of texts that meet it. */
function timeCondition(
  table: QueryTable,
  condition: (ms: string) => string,
  test: (ms: number) => boolean,
): string {
  const field = table.schema.fields.find(({ name }) => name === table.timeColumn);
  if (field === undefined) return 'true';
  if (table.timeTexts !== null) {
    const texts = [...table.timeTexts].filter(([, ms]) => test(ms)).map(([text]) => quote(text));
    return texts.length === 0
      ? 'false'
      : `CAST(${identifier(field.name)} AS VARCHAR) IN (${texts.join(', ')})`;
  }
  return condition(timeMsText(field));
}

const unitPerMs: Readonly<Record<TimeUnit, readonly [multiply: number, divide: number]>> = {
  NANOSECONDS: [1, 1_000_000],
  MICROSECONDS: [1, 1000],
  MILLISECONDS: [1, 1],
  SECONDS: [1000, 1],
  MINUTES: [60_000, 1],
  HOURS: [3_600_000, 1],
  DAYS: [86_400_000, 1],
};

function timeMsText(field: Field): string {
  const name = identifier(field.name);
  const format: TimeFormat = field.format ?? { kind: 'EPOCH', unit: 'MILLISECONDS', size: 1 };
  if (field.dataType === 'TIMESTAMP') return `epoch_ms(${name})`;
  if (format.kind !== 'EPOCH') return `CAST(${name} AS BIGINT)`;
  const [multiply, divide] = unitPerMs[format.unit];
  const value = `CAST(${name} AS HUGEINT)`;
  if (multiply * format.size === 1 && divide === 1) return value;
  if (divide === 1) return `(${value} * ${multiply * format.size})`;
  // DuckDB's // truncates; windows floor.
  const scaled = `(${value} * ${format.size})`;
  return `((${scaled} - ((${scaled} % ${divide}) + ${divide}) % ${divide}) // ${divide})`;
}

function selectFiles(
  table: QueryTable,
  files: readonly QueryFile[],
  where: (file: QueryFile) => string,
  options: ViewOptions,
): string {
  const groups = new Map<string, { readonly condition: string; readonly files: QueryFile[] }>();
  for (const file of files) {
    const condition = where(file);
    const key = JSON.stringify([condition, [...file.columns].toSorted()]);
    const group = groups.get(key) ?? { condition, files: [] };
    group.files.push(file);
    groups.set(key, group);
  }
  const selects = [...groups.values()].map((group) =>
    selectGroup(table, group.files, group.condition, options),
  );
  return selects.length === 0 ? selectNothing(table, options) : selects.join('\nUNION ALL\n');
}

function selectGroup(
  table: QueryTable,
  files: readonly QueryFile[],
  condition: string,
  options: ViewOptions,
): string {
  const present = new Set(files[0]!.columns);
  const fields = sortedFields(table.schema);
  const inner = fields.map(
    (field) =>
      `${columnText(field, present.has(field.name), options)} AS ${identifier(field.name)}`,
  );
  const virtual = options.virtualColumns.map(
    (name) => `${virtualText(name, files)} AS ${identifier(name)}`,
  );
  const outer = fields.map((field) => outerText(field, table.decimals));
  const source = `read_parquet([${files.map(({ path }) => quote(path)).join(', ')}], union_by_name=true, filename=true, file_row_number=true)`;
  const names = [...outer, ...options.virtualColumns.map(identifier)];
  return `SELECT ${names.join(', ')} FROM (SELECT ${[...inner, ...virtual].join(', ')} FROM ${source}) WHERE ${condition}`;
}

function selectNothing(table: QueryTable, options: ViewOptions): string {
  const columns = sortedFields(table.schema).map(
    (field) => `NULL::${typeText(field, table.decimals)} AS ${identifier(field.name)}`,
  );
  const virtual = options.virtualColumns.map(
    (name) => `NULL::${name === '$docId' ? 'INTEGER' : 'VARCHAR'} AS ${identifier(name)}`,
  );
  return `SELECT ${[...columns, ...virtual].join(', ')} WHERE false`;
}

/** Pinot answers `select *` in order of name. */
function sortedFields(schema: Schema): Field[] {
  return schema.fields.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function columnText(field: Field, present: boolean, { nullHandling }: ViewOptions): string {
  const type = duckTypes[field.dataType] + (field.multiValue ? '[]' : '');
  const fallback = `CAST(${defaultText(field)} AS ${type})`;
  if (!present) return nullHandling ? `CAST(NULL AS ${type})` : fallback;
  const stored = storedText(field);
  return nullHandling ? stored : `coalesce(${stored}, ${fallback})`;
}

/** Stored timestamps are UTC instants; Pinot shows them without a zone, in UTC here. */
function storedText(field: Field): string {
  const name = identifier(field.name);
  if (field.dataType !== 'TIMESTAMP') return name;
  return field.multiValue
    ? `list_transform(${name}, lambda x: make_timestamp(epoch_us(x)))`
    : `make_timestamp(epoch_us(${name}))`;
}

function outerText(field: Field, decimals: ReadonlyMap<string, string>): string {
  const name = identifier(field.name);
  const decimal = decimals.get(field.name);
  if (decimal === undefined) return name;
  return `CAST(${name} AS ${decimal}${field.multiValue ? '[]' : ''}) AS ${name}`;
}

function typeText(field: Field, decimals: ReadonlyMap<string, string>): string {
  return (decimals.get(field.name) ?? duckTypes[field.dataType]) + (field.multiValue ? '[]' : '');
}

function virtualText(name: VirtualColumn, files: readonly QueryFile[]): string {
  if (name === '$docId') return 'CAST(file_row_number AS INTEGER)';
  if (name === '$hostName') return quote(hostname());
  const entries = files.map((file) => `${quote(file.path)}: ${quote(file.segmentName)}`);
  return `MAP {${entries.join(', ')}}[filename]`;
}

function defaultText(field: Field): string {
  const value = cellText(field.defaultValue);
  const text = field.dataType === 'TIMESTAMP' ? `epoch_ms(CAST(${value} AS BIGINT))` : value;
  return field.multiValue ? `[${text}]` : text;
}

function cellText(value: CellValue): string {
  if (typeof value === 'string') return quote(value);
  if (value instanceof Uint8Array) return `from_hex(${quote(Buffer.from(value).toString('hex'))})`;
  return quote(String(value));
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
