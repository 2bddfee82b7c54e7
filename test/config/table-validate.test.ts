// Every table config that was posted to Pinot 1.5.1's /tables/validate, with Pinot's answer.
import { expect, test } from 'vitest';
import { checkTable } from '../../src/config/table.ts';
import type { Json } from './table-documents.ts';
import { golden, moveTask, problemsOf, readSchema, readTable } from './table-documents.ts';

interface Recorded {
  readonly what: string;
  readonly task?: Json;
  readonly status: number;
  readonly error: string | null;
}

const recorded = JSON.parse(golden('table-validate.json')) as Recorded[];

const schema = readSchema({
  schemaName: 'val',
  dimensionFieldSpecs: [
    { name: 'd', dataType: 'STRING' },
    { name: 'tags', dataType: 'STRING', singleValueField: false },
    { name: 'b', dataType: 'BYTES' },
  ],
  metricFieldSpecs: [
    { name: 'm', dataType: 'LONG' },
    { name: 'mb', dataType: 'BYTES' },
  ],
  dateTimeFieldSpecs: [
    {
      name: 'ts',
      dataType: 'LONG',
      format: '1:MILLISECONDS:EPOCH',
      granularity: '1:MILLISECONDS',
    },
  ],
  primaryKeyColumns: ['d'],
});

const base: Json = {
  tableName: 'val',
  tableType: 'REALTIME',
  segmentsConfig: { timeColumnName: 'ts', replication: '1' },
  tenants: {},
  tableIndexConfig: { loadMode: 'MMAP', streamConfigs: { streamType: 'kafka' } },
  metadata: {},
};
const indexConfig = (more: Json): Json => ({ tableIndexConfig: { loadMode: 'MMAP', ...more } });
const partitioned = (column: string, functionName: string, numPartitions: number): Json =>
  indexConfig({
    segmentPartitionConfig: { columnPartitionMap: { [column]: { functionName, numPartitions } } },
  });

/** What was changed beside the task map, where the recording tells it by name only. */
const changes: Readonly<Record<string, Json>> = {
  'upsert FULL': { upsertConfig: { mode: 'FULL' } },
  'dedup enabled': { dedupConfig: { dedupEnabled: true } },
  'sorted column missing': indexConfig({ sortedColumn: ['nope'] }),
  'sorted column multi-value': indexConfig({ sortedColumn: ['tags'] }),
  'partition column missing': partitioned('nope', 'Murmur', 2),
  'partition column multi-value': partitioned('tags', 'Murmur', 2),
  'partition count 0': partitioned('d', 'Murmur', 0),
  'partition function unknown': partitioned('d', 'Nope', 2),
  'no time column': { segmentsConfig: { replication: '1' } },
  'time column not in schema': { segmentsConfig: { timeColumnName: 'nope' } },
};

function answer({ what, task }: Recorded): string {
  const realtime = { ...base, task: { taskTypeConfigsMap: task ?? { [moveTask]: {} } } };
  const offline: Json = { ...base, tableType: 'OFFLINE', tableIndexConfig: {} };
  const changed = { ...realtime, ...changes[what] };
  switch (what) {
    case 'create OFFLINE without time column beside it':
      return check(realtime, { ...offline, segmentsConfig: {} });
    case 'create OFFLINE with the R2O task in its own map':
      return check(realtime, { ...offline, task: realtime.task });
    default:
      return check(changed, null);
  }
}

function check(realtime: Json, offline: Json | null): string {
  return problemsOf(() =>
    checkTable({
      schema,
      realtime: readTable(realtime),
      offline: offline === null ? null : readTable(offline),
    }),
  );
}

/** Pinot accepts, we refuse: strictness of design 5.5, functions of 5.17. */
const stricter: readonly (readonly [RegExp, 5 | 17])[] = [
  [/^(bucket|buffer|roundBucket)TimePeriod ''$/, 5],
  [/^bucketTimePeriod '(0d|-2h|-1d2h)'$/, 5],
  [/^maxNumRecordsPerSegment '(0|-1|abc|1e3|9999999999)'$/, 5],
  [/^collectorType garbage$/, 5],
  [/^negative threshold$/, 5],
  [/^partition function unknown$/, 5],
  [/^mb?\.aggregationType '(distinct|percentile)/i, 17],
];
/** Pinot 1.5.1 refuses, we accept: functions of later releases, design 5.17. */
const newer = [
  "mb.aggregationType 'avg'",
  "m.aggregationType 'firstWithTime'",
  "mb.aggregationType 'firstWithTime'",
  "m.aggregationType 'lastWithTime'",
  "mb.aggregationType 'lastWithTime'",
];

test.each(recorded)('C-18 to C-33 $what: Pinot says $status', (entry) => {
  const said = answer(entry);
  if (newer.includes(entry.what)) {
    expect([entry.status, said]).toEqual([400, 'OK']);
    return;
  }
  const difference = stricter.find(([pattern]) => pattern.test(entry.what));
  if (entry.status === 200 && difference === undefined) expect(said).toBe('OK');
  else expect(said).toMatch(/^(CONFIG_INVALID|UNSUPPORTED)\n/);
});

test('the lists of differences hold nothing else', () => {
  const accepted = recorded.filter((entry) => entry.status === 200).map((entry) => entry.what);
  for (const [pattern] of stricter) {
    expect(accepted.filter((what) => pattern.test(what))).not.toEqual([]);
  }
  expect(recorded).toHaveLength(124);
});
