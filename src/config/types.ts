// The shapes that the rest of segmill sees of Pinot's schemas and table configs. Parsed once, checked once, plain data
// (structured clone and msgpack keep it), never changed afterwards.
import type { CellValue } from './cell.ts';

export type DataType =
  | 'INT'
  | 'LONG'
  | 'FLOAT'
  | 'DOUBLE'
  | 'BIG_DECIMAL'
  | 'BOOLEAN'
  | 'TIMESTAMP'
  | 'STRING'
  | 'JSON'
  | 'BYTES';

export type FieldRole = 'DIMENSION' | 'METRIC' | 'DATE_TIME';

export type MaxLengthStrategy = 'TRIM_LENGTH' | 'SUBSTITUTE_DEFAULT_VALUE' | 'ERROR' | 'NO_ACTION';

export type TimeUnit =
  | 'NANOSECONDS'
  | 'MICROSECONDS'
  | 'MILLISECONDS'
  | 'SECONDS'
  | 'MINUTES'
  | 'HOURS'
  | 'DAYS';

/** how a time column's values are written. */
export type TimeFormat =
  | { readonly kind: 'EPOCH'; readonly unit: TimeUnit; readonly size: number }
  | { readonly kind: 'TIMESTAMP' }
  /** `pattern` null: ISO date-time. `zone` is an IANA or offset name, `UTC` unless given. */
  | { readonly kind: 'SIMPLE_DATE_FORMAT'; readonly pattern: string | null; readonly zone: string };

export interface Field {
  readonly name: string;
  readonly dataType: DataType;
  readonly role: FieldRole;
  readonly multiValue: boolean;
  /** What a null is stored as, one element for a multi-value column. */
  readonly defaultValue: CellValue;
  readonly maxLength: number;
  /** Null: the type's default (TRIM_LENGTH for STRING, none for JSON and BYTES), X-21. */
  readonly maxLengthStrategy: MaxLengthStrategy | null;
  readonly allowTrailingZeros: boolean;
  /** DATE_TIME only. */
  readonly format: TimeFormat | null;
  /** The schema's own `transformFunction` (old form), else null. */
  readonly transformFunction: string | null;
}

export interface Schema {
  readonly schemaName: string;
  /** In the order of the document: dimensions, metrics, date-times. */
  readonly fields: readonly Field[];
  readonly primaryKeyColumns: readonly string[];
  readonly columnBasedNullHandling: boolean;
}

export type TableType = 'REALTIME' | 'OFFLINE';
export type MergeType = 'CONCAT' | 'ROLLUP' | 'DEDUP';
export type AggregationType = 'SUM' | 'MIN' | 'MAX' | 'AVG' | 'FIRSTWITHTIME' | 'LASTWITHTIME';
export type SegmentFormat = 'arrow' | 'parquet';
export type Compression = 'snappy' | 'zstd' | 'lz4_raw' | 'none';
export type Semantics = 'exact' | 'pinot';

export type PartitionFunctionName =
  | 'Modulo'
  | 'Murmur'
  | 'Murmur3'
  | 'HashCode'
  | 'ByteArray'
  | 'FNV'
  | 'BoundedColumnValue';

/** P-1, P-5: one entry of `segmentPartitionConfig.columnPartitionMap`, in map order. */
export interface PartitionColumn {
  readonly column: string;
  readonly functionName: PartitionFunctionName;
  readonly numPartitions: number;
  readonly functionConfig: Readonly<Record<string, string>>;
  /** P-6; null: the function's default. */
  readonly normalizer: 'POSITIVE_MODULO' | 'ABS' | 'MASK' | 'PRE_MODULO_ABS' | 'NO_OP' | null;
}

export interface ColumnTransform {
  readonly column: string;
  readonly expression: string;
}

/** The stream of a realtime table: its raw keys, and the thresholds at which a CONSUMING segment is sealed. */
export interface StreamConfig {
  readonly properties: Readonly<Record<string, string>>;
  readonly topic: string | null;
  /** 0 rows: sized by `flushSegmentBytes` alone, as in Pinot. */
  readonly flushRows: number;
  readonly flushTimeMs: number;
  readonly flushSegmentBytes: number;
  readonly onUndecodableRow: 'keep' | 'fail';
}

/** `task.taskTypeConfigsMap.RealtimeToOfflineSegmentsTask`, C-5 to C-16, with segmill's own keys. */
export interface MoveConfig {
  readonly bucketMs: number;
  readonly bufferMs: number;
  /** Null: no rounding (C-7). */
  readonly roundMs: number | null;
  readonly mergeType: MergeType;
  /** By metric column; a metric without an entry is summed. */
  readonly aggregations: Readonly<Record<string, AggregationType>>;
  readonly maxNumRecordsPerSegment: number;
  readonly partitionBucketMs: number | null;
  readonly negateWindowFilter: boolean;
  readonly segmentNamePrefix: string | null;
  readonly segmentNamePostfix: string | null;
  readonly fixedSegmentName: string | null;
  readonly schedule: string | null;
  readonly offlineFormat: SegmentFormat;
  readonly compression: Compression;
  readonly desiredSegmentBytes: number | null;
  readonly evenSplit: boolean;
  readonly semantics: Semantics;
}

export interface TableConfig {
  /** Raw name, without `_OFFLINE` or `_REALTIME`. */
  readonly tableName: string;
  readonly tableType: TableType;
  readonly timeColumn: string | null;
  readonly sortedColumns: readonly string[];
  readonly partitionColumns: readonly PartitionColumn[];
  readonly nullHandling: boolean;
  readonly transforms: readonly ColumnTransform[];
  readonly filterFunction: string | null;
  readonly continueOnError: boolean;
  readonly segmentTimeValueCheck: boolean;
  readonly rowTimeValueCheck: boolean;
  /** O-10: explicit type, or null for the inferred one. */
  readonly segmentNameGeneratorType: 'fixed' | 'simple' | 'normalizedDate' | null;
  readonly pushType: 'APPEND' | 'REFRESH';
  readonly pushFrequency: 'HOURLY' | 'DAILY';
  readonly retentionMs: number | null;
  readonly replacedRetentionMs: number;
  readonly stream: StreamConfig | null;
  /** Only on REALTIME tables that carry the task (C-1). */
  readonly move: MoveConfig | null;
  /** The document as it was given, for `table show`. */
  readonly document: string;
}

/** One table by its raw name: what `table add` has accepted so far. */
export interface TableRecord {
  readonly name: string;
  readonly schema: Schema;
  readonly schemaDocument: string;
  readonly realtime: TableConfig | null;
  readonly offline: TableConfig | null;
}
