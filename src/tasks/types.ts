// One window's work as plain data: what the coordinator is given and what it gives back. No part of it touches the catalog.
import type { ColumnStats } from '../columns/column.ts';
import type { MoveConfig, Schema, SegmentFormat, TableConfig } from '../config/types.ts';
import type { Ledger, RunInput, SegmentPartition } from '../catalog/types.ts';

export interface WindowInput {
  readonly name: string;
  readonly type: 'REALTIME' | 'OFFLINE';
  /** Relative to the store's root. */
  readonly file: string;
  readonly format: SegmentFormat;
  readonly rowCount: number;
  readonly byteLength: number;
  readonly crc: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
}

export interface WindowJob {
  readonly runId: string;
  readonly table: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /** In the order in which rows count as input (ties keep it, design 5.6). */
  readonly inputs: readonly WindowInput[];
  /** Schema and config of the OFFLINE table (C-3). */
  readonly schema: Schema;
  readonly offline: TableConfig;
  readonly move: MoveConfig;
  /** For naming and dating (`--now`). */
  readonly nowMs: number;
}

/** One finished, not yet visible file; in output order (O-9). */
export interface WindowOutput {
  /** Relative to the store's root, below `tmp/<runId>/`. */
  readonly file: string;
  readonly format: SegmentFormat;
  readonly sequence: number;
  readonly rowCount: number;
  readonly byteLength: number;
  readonly crc: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly minTimeValue: string | null;
  readonly maxTimeValue: string | null;
  readonly partitions: Readonly<Record<string, SegmentPartition>> | null;
  readonly timePartition: string | null;
  readonly columns: readonly ColumnStats[];
}

export interface WindowResult {
  readonly ledger: Ledger;
  readonly inputs: readonly RunInput[];
  readonly outputs: readonly WindowOutput[];
  /** Wall milliseconds by stage: map, reduce, emit (survey counts as map). */
  readonly stages: Readonly<Record<string, number>>;
  readonly memory: {
    readonly capBytes: number;
    readonly peakBytes: number;
    readonly peakRssBytes: number;
    readonly spilledBytes: number;
  };
  /** Reject file of this window, relative to the store's root, when rows were rejected under continueOnError. */
  readonly rejectFile: string | null;
}
