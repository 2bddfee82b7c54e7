// The move of one window, a row at a time on cells: what the engine must give, written without any of its kernels.
import type { Cell, CellValue } from '../../src/config/cell.ts';
import { compileTimeFormat } from '../../src/config/time-format.ts';
import type { DataType, Field, PartitionColumn } from '../../src/config/types.ts';
import type { WindowJob } from '../../src/tasks/types.ts';

export interface NaiveOutput {
  readonly partition: string;
  readonly rows: readonly (readonly Cell[])[];
}

export interface NaiveResult {
  readonly outputs: readonly NaiveOutput[];
  readonly kept: number;
  readonly outside: number;
}

interface Row {
  /** In schema order; null where null. */
  readonly cells: Cell[];
  /** With defaults in place of nulls. */
  readonly stored: (CellValue | readonly CellValue[])[];
  readonly segment: number;
  readonly originalMs: number;
  readonly partition: string;
}

export class NaiveOverflow extends Error {}

export function naiveMove(
  job: WindowJob,
  segments: readonly (readonly (readonly Cell[])[])[],
): NaiveResult {
  const { schema, offline, move } = job;
  const { fields } = schema;
  const nullHandling = schema.columnBasedNullHandling || offline.nullHandling;
  const exact = move.semantics === 'exact';
  const timePlace = fields.findIndex((field) => field.name === offline.timeColumn);
  const rows: Row[] = [];
  let outside = 0;
  segments.forEach((segment, s) => {
    for (const cells of segment) {
      const row = prepare(job, cells, s, nullHandling, timePlace);
      if (row === null) outside++;
      else rows.push(row);
    }
  });
  const sorted = offline.sortedColumns;
  const others = fields
    .map(({ name }) => name)
    .filter((name) => !sorted.includes(name))
    .toSorted();
  const roleOf = (name: string): string => fields.find((field) => field.name === name)!.role;
  const keys = {
    CONCAT: sorted,
    ROLLUP: [...sorted, ...others.filter((name) => roleOf(name) !== 'METRIC')],
    DEDUP: [
      ...sorted,
      ...others.filter((name) => roleOf(name) !== 'METRIC'),
      ...others.filter((name) => roleOf(name) === 'METRIC'),
    ],
  }[move.mergeType].map((name) => fields.findIndex((field) => field.name === name));
  const compare = (a: Row, b: Row): number => {
    for (const k of keys) {
      const order = compareCells(fields[k]!.dataType, a.stored[k]!, b.stored[k]!);
      if (order !== 0) return order;
      if (!nullHandling || !exact) continue;
      const flags = Number(a.cells[k] === null) - Number(b.cells[k] === null);
      if (flags !== 0) return flags;
    }
    return 0;
  };
  const outputs: NaiveOutput[] = [];
  for (const partition of [...new Set(rows.map((row) => row.partition))].toSorted()) {
    const own = rows.filter((row) => row.partition === partition).toSorted(compare);
    const merged =
      move.mergeType === 'CONCAT' ? own.map(({ cells }) => cells) : mergeGroups(job, own, compare);
    const visible = nullHandling ? merged : merged.map((cells) => withDefaults(fields, cells));
    const pieces = Math.ceil(visible.length / move.maxNumRecordsPerSegment);
    for (let p = 0; p < pieces; p++) {
      const [start, end] = move.evenSplit
        ? [
            Math.floor((visible.length * p) / pieces),
            Math.floor((visible.length * (p + 1)) / pieces),
          ]
        : [p * move.maxNumRecordsPerSegment, (p + 1) * move.maxNumRecordsPerSegment];
      outputs.push({ partition, rows: visible.slice(start, end) });
    }
  }
  return { outputs, kept: rows.length, outside };
}

function withDefaults(fields: readonly Field[], cells: readonly Cell[]): Cell[] {
  return cells.map((cell, c) => cell ?? storedDefault(fields[c]!));
}

function storedDefault(field: Field): CellValue | readonly CellValue[] {
  return field.multiValue ? [field.defaultValue] : field.defaultValue;
}

function prepare(
  job: WindowJob,
  given: readonly Cell[],
  segment: number,
  nullHandling: boolean,
  timePlace: number,
): Row | null {
  const { schema, move, offline } = job;
  const cells = nullHandling ? [...given] : withDefaults(schema.fields, given);
  const timeField = schema.fields[timePlace]!;
  const converter = compileTimeFormat(timeField.format!, timeField.dataType);
  const originalMs = converter.toMillis((cells[timePlace] ?? timeField.defaultValue) as CellValue);
  const inside = originalMs >= job.windowStartMs && originalMs < job.windowEndMs;
  if (inside === move.negateWindowFilter) return null;
  let ms = originalMs;
  if (move.roundMs !== null) {
    ms = Math.floor(ms / move.roundMs) * move.roundMs;
    if (cells[timePlace] !== null) cells[timePlace] = converter.fromMillis(ms);
  }
  const stored = withDefaults(schema.fields, cells) as Row['stored'];
  const ids = [
    move.partitionBucketMs === null ? '0' : String(Math.floor(ms / move.partitionBucketMs)),
  ];
  for (const spec of offline.partitionColumns) {
    const place = schema.fields.findIndex(({ name }) => name === spec.column);
    ids.push(String(partitionOf(spec, String(stored[place]))));
  }
  return { cells, stored, segment, originalMs, partition: ids.join('_') };
}

function partitionOf({ functionName, numPartitions }: PartitionColumn, text: string): number {
  if (functionName === 'Modulo') {
    const rest = Number(BigInt(text) % BigInt(numPartitions));
    return (rest + numPartitions) % numPartitions;
  }
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (h * 31 + text.charCodeAt(i)) | 0;
  return Math.abs(h) % numPartitions;
}

function mergeGroups(
  job: WindowJob,
  sorted: readonly Row[],
  compare: (a: Row, b: Row) => number,
): Cell[][] {
  const groups: Row[][] = [];
  for (const row of sorted) {
    const last = groups.at(-1);
    if (last !== undefined && compare(last[0]!, row) === 0) last.push(row);
    else groups.push([row]);
  }
  if (job.move.mergeType === 'DEDUP') return groups.map(([first]) => first!.cells);
  return groups.map((group) =>
    job.schema.fields.map((field, c) =>
      field.role === 'METRIC' ? aggregate(job, field, c, group) : group[0]!.cells[c]!,
    ),
  );
}

function aggregate(job: WindowJob, field: Field, c: number, group: readonly Row[]): Cell {
  const rows = group.filter((row) => row.cells[c] !== null);
  if (rows.length === 0) return null;
  const values = rows.map((row) => row.cells[c] as CellValue);
  const type = job.move.aggregations[field.name] ?? 'SUM';
  switch (type) {
    case 'SUM':
      return sum(
        job,
        field.dataType,
        rows.map((row, i) => ({ segment: row.segment, value: values[i]! })),
      );
    case 'MIN':
      if (values.some(Number.isNaN)) return NaN;
      return values.reduce((a, b) => (compareValues(field.dataType, b, a) < 0 ? b : a));
    case 'MAX':
      return values.reduce((a, b) => (compareValues(field.dataType, b, a) > 0 ? b : a));
    case 'FIRSTWITHTIME':
      return rows.reduce((a, b) => (b.originalMs < a.originalMs ? b : a)).cells[c]!;
    case 'LASTWITHTIME':
      return rows.reduce((a, b) => (b.originalMs >= a.originalMs ? b : a)).cells[c]!;
    case 'AVG':
      throw new Error('AVG is tested by its example');
  }
}

function sum(
  job: WindowJob,
  dataType: DataType,
  rows: readonly { readonly segment: number; readonly value: CellValue }[],
): CellValue {
  if (dataType === 'INT' || dataType === 'LONG') {
    const bits = dataType === 'INT' ? 32 : 64;
    const total = rows.reduce((all, { value }) => all + BigInt(value as number | bigint), 0n);
    const wrapped = BigInt.asIntN(bits, total);
    if (wrapped !== total && job.move.semantics === 'exact') throw new NaiveOverflow();
    return dataType === 'INT' ? Number(wrapped) : wrapped;
  }
  if (dataType === 'BIG_DECIMAL') {
    const scaled = rows.reduce((all, { value }) => all + scaledOf(value as string), 0n);
    return plainOf(scaled);
  }
  const rounded = dataType === 'FLOAT' ? Math.fround : (x: number): number => x;
  const partials = new Map<number, number>();
  for (const { segment, value } of rows) {
    const before = partials.get(segment);
    partials.set(
      segment,
      before === undefined ? (value as number) : rounded(before + (value as number)),
    );
  }
  return [...partials.values()].reduce((a, b) => rounded(a + b));
}

// Twenty digits behind the point are more than the tests use.
const scaleMax = 20;

function scaledOf(text: string): bigint {
  const [whole, fraction = ''] = text.split('.') as [string, string?];
  return BigInt(whole + fraction.padEnd(scaleMax, '0'));
}

function plainOf(scaled: bigint): string {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(scaleMax + 1, '0');
  const text = `${digits.slice(0, -scaleMax)}.${digits.slice(-scaleMax)}`.replace(/\.?0+$/, '');
  return scaled < 0n ? `-${text}` : text;
}

export function compareCells(
  dataType: DataType,
  a: CellValue | readonly CellValue[],
  b: CellValue | readonly CellValue[],
): number {
  if (!Array.isArray(a) || !Array.isArray(b))
    return compareValues(dataType, a as CellValue, b as CellValue);
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) {
    const order = compareValues(dataType, a[i] as CellValue, b[i] as CellValue);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(dataType: DataType, a: CellValue, b: CellValue): number {
  if (dataType === 'BIG_DECIMAL') {
    const [x, y] = [scaledOf(a as string), scaledOf(b as string)];
    return x < y ? -1 : Number(x > y);
  }
  if (dataType === 'BYTES') return Buffer.compare(a as Uint8Array, b as Uint8Array);
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b))
      return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    if (a === 0 && b === 0) return Number(Object.is(b, -0)) - Number(Object.is(a, -0));
  }
  return a < b ? -1 : Number(a > b);
}
