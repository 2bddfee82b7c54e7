// Sums over values that are not machine numbers: exact decimals (design 5.21) and AVG pairs.
import type { VarValues } from '../columns/column.ts';
import { varBytes, varFromBytes, varFromTexts, varText } from '../columns/var-values.ts';
import { plainDecimal } from '../config/decimal.ts';
import type { Field } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { sumDoubles, sumLongs } from '../kernels/aggregate.ts';
import type { GroupedRows } from './aggregate-frame.ts';
import type { FrameColumn } from './frame.ts';

type NewValues = Pick<FrameColumn, 'storage' | 'values' | 'byteOffsets'>;

function newValues({ data, offsets }: VarValues): NewValues {
  return { storage: 'bytes', values: data, byteOffsets: offsets };
}

/** Exact sums as plain text; a group of nulls takes the default that its rows hold. */
export function sumDecimals(
  metric: FrameColumn,
  { groupOf, first }: GroupedRows,
  dictionary: VarValues,
  field: Field,
): NewValues {
  const codes = metric.values as Uint32Array;
  const parsed = new Map<number, Scaled>();
  const sums: (Scaled | undefined)[] = Array.from({ length: first.length });
  for (let i = 0; i < groupOf.length; i++) {
    if (metric.nulls !== null && metric.nulls[i] === 1) continue;
    const code = codes[i]!;
    let value = parsed.get(code);
    if (value === undefined) parsed.set(code, (value = scaledOf(varText(dictionary, code))));
    const sum = sums[groupOf[i]!];
    sums[groupOf[i]!] = sum === undefined ? value : add(sum, value);
  }
  const texts = sums.map((sum, g) => {
    if (sum === undefined) return varText(dictionary, codes[first[g]!]!);
    return plainDecimal(textOf(sum), field.allowTrailingZeros)!;
  });
  return newValues(varFromTexts(texts));
}

interface Scaled {
  readonly unscaled: bigint;
  readonly scale: number;
}

function scaledOf(text: string): Scaled {
  const point = text.indexOf('.');
  if (point < 0) return { unscaled: BigInt(text), scale: 0 };
  return { unscaled: BigInt(text.replace('.', '')), scale: text.length - point - 1 };
}

function add(a: Scaled, b: Scaled): Scaled {
  const scale = Math.max(a.scale, b.scale);
  const raise = (x: Scaled): bigint => x.unscaled * 10n ** BigInt(scale - x.scale);
  return { unscaled: raise(a) + raise(b), scale };
}

function textOf({ unscaled, scale }: Scaled): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const pairBytes = 16;

/** Pairs of sum (double) and count (long), big-endian, added up. Empty values are skipped; a single row stays as it is. */
export function sumPairs(
  metric: FrameColumn,
  grouped: GroupedRows,
  dictionary: VarValues,
): NewValues {
  const { groupOf, first, slices } = grouped;
  const codes = metric.values as Uint32Array;
  const rowsIn = new Uint32Array(first.length);
  const single = new Int32Array(first.length).fill(-1);
  for (let i = 0; i < groupOf.length; i++) {
    if (metric.nulls !== null && metric.nulls[i] === 1) continue;
    rowsIn[groupOf[i]!]!++;
    single[groupOf[i]!] = i;
  }
  const skip = new Uint8Array(groupOf.length);
  const sums = new Float64Array(groupOf.length);
  const counts = new BigInt64Array(groupOf.length);
  for (let i = 0; i < groupOf.length; i++) {
    const bytes = varBytes(dictionary, codes[i]!);
    const isNull = metric.nulls !== null && metric.nulls[i] === 1;
    if (isNull || bytes.length === 0 || rowsIn[groupOf[i]!]! < 2) {
      skip[i] = 1;
      continue;
    }
    const view = pairView(bytes, metric.name);
    sums[i] = view.getFloat64(0);
    counts[i] = view.getBigInt64(8);
  }
  const total = sumDoubles(sums, skip, groupOf, first.length, slices);
  const count = sumLongs(counts, skip, groupOf, first.length).sums;
  const values = Array.from(first, (row, g) => {
    if (rowsIn[g]! >= 2) return pairOf(total[g]!, count[g]!);
    return varBytes(dictionary, codes[single[g]! < 0 ? row : single[g]!]!);
  });
  return newValues(varFromBytes(values));
}

function pairView(bytes: Uint8Array, column: string): DataView {
  if (bytes.length < pairBytes) {
    throw new SegmillError(
      'VALUE_INVALID',
      `column ${column} holds ${bytes.length} bytes where AVG needs ${pairBytes}: a double sum and a long count`,
      { column, byteLength: bytes.length },
    );
  }
  return new DataView(bytes.buffer, bytes.byteOffset, pairBytes);
}

function pairOf(sum: number, count: bigint): Uint8Array {
  const bytes = new Uint8Array(pairBytes);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, sum);
  view.setBigInt64(8, count);
  return bytes;
}

/** Columns whose sums need their dictionary. */
export function needsValues(dataType: Field['dataType'], aggregation: string | undefined): boolean {
  return aggregation === 'AVG' || (aggregation === 'SUM' && dataType === 'BIG_DECIMAL');
}
