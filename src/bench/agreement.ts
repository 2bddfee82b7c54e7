// Do all contestants give the same answer? What a set of Parquet files holds is boiled down to a few figures, by DuckDB,
// and compared with the same figures of a plain query over the input.
import { named, quoted, withDuckDb } from './duckdb.ts';
import type { DuckDbOptions } from './duckdb.ts';
import { jobQuery } from './peer-job.ts';
import type { PeerJob } from './peer-job.ts';

/** Exact figures are texts, so that none is rounded on its way. */
export interface Fingerprint {
  readonly rows: string;
  readonly clicks: string;
  readonly maxCost: string;
  readonly minTs: string;
  readonly maxTs: string;
  /** Sum over all rows of a hash of everything in the row that is exact: changes when a value ends up in another row. */
  readonly tie: string;
  /** Depends on the order of adding up. */
  readonly score: number;
}

/** Relative difference up to which sums of FLOAT are the same. */
const scoreTolerance = 1e-5;

/** What the answer has to be: the query over the input, without its sort. */
export function expectedFingerprint(job: PeerJob, options: DuckDbOptions): Promise<Fingerprint> {
  return fingerprintOf(job, `(${jobQuery(job)})`, options);
}

/** @param files in output order */
export function outputFingerprint(
  job: PeerJob,
  files: readonly string[],
  options: DuckDbOptions,
): Promise<Fingerprint> {
  return fingerprintOf(job, parquet(files), options);
}

function parquet(files: readonly string[]): string {
  return `read_parquet([${files.map(quoted).join(', ')}])`;
}

async function fingerprintOf(
  job: PeerJob,
  source: string,
  options: DuckDbOptions,
): Promise<Fingerprint> {
  const sql = `select count(*)::varchar as "rows", sum(clicks)::varchar as clicks, max(cost)::varchar as "maxCost",
    min(ts)::varchar as "minTs", max(ts)::varchar as "maxTs", sum(${rowHash(job)}::hugeint)::varchar as tie,
    sum(score::double) as score from ${source}`;
  return withDuckDb(options, async (connection) => {
    const reader = await connection.runAndReadAll(sql);
    const [row] = reader.getRowObjectsJson();
    return row as unknown as Fingerprint;
  });
}

/** Numbers are cast to one width: peers may widen them. */
function rowHash({ merge, keys, columns }: PeerJob): string {
  const rest =
    merge === 'ROLLUP' ? [] : columns.filter((name) => !isFixed(name) && !keys.includes(name));
  const texts = [...keys, ...rest].map((name) => `${named(name)}::varchar`);
  const exact = ['ts::bigint', 'clicks::bigint', 'cost::double'];
  if (merge !== 'ROLLUP') exact.push('score::float');
  return `hash(${[...texts, ...exact].join(', ')})`;
}

function isFixed(name: string): boolean {
  return ['ts', 'clicks', 'cost', 'score'].includes(name);
}

/** How often a row is less than the one before it, over all files one after another. */
export async function countDescents(
  { order }: PeerJob,
  files: readonly string[],
  options: DuckDbOptions,
): Promise<number> {
  if (order.length === 0) return 0;
  const key = `row(${order.map(named).join(', ')})`;
  const sql = `select count(*)::double as descents from (
    select ${key} as here, lag(${key}) over () as before from ${parquet(files)}) where here < before`;
  return withDuckDb(options, async (connection) => {
    const [row] = (await connection.runAndReadAll(sql)).getRowObjectsJson();
    return Number(row!['descents']);
  });
}

/** Values of the partition column that lie in more than one file. */
async function countShared(
  column: string,
  files: readonly string[],
  options: DuckDbOptions,
): Promise<number> {
  const sql = `select count(*)::double as shared from (select ${named(column)} from
    read_parquet([${files.map(quoted).join(', ')}], filename = true) group by 1 having count(distinct filename) > 1)`;
  return withDuckDb(options, async (connection) => {
    const [row] = (await connection.runAndReadAll(sql)).getRowObjectsJson();
    return Number(row!['shared']);
  });
}

/** What differs, in words; empty when nothing does. */
export function differences(found: Fingerprint, expected: Fingerprint): string[] {
  const exact = ['rows', 'clicks', 'maxCost', 'minTs', 'maxTs', 'tie'] as const;
  const wrong = exact
    .filter((figure) => found[figure] !== expected[figure])
    .map((figure) => `${figure} ${found[figure]}, expected ${expected[figure]}`);
  const off = Math.abs(found.score - expected.score) / Math.max(1, Math.abs(expected.score));
  if (!(off <= scoreTolerance)) wrong.push(`score ${found.score}, expected ${expected.score}`);
  return wrong;
}

export interface OutputCheck {
  readonly job: PeerJob;
  /** In output order. */
  readonly files: readonly string[];
  readonly expected: Fingerprint;
  /** A file holds one partition only; else the partitions lie one after another. */
  readonly filePerPartition: boolean;
  readonly options: DuckDbOptions;
}

/** Everything that is wrong with an output, in words. */
export async function checkOutput(check: OutputCheck): Promise<string[]> {
  const { job, files, expected, filePerPartition, options } = check;
  if (files.length === 0) return [`no output file, expected ${expected.rows} rows`];
  const wrong = differences(await outputFingerprint(job, files, options), expected);
  const descents = await countDescents(job, files, options);
  // A new partition begins its own order.
  const allowed = job.partition === null ? 0 : job.partition.count - 1;
  if (descents > allowed)
    wrong.push(`${descents} rows are less than the row before them in ${job.order.join(', ')}`);
  if (job.partition !== null && filePerPartition) {
    const shared = await countShared(job.partition.column, files, options);
    if (shared > 0)
      wrong.push(`${shared} values of ${job.partition.column} lie in more than one partition`);
  }
  return wrong;
}
