// Avro values as raw values. Unions are decoded wrapped, so that every union works, and unwrapped here.
import avro from 'avsc';
import type { ForSchemaOptions, Schema } from 'avsc';
import type { RawRow, RawValue } from '../../config/cell.ts';
import { NumberText } from '../../json/value.ts';

/** Options that read longs exactly and the logical types decimal and timestamp-micros. */
export function avroTypeOptions(): Partial<ForSchemaOptions> {
  return {
    typeHook: longTypeOf,
    logicalTypes: { decimal: DecimalType },
    wrapUnions: 'always',
  };
}

function longTypeOf(schema: Schema): avro.Type | undefined {
  if (schema === 'long') return exactLong;
  const { type, logicalType } = schema as {
    readonly type?: unknown;
    readonly logicalType?: unknown;
  };
  if (type !== 'long') return undefined;
  return logicalType === 'timestamp-micros' ? microsLong : exactLong;
}

const exactLong = longType((value) => value);
/** Microseconds read as epoch milliseconds, rounded down: Pinot's timestamps have no more. */
const microsLong = longType((value) => (value - (((value % 1000n) + 1000n) % 1000n)) / 1000n);

function longType(read: (value: bigint) => bigint): avro.Type {
  return avro.types.LongType.__with({
    fromBuffer: (buffer: Buffer) => read(buffer.readBigInt64LE()),
    toBuffer: unused,
    fromJSON: BigInt,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === 'bigint',
    compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
  });
}

function unused(): never {
  throw new Error('Avro is read, never written');
}

/** An unscaled big-endian two's complement integer with a scale. */
class DecimalType extends avro.types.LogicalType {
  readonly #scale: number;

  constructor(schema: ConstructorParameters<typeof avro.types.LogicalType>[0], options?: unknown) {
    super(schema, options);
    const { scale } = schema as unknown as { scale?: number };
    this.#scale = scale ?? 0;
  }

  protected override _fromValue(value: Uint8Array): NumberText {
    return new NumberText(decimalText(value, this.#scale));
  }

  protected override _toValue(): never {
    return unused();
  }
}

export function decimalText(bytes: Uint8Array, scale: number): string {
  const unsigned = BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
  const unscaled = BigInt.asIntN(bytes.length * 8, unsigned);
  if (scale <= 0) return (unscaled * 10n ** BigInt(-scale)).toString();
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

export function avroRawRow(record: object): RawRow {
  return new Map(Object.entries(record).map(([name, value]) => [name, rawValue(value)]));
}

function rawValue(value: unknown): RawValue {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (typeof value === 'object') return value === null ? null : rawObject(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  throw new Error(`no Avro value: ${typeof value}`);
}

function rawObject(value: object): RawValue {
  if (value instanceof NumberText || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(rawValue);
  if ('unwrap' in value && typeof value.unwrap === 'function') return rawValue(value.unwrap());
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rawValue(member)]));
}
