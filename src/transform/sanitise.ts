// text is cut at a NUL character and at the column's length, or what the column's strategy says instead.
import type { Cell, CellValue } from '../config/cell.ts';
import type { Field } from '../config/types.ts';
import { invalid } from './convert.ts';

/** A cell in, the same cell out where nothing had to be done. @throws SegmillError VALUE_INVALID under strategy ERROR */
export type Sanitiser = (cell: CellValue) => CellValue;

/** Null when nothing of the column is ever changed: no STRING, and no strategy set for JSON or BYTES. */
export function compileSanitiser(field: Field): Sanitiser | null {
  if (field.dataType === 'BYTES') {
    return field.maxLengthStrategy === null ? null : (cell) => bytesSanitised(field, cell);
  }
  if (field.dataType === 'JSON' && field.maxLengthStrategy === null) return null;
  if (field.dataType !== 'STRING' && field.dataType !== 'JSON') return null;
  return (cell) => textSanitised(field, cell as string);
}

/** Sanitises a cell of either kind; the same cell is returned when it stays as it is. */
export function sanitiseCell(sanitiser: Sanitiser, cell: Cell): Cell {
  if (cell === null) return null;
  if (!isMultiValue(cell)) return sanitiser(cell);
  const cells = cell.map(sanitiser);
  return cells.every((value, i) => value === cell[i]) ? cell : cells;
}

function isMultiValue(cell: CellValue | readonly CellValue[]): cell is readonly CellValue[] {
  return Array.isArray(cell);
}

function textSanitised(field: Field, text: string): CellValue {
  const nul = text.indexOf('\0');
  if (nul < 0 && text.length <= field.maxLength) return text;
  const end = Math.min(nul < 0 ? text.length : nul, field.maxLength);
  switch (field.maxLengthStrategy ?? 'TRIM_LENGTH') {
    case 'TRIM_LENGTH':
      return text.slice(0, end);
    case 'SUBSTITUTE_DEFAULT_VALUE':
      return field.defaultValue;
    case 'NO_ACTION':
      return nul < 0 ? text : text.slice(0, end);
    case 'ERROR':
      throw invalid(
        field,
        text,
        nul < 0
          ? `it has ${text.length} characters, at most ${field.maxLength} are allowed`
          : `it has a NUL character at ${nul}`,
      );
  }
}

function bytesSanitised(field: Field, cell: CellValue): CellValue {
  const bytes = cell as Uint8Array;
  if (bytes.length <= field.maxLength) return bytes;
  switch (field.maxLengthStrategy ?? 'TRIM_LENGTH') {
    case 'TRIM_LENGTH':
      return bytes.slice(0, field.maxLength);
    case 'SUBSTITUTE_DEFAULT_VALUE':
      return field.defaultValue;
    case 'NO_ACTION':
      return bytes;
    case 'ERROR':
      throw invalid(
        field,
        bytes,
        `it has ${bytes.length} bytes, at most ${field.maxLength} are allowed`,
      );
  }
}
