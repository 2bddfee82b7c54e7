// The seam between what is read and what is kept: file replay feeds it, and so will a broker.
import type { SourcePosition } from '../catalog/types.ts';
import type { ReadRow, UnreadTail } from '../segment/rows/row-batch.ts';

/** Consecutive rows of one source of a partition. */
export interface StreamBatch {
  /** Key of the source in the partition's positions. */
  readonly source: string;
  /** Half-open, in the source's own positions; `start` is where the batch before it ended. */
  readonly start: number;
  readonly end: number;
  readonly rows: readonly ReadRow[];
  readonly tail: UnreadTail | null;
}

export interface StreamPartition {
  readonly partition: number;
  /**
   * Everything from the known positions up to the end that each source has when it is asked for, once; then the
   * iteration ends.
   * @throws SegmillError FILE_CHANGED, FILE_SEEN when a source is not the one that was read before
   */
  fetch(known: readonly SourcePosition[]): AsyncGenerator<StreamBatch, void, undefined>;
  /** What to store of a source once its rows before `end` are durable; `rows` counts all rows read of it. */
  positionAt(source: string, end: number, rows: number): Promise<SourcePosition>;
  /** Whether a source of the partition that `fetch` does not read has nothing left to read. */
  isAtEnd(position: SourcePosition): Promise<boolean>;
}

export interface StreamSource {
  /** By partition number. */
  readonly partitions: readonly StreamPartition[];
  /** True: comes once and leaves nothing to go on from, so what is left is sealed at its end. */
  readonly sealsAtEnd: boolean;
  close(): Promise<void>;
}
