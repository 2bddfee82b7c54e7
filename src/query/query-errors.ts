// DuckDB's errors as segmill's, with what to write instead.
import { SegmillError } from '../errors.ts';
import { didYouMean } from '../config/names.ts';
import type { Catalog } from '../catalog/types.ts';
import { columnError } from './column-errors.ts';
import type { NamedTable } from './column-errors.ts';
import { functionHint } from './functions.ts';
import { queryTableNames } from './tables.ts';

const wordsOf = {
  invalid:
    /^(Failed to extract statements: )?(Parser|Binder|Catalog|Conversion|Invalid Input|Permission|Not implemented|Syntax|Out of Range|Mismatch Type) Error/i,
  memory: /^Out of Memory Error/i,
} as const;

/** What an error of the engine is told with. */
interface QueryFacts {
  readonly catalog: Catalog;
  /** The statement that the engine was given. */
  readonly sql: string;
  /** Those that the query names. */
  readonly tables: readonly NamedTable[];
  /** By the absolute path of the Parquet file that the engine reads: its segment, and whether it is a rendition of it. */
  readonly files: ReadonlyMap<string, { readonly segment: string; readonly isRendition: boolean }>;
  /** True once the user's own text is at work: only then can it be to blame. */
  readonly isText: boolean;
}

export function queryError(
  error: unknown,
  { catalog, sql, tables, files, isText }: QueryFacts,
): Error {
  if (error instanceof SegmillError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const damaged = [...files].find(([path]) => text.includes(path));
  const headline = headlineOf(text);
  if (damaged !== undefined) {
    const [file, { segment, isRendition }] = damaged;
    // Files of segments were whole when the query began.
    const advice = isRendition
      ? `remove ${file}, the next query makes it again`
      : '"segmill verify" tells what is wrong with it';
    return new SegmillError(
      'SEGMENT_CORRUPT',
      `segment ${segment} cannot be read: ${headline}; ${advice}`,
      { file, segment },
    );
  }
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
  if (wordsOf.memory.test(text)) {
    return new SegmillError(
      'MEMORY_CAP',
      `the query does not fit its memory: ${headline}; narrow it, or raise --memory`,
    );
  }
  if (!isText || !wordsOf.invalid.test(text)) return new SegmillError('QUERY_FAILED', headline);
  return (
    columnError(text, sql, tables) ??
    new SegmillError('QUERY_INVALID', textError(headline, placeOf(text), sql))
  );
}

/** An error of the text as the user wrote it: what is wrong, and near what. */
function textError(headline: string, place: string | null, sql: string): string {
  const words = headline.replace(/^Failed to extract statements: /, '');
  const parser = /^(?:Parser|Syntax) Error: (.*)$/i.exec(words)?.[1];
  if (parser !== undefined) {
    if (parser.endsWith('at end of input'))
      return `the query can't be read: it ends too early, near "${shown(sql.trim().slice(-nearMax))}"`;
    const what = parser.replace(/ at or near ".*$/, '');
    return `the query can't be read: ${what}${place === null ? '' : `, near "${place}"`}`;
  }
  const missing = /^Catalog Error: (.*?)(?: with name)? (\S+) does not exist!(.*)$/.exec(words);
  if (missing !== null) {
    const [, kind = '', name, more = ''] = missing;
    const nearest = /Did you mean "([^"]+)"/.exec(more)?.[1];
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    return `${kind.toLowerCase().replace(/^.* function$/, 'function')} ${name} does not exist${hint}`;
  }
  const plain = words.replace(/^(?:Binder|Catalog) Error: /, '');
  return plain === words || place === null
    ? plain
    : `${plain.replace(/[.!]$/, '')}; near "${place}"`;
}

const nearMax = 40;

/** The text from the place that DuckDB points at with a caret below its line; null where it points at none. */
function placeOf(text: string): string | null {
  const [, prefix, line, spaces] = /\n(LINE \d+: )(.*)\n( *)\^/.exec(text) ?? [];
  if (prefix === undefined || line === undefined || spaces === undefined) return null;
  const place = line.slice(spaces.length - prefix.length).trim();
  return place === '' ? null : shown(place.slice(0, nearMax));
}

/** Virtual columns as the user writes them, without the quotes that DuckDB needs. */
function shown(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/"(\$\w+)"/g, '$1');
}

/** What DuckDB says before it shows the place in the text, on one line, and the place's own line. */
function headlineOf(text: string): string {
  const [headline = text] = text.split('\n\n');
  const line = headline.replaceAll(/\s*\n\s*/g, ' ').trim();
  return line.length > 1000 ? `${line.slice(0, 1000)}...` : line;
}

function unknownTable(catalog: Catalog, table: string): SegmillError {
  const names = catalog.read(queryTableNames);
  const shown = names.slice(0, 20).join(', ');
  const known =
    names.length === 0
      ? 'there is no table yet (segmill table add)'
      : `tables are ${shown}${names.length > 20 ? ` and ${names.length - 20} more` : ''}`;
  return new SegmillError(
    'QUERY_INVALID',
    `table ${table} does not exist; ${known}.${didYouMean(table, names)}`,
    { table },
  );
}
