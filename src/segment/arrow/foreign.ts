// What other writers leave open, brought into the form that segmill works on: a null slot holds its type's default, rows
// of lists lie end to end, a null row has one element.
import type { Codes, Column, FixedValues, VarValues } from '../../columns/column.ts';
import { isSortedDictionary } from '../../columns/dictionary.ts';
import { isNull } from '../../columns/nulls.ts';
import { gatherVar, varCount, varFromBytes, varFromTexts } from '../../columns/var-values.ts';
import type { DataType } from '../../config/types.ts';

/** What stands in a null slot is anything. A copy, for the values lie in the caller's bytes. */
export function filledFixed(
  source: FixedValues,
  fill: Uint8Array,
  dataType: DataType,
): FixedValues {
  const values = source.slice();
  const fallback = fixedDefaults[dataType as keyof typeof fixedDefaults];
  for (let i = 0; i < values.length; i++) {
    if (isNull(fill, i)) values[i] = fallback as never;
  }
  return values;
}

const fixedDefaults = {
  INT: -2147483648,
  LONG: -9223372036854775808n,
  FLOAT: -Infinity,
  DOUBLE: -Infinity,
  BOOLEAN: 0,
  TIMESTAMP: 0n,
} as const;

/** Lists of another writer may leave gaps between rows, and give a null row no element: brought into our form. */
export function listInOrder(column: Column): Column {
  const source = column.offsets!;
  const { rowCount, nulls } = column;
  const offsets = new Uint32Array(rowCount + 1);
  for (let row = 0; row < rowCount; row++) {
    offsets[row + 1] = offsets[row]! + (isNull(nulls, row) ? 1 : source[row + 1]! - source[row]!);
  }
  const elements = elementCount(column);
  const order = new Uint32Array(offsets[rowCount]!);
  for (let row = 0; row < rowCount; row++) {
    const from = isNull(nulls, row) ? elements : source[row]!;
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) order[i] = from + i - offsets[row]!;
  }
  return { ...column, offsets, ...pickWithDefault(column, order) } as Column;
}

function elementCount(column: Column): number {
  if (column.kind === 'fixed') return column.values.length;
  return column.kind === 'dictionary' ? column.codes.length : varCount(column.values);
}

/** Elements in the order named; the place past the last one is the type's default. */
function pickWithDefault(column: Column, order: Uint32Array): object {
  if (column.kind === 'fixed') {
    const Values = column.values.constructor as new (length: number) => FixedValues;
    const out = new Values(order.length);
    const fallback = fixedDefaults[column.dataType as keyof typeof fixedDefaults];
    for (let i = 0; i < order.length; i++) {
      out[i] = (order[i]! < column.values.length ? column.values[order[i]!]! : fallback) as never;
    }
    return { values: out };
  }
  if (column.kind === 'bytes') {
    return { values: gatherVar(withDefault(column.values, column.dataType), order) };
  }
  const dictionary = withDefault(column.dictionary, column.dataType);
  const codes = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) {
    codes[i] = column.codes[order[i]!] ?? varCount(dictionary) - 1;
  }
  return { codes, dictionary, sorted: false };
}

/** `sorted` as another writer's `ordered` flag means it cannot be trusted: looked at instead. */
export function checkedOrder(column: Column): Column {
  if (column.kind !== 'dictionary') return column;
  return { ...column, sorted: isSortedDictionary(column.dictionary, column.dataType) };
}
export function filledVar(values: VarValues, fill: Uint8Array, dataType: DataType): VarValues {
  const extended = withDefault(values, dataType);
  const count = varCount(values);
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = isNull(fill, i) ? count : i;
  return gatherVar(extended, order);
}

/** The dictionary and the type's default behind it. */
function withDefault(dictionary: VarValues, dataType: DataType): VarValues {
  const fallback = defaultVar(dataType);
  const offsets = new Uint32Array(varCount(dictionary) + 2);
  offsets.set(dictionary.offsets);
  const end = dictionary.offsets.at(-1)!;
  const data = new Uint8Array(end + fallback.data.length);
  data.set(dictionary.data.subarray(0, end));
  data.set(fallback.data, end);
  offsets[offsets.length - 1] = data.length;
  return { offsets, data };
}

function defaultVar(dataType: DataType): VarValues {
  if (dataType === 'BYTES') return varFromBytes([new Uint8Array(0)]);
  return varFromTexts([dataType === 'BIG_DECIMAL' ? '0' : 'null']);
}

/** Codes whose null slots name the type's default, which is put behind the dictionary. */
export function filledCodes(
  codes: Codes,
  dictionary: VarValues,
  fill: Uint8Array,
  dataType: DataType,
): { readonly codes: Codes; readonly dictionary: VarValues } {
  const extended = withDefault(dictionary, dataType);
  const filled = Uint32Array.from(codes);
  const slot = varCount(dictionary);
  for (let i = 0; i < filled.length; i++) if (isNull(fill, i)) filled[i] = slot;
  return { codes: filled, dictionary: extended };
}
