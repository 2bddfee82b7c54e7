// `bench`: segmill measured on this machine, on its own or beside its peers.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BenchReport, Contest, WorkloadReport } from '../../bench/report.ts';
import { workloads, workloadsOf } from '../../bench/workloads.ts';
import { bytesText, printObject, textTable } from '../output.ts';
import { countOf, oneOf } from '../settings.ts';
import type { Verb } from '../verb.ts';
import { programVersion } from '../version.ts';

const rowsDefault = 1_000_000;
const runsDefault = 5;

export const bench: Verb = {
  usage: 'bench [WORKLOAD...] [--rows N] [--peers] [--runs N] [--input F] [--keep DIR]',
  summary: `figures of this machine: ${workloads.map(({ name }) => name).join(', ')}`,
  flags: {
    rows: { type: 'string', value: 'N', help: `rows of the window (default ${rowsDefault})` },
    peers: {
      type: 'boolean',
      help: 'run DuckDB in turn, and polars, DataFusion and chdb where Python has them (SEGMILL_PYTHON)',
    },
    runs: { type: 'string', value: 'N', help: `runs of each (default ${runsDefault})` },
    input: {
      type: 'string',
      value: 'F',
      help: 'realtime segments as arrow (default, as sealed) or parquet (the files that peers read)',
    },
    keep: {
      type: 'string',
      value: 'DIR',
      help: 'work here and leave rows and last outputs behind; rows that are there are used again',
    },
  },
  examples: [
    'bench',
    'bench concat-sort rollup-high --rows 10000000 --peers',
    'bench dedup --memory 512MiB --workers 2 --runs 3 --format json',
  ],
  words: [0, workloads.length],
  run: async (context) => {
    const { io, settings, parsed, positionals, say } = context;
    const { runBench } = await import('../../bench/bench.ts');
    const { findPeers } = await import('../../bench/peers.ts');
    const chosen = workloadsOf(positionals);
    const rows = countOf('--rows', parsed.text('rows')) ?? rowsDefault;
    const runs = countOf('--runs', parsed.text('runs')) ?? runsDefault;
    const input = oneOf('--input', parsed.text('input'), ['arrow', 'parquet'] as const) ?? 'arrow';
    const keep = parsed.text('keep');
    const found =
      parsed.flag('peers') === true ? await findPeers(io.env) : { peers: [], absent: [] };
    for (const { name, reason } of found.absent) say(`without ${name}: ${reason}`);
    const folder =
      keep === undefined ? await mkdtemp(join(tmpdir(), 'segmill-bench-')) : resolve(io.cwd, keep);
    try {
      const report = await runBench({
        workloads: chosen,
        rows,
        runs,
        workers: settings.workers,
        input,
        memoryBytes: settings.memoryBytes,
        peers: found.peers,
        absentPeers: found.absent,
        folder,
        keep: keep !== undefined,
        version: programVersion(),
        signal: io.signal,
        progress: say,
      });
      printObject(io, settings.format, report, () => benchLines(report));
      return report.ok ? 0 : 1;
    } finally {
      if (keep === undefined) await rm(folder, { recursive: true, force: true });
    }
  },
};

function benchLines(report: BenchReport): string[] {
  const { machine, node, rows, runs, workers, input, memoryCapBytes, compiled } = report;
  return [
    `${machine.cpu}, ${machine.cores} cores, ${bytesText(machine.memoryBytes)}, ${machine.platform}, Node ${node}`,
    `${rows} rows, ${runs} runs, ${workers} workers or threads, ${input} segments in, memory cap ${bytesText(memoryCapBytes)}`,
    ...(compiled ? [] : ['not compiled: these figures mean nothing']),
    '',
    textTable(
      [
        'workload',
        'by',
        'seconds',
        'min-max',
        'rows/s',
        'peak RSS',
        'start s',
        'others',
        'out',
        'against fastest peer',
        'answer',
      ],
      report.workloads.flatMap(contestRows),
    ),
    '',
    textTable(
      ['workload', 'stages ms', 'rows out', 'segments', 'estimated', 'plain copy s'],
      report.workloads.flatMap(engineRow),
    ),
    ...report.workloads.flatMap(({ workload, contests }) =>
      contests.flatMap(({ name, wrong, failure }) =>
        [...wrong, ...(failure === null ? [] : [failure])].map(
          (line) => `${workload}: ${name}: ${line}`,
        ),
      ),
    ),
    ...report.absentPeers.map(({ name, reason }) => `without ${name}: ${reason}`),
  ];
}

function contestRows({ workload, contests }: WorkloadReport): string[][] {
  return contests.map((contest) => {
    const { name, version, seconds, rowsPerSecond, peakRssBytes, startSeconds, othersCpu } =
      contest;
    return [
      workload,
      `${name} ${version}`,
      seconds === null ? '' : seconds.median.toFixed(2),
      seconds === null ? '' : `${seconds.min.toFixed(2)}-${seconds.max.toFixed(2)}`,
      rowsPerSecond === null ? '' : `${(rowsPerSecond / 1e6).toFixed(2)} M`,
      peakRssBytes === null ? '' : bytesText(peakRssBytes),
      startSeconds === null ? '' : startSeconds.toFixed(2),
      othersCpu === null ? '' : `${Math.round(othersCpu * 100)} %`,
      contest.filesOut === 0 ? '' : bytesText(contest.bytesOut),
      contest.timesFaster === null ? '' : `${contest.timesFaster.toFixed(2)}x`,
      verdict(contest),
    ];
  });
}

function verdict({ failure, wrong }: Contest): string {
  if (failure !== null) return 'failed';
  return wrong.length === 0 ? 'agrees' : 'WRONG';
}

function engineRow({ workload, engine }: WorkloadReport): string[][] {
  if (engine === null) return [];
  const { stages, rowsOut, segmentsOut, estimate, plainCopySeconds } = engine;
  const estimated =
    estimate === null
      ? ''
      : `${estimate.seconds.toFixed(2)} s, ${bytesText(estimate.memoryBytes)}, ${estimate.rowsOut} rows, ${estimate.segmentsOut} segments`;
  return [
    [
      workload,
      Object.entries(stages)
        .map(([stage, ms]) => `${stage} ${ms}`)
        .join(', '),
      String(rowsOut),
      String(segmentsOut),
      estimated,
      plainCopySeconds.toFixed(2),
    ],
  ];
}
