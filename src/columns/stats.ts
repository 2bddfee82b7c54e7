// What a segment's metadata says of its columns. All stored values count, the defaults in null rows too: that is what
// Pinot's own statistics do.
import type { CellValue } from '../config/cell.ts';
import type {
  BytesColumn,
  Codes,
  Column,
  ColumnBatch,
  ColumnStats,
  DictionaryColumn,
  FixedColumn,
  FixedValues,
} from './column.ts';
import { elementAt, statsText } from './cell.ts';
import { distinctValues, sortDictionary } from './dictionary.ts';
import { concatColumns } from './gather.ts';
import { DistinctCounter, distinctInRange, rangeTableMax } from './distinct.ts';
import { countNulls } from './nulls.ts';
import { compareDoubles, compareVarOf } from './order.ts';
import { varCount } from './var-values.ts';

export function batchStats(batch: ColumnBatch): ColumnStats[] {
  return batch.columns.map((column) => columnStats(column));
}

export function columnStats(column: Column): ColumnStats {
  return statsOfPieces([column]);
}

/**
 * Statistics of one column that lies in consecutive pieces: as if they were one.
 * @param distinctMax numbers with more distinct values than this have no cardinality
 */
export function statsOfPieces(
  pieces: readonly Column[],
  distinctMax: number = Infinity,
): ColumnStats {
  const first = pieces[0]!;
  const found = elementStats(pieces, distinctMax);
  return {
    name: first.name,
    dataType: first.dataType,
    multiValue: first.offsets !== null,
    cardinality: found.cardinality,
    min: found.least === null ? null : statsText(first.dataType, found.least),
    max: found.greatest === null ? null : statsText(first.dataType, found.greatest),
    sorted: first.offsets === null && found.rising,
    nullCount: pieces.reduce((sum, { nulls, rowCount }) => sum + countNulls(nulls, rowCount), 0),
  };
}

interface Found {
  readonly cardinality: number | null;
  readonly least: CellValue | null;
  readonly greatest: CellValue | null;
  readonly rising: boolean;
}

const nothing: Found = { cardinality: 0, least: null, greatest: null, rising: true };

function elementStats(pieces: readonly Column[], distinctMax: number): Found {
  const fixed = pieces.filter((piece) => piece.kind === 'fixed' && piece.values.length > 0);
  if (pieces[0]!.kind === 'fixed') {
    return fixed.length === 0 ? nothing : fixedStats(fixed as FixedColumn[], distinctMax);
  }
  const coded = pieces.filter((piece) => piece.kind === 'dictionary');
  const sameDictionary = coded.every(({ dictionary }) => dictionary === coded[0]!.dictionary);
  if (coded.length === pieces.length && sameDictionary) {
    const used = coded.filter(({ codes }) => codes.length > 0);
    return used.length === 0 ? nothing : dictionaryStats(used);
  }
  const joined = concatColumns(pieces);
  if (joined.kind === 'dictionary')
    return joined.codes.length === 0 ? nothing : dictionaryStats([joined]);
  if (joined.kind === 'fixed' || varCount(joined.values) === 0) return nothing;
  return bytesStats(joined);
}

function bytesStats(column: BytesColumn): Found {
  const { values } = column;
  const compare = compareVarOf(column.dataType);
  let least = 0;
  let greatest = 0;
  let rising = true;
  for (let i = 1; i < varCount(values); i++) {
    if (compare(values, i, values, least) < 0) least = i;
    if (compare(values, i, values, greatest) > 0) greatest = i;
    rising &&= compare(values, i - 1, values, i) <= 0;
  }
  return {
    cardinality: distinctValues(values).firsts.length,
    least: elementAt(column, least),
    greatest: elementAt(column, greatest),
    rising,
  };
}

/** @param pieces with one dictionary, none of them empty */
function dictionaryStats(pieces: readonly DictionaryColumn[]): Found {
  const { dictionary, dataType, sorted } = pieces[0]!;
  const size = varCount(dictionary);
  const used = new Uint8Array(size);
  for (const { codes } of pieces) markUsed(used, codes);
  // Rank of a code in value order; a sorted dictionary's codes are their own ranks.
  const ranks = sorted ? null : sortDictionary(dictionary, dataType).remap;
  const byRank = new Int32Array(size).fill(-1);
  for (let code = 0; code < size; code++) {
    if (used[code] === 1) byRank[ranks === null ? code : ranks[code]!] = code;
  }
  let cardinality = 0;
  let least = -1;
  let greatest = -1;
  for (const code of byRank) {
    if (code < 0) continue;
    cardinality++;
    if (least < 0) least = code;
    greatest = code;
  }
  const value = (code: number): CellValue =>
    elementAt({ ...pieces[0]!, codes: Uint32Array.of(code) }, 0);
  return {
    cardinality,
    least: value(least),
    greatest: value(greatest),
    rising: pieces.every(({ codes }, p) => {
      const before = pieces[p - 1]?.codes.at(-1);
      const rank = (code: number): number => (ranks === null ? code : ranks[code]!);
      return (before === undefined || rank(before) <= rank(codes[0]!)) && risingCodes(codes, ranks);
    }),
  };
}

function markUsed(used: Uint8Array, codes: Codes): void {
  for (let i = 0; i < codes.length; i++) used[codes[i]!] = 1;
}

function risingCodes(codes: Codes, ranks: Uint32Array | null): boolean {
  if (ranks === null) {
    for (let i = 1; i < codes.length; i++) if (codes[i - 1]! > codes[i]!) return false;
    return true;
  }
  for (let i = 1; i < codes.length; i++)
    if (ranks[codes[i - 1]!]! > ranks[codes[i]!]!) return false;
  return true;
}

/** @param pieces none of them empty */
function fixedStats(pieces: readonly FixedColumn[], distinctMax: number): Found {
  let whole: Extremes | null = null;
  let last: number | bigint | null = null;
  for (const { values } of pieces) {
    const found = extremes(values);
    const follows = last === null || compareNumbers(last, values[0]!) <= 0;
    whole =
      whole === null
        ? found
        : {
            least: compareNumbers(found.least, whole.least) < 0 ? found.least : whole.least,
            greatest:
              compareNumbers(found.greatest, whole.greatest) > 0 ? found.greatest : whole.greatest,
            rising: whole.rising && follows && found.rising,
          };
    last = values.at(-1)!;
  }
  const cell = (value: number | bigint): CellValue =>
    pieces[0]!.dataType === 'BOOLEAN' ? value !== 0 : value;
  const { least, greatest, rising } = whole!;
  const cardinality = distinctCount(
    pieces.map(({ values }) => values),
    whole!,
    distinctMax,
  );
  return { cardinality, least: cell(least), greatest: cell(greatest), rising };
}

function distinctCount(
  parts: readonly FixedValues[],
  { least, greatest }: Extremes,
  distinctMax: number,
): number | null {
  if (parts[0] instanceof Int32Array || parts[0] instanceof BigInt64Array) {
    const range = Number(BigInt(greatest) - BigInt(least)) + 1;
    if (range <= rangeTableMax) return distinctInRange(parts, least, range, distinctMax);
  }
  const counter = new DistinctCounter(distinctMax);
  for (const values of parts) counter.add(values);
  return counter.count;
}

function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (typeof a === 'number' && typeof b === 'number') return compareDoubles(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Extremes {
  readonly least: number | bigint;
  readonly greatest: number | bigint;
  readonly rising: boolean;
}

function extremes(values: FixedValues): Extremes {
  if (values instanceof Int32Array) return int32Extremes(values);
  if (values instanceof BigInt64Array) return bigIntExtremes(values);
  if (values instanceof Uint8Array) return uint8Extremes(values);
  return floatExtremes(values);
}

// Whole numbers are first walked while they rise, which tells the ends of a sorted column; from the first fall on only the
// least and the greatest are looked for.
function int32Extremes(values: Int32Array): Extremes {
  const count = values.length;
  let i = 1;
  while (i < count && values[i]! >= values[i - 1]!) i++;
  let least = values[0]!;
  let greatest = values[i - 1]!;
  const rising = i === count;
  for (; i < count; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return { least, greatest, rising };
}

function uint8Extremes(values: Uint8Array): Extremes {
  let least = values[0]!;
  let greatest = least;
  let rising = true;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    if (value < values[i - 1]!) rising = false;
  }
  return { least, greatest, rising };
}

// As doubles from their halves, instead of a bigint a row; beyond 2^53, where doubles are not exact, as bigints.
function bigIntExtremes(values: BigInt64Array): Extremes {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const end = halves.length;
  const first = halves[1]! * 4294967296 + (halves[0]! >>> 0);
  let greatest = first;
  let i = 2;
  for (; i < end; i += 2) {
    const value = halves[i + 1]! * 4294967296 + (halves[i]! >>> 0);
    if (value < greatest) break;
    greatest = value;
  }
  let least = first;
  const rising = i >= end;
  for (; i < end; i += 2) {
    const value = halves[i + 1]! * 4294967296 + (halves[i]! >>> 0);
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const exact = least > Number.MIN_SAFE_INTEGER && greatest < Number.MAX_SAFE_INTEGER;
  return exact
    ? { least: BigInt(least), greatest: BigInt(greatest), rising }
    : wideExtremes(values);
}

function wideExtremes(values: BigInt64Array): Extremes {
  let least = values[0]!;
  let greatest = least;
  let rising = true;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    if (value < values[i - 1]!) rising = false;
  }
  return { least, greatest, rising };
}

function floatExtremes(values: Float32Array | Float64Array): Extremes {
  return values instanceof Float64Array ? float64Extremes(values) : float32Extremes(values);
}

function float64Extremes(values: Float64Array): Extremes {
  let least = values[0]!;
  let greatest = least;
  let rising = true;
  let before = least;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // NaN and -0.0 need the order of O-7; all else compares as it is.
    if (value !== value || (value === 0 && 1 / value < 0)) return orderedExtremes(values);
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    if (value < before) rising = false;
    before = value;
  }
  return { least, greatest, rising };
}

function float32Extremes(values: Float32Array): Extremes {
  let least = values[0]!;
  let greatest = least;
  let rising = true;
  let before = least;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // NaN and -0.0 need the order of O-7; all else compares as it is.
    if (value !== value || (value === 0 && 1 / value < 0)) return orderedExtremes(values);
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    if (value < before) rising = false;
    before = value;
  }
  return { least, greatest, rising };
}

function orderedExtremes(values: Float32Array | Float64Array): Extremes {
  let least = values[0]!;
  let greatest = least;
  let rising = true;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    if (compareDoubles(value, least) < 0) least = value;
    if (compareDoubles(value, greatest) > 0) greatest = value;
    if (compareDoubles(values[i - 1]!, value) > 0) rising = false;
  }
  return { least, greatest, rising };
}
