// `status`: where a table stands.
import { partitionsOf, runsOf, segmentsOf, stateOf, tableOf } from '../catalog/keys.ts';
import { livingLeases } from '../catalog/lease.ts';
import type { PartitionRecord, RunRecord, SegmentRecord } from '../catalog/types.ts';
import { effectiveBoundary } from '../planner/boundary.ts';
import type { HeldWindow, PlannedWindow } from '../planner/types.ts';
import { planTable } from '../planner/windows.ts';
import type { EngineContext } from './context.ts';
import { planOptions, snapshotWithFacts } from './facts.ts';
import { countLateRows } from './late.ts';
import type { LateRows } from './late.ts';
import { rawName } from './tables.ts';

export interface SideStatus {
  readonly segments: number;
  readonly rows: number;
  readonly bytes: number;
  readonly startMs: number | null;
  readonly endMs: number | null;
}

export interface PartitionStatus {
  readonly partition: number;
  readonly consumingRows: number;
  readonly consumingSegment: string | null;
  readonly nextSequence: number;
  readonly readToEndMs: number | null;
  readonly rejectedRows: number;
  readonly ignoredFields: number;
  readonly sources: readonly {
    readonly source: string;
    readonly position: number;
    readonly rows: number;
  }[];
}

export interface RunLine {
  readonly runId: string;
  readonly kind: string;
  readonly state: string;
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly rows: number | null;
  readonly segments: number;
  readonly finishedMs: number;
  readonly error: string | null;
}

export interface TableStatus {
  readonly table: string;
  readonly watermarkMs: number | null;
  readonly timeBoundaryMs: number | null;
  readonly boundaryMode: string | null;
  readonly realtime: SideStatus | null;
  readonly offline: SideStatus | null;
  readonly partitions: readonly PartitionStatus[];
  readonly due: readonly PlannedWindow[];
  readonly held: readonly HeldWindow[];
  readonly late: LateRows;
  readonly mover: { readonly pid: number; readonly host: string; readonly takenMs: number } | null;
  readonly runs: readonly RunLine[];
}

const runsShown = 10;

/** @throws SegmillError TABLE_NOT_FOUND */
export async function tableStatus(ctx: EngineContext, table: string): Promise<TableStatus> {
  const name = rawName(table);
  ctx.catalog.read((view) => tableOf(view, name));
  const snapshot = await snapshotWithFacts(ctx, name, { holdsLease: true });
  const { realtime, offline } = snapshot.table;
  const movable = (realtime?.move ?? null) !== null && offline !== null;
  const plan = movable ? planTable(snapshot, ctx.now(), planOptions(ctx, 'all')).plan : null;
  const late = movable ? await countLateRows(ctx, name) : { rows: 0, segments: [] };
  return ctx.catalog.read((view) => {
    const state = stateOf(view, name);
    const boundary = effectiveBoundary(state, segmentsOf(view, name, 'OFFLINE'), snapshot.table);
    const mover = livingLeases(view, `move/${name}`, ctx.realNow()).find(
      ({ key }) => key === `move/${name}`,
    );
    return {
      table: name,
      watermarkMs: state.watermarkMs,
      timeBoundaryMs: boundary?.ms ?? null,
      boundaryMode: boundary?.mode ?? null,
      realtime: realtime === null ? null : sideStatus(segmentsOf(view, name, 'REALTIME')),
      offline: offline === null ? null : sideStatus(segmentsOf(view, name, 'OFFLINE')),
      partitions: partitionsOf(view, name).map(partitionStatus),
      due: plan?.windows ?? [],
      held: plan?.held ?? [],
      late,
      mover:
        mover === undefined ? null : { pid: mover.pid, host: mover.host, takenMs: mover.takenMs },
      runs: runsOf(view, name).slice(-runsShown).toReversed().map(runLine),
    };
  });
}

function sideStatus(segments: readonly SegmentRecord[]): SideStatus {
  const starts = segments.flatMap(({ minTimeMs }) => minTimeMs ?? []);
  const ends = segments.flatMap(({ maxTimeMs }) => maxTimeMs ?? []);
  return {
    segments: segments.length,
    rows: segments.reduce((sum, { rowCount }) => sum + rowCount, 0),
    bytes: segments.reduce((sum, { byteLength }) => sum + byteLength, 0),
    startMs: starts.length === 0 ? null : starts.reduce((a, b) => Math.min(a, b)),
    endMs: ends.length === 0 ? null : ends.reduce((a, b) => Math.max(a, b)),
  };
}

function partitionStatus(record: PartitionRecord): PartitionStatus {
  const { partition, consuming, nextSequence, readToEndMs, rejectedRows, ignoredFields, sources } =
    record;
  return {
    partition,
    consumingRows: consuming?.rowCount ?? 0,
    consumingSegment: consuming?.name ?? null,
    nextSequence,
    readToEndMs,
    rejectedRows,
    ignoredFields,
    sources: sources.map(({ source, position, rows }) => ({ source, position, rows })),
  };
}

function runLine(run: RunRecord): RunLine {
  return {
    runId: run.runId,
    kind: run.kind,
    state: run.state,
    startMs: run.windowStartMs,
    endMs: run.windowEndMs,
    rows: run.ledger?.written ?? null,
    segments: run.outputs.length,
    finishedMs: run.finishedMs,
    error: run.error === null ? null : `${run.error.code}: ${run.error.message}`,
  };
}
