// One window from its plan to its commit.
import { runRejectFile, segmentFile, temporaryFolder } from '../catalog/layout.ts';
import { assertLease } from '../catalog/lease.ts';
import type { Lease } from '../catalog/lease.ts';
import { commitWindow, recordFailedRun } from '../catalog/changes.ts';
import type { FinishedRun } from '../catalog/changes.ts';
import { segmentsOf, stateOf, tableOf } from '../catalog/keys.ts';
import type { Ledger, RunKind, RunRecord, SegmentRecord } from '../catalog/types.ts';
import { checkMovable } from '../config/table.ts';
import type { MoveConfig, Schema, TableConfig, TableRecord } from '../config/types.ts';
import { executeWindow } from '../coordinator/window.ts';
import type { WindowProgress } from '../coordinator/window.ts';
import { isSegmillError, SegmillError, toWire } from '../errors.ts';
import { boundaryAfterWindow } from '../planner/boundary.ts';
import { instant } from '../planner/snapshot.ts';
import type { WindowDecision } from '../planner/snapshot.ts';
import { codecOf } from '../segment/open.ts';
import type { WindowResult } from '../tasks/types.ts';
import { tidy } from './context.ts';
import type { EngineContext } from './context.ts';
import { nameOutputs } from './naming.ts';
import { newRunId, partitionIds, segmentRecord } from './segment-record.ts';

export interface SegmentReport {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly partitions?: Readonly<Record<string, readonly number[]>>;
  readonly timePartition?: string;
}

/** One window of a `run`, as `cli.md` has it. */
export interface WindowReport {
  readonly startMs: number;
  readonly endMs: number;
  readonly state: 'COMMITTED' | 'EMPTY' | 'FAILED';
  readonly runId: string;
  readonly ledger: Ledger | null;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
  readonly segments: readonly SegmentReport[];
  readonly replaced: readonly string[];
  readonly stages: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly memory: RunRecord['memory'];
  readonly rejectFile: string | null;
}

export interface MoveOptions {
  readonly lease: Lease;
  readonly kind: Extract<RunKind, 'run' | 'rerun'>;
  readonly onProgress: ((progress: WindowProgress) => void) | undefined;
}

interface Work {
  readonly runId: string;
  readonly record: TableRecord;
  readonly offline: TableConfig;
  readonly move: MoveConfig;
  readonly schema: Schema;
  readonly decision: WindowDecision;
  /** What the plan was made on. */
  readonly watermarkMs: number | null;
  readonly startedMs: number;
  readonly started: number;
}

/**
 * One window from its plan to its commit. What fails is recorded and reported; only an interruption is thrown.
 * @throws SegmillError CANCELLED, RUNNING_ELSEWHERE (the lease was lost), what the record of a failure meets
 */
export async function moveWindow(
  ctx: EngineContext,
  name: string,
  decision: WindowDecision,
  options: MoveOptions,
): Promise<WindowReport> {
  const { record, watermarkMs } = ctx.catalog.read((view) => ({
    record: tableOf(view, name),
    watermarkMs: stateOf(view, name).watermarkMs,
  }));
  const { offline, move } = checkMovable(record);
  const work: Work = {
    runId: newRunId(ctx),
    record,
    offline,
    move,
    schema: record.schema,
    decision,
    watermarkMs,
    startedMs: ctx.realNow(),
    started: performance.now(),
  };
  const unseen: string[] = [];
  try {
    const result = await execute(ctx, work, options);
    const segments = await placeOutputs(ctx, work, result, unseen);
    const rejectFile = await keepRejects(ctx, work, result, unseen);
    return await commit(ctx, work, result, segments, rejectFile, options);
  } catch (error) {
    for (const file of unseen) await tidy(ctx, () => ctx.store.remove(file));
    if (!ctx.signal.aborted) options.lease.signal.throwIfAborted();
    if (isSegmillError(error, 'CANCELLED')) throw interrupted(name, work, options.kind, error);
    return await recordFailure(ctx, work, error, options);
  } finally {
    await tidy(ctx, () => ctx.store.removeFolder(temporaryFolder(work.runId)));
  }
}

function interrupted(
  table: string,
  { decision, runId }: Work,
  kind: MoveOptions['kind'],
  cause: SegmillError,
): SegmillError {
  const { startMs, endMs } = decision.window;
  return new SegmillError(
    'CANCELLED',
    `interrupted in the window of ${table} from ${instant(startMs)} to ${instant(endMs)}: nothing of it was committed; the same ${kind} command goes on`,
    { ...cause.details, table, runId, startMs, endMs },
    { cause },
  );
}

function execute(ctx: EngineContext, work: Work, options: MoveOptions): Promise<WindowResult> {
  const { decision, record, offline, move, schema, runId } = work;
  const { startMs, endMs } = decision.window;
  const inputs = [...decision.offlineInputs, ...decision.inputs].map(
    ({ name, type, file, format, rowCount, byteLength, crc, minTimeMs, maxTimeMs }) => ({
      name,
      type,
      file,
      format,
      rowCount,
      byteLength,
      crc,
      minTimeMs,
      maxTimeMs,
    }),
  );
  const job = {
    runId,
    table: record.name,
    windowStartMs: startMs,
    windowEndMs: endMs,
    inputs,
    schema,
    offline,
    move,
    nowMs: ctx.now(),
  };
  return executeWindow(job, {
    store: ctx.store,
    pool: ctx.pool(),
    signal: AbortSignal.any([ctx.signal, options.lease.signal]),
    memoryCapBytes: ctx.memoryBytes,
    tempDiskBytes: ctx.tempDiskBytes,
    ...(options.onProgress === undefined ? {} : { progress: options.onProgress }),
  });
}

/** Gives the outputs their final names and files; nothing sees them before the commit. */
async function placeOutputs(
  ctx: EngineContext,
  work: Work,
  { outputs }: WindowResult,
  unseen: string[],
): Promise<SegmentRecord[]> {
  const { record, decision, runId } = work;
  const { startMs, endMs } = decision.window;
  const names = nameOutputs(ctx, record, outputs, decision);
  const segments: SegmentRecord[] = [];
  for (const [i, output] of outputs.entries()) {
    const name = names[i]!;
    const file = segmentFile(record.name, 'OFFLINE', name, runId, codecOf(output.format).extension);
    await ctx.store.rename(output.file, file);
    unseen.push(file);
    const origin = { kind: 'run', runId, windowStartMs: startMs, windowEndMs: endMs } as const;
    segments.push(segmentRecord(record.name, name, file, output, origin, ctx.now()));
  }
  return segments;
}

/** The rejected rows of a window are kept beside those of ingestion. */
async function keepRejects(
  ctx: EngineContext,
  work: Work,
  result: WindowResult,
  unseen: string[],
): Promise<string | null> {
  if (result.rejectFile === null) return null;
  const file = runRejectFile(work.record.name, work.runId);
  await ctx.store.rename(result.rejectFile, file);
  unseen.push(file);
  return file;
}

async function commit(
  ctx: EngineContext,
  work: Work,
  result: WindowResult,
  segments: readonly SegmentRecord[],
  rejectFile: string | null,
  { lease, kind }: MoveOptions,
): Promise<WindowReport> {
  const { decision, record, move } = work;
  const { endMs } = decision.window;
  const commitStarted = performance.now();
  const committed = await ctx.catalog.write((transaction) => {
    assertLease(transaction, lease);
    const state = stateOf(transaction, record.name);
    const replaced = new Set(decision.replacesSegments);
    const kept = segmentsOf(transaction, record.name, 'OFFLINE').filter(
      (segment) => !replaced.has(segment.name),
    );
    const boundary = boundaryAfterWindow(state.boundary, {
      endMs,
      negateWindowFilter: move.negateWindowFilter,
      offlineSegmentsAfter: kept.length + segments.length,
    });
    return commitWindow(transaction, {
      run: finishedRun(ctx, work, kind, result),
      add: segments,
      removeNames: decision.replacesSegments,
      watermarkMs: decision.movesWatermark ? endMs : null,
      expectedWatermark: work.watermarkMs,
      boundary: decision.movesWatermark && move.semantics === 'exact' ? boundary : null,
      supersededRuns: decision.replacesRuns,
      nowMs: ctx.now(),
      realNowMs: ctx.realNow(),
    });
  });
  const stages = { ...result.stages, commit: Math.round(performance.now() - commitStarted) };
  return { ...windowReport(work, committed, segments), stages, rejectFile };
}

function finishedRun(
  ctx: EngineContext,
  work: Work,
  kind: RunKind,
  result: WindowResult | null,
): FinishedRun {
  const { startMs, endMs } = work.decision.window;
  return {
    runId: work.runId,
    table: work.record.name,
    kind,
    windowStartMs: startMs,
    windowEndMs: endMs,
    negateWindowFilter: work.move.negateWindowFilter,
    inputs: result?.inputs ?? [],
    ledger: result?.ledger ?? null,
    startedMs: work.startedMs,
    finishedMs: ctx.realNow(),
    stages: result?.stages ?? {},
    memory: result?.memory ?? null,
  };
}

function windowReport(
  work: Work,
  run: RunRecord,
  segments: readonly SegmentRecord[],
): WindowReport {
  const { startMs, endMs } = work.decision.window;
  if (run.state !== 'COMMITTED' && run.state !== 'EMPTY' && run.state !== 'FAILED')
    throw new Error(`invariant broken: new run is ${run.state}`);
  return {
    startMs,
    endMs,
    state: run.state,
    runId: run.runId,
    ledger: run.ledger,
    ...(run.error === null ? {} : { error: run.error }),
    segments: segments.map(segmentReport),
    replaced: run.replaced,
    stages: run.stages,
    seconds: Math.round(performance.now() - work.started) / 1000,
    memory: run.memory,
    rejectFile: null,
  };
}

function segmentReport(segment: SegmentRecord): SegmentReport {
  const { name, rowCount, byteLength, minTimeMs, maxTimeMs, partitions, timePartition } = segment;
  return {
    name,
    rows: rowCount,
    bytes: byteLength,
    minTimeMs,
    maxTimeMs,
    ...(partitions === null ? {} : { partitions: partitionIds(partitions) }),
    ...(timePartition === null ? {} : { timePartition }),
  };
}

async function recordFailure(
  ctx: EngineContext,
  work: Work,
  error: unknown,
  { lease, kind }: MoveOptions,
): Promise<WindowReport> {
  const { code, message, details, stack } = toWire(error);
  ctx.log({
    level: 'error',
    event: 'window failed',
    table: work.record.name,
    runId: work.runId,
    code,
    message,
    stack,
  });
  const run = await ctx.catalog.write((transaction) => {
    assertLease(transaction, lease);
    return recordFailedRun(transaction, finishedRun(ctx, work, kind, null), {
      code,
      message,
      details,
    });
  });
  return windowReport(work, run, []);
}
