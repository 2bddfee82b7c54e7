// A conformed batch seen as a frame: numbers where they lie, codes turned into the window's, null bits into bytes.
import type { Codes, Column } from '../columns/column.ts';
import { makeCodes, remapCodes } from '../columns/dictionary.ts';
import { numbersToLongs } from '../kernels/times.ts';
import type { Frame, FrameColumn } from './frame.ts';
import { originalTimeColumn } from './plan.ts';
import type { RowPlan } from './plan.ts';
import type { WindowRows } from './window-rows.ts';

/** How codes and nulls are unified over the segments; null: the segment's own codes are kept. */
export interface Unified {
  readonly remaps: Readonly<Record<string, Uint32Array>>;
  readonly cardinalities: Readonly<Record<string, number>>;
  /** Columns that carry null flags, in every segment. */
  readonly nullColumns: readonly string[];
}

/** Columns in the order of O-2. */
export function sourceFrame(plan: RowPlan, window: WindowRows, unified: Unified | null): Frame {
  const { batch, originalMs } = window;
  const columns = plan.fields.map((field) =>
    sourceColumn(batch.columns[plan.schema.fields.indexOf(field)]!, unified),
  );
  if (originalMs !== null) columns.push(originalColumn(originalMs));
  return { rowCount: batch.rowCount, columns };
}

export function sourceColumn(column: Column, unified: Unified | null): FrameColumn {
  const { name, dataType, offsets } = column;
  const flagged = unified === null ? column.nulls !== null : unified.nullColumns.includes(name);
  const nulls = flagged ? nullBytes(column) : null;
  const base = { name, dataType, offsets, byteOffsets: null, nulls };
  if (column.kind === 'fixed') return { ...base, storage: 'fixed', values: column.values };
  if (column.kind === 'bytes') throw new Error(`column ${name} was not given a dictionary`);
  const values =
    unified === null
      ? column.codes
      : windowCodes(column.codes, unified.remaps[name]!, unified.cardinalities[name]!);
  return { ...base, storage: 'codes', values };
}

/** The codes of the window; where the segment's are the same already, they are not copied. */
function windowCodes(codes: Codes, remap: Uint32Array, size: number): Codes {
  const width = makeCodes(size, 0).BYTES_PER_ELEMENT;
  const same = remap.every((code, own) => code === own);
  return same && width === codes.BYTES_PER_ELEMENT ? codes : remapCodes(codes, remap, size);
}

function nullBytes({ nulls, rowCount }: Column): Uint8Array {
  const bytes = new Uint8Array(rowCount);
  if (nulls !== null) {
    for (let row = 0; row < rowCount; row++) bytes[row] = (nulls[row >>> 3]! >>> (row & 7)) & 1;
  }
  return bytes;
}

function originalColumn(ms: Float64Array): FrameColumn {
  const values = numbersToLongs(ms);
  const base = { offsets: null, byteOffsets: null, nulls: null };
  return { ...base, name: originalTimeColumn, dataType: 'LONG', storage: 'fixed', values };
}
