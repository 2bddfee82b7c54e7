// From the surveys to the plan of the shuffle: pure functions of what the surveys found, so the same input is cut into
// the same shards whatever the number of workers.
import type { MoveConfig } from '../config/types.ts';
import { shardRowsTarget, shardsMax } from '../limits.ts';
import { chooseSplitters } from '../kernels/shards.ts';
import type { Splitters } from '../kernels/shards.ts';
import type { SurveyOutput } from '../tasks/contract.ts';
import type { RowPlan } from '../tasks/plan.ts';
import { foldPrefix, planPrefix } from '../tasks/prefix.ts';
import type { KeyRange, PrefixPlan } from '../tasks/prefix.ts';

export interface SurveyedSegment {
  readonly survey: SurveyOutput;
  /** Ordinal of its row 0 in the whole input. */
  readonly ordinalBase: number;
  readonly remaps: Readonly<Record<string, Uint32Array>>;
}

export interface ShufflePlan {
  readonly prefix: PrefixPlan;
  readonly splitters: Readonly<Record<string, Splitters>>;
  /** A heavy key spreads over shards by segment and row; only where no group can be torn. */
  readonly spread: boolean;
}

export function planShuffle(
  segments: readonly SurveyedSegment[],
  plan: RowPlan,
  move: MoveConfig,
  cardinalities: Readonly<Record<string, number>>,
  shardRows: number = shardRowsTarget,
): ShufflePlan {
  const ranges = keyRanges(segments, plan, cardinalities);
  const kept = segments.reduce((sum, { survey }) => sum + survey.keptEstimate, 0);
  if (kept === 0 || plan.keyCount === 0) {
    return { prefix: { parts: [], whole: false }, splitters: {}, spread: false };
  }
  const prefix = planPrefix(ranges);
  const spread = move.mergeType === 'CONCAT' && prefix.whole;
  const singleCodes = new Set(
    plan.fields
      .filter(({ name, multiValue }) => name in cardinalities && !multiValue)
      .map(({ name }) => name),
  );
  const samples = samplesByPartition(segments, prefix, spread, singleCodes);
  const sampled = [...samples.values()].reduce((sum, { prefixes }) => sum + prefixes.length, 0);
  const splitters: Record<string, Splitters> = {};
  for (const [partition, { prefixes, ordinals }] of samples) {
    const rows = (kept * prefixes.length) / sampled;
    const shards = Math.min(shardsMax, Math.ceil(rows / shardRows));
    splitters[partition] = chooseSplitters(
      Float64Array.from(prefixes),
      Float64Array.from(ordinals),
      shards,
    );
  }
  return { prefix, splitters, spread };
}

function keyRanges(
  segments: readonly SurveyedSegment[],
  plan: RowPlan,
  cardinalities: Readonly<Record<string, number>>,
): KeyRange[] {
  const surveys = segments.map(({ survey }) => survey).filter(({ outside }) => !outside);
  return plan.fields.slice(0, plan.keyCount).map(({ name, multiValue }, k) => {
    const flagged =
      plan.nullsCount && surveys.some(({ nullColumns }) => nullColumns.includes(name));
    const size = cardinalities[name];
    if (size !== undefined && !multiValue) {
      return { column: name, min: 0, max: Math.max(0, size - 1), exact: true, flagged, unit: 1 };
    }
    const ranges = surveys.map(({ ranges: all }) => all[k]!);
    return {
      column: name,
      min: Math.min(...ranges.map(({ min }) => min)),
      max: Math.max(...ranges.map(({ max }) => max)),
      exact: ranges.every(({ exact }) => exact),
      flagged,
      unit: Math.min(...ranges.map(({ unit }) => unit)),
    };
  });
}

interface Samples {
  readonly prefixes: number[];
  readonly ordinals: number[];
}

function samplesByPartition(
  segments: readonly SurveyedSegment[],
  prefix: PrefixPlan,
  spread: boolean,
  singleCodes: ReadonlySet<string>,
): Map<string, Samples> {
  const found = new Map<string, Samples>();
  for (const { survey, ordinalBase, remaps } of segments) {
    const { rows, digits, partitions } = survey.samples;
    if (rows.length === 0) continue;
    const folded = foldPrefix(prefix, rows.length, ({ column, flag }) => {
      if (flag) return digits[`${column}?`]!;
      const remap = singleCodes.has(column) ? remaps[column]! : null;
      const own = digits[column]!;
      return remap === null ? own : own.map((code) => remap[code]!);
    });
    partitions.forEach((partition, i) => {
      let samples = found.get(partition);
      if (samples === undefined) found.set(partition, (samples = { prefixes: [], ordinals: [] }));
      samples.prefixes.push(folded[i]!);
      samples.ordinals.push(spread ? ordinalBase + rows[i]! : 0);
    });
  }
  return found;
}
