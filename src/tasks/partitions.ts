// Which partitions a segment's rows belong to, as its metadata says (P-1, P-9b).
import type { SegmentPartition } from '../catalog/types.ts';
import type { ColumnBatch } from '../columns/column.ts';
import { coded } from './load.ts';
import type { PartitionColumn, TableConfig } from '../config/types.ts';
import { partitionIds } from './window-rows.ts';

export function segmentPartition(
  { functionName, numPartitions, functionConfig }: PartitionColumn,
  ids: readonly number[],
): SegmentPartition {
  return { functionName, numPartitions, functionConfig, ids };
}

/**
 * Partition ids that occur in a batch, rising, by partition column; null without partition columns.
 * @throws SegmillError VALUE_INVALID for a value that the function does not accept (P-7)
 */
export function segmentPartitions(
  batch: ColumnBatch,
  { partitionColumns, tableName }: TableConfig,
): Readonly<Record<string, SegmentPartition>> | null {
  if (partitionColumns.length === 0) return null;
  const found: Record<string, SegmentPartition> = {};
  for (const spec of partitionColumns) {
    const column = batch.columns.find(({ name }) => name === spec.column);
    if (column === undefined) continue;
    const idOf = partitionIds(coded(column), spec, tableName);
    const ids = new Set<number>();
    for (let row = 0; row < batch.rowCount; row++) ids.add(idOf(row));
    found[spec.column] = segmentPartition(
      spec,
      [...ids].toSorted((a, b) => a - b),
    );
  }
  return found;
}
