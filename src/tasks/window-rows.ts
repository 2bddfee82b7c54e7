// The rows of a segment that belong to the window, with rounded times and partition ids (X-27, P-1 to P-4).
import type { Column, ColumnBatch, FixedColumn } from '../columns/column.ts';
import { elementAt, valueText } from '../columns/cell.ts';
import { varCount } from '../columns/var-values.ts';
import type { Field, PartitionColumn } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { allRows } from '../kernels/gather.ts';
import { partitionerOf } from '../kernels/partition-hash.ts';
import type { Partitioner } from '../kernels/partition-hash.ts';
import { floorLongs, longsToNumbers, selectLongs, selectRange } from '../kernels/times.ts';
import type { JobFacts, RejectedRow } from './contract.ts';
import type { RowPlan } from './plan.ts';
import type { Scratch } from './scratch.ts';
import { epochMillis, roundTimes, timesOf } from './time-column.ts';

export interface WindowRows {
  /** The batch with its time column rounded; rows outside the window are still in it. */
  readonly batch: ColumnBatch;
  /** Rows of the window, rising. */
  readonly rows: Uint32Array;
  /** Un-rounded times by row of the batch. */
  readonly originalMs: Float64Array | null;
  /** Rounded times by row of the batch; null without a time column, or where time partitions do not need them. */
  readonly roundedMs: Float64Array | null;
  readonly rejected: readonly RejectedRow[];
}

/**
 * X-27 steps 1 to 3; the filter also works at or before the epoch (design 5.4).
 * @throws SegmillError VALUE_INVALID for a value that is no time, unless `continueOnError`
 */
export function takeWindow(
  job: JobFacts,
  plan: RowPlan,
  batch: ColumnBatch,
  segment: string,
  scratch: Scratch,
): WindowRows {
  const { timeField } = plan;
  if (timeField === null) {
    const rows = allRows(batch.rowCount);
    return { batch, rows, originalMs: null, roundedMs: null, rejected: [] };
  }
  const place = plan.schema.fields.indexOf(timeField);
  const column = batch.columns[place]!;
  const { windowStartMs, windowEndMs, move } = job;
  const longs = epochMillis(column, timeField);
  if (longs !== null) return takeLongs(job, plan, batch, { place, longs, scratch });
  const { ms, reasonOf } = timesOf(column, timeField);
  const rows = selectRange(ms, windowStartMs, windowEndMs, move.negateWindowFilter);
  const rejected = untimed(job, timeField, ms, reasonOf, segment);
  const originalMs = plan.originalTime ? ms.slice() : null;
  if (move.roundMs === null || move.roundMs === 0) {
    return { batch, rows, originalMs, roundedMs: ms, rejected };
  }
  const rounded = roundTimes(column, timeField, ms, move.roundMs);
  const columns = batch.columns.with(place, rounded);
  return { batch: { ...batch, columns }, rows, originalMs, roundedMs: ms, rejected };
}

/** The same where times are epoch milliseconds in 64 bits already: every value is a time, and none is converted. */
function takeLongs(
  { windowStartMs, windowEndMs, move }: JobFacts,
  plan: RowPlan,
  batch: ColumnBatch,
  {
    place,
    longs,
    scratch,
  }: { readonly place: number; readonly longs: BigInt64Array; readonly scratch: Scratch },
): WindowRows {
  const room = scratch.words('rows', longs.length);
  const rows = selectLongs(longs, windowStartMs, windowEndMs, move.negateWindowFilter, room);
  const rounds = move.roundMs !== null && move.roundMs > 0;
  const rounded = rounds
    ? floorLongs(longs, move.roundMs!, scratch.longs('times', longs.length))
    : longs;
  const column = { ...(batch.columns[place] as FixedColumn), values: rounded };
  const buckets = move.partitionBucketMs !== null && move.partitionBucketMs > 0;
  return {
    batch: rounds ? { ...batch, columns: batch.columns.with(place, column) } : batch,
    rows,
    originalMs: plan.originalTime ? longsToNumbers(longs) : null,
    roundedMs: buckets ? longsToNumbers(rounded) : null,
    rejected: [],
  };
}

function untimed(
  job: JobFacts,
  field: Field,
  ms: Float64Array,
  reasonOf: (row: number) => string,
  segment: string,
): RejectedRow[] {
  const rejected: RejectedRow[] = [];
  for (let row = 0; row < ms.length; row++) {
    if (ms[row] === ms[row]) continue;
    const reason = `${field.name}: ${reasonOf(row)}`;
    if (!job.offline.continueOnError) {
      throw new SegmillError(
        'VALUE_INVALID',
        `row ${row} of segment ${segment} has no time: ${reason}; set ingestionConfig.continueOnError of ${job.table}_OFFLINE to drop such rows`,
        { segment, row, column: field.name },
      );
    }
    rejected.push({ row, reason });
  }
  return rejected;
}

export interface RowPartitions {
  /** Partition ids (P-2) in order of first appearance. */
  readonly ids: readonly string[];
  /** By place in `rows`: index into `ids`; all 0 where there is one id. */
  readonly indexes: Uint32Array;
}

/** @throws SegmillError VALUE_INVALID for a value that the partition function does not accept (P-7) */
export function partitionRows(
  job: JobFacts,
  plan: RowPlan,
  window: WindowRows,
  segment: string,
): RowPartitions {
  const { rows, roundedMs } = window;
  const indexes = new Uint32Array(rows.length);
  const bucketMs = job.move.partitionBucketMs;
  let ids = ['0'];
  if (bucketMs !== null && bucketMs > 0 && roundedMs !== null) {
    ids = refine(indexes, null, (i) => Math.floor(roundedMs[rows[i]!]! / bucketMs));
  }
  for (const spec of job.offline.partitionColumns) {
    const place = plan.schema.fields.findIndex(({ name }) => name === spec.column);
    const idOf = partitionIds(window.batch.columns[place]!, spec, segment);
    ids = refine(indexes, ids, (i) => idOf(rows[i]!));
  }
  return { ids, indexes };
}

/** Splits partitions further by one more id a row; `before` null: it is the first. */
function refine(
  indexes: Uint32Array,
  before: readonly string[] | null,
  idOf: (i: number) => number,
): string[] {
  const ids: string[] = [];
  const known: Map<number, number>[] = [];
  for (let i = 0; i < indexes.length; i++) {
    const outer = indexes[i]!;
    const id = idOf(i);
    const inner = (known[outer] ??= new Map<number, number>());
    let index = inner.get(id);
    if (index === undefined) {
      index = ids.push(before === null ? String(id) : `${before[outer]}_${id}`) - 1;
      inner.set(id, index);
    }
    indexes[i] = index;
  }
  return ids;
}

/** Partition id by row: computed once a dictionary value, or once a distinct number. */
export function partitionIds(
  column: Column,
  spec: PartitionColumn,
  segment: string,
): (row: number) => number {
  const partitioner = partitionerOf(spec);
  if (column.kind === 'dictionary') {
    const byCode = new Int32Array(varCount(column.dictionary));
    const known = new Uint8Array(byCode.length);
    return (row) => {
      const code = column.codes[row]!;
      if (known[code] === 0) {
        byCode[code] = idOfRow(column, row, spec, partitioner, segment);
        known[code] = 1;
      }
      return byCode[code]!;
    };
  }
  const seen = new Map<number | bigint, number>();
  const { values } = column as { values: ArrayLike<number | bigint> };
  return (row) => {
    const value = values[row]!;
    let id = seen.get(value);
    if (id === undefined) {
      if (seen.size >= 1 << 16) seen.clear();
      seen.set(value, (id = idOfRow(column, row, spec, partitioner, segment)));
    }
    return id;
  };
}

function idOfRow(
  column: Column,
  row: number,
  spec: PartitionColumn,
  partitioner: Partitioner,
  segment: string,
): number {
  const text = valueText(column.dataType, elementAt(column, row));
  const id = partitioner(text);
  if (id !== null) return id;
  throw new SegmillError(
    'VALUE_INVALID',
    `row ${row} of segment ${segment}: partition function ${spec.functionName} of column ${spec.column} needs a whole number, found "${text}"`,
    { segment, row, column: spec.column, value: text },
  );
}
