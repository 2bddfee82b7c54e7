// The engine as one object: what the command line, the HTTP daemon and programs call.
import { tableOf } from '../catalog/keys.ts';
import { splitTableName } from '../config/names.ts';
import type { TableRecord, TableType } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { ingestFiles } from '../ingest/ingest.ts';
import type { IngestProgress, IngestResult } from '../ingest/ingest.ts';
import type { QueryAnswer } from '../query/query.ts';
import { backfill } from './backfill.ts';
import type { BackfillOptions, BackfillReport } from './backfill.ts';
import type { TableDocument } from './documents.ts';
import { dropTable } from './drop.ts';
import type { DropReport } from './drop.ts';
import { exportSegment } from './export.ts';
import type { ExportReport } from './export.ts';
import { importSegments } from './import.ts';
import type { ImportReport } from './import.ts';
import { runTable } from './move.ts';
import type { RunOptions, RunReport } from './move.ts';
import { openContext } from './open.ts';
import type { EngineParts, OpenOptions } from './open.ts';
import { planTableReport } from './plan.ts';
import type { PlanReport } from './plan.ts';
import { rerunTable } from './rerun.ts';
import type { RerunOptions, RerunPreview } from './rerun.ts';
import { collectGarbage, rollbackTable } from './rollback.ts';
import type { GcReport, RollbackReport } from './rollback.ts';
import { inspect, inspectRows, listSegments } from './segments.ts';
import type { InspectedRows, Inspection, SegmentLine } from './segments.ts';
import { tableStatus } from './status.ts';
import type { TableStatus } from './status.ts';
import { addTables, listTables, showTable } from './tables.ts';
import type { TableReport, TableSummary } from './tables.ts';
import { verify } from './verify.ts';
import type { VerifyReport } from './verify.ts';
import { changeBoundary, changeWatermark, getBoundary, getWatermark } from './watermark.ts';
import type { BoundaryReport, WatermarkReport, WatermarkSetReport } from './watermark.ts';

export interface IngestRequest {
  /** Files, directories, `-` for `input`. */
  readonly from: readonly string[];
  readonly source?: string | null;
  /** None: all. */
  readonly partitions?: readonly number[];
  /** Seals what is left in the partitions of this call. */
  readonly seal?: boolean;
  /** Goes on with what is appended until the engine's signal. */
  readonly follow?: boolean;
  /** Content that was read under another name is added once more. */
  readonly again?: boolean;
  readonly input?: AsyncIterable<Uint8Array>;
  readonly progress?: (state: IngestProgress) => void;
}

export interface QueryRequest {
  /** Nulls as nulls instead of their column's default; a leading `SET enableNullHandling` wins. */
  readonly nullHandling?: boolean;
  readonly timeoutMs?: number | null;
}

/**
 * One open data directory. Table names may carry their type (`orders_REALTIME`). Every method throws SegmillError with a
 * code of `errors.ts`; TABLE_NOT_FOUND where the table is not there.
 */
export interface Engine {
  /** Adds or updates tables from Pinot's schemas and table configs, all or none. CONFIG_INVALID lists every problem. */
  addTables(documents: readonly TableDocument[]): Promise<TableReport>;
  /** The same checks, nothing kept. */
  validateTables(documents: readonly TableDocument[]): Promise<TableReport>;
  listTables(): TableSummary[];
  showTable(table: string): TableRecord;
  dropTable(table: string, options: { readonly execute: boolean }): Promise<DropReport>;
  ingest(table: string, request: IngestRequest): Promise<IngestResult>;
  /** What would run now and why the rest would not; changes nothing. */
  plan(table: string, windows?: number | 'all'): Promise<PlanReport>;
  /** Moves due windows in order; a window that fails is in the report. */
  run(table: string, options?: Partial<RunOptions>): Promise<RunReport>;
  rerun(table: string, options: RerunOptions): Promise<RerunPreview | RunReport>;
  backfill(
    spec: { readonly text: string; readonly where: string },
    options?: Partial<BackfillOptions>,
  ): Promise<BackfillReport>;
  importSegments(table: string, paths: readonly string[]): Promise<ImportReport[]>;
  exportSegment(segment: string, path: string): Promise<ExportReport>;
  segments(table: string, type?: TableType): SegmentLine[];
  inspect(subject: string): Promise<Inspection>;
  inspectRows(subject: string): Promise<InspectedRows>;
  status(table: string): Promise<TableStatus>;
  verify(table?: string): Promise<VerifyReport>;
  watermark(table: string): WatermarkReport;
  /** Null resets it. */
  setWatermark(table: string, watermarkMs: number | null): Promise<WatermarkSetReport>;
  boundary(table: string): BoundaryReport;
  /** `newest`: the newest offline end; null resets it. */
  setBoundary(table: string, boundary: number | 'newest' | null): Promise<BoundaryReport>;
  rollback(
    table: string,
    options: { readonly runId?: string | undefined; readonly execute: boolean },
  ): Promise<RollbackReport>;
  gc(table: string | undefined, options: { readonly execute: boolean }): Promise<GcReport>;
  query(sql: string, request?: QueryRequest): Promise<QueryAnswer>;
  close(): Promise<void>;
}

/** @throws SegmillError USAGE for the offline side: rows are ingested into realtime segments */
function realtimeName(table: string): string {
  const { raw, type } = splitTableName(table);
  if (type !== 'OFFLINE') return raw;
  throw new SegmillError(
    'USAGE',
    `${table}: rows are ingested into the REALTIME side, found OFFLINE; name ${raw}, or bring offline rows in with backfill or import`,
    { table },
  );
}

/** @throws SegmillError DATA_DIR_UNUSABLE, DATA_DIR_VERSION, CATALOG_CORRUPT */
export async function openEngine(options: OpenOptions, parts: EngineParts = {}): Promise<Engine> {
  const { context: ctx, close } = await openContext(options, parts);
  const nothing: AsyncIterable<Uint8Array> = (async function* () {})();
  return {
    addTables: (documents) => addTables(ctx, documents, { keep: true }),
    validateTables: (documents) => addTables(ctx, documents, { keep: false }),
    listTables: () => listTables(ctx),
    showTable: (table) => showTable(ctx, table),
    dropTable: (table, drop) => dropTable(ctx, table, drop),
    ingest: (table, request) =>
      ingestFiles({
        catalog: ctx.catalog,
        store: ctx.store,
        table: ctx.catalog.read((view) => tableOf(view, realtimeName(table))),
        from: request.from,
        source: request.source ?? null,
        partitions: request.partitions ?? [],
        seal: request.seal ?? false,
        follow: request.follow ?? false,
        again: request.again ?? false,
        clock: ctx.now,
        signal: ctx.signal,
        input: request.input ?? nothing,
        owner: ctx.owner,
        ...(request.progress === undefined ? {} : { progress: request.progress }),
      }),
    plan: (table, windows = 1) => planTableReport(ctx, table, windows),
    run: (table, run = {}) => runTable(ctx, table, { windows: 1, ...run }),
    rerun: (table, rerun) => rerunTable(ctx, table, rerun),
    backfill: (spec, job = {}) =>
      backfill(ctx, spec, { values: {}, allowTimeChange: false, ...job }),
    importSegments: (table, paths) => importSegments(ctx, table, paths),
    exportSegment: (segment, path) => exportSegment(ctx, segment, path),
    segments: (table, type) => listSegments(ctx, table, type),
    inspect: (subject) => inspect(ctx, subject),
    inspectRows: (subject) => inspectRows(ctx, subject),
    status: (table) => tableStatus(ctx, table),
    verify: (table) => verify(ctx, table),
    watermark: (table) => getWatermark(ctx, table),
    setWatermark: (table, ms) => changeWatermark(ctx, table, ms),
    boundary: (table) => getBoundary(ctx, table),
    setBoundary: (table, boundary) => changeBoundary(ctx, table, boundary),
    rollback: (table, rollback) => rollbackTable(ctx, table, rollback),
    gc: (table, gc) => collectGarbage(ctx, table, gc),
    query: async (sql, request = {}) => {
      // DuckDB takes longer to load than most other calls take in all.
      const { runQuery } = await import('../query/query.ts');
      return runQuery(ctx, sql, {
        nullHandling: request.nullHandling ?? false,
        timeoutMs: request.timeoutMs ?? null,
        memoryBytes: ctx.memoryBytes,
        threads: ctx.workers,
        signal: ctx.signal,
      });
    },
    close,
  };
}
