// The SQL of a view over Parquet files: the schema's columns in order of name, then the virtual ones.
import { hostname } from 'node:os';
import type { CellValue } from '../config/cell.ts';
import type { DataType, Field, Schema } from '../config/types.ts';
import type { TimeRange } from '../planner/snapshot.ts';
import type { VirtualColumn } from './dialect.ts';
import { timeCondition } from './time-condition.ts';

export interface FileColumn {
  readonly dataType: DataType;
  readonly multiValue: boolean;
  readonly mayBeNull: boolean;
}

/** One segment as DuckDB reads it. */
export interface QueryFile {
  readonly segmentName: string;
  /** Absolute path of a Parquet file. */
  readonly path: string;
  /** Columns that the file has; others read as their default. */
  readonly columns: ReadonlyMap<string, FileColumn>;
  /** As in `Part`. */
  readonly ranges: readonly TimeRange[] | null;
}

export interface ViewTable {
  readonly schema: Schema;
  readonly timeColumn: string | null;
  /** Table of (text, ms) with the time column's values, where its format needs one. */
  readonly timeTexts: string | null;
  /** By BIG_DECIMAL column: DECIMAL(precision, scale) that holds all its values; absent: read as text. */
  readonly decimals: ReadonlyMap<string, string>;
}

interface ViewOptions {
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
} as const satisfies Record<DataType, string>;

/** A SELECT over all the files; files that are read alike share a branch. */
export function viewSelect(
  table: ViewTable,
  files: readonly QueryFile[],
  options: ViewOptions,
): string {
  const selects = groupsOf(files).map((group) => selectGroup(table, group, options));
  return selects.length === 0 ? selectNothing(table, options) : selects.join('\nUNION ALL\n');
}

/** A SELECT of the distinct values of one column, in any order, as text and with defaults for nulls; null without files. */
export function valuesSelect(field: Field, files: readonly QueryFile[]): string | null {
  const selects = groupsOf(files).map((group) => {
    const value = valueText(field, group, { raw: true, nulls: false });
    return `SELECT CAST(${value} AS VARCHAR) AS text FROM ${filesText(group)}`;
  });
  return selects.length === 0 ? null : `SELECT DISTINCT text FROM (${selects.join(' UNION ALL ')})`;
}

function groupsOf(files: readonly QueryFile[]): QueryFile[][] {
  const groups = new Map<string, QueryFile[]>();
  for (const file of files) {
    const shape = [...file.columns].map(([name, c]) => `${c.dataType} ${c.multiValue} ${name}`);
    const key = JSON.stringify([file.ranges, shape.toSorted(byText)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  return [...groups.values()];
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function filesText(files: readonly QueryFile[]): string {
  return `read_parquet([${files.map(({ path }) => quote(path)).join(', ')}]) AS f`;
}

function selectGroup(table: ViewTable, files: readonly QueryFile[], options: ViewOptions): string {
  const columns = sortedFields(table.schema).map(
    (field) => `${columnText(field, files, table, options)} AS ${identifier(field.name)}`,
  );
  const virtual = options.virtualColumns.map(
    (name) => `${virtualText(name, files)} AS ${identifier(name)}`,
  );
  const select = `SELECT ${[...columns, ...virtual].join(', ')} FROM ${filesText(files)}`;
  const condition = groupCondition(table, files);
  return condition === null ? select : `${select} WHERE ${condition}`;
}

/** Also for a NULL time, which stands where its default stands: each row is on one side. */
function groupCondition(table: ViewTable, files: readonly QueryFile[]): string | null {
  const { ranges } = files[0]!;
  const field = table.schema.fields.find(({ name }) => name === table.timeColumn);
  if (ranges === null || field === undefined) return null;
  const value = valueText(field, files, { raw: true, nulls: false });
  return timeCondition(field, value, ranges, table.timeTexts);
}

function selectNothing(table: ViewTable, options: ViewOptions): string {
  const columns = sortedFields(table.schema).map(
    (field) => `CAST(NULL AS ${typeText(field, table.decimals)}) AS ${identifier(field.name)}`,
  );
  const virtual = options.virtualColumns.map(
    (name) => `CAST(NULL AS ${name === '$docId' ? 'INTEGER' : 'VARCHAR'}) AS ${identifier(name)}`,
  );
  return `SELECT ${[...columns, ...virtual].join(', ')} WHERE false`;
}

/** Pinot answers `select *` in order of name. */
function sortedFields(schema: Schema): Field[] {
  return schema.fields.toSorted((a, b) => byText(a.name, b.name));
}

function columnText(
  field: Field,
  files: readonly QueryFile[],
  table: ViewTable,
  { nullHandling }: ViewOptions,
): string {
  const value = valueText(field, files, { raw: false, nulls: nullHandling });
  return table.decimals.has(field.name)
    ? `CAST(${value} AS ${typeText(field, table.decimals)})`
    : value;
}

/**
 * A column of the schema as the files of one group give it.
 * @param mode `raw`: a TIMESTAMP as stored; `nulls`: NULL where there is none, else the column's default
 */
function valueText(
  field: Field,
  files: readonly QueryFile[],
  mode: { readonly raw: boolean; readonly nulls: boolean },
): string {
  const type = typeText(field, new Map());
  const fallback = `CAST(${defaultText(field)} AS ${type})`;
  const stored = files[0]!.columns.get(field.name);
  if (stored === undefined) return mode.nulls ? `CAST(NULL AS ${type})` : fallback;
  const value =
    mode.raw && field.dataType === 'TIMESTAMP' ? rawText(field, stored) : storedText(field, stored);
  const mayBeNull = files.some(({ columns }) => columns.get(field.name)?.mayBeNull === true);
  return mode.nulls || !mayBeNull ? value : `coalesce(${value}, ${fallback})`;
}

function rawText(field: Field, stored: FileColumn): string {
  return stored.dataType === 'TIMESTAMP' && !stored.multiValue
    ? `f.${identifier(field.name)}`
    : storedText(field, stored);
}

/** The stored value as the schema's type: a type that changed is converted (design, schema drift). */
function storedText(field: Field, stored: FileColumn): string {
  const name = `f.${identifier(field.name)}`;
  const element = (value: string): string => elementText(value, stored.dataType, field.dataType);
  const isSame = element('x') === 'x';
  if (stored.multiValue) {
    const list = isSame ? name : `list_transform(${name}, lambda x: ${element('x')})`;
    if (field.multiValue) return list;
    const text = quote(`column ${field.name} holds lists here, the schema says a single value`);
    return `CASE WHEN ${name} IS NOT NULL THEN CAST(error(${text}) AS ${duckTypes[field.dataType]}) END`;
  }
  if (!field.multiValue) return element(name);
  return `CASE WHEN ${name} IS NOT NULL THEN [${element(name)}] END`;
}

function elementText(value: string, from: DataType, to: DataType): string {
  // Stored timestamps are UTC instants; Pinot shows them without a zone, in UTC here.
  const plain = from === 'TIMESTAMP' ? `make_timestamp(epoch_us(${value}))` : value;
  if (from === to) return plain;
  if (from === 'TIMESTAMP' && (to === 'LONG' || to === 'DOUBLE')) return `epoch_ms(${value})`;
  if (to === 'TIMESTAMP' && (from === 'LONG' || from === 'INT'))
    return `make_timestamp_ms(CAST(${value} AS BIGINT))`;
  if (from === 'BYTES' && duckTypes[to] === 'VARCHAR') return `lower(hex(${value}))`;
  if (to === 'BYTES') return `from_hex(CAST(${value} AS VARCHAR))`;
  return duckTypes[from] === duckTypes[to] ? value : `CAST(${plain} AS ${duckTypes[to]})`;
}

function typeText(field: Field, decimals: ReadonlyMap<string, string>): string {
  return (decimals.get(field.name) ?? duckTypes[field.dataType]) + (field.multiValue ? '[]' : '');
}

function virtualText(name: VirtualColumn, files: readonly QueryFile[]): string {
  if (name === '$docId') return 'CAST(f.file_row_number AS INTEGER)';
  if (name === '$hostName') return quote(hostname());
  const [first] = files;
  if (files.length === 1) return quote(first!.segmentName);
  const names = files.map(({ segmentName }) => quote(segmentName)).join(', ');
  return `[${names}][CAST(f.file_index AS BIGINT) + 1]`;
}

function defaultText(field: Field): string {
  const value = cellText(field.defaultValue);
  const text =
    field.dataType === 'TIMESTAMP' ? `make_timestamp_ms(CAST(${value} AS BIGINT))` : value;
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
