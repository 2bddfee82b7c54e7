// `rerun`: closed windows done again, whole, and stretches below the watermark done for the first time (design 5.10, 5.19).
import { withLease } from '../catalog/lease.ts';
import type { Lease } from '../catalog/lease.ts';
import { leaseKey, tableOf } from '../catalog/keys.ts';
import { checkMovable } from '../config/table.ts';
import type { WindowProgress } from '../coordinator/window.ts';
import { SegmillError } from '../errors.ts';
import type { HeldWindow, PlannedWindow } from '../planner/types.ts';
import { planRerun } from '../planner/rerun.ts';
import type { TablePlan } from '../planner/windows.ts';
import type { EngineContext } from './context.ts';
import { planOptions, snapshotWithFacts } from './facts.ts';
import { reportOf } from './move.ts';
import type { RunReport } from './move.ts';
import { rawName } from './tables.ts';
import { moveWindow } from './window.ts';
import type { WindowReport } from './window.ts';

export interface RerunOptions {
  readonly fromMs: number;
  readonly toMs: number;
  readonly execute: boolean;
  readonly allowMissingInputs: boolean;
  readonly replaceBackfilled: boolean;
  readonly onWindow?: (report: WindowReport) => void;
  readonly onProgress?: (progress: WindowProgress) => void;
}

/** What a `rerun` would do. */
export interface RerunPreview {
  readonly table: string;
  readonly executed: false;
  readonly windows: readonly (PlannedWindow & { readonly replaces: readonly string[] })[];
  readonly held: readonly HeldWindow[];
}

/**
 * Previews, or with `execute` moves the windows in order until one fails. Every window is one commit.
 * @throws SegmillError TABLE_NOT_FOUND, CONFIG_INVALID, USAGE (empty range), RUNNING_ELSEWHERE, CANCELLED
 */
export async function rerunTable(
  ctx: EngineContext,
  table: string,
  options: RerunOptions,
): Promise<RerunPreview | RunReport> {
  const name = rawName(table);
  checkMovable(ctx.catalog.read((view) => tableOf(view, name)));
  if (!options.execute) {
    const { plan, decisions } = await planned(ctx, name, options, false);
    return {
      table: name,
      executed: false,
      windows: decisions.map(({ window, replacesSegments }) => ({
        ...window,
        replaces: replacesSegments,
      })),
      held: plan.held,
    };
  }
  return withLease(ctx.catalog, leaseKey('move', name), { owner: ctx.owner }, (lease) =>
    redo(ctx, name, lease, options),
  );
}

async function planned(
  ctx: EngineContext,
  name: string,
  options: RerunOptions,
  holdsLease: boolean,
): Promise<TablePlan> {
  const snapshot = await snapshotWithFacts(ctx, name, { holdsLease });
  const { allowMissingInputs, replaceBackfilled } = options;
  return planRerun(
    snapshot,
    options.fromMs,
    options.toMs,
    { ...planOptions(ctx, 'all'), allowMissingInputs, replaceBackfilled },
    ctx.now(),
  );
}

async function redo(
  ctx: EngineContext,
  name: string,
  lease: Lease,
  options: RerunOptions,
): Promise<RunReport> {
  const { plan, decisions } = await planned(ctx, name, options, true);
  const windows: WindowReport[] = [];
  for (const decision of decisions) {
    if (ctx.signal.aborted) {
      throw new SegmillError(
        'CANCELLED',
        `stopped after ${windows.length} of ${decisions.length} windows of ${name}; call rerun again`,
        { table: name, windows: windows.length },
      );
    }
    const report = await moveWindow(ctx, name, decision, {
      lease,
      kind: 'rerun',
      onProgress: options.onProgress,
    });
    windows.push(report);
    options.onWindow?.(report);
    if (report.state === 'FAILED') break;
  }
  return reportOf(ctx, name, windows, plan.held);
}
