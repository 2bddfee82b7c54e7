import type { RawValue } from '../../config/cell.ts';
import type { DataType } from '../../config/types.ts';
import { convertCell } from '../convert.ts';
import type { Args, FunctionFamily } from './function.ts';
import { callError, doubleArg, scalar, textArg } from './function.ts';

const typeOf: Readonly<Record<string, DataType>> = {
  INT: 'INT',
  INTEGER: 'INT',
  LONG: 'LONG',
  BIGINT: 'LONG',
  FLOAT: 'FLOAT',
  DOUBLE: 'DOUBLE',
  DECIMAL: 'BIG_DECIMAL',
  BIG_DECIMAL: 'BIG_DECIMAL',
  BOOLEAN: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP',
  STRING: 'STRING',
  VARCHAR: 'STRING',
  JSON: 'JSON',
  BYTES: 'BYTES',
  VARBINARY: 'BYTES',
};

/** `cast(value, 'TYPE')`: as a column of the type takes the value; text with a point may become a whole number. */
function cast(args: Args): RawValue {
  const dataType = typeOf[textArg(args, 1).toUpperCase()];
  if (dataType === undefined) {
    throw callError(
      `there is no type ${textArg(args, 1)}; allowed are ${Object.keys(typeOf).join(', ')}`,
    );
  }
  const whole = dataType === 'INT' || dataType === 'LONG';
  const value = args[0]!;
  const source =
    whole && typeof value === 'string' && value.includes('.') ? doubleArg(args, 0) : value;
  const field = { name: 'of the cast', dataType, multiValue: false, allowTrailingZeros: true };
  return convertCell(field, source) as RawValue;
}

export const castFunctions: FunctionFamily = { cast: scalar(2, 2, cast) };
