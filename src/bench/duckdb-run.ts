// DuckDB's side of the bench, in a process of its own: one COPY of one query into one Parquet file.
import { join } from 'node:path';
import { quoted, withDuckDb } from './duckdb.ts';
import { jobQuery, orderBy } from './peer-job.ts';
import type { PeerJob, PeerResult } from './peer-job.ts';
import { cpuSeconds, peakRssBytes } from './process-figures.ts';

export async function runDuckDbJob(job: PeerJob): Promise<PeerResult> {
  const { threads, database, out } = job;
  const options = { threads, database, temporary: join(out, 'spill') };
  return withDuckDb(options, async (connection) => {
    const startSeconds = performance.now() / 1000;
    const started = performance.now();
    await connection.run(
      `copy (${jobQuery(job)}${orderBy(job)}) to ${quoted(join(out, 'data.parquet'))} (format parquet, compression snappy)`,
    );
    return {
      seconds: (performance.now() - started) / 1000,
      startSeconds,
      peakRssBytes: peakRssBytes(),
      cpuSeconds: cpuSeconds(),
    };
  });
}
