// What a window will cost, from row counts, bytes and column statistics alone. A forecast: nothing is decided by it.
import type { SegmentRecord } from '../catalog/types.ts';
import type { MoveConfig, TableRecord } from '../config/types.ts';
import type { TimeRange } from './snapshot.ts';
import type { WindowEstimate } from './types.ts';

const MiB = 1 << 20;
/** Bytes of columns in memory for one byte of segment file: dictionary codes and numbers unpacked. */
const memoryPerFileByte = 3;
/** Held whatever the window holds: buffers of readers and encoders, one shard per worker. */
const memoryFixedBytes = 64 * MiB;
/** Bytes of Arrow spill for one byte of segment file. */
/** Bytes of an OFFLINE row for one byte of a REALTIME row: dictionaries shared, pages compressed. */
const outputPerInputByte = 0.6;
/** Rows that one core maps, reduces and emits in a second. */
const rowsPerSecond = 2_000_000;
/** Start of a run and its commit. */
const secondsFixed = 0.05;

/** Under this cap no window can be moved (design 2, "Small machines, big windows"). */
export const memoryLeastBytes: number = 32 * MiB;

export interface EstimateLimits {
  readonly memoryCapBytes: number;
  readonly workers: number;
}

/** Share of a segment's rows that fall into the range when they lie evenly over its times, 0 to 1. */
export function overlapShare(segment: SegmentRecord, range: TimeRange): number {
  if (segment.minTimeMs === null || segment.maxTimeMs === null) return 0;
  const start = Math.max(segment.minTimeMs, range.startMs);
  const end = Math.min(segment.maxTimeMs + 1, range.endMs);
  if (end <= start) return 0;
  return (end - start) / (segment.maxTimeMs + 1 - segment.minTimeMs);
}

/** Forecast for one window over `segments`; every figure is a whole number but `seconds`. */
export function estimateWindow(
  segments: readonly SegmentRecord[],
  range: TimeRange,
  table: TableRecord,
  move: MoveConfig,
  limits: EstimateLimits,
): WindowEstimate {
  let rowsTaken = 0;
  let bytesTaken = 0;
  let rowsIn = 0;
  for (const segment of segments) {
    const share = overlapShare(segment, range);
    rowsTaken += segment.rowCount * share;
    bytesTaken += segment.byteLength * share;
    rowsIn += segment.rowCount;
  }
  const kept = groupsExpected(Math.ceil(rowsTaken), keysOf(segments, range, table, move));
  const bytesOut = rowsTaken === 0 ? 0 : ((bytesTaken * kept) / rowsTaken) * outputPerInputByte;
  return {
    rowsOut: kept,
    segmentsOut: segmentsOut(kept, bytesOut, table, move),
    memoryBytes: memoryFixedBytes + Math.ceil(bytesTaken * memoryPerFileByte),
    tempBytes: Math.ceil(bytesOut),
    seconds: round3(secondsFixed + rowsIn / (rowsPerSecond * Math.max(1, limits.workers))),
  };
}

/** Different keys among `rows` rows that fall evenly on `keys` possible ones: keys * (1 - e^(-rows / keys)). */
function groupsExpected(rows: number, keys: number): number {
  if (rows === 0 || keys === Infinity) return rows;
  return Math.min(rows, Math.max(1, Math.round(-keys * Math.expm1(-rows / keys))));
}

/** Possible keys of ROLLUP: the product over all columns that are no metric, rounded times included. */
function keysOf(
  segments: readonly SegmentRecord[],
  range: TimeRange,
  table: TableRecord,
  move: MoveConfig,
): number {
  if (move.mergeType !== 'ROLLUP') return Infinity;
  const timeColumn = table.offline?.timeColumn ?? table.realtime?.timeColumn ?? null;
  let keys = 1;
  for (const field of table.schema.fields) {
    if (field.role === 'METRIC') continue;
    // Segments of a stream mostly repeat each other's dimension values, but not each other's times.
    const cardinalities = segments.map((segment) => cardinalityIn(segment, field.name));
    const cardinality =
      field.name === timeColumn
        ? timesIn(cardinalities, range, move)
        : Math.max(0, ...cardinalities);
    keys *= Math.max(1, cardinality);
  }
  return keys;
}

function timesIn(
  cardinalities: readonly number[],
  range: TimeRange,
  { roundMs }: MoveConfig,
): number {
  const stored = cardinalities.reduce((sum, count) => sum + count, 0);
  if (roundMs === null) return stored;
  return Math.min(stored, Math.ceil((range.endMs - range.startMs) / roundMs));
}

/** Without a count every row may be another value; a column that is missing has its default alone. */
function cardinalityIn({ columns, rowCount }: SegmentRecord, name: string): number {
  const stats = columns.find((column) => column.name === name);
  if (stats === undefined) return columns.length > 0 ? 1 : rowCount;
  return stats.cardinality ?? rowCount;
}

function segmentsOut(rows: number, bytes: number, table: TableRecord, move: MoveConfig): number {
  if (rows === 0) return 0;
  const partitions = (table.offline?.partitionColumns ?? []).reduce(
    (product, { numPartitions }) => product * numPartitions,
    1,
  );
  const byRows = Math.ceil(rows / move.maxNumRecordsPerSegment);
  const byBytes =
    move.desiredSegmentBytes === null ? 1 : Math.ceil(bytes / move.desiredSegmentBytes);
  // Every partition is cut on its own (P-2, O-9).
  return Math.max(1, byRows, byBytes, Math.min(partitions, rows));
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
