// Random window jobs: schemas, rows, windows and configs of every kind, small enough that keys meet.
import fc from 'fast-check';
import type { Cell, CellValue } from '../../src/config/cell.ts';
import { compileTimeFormat } from '../../src/config/time-format.ts';
import type {
  AggregationType,
  DataType,
  Field,
  MoveConfig,
  TableConfig,
} from '../../src/config/types.ts';
import type { Store } from '../../src/store/types.ts';
import type { WindowJob } from '../../src/tasks/types.ts';
import { field, storeJob, timeField } from './window-jobs.ts';
import type { JobSpec } from './window-jobs.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const start = 1_600_000_000_000 - (1_600_000_000_000 % hourMs);

// Few values of each type, so that keys meet; defaults and the ends of the order are among them.
const pools: Readonly<Record<DataType, readonly CellValue[]>> = {
  INT: [-2147483648, -1, 0, 1, 7, 2147483647],
  LONG: [-9223372036854775808n, -1n, 0n, 1n, 4294967296n, 2n ** 60n, 9223372036854775807n],
  FLOAT: [-Infinity, -0, 0, Math.fround(0.1), Math.fround(1e30), NaN],
  DOUBLE: [-Infinity, -0, 0, 0.1, 0.1 + 2 ** -56, 1e300, NaN],
  BIG_DECIMAL: ['0', '-1.5', '1.25', '100000000000000000000', '0.001'],
  BOOLEAN: [true, false],
  TIMESTAMP: [0n, BigInt(start), -5n],
  STRING: ['null', '', 'a', 'b', 'ab', '\u{ffff}', '\u{10000}'],
  JSON: ['null', '{"a":1}', '[]'],
  BYTES: [new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(255), Uint8Array.of(0, 1)],
};
const smallNumbers: Partial<Record<DataType, readonly CellValue[]>> = {
  INT: [-3, 0, 1, 2, 7],
  LONG: [-3n, 0n, 1n, 4294967296n],
  FLOAT: [0, Math.fround(0.1), Math.fround(1e8), 1.5, -2, Infinity],
  DOUBLE: [0, 0.1, 1e17, 1.5, -2, -Infinity],
};

const dimensionTypes: readonly DataType[] = Object.keys(pools) as DataType[];
const metricTypes: readonly DataType[] = ['INT', 'LONG', 'FLOAT', 'DOUBLE', 'BIG_DECIMAL'];
const timeFields: readonly Field[] = [
  timeField('ts'),
  timeField('ts', { kind: 'TIMESTAMP' }, 'TIMESTAMP'),
  timeField('ts', { kind: 'EPOCH', unit: 'SECONDS', size: 1 }, 'INT'),
  timeField('ts', { kind: 'EPOCH', unit: 'MINUTES', size: 5 }),
  timeField('ts', { kind: 'SIMPLE_DATE_FORMAT', pattern: 'yyyyMMddHHmm', zone: 'UTC' }, 'STRING'),
  timeField('ts', { kind: 'SIMPLE_DATE_FORMAT', pattern: 'yyyyMMddHH', zone: 'UTC' }, 'INT'),
];

function timeCell(format: Field, ms: number): CellValue {
  const text = new Date(ms).toISOString().replaceAll(/[-T:]/g, '');
  switch (timeFields.indexOf(format)) {
    case 0:
    case 1:
      return BigInt(ms);
    case 2:
      return Math.floor(ms / 1000);
    case 3:
      return BigInt(Math.floor(ms / 300_000));
    case 4:
      return text.slice(0, 12);
    default:
      return Number(text.slice(0, 10));
  }
}

export interface RandomCase {
  readonly spec: JobSpec;
  readonly segments: Cell[][][];
  readonly inputFormat: 'arrow' | 'parquet';
  /** The catalog knows the least and greatest time of each segment. */
  readonly timesKnown: boolean;
}

export const randomCases: fc.Arbitrary<RandomCase> = fc
  .record({
    dimensions: fc.array(fc.tuple(fc.constantFrom(...dimensionTypes), fc.boolean()), {
      maxLength: 3,
    }),
    metrics: fc.array(fc.constantFrom(...metricTypes), { maxLength: 3 }),
    time: fc.constantFrom(...timeFields),
    // Just after the epoch of these tests, around 1970, and before it.
    base: fc.constantFrom(start, start, 0, -hourMs),
    windowShift: fc.constantFrom(0, 0, -hourMs, 20 * minuteMs, 90 * minuteMs),
    windowMs: fc.constantFrom(2 * hourMs, 2 * hourMs, hourMs, 10 * minuteMs, 6 * hourMs),
    timeSorted: fc.boolean(),
    timesKnown: fc.boolean(),
    inputFormat: fc.constantFrom('arrow', 'arrow', 'parquet'),
    extremes: fc.boolean(),
    // How many values of its pool a column takes, and how many times there are: with few, keys meet.
    variety: fc.constantFrom(1, 2, 24),
    mergeType: fc.constantFrom('CONCAT', 'ROLLUP', 'DEDUP'),
    aggregations: fc.array(
      fc.constantFrom<AggregationType>('SUM', 'MIN', 'MAX', 'FIRSTWITHTIME', 'LASTWITHTIME'),
      {
        minLength: 3,
        maxLength: 3,
      },
    ),
    sorts: fc.array(fc.nat(5), { maxLength: 2 }),
    partitions: fc.array(fc.nat(5), { maxLength: 2 }),
    nullHandling: fc.boolean(),
    roundMs: fc.constantFrom(null, hourMs, 2 * hourMs),
    partitionBucketMs: fc.constantFrom(null, 2 * hourMs),
    negateWindowFilter: fc.boolean(),
    maxNumRecordsPerSegment: fc.constantFrom(1, 3, 1000),
    evenSplit: fc.boolean(),
    desiredSegmentBytes: fc.constantFrom(null, null, null, 700, 3000),
    offlineFormat: fc.constantFrom('arrow', 'parquet'),
    compression: fc.constantFrom('none', 'snappy'),
    semantics: fc.constantFrom('exact', 'pinot'),
    rowCounts: fc.array(fc.nat(25), { minLength: 1, maxLength: 4 }),
    picks: fc.infiniteStream(fc.nat(1 << 20)),
  })
  .map((drawn): RandomCase => {
    const dimensions = drawn.dimensions.map(([dataType, multiValue], i) =>
      field(`d${2 - i}`, dataType, 'DIMENSION', { multiValue }),
    );
    const metrics = drawn.metrics.map((dataType, i) => field(`m${i}`, dataType, 'METRIC'));
    const fields = [...dimensions, ...metrics, drawn.time];
    const { mergeType } = drawn;
    const sortable = fields.filter(
      ({ multiValue, role }) => !multiValue && (mergeType !== 'ROLLUP' || role !== 'METRIC'),
    );
    const sortedColumns = [...new Set(drawn.sorts.map((s) => sortable[s % sortable.length]!.name))];
    const partitionable = fields.filter(
      ({ multiValue, dataType }) => !multiValue && ['INT', 'LONG', 'STRING'].includes(dataType),
    );
    const partitionNames =
      partitionable.length === 0
        ? []
        : [...new Set(drawn.partitions.map((p) => partitionable[p % partitionable.length]!))];
    const partitionColumns = partitionNames.map(({ name, dataType }) => ({
      column: name,
      functionName: dataType === 'STRING' ? ('HashCode' as const) : ('Modulo' as const),
      numPartitions: 12,
      functionConfig: {},
      normalizer: null,
    }));
    const offline: Partial<TableConfig> = {
      sortedColumns,
      partitionColumns,
      nullHandling: drawn.nullHandling,
    };
    const {
      roundMs,
      partitionBucketMs,
      negateWindowFilter,
      maxNumRecordsPerSegment,
      evenSplit,
      desiredSegmentBytes,
      offlineFormat,
      compression,
      semantics,
    } = drawn;
    const aggregations = Object.fromEntries(
      metrics.map(({ name }, i) => [name, drawn.aggregations[i]!]),
    );
    const move: Partial<MoveConfig> = {
      mergeType,
      aggregations,
      roundMs,
      partitionBucketMs,
      negateWindowFilter,
      maxNumRecordsPerSegment,
      evenSplit,
      desiredSegmentBytes,
      offlineFormat,
      compression,
      semantics,
    };
    const pick = (most: number): number => drawn.picks.next().value % most;
    const timeAt = (step: number): CellValue =>
      timeCell(drawn.time, drawn.base + (step - Math.min(6, drawn.variety >> 1)) * 10 * minuteMs);
    const cellOf = (own: Field): Cell => {
      if (own === drawn.time) return timeAt(pick(drawn.variety));
      if (pick(5) === 0) return null;
      const small =
        own.role === 'METRIC' && !drawn.extremes ? smallNumbers[own.dataType] : undefined;
      const pool = small ?? pools[own.dataType];
      const values = Math.min(pool.length, drawn.variety + 1);
      const value = (): CellValue => pool[(fields.indexOf(own) + pick(values)) % pool.length]!;
      return own.multiValue ? Array.from({ length: 1 + pick(3) }, value) : value();
    };
    const segments = drawn.rowCounts.map((count) =>
      Array.from({ length: count }, () => fields.map(cellOf)),
    );
    if (drawn.timeSorted) for (const rows of segments) sortByTime(rows, drawn.time);
    const from = drawn.base + drawn.windowShift;
    const spec: JobSpec = { fields, window: [from, from + drawn.windowMs], offline, move };
    const { timesKnown, inputFormat } = drawn;
    return { spec, segments, timesKnown, inputFormat };
  });

// The time column is the last one of a case.
function timesOf(rows: readonly Cell[][], time: Field): number[] {
  const { toMillis } = compileTimeFormat(time.format!, time.dataType);
  return rows.map((row) => toMillis(row.at(-1) as CellValue));
}

function sortByTime(rows: Cell[][], time: Field): void {
  const times = timesOf(rows, time);
  const sorted = rows.map((row, i) => ({ row, ms: times[i]! })).toSorted((a, b) => a.ms - b.ms);
  sorted.forEach(({ row }, i) => (rows[i] = row));
}

/** Writes the segments of a case; a prefix keeps the cases of one store apart. */
export async function storeCase(
  store: Store,
  { spec, segments, timesKnown, inputFormat }: RandomCase,
  prefix = '',
): Promise<WindowJob> {
  const job = await storeJob(store, spec, segments, inputFormat, prefix);
  if (!timesKnown) return job;
  const inputs = job.inputs.map((input, i) => {
    const times = timesOf(segments[i]!, spec.fields.at(-1)!);
    if (times.length === 0) return input;
    return { ...input, minTimeMs: Math.min(...times), maxTimeMs: Math.max(...times) };
  });
  return { ...job, inputs };
}

/**
 * The same job with segments of so many rows, each cell one of those that its column has: more rows than are sampled, and
 * heavy keys. Limits of outputs grow with it.
 */
export function enlarged(drawn: RandomCase, rowCount: number, seed: number): RandomCase {
  let state = seed;
  const pick = (most: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
  const segments = drawn.segments.map((rows) => {
    if (rows.length === 0) return rows;
    return Array.from({ length: rowCount }, () =>
      rows[0]!.map((_, column) => rows[pick(rows.length)]![column]!),
    );
  });
  const { move } = drawn.spec;
  const maxNumRecordsPerSegment = (move?.maxNumRecordsPerSegment ?? 1) * 1000;
  const desired = move?.desiredSegmentBytes ?? null;
  const desiredSegmentBytes = desired === null ? null : desired * 100;
  const larger = { ...move, maxNumRecordsPerSegment, desiredSegmentBytes };
  return { ...drawn, segments, spec: { ...drawn.spec, move: larger } };
}
