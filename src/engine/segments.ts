// `segments`, `inspect`: look at segments.
import { existsSync } from 'node:fs';
import { partitionsOf, segmentsOf, tableOf } from '../catalog/keys.ts';
import type { CatalogView, ConsumingRecord, SegmentRecord } from '../catalog/types.ts';
import { cellAt } from '../columns/cell.ts';
import type { ColumnBatch } from '../columns/column.ts';
import { floatText } from '../columns/number-text.ts';
import { batchStats } from '../columns/stats.ts';
import type { Cell, CellValue } from '../config/cell.ts';
import { nearestName } from '../config/names.ts';
import type { SegmentFormat, TableType } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { decodeConsuming } from '../segment/arrow/stream.ts';
import { codecOf, formatOfBytes, inspectSegment } from '../segment/open.ts';
import type { SegmentInspection } from '../segment/open.ts';
import type { EngineContext } from './context.ts';
import { readBytes } from './import.ts';
import { partitionIds } from './segment-record.ts';
import { rawName } from './tables.ts';

/** One line of `segments`, as `cli.md` has it. */
export interface SegmentLine {
  readonly name: string;
  readonly type: TableType;
  readonly state: 'ONLINE' | 'CONSUMING';
  readonly partition?: number;
  readonly rows: number;
  readonly bytes: number;
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly format: SegmentFormat;
  readonly crc: number;
  readonly partitions?: Readonly<Record<string, readonly number[]>>;
  readonly timePartition?: string;
}

/** @throws SegmillError TABLE_NOT_FOUND */
export function listSegments(ctx: EngineContext, table: string, type?: TableType): SegmentLine[] {
  const name = rawName(table);
  return ctx.catalog.read((view) => {
    tableOf(view, name);
    const sealed = segmentsOf(view, name, type).map(segmentLine);
    const consuming = type === 'OFFLINE' ? [] : consumingOf(view, name);
    return [
      ...sealed,
      ...consuming.map(({ partition, consuming: open }) => consumingLine(partition, open)),
    ];
  });
}

function consumingOf(
  view: CatalogView,
  table: string,
): { partition: number; consuming: ConsumingRecord }[] {
  return partitionsOf(view, table).flatMap(({ partition, consuming }) =>
    consuming === null ? [] : [{ partition, consuming }],
  );
}

function segmentLine(segment: SegmentRecord): SegmentLine {
  const {
    name,
    type,
    partition,
    rowCount,
    byteLength,
    minTimeMs,
    maxTimeMs,
    format,
    crc,
    partitions,
    timePartition,
  } = segment;
  return {
    name,
    type,
    state: 'ONLINE',
    ...(partition === null ? {} : { partition }),
    rows: rowCount,
    bytes: byteLength,
    startMs: minTimeMs,
    endMs: maxTimeMs,
    format,
    crc,
    ...(partitions === null ? {} : { partitions: partitionIds(partitions) }),
    ...(timePartition === null ? {} : { timePartition }),
  };
}

function consumingLine(partition: number, consuming: ConsumingRecord): SegmentLine {
  const { name, rowCount, byteLength, minTimeMs, maxTimeMs, crc } = consuming;
  return {
    name,
    type: 'REALTIME',
    state: 'CONSUMING',
    partition,
    rows: rowCount,
    bytes: byteLength,
    startMs: minTimeMs,
    endMs: maxTimeMs,
    format: 'arrow',
    crc,
  };
}

export interface Inspection {
  /** Segment name or file path as asked for. */
  readonly subject: string;
  readonly record: SegmentRecord | null;
  readonly file: SegmentInspection;
}

interface OpenedSegment {
  readonly record: SegmentRecord | null;
  readonly consuming: ConsumingRecord | null;
  readonly bytes: Uint8Array;
  readonly where: string;
}

/**
 * What a segment (by name, or a file's path) holds.
 * @throws SegmillError SEGMENT_NOT_FOUND, SEGMENT_CORRUPT
 */
export async function inspect(ctx: EngineContext, subject: string): Promise<Inspection> {
  return inspectionOf(subject, await openSubject(ctx, subject));
}

/** The same of a file alone, where there is no data directory. */
export async function inspectFile(path: string): Promise<Inspection> {
  return inspectionOf(path, await openFileAlone(path));
}

function inspectionOf(
  subject: string,
  { record, consuming, bytes, where }: OpenedSegment,
): Inspection {
  if (consuming === null) return { subject, record, file: inspectSegment(bytes, where) };
  const batch = decodeConsuming(bytes, where);
  return {
    subject,
    record,
    file: {
      format: 'arrow',
      writer: 'segmill',
      rowGroups: [batch.rowCount],
      header: null,
      rowCount: batch.rowCount,
      byteLength: bytes.byteLength,
      stats: batchStats(batch),
      columns: [],
    },
  };
}

/** A row of `inspect --rows`: columns in stored order, `$nulls` names those that are null. */
export type InspectedRow = Readonly<Record<string, unknown>>;

export interface InspectedRows {
  readonly columns: readonly string[];
  readonly rows: Iterable<InspectedRow>;
}

/** @throws SegmillError SEGMENT_NOT_FOUND, SEGMENT_CORRUPT */
export async function inspectRows(ctx: EngineContext, subject: string): Promise<InspectedRows> {
  return rowsIn(await openSubject(ctx, subject));
}

/** The same of a file alone, where there is no data directory. */
export async function inspectFileRows(path: string): Promise<InspectedRows> {
  return rowsIn(await openFileAlone(path));
}

function rowsIn({ consuming, bytes, where }: OpenedSegment): InspectedRows {
  const batch =
    consuming === null
      ? codecOf(formatOfBytes(bytes, where)).decode(bytes, where).batch
      : decodeConsuming(bytes, where);
  return { columns: batch.columns.map(({ name }) => name), rows: rowsOf(batch) };
}

function* rowsOf(batch: ColumnBatch): Generator<InspectedRow> {
  for (let row = 0; row < batch.rowCount; row++) {
    const nulls: string[] = [];
    const out: Record<string, unknown> = {};
    for (const column of batch.columns) {
      const cell = cellAt(column, row);
      if (cell === null) nulls.push(column.name);
      out[column.name] = shown(cell, column.dataType === 'FLOAT');
    }
    yield { ...out, $nulls: nulls };
  }
}

function shown(cell: Cell, float: boolean): unknown {
  if (Array.isArray(cell)) return cell.map((value: CellValue) => shown(value, float));
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('hex');
  if (typeof cell === 'number' && float && Number.isFinite(cell)) return Number(floatText(cell));
  return cell;
}

/** A segment by name, or a file by path. */
export async function openSubject(ctx: EngineContext, subject: string): Promise<OpenedSegment> {
  const found = ctx.catalog.read((view) => findEverywhere(view, subject));
  if (found?.kind === 'sealed') {
    return {
      record: found.segment,
      consuming: null,
      bytes: await ctx.store.read(found.segment.file),
      where: found.segment.file,
    };
  }
  if (found?.kind === 'consuming') {
    const { file, byteLength } = found.consuming;
    return {
      record: null,
      consuming: found.consuming,
      bytes: await ctx.store.read(file, { start: 0, end: byteLength }),
      where: file,
    };
  }
  if (existsSync(subject)) return openFileAlone(subject);
  const names = ctx.catalog.read((view) => view.list('segments').map(({ name }) => name));
  throw notFound(subject, nearestName(subject, names));
}

async function openFileAlone(path: string): Promise<OpenedSegment> {
  if (!existsSync(path)) throw notFound(path, null);
  return { record: null, consuming: null, bytes: await readBytes(path), where: path };
}

type Found =
  | { readonly kind: 'sealed'; readonly segment: SegmentRecord }
  | { readonly kind: 'consuming'; readonly consuming: ConsumingRecord };

function findEverywhere(view: CatalogView, name: string): Found | undefined {
  for (const { name: table } of view.list('tables')) {
    const segment = segmentsOf(view, table).find((candidate) => candidate.name === name);
    if (segment !== undefined) return { kind: 'sealed', segment };
    const open = consumingOf(view, table).find(({ consuming }) => consuming.name === name);
    if (open !== undefined) return { kind: 'consuming', consuming: open.consuming };
  }
  return undefined;
}

function notFound(subject: string, nearest: string | null): SegmillError {
  return new SegmillError(
    'SEGMENT_NOT_FOUND',
    `${subject}: no segment of that name and no such file; segmill segments TABLE lists them${nearest === null ? '' : `; did you mean ${nearest}?`}`,
    { subject },
  );
}
