// `run`: moves due windows one after another, each as one commit, under the table's lease.
import { assertLease, withLease } from '../catalog/lease.ts';
import type { Lease } from '../catalog/lease.ts';
import { setWatermark } from '../catalog/changes.ts';
import { leaseKey, segmentsOf, stateOf, tableOf } from '../catalog/keys.ts';
import { checkMovable } from '../config/table.ts';
import type { WindowProgress } from '../coordinator/window.ts';
import { isSegmillError, SegmillError } from '../errors.ts';
import { effectiveBoundary } from '../planner/boundary.ts';
import { planTable } from '../planner/windows.ts';
import type { TablePlan } from '../planner/windows.ts';
import type { HeldWindow } from '../planner/types.ts';
import type { EngineContext } from './context.ts';
import { planOptions, snapshotWithFacts } from './facts.ts';
import { countLateRows } from './late.ts';
import type { LateRows } from './late.ts';
import { checkFresh, checkWindow } from './plan.ts';
import type { SavedPlan } from './plan.ts';
import { rawName } from './tables.ts';
import { moveWindow } from './window.ts';
import type { WindowReport } from './window.ts';

export interface RunReport {
  readonly table: string;
  readonly windows: readonly WindowReport[];
  readonly held: readonly HeldWindow[];
  readonly watermarkMs: number | null;
  readonly timeBoundaryMs: number | null;
  /** Rows below the watermark that no window will take: `rerun` moves them (design 5.10). */
  readonly late: LateRows;
}

export interface RunOptions {
  readonly windows: number | 'all';
  /** A plan saved earlier: it must still hold. */
  readonly plan?: SavedPlan;
  readonly onWindow?: (report: WindowReport) => void;
  readonly onProgress?: (progress: WindowProgress) => void;
}

/**
 * Moves due windows in order until the count is reached, nothing is due, or one fails.
 * @throws SegmillError TABLE_NOT_FOUND, CONFIG_INVALID, PLAN_STALE; a window's own failure is in its report
 */
export async function runTable(
  ctx: EngineContext,
  table: string,
  options: RunOptions,
): Promise<RunReport> {
  const name = rawName(table);
  checkMovable(ctx.catalog.read((view) => tableOf(view, name)));
  const windows: WindowReport[] = [];
  try {
    return await withLease(ctx.catalog, leaseKey('move', name), { owner: ctx.owner }, (lease) =>
      moveDue(ctx, name, { lease, windows }, options),
    );
  } catch (error) {
    if (!isSegmillError(error, 'RUNNING_ELSEWHERE')) throw error;
    const reason = 'RUNNING_ELSEWHERE';
    const held = [{ startMs: null, endMs: null, reason, detail: error.message }] as const;
    return reportOf(ctx, name, windows, held);
  }
}

async function moveDue(
  ctx: EngineContext,
  name: string,
  { lease, windows }: { readonly lease: Lease; readonly windows: WindowReport[] },
  options: RunOptions,
): Promise<RunReport> {
  let held: readonly HeldWindow[] = [];
  const saved = options.plan;
  if (saved !== undefined) await checkFresh(ctx, name, saved);
  const most = saved?.windows.length ?? options.windows;
  for (;;) {
    if (ctx.signal.aborted)
      throw new SegmillError(
        'CANCELLED',
        `stopped after ${windows.length} windows of ${name}; segmill run goes on from the watermark`,
        { table: name, windows: windows.length },
      );
    const planned = await planNext(ctx, name);
    await keepColdWatermark(ctx, name, lease, planned);
    const [decision] = most !== 'all' && windows.length >= most ? [] : planned.decisions;
    if (decision === undefined) {
      held = planned.plan.held;
      break;
    }
    if (saved !== undefined) checkWindow(name, saved.windows[windows.length], decision.window);
    const report = await moveWindow(ctx, name, decision, {
      lease,
      kind: 'run',
      onProgress: options.onProgress,
    });
    windows.push(report);
    options.onWindow?.(report);
    if (report.state === 'FAILED' || windows.length === most) break;
  }
  return reportOf(ctx, name, windows, held);
}

/** W-11: also when nothing is due. */
async function keepColdWatermark(
  ctx: EngineContext,
  name: string,
  lease: Lease,
  { coldWatermarkMs }: TablePlan,
): Promise<void> {
  if (coldWatermarkMs === null) return;
  await ctx.catalog.write((transaction) => {
    assertLease(transaction, lease);
    setWatermark(transaction, name, coldWatermarkMs, 'cold');
  });
}

async function planNext(ctx: EngineContext, name: string): Promise<TablePlan> {
  const snapshot = await snapshotWithFacts(ctx, name, { holdsLease: true });
  return planTable(snapshot, ctx.now(), planOptions(ctx, 1));
}

export async function reportOf(
  ctx: EngineContext,
  name: string,
  windows: readonly WindowReport[],
  held: readonly HeldWindow[],
): Promise<RunReport> {
  const late = await countLateRows(ctx, name);
  return ctx.catalog.read((view) => {
    const state = stateOf(view, name);
    const boundary = effectiveBoundary(
      state,
      segmentsOf(view, name, 'OFFLINE'),
      tableOf(view, name),
    );
    return {
      table: name,
      windows,
      held,
      watermarkMs: state.watermarkMs,
      timeBoundaryMs: boundary?.ms ?? null,
      late,
    };
  });
}
