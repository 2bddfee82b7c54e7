import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkOutput, differences, expectedFingerprint } from '../../src/bench/agreement.ts';
import { windowStartMs } from '../../src/bench/datasets.ts';
import { quoted, withDuckDb } from '../../src/bench/duckdb.ts';
import { jobQuery, orderBy, peerJob } from '../../src/bench/peer-job.ts';
import type { PeerJob } from '../../src/bench/peer-job.ts';
import { workloadsOf } from '../../src/bench/workloads.ts';
import { scratchFolder } from './scratch.ts';

interface Lab {
  readonly job: PeerJob;
  readonly folder: string;
  /** Writes the query's rows as a Parquet file. */
  readonly write: (query: string, name?: string) => Promise<string>;
  readonly check: (files: readonly string[]) => Promise<string[]>;
}

const inputRows = `select ${windowStartMs} - 500 + i * 10 as ts, 'country_00' || (i % 7) as country,
  'device' || (i % 3) as device, 'campaign-0000' || (i * 7 % 10) as campaign, (i * 31 % 97)::int as user_id,
  (i % 11)::bigint as clicks, i * 1.5::double as cost, (i % 13)::float as score from range(2000) t(i)`;

/** A small input of a workload, and the check of what an engine made of it. */
async function lab(workload: string): Promise<Lab> {
  const folder = scratchFolder();
  const options = { threads: 1, temporary: join(folder, 'spill') };
  const write = async (query: string, name = 'out'): Promise<string> => {
    const path = join(folder, `${name}.parquet`);
    await withDuckDb(options, (duckdb) =>
      duckdb.run(`copy (${query}) to ${quoted(path)} (format parquet)`),
    );
    return path;
  };
  const source = await write(inputRows, 'input');
  const job = peerJob(workloadsOf([workload])[0]!, {
    sources: [source],
    database: null,
    out: folder,
    threads: 1,
  });
  const expected = await expectedFingerprint(job, options);
  const check = (files: readonly string[]): Promise<string[]> =>
    checkOutput({ job, files, expected, filePerPartition: true, options });
  return { job, folder, write, check };
}

test('the right rows in the right order agree, in one file or several', async () => {
  const { job, write, check } = await lab('concat-sort');
  const sorted = `${jobQuery(job)}${orderBy(job)}`;
  expect(await check([await write(sorted)])).toEqual([]);
  const parts = await Promise.all([
    write(`select * from (${sorted}) limit 700`, 'a'),
    write(`select * from (${sorted}) offset 700`, 'b'),
  ]);
  expect(await check(parts)).toEqual([]);
  expect((await check(parts.toReversed())).join()).toContain('1 rows are less than the row before');
});

test('a ROLLUP agrees', async () => {
  const { job, write, check } = await lab('rollup-mid');
  expect(await check([await write(`${jobQuery(job)}${orderBy(job)}`)])).toEqual([]);
});

test.each([
  ['a row is missing', 'select * from (ROWS) offset 1', 'rows 1949, expected 1950'],
  [
    'a row comes twice',
    'select * from (ROWS) union all (select * from (ROWS) limit 1)',
    'rows 1951',
  ],
  [
    'two columns of two rows are swapped, all sums the same',
    `select * replace (case user_id when 1 then 2 when 2 then 1 else user_id end as user_id) from (ROWS)`,
    'tie',
  ],
  [
    'a value is changed',
    'select * replace (clicks + (ts % 1990 = 0)::int as clicks) from (ROWS)',
    'clicks',
  ],
  ['a score is off', 'select * replace (score * 1.0001 as score) from (ROWS)', 'score'],
  ['the sort is lost', 'select * from (ROWS) order by ts', 'rows are less than the row before'],
  ['a column has another value everywhere', `select * replace ('x' as country) from (ROWS)`, 'tie'],
])('a wrong answer is found: %s', async (_, broken, found) => {
  const { job, write, check } = await lab('concat-sort');
  const rows = `${jobQuery(job)}${orderBy(job)}`;
  const wrong = await check([await write(broken.replaceAll('ROWS', rows))]);
  expect(wrong.join('\n')).toContain(found);
});

test('no output at all is wrong', async () => {
  const { check } = await lab('copy');
  expect(await check([])).toEqual(['no output file, expected 1950 rows']);
});

test('copy may have any order', async () => {
  const { job, write, check } = await lab('copy');
  expect(await check([await write(`${jobQuery(job)} order by score`)])).toEqual([]);
});

test('partitions may follow one another, but not share a value', async () => {
  const { job, write, check } = await lab('partitioned');
  const part = (condition: string, name: string): Promise<string> =>
    write(`select * from (${jobQuery(job)}) where ${condition} order by campaign, ts`, name);
  const apart = [await part('user_id % 2 = 0', 'a'), await part('user_id % 2 = 1', 'b')];
  expect(await check(apart)).toEqual([]);
  const shared = [await part('clicks < 5', 'c'), await part('clicks >= 5', 'd')];
  expect((await check(shared)).join()).toContain('lie in more than one partition');
});

test('sums of score may differ by their order of adding', () => {
  const figures = {
    rows: '1',
    clicks: '1',
    maxCost: '1',
    minTs: '1',
    maxTs: '1',
    tie: '1',
    score: 1e6,
  };
  expect(differences({ ...figures, score: 1e6 + 5 }, figures)).toEqual([]);
  expect(differences({ ...figures, score: 1e6 + 50 }, figures)).toHaveLength(1);
  expect(differences({ ...figures, score: NaN }, figures)).toHaveLength(1);
});
