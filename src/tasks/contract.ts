// Every task that a worker can run: the one list that coordinator and workers share. All of it is plain data; large
// arrays lie on SharedArrayBuffers, so that sending them copies nothing.
import type { SegmentPartition } from '../catalog/types.ts';
import type { ColumnStats, VarValues } from '../columns/column.ts';
import type { DataType, SegmentFormat } from '../config/types.ts';
import type { WireError } from '../errors.ts';
import type { Splitters } from '../kernels/shards.ts';
import type { SegmentCodec } from '../segment/types.ts';
import type { Store, StoreDescriptor } from '../store/types.ts';
import type { Frame } from './frame.ts';
import type { PrefixPlan } from './prefix.ts';
import type { Scratch } from './scratch.ts';
import type { WindowInput, WindowJob } from './types.ts';

/** What a task needs of the world; a worker opens its own. */
export interface TaskContext {
  readonly store: Store;
  readonly codecOf: (format: SegmentFormat) => SegmentCodec;
  readonly scratch: Scratch;
}

/** The job less its inputs: what every task is told. */
export type JobFacts = Omit<WindowJob, 'inputs'>;

export interface SurveyInput {
  readonly job: JobFacts;
  readonly input: WindowInput;
  /** Place of the input in the job. */
  readonly index: number;
  readonly samplesMax: number;
}

export interface RejectedRow {
  readonly row: number;
  readonly reason: string;
}

/** The least and greatest digit of a key column over the window's rows (`prefix.ts`). */
export interface DigitRange {
  readonly column: string;
  readonly min: number;
  readonly max: number;
  readonly exact: boolean;
  /** All digits are whole multiples of it away from `min`: rounded times. */
  readonly unit: number;
}

export interface SurveyOutput {
  /** Wholly outside the window by its stored times: the file was not opened, and is not mapped. */
  readonly outside: boolean;
  /** Rows of the file. */
  readonly read: number;
  /** What the row pipeline left out already; the map finds the rest. */
  readonly outsideWindow: number;
  readonly filtered: number;
  readonly rejected: readonly RejectedRow[];
  /** About how many rows of it the window takes, by the sample. */
  readonly keptEstimate: number;
  /** What the next stages read instead of the input; null: the input itself. */
  readonly replacement: WindowInput | null;
  readonly dictionaries: Readonly<Record<string, VarValues>>;
  /** Columns with a null row. */
  readonly nullColumns: readonly string[];
  readonly ranges: readonly DigitRange[];
  readonly samples: {
    /** Rows within the segment. */
    readonly rows: Uint32Array;
    /** Digits by key column, codes still the segment's own; null flags under `<column>?`. */
    readonly digits: Readonly<Record<string, Float64Array>>;
    readonly partitions: readonly string[];
  };
}

export interface MergeInput {
  readonly column: string;
  readonly dataType: DataType;
  readonly dictionaries: readonly VarValues[];
}

export interface MergeOutput {
  readonly dictionary: VarValues;
  readonly remaps: readonly Uint32Array[];
}

export interface MapInput {
  readonly job: JobFacts;
  readonly input: WindowInput;
  /** Codes of the segment to codes of the window, by column. */
  readonly remaps: Readonly<Record<string, Uint32Array>>;
  readonly cardinalities: Readonly<Record<string, number>>;
  readonly nullColumns: readonly string[];
  readonly prefix: PrefixPlan;
  /** By partition id; a partition without an entry is one shard. */
  readonly splitters: Readonly<Record<string, Splitters>>;
  /** Ordinal of row 0 in the whole input; null: ordinals do not count. */
  readonly ordinalBase: number | null;
}

export interface MapSlice {
  readonly partition: string;
  readonly shard: number;
  readonly start: number;
  readonly end: number;
}

export interface MapOutput {
  readonly frame: Frame;
  /** By partition, then shard; only slices with rows. */
  readonly slices: readonly MapSlice[];
  readonly outsideWindow: number;
  readonly rejected: readonly RejectedRow[];
  /** Rows that the window takes. */
  readonly kept: number;
}

/** Rows of one segment for one shard. Where they lie is the shuffle's business alone. */
export interface ShardSlice {
  readonly frame: Frame;
  readonly start: number;
  readonly end: number;
}

export interface ReduceInput {
  readonly job: JobFacts;
  /** In segment order. */
  readonly slices: readonly ShardSlice[];
  /** Of the columns whose aggregation has to read values. */
  readonly dictionaries: Readonly<Record<string, VarValues>>;
}

export interface SumOverflow {
  readonly column: string;
  /** One row of key columns, to be named. */
  readonly key: Frame;
}

export interface ReduceOutput {
  readonly frame: Frame;
  readonly overflow: SumOverflow | null;
}

export interface EmitInput {
  readonly job: JobFacts;
  readonly sequence: number;
  readonly timePartition: string | null;
  readonly partitions: Readonly<Record<string, SegmentPartition>> | null;
  /** In row order. */
  readonly pieces: readonly ShardSlice[];
  readonly dictionaries: Readonly<Record<string, VarValues>>;
  /** Null: only measured, no file is written. */
  readonly file: string | null;
}

export interface EmitOutput {
  readonly rowCount: number;
  readonly byteLength: number;
  readonly crc: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly minTimeValue: string | null;
  readonly maxTimeValue: string | null;
  readonly columns: readonly ColumnStats[];
}

export interface TaskMap {
  survey: { input: SurveyInput; output: SurveyOutput };
  merge: { input: MergeInput; output: MergeOutput };
  map: { input: MapInput; output: MapOutput };
  reduce: { input: ReduceInput; output: ReduceOutput };
  emit: { input: EmitInput; output: EmitOutput };
}

export type TaskName = keyof TaskMap;
export type TaskReply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: WireError };

/** What crosses to a thread: the task's input and the store to open. */
export interface TaskMessage<I> {
  readonly store: StoreDescriptor;
  readonly input: I;
}
