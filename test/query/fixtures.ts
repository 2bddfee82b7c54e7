// Tables with real catalogs, stores and files in temporary data directories, and queries over them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { addSegment } from '../../src/catalog/changes.ts';
import { partitionKey, partitionOf, runKey, segmentsOf, stateOf } from '../../src/catalog/keys.ts';
import { segmentFile, consumingFile } from '../../src/catalog/layout.ts';
import { openCatalog } from '../../src/catalog/lmdb.ts';
import type { Catalog, RunRecord, SegmentRecord, TableState } from '../../src/catalog/types.ts';
import { createBatchBuilder } from '../../src/columns/builder.ts';
import type { ColumnBatch } from '../../src/columns/column.ts';
import { batchStats } from '../../src/columns/stats.ts';
import type { Cell } from '../../src/config/cell.ts';
import { parseSchema } from '../../src/config/schema.ts';
import { parseTableConfig } from '../../src/config/table-config.ts';
import type { Field, SegmentFormat, TableRecord, TableType } from '../../src/config/types.ts';
import { segmentTimes } from '../../src/ingest/segment-facts.ts';
import type { JsonValue } from '../../src/json/value.ts';
import { crc32 } from '../../src/kernels/crc32.ts';
import { runQuery } from '../../src/query/query.ts';
import type { QueryAnswer, QueryOptions } from '../../src/query/query.ts';
import { createConsumingEncoder } from '../../src/segment/arrow/stream.ts';
import { codecOf } from '../../src/segment/open.ts';
import { openLocalStore } from '../../src/store/local.ts';
import type { Store } from '../../src/store/types.ts';

export type Row = readonly Cell[];

export interface TableOptions {
  readonly name?: string;
  readonly timeColumn?: string | null;
  readonly sides?: readonly TableType[];
  readonly nullHandling?: boolean;
  readonly semantics?: 'exact' | 'pinot';
}

/** `fields` as of a Pinot schema; a field `ts` (LONG, ms) is the time column unless told otherwise. */
export function tableOf(
  schema: { readonly [key: string]: JsonValue },
  options: TableOptions = {},
): TableRecord {
  const { name = 't', timeColumn = 'ts', sides = ['REALTIME', 'OFFLINE'] } = options;
  const config = (tableType: TableType): { [key: string]: JsonValue } => ({
    tableName: name,
    tableType,
    segmentsConfig: timeColumn === null ? {} : { timeColumnName: timeColumn },
    tableIndexConfig: {
      nullHandlingEnabled: options.nullHandling ?? false,
      streamConfigs: { streamType: 'kafka', 'stream.kafka.topic.name': 't' },
    },
    ...(tableType === 'OFFLINE'
      ? {}
      : {
          task: {
            taskTypeConfigsMap: {
              RealtimeToOfflineSegmentsTask: { 'segmill.semantics': options.semantics ?? 'exact' },
            },
          },
        }),
  });
  const parsed = (type: TableType): TableRecord['realtime'] =>
    sides.includes(type) ? parseTableConfig(config(type), `${type}.json`).config : null;
  return {
    name,
    schema: parseSchema({ schemaName: name, ...schema }, 'schema.json').schema,
    schemaDocument: '',
    realtime: parsed('REALTIME'),
    offline: parsed('OFFLINE'),
  };
}

export const simpleSchema: { readonly [key: string]: JsonValue } = {
  dimensionFieldSpecs: [{ name: 'k', dataType: 'STRING' }],
  metricFieldSpecs: [{ name: 'v', dataType: 'INT' }],
  dateTimeFieldSpecs: [
    { name: 'ts', dataType: 'LONG', format: '1:MILLISECONDS:EPOCH', granularity: '1:MILLISECONDS' },
  ],
};

export interface SegmentSpec {
  readonly name: string;
  readonly type?: TableType;
  readonly format?: SegmentFormat;
  /** Columns of the file; the schema's unless given. */
  readonly fields?: readonly Field[];
  readonly record?: Partial<SegmentRecord>;
}

export interface Bench {
  readonly dataDir: string;
  readonly catalog: Catalog;
  readonly store: Store;
  readonly addTable: (table: TableRecord) => Promise<void>;
  readonly addSegment: (
    table: TableRecord,
    spec: SegmentSpec,
    rows: readonly Row[],
  ) => Promise<SegmentRecord>;
  readonly setConsuming: (
    table: TableRecord,
    rows: readonly Row[],
    partition?: number,
  ) => Promise<string>;
  readonly setState: (table: string, state: Partial<TableState>) => Promise<void>;
  readonly addRun: (run: Partial<RunRecord> & Pick<RunRecord, 'table' | 'runId'>) => Promise<void>;
  readonly segments: (table: string) => SegmentRecord[];
  readonly query: (sql: string, options?: Partial<QueryOptions>) => Promise<QueryAnswer>;
  readonly rows: (sql: string, options?: Partial<QueryOptions>) => Promise<QueryAnswer['rows']>;
}

export const queryDefaults: QueryOptions = {
  nullHandling: false,
  timeoutMs: null,
  memoryBytes: 512 * 2 ** 20,
  threads: 2,
  signal: null,
};

export async function openBench(...tables: readonly TableRecord[]): Promise<Bench> {
  const root = mkdtempSync(join(tmpdir(), 'segmill-query-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const dataDir = join(root, 'data');
  const catalog = openCatalog(dataDir);
  onTestFinished(() => catalog.close());
  const store = openLocalStore(dataDir);
  const query: Bench['query'] = (sql, options = {}) =>
    runQuery({ catalog, store }, sql, { ...queryDefaults, ...options });
  const bench: Bench = {
    dataDir,
    catalog,
    store,
    addTable: (table) => catalog.write((t) => t.put('tables', table.name, table)),
    addSegment: (table, spec, rows) => addRows(bench, table, spec, rows),
    setConsuming: (table, rows, partition = 0) => consumingRows(bench, table, rows, partition),
    setState: (table, state) =>
      catalog.write((t) => t.put('states', table, { ...stateOf(t, table), ...state })),
    addRun: (run) =>
      catalog.write((t) => t.put('runs', runKey(run.table, 0, run.runId), runRecord(run))),
    segments: (table) => catalog.read((view) => segmentsOf(view, table)),
    query,
    rows: async (sql, options) => (await query(sql, options)).rows,
  };
  for (const table of tables) await bench.addTable(table);
  return bench;
}

/** One table `t` with the simple schema. */
export async function openSimple(
  options: TableOptions = {},
): Promise<Bench & { table: TableRecord }> {
  const table = tableOf(simpleSchema, options);
  return { ...(await openBench(table)), table };
}

export function batchOf(
  fields: readonly Field[],
  rows: readonly Row[],
  nullHandling: boolean,
): ColumnBatch {
  const builder = createBatchBuilder(fields, { nullHandling });
  for (const row of rows) builder.append(row);
  return builder.finish({ sortDictionaries: true });
}

function nullsOf({ schema, realtime, offline }: TableRecord): boolean {
  return schema.columnBasedNullHandling || (offline ?? realtime)!.nullHandling;
}

let writers = 0;

async function addRows(
  { catalog, store }: Bench,
  table: TableRecord,
  spec: SegmentSpec,
  rows: readonly Row[],
): Promise<SegmentRecord> {
  const { name, type = 'OFFLINE', format = type === 'OFFLINE' ? 'parquet' : 'arrow' } = spec;
  const fields = spec.fields ?? table.schema.fields;
  const timeColumn = (table.offline ?? table.realtime)!.timeColumn;
  const nullHandling = nullsOf(table);
  const batch = batchOf(fields, rows, nullHandling);
  const stats = batchStats(batch);
  const file = segmentFile(table.name, type, name, `w${writers++}`, format);
  const chunks = [
    ...codecOf(format).encode([batch], {
      header: {
        segmentName: name,
        table: table.name,
        tableType: type,
        creationMs: 0,
        timeColumn,
        nullHandling,
        sortedColumns: [],
        extra: {},
      },
      schema: { ...table.schema, fields },
      compression: 'snappy',
      stats,
    }),
  ].map((chunk) => Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  const writer = await store.create(file);
  await writer.write(bytes);
  await writer.finish();
  const record: SegmentRecord = {
    table: table.name,
    type,
    name,
    file,
    format,
    rowCount: batch.rowCount,
    byteLength: bytes.length,
    crc: crc32(bytes),
    ...segmentTimes(batch, { ...table.schema, fields }, timeColumn),
    creationMs: 0,
    partition: null,
    sequence: null,
    ranges: [],
    partitions: null,
    timePartition: null,
    columns: stats,
    origin: { kind: 'ingest' },
    ...spec.record,
  };
  await catalog.write((transaction) => addSegment(transaction, record));
  return record;
}

async function consumingRows(
  { catalog, store }: Bench,
  table: TableRecord,
  rows: readonly Row[],
  partition: number,
): Promise<string> {
  const { fields } = table.schema;
  const nullHandling = nullsOf(table);
  const batch = batchOf(fields, rows, nullHandling);
  const encoder = createConsumingEncoder(fields, { nullHandling });
  const bytes = Buffer.concat([encoder.header(), encoder.encodeBatch(batch)]);
  const file = consumingFile(table.name, partition, 0);
  await store.remove(file);
  const writer = await store.create(file);
  await writer.write(bytes);
  await writer.finish();
  const { minTimeMs, maxTimeMs } = segmentTimes(batch, table.schema, table.realtime!.timeColumn);
  const name = `${table.name}__${partition}__0__x`;
  await catalog.write((t) => {
    const before = partitionOf(t, table.name, partition);
    t.put('partitions', partitionKey(table.name, partition), {
      ...before,
      consuming: {
        name,
        sequence: 0,
        file,
        byteLength: bytes.length,
        crc: crc32(bytes),
        rowCount: rows.length,
        minTimeMs,
        maxTimeMs,
        firstRowMs: 0,
        creationMs: 0,
        ranges: [],
      },
    });
  });
  return file;
}

function runRecord(run: Partial<RunRecord> & Pick<RunRecord, 'table' | 'runId'>): RunRecord {
  return {
    kind: 'run',
    state: 'COMMITTED',
    windowStartMs: null,
    windowEndMs: null,
    negateWindowFilter: false,
    inputs: [],
    outputs: [],
    replaced: [],
    supersededRuns: [],
    ledger: null,
    watermarkBefore: null,
    watermarkAfter: null,
    watermarkOriginBefore: null,
    boundaryBefore: null,
    boundaryAfter: null,
    startedMs: 0,
    finishedMs: 0,
    stages: {},
    memory: null,
    error: null,
    commitNumber: 0,
    ...run,
  };
}

/** A run that took `taken` rows of the segments given, as a commit writes it. */
export function takenBy(
  inputs: readonly SegmentRecord[],
  window: { readonly startMs: number; readonly endMs: number },
): Pick<RunRecord, 'windowStartMs' | 'windowEndMs' | 'inputs'> {
  return {
    windowStartMs: window.startMs,
    windowEndMs: window.endMs,
    inputs: inputs.map(({ name, type, crc, rowCount }) => ({
      name,
      type,
      crc,
      rowCount,
      taken: 1,
    })),
  };
}

export async function failure(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
  throw new Error('it did not fail');
}
