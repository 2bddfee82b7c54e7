import type { CellValue } from '../../src/config/cell.ts';
import type { DataType, Field, Schema } from '../../src/config/types.ts';

const defaults: Readonly<Record<DataType, CellValue>> = {
  INT: -(2 ** 31),
  LONG: -(2n ** 63n),
  FLOAT: -Infinity,
  DOUBLE: -Infinity,
  BIG_DECIMAL: '0',
  BOOLEAN: false,
  TIMESTAMP: 0n,
  STRING: 'null',
  JSON: 'null',
  BYTES: new Uint8Array(),
};

/** A dimension of the type, with X-19's default, unless told otherwise. */
export function field(name: string, dataType: DataType, changes: Partial<Field> = {}): Field {
  return {
    name,
    dataType,
    role: 'DIMENSION',
    multiValue: false,
    defaultValue: defaults[dataType],
    maxLength: 512,
    maxLengthStrategy: null,
    allowTrailingZeros: false,
    format: null,
    transformFunction: null,
    ...changes,
  };
}

export function schemaOf(fields: readonly Field[]): Schema {
  return { schemaName: 's', fields, primaryKeyColumns: [], columnBasedNullHandling: true };
}
