import type { Cell, RawValue } from '../config/cell.ts';
import type { Field } from '../config/types.ts';
import { convertCell } from './convert.ts';

/** `convertCell` for one column, with a short way for values that are of its type already. */
export type Converter = (raw: RawValue) => Cell;

export function compileConverter(field: Field): Converter {
  const convert: Converter = (raw) => convertCell(field, raw);
  if (field.multiValue) return convert;
  switch (field.dataType) {
    case 'STRING':
      return (raw) => (typeof raw === 'string' ? raw : convert(raw));
    case 'BOOLEAN':
      return (raw) => (typeof raw === 'boolean' ? raw : convert(raw));
    case 'INT':
      return (raw) => (typeof raw === 'number' && (raw | 0) === raw ? raw | 0 : convert(raw));
    case 'LONG':
    case 'TIMESTAMP':
      return (raw) => (Number.isSafeInteger(raw) ? BigInt(raw as number) : longOf(raw, convert));
    case 'DOUBLE':
      return (raw) => (Number.isFinite(raw) ? (raw as number) + 0 : convert(raw));
    case 'FLOAT':
    case 'BIG_DECIMAL':
    case 'JSON':
    case 'BYTES':
      return convert;
  }
}

function longOf(raw: RawValue, convert: Converter): Cell {
  return typeof raw === 'bigint' && BigInt.asIntN(64, raw) === raw ? raw : convert(raw);
}
