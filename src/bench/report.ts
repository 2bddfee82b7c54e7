// What a bench found, as plain data.
import type { Ledger, RunRecord } from '../catalog/types.ts';
import type { SegmentFormat } from '../config/types.ts';
import type { WindowEstimate } from '../planner/types.ts';
import type { CaseResult } from './case-run.ts';
import type { PeerResult } from './peer-job.ts';
import type { AbsentPeer } from './peers.ts';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One contestant on one workload. */
export interface Contest {
  readonly name: string;
  readonly version: string;
  /** Null: it failed, see `failure`. */
  readonly seconds: Spread | null;
  /** Every run, in order. */
  readonly runs: readonly number[];
  /** Start of process, engine and pool; for peers of their engine. */
  readonly startSeconds: number | null;
  /** Input rows by median. */
  readonly rowsPerSecond: number | null;
  /** Input bytes, as this contestant reads them, by median. */
  readonly bytesPerSecond: number | null;
  readonly bytesIn: number;
  /** Largest of all runs. */
  readonly peakRssBytes: number | null;
  /** Share of the machine that other processes took while it ran, 0 to 1, median: distrust figures above 0.15. */
  readonly othersCpu: number | null;
  readonly bytesOut: number;
  readonly filesOut: number;
  /** Median seconds by those of the fastest peer; null for the peers, and without any. */
  readonly timesFaster: number | null;
  /** What its answer gets wrong, in words; empty: it agrees. */
  readonly wrong: readonly string[];
  readonly failure: string | null;
}

/** What only segmill tells of itself, of its median run. */
export interface EngineFigures {
  readonly stages: Readonly<Record<string, number>>;
  /** Input bytes by seconds of each stage. */
  readonly stageBytesPerSecond: Readonly<Record<string, number>>;
  readonly stageRowsPerSecond: Readonly<Record<string, number>>;
  readonly callSeconds: number;
  readonly startRssBytes: number;
  readonly ledger: Ledger | null;
  readonly memory: RunRecord['memory'];
  readonly estimate: WindowEstimate | null;
  readonly rowsOut: number;
  readonly segmentsOut: number;
  /** Seconds of reading the same input and writing as many bytes as its output, flushed. */
  readonly plainCopySeconds: number;
}

export interface WorkloadReport {
  readonly workload: string;
  readonly summary: string;
  readonly rowsIn: number;
  /** segmill first. */
  readonly contests: readonly Contest[];
  readonly engine: EngineFigures | null;
}

export interface BenchReport {
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly platform: string;
  };
  readonly node: string;
  readonly startedAt: string;
  readonly rows: number;
  readonly runs: number;
  readonly workers: number;
  /** Format of segmill's realtime segments. */
  readonly input: SegmentFormat;
  /** Of segmill. */
  readonly memoryCapBytes: number;
  /** False: run through a loader of TypeScript, the figures mean nothing. */
  readonly compiled: boolean;
  readonly absentPeers: readonly AbsentPeer[];
  readonly workloads: readonly WorkloadReport[];
  /** Every contestant that ran agrees, and segmill failed nowhere. */
  readonly ok: boolean;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** One run of one contestant. */
export interface Run<R extends CaseResult | PeerResult = CaseResult | PeerResult> {
  readonly result: R;
  readonly othersCpu: number;
}

export interface Contestant {
  readonly name: string;
  readonly version: string;
  readonly bytesIn: number;
  readonly runs: Run[];
  failure: string | null;
}

export interface ContestOutput {
  readonly bytes: number;
  readonly files: number;
  readonly wrong: readonly string[];
}

export function contestOf(
  { name, version, bytesIn, runs, failure }: Contestant,
  rowsIn: number,
  output: ContestOutput,
): Contest {
  const seconds = runs.map(({ result }) => result.seconds);
  const spread = seconds.length === 0 ? null : spreadOf(seconds);
  const median = (pick: (run: Run) => number): number | null =>
    runs.length === 0 ? null : spreadOf(runs.map(pick)).median;
  return {
    name,
    version,
    seconds: spread,
    runs: seconds,
    startSeconds: median(({ result }) => result.startSeconds),
    rowsPerSecond: spread === null ? null : rowsIn / spread.median,
    bytesPerSecond: spread === null ? null : bytesIn / spread.median,
    bytesIn,
    peakRssBytes:
      runs.length === 0 ? null : Math.max(...runs.map(({ result }) => result.peakRssBytes)),
    othersCpu: median(({ othersCpu }) => othersCpu),
    bytesOut: output.bytes,
    filesOut: output.files,
    timesFaster: null,
    wrong: output.wrong,
    failure,
  };
}

/** How much faster the first contest is than the fastest of the others whose answer agrees. */
export function withRatio([ours, ...peers]: readonly Contest[]): Contest[] {
  const fastest = Math.min(
    ...peers
      .filter(({ wrong, failure }) => wrong.length === 0 && failure === null)
      .map(({ seconds }) => seconds?.median ?? Infinity),
  );
  if (ours === undefined || ours.seconds === null || fastest === Infinity)
    return ours === undefined ? [] : [ours, ...peers];
  return [{ ...ours, timesFaster: fastest / ours.seconds.median }, ...peers];
}

/** Of the run whose time is nearest to the median. */
export function engineFigures(
  runs: readonly Run<CaseResult>[],
  input: { readonly rows: number; readonly bytes: number },
  plainCopySeconds: number,
): EngineFigures | null {
  if (runs.length === 0) return null;
  const { median } = spreadOf(runs.map(({ result }) => result.seconds));
  const off = ({ result }: Run<CaseResult>): number => Math.abs(result.seconds - median);
  const { result } = runs.toSorted((a, b) => off(a) - off(b))[0]!;
  const { stages, callSeconds, startRssBytes, ledger, memory, estimate, outputs } = result;
  const rate = (amount: number): Record<string, number> =>
    Object.fromEntries(
      Object.entries(stages).map(([stage, ms]) => [
        stage,
        Math.round(amount / (Math.max(1, ms) / 1000)),
      ]),
    );
  return {
    stages,
    stageBytesPerSecond: rate(input.bytes),
    stageRowsPerSecond: rate(input.rows),
    callSeconds,
    startRssBytes,
    ledger,
    memory,
    estimate,
    rowsOut: outputs.reduce((sum, { rows }) => sum + rows, 0),
    segmentsOut: outputs.length,
    plainCopySeconds,
  };
}
