// The documents of `table add`: Pinot's schemas and table configs as they are, one or several to a file.
import { SegmillError } from '../errors.ts';
import { parseJson, JsonError } from '../json/parse.ts';
import { stringifyJson } from '../json/stringify.ts';
import { NumberText } from '../json/value.ts';
import type { JsonValue } from '../json/value.ts';

export interface TableDocument {
  /** File name for messages. */
  readonly where: string;
  readonly text: string;
}

export interface SplitDocument {
  readonly kind: 'schema' | 'table';
  /** Raw JSON object. */
  readonly value: JsonObject;
  readonly text: string;
  readonly where: string;
}

type JsonObject = { readonly [key: string]: JsonValue };

/**
 * Schemas and table configs of one file: an object of either kind, Pinot's combined `{tableName, schema, realtime, offline}`,
 * or a list of those.
 * @throws SegmillError CONFIG_INVALID
 */
export function splitDocument({ where, text }: TableDocument): SplitDocument[] {
  let value: JsonValue;
  try {
    value = parseJson(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const line = text.slice(0, error.offset).split('\n').length;
    throw new SegmillError(
      'CONFIG_INVALID',
      `${where}: line ${line} is not JSON (${error.message}); mend the file`,
      { where, line },
    );
  }
  return splitValue(value, where, text);
}

function splitValue(value: JsonValue, where: string, text: string): SplitDocument[] {
  if (Array.isArray(value))
    return value.flatMap((item: JsonValue, i) =>
      splitValue(item, `${where}[${i}]`, stringifyJson(item, 2)),
    );
  if (!isObject(value)) return unknown(where);
  if ('schemaName' in value) return [{ kind: 'schema', value, text, where }];
  if ('tableType' in value) return [{ kind: 'table', value, text, where }];
  const parts = ['schema', 'realtime', 'offline', 'REALTIME', 'OFFLINE'].flatMap((key) => {
    const part = value[key];
    return isObject(part) ? splitValue(part, `${where}: ${key}`, stringifyJson(part, 2)) : [];
  });
  return parts.length > 0 ? parts : unknown(where);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof NumberText)
  );
}

function unknown(where: string): never {
  throw new SegmillError(
    'CONFIG_INVALID',
    `${where}: neither a schema (needs "schemaName") nor a table config (needs "tableName" and "tableType"); give Pinot's JSON as it is`,
    { where },
  );
}
