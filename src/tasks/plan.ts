// What a job's config means for its rows, worked out once and the same in every task.
import type { AggregationType, Field, Schema } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import type { JobFacts } from './contract.ts';

export interface RowPlan {
  readonly schema: Schema;
  readonly timeField: Field | null;
  /** O-3: null flags are kept. */
  readonly nullHandling: boolean;
  /** Null is its own key value (design 5.8). */
  readonly nullsCount: boolean;
  /** Fields in the order of O-2. */
  readonly fields: readonly Field[];
  /** The leading `fields` that rows are sorted by (O-5). */
  readonly keyCount: number;
  /** Aggregation by metric, ROLLUP only. */
  readonly aggregations: ReadonlyMap<string, AggregationType>;
  /** FIRSTWITHTIME or LASTWITHTIME is in use: un-rounded times travel as a hidden column. */
  readonly originalTime: boolean;
}

/** the output has no such column. */
export const originalTimeColumn = '$originalTimeMs$';

/** @throws SegmillError CONFIG_INVALID where O-6 refuses the sorted columns */
export function planRows(job: JobFacts): RowPlan {
  const { schema, offline, move } = job;
  const sorted = offline.sortedColumns.map((name) => sortField(job, name));
  const isSorted = new Set(sorted.map((field) => field.name));
  const rest = schema.fields.filter((field) => !isSorted.has(field.name)).toSorted(byName);
  const dimensions = rest.filter((field) => field.role !== 'METRIC');
  const metrics = rest.filter((field) => field.role === 'METRIC');
  const fields = [...sorted, ...dimensions, ...metrics];
  const keyCount = {
    CONCAT: sorted.length,
    ROLLUP: sorted.length + dimensions.length,
    DEDUP: fields.length,
  }[move.mergeType];
  const aggregations = new Map<string, AggregationType>();
  if (move.mergeType === 'ROLLUP') {
    for (const { name } of metrics) aggregations.set(name, move.aggregations[name] ?? 'SUM');
  }
  const nullHandling = schema.columnBasedNullHandling || offline.nullHandling;
  return {
    schema,
    timeField: schema.fields.find(({ name }) => name === offline.timeColumn) ?? null,
    nullHandling,
    nullsCount: nullHandling && move.semantics === 'exact',
    fields,
    keyCount,
    aggregations,
    originalTime: [...aggregations.values()].some((type) => type.endsWith('WITHTIME')),
  };
}

function sortField(job: JobFacts, name: string): Field {
  const field = job.schema.fields.find((candidate) => candidate.name === name);
  const refuse = (why: string): never => {
    throw new SegmillError(
      'CONFIG_INVALID',
      `${why}: table ${job.table} sorts by ${name}; change sortedColumn of its OFFLINE config`,
      { table: job.table, column: name },
    );
  };
  if (field === undefined) return refuse(`Failed to find sort column: ${name}`);
  if (field.multiValue) return refuse(`Cannot sort on MV column: ${name}`);
  if (job.move.mergeType === 'ROLLUP' && field.role === 'METRIC') {
    return refuse(`For ROLLUP, cannot sort on metric column: ${name}`);
  }
  return field;
}

function byName(a: Field, b: Field): number {
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}
