// The bench: for each workload its rows, the runs of segmill and its peers in turn, and whether all answers agree.
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSegmillError } from '../errors.ts';
import { checkOutput, expectedFingerprint } from './agreement.ts';
import type { CaseResult, CaseSpec } from './case-run.ts';
import { runNodeChild } from './child.ts';
import { benchNowMs, prepareDirectory, warmTable } from './data-directory.ts';
import { datasetFiles, datasetFolder } from './dataset-files.ts';
import type { DatasetFiles, InputFormat } from './dataset-files.ts';
import { machineFacts, plainCopy, watchOthers } from './machine.ts';
import { peerJob } from './peer-job.ts';
import type { PeerJob, PeerResult } from './peer-job.ts';
import type { AbsentPeer, Peer } from './peers.ts';
import { runsCompiled } from './process-figures.ts';
import { contestOf, engineFigures, withRatio } from './report.ts';
import type { BenchReport, Contest, Contestant, Run, WorkloadReport } from './report.ts';
import { tableName } from './workloads.ts';
import type { Workload } from './workloads.ts';

export interface BenchOptions {
  readonly workloads: readonly Workload[];
  readonly rows: number;
  readonly runs: number;
  readonly workers: number;
  /** Of segmill's realtime segments; the peers always read Parquet. */
  readonly input: InputFormat;
  /** Cap for segmill's process. */
  readonly memoryBytes: number;
  readonly peers: readonly Peer[];
  readonly absentPeers: readonly AbsentPeer[];
  /** Everything is written here; on the same file system for all. */
  readonly folder: string;
  /** Leave rows and the last outputs behind. */
  readonly keep: boolean;
  /** Of segmill. */
  readonly version: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** @throws SegmillError CANCELLED, STORE_FULL; what a contestant does wrong is in the report */
export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const { workloads, rows, runs, workers, input, memoryBytes, keep } = options;
  const startedAt = new Date().toISOString();
  const reports: WorkloadReport[] = [];
  for (const [i, workload] of workloads.entries()) {
    const files = await datasetFiles(workload, {
      root: join(options.folder, 'data'),
      rows,
      threads: workers,
      signal: options.signal,
      progress: options.progress,
    });
    reports.push(await new WorkloadBench(workload, files, options).run());
    const needed = workloads.slice(i + 1).some((next) => tableName(next) === tableName(workload));
    if (!keep && !needed) {
      const folder = datasetFolder(workload, { root: join(options.folder, 'data'), rows });
      await rm(folder, { recursive: true, force: true });
    }
  }
  return {
    machine: machineFacts(),
    node: process.versions.node,
    startedAt,
    rows,
    runs,
    workers,
    input,
    memoryCapBytes: memoryBytes,
    compiled: runsCompiled(),
    absentPeers: options.absentPeers,
    workloads: reports,
    ok: reports.every(isFine),
  };
}

/** A peer that fails is its own loss; a wrong answer of anyone is not. */
function isFine({ contests }: WorkloadReport): boolean {
  return contests.every(({ wrong }) => wrong.length === 0) && contests[0]?.failure === null;
}

class WorkloadBench {
  readonly #workload: Workload;
  readonly #files: DatasetFiles;
  readonly #options: BenchOptions;
  readonly #folder: string;
  readonly #ours: Run<CaseResult>[] = [];

  constructor(workload: Workload, files: DatasetFiles, options: BenchOptions) {
    this.#workload = workload;
    this.#files = files;
    this.#options = options;
    this.#folder = join(options.folder, 'runs', workload.name);
  }

  async run(): Promise<WorkloadReport> {
    const { runs, peers, version, keep } = this.#options;
    const { rows, parquetBytes } = this.#files;
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder, { recursive: true });
    const bytesIn = this.#bytesIn();
    const segmill = { name: 'segmill', version, bytesIn, runs: [], failure: null };
    const others: Contestant[] = await Promise.all(
      peers.map(async ({ name, version: peerVersion, database }) => {
        const bytes = database ? (await stat(this.#files.database)).size : parquetBytes;
        return { name, version: peerVersion, bytesIn: bytes, runs: [], failure: null };
      }),
    );
    for (let run = 0; run < runs; run++) {
      await this.#attempt(segmill, () => this.#runCase());
      for (const [p, peer] of peers.entries())
        await this.#attempt(others[p]!, () => this.#runPeer(peer));
    }
    const contests = await this.#check([segmill, ...others]);
    const engine = await this.#engineFigures();
    if (!keep) await rm(this.#folder, { recursive: true, force: true });
    const { name, summary } = this.#workload;
    return { workload: name, summary, rowsIn: rows, contests: withRatio(contests), engine };
  }

  #bytesIn(): number {
    const { arrowBytes, parquetBytes } = this.#files;
    return this.#options.input === 'arrow' ? arrowBytes : parquetBytes;
  }

  /** A contestant that failed once is not tried again. */
  async #attempt(
    contestant: Contestant,
    run: () => Promise<Run<CaseResult | PeerResult>>,
  ): Promise<void> {
    if (contestant.failure !== null) return;
    const { progress, runs: most } = this.#options;
    const what = `${this.#workload.name}: ${contestant.name}, run ${contestant.runs.length + 1} of ${most}`;
    try {
      const done = await run();
      contestant.runs.push(done);
      progress(`${what}: ${done.result.seconds.toFixed(2)} s`);
    } catch (error) {
      if (isSegmillError(error, 'CANCELLED')) throw error;
      contestant.failure = error instanceof Error ? error.message : String(error);
      progress(`${what}: ${contestant.failure}`);
    }
  }

  async #runCase(): Promise<Run<CaseResult>> {
    const { workers, input, memoryBytes, signal } = this.#options;
    const dataDir = join(this.#folder, 'segmill');
    await prepareDirectory(this.#workload, this.#files, { dataDir, workers, input });
    const table = tableName(this.#workload);
    const spec: CaseSpec = { dataDir, table, warmTable, workers, memoryBytes, nowMs: benchNowMs };
    const others = watchOthers();
    const result = await runNodeChild<CaseResult>('case', spec, {
      what: `the move of ${this.#workload.name}`,
      scratch: join(this.#folder, 'segmill-case'),
      signal,
    });
    const run = { result, othersCpu: others(result.cpuSeconds) };
    this.#ours.push(run);
    return run;
  }

  async #runPeer(peer: Peer): Promise<Run<PeerResult>> {
    const job = this.#job(peer);
    await rm(job.out, { recursive: true, force: true });
    await mkdir(job.out, { recursive: true });
    const others = watchOthers();
    const result = await peer.run(job, {
      what: `${peer.name} on ${this.#workload.name}`,
      scratch: join(this.#folder, peer.name),
      signal: this.#options.signal,
    });
    return { result, othersCpu: others(result.cpuSeconds) };
  }

  #job({ name, database }: Pick<Peer, 'name' | 'database'>): PeerJob {
    return peerJob(this.#workload, {
      sources: this.#files.parquet,
      database: database ? this.#files.database : null,
      out: join(this.#folder, `${name}-out`),
      threads: this.#options.workers,
    });
  }

  /** The last output of each, held against a plain query over the input. */
  async #check(contestants: readonly Contestant[]): Promise<Contest[]> {
    const job = this.#job({ name: 'check', database: false });
    const options = { threads: this.#options.workers, temporary: join(this.#folder, 'spill') };
    const expected = await expectedFingerprint(job, options);
    const contests: Contest[] = [];
    for (const contestant of contestants) {
      const ours = contestant.name === 'segmill';
      const files = contestant.runs.length === 0 ? [] : await this.#outputsOf(contestant);
      const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
      const wrong =
        contestant.runs.length === 0
          ? []
          : await checkOutput({ job, files, expected, filePerPartition: ours, options });
      for (const line of wrong)
        this.#options.progress(`${this.#workload.name}: ${contestant.name} is wrong: ${line}`);
      contests.push(
        contestOf(contestant, this.#files.rows, {
          bytes: sizes.reduce((sum, size) => sum + size, 0),
          files: files.length,
          wrong,
        }),
      );
    }
    return contests;
  }

  async #outputsOf({ name }: Contestant): Promise<string[]> {
    if (name === 'segmill') return this.#ours.at(-1)!.result.outputs.map(({ path }) => path);
    const { out } = this.#job({ name, database: false });
    const names = await readdir(out);
    return names.filter((file) => file.endsWith('.parquet')).map((file) => join(out, file));
  }

  async #engineFigures(): Promise<WorkloadReport['engine']> {
    const { folder, segments, parquet, rows } = this.#files;
    const arrow = segments.map(({ file }) => join(folder, file));
    const files = this.#options.input === 'arrow' ? arrow : parquet;
    const outputs = this.#ours.at(-1)?.result.outputs ?? [];
    const bytesOut = outputs.reduce((sum, { bytes }) => sum + bytes, 0);
    const seconds = await plainCopy(files, bytesOut, join(this.#folder, 'plain-copy'));
    return engineFigures(this.#ours, { rows, bytes: this.#bytesIn() }, seconds);
  }
}
