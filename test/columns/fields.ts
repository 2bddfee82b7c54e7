// Fields, cells and batches of every type for the tests of columns and codecs.
import fc from 'fast-check';
import { createBatchBuilder } from '../../src/columns/builder.ts';
import { cellAt } from '../../src/columns/cell.ts';
import type { Column, ColumnBatch } from '../../src/columns/column.ts';
import type { Cell, CellValue } from '../../src/config/cell.ts';
import type { DataType, Field } from '../../src/config/types.ts';

export const dataTypes: readonly DataType[] = [
  'INT',
  'LONG',
  'FLOAT',
  'DOUBLE',
  'BIG_DECIMAL',
  'BOOLEAN',
  'TIMESTAMP',
  'STRING',
  'JSON',
  'BYTES',
];

const defaults: Readonly<Record<DataType, CellValue>> = {
  INT: -2147483648,
  LONG: -9223372036854775808n,
  FLOAT: -Infinity,
  DOUBLE: -Infinity,
  BIG_DECIMAL: '0',
  BOOLEAN: false,
  TIMESTAMP: 0n,
  STRING: 'null',
  JSON: 'null',
  BYTES: new Uint8Array(0),
};

export function field(name: string, dataType: DataType, multiValue = false): Field {
  return {
    name,
    dataType,
    role: 'DIMENSION',
    multiValue,
    defaultValue: defaults[dataType],
    maxLength: 512,
    maxLengthStrategy: null,
    allowTrailingZeros: false,
    format: null,
    transformFunction: null,
  };
}

export function batchOf(
  fields: readonly Field[],
  rows: readonly (readonly Cell[])[],
  options: { nullHandling?: boolean; sortDictionaries?: boolean } = {},
): ColumnBatch {
  const builder = createBatchBuilder(fields, { nullHandling: options.nullHandling ?? true });
  for (const row of rows) builder.append(row);
  return builder.finish({ sortDictionaries: options.sortDictionaries ?? true });
}

export function columnOf(
  dataType: DataType,
  cells: readonly Cell[],
  options: { multiValue?: boolean; nullHandling?: boolean; sortDictionaries?: boolean } = {},
): Column {
  const only = field('c', dataType, options.multiValue ?? false);
  return batchOf(
    [only],
    cells.map((cell) => [cell]),
    options,
  ).columns[0]!;
}

export function cellsOf(column: Column): Cell[] {
  return Array.from({ length: column.rowCount }, (_, row) => cellAt(column, row));
}

export function rowsOf(batch: ColumnBatch): Cell[][] {
  return Array.from({ length: batch.rowCount }, (_, row) =>
    batch.columns.map((column) => cellAt(column, row)),
  );
}

const unit = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'é',
    '\u{ffff}',
    '\u{e000}',
    '\u{d7ff}',
    '\u{10000}',
    '\u{1f600}',
    '\0',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc
  .array(unit, { maxLength: 9 })
  .map((parts) => parts.join('').replace(/\p{Surrogate}/gu, '?'));
const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,24})$/);

const values: Readonly<Record<DataType, fc.Arbitrary<CellValue>>> = {
  INT: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer()),
  LONG: fc.oneof(fc.bigInt(-3n, 3n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
  FLOAT: fc.oneof(fc.constantFrom(0, -0, NaN, 1, Infinity), fc.float()),
  DOUBLE: fc.oneof(fc.constantFrom(0, -0, NaN, 1, Infinity), fc.double()),
  BIG_DECIMAL: fc
    .tuple(fc.boolean(), digits, fc.option(fc.stringMatching(/^[0-9]{1,20}$/)))
    .map(([minus, whole, fraction]) => {
      const plain = fraction === null ? whole : `${whole}.${fraction}`;
      return minus && /[1-9]/.test(plain) ? `-${plain}` : plain;
    }),
  BOOLEAN: fc.boolean(),
  TIMESTAMP: fc.bigInt(-(2n ** 40n), 2n ** 42n),
  STRING: text,
  JSON: text.map((value) => JSON.stringify(value)),
  BYTES: fc.uint8Array({ maxLength: 9 }),
};

export function cellArbitrary(of: Field, nulls = true): fc.Arbitrary<Cell> {
  const value = values[of.dataType];
  const cell: fc.Arbitrary<Cell> = of.multiValue
    ? fc.array(value, { minLength: 1, maxLength: 4 })
    : value;
  return nulls ? fc.option(cell, { freq: 4 }) : cell;
}

/** Fields of every type, single-value and multi-value, with rows for them. */
export function rowsArbitrary(fields: readonly Field[], maxLength = 40): fc.Arbitrary<Cell[][]> {
  return fc.array(fc.tuple(...fields.map((f) => cellArbitrary(f))), { maxLength });
}

export const everyField: readonly Field[] = dataTypes.flatMap((dataType) => [
  field(`s_${dataType}`, dataType),
  field(`m_${dataType}`, dataType, true),
]);
