// Decoded rows through the table's pipeline into columns; what is rejected or ignored is counted.
import { rejectsShownMax } from '../limits.ts';
import type { Cell } from '../config/cell.ts';
import { compileTimeFormat } from '../config/time-format.ts';
import type { TimeConverter } from '../config/time-format.ts';
import type { TableConfig, TableRecord } from '../config/types.ts';
import { createBatchBuilder } from '../columns/builder.ts';
import type { BatchBuilder } from '../columns/builder.ts';
import type { ReadRow } from '../segment/rows/row-batch.ts';
import { createRowPipeline } from '../transform/row-pipeline.ts';
import type { RowPipeline } from '../transform/row-pipeline.ts';
import { rowText } from './reject-file.ts';
import type { Reject } from './reject-file.ts';

/** What one call did with a partition. */
export interface PartitionCounts {
  rowsRead: number;
  rowsKept: number;
  rowsFiltered: number;
  rowsRejected: number;
  ignoredFields: number;
  /** Rows with a value that was lost, or cut. */
  rowsIncomplete: number;
  rowsSanitized: number;
  /** CONSUMING rows that failed their checksum: read again, or lost when they came by standard input. */
  rowsDropped: number;
  readonly firstRejects: Reject[];
  readonly sealed: string[];
  /** Of the rows kept. */
  minTimeMs: number | null;
  maxTimeMs: number | null;
}

export class RowIntake {
  readonly counts: PartitionCounts = {
    rowsRead: 0,
    rowsKept: 0,
    rowsFiltered: 0,
    rowsRejected: 0,
    ignoredFields: 0,
    rowsIncomplete: 0,
    rowsSanitized: 0,
    rowsDropped: 0,
    firstRejects: [],
    sealed: [],
    minTimeMs: null,
    maxTimeMs: null,
  };
  /** Rows that are not on the device yet. */
  readonly builder: BatchBuilder;
  /** Rejects that are not on the device yet. */
  readonly rejects: Reject[] = [];
  /** Least and greatest time since `beginSegment`. */
  minTimeMs: number | null = null;
  maxTimeMs: number | null = null;
  /** Of the rows in the builder. */
  ignoredFields = 0;
  readonly #pipeline: RowPipeline;
  readonly #time: { readonly position: number; readonly converter: TimeConverter } | null;

  constructor(table: TableRecord, realtime: TableConfig, nowMs: number) {
    const { schema } = table;
    this.#pipeline = createRowPipeline({
      schema,
      mode: 'ingest',
      transforms: realtime.transforms,
      filterFunction: realtime.filterFunction,
      continueOnError: realtime.continueOnError,
      timeColumn: realtime.timeColumn,
      rowTimeValueCheck: realtime.rowTimeValueCheck,
      nowMs,
    });
    this.builder = createBatchBuilder(schema.fields, {
      nullHandling: storesNulls(table, realtime),
    });
    const position = schema.fields.findIndex((field) => field.name === realtime.timeColumn);
    const format = schema.fields[position]?.format ?? null;
    this.#time = format === null ? null : { position, converter: compileTimeFormat(format) };
  }

  /** Keeps the row or drops it by the filter; a row that can be neither is given back, not yet counted. */
  add(source: string, read: ReadRow): Reject | null {
    const at = { source, position: read.start };
    if (read.kind === 'undecodable') {
      return { ...at, reason: read.reason, column: null, row: read.text };
    }
    const outcome = this.#pipeline.process(read.row);
    if (outcome.kind === 'rejected') {
      return { ...at, reason: outcome.reason, column: outcome.column, row: rowText(read.row) };
    }
    const { counts } = this;
    if (outcome.kind === 'filtered') {
      counts.rowsFiltered++;
      return null;
    }
    this.builder.append(outcome.cells);
    this.#noteTime(outcome.cells);
    counts.rowsKept++;
    counts.ignoredFields += outcome.ignoredFields;
    this.ignoredFields += outcome.ignoredFields;
    if (outcome.incomplete) counts.rowsIncomplete++;
    if (outcome.sanitized) counts.rowsSanitized++;
    return null;
  }

  reject(reject: Reject): void {
    this.rejects.push(reject);
    this.counts.rowsRejected++;
    if (this.counts.firstRejects.length < rejectsShownMax) this.counts.firstRejects.push(reject);
  }

  /** Rows, rejects and ignored fields are on the device. */
  clear(): void {
    this.builder.clear();
    this.rejects.length = 0;
    this.ignoredFields = 0;
  }

  /** From here on, times are those of another segment. */
  beginSegment(minTimeMs: number | null, maxTimeMs: number | null): void {
    this.minTimeMs = minTimeMs;
    this.maxTimeMs = maxTimeMs;
  }

  #noteTime(cells: readonly Cell[]): void {
    const cell = this.#time === null ? null : (cells[this.#time.position] ?? null);
    if (this.#time === null || cell === null) return;
    const ms = this.#time.converter.toMillis(cell);
    this.minTimeMs = least(this.minTimeMs, ms);
    this.maxTimeMs = greatest(this.maxTimeMs, ms);
    this.counts.minTimeMs = least(this.counts.minTimeMs, ms);
    this.counts.maxTimeMs = greatest(this.counts.maxTimeMs, ms);
  }
}

/** O-3: whether nulls are stored as nulls. */
export function storesNulls(table: TableRecord, realtime: TableConfig): boolean {
  return realtime.nullHandling || table.schema.columnBasedNullHandling;
}

function least(a: number | null, b: number): number {
  return a === null || b < a ? b : a;
}

function greatest(a: number | null, b: number): number {
  return a === null || b > a ? b : a;
}
