// Moves one window: survey, merge of dictionaries, map, reduce, emit. Plain data goes in and out; the catalog is not
// touched, the outputs lie below tmp/<runId>/ and nothing else sees them.
import type { VarValues } from '../columns/column.ts';
import { SegmillError } from '../errors.ts';
import { sampleRowsOfSegmentMax, sampleRowsOfSegmentMin, sampleRowsTarget } from '../limits.ts';
import type {
  MapOutput,
  MergeOutput,
  ReduceOutput,
  ShardSlice,
  SurveyOutput,
  TaskMap,
} from '../tasks/contract.ts';
import { frameBytes } from '../tasks/frame.ts';
import { planRows } from '../tasks/plan.ts';
import type { WindowInput, WindowJob, WindowResult } from '../tasks/types.ts';
import { needsValues } from '../tasks/value-sums.ts';
import { createMemoryBudget } from './budget.ts';
import { emitOutputs } from './emit.ts';
import { countsOf, windowResult, writeRejects } from './result.ts';
import type { InputCounts } from './result.ts';
import { overflowError } from './overflow.ts';
import { runTasks } from './run.ts';
import type { PartitionRows, WindowDeps, WindowRun } from './run.ts';
import { planShuffle } from './shuffle-plan.ts';
import type { ShufflePlan } from './shuffle-plan.ts';

export type { WindowDeps, WindowProgress } from './run.ts';

/**
 * @throws SegmillError MISSING_INPUT, SEGMENT_CORRUPT, COLUMN_TYPE_CHANGED, VALUE_INVALID, SUM_OVERFLOW,
 *   FIXED_NAME_SEVERAL_OUTPUTS, SEGMENT_TIME_INVALID, CONFIG_INVALID, STORE_FULL, MEMORY_CAP, WORKER_DIED,
 *   CANCELLED
 */
export async function executeWindow(job: WindowJob, deps: WindowDeps): Promise<WindowResult> {
  const { inputs, ...facts } = job;
  const budget = createMemoryBudget(deps.memoryCapBytes);
  const run: WindowRun = { job, facts, plan: planRows(facts), deps, budget, stages: {} };
  const surveys = await timed(run, 'map', () => surveyInputs(run));
  const unified = await timed(run, 'map', () => unify(run, surveys));
  const { partitions, counts } = await shuffle(run, surveys, unified);
  const rejectFile = await writeRejects(run, counts);
  const outputs = await timed(run, 'emit', () =>
    emitOutputs(run, partitions, unified.dictionaries),
  );
  return windowResult(run, { inputs, counts, outputs, rejectFile });
}

interface Shuffled {
  readonly partitions: readonly PartitionRows[];
  readonly counts: readonly InputCounts[];
}

/** The mapped segments are let go before anything is emitted. */
async function shuffle(
  run: WindowRun,
  surveys: readonly SurveyOutput[],
  unified: Unified,
): Promise<Shuffled> {
  const mapped = await timed(run, 'map', () => mapInputs(run, surveys, unified));
  const opened = mapped[Symbol.iterator]();
  const counts = surveys.map((survey) =>
    countsOf(survey, survey.outside ? null : opened.next().value!),
  );
  checkKeys(run, counts);
  const partitions = await timed(run, 'reduce', () => reduceShards(run, mapped, unified));
  return { partitions, counts };
}

async function timed<T>(run: WindowRun, stage: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const value = await work();
  run.stages[stage] = (run.stages[stage] ?? 0) + Math.round(performance.now() - started);
  return value;
}

async function surveyInputs(run: WindowRun): Promise<SurveyOutput[]> {
  const { inputs } = run.job;
  const samplesMax = Math.min(
    sampleRowsOfSegmentMax,
    Math.max(sampleRowsOfSegmentMin, Math.ceil(sampleRowsTarget / Math.max(1, inputs.length))),
  );
  const inputOf = (input: WindowInput, index: number): TaskMap['survey']['input'] => ({
    job: run.facts,
    input,
    index,
    samplesMax,
  });
  return runTasks(run, 'survey', inputs, inputOf, 'survey');
}

/** O-6: a ROLLUP without a single key column cannot order two rows. */
function checkKeys({ job, plan }: WindowRun, counts: readonly InputCounts[]): void {
  const kept = counts.reduce((sum, input) => sum + input.kept, 0);
  if (job.move.mergeType !== 'ROLLUP' || plan.keyCount > 0 || kept < 2) return;
  throw new SegmillError(
    'CONFIG_INVALID',
    `Cannot compare rows on an unsorted reader: the schema of ${job.table} has only metrics, ROLLUP needs a dimension or a time column; use CONCAT or DEDUP`,
    { table: job.table },
  );
}

export interface Unified {
  readonly dictionaries: Readonly<Record<string, VarValues>>;
  readonly cardinalities: Readonly<Record<string, number>>;
  /** By input, by column. */
  readonly remaps: readonly Readonly<Record<string, Uint32Array>>[];
  readonly nullColumns: readonly string[];
}

async function unify(run: WindowRun, surveys: readonly SurveyOutput[]): Promise<Unified> {
  const columns = run.plan.fields.filter(({ name }) =>
    surveys.some(({ dictionaries }) => name in dictionaries),
  );
  const holders = surveys
    .map((survey, i) => ({ survey, i }))
    .filter(({ survey }) => !survey.outside);
  const merged: MergeOutput[] = await runTasks(run, 'merge', columns, ({ name, dataType }) => ({
    column: name,
    dataType,
    dictionaries: holders.map(({ survey }) => survey.dictionaries[name]!),
  }));
  const dictionaries: Record<string, VarValues> = {};
  const cardinalities: Record<string, number> = {};
  const remaps = surveys.map((): Record<string, Uint32Array> => ({}));
  columns.forEach(({ name }, c) => {
    const { dictionary, remaps: own } = merged[c]!;
    dictionaries[name] = dictionary;
    cardinalities[name] = dictionary.offsets.length - 1;
    run.budget.reserve('dictionaries', dictionary.data.byteLength + dictionary.offsets.byteLength);
    holders.forEach(({ i }, h) => (remaps[i]![name] = own[h]!));
  });
  const nullColumns = run.plan.nullHandling
    ? run.plan.fields
        .map(({ name }) => name)
        .filter((name) => holders.some(({ survey }) => survey.nullColumns.includes(name)))
    : [];
  return { dictionaries, cardinalities, remaps, nullColumns };
}

async function mapInputs(
  run: WindowRun,
  surveys: readonly SurveyOutput[],
  unified: Unified,
): Promise<MapOutput[]> {
  const segments: {
    input: WindowInput;
    survey: SurveyOutput;
    ordinalBase: number;
    remaps: Unified['remaps'][number];
  }[] = [];
  let ordinalBase = 0;
  surveys.forEach((survey, i) => {
    const input = survey.replacement ?? run.job.inputs[i]!;
    segments.push({ input, survey, ordinalBase, remaps: unified.remaps[i]! });
    ordinalBase += input.rowCount;
  });
  const plan: ShufflePlan = planShuffle(
    segments,
    run.plan,
    run.job.move,
    unified.cardinalities,
    run.deps.shardRows,
  );
  const holders = segments.filter(({ survey }) => !survey.outside);
  const outputs = await runTasks(
    run,
    'map',
    holders,
    ({ input, remaps, ordinalBase: base }) => ({
      job: run.facts,
      input,
      remaps,
      cardinalities: unified.cardinalities,
      nullColumns: unified.nullColumns,
      prefix: plan.prefix,
      splitters: plan.splitters,
      ordinalBase: plan.spread ? base : null,
    }),
    'map',
    ({ frame }) => run.budget.reserve('runs', frameBytes(frame)),
  );
  return outputs;
}

/** P-3: partitions in string order of their id; within one, shards in key order. */
async function reduceShards(
  run: WindowRun,
  mapped: readonly MapOutput[],
  { dictionaries }: Unified,
): Promise<PartitionRows[]> {
  const shards = shardsOf(mapped);
  const { mergeType } = run.job.move;
  const merging = mergeType !== 'CONCAT' || run.plan.keyCount > 0;
  const pieces: ShardSlice[][] = merging
    ? await reduceEach(run, shards, dictionaries)
    : shards.map(({ slices }) => [...slices]);
  if (merging) run.budget.release('runs');
  const partitions: { partition: string; pieces: ShardSlice[] }[] = [];
  shards.forEach(({ partition }, s) => {
    const last = partitions.at(-1);
    if (last?.partition === partition) last.pieces.push(...pieces[s]!);
    else partitions.push({ partition, pieces: [...pieces[s]!] });
  });
  return partitions;
}

async function reduceEach(
  run: WindowRun,
  shards: readonly Shard[],
  dictionaries: Readonly<Record<string, VarValues>>,
): Promise<ShardSlice[][]> {
  const { plan } = run;
  const needed: Record<string, VarValues> = {};
  for (const { name, dataType } of plan.fields) {
    const dictionary = dictionaries[name];
    if (dictionary !== undefined && needsValues(dataType, plan.aggregations.get(name)))
      needed[name] = dictionary;
  }
  const inputOf = ({ slices }: Shard): TaskMap['reduce']['input'] => ({
    job: run.facts,
    slices,
    dictionaries: needed,
  });
  const reduced: ReduceOutput[] = await runTasks(
    run,
    'reduce',
    shards,
    inputOf,
    'reduce',
    ({ frame }) => run.budget.reserve('output', frameBytes(frame)),
  );
  return reduced.map(({ frame, overflow }) => {
    if (overflow !== null) throw overflowError(run.job, overflow, dictionaries);
    return [{ frame, start: 0, end: frame.rowCount }];
  });
}

interface Shard {
  readonly partition: string;
  readonly slices: readonly ShardSlice[];
}

function shardsOf(mapped: readonly MapOutput[]): Shard[] {
  const found = new Map<string, Map<number, ShardSlice[]>>();
  for (const { frame, slices } of mapped) {
    for (const { partition, shard, start, end } of slices) {
      let shards = found.get(partition);
      if (shards === undefined) found.set(partition, (shards = new Map<number, ShardSlice[]>()));
      const own = shards.get(shard);
      if (own === undefined) shards.set(shard, [{ frame, start, end }]);
      else own.push({ frame, start, end });
    }
  }
  return [...found.keys()].toSorted().flatMap((partition) => {
    const shards = found.get(partition)!;
    const numbers = [...shards.keys()].toSorted((a, b) => a - b);
    return numbers.map((number) => ({ partition, slices: shards.get(number)! }));
  });
}
