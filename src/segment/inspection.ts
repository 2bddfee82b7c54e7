import type { ColumnStats } from '../columns/column.ts';
import type { DataType, SegmentFormat } from '../config/types.ts';
import type { SegmentHeader } from './types.ts';

/** What `inspect` shows of a segment file. */
export interface SegmentInspection {
  readonly format: SegmentFormat;
  readonly byteLength: number;
  readonly rowCount: number;
  /** The program that wrote it, where the file says so. */
  readonly writer: string | null;
  /** Rows of each row group or record batch, where the file is cut into such. */
  readonly rowGroups: readonly number[];
  /** Null: not written by segmill. */
  readonly header: SegmentHeader | null;
  readonly stats: readonly ColumnStats[] | null;
  readonly columns: readonly ColumnLayout[];
}

export interface ColumnLayout {
  readonly name: string;
  readonly dataType: DataType;
  readonly multiValue: boolean;
  /** Rows may be null. */
  readonly optional: boolean;
  readonly encodings: readonly string[];
  readonly compression: readonly string[];
  /** In the file, compressed. */
  readonly storedBytes: number;
  readonly plainBytes: number;
}
