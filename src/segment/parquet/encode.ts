// Columns to a Parquet file. Pieces are gathered until a row group is full; a row group's columns are then encoded one
// after the other, and their pieces let go.
import { Buffer } from 'node:buffer';
import type { Column, ColumnBatch } from '../../columns/column.ts';
import type { Schema } from '../../config/types.ts';
import { SegmillError, invariant } from '../../errors.ts';
import { rowGroupRowsMax, segmentRowsMax } from '../../limits.ts';
import type { EncodeOptions } from '../types.ts';
import type { ColumnShape, ColumnSlice } from './chunk.ts';
import { writeChunk } from './chunk-writer.ts';
import { compressorOf } from './compress.ts';
import { defaultText } from './file-facts.ts';
import type { ColumnFacts } from './file-facts.ts';
import { writeEnd } from './footer-writer.ts';
import type { PlacedChunk, RowGroup } from './footer-writer.ts';
import { magic } from './format.ts';

interface BatchSlice {
  readonly batch: ColumnBatch;
  readonly from: number;
  readonly to: number;
}

/**
 * The chunks of a Parquet file, in order.
 * @param rowsMax rows of one row group; smaller than the default in tests only
 */
export function* encodeParquet(
  pieces: Iterable<ColumnBatch>,
  options: EncodeOptions,
  rowsMax: number = rowGroupRowsMax,
): Generator<Uint8Array> {
  const compressor = compressorOf(options.compression);
  const groups: RowGroup[] = [];
  let shapes: readonly ColumnShape[] | null = null;
  let position = magic.length;
  yield Buffer.from(magic, 'latin1');
  for (const slices of gathered(pieces, rowsMax)) {
    shapes ??= shapesOf(slices[0]!.batch, options);
    if (slices[0]!.from === slices[0]!.to) continue;
    const chunks: PlacedChunk[] = [];
    for (const [i, shape] of shapes.entries()) {
      const { parts, ...chunk } = writeChunk(
        shape,
        columnSlices(slices, i, shape),
        compressor,
        knownRange(shape, options),
      );
      chunks.push({ ...chunk, offset: position });
      position += chunk.byteLength;
      yield Buffer.concat(parts, chunk.byteLength);
    }
    const rowCount = slices.reduce((sum, slice) => sum + slice.to - slice.from, 0);
    groups.push({ rowCount, chunks, sortedBy: sortedBy(shapes, slices, options) });
  }
  shapes ??= shapesOfSchema(options);
  const facts = {
    header: options.header,
    stats: options.stats,
    columns: shapes.map((shape) => columnFacts(shape, options.schema)),
  };
  yield* writeEnd(shapes, groups, facts, compressor.codec, position);
}

/** Row groups as slices of pieces; one group with an empty slice when the pieces have no rows. */
function* gathered(
  pieces: Iterable<ColumnBatch>,
  rowsMax: number,
): Generator<readonly BatchSlice[]> {
  let group: BatchSlice[] = [];
  let groupRows = 0;
  let total = 0;
  let empty: ColumnBatch | null = null;
  for (const batch of pieces) {
    empty ??= batch;
    total += batch.rowCount;
    checkRows(total);
    for (let from = 0; from < batch.rowCount;) {
      const to = Math.min(batch.rowCount, from + rowsMax - groupRows);
      group.push({ batch, from, to });
      groupRows += to - from;
      from = to;
      if (groupRows === rowsMax) {
        yield group;
        group = [];
        groupRows = 0;
      }
    }
  }
  if (groupRows > 0) yield group;
  else if (total === 0 && empty !== null) yield [{ batch: empty, from: 0, to: 0 }];
}

function checkRows(rowCount: number): void {
  if (rowCount <= segmentRowsMax) return;
  throw new SegmillError(
    'SEGMENT_TOO_LARGE',
    `a segment has ${rowCount} rows or more, the limit is ${segmentRowsMax}: set a smaller maxNumRecordsPerSegment`,
    { rowCount, limit: segmentRowsMax },
  );
}

function shapesOf(batch: ColumnBatch, options: EncodeOptions): ColumnShape[] {
  return batch.columns.map((column) => ({
    name: column.name,
    dataType: column.dataType,
    multiValue: column.offsets !== null,
    optional: mayBeNull(column.name, options),
  }));
}

function shapesOfSchema(options: EncodeOptions): ColumnShape[] {
  return options.schema.fields.map((field) => ({
    name: field.name,
    dataType: field.dataType,
    multiValue: field.multiValue,
    optional: mayBeNull(field.name, options),
  }));
}

// The schema of a file comes before its rows: without stats any column may still meet a null.
function mayBeNull(name: string, { header, stats }: EncodeOptions): boolean {
  if (!header.nullHandling) return false;
  return stats?.find((column) => column.name === name)?.nullCount !== 0;
}

/** Of a column of whole numbers, from the statistics of the whole segment. */
function knownRange(
  { name, dataType }: ColumnShape,
  { stats }: EncodeOptions,
): readonly [bigint, bigint] | null {
  if (dataType !== 'INT' && dataType !== 'LONG' && dataType !== 'TIMESTAMP') return null;
  const found = stats?.find((column) => column.name === name);
  if (found === undefined || found.min === null || found.max === null) return null;
  return [BigInt(found.min), BigInt(found.max)];
}

function columnSlices(
  slices: readonly BatchSlice[],
  index: number,
  shape: ColumnShape,
): ColumnSlice[] {
  return slices.map(({ batch, from, to }) => {
    const column = batch.columns[index];
    invariant(column !== undefined && sameShape(column, shape), () => {
      return `a piece has another column ${index} than ${shape.name} ${shape.dataType}`;
    });
    return { column, from, to };
  });
}

function sameShape(column: Column, shape: ColumnShape): boolean {
  return (
    column.name === shape.name &&
    column.dataType === shape.dataType &&
    (column.offsets !== null) === shape.multiValue
  );
}

function columnFacts(shape: ColumnShape, schema: Schema): ColumnFacts {
  const { name, dataType, multiValue } = shape;
  const field = schema.fields.find((candidate) => candidate.name === name);
  invariant(field !== undefined, () => `column ${name} is not in the schema`);
  return { name, dataType, multiValue, defaultValue: defaultText(field.defaultValue) };
}

/**
 * The leading sort columns whose order here is also Parquet's: nulls stand beside their default (no end of the file),
 * BIG_DECIMAL sorts as a number but is stored as text, and text with characters beyond U+FFFF sorts otherwise by bytes.
 */
function sortedBy(
  shapes: readonly ColumnShape[],
  slices: readonly BatchSlice[],
  { header }: EncodeOptions,
): number[] {
  const leaves: number[] = [];
  for (const name of header.sortedColumns) {
    const index = shapes.findIndex((shape) => shape.name === name);
    const shape = shapes[index];
    if (shape === undefined || shape.optional || shape.multiValue) break;
    if (!ordersAlike(shape, columnSlices(slices, index, shape))) break;
    leaves.push(index);
  }
  return leaves;
}

function ordersAlike(shape: ColumnShape, slices: readonly ColumnSlice[]): boolean {
  switch (shape.dataType) {
    case 'INT':
    case 'LONG':
    case 'TIMESTAMP':
    case 'BOOLEAN':
    case 'BYTES':
      return true;
    case 'FLOAT':
    case 'DOUBLE':
    case 'BIG_DECIMAL':
      return false;
    case 'STRING':
    case 'JSON':
      return [...new Set(slices.map((slice) => textOf(slice.column)))].every(isPlaneText);
  }
}

function textOf(column: Column): Uint8Array {
  invariant(column.kind !== 'fixed', () => `column ${column.name} is text without bytes`);
  return column.kind === 'dictionary' ? column.dictionary.data : column.values.data;
}

function isPlaneText(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! >= 0xf0) return false;
  return true;
}
