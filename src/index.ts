// The public API.
export { openEngine } from './engine/engine.ts';
export type { Engine, IngestRequest, QueryRequest } from './engine/engine.ts';
export type { OpenOptions } from './engine/open.ts';
export { SegmillError } from './errors.ts';
export type { ErrorCode } from './errors.ts';
export type { IngestResult } from './ingest/ingest.ts';
export type { QueryAnswer } from './query/query.ts';
export type { BackfillReport } from './engine/backfill.ts';
export type { PlanReport } from './engine/plan.ts';
export type { RunOptions, RunReport } from './engine/move.ts';
export type { RerunOptions, RerunPreview } from './engine/rerun.ts';
export type { SegmentLine } from './engine/segments.ts';
export type { TableStatus } from './engine/status.ts';
export type { VerifyReport } from './engine/verify.ts';
export type { WindowReport } from './engine/window.ts';
