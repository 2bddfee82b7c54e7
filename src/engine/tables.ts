// `table add|validate|list|show`: schemas and table configs, checked whole before anything is kept.
import { parseSchema } from '../config/schema.ts';
import { parseTableConfig } from '../config/table-config.ts';
import { checkTable } from '../config/table.ts';
import { isValidTableName, splitTableName } from '../config/names.ts';
import type { Schema, TableConfig, TableRecord } from '../config/types.ts';
import { partitionsOf, segmentsOf, tableOf } from '../catalog/keys.ts';
import type { CatalogView } from '../catalog/types.ts';
import { SegmillError } from '../errors.ts';
import { checkExpression } from '../transform/expression/check.ts';
import type { EngineContext } from './context.ts';
import { splitDocument } from './documents.ts';
import type { TableDocument } from './documents.ts';

export interface TableChange {
  readonly table: string;
  readonly change: 'added' | 'updated' | 'unchanged';
  readonly parts: readonly ('schema' | 'REALTIME' | 'OFFLINE')[];
}

export interface TableReport {
  readonly tables: readonly TableChange[];
  readonly warnings: readonly string[];
}

interface Parts {
  schema?: { readonly schema: Schema; readonly text: string; readonly where: string };
  realtime?: TableConfig;
  offline?: TableConfig;
}

/**
 * Checks the documents together with what is there, then keeps all of them or (with `keep` false) none.
 * @throws SegmillError CONFIG_INVALID
 */
export async function addTables(
  ctx: EngineContext,
  documents: readonly TableDocument[],
  { keep }: { readonly keep: boolean },
): Promise<TableReport> {
  if (!keep) return ctx.catalog.read((view) => mergeAll(view, documents).report);
  return ctx.catalog.write((transaction) => {
    const { merged, report } = mergeAll(transaction, documents);
    for (const { record, change } of merged) {
      if (change.change !== 'unchanged') transaction.put('tables', record.name, record);
    }
    return report;
  });
}

/**
 * The same checks where there is no data directory yet, so that none is made for documents that are refused.
 * @throws SegmillError CONFIG_INVALID
 */
export function checkNewTables(documents: readonly TableDocument[]): TableReport {
  return mergeAll({ get: () => undefined, list: () => [] }, documents).report;
}

function mergeAll(
  view: CatalogView,
  documents: readonly TableDocument[],
): { merged: readonly MergedTable[]; report: TableReport } {
  const warnings: string[] = [];
  const given = collectParts(documents, warnings);
  const merged = [...given].map(([name, part]) =>
    mergeTable(view, name, part, { given, warnings }),
  );
  const tables = merged.map(({ change }) => change);
  return { merged, report: { tables, warnings: [...new Set(warnings)] } };
}

function collectParts(documents: readonly TableDocument[], warnings: string[]): Map<string, Parts> {
  const parts = new Map<string, Parts>();
  const partOf = (name: string): Parts => {
    const part = parts.get(name) ?? {};
    parts.set(name, part);
    return part;
  };
  for (const { kind, text, where } of documents.flatMap(splitDocument)) {
    if (kind === 'schema') {
      const parsed = parseSchema(text, where);
      warnings.push(...parsed.warnings);
      const part = partOf(parsed.schema.schemaName);
      if (part.schema !== undefined)
        throw twice(`schema ${parsed.schema.schemaName}`, part.schema.where, where);
      part.schema = { schema: parsed.schema, text, where };
      continue;
    }
    const parsed = parseTableConfig(text, where);
    warnings.push(...parsed.warnings);
    const side = parsed.config.tableType === 'REALTIME' ? 'realtime' : 'offline';
    const part = partOf(parsed.config.tableName);
    if (part[side] !== undefined)
      throw twice(`${parsed.config.tableName}_${parsed.config.tableType}`, 'another file', where);
    part[side] = parsed.config;
  }
  return parts;
}

function twice(what: string, first: string, second: string): SegmillError {
  return new SegmillError(
    'CONFIG_INVALID',
    `${second}: ${what} is given twice (also in ${first}); leave one out`,
    { what },
  );
}

interface MergedTable {
  readonly record: TableRecord;
  readonly change: TableChange;
}

function mergeTable(
  view: CatalogView,
  name: string,
  part: Parts,
  { given, warnings }: { given: ReadonlyMap<string, Parts>; warnings: string[] },
): MergedTable {
  const before = view.get('tables', name);
  const schema = part.schema?.schema ?? before?.schema ?? null;
  const realtime = part.realtime ?? before?.realtime ?? null;
  const offline = part.offline ?? before?.offline ?? null;
  const knownSchemas = [
    ...view.list('tables').map((table) => table.schema.schemaName),
    ...[...given.values()].flatMap((other) => other.schema?.schema.schemaName ?? []),
  ];
  const checked = checkTable({
    schema,
    realtime,
    offline,
    knownSchemas,
    checkExpression,
  });
  warnings.push(...checked.warnings);
  if (schema === null || !isValidTableName(name)) {
    throw new SegmillError(
      'CONFIG_INVALID',
      `table name ${JSON.stringify(name)} is not allowed: letters, digits, _ and - only, no __`,
      { table: name },
    );
  }
  const record: TableRecord = {
    name,
    schema,
    schemaDocument: part.schema?.text ?? before?.schemaDocument ?? '',
    realtime,
    offline,
  };
  const parts = [
    ...(part.schema === undefined ? [] : (['schema'] as const)),
    ...(part.realtime === undefined ? [] : (['REALTIME'] as const)),
    ...(part.offline === undefined ? [] : (['OFFLINE'] as const)),
  ];
  const same =
    before !== undefined &&
    before.schemaDocument === record.schemaDocument &&
    before.realtime?.document === realtime?.document &&
    before.offline?.document === offline?.document;
  return {
    record,
    change: {
      table: name,
      change: before === undefined ? 'added' : same ? 'unchanged' : 'updated',
      parts,
    },
  };
}

export interface TableSummary {
  readonly table: string;
  readonly types: readonly string[];
  readonly realtimeSegments: number;
  readonly offlineSegments: number;
  readonly rows: number;
  readonly watermarkMs: number | null;
}

export function listTables(ctx: EngineContext): TableSummary[] {
  return ctx.catalog.read((view) =>
    view.list('tables').map((record) => {
      const segments = segmentsOf(view, record.name);
      const consuming = partitionsOf(view, record.name).reduce(
        (sum, { consuming: open }) => sum + (open?.rowCount ?? 0),
        0,
      );
      return {
        table: record.name,
        types: [
          ...(record.realtime === null ? [] : ['REALTIME']),
          ...(record.offline === null ? [] : ['OFFLINE']),
        ],
        realtimeSegments: segments.filter(({ type }) => type === 'REALTIME').length,
        offlineSegments: segments.filter(({ type }) => type === 'OFFLINE').length,
        rows: segments.reduce((sum, { rowCount }) => sum + rowCount, consuming),
        watermarkMs: view.get('states', record.name)?.watermarkMs ?? null,
      };
    }),
  );
}

/** @throws SegmillError TABLE_NOT_FOUND */
export function showTable(ctx: EngineContext, table: string): TableRecord {
  return ctx.catalog.read((view) => tableOf(view, rawName(table)));
}

/** The raw name of what a user typed: `orders` or `orders_REALTIME`. */
export function rawName(table: string): string {
  return splitTableName(table).raw;
}
