// What is measured: which rows, and what the move makes of them.
import { SegmillError } from '../errors.ts';
import { nearestName } from '../config/names.ts';
import type { MergeType } from '../config/types.ts';
import { datasetOf } from './datasets.ts';
import type { ColumnSpec, DatasetName } from './datasets.ts';

export interface Workload {
  readonly name: string;
  /** For people. */
  readonly summary: string;
  readonly dataset: DatasetName;
  readonly duplicates: boolean;
  /** Dimensions kept; null: all. Metrics and time are always kept. */
  readonly dimensions: readonly string[] | null;
  readonly merge: MergeType;
  /** What the output is sorted by; none: the order of the input. */
  readonly order: readonly string[];
  readonly roundMs: number | null;
  /** Murmur over one column. */
  readonly partition: { readonly column: string; readonly count: number } | null;
}

const base = {
  dataset: 'events',
  duplicates: false,
  dimensions: null,
  merge: 'CONCAT',
  order: ['campaign', 'ts'],
  roundMs: null,
  partition: null,
} as const;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const wideDimensions = datasetOf('wide')
  .columns.filter(({ role }) => role === 'dimension')
  .map(({ name }) => name);

export const workloads: readonly Workload[] = [
  { ...base, name: 'copy', summary: 'CONCAT, not sorted', order: [] },
  { ...base, name: 'concat-sort', summary: 'CONCAT, sorted by campaign, ts' },
  {
    ...base,
    name: 'rollup-low',
    summary: 'ROLLUP by hour, country, device',
    dimensions: ['country', 'device'],
    merge: 'ROLLUP',
    order: ['country', 'device', 'ts'],
    roundMs: hourMs,
  },
  {
    ...base,
    name: 'rollup-mid',
    summary: 'ROLLUP by minute, country, device',
    dimensions: ['country', 'device'],
    merge: 'ROLLUP',
    order: ['country', 'device', 'ts'],
    roundMs: minuteMs,
  },
  {
    ...base,
    name: 'rollup-high',
    summary: 'ROLLUP by minute, country, device, campaign',
    dimensions: ['country', 'device', 'campaign'],
    merge: 'ROLLUP',
    order: ['campaign', 'country', 'device', 'ts'],
    roundMs: minuteMs,
  },
  {
    ...base,
    name: 'dedup',
    summary: 'DEDUP on all columns (10 % duplicates), sorted by campaign, ts',
    duplicates: true,
    merge: 'DEDUP',
  },
  {
    ...base,
    name: 'wide-44',
    summary: 'ROLLUP by hour and 43 dimensions, sorted by all 44',
    dataset: 'wide',
    merge: 'ROLLUP',
    order: [...wideDimensions, 'ts'],
    roundMs: hourMs,
  },
  {
    ...base,
    name: 'uuid-sort',
    summary: 'CONCAT, sorted by a text id that no two rows share',
    dataset: 'uuid',
    order: ['id'],
  },
  {
    ...base,
    name: 'uuid-dedup',
    summary: 'DEDUP (10 % duplicates) with such an id, sorted by it',
    dataset: 'uuid',
    duplicates: true,
    merge: 'DEDUP',
    order: ['id'],
  },
  {
    ...base,
    name: 'nulls-mv',
    summary: 'CONCAT with nulls, a multi-value column and BIG_DECIMAL, sorted by campaign, ts',
    dataset: 'nulls_mv',
  },
  {
    ...base,
    name: 'partitioned',
    summary: 'CONCAT into 8 Murmur partitions of user_id, sorted by campaign, ts',
    partition: { column: 'user_id', count: 8 },
  },
  {
    ...base,
    name: 'skew',
    summary: 'CONCAT, sorted by campaign, ts, one campaign holding 90 % of the rows',
    dataset: 'skew',
  },
];

/**
 * The workloads of these names, each once, in the order of the list; all without names.
 * @throws SegmillError USAGE
 */
export function workloadsOf(names: readonly string[]): Workload[] {
  const known = workloads.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    throw new SegmillError(
      'USAGE',
      `no workload ${name}${nearest === null ? '' : `; did you mean ${nearest}?`} Allowed: ${known.join(', ')}`,
      { found: name },
    );
  }
  return workloads.filter(({ name }) => names.length === 0 || names.includes(name));
}

/** The columns of the table, dimensions that the workload drops left out. */
export function workloadColumns({ dataset, dimensions }: Workload): ColumnSpec[] {
  return datasetOf(dataset).columns.filter(
    ({ name, role }) => role !== 'dimension' || dimensions === null || dimensions.includes(name),
  );
}

/** Segments carry their table's name, so all workloads of the same rows share it. */
export function tableName({ dataset, duplicates }: Workload): string {
  return duplicates ? `${dataset}_dup` : dataset;
}
