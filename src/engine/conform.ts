import { createBatchBuilder } from '../columns/builder.ts';
import type { ColumnBatch } from '../columns/column.ts';
import type { Schema, TableConfig } from '../config/types.ts';
import { runBatchPipeline } from '../transform/batch-pipeline.ts';
import { createRowPipeline } from '../transform/row-pipeline.ts';

export interface ConformOptions {
  readonly schema: Schema;
  readonly config: TableConfig;
  readonly nowMs: number;
  /** File or segment, for messages. */
  readonly where: string;
}

/**
 * The rows as columns of the schema: types converted, missing columns read as their default. Nothing is dropped.
 * @throws SegmillError COLUMN_TYPE_CHANGED with column and value
 */
export function conformBatch(
  batch: ColumnBatch,
  { schema, config, nowMs, where }: ConformOptions,
): ColumnBatch {
  const builder = createBatchBuilder(schema.fields, {
    nullHandling: config.nullHandling || schema.columnBasedNullHandling,
  });
  const pipeline = createRowPipeline({
    schema,
    mode: 'move',
    transforms: [],
    filterFunction: null,
    continueOnError: false,
    timeColumn: config.timeColumn,
    rowTimeValueCheck: false,
    nowMs,
  });
  runBatchPipeline(batch, null, pipeline, builder, { segment: where, schema });
  return builder.finish({ sortDictionaries: true });
}
