// What the catalog says of a sealed segment besides its columns' statistics.
import { compileTimeFormat } from '../config/time-format.ts';
import type { CellValue } from '../config/cell.ts';
import type { PartitionColumn, Schema } from '../config/types.ts';
import { elementAt, valueText } from '../columns/cell.ts';
import type { Column, ColumnBatch, FixedValues } from '../columns/column.ts';
import { varCount, varText } from '../columns/var-values.ts';
import { partitionerOf } from '../kernels/partition-hash.ts';
import type { SegmentPartition } from '../catalog/types.ts';

export interface SegmentTimes {
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  /** The values as the column holds them (O-11). */
  readonly minTimeValue: string | null;
  readonly maxTimeValue: string | null;
}

/** Least and greatest time of a batch; nulls without rows or time column. */
export function segmentTimes(
  batch: ColumnBatch,
  schema: Schema,
  timeColumn: string | null,
): SegmentTimes {
  let minTimeMs: number | null = null;
  let maxTimeMs: number | null = null;
  let minTimeValue: string | null = null;
  let maxTimeValue: string | null = null;
  const column = batch.columns.find((candidate) => candidate.name === timeColumn);
  const format = schema.fields.find((field) => field.name === timeColumn)?.format;
  if (column !== undefined && format !== undefined && format !== null) {
    const converter = compileTimeFormat(format);
    // Epochs rise with their moments, so the least and the greatest are enough.
    const rising = column.kind === 'fixed' && format.kind !== 'SIMPLE_DATE_FORMAT';
    for (const value of rising ? extremes(column.values) : storedValues(column)) {
      const ms = converter.toMillis(value);
      if (minTimeMs === null || ms < minTimeMs) {
        minTimeMs = ms;
        minTimeValue = valueText(column.dataType, value);
      }
      if (maxTimeMs === null || ms > maxTimeMs) {
        maxTimeMs = ms;
        maxTimeValue = valueText(column.dataType, value);
      }
    }
  }
  return { minTimeMs, maxTimeMs, minTimeValue, maxTimeValue };
}

/** P-2: the partition ids found per partition column; a column without rows or with a value outside its function has none. */
export function segmentPartitions(
  batch: ColumnBatch,
  partitionColumns: readonly PartitionColumn[],
): Readonly<Record<string, SegmentPartition>> | null {
  const found: Record<string, SegmentPartition> = {};
  for (const spec of partitionColumns) {
    const column = batch.columns.find((candidate) => candidate.name === spec.column);
    if (column === undefined || column.offsets !== null || column.rowCount === 0) continue;
    const partitioner = partitionerOf(spec);
    const ids = new Set<number | null>();
    for (const value of storedValues(column))
      ids.add(partitioner(valueText(column.dataType, value)));
    if (ids.has(null)) continue;
    const { functionName, numPartitions, functionConfig } = spec;
    const sorted = [...(ids as Set<number>)].sort((a, b) => a - b);
    found[spec.column] = { functionName, numPartitions, functionConfig, ids: sorted };
  }
  return Object.keys(found).length === 0 ? null : found;
}

function extremes(values: FixedValues): CellValue[] {
  if (values.length === 0) return [];
  let least: number | bigint = values[0]!;
  let greatest: number | bigint = least;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    else if (value > greatest) greatest = value;
  }
  return [least, greatest];
}

/** Each distinct value at least once, those of nulls included. */
function storedValues(column: Column): Iterable<CellValue> {
  if (column.kind === 'fixed') return fixedValues(column);
  if (column.kind === 'dictionary' && column.dataType !== 'BYTES') {
    const { dictionary } = column;
    return Array.from({ length: varCount(dictionary) }, (_, i) => varText(dictionary, i));
  }
  return Array.from({ length: column.rowCount }, (_, i) => elementAt(column, i));
}

function* fixedValues(column: Column): Generator<CellValue, void, undefined> {
  for (let i = 0; i < column.rowCount; i++) yield elementAt(column, i);
}
