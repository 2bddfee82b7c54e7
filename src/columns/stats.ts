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
import { countDistinct } from './distinct.ts';
import { countNulls } from './nulls.ts';
import { compareDoubles, compareVarOf } from './order.ts';
import { varCount } from './var-values.ts';

export function batchStats(batch: ColumnBatch): ColumnStats[] {
  return batch.columns.map(columnStats);
}

export function columnStats(column: Column): ColumnStats {
  const found = elementStats(column);
  return {
    name: column.name,
    dataType: column.dataType,
    multiValue: column.offsets !== null,
    cardinality: found.cardinality,
    min: found.least === null ? null : statsText(column.dataType, found.least),
    max: found.greatest === null ? null : statsText(column.dataType, found.greatest),
    sorted: column.offsets === null && found.rising,
    nullCount: countNulls(column.nulls, column.rowCount),
  };
}

/** Statistics of one column that lies in consecutive pieces: as if they were one, without joining them where it can. */
export function statsOfPieces(pieces: readonly Column[]): ColumnStats {
  if (pieces.length === 1) return columnStats(pieces[0]!);
  return columnStats(concatColumns(pieces));
}

interface Found {
  readonly cardinality: number;
  readonly least: CellValue | null;
  readonly greatest: CellValue | null;
  readonly rising: boolean;
}

const nothing: Found = { cardinality: 0, least: null, greatest: null, rising: true };

function elementStats(column: Column): Found {
  switch (column.kind) {
    case 'fixed':
      return column.values.length === 0 ? nothing : fixedStats(column);
    case 'dictionary':
      return column.codes.length === 0 ? nothing : dictionaryStats(column);
    case 'bytes':
      return varCount(column.values) === 0 ? nothing : bytesStats(column);
  }
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

function dictionaryStats(column: DictionaryColumn): Found {
  const { codes } = column;
  const size = varCount(column.dictionary);
  const used = new Uint8Array(size);
  for (let i = 0; i < codes.length; i++) used[codes[i]!] = 1;
  // Rank of a code in value order; a sorted dictionary's codes are their own ranks.
  const ranks = column.sorted ? null : sortDictionary(column.dictionary, column.dataType).remap;
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
  const value = (code: number): CellValue => elementAt(column, codes.indexOf(code));
  return {
    cardinality,
    least: value(least),
    greatest: value(greatest),
    rising: risingCodes(codes, ranks),
  };
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

function fixedStats(column: FixedColumn): Found {
  const { values } = column;
  const { least, greatest, rising } = extremes(values);
  const cell = (value: number | bigint): CellValue =>
    column.dataType === 'BOOLEAN' ? value !== 0 : value;
  const cardinality = countDistinct(values);
  return { cardinality, least: cell(least), greatest: cell(greatest), rising };
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

function int32Extremes(values: Int32Array): Extremes {
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

// Halves, high one signed and low one unsigned, instead of a bigint a row.
function bigIntExtremes(values: BigInt64Array): Extremes {
  const high = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const low = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  let least = 0;
  let greatest = 0;
  let rising = true;
  for (let i = 2; i < high.length; i += 2) {
    if (before(high, low, i, least)) least = i;
    if (before(high, low, greatest, i)) greatest = i;
    if (before(high, low, i, i - 2)) rising = false;
  }
  return { least: values[least / 2]!, greatest: values[greatest / 2]!, rising };
}

function before(high: Int32Array, low: Uint32Array, a: number, b: number): boolean {
  const [p, q] = [high[a + 1]!, high[b + 1]!];
  return p !== q ? p < q : low[a]! < low[b]!;
}

function floatExtremes(values: Float32Array | Float64Array): Extremes {
  return values instanceof Float64Array ? float64Extremes(values) : float32Extremes(values);
}

function float64Extremes(values: Float64Array): Extremes {
  let least = 0;
  let greatest = 0;
  let rising = true;
  for (let i = 1; i < values.length; i++) {
    if (compareDoubles(values[i]!, values[least]!) < 0) least = i;
    if (compareDoubles(values[i]!, values[greatest]!) > 0) greatest = i;
    if (compareDoubles(values[i - 1]!, values[i]!) > 0) rising = false;
  }
  return { least: values[least]!, greatest: values[greatest]!, rising };
}

function float32Extremes(values: Float32Array): Extremes {
  let least = 0;
  let greatest = 0;
  let rising = true;
  for (let i = 1; i < values.length; i++) {
    if (compareDoubles(values[i]!, values[least]!) < 0) least = i;
    if (compareDoubles(values[i]!, values[greatest]!) > 0) greatest = i;
    if (compareDoubles(values[i - 1]!, values[i]!) > 0) rising = false;
  }
  return { least: values[least]!, greatest: values[greatest]!, rising };
}
