// Columns of generated rows, made as sealing would leave them: dictionaries sorted, and without unused values.
import type { Column, ColumnBatch, FixedColumn, VarValues } from '../columns/column.ts';
import { compactDictionary, makeCodes } from '../columns/dictionary.ts';
import { bitmapBytes, setNull } from '../columns/nulls.ts';
import { varFromTexts } from '../columns/var-values.ts';
import type { DataType } from '../config/types.ts';
import { numbersToLongs } from '../kernels/times.ts';

export function batchOf(columns: readonly Column[]): ColumnBatch {
  return { rowCount: columns[0]?.rowCount ?? 0, columns };
}

/** `codeOf` is called row by row; `texts` rise. */
export function textColumn(
  name: string,
  texts: readonly string[],
  rowCount: number,
  codeOf: (row: number) => number,
): Column {
  const codes = makeCodes(texts.length, rowCount);
  for (let row = 0; row < rowCount; row++) codes[row] = codeOf(row);
  const base = { name, dataType: 'STRING', rowCount, nulls: null, offsets: null } as const;
  return compactDictionary({
    ...base,
    kind: 'dictionary',
    codes,
    dictionary: varFromTexts(texts),
    sorted: true,
  });
}

/** Rows of 1 to `lengthMax` elements. */
export function listColumn(
  name: string,
  texts: readonly string[],
  rowCount: number,
  { lengthOf, codeOf }: { readonly lengthOf: () => number; readonly codeOf: () => number },
): Column {
  const offsets = new Uint32Array(rowCount + 1);
  for (let row = 0; row < rowCount; row++) offsets[row + 1] = offsets[row]! + lengthOf();
  const codes = makeCodes(texts.length, offsets[rowCount]!);
  for (let i = 0; i < codes.length; i++) codes[i] = codeOf();
  const base = { name, dataType: 'STRING', rowCount, nulls: null, offsets } as const;
  return compactDictionary({
    ...base,
    kind: 'dictionary',
    codes,
    dictionary: varFromTexts(texts),
    sorted: true,
  });
}

/** Values as they come, without a dictionary. */
export function bytesColumn(name: string, dataType: DataType, values: VarValues): Column {
  const rowCount = values.offsets.length - 1;
  return { name, dataType, rowCount, nulls: null, offsets: null, kind: 'bytes', values };
}

type NumberType = 'INT' | 'LONG' | 'FLOAT' | 'DOUBLE';

export function numberColumn(
  name: string,
  dataType: NumberType,
  rowCount: number,
  valueOf: (row: number) => number,
): FixedColumn {
  const numbers = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) numbers[row] = valueOf(row);
  const values = {
    INT: () => Int32Array.from(numbers),
    LONG: () => numbersToLongs(numbers),
    FLOAT: () => Float32Array.from(numbers),
    DOUBLE: () => numbers,
  }[dataType]();
  return { name, dataType, rowCount, nulls: null, offsets: null, kind: 'fixed', values };
}

/** Makes every row null that `isNullAt` names; the column's default stands in its value slot. */
export function withNulls(
  column: FixedColumn,
  defaultValue: number | bigint,
  isNullAt: () => boolean,
): FixedColumn {
  const nulls = new Uint8Array(bitmapBytes(column.rowCount));
  const values = column.values.slice();
  for (let row = 0; row < column.rowCount; row++) {
    if (!isNullAt()) continue;
    setNull(nulls, row);
    values[row] = defaultValue;
  }
  return { ...column, nulls, values };
}
