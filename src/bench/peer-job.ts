// The same work for a peer: what to read, what to make of it, where to write it. Plain data, also for other languages.
import { datasetOf, windowEndMs, windowStartMs } from './datasets.ts';
import { named, quoted } from './duckdb.ts';
import { workloadColumns } from './workloads.ts';
import type { Workload } from './workloads.ts';

export interface PeerJob {
  /** Parquet files, absolute paths. */
  readonly sources: readonly string[];
  /** Its own database file with table `rows` instead of them; null: the Parquet files. */
  readonly database: string | null;
  /** A new, empty folder. */
  readonly out: string;
  readonly threads: number;
  readonly merge: Workload['merge'];
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly roundMs: number | null;
  /** Dimensions of the output. */
  readonly keys: readonly string[];
  /** All columns of the rows. */
  readonly columns: readonly string[];
  readonly order: readonly string[];
  /** Rows are sorted by this column modulo the count first; the peers need not know Murmur. */
  readonly partition: Workload['partition'];
}

export interface PeerResult {
  readonly seconds: number;
  readonly startSeconds: number;
  readonly peakRssBytes: number;
  readonly cpuSeconds: number;
}

export function peerJob(
  workload: Workload,
  place: Pick<PeerJob, 'sources' | 'database' | 'out' | 'threads'>,
): PeerJob {
  const { merge, roundMs, order, partition, dataset } = workload;
  return {
    ...place,
    merge,
    windowStartMs,
    windowEndMs,
    roundMs,
    keys: workloadColumns(workload)
      .filter(({ role }) => role === 'dimension')
      .map(({ name }) => name),
    columns: datasetOf(dataset).columns.map(({ name }) => name),
    order,
    partition,
  };
}

/** The job in DuckDB's SQL, less the ORDER BY. */
export function jobQuery(job: PeerJob): string {
  const files = `read_parquet([${job.sources.map(quoted).join(', ')}])`;
  const window = `ts >= ${job.windowStartMs} and ts < ${job.windowEndMs}`;
  const source = `${job.database === null ? files : 'rows'} where ${window}`;
  switch (job.merge) {
    case 'CONCAT':
      return `select ${job.columns.map(named).join(', ')} from ${source}`;
    case 'DEDUP':
      return `select distinct ${job.columns.map(named).join(', ')} from ${source}`;
    case 'ROLLUP': {
      const step = job.roundMs ?? 1;
      const keys = job.keys.map((key) => `${named(key)}, `).join('');
      return `select (ts // ${step}) * ${step} as ts, ${keys}sum(clicks)::bigint as clicks, max(cost) as cost, sum(score)::float as score from ${source} group by all`;
    }
  }
}

export function orderBy({ order, partition }: PeerJob): string {
  const terms = order.map(named);
  if (partition !== null) terms.unshift(`${named(partition.column)} % ${partition.count}`);
  return terms.length === 0 ? '' : ` order by ${terms.join(', ')}`;
}
