// Rows on the move: columns as typed arrays on one shared buffer. Var-length columns are codes into the window's merged
// dictionary, so a frame holds no text; what an aggregation has newly made travels as bytes.
//
//   fixed, codes   values: element i of row i, or elements offsets[r]..offsets[r + 1] (multi value)
//   bytes          values: data, byteOffsets: rowCount + 1 entries; single value only
//   nulls          one byte a row, 1 where null
import type { DataType } from '../config/types.ts';
import { copyStretch, countElements, gather, gatherLists, isStretch } from '../kernels/gather.ts';
import type { AnyArray } from '../kernels/gather.ts';
import type { Scratch } from './scratch.ts';
import { invertPlaces, scatter } from '../kernels/scatter.ts';

export interface FrameColumn {
  readonly name: string;
  readonly dataType: DataType;
  readonly storage: 'fixed' | 'codes' | 'bytes';
  readonly values: AnyArray;
  readonly offsets: Uint32Array | null;
  readonly byteOffsets: Uint32Array | null;
  readonly nulls: Uint8Array | null;
}

export interface Frame {
  readonly rowCount: number;
  readonly columns: readonly FrameColumn[];
}

/** Hands out typed arrays on one SharedArrayBuffer, 8-byte ones first come, each aligned to 8. */
class Layout {
  #bytes = 0;
  readonly #buffer: SharedArrayBuffer;

  constructor(byteLength: number) {
    this.#buffer = new SharedArrayBuffer(byteLength);
  }

  take(like: AnyArray, length: number): AnyArray {
    const at = this.#bytes;
    this.#bytes += aligned(length * like.BYTES_PER_ELEMENT);
    return arrayLike(like, this.#buffer, at, length);
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function arrayLike(like: AnyArray, buffer: ArrayBufferLike, at: number, length: number): AnyArray {
  if (like instanceof Uint8Array) return new Uint8Array(buffer, at, length);
  if (like instanceof Uint16Array) return new Uint16Array(buffer, at, length);
  if (like instanceof Uint32Array) return new Uint32Array(buffer, at, length);
  if (like instanceof Int32Array) return new Int32Array(buffer, at, length);
  if (like instanceof Float32Array) return new Float32Array(buffer, at, length);
  if (like instanceof Float64Array) return new Float64Array(buffer, at, length);
  return new BigInt64Array(buffer, at, length);
}

const someOffsets: Uint32Array = new Uint32Array(0);
const someNulls: Uint8Array = new Uint8Array(0);

/** The rows `rows` of a frame, in that order, on a shared buffer of their own. */
export function gatherFrame(source: Frame, rows: Uint32Array): Frame {
  const pick = isStretch(rows) ? copyStretch : gather;
  const counts = source.columns.map((column) => elementsOf(column, rows));
  const layout = new Layout(layoutBytes(source, rows.length, counts));
  const columns = source.columns.map((column, c): FrameColumn => {
    const values = layout.take(column.values, counts[c]!);
    const offsets = takeOffsets(layout, column.offsets, rows.length);
    const byteOffsets = takeOffsets(layout, column.byteOffsets, rows.length);
    const nulls = takeNulls(layout, column.nulls, rows.length);
    const lists = column.offsets ?? column.byteOffsets;
    if (lists !== null) gatherLists(values, (offsets ?? byteOffsets)!, column.values, lists, rows);
    else pick(values, column.values, rows);
    if (nulls !== null) pick(nulls, column.nulls!, rows);
    return { ...column, values, offsets, byteOffsets, nulls };
  });
  return { rowCount: rows.length, columns };
}

/** The rows `rows` of a frame, row i at `places[i]`, on a shared buffer of their own. */
export function scatterFrame(source: Frame, rows: Uint32Array, places: Uint32Array): Frame {
  const counts = source.columns.map((column) => elementsOf(column, rows));
  const layout = new Layout(layoutBytes(source, rows.length, counts));
  let inverse: Uint32Array | null = null;
  const columns = source.columns.map((column, c): FrameColumn => {
    const values = layout.take(column.values, counts[c]!);
    const offsets = takeOffsets(layout, column.offsets, rows.length);
    const nulls = takeNulls(layout, column.nulls, rows.length);
    if (column.offsets === null) scatter(values, column.values, rows, places);
    else {
      inverse ??= invertPlaces(places, rows);
      gatherLists(values, offsets!, column.values, column.offsets, inverse);
    }
    if (nulls !== null) scatter(nulls, column.nulls!, rows, places);
    return { ...column, values, offsets, byteOffsets: null, nulls };
  });
  return { rowCount: rows.length, columns };
}

/** Rows of several frames with the same columns, end to end, in scratch memory. */
export function joinSlices(
  slices: readonly { readonly frame: Frame; readonly start: number; readonly end: number }[],
  scratch: Scratch,
): Frame {
  const rowCount = slices.reduce((sum, { start, end }) => sum + end - start, 0);
  const columns = slices[0]!.frame.columns.map((first, c): FrameColumn => {
    const parts = slices.map(({ frame, start, end }) => sliceColumn(frame.columns[c]!, start, end));
    const total = parts.reduce((sum, part) => sum + part.values.length, 0);
    const bytes = scratch.bytes(`joined-${c}`, total * first.values.BYTES_PER_ELEMENT);
    const values = arrayLike(first.values, bytes.buffer, 0, total);
    let at = 0;
    for (const part of parts) {
      values.set(part.values as never, at);
      at += part.values.length;
    }
    return {
      ...first,
      values,
      offsets: first.offsets && joinOffsets(parts.map((part) => part.offsets!)),
      byteOffsets: first.byteOffsets && joinOffsets(parts.map((part) => part.byteOffsets!)),
      nulls: first.nulls && joinBytes(parts.map((part) => part.nulls!)),
    };
  });
  return { rowCount, columns };
}

/** Rows start..end; numbers stay where they lie, offsets start at 0 again. */
export function sliceColumn(column: FrameColumn, start: number, end: number): FrameColumn {
  const nulls = column.nulls === null ? null : column.nulls.subarray(start, end);
  const lists = column.offsets ?? column.byteOffsets;
  if (lists === null) return { ...column, values: column.values.subarray(start, end), nulls };
  const first = lists[start]!;
  const values = column.values.subarray(first, lists[end]!);
  const moved = lists.slice(start, end + 1);
  if (first !== 0) for (let i = 0; i < moved.length; i++) moved[i] = moved[i]! - first;
  return column.offsets === null
    ? { ...column, values, byteOffsets: moved, nulls }
    : { ...column, values, offsets: moved, nulls };
}

/** Bytes that a frame keeps alive. */
export function frameBytes(frame: Frame): number {
  let bytes = 0;
  for (const { values, offsets, byteOffsets, nulls } of frame.columns) {
    bytes += values.byteLength + (offsets?.byteLength ?? 0);
    bytes += (byteOffsets?.byteLength ?? 0) + (nulls?.byteLength ?? 0);
  }
  return bytes;
}

export function columnOf(frame: Frame, name: string): FrameColumn {
  const column = frame.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new Error(`frame without column ${name}`);
  return column;
}

function elementsOf(column: FrameColumn, rows: Uint32Array): number {
  const lists = column.offsets ?? column.byteOffsets;
  return lists === null ? rows.length : countElements(lists, rows);
}

function layoutBytes(source: Frame, rowCount: number, counts: readonly number[]): number {
  let bytes = 0;
  source.columns.forEach((column, c) => {
    bytes += aligned(counts[c]! * column.values.BYTES_PER_ELEMENT);
    if (column.offsets !== null || column.byteOffsets !== null)
      bytes += aligned(4 * (rowCount + 1));
    if (column.nulls !== null) bytes += aligned(rowCount);
  });
  return bytes;
}

function takeOffsets(
  layout: Layout,
  like: Uint32Array | null,
  rowCount: number,
): Uint32Array | null {
  return like === null ? null : (layout.take(someOffsets, rowCount + 1) as Uint32Array);
}

function takeNulls(layout: Layout, like: Uint8Array | null, rowCount: number): Uint8Array | null {
  return like === null ? null : (layout.take(someNulls, rowCount) as Uint8Array);
}

function joinOffsets(parts: readonly Uint32Array[]): Uint32Array {
  const out = new Uint32Array(parts.reduce((sum, part) => sum + part.length - 1, 1));
  let at = 0;
  let base = 0;
  for (const part of parts) {
    for (let i = 1; i < part.length; i++) out[at + i] = base + part[i]!;
    at += part.length - 1;
    base += part.at(-1)!;
  }
  return out;
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
