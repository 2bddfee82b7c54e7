// Stage c: the window's rows of one segment, codes unified, grouped by partition and shard on one shared buffer. ROLLUP
// aggregates here already when the segment's own rows say that it pays.
import { allRows, gather } from '../kernels/gather.ts';
import { hashGroups, tableGroups } from '../kernels/groups.ts';
import { placeRows } from '../kernels/scatter.ts';
import { findShards } from '../kernels/shards.ts';
import type { Splitters } from '../kernels/shards.ts';
import { aggregateFrame, canAggregateEarly } from './aggregate-frame.ts';
import type { MapInput, MapOutput, MapSlice, TaskContext } from './contract.ts';
import { gatherFrame, scatterFrame } from './frame.ts';
import type { Frame } from './frame.ts';
import { conform, readInput } from './load.ts';
import { planRows } from './plan.ts';
import type { RowPlan } from './plan.ts';
import { foldRows } from './prefix.ts';
import { sourceFrame } from './source-frame.ts';
import { partitionRows, takeWindow } from './window-rows.ts';
import type { RowPartitions } from './window-rows.ts';

const noSplitters: Splitters = { prefixes: new Float64Array(0), ordinals: new Float64Array(0) };

/** @throws SegmillError as `runSurvey` */
export async function runMap(task: MapInput, context: TaskContext): Promise<MapOutput> {
  const { job, input } = task;
  const plan = planRows(job);
  const stored = await readInput(input, context);
  const batch = conform(stored, plan.schema, plan.nullHandling, input.name);
  const window = takeWindow(job, plan, batch, input.name, context.scratch);
  const partitions = partitionRows(job, plan, window, input.name);
  const frame = sourceFrame(plan, window, task);
  const prefix = foldRows(
    task.prefix,
    frame,
    window.rows,
    context.scratch.numbers('prefix', window.rows.length),
  );
  const all: Mapped = { frame, rows: window.rows, prefix, partitions };
  const mapped = aggregateEarly(task, plan, all) ?? all;
  return {
    ...shardRows(task, mapped),
    outsideWindow: batch.rowCount - window.rows.length - window.rejected.length,
    rejected: window.rejected,
    kept: window.rows.length,
  };
}

interface Mapped {
  readonly frame: Frame;
  readonly rows: Uint32Array;
  /** By place in `rows`. */
  readonly prefix: Float64Array;
  readonly partitions: RowPartitions;
}

function shardRows(
  task: MapInput,
  { frame, rows, prefix, partitions }: Mapped,
): Pick<MapOutput, 'frame' | 'slices'> {
  const { ids, indexes } = partitions;
  const splitters = ids.map((id) => task.splitters[id] ?? noSplitters);
  const bases = [0];
  for (const { prefixes } of splitters) bases.push(bases.at(-1)! + prefixes.length + 1);
  if (bases.at(-1) === 1) return wholeShard(ids[0], frame, rows);
  const shards =
    ids.length === 1
      ? findShards(prefix, rows, task.ordinalBase, splitters[0]!)
      : shardsByPartition(task, { rows, prefix, indexes, splitters, bases });
  const { places, starts } = placeRows(shards, bases.at(-1)!);
  const slices: MapSlice[] = [];
  ids.forEach((partition, p) => {
    for (let s = bases[p]!; s < bases[p + 1]!; s++) {
      const [start, end] = [starts[s]!, starts[s + 1]!];
      if (end > start) slices.push({ partition, shard: s - bases[p]!, start, end });
    }
  });
  return { frame: scatterFrame(frame, rows, places), slices };
}

/** All rows go to one shard: they keep their order, and stretches of them are copied as they lie. */
function wholeShard(
  partition: string | undefined,
  frame: Frame,
  rows: Uint32Array,
): Pick<MapOutput, 'frame' | 'slices'> {
  const slices =
    partition === undefined || rows.length === 0
      ? []
      : [{ partition, shard: 0, start: 0, end: rows.length }];
  return { frame: gatherFrame(frame, rows), slices };
}

interface ByPartition {
  readonly rows: Uint32Array;
  readonly prefix: Float64Array;
  readonly indexes: Uint32Array;
  readonly splitters: readonly Splitters[];
  readonly bases: readonly number[];
}

function shardsByPartition(task: MapInput, given: ByPartition): Uint32Array {
  const { rows, prefix, indexes, splitters, bases } = given;
  const { places, starts } = placeRows(indexes, splitters.length);
  const order = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) order[places[i]!] = i;
  const shards = new Uint32Array(rows.length);
  splitters.forEach((own, p) => {
    const members = order.subarray(starts[p]!, starts[p + 1]!);
    const found = findShards(
      pickNumbers(prefix, members),
      Uint32Array.from(members, (i) => rows[i]!),
      task.ordinalBase,
      own,
    );
    for (let k = 0; k < members.length; k++) shards[members[k]!] = bases[p]! + found[k]!;
  });
  return shards;
}

/** Rows looked at to decide, and the share of different keys among them up to which aggregating pays. */
const probeShare = 0.25;
const distinctShareMax = 0.5;
/** Group tables up to this size; larger ones miss the cache more than a hash does. */
const tableSpaceMax = 1 << 22;

/**
 * The segment's groups instead of its rows, or null where that would not pay or cannot be exact. Depends on the segment's
 * rows alone, and sums are the same bits either way (design, "Reduce").
 */
function aggregateEarly(task: MapInput, plan: RowPlan, all: Mapped): Mapped | null {
  const { rows, prefix, partitions } = all;
  if (!task.prefix.whole || rows.length < 2 || !canAggregateEarly(task.job, plan)) return null;
  const keys = withPartitions(prefix, partitions, task);
  if (keys === null) return null;
  const space = keySpace(task, partitions);
  const groups = (count: number): ReturnType<typeof hashGroups> =>
    space <= Math.min(tableSpaceMax, 8 * rows.length)
      ? tableGroups(keys.subarray(0, count), space)
      : hashGroups(keys.subarray(0, count));
  const probe = Math.max(2, Math.ceil(rows.length * probeShare));
  if (groups(probe).first.length > probe * distinctShareMax) return null;
  const { groupOf, first } = groups(rows.length);
  // All rows of the segment: they are where they lie already.
  const kept = rows.length === all.frame.rowCount ? all.frame : gatherFrame(all.frame, rows);
  const whole = Uint32Array.of(0, rows.length);
  const { frame, overflow } = aggregateFrame(task.job, plan, kept, {
    groupOf,
    first,
    slices: whole,
  });
  if (overflow !== null) return null;
  return {
    frame,
    rows: allRows(first.length),
    prefix: pickNumbers(prefix, first),
    partitions: { ids: partitions.ids, indexes: first.map((i) => partitions.indexes[i]!) },
  };
}

/** Keys lie in 0..this. */
function keySpace(task: MapInput, { ids }: RowPartitions): number {
  return task.prefix.parts.reduce((product, { size }) => product * size, ids.length);
}

function withPartitions(
  prefix: Float64Array,
  partitions: RowPartitions,
  task: MapInput,
): Float64Array | null {
  const count = partitions.ids.length;
  if (count === 1) return prefix;
  if (keySpace(task, partitions) > Number.MAX_SAFE_INTEGER) return null;
  return prefix.map((key, i) => key * count + partitions.indexes[i]!);
}

function pickNumbers(source: Float64Array, rows: Uint32Array): Float64Array {
  const picked = new Float64Array(rows.length);
  gather(picked, source, rows);
  return picked;
}
