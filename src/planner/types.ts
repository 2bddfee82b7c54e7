// Plans are plain data: made by pure functions of (catalog snapshot, config, now), executed elsewhere.

export const heldReasons = [
  'NO_SEGMENTS',
  'BUFFER',
  'CONSUMING_MAY_HOLD_ROWS',
  'NOT_READ_UP_TO_DATE',
  'PARTITION_ONLY_CONSUMING',
  'OVERLAPS_DONE_WINDOW',
  'RUNNING_ELSEWHERE',
  'MEMORY_CAP',
  'BAD_TIME',
  'MISSING_INPUT',
  'BACKFILLED_SEGMENTS',
] as const;

export type HeldReason = (typeof heldReasons)[number];

/** A window that does not run, and why, with the figures; `startMs` and `endMs` are null where there is no window. */
export interface HeldWindow {
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly reason: HeldReason;
  readonly detail: string;
}

export interface WindowEstimate {
  readonly rowsOut: number;
  readonly segmentsOut: number;
  readonly memoryBytes: number;
  readonly tempBytes: number;
  readonly seconds: number;
}

export interface PlannedWindow {
  readonly startMs: number;
  readonly endMs: number;
  /** Names of the realtime segments that overlap the window, by partition, then sequence (W-17). */
  readonly segments: readonly string[];
  readonly rowsIn: number;
  readonly bytesIn: number;
  readonly estimate: WindowEstimate;
}

export interface Plan {
  readonly table: string;
  readonly now: number;
  /** As it stands, or as the first run would write it (W-11). */
  readonly watermarkMs: number | null;
  readonly windows: readonly PlannedWindow[];
  readonly held: readonly HeldWindow[];
}
