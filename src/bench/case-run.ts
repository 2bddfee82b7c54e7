// One timed move in a process of its own.
import type { Ledger, RunRecord } from '../catalog/types.ts';
import { findSegment } from '../catalog/keys.ts';
import { openContext } from '../engine/open.ts';
import { runTable } from '../engine/move.ts';
import type { RunReport } from '../engine/move.ts';
import type { WindowReport } from '../engine/window.ts';
import { planTableReport } from '../engine/plan.ts';
import type { EngineContext } from '../engine/context.ts';
import type { WindowEstimate } from '../planner/types.ts';
import { cpuSeconds, peakRssBytes } from './process-figures.ts';

export interface CaseSpec {
  readonly dataDir: string;
  readonly table: string;
  /** Moved first, untimed: threads are started and have loaded their tasks. */
  readonly warmTable: string;
  readonly workers: number;
  /** Cap for the process. */
  readonly memoryBytes: number;
  readonly nowMs: number;
}

export interface CaseOutput {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface CaseResult {
  /** From the call of `run` to the durable commit. */
  readonly seconds: number;
  /** From the start of the process until its pool is warm. */
  readonly startSeconds: number;
  /** From the call of `run` until it returns: the report of late rows comes after the commit. */
  readonly callSeconds: number;
  readonly peakRssBytes: number;
  /** Of the warm process, before the timed move. */
  readonly startRssBytes: number;
  readonly cpuSeconds: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly ledger: Ledger | null;
  readonly memory: RunRecord['memory'];
  readonly estimate: WindowEstimate | null;
  /** In output order. */
  readonly outputs: readonly CaseOutput[];
}

/** @throws Error when the window is held, fails, or leaves nothing */
export async function runCase(spec: CaseSpec): Promise<CaseResult> {
  const { dataDir, workers, memoryBytes, nowMs, table } = spec;
  const { context, close } = await openContext({
    dataDir,
    create: false,
    workers,
    memoryBytes,
    now: () => nowMs,
  });
  try {
    committed(await runTable(context, spec.warmTable, { windows: 1 }));
    const startSeconds = performance.now() / 1000;
    const startRssBytes = peakRssBytes();
    const { windows } = await planTableReport(context, table, 1);
    const started = performance.now();
    let seconds = 0;
    const report = await runTable(context, table, {
      windows: 1,
      onWindow: () => (seconds = since(started)),
    });
    const callSeconds = since(started);
    const { segments, stages, ledger, memory } = committed(report);
    return {
      seconds,
      startSeconds,
      callSeconds,
      peakRssBytes: peakRssBytes(),
      startRssBytes,
      cpuSeconds: cpuSeconds(),
      stages,
      ledger,
      memory,
      estimate: windows[0]?.estimate ?? null,
      outputs: segments.map(({ name, rows, bytes }) => ({
        path: pathOf(context, table, name),
        rows,
        bytes,
      })),
    };
  } finally {
    await close();
  }
}

function since(started: number): number {
  return (performance.now() - started) / 1000;
}

function committed({ table, windows: [window], held }: RunReport): WindowReport {
  const [reason] = held;
  if (window === undefined)
    throw new Error(`table ${table} was not moved: ${reason?.reason}: ${reason?.detail}`);
  const { state, error } = window;
  if (state !== 'COMMITTED')
    throw new Error(`table ${table}: window ${state}: ${error?.code}: ${error?.message}`);
  return window;
}

function pathOf({ catalog, store }: EngineContext, table: string, name: string): string {
  const segment = catalog.read((view) => findSegment(view, table, name, 'OFFLINE'));
  if (segment === undefined) throw new Error(`segment ${name} of ${table} is not in the catalog`);
  return store.localPath(segment.file);
}
