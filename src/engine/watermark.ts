// `watermark` and `boundary`: get, set, reset.
import { resetBoundary, setBoundary, setWatermark } from '../catalog/changes.ts';
import { leaseKey, segmentsOf, stateOf, tableOf } from '../catalog/keys.ts';
import { assertLease, withLease } from '../catalog/lease.ts';
import type { CatalogView } from '../catalog/types.ts';
import { boundarySetDefault, boundaryValue, effectiveBoundary } from '../planner/boundary.ts';
import { timeFormatOf } from '../planner/snapshot.ts';
import type { EngineContext } from './context.ts';
import { countLateRows } from './late.ts';
import type { LateRows } from './late.ts';
import { rawName } from './tables.ts';

export interface WatermarkReport {
  readonly table: string;
  readonly watermarkMs: number | null;
}

export interface WatermarkSetReport extends WatermarkReport {
  readonly previousMs: number | null;
  /** Rows that the new watermark leaves behind: `rerun` moves them. */
  readonly late: LateRows;
}

export function getWatermark(ctx: EngineContext, table: string): WatermarkReport {
  const name = rawName(table);
  return ctx.catalog.read((view) => {
    tableOf(view, name);
    return { table: name, watermarkMs: stateOf(view, name).watermarkMs };
  });
}

/**
 * @param watermarkMs null resets it: the next run starts cold
 * @throws SegmillError TABLE_NOT_FOUND, RUNNING_ELSEWHERE
 */
export async function changeWatermark(
  ctx: EngineContext,
  table: string,
  watermarkMs: number | null,
): Promise<WatermarkSetReport> {
  const name = rawName(table);
  const previousMs = getWatermark(ctx, name).watermarkMs;
  await withLease(ctx.catalog, leaseKey('move', name), { owner: ctx.owner }, (lease) =>
    ctx.catalog.write((transaction) => {
      assertLease(transaction, lease);
      setWatermark(transaction, name, watermarkMs, 'set');
    }),
  );
  return { table: name, watermarkMs, previousMs, late: await countLateRows(ctx, name) };
}

export interface BoundaryReport {
  readonly table: string;
  readonly timeBoundaryMs: number | null;
  readonly timeColumn: string | null;
  /** In the column's format. */
  readonly timeValue: string | null;
  readonly mode: 'exact' | 'pinot' | 'set' | null;
  readonly warnings?: readonly string[];
}

export function getBoundary(ctx: EngineContext, table: string): BoundaryReport {
  return ctx.catalog.read((view) => boundaryReport(view, rawName(table)));
}

function boundaryReport(view: CatalogView, name: string): BoundaryReport {
  const record = tableOf(view, name);
  const boundary = effectiveBoundary(
    stateOf(view, name),
    segmentsOf(view, name, 'OFFLINE'),
    record,
  );
  if (boundary === null)
    return { table: name, timeBoundaryMs: null, timeColumn: null, timeValue: null, mode: null };
  const config = record.offline ?? record.realtime;
  const format =
    timeFormatOf(record, config) ?? ({ kind: 'EPOCH', unit: 'MILLISECONDS', size: 1 } as const);
  return {
    table: name,
    timeBoundaryMs: boundary.ms,
    timeColumn: config?.timeColumn ?? null,
    timeValue: boundaryValue(format, boundary.ms),
    mode: boundary.mode,
  };
}

/**
 * Without a time: the newest offline end, as Pinot's POST (B-8); with rounding on, rows up to a round period after that
 * end lie under it although their stored time does not, so that is warned of.
 * @throws SegmillError TABLE_NOT_FOUND, BOUNDARY_UNAVAILABLE
 */
export async function changeBoundary(
  ctx: EngineContext,
  table: string,
  ms: number | 'newest' | null,
): Promise<BoundaryReport> {
  const name = rawName(table);
  return ctx.catalog.write((transaction) => {
    const record = tableOf(transaction, name);
    if (ms === null) resetBoundary(transaction, name);
    else
      setBoundary(
        transaction,
        name,
        ms === 'newest'
          ? boundarySetDefault(record, segmentsOf(transaction, name, 'OFFLINE')).ms
          : ms,
      );
    const report = boundaryReport(transaction, name);
    const rounds = record.realtime?.move?.roundMs ?? null;
    if (ms !== 'newest' || rounds === null) return report;
    return {
      ...report,
      warnings: [
        `times are rounded to ${rounds} ms, so moved rows may lie up to that much above this boundary and be answered by the realtime side as well; boundary reset goes back to the exact one`,
      ],
    };
  });
}
