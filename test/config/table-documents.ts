// Documents and shorthands that the tests of table configs share.
import { readFileSync } from 'node:fs';
import { parseSchema } from '../../src/config/schema.ts';
import { parseTableConfig } from '../../src/config/table-config.ts';
import type { Schema, TableConfig } from '../../src/config/types.ts';
import { isSegmillError } from '../../src/errors.ts';
import type { JsonValue } from '../../src/json/value.ts';

export type Json = { [key: string]: JsonValue };
export const moveTask = 'RealtimeToOfflineSegmentsTask';

export function golden(path: string): string {
  return readFileSync(new URL(`golden/${path}`, import.meta.url), 'utf8');
}

export function readSchema(document: string | JsonValue): Schema {
  return parseSchema(document, 'schema.json').schema;
}

export function readTable(document: string | JsonValue): TableConfig {
  return parseTableConfig(document, 'table.json').config;
}

/** A REALTIME table `t` with this task map (none for null), and more top-level keys. */
export function realtimeDocument(task: JsonValue, more: Json = {}): Json {
  return {
    tableName: 't',
    tableType: 'REALTIME',
    segmentsConfig: { timeColumnName: 'ts' },
    ...(task === null ? {} : { task: { taskTypeConfigsMap: { [moveTask]: task } } }),
    ...more,
  };
}

export function offlineDocument(more: Json = {}): Json {
  return {
    tableName: 't',
    tableType: 'OFFLINE',
    segmentsConfig: { timeColumnName: 'ts' },
    ...more,
  };
}

/** `CODE` and every problem on lines of their own; `OK` when nothing is wrong. */
export function problemsOf(run: () => unknown): string {
  try {
    run();
    return 'OK';
  } catch (error) {
    if (isSegmillError(error)) return `${error.code}\n${String(error.details['problems'])}`;
    throw error;
  }
}
