// DuckDB's words about columns that are not there, told with the columns that the tables of the query have.
import { nearestName } from '../config/names.ts';
import type { TableRecord } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { columnsShownMax } from '../limits.ts';
import { virtualColumns } from './dialect.ts';

/** A table that the query names, under the names of its views that it uses. */
export interface NamedTable {
  readonly record: TableRecord;
  readonly views: readonly { readonly name: string }[];
}

const patterns: readonly RegExp[] = [
  /Referenced column "(?<column>.+)" not found in FROM clause/,
  /Referenced column "(?<column>.+)" was not found because the FROM clause is missing/,
  /"(?<table>[^"]*)" does not have a column named "(?<column>.+)"/,
  /Column "(?<column>.+)" in (?:EXCLUDE|REPLACE|RENAME) list not found/,
  /Column "(?<column>.+)" does not exist on (?:left|right) side of join/,
  /column (?<column>[^\s"]+) must appear in the GROUP BY clause or be used in an aggregate/,
];

/**
 * @param text DuckDB's message
 * @param sql the statement that it is about
 * @returns null where the message is about something else
 */
export function columnError(
  text: string,
  sql: string,
  tables: readonly NamedTable[],
): SegmillError | null {
  const found = patterns.map((pattern) => pattern.exec(text)?.groups).find(Boolean);
  const column = found?.['column'];
  if (column === undefined) return null;
  const own = tables.filter(({ views }) =>
    views.some(({ name }) => isSame(name, found?.['table'])),
  );
  const among = own.length > 0 ? own : tables;
  // Of a table that has it, but behind a subquery, a join or a grouping that does not give it.
  if ([...among.flatMap(columnsOf), ...virtualColumns].some((name) => isSame(name, column))) {
    if (/must appear in the GROUP BY/.test(text)) return null;
    return invalid(column, `column ${column} is not in reach where the query uses it${side(text)}`);
  }
  const where = among.flatMap(({ views }) => views.map(({ name }) => name)).join(', ');
  const candidates = /Candidate bindings: (.*)/.exec(text)?.[1]?.match(/[^"]+(?=")/g) ?? [];
  const nearest = nearestName(column, [
    ...among.flatMap(columnsOf),
    ...candidates.map((name) => name.replace(/^.*\./, '')),
  ]);
  const message = [
    `column ${column} does not exist${where === '' ? ': the query reads no table' : ` in ${where}`}`,
    ...among.map((table) => columnList(table, among.length > 1)),
    ...(nearest === null ? [] : [`did you mean ${nearest}?`]),
    ...(sql.includes(`"${column}"`) ? [`a text stands in single quotes: '${column}'`] : []),
  ].join('; ');
  return invalid(column, message);
}

function invalid(column: string, message: string): SegmillError {
  return new SegmillError('QUERY_INVALID', message, { column });
}

function side(text: string): string {
  const join = /on (left|right) side of join/.exec(text)?.[1];
  return join === undefined
    ? ': its FROM does not give it; name it in the subquery or join the table that has it'
    : `: the ${join} side of the join does not have it`;
}

function columnsOf({ record }: NamedTable): string[] {
  return record.schema.fields.map(({ name }) => name).toSorted();
}

function columnList(table: NamedTable, isOneOfMany: boolean): string {
  const names = columnsOf(table);
  const more = names.length - columnsShownMax;
  const shown = names.slice(0, columnsShownMax).join(', ');
  const of = isOneOfMany ? ` of ${table.views.map(({ name }) => name).join(', ')}` : '';
  return `columns${of} are ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}

function isSame(a: string, b: string | undefined): boolean {
  return a.toLowerCase() === b?.toLowerCase();
}
