// Avro values as raw values. avsc reads and checks the schema; the values are read here, because a broken length must be
// an error: nothing is read past the block, and no count is believed that the bytes left cannot hold.
import avro from 'avsc';
import type { Schema, Type, types } from 'avsc';
import type { RawRow, RawValue } from '../../config/cell.ts';
import { NumberText } from '../../json/value.ts';
import { nestingDepthMax } from '../../limits.ts';
import type { AvroReader } from './avro-reader.ts';

type LogicalSchema = ConstructorParameters<typeof avro.types.LogicalType>[0];

/** Marks decimals and microseconds; all other logical types are read as what they are made of. */
class Decimal extends avro.types.LogicalType {
  readonly scale: number;

  constructor(schema: LogicalSchema, options?: unknown) {
    super(schema, options);
    const { scale } = schema as unknown as { readonly scale?: number };
    this.scale = scale ?? 0;
  }
}

class Micros extends avro.types.LogicalType {}

/** @throws Error that says what is wrong with the schema */
export function avroType(schema: Schema): Type {
  const logicalTypes = { decimal: Decimal, 'timestamp-micros': Micros };
  return avro.Type.forSchema(schema, { logicalTypes, wrapUnions: 'always' });
}

/** One row of a record type. @throws Error when the bytes are no such row */
export function readAvroRow(reader: AvroReader, type: Type): RawRow {
  return new Map(fieldsOf(reader, type, 0));
}

function fieldsOf(reader: AvroReader, type: Type, depth: number): [string, RawValue][] {
  const { fields } = type as types.RecordType;
  return fields.map((field) => [field.name, readValue(reader, field.type, depth + 1)]);
}

function readValue(reader: AvroReader, type: Type, depth: number): RawValue {
  if (depth > nestingDepthMax) throw new Error(`nested deeper than ${nestingDepthMax}`);
  if (type instanceof Decimal) return readDecimal(reader, type, depth);
  if (type instanceof Micros) {
    const micros = BigInt(readValue(reader, type.underlyingType, depth + 1) as number | bigint);
    return exact((micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n);
  }
  switch (type.typeName) {
    case 'null':
      return null;
    case 'boolean':
      return reader.boolean();
    case 'int':
    case 'long':
      return exact(reader.long());
    case 'float':
      return reader.float();
    case 'double':
      return reader.double();
    case 'bytes':
      return reader.bytes(reader.length());
    case 'string':
      return reader.text();
    case 'fixed':
      return reader.bytes((type as types.FixedType).size);
    case 'enum':
      return chosen((type as types.EnumType).symbols, reader);
    case 'array':
      return reader.items(() => readValue(reader, (type as types.ArrayType).itemsType, depth + 1));
    case 'map':
      return Object.fromEntries(
        reader.items((): [string, RawValue] => [
          reader.text(),
          readValue(reader, (type as types.MapType).valuesType, depth + 1),
        ]),
      );
    case 'union:wrapped':
      return readValue(reader, chosen((type as types.WrappedUnionType).types, reader), depth + 1);
    case 'record':
      return Object.fromEntries(fieldsOf(reader, type, depth));
    default:
      throw new Error(`type ${type.typeName} is not supported`);
  }
}

function chosen<T>(of: readonly T[], reader: AvroReader): T {
  const index = reader.length();
  const item = of[index];
  if (item === undefined) throw new Error(`choice ${index} of ${of.length}`);
  return item;
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function readDecimal(reader: AvroReader, type: Decimal, depth: number): NumberText {
  const bytes = readValue(reader, type.underlyingType, depth + 1) as Uint8Array;
  return new NumberText(decimalText(bytes, type.scale));
}

/** An unscaled big-endian two's complement integer with a scale, as plain text. */
export function decimalText(bytes: Uint8Array, scale: number): string {
  const unsigned = BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
  const unscaled = BigInt.asIntN(bytes.length * 8, unsigned);
  if (scale <= 0) return (unscaled * 10n ** BigInt(-scale)).toString();
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
