// Where segmill answers differently from the recorded cluster, on purpose: case to difference, each with the point of the
// design that says so. Points 9 and 12 (which windows move, where the boundary lies) hold for every case under `exact`;
// `expectation.ts` has them.
import type { Recording, RecordedRun, RecordedSegment, Row } from './recording.ts';
import type { Semantics } from './expectation.ts';

export interface Difference {
  /** Number in the design and what it says of this case. */
  readonly text: string;
  /** Default: both. */
  readonly semantics?: Semantics;
  /** `table add` exits 2 and its error names all of these. */
  readonly refused?: readonly string[];
  /** Every window fails and its error names all of these. */
  readonly fails?: readonly string[];
  /** What the recording would hold. */
  readonly correct?: (recording: Recording) => Recording;
  /** Rows of which only keys per place and the whole set are fixed. */
  readonly rowsFree?: boolean;
  /** Columns of the outputs whose null flags the recording left to chance: not compared. */
  readonly nullsFree?: readonly string[];
}

const day = 86_400_000;
const d0 = 1700006400000;

function segment(
  name: string,
  rows: readonly Row[],
  columns: RecordedSegment['columns'] = {},
): RecordedSegment {
  return { segment: name, totalDocs: rows.length, columns, rows };
}

/** Rows as `[a, b, c]` under `names`. */
function rows(
  names: readonly string[],
  values: readonly (readonly (string | number | null)[])[],
): Row[] {
  return values.map((cells) => ({
    ...Object.fromEntries(names.map((name, i) => [name, cells[i] ?? null])),
    $nulls: names.filter((_, i) => cells[i] === null),
  })) as Row[];
}

function run(
  window: readonly [number, number, string] | null,
  watermarkMs: number,
  names: readonly string[],
  timeValue: string | null,
  state: 'COMPLETED' | 'TASK_ERROR' = 'COMPLETED',
): RecordedRun {
  return {
    watermarkBefore: null,
    watermarkAfter: watermarkMs,
    offlineSegmentsAfter: names,
    timeBoundaryAfter: timeValue === null ? {} : { timeColumn: 'ts', timeValue },
    ...(window === null
      ? {}
      : {
          subtasks: [
            {
              state,
              taskConfig: {
                configs: {
                  windowStartMs: String(window[0]),
                  windowEndMs: String(window[1]),
                  segmentName: window[2],
                },
              },
            },
          ],
        }),
  };
}

function answer(
  recording: Recording,
  sql: string,
  found: readonly (readonly (string | number)[])[],
  nth = 0,
): Recording {
  let seen = -1;
  const queries = recording.queries.map((query) => {
    if (query.sql !== sql || ++seen !== nth) return query;
    return { ...query, rows: found.map((row) => [...row]) };
  });
  return { ...recording, queries };
}

/** Closing queries of the recorded OFFLINE rows say nothing where these rows differ. */
function withoutClosing(recording: Recording): Recording {
  return {
    ...recording,
    queries: recording.queries.filter(({ sql }) => !sql.includes('limit 1000')),
  };
}

/** The rows that several cases share: keys a and b in turn, a second apart. */
const twelve = (from: number, to: number): Row[] =>
  rows(
    ['k', 'ts', 'v'],
    Array.from({ length: 12 }, (_, i) => [i % 2 === 0 ? 'a' : 'b', d0 + i * 1000, i]),
  ).slice(from, to);

export const differences: Readonly<Record<string, readonly Difference[]>> = {
  'bucket-zero-cold-start': [
    {
      text: '5: a bucket of no length is refused when the table is saved',
      refused: ['bucketTimePeriod', '0d'],
    },
  ],
  'max-records-not-a-number': [
    {
      text: '5: a count that is none is refused when the table is saved',
      refused: ['maxNumRecordsPerSegment', 'abc'],
    },
  ],
  'hllplus-fails': [
    { text: '5, 17: HLLPLUS is refused, Pinot cannot run it', refused: ['distinctCountHLLPlus'] },
  ],
  'rollup-bytes-hll': [
    { text: '17: sketches are refused by name until they are there', refused: ['HLL'] },
  ],
  'rollup-bigdecimal-metric': [
    {
      text: '21: SUM over BIG_DECIMAL works',
      correct: (recording) =>
        withoutClosing({
          ...recording,
          runs: [
            run(
              [d0, d0 + day, 'rollupbd__0__0'],
              d0 + day,
              ['rollupbd_1700006400000_1700006400000_0'],
              '1699920000000',
            ),
          ],
          segments: [
            segment(
              'rollupbd_1700006400000_1700006400000_0',
              rows(['k', 'm', 'ts'], [['a', '4', d0]]),
            ),
          ],
        }),
    },
  ],
  'fixed-name-two-outputs-fails': [
    { text: '14: the window fails before any output is written', fails: ['the_one'] },
  ],
  'rollup-round-1h': [
    {
      text: '7: a SUM that overflows fails the window with column and key',
      semantics: 'exact',
      fails: ['clicks', 'XX', 'wrap'],
    },
  ],
  'dedup-round-1m': [
    {
      text: '8: which null flag survives was chance',
      semantics: 'pinot',
      nullsFree: ['n', 'page'],
    },
    {
      text: '8: a null is a key value of its own beside its default',
      semantics: 'exact',
      correct: (recording) => {
        const [found] = recording.segments;
        const others = found!.rows.filter(({ user }) => user !== 'dan' && user !== 'cat');
        const added = rows(
          ['n', 'page', 'ts', 'user'],
          [
            [7, 'null', 1700007000000, 'cat'],
            [7, null, 1700007000000, 'cat'],
            [0, 'home', 1700007000000, 'dan'],
            [null, 'home', 1700007000000, 'dan'],
          ],
        );
        return { ...recording, segments: [segment(found!.segment, [...others, ...added])] };
      },
      rowsFree: true,
    },
  ],
  'dedup-nulls-both-orders': [
    { text: '8: which null flag survives was chance', semantics: 'pinot', nullsFree: ['n', 'x'] },
    {
      text: '8: each key once null and once default',
      semantics: 'exact',
      correct: (recording) => {
        const [found] = recording.segments;
        const both = found!.rows.flatMap(({ k, ts }) =>
          rows(
            ['k', 'n', 'ts', 'x'],
            [
              [k as string, 0, ts as number, 'null'],
              [k as string, null, ts as number, null],
            ],
          ),
        );
        return { ...recording, segments: [segment(found!.segment, both)] };
      },
      rowsFree: true,
    },
  ],
  'iterations-split-rollup': [
    {
      text: '2: ROLLUP is exact over the whole window',
      correct: (recording) => {
        const name = 'itersplit_1700006400000_1700006400000_0';
        return withoutClosing({
          ...recording,
          runs: recording.runs.map((each) => ({ ...each, offlineSegmentsAfter: [name] })),
          segments: [
            segment(
              name,
              rows(
                ['k', 'ts', 'v'],
                [
                  ['a', d0, 30],
                  ['b', d0, 36],
                ],
              ),
            ),
          ],
        });
      },
    },
  ],
  'round-before-window': [
    {
      text: '14: two windows never share a name',
      correct: (recording) => {
        const [one, two] = [
          'roundbefore_1700006400000_1700006400000_0',
          'roundbefore_1700006400000_1700006400000_0_1700038800001',
        ];
        return withoutClosing({
          ...recording,
          runs: recording.runs.map((each, i) => ({
            ...each,
            offlineSegmentsAfter: i === 0 ? [one] : [one, two],
          })),
          segments: [
            segment(
              one,
              rows(
                ['k', 'ts', 'v'],
                [
                  ['a', d0, 18],
                  ['b', d0, 21],
                ],
              ),
            ),
            segment(
              two,
              rows(
                ['k', 'ts', 'v'],
                [
                  ['a', d0, 36],
                  ['b', d0, 39],
                ],
              ),
            ),
          ],
        });
      },
    },
  ],
  'sorted-split-7': [
    {
      text: '6: ties keep input order, so other rows meet at the cuts',
      rowsFree: true,
      correct: (recording) => {
        const names = [
          recording.segments.find(({ segment: name }) => name.endsWith('_0'))!.segment,
          'sorted7_1700006405000_1700006436000_1',
          'sorted7_1700006401000_1700006431000_2',
          'sorted7_1700006404000_1700006434000_3',
          'sorted7_1700006407000_1700006437000_4',
          'sorted7_1700006412000_1700006439000_5',
        ];
        const segments = recording.segments.toSorted((a, b) => last(a.segment) - last(b.segment));
        return {
          ...recording,
          runs: recording.runs.map((each) => ({ ...each, offlineSegmentsAfter: names })),
          segments: segments.map((each, i) => ({ ...each, segment: names[i]! })),
        };
      },
    },
  ],
  'partition-seed-pruning': [
    {
      text: '15: the seed stays with the partition id, so every key is found',
      correct: (recording) =>
        ['a', 'foo', 'bar', '19977', '12345'].reduce(
          (found, key) =>
            answer(
              found,
              `select k, count(*) from seedprune_OFFLINE where k = '${key}' group by k`,
              [[key, 1]],
            ),
          recording,
        ),
    },
  ],
  'unguarded-consuming-partition': [
    {
      text: '9: a partition that has rows but nothing sealed holds',
      correct: (recording) => {
        const name = 'unguard_1700006400001_1700006400002_0';
        const inputs = 'unguard__0__0,unguard__1__0';
        return withoutClosing({
          ...recording,
          runs: [
            {
              ...run(null, d0, [], null),
              generatorLog: ['PARTITION_ONLY_CONSUMING'],
            },
            run([d0, d0 + day, inputs], d0 + day, [name], '1699920000002'),
            run([d0 + day, d0 + 2 * day, inputs], d0 + 2 * day, [name], '1699920000002'),
          ],
          segments: [
            segment(
              name,
              rows(
                ['k', 'ts'],
                [
                  ['p0-a', d0 + 1],
                  ['p1-lost', d0 + 2],
                ],
              ),
            ),
          ],
        });
      },
    },
  ],
  'rerun-after-watermark-reset': [
    {
      text: '3, 19: a window done again replaces what it made before',
      correct: (recording) => {
        const names = [
          'rerun_1700006400000_1700006403000_0',
          'rerun_1700006404000_1700006405000_1',
        ];
        const all = twelve(0, 6);
        const corrected = withoutClosing({
          ...recording,
          runs: recording.runs.map((each, i) =>
            i < 2 ? each : { ...each, offlineSegmentsAfter: names },
          ),
          segments: [segment(names[0]!, all.slice(0, 4)), segment(names[1]!, all.slice(4))],
        });
        return answer(corrected, 'select count(*), sum(v) from rerun_OFFLINE', [[6, 15]]);
      },
    },
  ],
  'types-rollup-nulls-on': [
    {
      text: '8: a null stands in the order where its default stands, beside it, not-null first',
      semantics: 'exact',
      correct: (recording) => {
        const [found] = recording.segments;
        const [first, nulls, beside, ...others] = found!.rows;
        return {
          ...recording,
          segments: [{ ...found!, rows: [first!, beside!, nulls!, ...others] }],
        };
      },
    },
  ],
  'no-minion-with-tag': [
    {
      text: '5: there are no minions, the tag is known and ignored',
      correct: (recording) => {
        const name = 'notag_1700006400000_1700006411000_0';
        return withoutClosing({
          ...recording,
          runs: [run([d0, d0 + day, 'notag__0__0'], d0 + day, [name], '1699920011000')],
          segments: [segment(name, twelve(0, 12))],
        });
      },
    },
  ],
  'upload-fails-halfway': [
    {
      text: '3: a window commits whole or not at all',
      correct: (recording) => {
        const sql = recording.queries[0]!.sql;
        return answer(
          {
            ...recording,
            runs: recording.runs.map((each, i) =>
              i > 0 ? each : { ...each, offlineSegmentsAfter: [], timeBoundaryAfter: {} },
            ),
          },
          sql,
          [],
        );
      },
    },
  ],
};

function last(name: string): number {
  return Number(/_(\d+)$/.exec(name)![1]);
}
