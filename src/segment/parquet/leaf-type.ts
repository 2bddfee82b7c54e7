// What a foreign leaf becomes: segmill's data type, and its values in that type.
import { Buffer } from 'node:buffer';
import type { FixedValues, VarValues } from '../../columns/column.ts';
import { varBytes, varCount, varFromTexts } from '../../columns/var-values.ts';
import type { DataType } from '../../config/types.ts';
import { unfolded } from './chunk-reader.ts';
import { unsupported } from './corrupt.ts';
import type { Place } from './corrupt.ts';
import type { Leaf } from './footer-reader.ts';
import { physicalType } from './format.ts';
import type { LeafValues } from './values-reader.ts';

/**
 * Integers of 8 to 32 bits INT, unsigned 32 and 64-bit LONG, unsigned 64-bit and decimals BIG_DECIMAL, dates and
 * timestamps TIMESTAMP, times of day LONG in their own unit, UUID text.
 */
export function dataTypeOf(leaf: Leaf): DataType {
  const { annotation, physical } = leaf;
  switch (annotation.kind) {
    case 'decimal':
      return 'BIG_DECIMAL';
    case 'date':
    case 'timestamp':
      return 'TIMESTAMP';
    case 'time':
      return 'LONG';
    case 'unsigned':
      return physical === physicalType.INT64 ? 'BIG_DECIMAL' : 'LONG';
    case 'text':
    case 'uuid':
      return 'STRING';
    case 'json':
      return 'JSON';
    case 'float16':
      return 'FLOAT';
    case 'none':
      return physicalDataType(physical);
  }
}

function physicalDataType(physical: number): DataType {
  switch (physical) {
    case physicalType.BOOLEAN:
      return 'BOOLEAN';
    case physicalType.INT32:
      return 'INT';
    case physicalType.INT64:
      return 'LONG';
    case physicalType.INT96:
      return 'TIMESTAMP';
    case physicalType.FLOAT:
      return 'FLOAT';
    case physicalType.DOUBLE:
      return 'DOUBLE';
    default:
      return 'BYTES';
  }
}

/** The values in the type of `dataTypeOf`; a dictionary is converted once, its codes stay. */
export function convertLeaf(leaf: Leaf, values: LeafValues, place: Place): LeafValues {
  const { annotation, physical } = leaf;
  if (values.kind === 'codes' && values.dictionary.kind === 'var') {
    const dictionary = convertLeaf(leaf, values.dictionary, place);
    const converted: LeafValues = { ...values, dictionary };
    return dictionary.kind === 'fixed' ? unfolded(converted) : converted;
  }
  const plain = unfolded(values);
  switch (annotation.kind) {
    case 'text':
    case 'json':
      return plain;
    case 'decimal':
      return asVar(mapTexts(plain, (value) => decimalText(wholeOf(value), annotation.scale)));
    case 'unsigned':
      if (physical === physicalType.INT64) {
        return asVar(mapTexts(plain, (value) => String(BigInt.asUintN(64, wholeOf(value)))));
      }
      return asFixed(mapLongs(plain, (value) => BigInt.asUintN(32, wholeOf(value))));
    case 'date':
      return asFixed(mapLongs(plain, (value) => wholeOf(value) * 86_400_000n));
    case 'time':
      return asFixed(mapLongs(plain, wholeOf));
    case 'timestamp':
      if (annotation.unit === 'ms') return plain;
      return asFixed(
        mapLongs(plain, (value) => floorDivide(wholeOf(value), perMs[annotation.unit])),
      );
    case 'uuid':
      return asVar(mapTexts(plain, uuidText));
    case 'float16':
      return asFixed(mapFloats(plain, place));
    case 'none':
      if (physical !== physicalType.INT96) return plain;
      return asFixed(mapLongs(plain, int96Ms));
  }
}

const perMs = { ms: 1n, us: 1_000n, ns: 1_000_000n } as const;

type One = number | bigint | Uint8Array;

function asVar(values: VarValues): LeafValues {
  return { kind: 'var', values };
}

function asFixed(values: FixedValues): LeafValues {
  return { kind: 'fixed', values };
}

function countPlain(values: LeafValues): number {
  if (values.kind === 'var') return varCount(values.values);
  return values.kind === 'fixed' ? values.values.length : values.codes.length;
}

function oneAt(values: LeafValues, i: number): One {
  if (values.kind === 'fixed') return values.values[i]!;
  return values.kind === 'var' ? varBytes(values.values, i) : 0;
}

function mapTexts(values: LeafValues, text: (value: One) => string): VarValues {
  const count = countPlain(values);
  return varFromTexts(Array.from({ length: count }, (_, i) => text(oneAt(values, i))));
}

function mapLongs(values: LeafValues, long: (value: One) => bigint): BigInt64Array {
  const out = new BigInt64Array(countPlain(values));
  for (let i = 0; i < out.length; i++) out[i] = long(oneAt(values, i));
  return out;
}

/** Big-endian two's complement for bytes, as DECIMAL has them. */
function wholeOf(value: One): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return BigInt(value);
  if (value.length === 0) return 0n;
  return BigInt.asIntN(8 * value.length, BigInt(`0x${Buffer.from(value).toString('hex')}`));
}

function decimalText(unscaled: bigint, scale: number): string {
  const negative = unscaled < 0n;
  const digits = String(negative ? -unscaled : unscaled);
  if (scale <= 0)
    return `${negative ? '-' : ''}${digits}${unscaled === 0n ? '' : '0'.repeat(-scale)}`;
  const padded = digits.padStart(scale + 1, '0');
  return `${negative ? '-' : ''}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

const julianEpochDay = 2_440_588n;

/** Nanoseconds of the day, then the Julian day, little-endian. */
function int96Ms(value: One): bigint {
  const bytes = Buffer.from(value as Uint8Array);
  const day = BigInt(bytes.readUInt32LE(8)) - julianEpochDay;
  return day * 86_400_000n + floorDivide(bytes.readBigInt64LE(0), perMs.ns);
}

function uuidText(value: One): string {
  const hex = Buffer.from(value as Uint8Array).toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

function mapFloats(values: LeafValues, place: Place): Float32Array {
  if (values.kind !== 'var') unsupported(place, 'FLOAT16 that is not stored as bytes');
  const out = new Float32Array(varCount(values.values));
  for (let i = 0; i < out.length; i++) {
    const bytes = varBytes(values.values, i);
    out[i] = halfFloat(bytes[0]! | (bytes[1]! << 8));
  }
  return out;
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
