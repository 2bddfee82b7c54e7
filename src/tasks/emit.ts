// Stage e: one output file from consecutive rows of reduced shards (or of mapped segments, for CONCAT without a sort).
import { crc32 } from 'node:zlib';
import { elementAt, valueText } from '../columns/cell.ts';
import type {
  Column,
  ColumnBatch,
  ColumnStats,
  FixedValues,
  VarValues,
} from '../columns/column.ts';
import { remapCodes } from '../columns/dictionary.ts';
import { bitmapBytes, setNull } from '../columns/nulls.ts';
import { statsOfPieces } from '../columns/stats.ts';
import { gatherVar, varCount } from '../columns/var-values.ts';
import type { CellValue } from '../config/cell.ts';
import { compileTimeFormat } from '../config/time-format.ts';
import type { Field } from '../config/types.ts';
import { distinctCountedMax } from '../limits.ts';
import type { SegmentHeader } from '../segment/types.ts';
import type { EmitInput, EmitOutput, ShardSlice, TaskContext } from './contract.ts';
import { columnOf, sliceColumn } from './frame.ts';
import type { FrameColumn } from './frame.ts';
import { planRows } from './plan.ts';
import type { RowPlan } from './plan.ts';
import { timesOf } from './time-column.ts';

export async function runEmit(
  task: EmitInput,
  { store, codecOf }: TaskContext,
): Promise<EmitOutput> {
  const { job, file } = task;
  const plan = planRows(job);
  const pieces = piecesOf(task, plan);
  const columns = plan.schema.fields.map((_, c) =>
    statsOfPieces(
      pieces.map((piece) => piece.columns[c]!),
      distinctCountedMax,
    ),
  );
  const chunks = codecOf(job.move.offlineFormat).encode(pieces, {
    header: headerOf(task, plan),
    schema: plan.schema,
    compression: job.move.compression,
    stats: columns,
  });
  // A worker that died may have left a part of the file.
  if (file !== null) await store.remove(file);
  const writer = file === null ? null : await store.create(file);
  let crc = 0;
  let byteLength = 0;
  try {
    for (const chunk of chunks) {
      crc = crc32(chunk, crc);
      byteLength += chunk.length;
      await writer?.write(chunk);
    }
    await writer?.finish();
  } catch (error) {
    await writer?.abandon();
    throw error;
  }
  const rowCount = pieces.reduce((sum, piece) => sum + piece.rowCount, 0);
  return { rowCount, byteLength, crc, ...timeRange(plan, pieces, columns), columns };
}

function headerOf({ job, sequence, timePartition }: EmitInput, plan: RowPlan): SegmentHeader {
  const extra: Record<string, string> = {
    windowStartMs: String(job.windowStartMs),
    windowEndMs: String(job.windowEndMs),
  };
  if (timePartition !== null) extra['timePartition'] = timePartition;
  return {
    segmentName: `${job.table}_${sequence}`,
    table: job.table,
    tableType: 'OFFLINE',
    creationMs: job.nowMs,
    timeColumn: job.offline.timeColumn,
    nullHandling: plan.nullHandling,
    sortedColumns: job.offline.sortedColumns,
    extra,
  };
}

/** The rows as batches in schema order; dictionaries hold what this output uses, and are the same object in all pieces. */
function piecesOf({ pieces, dictionaries }: EmitInput, plan: RowPlan): ColumnBatch[] {
  const byField = plan.schema.fields.map((field) => {
    const parts = pieces.map(({ frame, start, end }) =>
      sliceColumn(columnOf(frame, field.name), start, end),
    );
    return outputColumns(field, parts, pieces, plan.nullHandling, dictionaries[field.name]);
  });
  return pieces.map(({ start, end }, p) => ({
    rowCount: end - start,
    columns: byField.map((columns) => columns[p]!),
  }));
}

function outputColumns(
  field: Field,
  parts: readonly FrameColumn[],
  pieces: readonly ShardSlice[],
  nullHandling: boolean,
  dictionary: VarValues | undefined,
): Column[] {
  const compact = dictionary === undefined ? null : compactOf(parts, dictionary);
  return parts.map((part, p): Column => {
    const rowCount = pieces[p]!.end - pieces[p]!.start;
    const nulls = nullHandling ? nullBits(part.nulls) : null;
    const base = {
      name: field.name,
      dataType: field.dataType,
      rowCount,
      nulls,
      offsets: part.offsets,
    };
    switch (part.storage) {
      case 'fixed':
        return { ...base, kind: 'fixed', values: part.values as FixedValues };
      case 'bytes':
        return {
          ...base,
          kind: 'bytes',
          values: { offsets: part.byteOffsets!, data: part.values as Uint8Array },
        };
      case 'codes': {
        const { values, remap } = compact!;
        const codes = remapCodes(part.values as Uint32Array, remap, varCount(values));
        return { ...base, kind: 'dictionary', codes, dictionary: values, sorted: true };
      }
    }
  });
}

function compactOf(
  parts: readonly FrameColumn[],
  dictionary: VarValues,
): { values: VarValues; remap: Uint32Array } {
  const size = varCount(dictionary);
  const used = new Uint8Array(size);
  for (const { storage, values } of parts)
    if (storage === 'codes') markUsed(used, values as Uint32Array);
  const remap = new Uint32Array(size);
  const codes = new Uint32Array(size);
  let count = 0;
  for (let code = 0; code < size; code++) {
    if (used[code] === 0) continue;
    remap[code] = count;
    codes[count++] = code;
  }
  return { values: gatherVar(dictionary, codes.subarray(0, count)), remap };
}

function markUsed(used: Uint8Array, codes: Uint8Array | Uint16Array | Uint32Array): void {
  for (let i = 0; i < codes.length; i++) used[codes[i]!] = 1;
}

function nullBits(bytes: Uint8Array | null): Uint8Array | null {
  if (bytes === null || !bytes.includes(1)) return null;
  const bits = new Uint8Array(bitmapBytes(bytes.length));
  for (let row = 0; row < bytes.length; row++) if (bytes[row] === 1) setNull(bits, row);
  return bits;
}

type TimeRange = Pick<EmitOutput, 'minTimeMs' | 'maxTimeMs' | 'minTimeValue' | 'maxTimeValue'>;

/** Least and greatest time, with the values as they are stored (O-11). */
function timeRange(
  plan: RowPlan,
  pieces: readonly ColumnBatch[],
  stats: readonly ColumnStats[],
): TimeRange {
  const range: { -readonly [K in keyof TimeRange]: TimeRange[K] } = {
    minTimeMs: null,
    maxTimeMs: null,
    minTimeValue: null,
    maxTimeValue: null,
  };
  const { timeField } = plan;
  if (timeField === null) return range;
  const place = plan.schema.fields.indexOf(timeField);
  const known = rangeOfStats(timeField, stats[place]!);
  if (known !== null) return known;
  for (const { columns } of pieces) {
    const column = columns[place]!;
    const { ms } = timesOf(column, timeField);
    if (ms.length === 0) continue;
    const { least, greatest } = extremes(ms);
    const text = (row: number): string => valueText(column.dataType, elementAt(column, row));
    if (range.minTimeMs === null || ms[least]! < range.minTimeMs) {
      [range.minTimeMs, range.minTimeValue] = [ms[least]!, text(least)];
    }
    if (range.maxTimeMs === null || ms[greatest]! > range.maxTimeMs) {
      [range.maxTimeMs, range.maxTimeValue] = [ms[greatest]!, text(greatest)];
    }
  }
  return range;
}

/** Whole-number times rise with their values, so the statistics have both ends already; null for other columns. */
function rangeOfStats(field: Field, { min, max }: ColumnStats): TimeRange | null {
  const { dataType, format } = field;
  const whole = dataType === 'INT' || dataType === 'LONG' || dataType === 'TIMESTAMP';
  if (!whole || format?.kind === 'SIMPLE_DATE_FORMAT' || min === null || max === null) return null;
  const cell = (text: string): CellValue => (dataType === 'INT' ? Number(text) : BigInt(text));
  const { toMillis } = compileTimeFormat(format!, dataType);
  return {
    minTimeMs: toMillis(cell(min)),
    maxTimeMs: toMillis(cell(max)),
    minTimeValue: valueText(dataType, cell(min)),
    maxTimeValue: valueText(dataType, cell(max)),
  };
}

function extremes(ms: Float64Array): { least: number; greatest: number } {
  let least = 0;
  let greatest = 0;
  for (let i = 1; i < ms.length; i++) {
    if (ms[i]! < ms[least]!) least = i;
    if (ms[i]! > ms[greatest]!) greatest = i;
  }
  return { least, greatest };
}
