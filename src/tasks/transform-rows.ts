// Rows of a segment through the row pipeline, for the segments and configs that need it: the window's rows only,
// written as a conforming Arrow file that the next stages read instead of the segment.
import { crc32 } from 'node:zlib';
import { createBatchBuilder } from '../columns/builder.ts';
import type { ColumnBatch } from '../columns/column.ts';
import { selectRange } from '../kernels/times.ts';
import { runBatchPipeline } from '../transform/batch-pipeline.ts';
import { createRowPipeline } from '../transform/row-pipeline.ts';
import type { JobFacts, RejectedRow, SurveyInput, TaskContext } from './contract.ts';
import { planRows } from './plan.ts';
import type { RowPlan } from './plan.ts';
import { timesOf } from './time-column.ts';
import type { WindowInput } from './types.ts';

export interface TransformedRows {
  readonly batch: ColumnBatch;
  /** Rows of the segment that the pipeline never saw. */
  readonly outsideWindow: number;
  readonly filtered: number;
  readonly rejected: readonly RejectedRow[];
}

/** @throws SegmillError COLUMN_TYPE_CHANGED, VALUE_INVALID */
export function transformRows(
  job: JobFacts,
  stored: ColumnBatch,
  segment: string,
): TransformedRows {
  const plan = planRows(job);
  const { offline } = job;
  const rows = rowsToTransform(job, plan, stored);
  const pipeline = createRowPipeline({
    schema: plan.schema,
    mode: 'move',
    transforms: offline.transforms,
    filterFunction: offline.filterFunction,
    continueOnError: offline.continueOnError,
    timeColumn: offline.timeColumn,
    rowTimeValueCheck: offline.rowTimeValueCheck,
    nowMs: job.nowMs,
  });
  const builder = createBatchBuilder(plan.schema.fields, { nullHandling: plan.nullHandling });
  const rejected: RejectedRow[] = [];
  const { filtered } = runBatchPipeline(stored, rows, pipeline, builder, {
    segment,
    schema: plan.schema,
    onRejected: (row, reason) => rejected.push({ row, reason }),
  });
  const batch = builder.finish({ sortDictionaries: true });
  return {
    batch,
    outsideWindow: stored.rowCount - (rows?.length ?? stored.rowCount),
    filtered,
    rejected,
  };
}

/**
 * The window's rows by their stored time, all rows (null) where the time itself has to be made first. Rows whose time
 * cannot be read go through: the pipeline says what becomes of them.
 */
function rowsToTransform(job: JobFacts, plan: RowPlan, stored: ColumnBatch): Uint32Array | null {
  const { timeField } = plan;
  if (timeField === null) return null;
  const column = stored.columns.find(({ name }) => name === timeField.name);
  if (column === undefined || column.nulls !== null || column.offsets !== null) return null;
  if (column.dataType !== timeField.dataType) return null;
  const { ms } = timesOf(column, timeField);
  if (ms.includes(NaN)) return null;
  return selectRange(ms, job.windowStartMs, job.windowEndMs, job.move.negateWindowFilter);
}

/** Writes the batch where the next stages find it. */
export async function writeReplacement(
  { job, input, index }: SurveyInput,
  batch: ColumnBatch,
  { store, codecOf }: TaskContext,
): Promise<WindowInput> {
  const plan = planRows(job);
  const codec = codecOf('arrow');
  const file = `tmp/${job.runId}/rows-${index}.${codec.extension}`;
  const header = {
    segmentName: input.name,
    table: job.table,
    tableType: input.type,
    creationMs: job.nowMs,
    timeColumn: job.offline.timeColumn,
    nullHandling: plan.nullHandling,
    sortedColumns: [],
    extra: {},
  };
  const options = { header, schema: plan.schema, compression: 'none', stats: null } as const;
  // A worker that died may have left a part of the file.
  await store.remove(file);
  const writer = await store.create(file);
  let crc = 0;
  let byteLength = 0;
  try {
    for (const chunk of codec.encode([batch], options)) {
      crc = crc32(chunk, crc);
      byteLength += chunk.length;
      await writer.write(chunk);
    }
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  const { rowCount } = batch;
  return {
    ...input,
    file,
    format: 'arrow',
    rowCount,
    byteLength,
    crc,
    minTimeMs: null,
    maxTimeMs: null,
  };
}
