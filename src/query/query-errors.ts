// DuckDB's errors as segmill's, with what to write instead.
import { SegmillError } from '../errors.ts';
import { didYouMean } from '../config/names.ts';
import type { Catalog } from '../catalog/types.ts';
import { functionHint } from './functions.ts';
import { queryTableNames } from './tables.ts';

const wordsOf = {
  invalid:
    /^(Failed to extract statements: )?(Parser|Binder|Catalog|Conversion|Invalid Input|Permission|Not implemented|Syntax|Out of Range|Mismatch Type) Error/i,
  memory: /^Out of Memory Error/i,
} as const;

/**
 * @param files segment names by the absolute path of their Parquet file
 * @param isText true once the user's own text is at work: only then can it be to blame
 */
export function queryError(
  error: unknown,
  catalog: Catalog,
  files: ReadonlyMap<string, string>,
  isText: boolean,
): Error {
  if (error instanceof SegmillError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const damaged = [...files].find(([path]) => text.includes(path));
  const headline = headlineOf(text);
  if (damaged !== undefined) {
    const [file, segment] = damaged;
    return new SegmillError(
      'SEGMENT_CORRUPT',
      `segment ${segment} cannot be read: ${headline}; "verify" tells what is wrong with it`,
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
  return new SegmillError(
    isText && wordsOf.invalid.test(text) ? 'QUERY_INVALID' : 'QUERY_FAILED',
    headline.replace(/^Failed to extract statements: /, ''),
  );
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
