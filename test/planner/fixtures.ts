// Small builders of catalog records: each test says only what it is about.
import type {
  PartitionRecord,
  RunInput,
  RunRecord,
  SegmentRecord,
  TableState,
} from '../../src/catalog/types.ts';
import type {
  DataType,
  Field,
  MoveConfig,
  TableConfig,
  TableRecord,
  TimeFormat,
} from '../../src/config/types.ts';
import type { TableSnapshot } from '../../src/planner/snapshot.ts';
import type { PlanOptions } from '../../src/planner/windows.ts';

export const day = 86_400_000;
export const hour = 3_600_000;
/** 2023-11-15, as in the recorded cases. */
export const d0 = 1_700_006_400_000;
/** `--now` of the recorded cases. */
export const now = 1_795_220_434_462;

export const one: PlanOptions = { windows: 1, memoryCapBytes: 512 << 20, workers: 2 };
export const all: PlanOptions = { ...one, windows: 'all' };

export function field(name: string, dataType: DataType, role: Field['role']): Field {
  return {
    name,
    dataType,
    role,
    multiValue: false,
    defaultValue: 0,
    maxLength: 512,
    maxLengthStrategy: null,
    allowTrailingZeros: false,
    format: null,
    transformFunction: null,
  };
}

export function tableConfig(
  type: 'REALTIME' | 'OFFLINE',
  change: Partial<TableConfig> = {},
): TableConfig {
  return {
    tableName: 't',
    tableType: type,
    timeColumn: 'ts',
    sortedColumns: [],
    partitionColumns: [],
    nullHandling: false,
    transforms: [],
    filterFunction: null,
    continueOnError: false,
    segmentTimeValueCheck: true,
    rowTimeValueCheck: false,
    segmentNameGeneratorType: null,
    pushType: 'APPEND',
    pushFrequency: 'DAILY',
    retentionMs: null,
    replacedRetentionMs: 4 * hour,
    stream: null,
    move: null,
    document: '{}',
    ...change,
  };
}

export function moveConfig(change: Partial<MoveConfig> = {}): MoveConfig {
  return {
    bucketMs: day,
    bufferMs: 2 * day,
    roundMs: null,
    mergeType: 'CONCAT',
    aggregations: {},
    maxNumRecordsPerSegment: 5_000_000,
    partitionBucketMs: null,
    negateWindowFilter: false,
    segmentNamePrefix: null,
    segmentNamePostfix: null,
    fixedSegmentName: null,
    schedule: null,
    offlineFormat: 'parquet',
    compression: 'snappy',
    desiredSegmentBytes: null,
    evenSplit: false,
    semantics: 'exact',
    ...change,
  };
}

export const epochMillis: TimeFormat = { kind: 'EPOCH', unit: 'MILLISECONDS', size: 1 };

export interface TableChange {
  readonly move?: Partial<MoveConfig>;
  readonly realtime?: Partial<TableConfig>;
  readonly offline?: Partial<TableConfig>;
  readonly format?: TimeFormat;
  readonly timeType?: DataType;
}

export function table(change: TableChange = {}): TableRecord {
  return {
    name: 't',
    schema: {
      schemaName: 't',
      fields: [
        field('k', 'STRING', 'DIMENSION'),
        field('v', 'LONG', 'METRIC'),
        {
          ...field('ts', change.timeType ?? 'LONG', 'DATE_TIME'),
          format: change.format ?? epochMillis,
        },
      ],
      primaryKeyColumns: [],
      columnBasedNullHandling: false,
    },
    schemaDocument: '{}',
    realtime: tableConfig('REALTIME', { ...change.realtime, move: moveConfig(change.move) }),
    offline: tableConfig('OFFLINE', change.offline),
  };
}

export function segment(
  partition: number | null,
  sequence: number,
  minTimeMs: number | null,
  maxTimeMs: number | null,
  change: Partial<SegmentRecord> = {},
): SegmentRecord {
  const name =
    partition === null ? `upload${sequence}` : `t__${partition}__${sequence}__20261121T0020Z`;
  return {
    table: 't',
    type: 'REALTIME',
    name,
    file: `segments/t_REALTIME/${name}.arrow`,
    format: 'arrow',
    rowCount: 10,
    byteLength: 1000,
    crc: 7,
    minTimeMs,
    maxTimeMs,
    minTimeValue: minTimeMs === null ? null : String(minTimeMs),
    maxTimeValue: maxTimeMs === null ? null : String(maxTimeMs),
    creationMs: 0,
    partition,
    sequence: partition === null ? null : sequence,
    ranges: [],
    partitions: null,
    timePartition: null,
    columns: [],
    origin: { kind: 'ingest' },
    ...change,
  };
}

export function offlineSegment(
  name: string,
  minTimeMs: number,
  maxTimeMs: number,
  change: Partial<SegmentRecord> = {},
): SegmentRecord {
  return segment(null, 0, minTimeMs, maxTimeMs, {
    type: 'OFFLINE',
    name,
    file: `segments/t_OFFLINE/${name}.parquet`,
    format: 'parquet',
    origin: { kind: 'backfill', runId: 'b' },
    ...change,
  });
}

/** A partition read from one growing file up to its end at `readToEndMs`. */
export function partition(
  number: number,
  readToEndMs: number | null,
  consuming: { rows: number; min: number; max: number; sequence?: number } | null = null,
  kind: 'growing' | 'stdin' = 'growing',
): PartitionRecord {
  return {
    table: 't',
    partition: number,
    nextSequence: (consuming?.sequence ?? 1) + 1,
    consuming:
      consuming === null
        ? null
        : {
            name: `t__${number}__${consuming.sequence ?? 1}__20261121T0030Z`,
            sequence: consuming.sequence ?? 1,
            file: 'c',
            byteLength: 1,
            crc: 1,
            rowCount: consuming.rows,
            minTimeMs: consuming.min,
            maxTimeMs: consuming.max,
            firstRowMs: 0,
            creationMs: 0,
            ranges: [],
          },
    sources: [
      {
        source: `file:in/${number}.ndjson`,
        position: 1,
        rows: 1,
        kind,
        headHash: null,
        headBytes: 0,
        tailHash: null,
        byteLength: 1,
        path: null,
      },
    ],
    sealedSources: [],
    readToEndMs,
    rejectedRows: 0,
    ignoredFields: 0,
    rejectBytes: 0,
    sealedRejects: { rejectedRows: 0, ignoredFields: 0, rejectBytes: 0 },
  };
}

export function state(
  watermarkMs: number | null,
  watermarkOrigin: TableState['watermarkOrigin'] = 'commit',
  change: Partial<TableState> = {},
): TableState {
  return {
    table: 't',
    watermarkMs,
    watermarkOrigin,
    boundary: null,
    boundarySet: null,
    commitNumber: 1,
    ...change,
  };
}

/** A committed window that took `taken` rows of each of `inputs`. */
export function run(
  runId: string,
  windowStartMs: number,
  windowEndMs: number,
  inputs: readonly SegmentRecord[],
  change: Partial<RunRecord> = {},
  taken = 10,
): RunRecord {
  const named: RunInput[] = inputs.map(({ name, type, crc, rowCount }) => ({
    name,
    type,
    crc,
    rowCount,
    taken,
  }));
  return {
    runId,
    table: 't',
    kind: 'run',
    state: 'COMMITTED',
    windowStartMs,
    windowEndMs,
    negateWindowFilter: false,
    inputs: named,
    outputs: [`out-${runId}`],
    replaced: [],
    supersededRuns: [],
    ledger: null,
    watermarkBefore: windowStartMs,
    watermarkAfter: windowEndMs,
    watermarkOriginBefore: 'commit',
    boundaryBefore: null,
    boundaryAfter: null,
    startedMs: 0,
    finishedMs: 0,
    stages: {},
    memory: null,
    error: null,
    commitNumber: 1,
    ...change,
  };
}

/** The OFFLINE segment that `run(runId, ...)` made. */
export function outputOf(done: RunRecord, change: Partial<SegmentRecord> = {}): SegmentRecord {
  const windowStartMs = done.windowStartMs ?? 0;
  const windowEndMs = done.windowEndMs ?? 0;
  return offlineSegment(`out-${done.runId}`, windowStartMs, windowEndMs - 1, {
    origin: { kind: 'run', runId: done.runId, windowStartMs, windowEndMs },
    ...change,
  });
}

export function snapshot(change: Partial<TableSnapshot> = {}): TableSnapshot {
  return {
    table: table(),
    state: null,
    realtime: [],
    offline: [],
    partitions: [],
    runs: [],
    missingFiles: [],
    removedSources: [],
    runningElsewhere: null,
    ...change,
  };
}
