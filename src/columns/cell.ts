// One value at a time, for the places where rows are seen singly: messages, row readers, tests, names.
import { Buffer } from 'node:buffer';
import type { Cell, CellValue } from '../config/cell.ts';
import type { DataType } from '../config/types.ts';
import type { BytesColumn, Column, DictionaryColumn, FixedColumn } from './column.ts';
import { bigDecimalText, doubleText, floatText } from './number-text.ts';
import { isNull } from './nulls.ts';
import { varBytes, varText } from './var-values.ts';

/** The cell of a row, null where the null bit is set. */
export function cellAt(column: Column, row: number): Cell {
  return isNull(column.nulls, row) ? null : storedCellAt(column, row);
}

/** What the row's slot holds: a null row shows its default. */
export function storedCellAt(column: Column, row: number): CellValue | readonly CellValue[] {
  if (column.offsets === null) return elementAt(column, row);
  const cells: CellValue[] = [];
  for (let i = column.offsets[row]!; i < column.offsets[row + 1]!; i++) {
    cells.push(elementAt(column, i));
  }
  return cells;
}

/** Element i of the column: row i of a single-value one. */
export function elementAt(column: Column, i: number): CellValue {
  switch (column.kind) {
    case 'fixed':
      return fixedAt(column, i);
    case 'dictionary':
      return varAt(column, column.dictionary, column.codes[i]!);
    case 'bytes':
      return varAt(column, column.values, i);
  }
}

function fixedAt(column: FixedColumn, i: number): CellValue {
  const value = column.values[i]!;
  return column.dataType === 'BOOLEAN' ? value !== 0 : value;
}

function varAt(
  column: DictionaryColumn | BytesColumn,
  values: BytesColumn['values'],
  i: number,
): CellValue {
  return column.dataType === 'BYTES' ? Uint8Array.from(varBytes(values, i)) : varText(values, i);
}

/**
 * The text of a value as Pinot's partition functions and segment names see it (P-4, O-11): numbers as Java prints them,
 * BYTES in lower-case hex, BIG_DECIMAL plain, BOOLEAN as its stored 0 or 1.
 */
export function valueText(dataType: DataType, value: CellValue): string {
  switch (dataType) {
    case 'FLOAT':
      return floatText(value as number);
    case 'DOUBLE':
      return doubleText(value as number);
    case 'BOOLEAN':
      return value === true ? '1' : '0';
    case 'BYTES':
      return Buffer.from(value as Uint8Array).toString('hex');
    case 'INT':
    case 'LONG':
    case 'TIMESTAMP':
    case 'STRING':
    case 'JSON':
    case 'BIG_DECIMAL':
      return String(value);
  }
}

/** The text that a segment's metadata shows for a least or greatest value: `valueText`, but BIG_DECIMAL as Java prints it. */
export function statsText(dataType: DataType, value: CellValue): string {
  return dataType === 'BIG_DECIMAL' ? bigDecimalText(String(value)) : valueText(dataType, value);
}
