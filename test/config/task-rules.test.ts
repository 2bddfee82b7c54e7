// The keys of the task map one rule at a time: what stands in for an absent key, what a given one does, what is refused.
import { describe, expect, test } from 'vitest';
import { lookUpAggregation } from '../../src/config/aggregation.ts';
import { checkTable } from '../../src/config/table.ts';
import { parseTableConfig } from '../../src/config/table-config.ts';
import type { MoveConfig } from '../../src/config/types.ts';
import type { Json } from './table-documents.ts';
import {
  moveTask,
  offlineDocument,
  problemsOf,
  readSchema,
  readTable,
  realtimeDocument,
} from './table-documents.ts';

const at = `table.json: task.taskTypeConfigsMap.${moveTask}.`;

function read(task: Json, more: Json = {}): ReturnType<typeof parseTableConfig> {
  return parseTableConfig(realtimeDocument(task, more), 'table.json');
}

function move(task: Json): MoveConfig {
  return read(task).config.move!;
}

function problems(task: Json, more: Json = {}): string {
  return problemsOf(() => read(task, more));
}

test.each([
  ['C-5', 'bucketTimePeriod', '2h', 'bucketMs', 86_400_000, 7_200_000],
  ['C-6', 'bufferTimePeriod', '0d', 'bufferMs', 172_800_000, 0],
  ['C-7', 'roundBucketTimePeriod', '15m', 'roundMs', null, 900_000],
  ['C-8', 'mergeType', 'dEdUp', 'mergeType', 'CONCAT', 'DEDUP'],
  ['C-9', 'collectorType', 'rollup', 'mergeType', 'CONCAT', 'ROLLUP'],
  ['C-10', 'm.aggregationType', 'Max', 'aggregations', {}, { m: 'MAX' }],
  ['C-11', 'maxNumRecordsPerSegment', '7', 'maxNumRecordsPerSegment', 5_000_000, 7],
  ['C-12', 'schedule', '0 0/5 * * * ?', 'schedule', null, '0 0/5 * * * ?'],
  ['C-15', 'partitionBucketTimePeriod', '1h', 'partitionBucketMs', null, 3_600_000],
  ['C-15', 'negateWindowFilter', 'TRUE', 'negateWindowFilter', false, true],
  ['C-15', 'segmentNamePrefix', 'a b', 'segmentNamePrefix', null, 'a b'],
  ['C-15', 'segmentNamePostfix', 'z', 'segmentNamePostfix', null, 'z'],
  ['C-15', 'fixedSegmentName', 'one', 'fixedSegmentName', null, 'one'],
] as const)('%s %s "%s"', (_, key, text, member, absent, given) => {
  expect(move({})[member]).toEqual(absent);
  expect(move({ [key]: text })[member]).toEqual(given);
});

test('C-12 a schedule is a Quartz expression: seconds first, a question mark for one kind of day', () => {
  expect(problems({ schedule: '0 15 10 ? * MON-FRI' })).toBe('OK');
  expect(problems({ schedule: '*/5 * * * *' })).toContain(
    `${at}schedule: contains an invalid cron`,
  );
});

test('C-2 the task object may say concurrentSchedulingEnabled: accepted, one mover a table holds in any case', () => {
  const document = realtimeDocument({});
  const task = { ...(document['task'] as Json), concurrentSchedulingEnabled: true };
  expect(problemsOf(() => parseTableConfig({ ...document, task }, 'table.json'))).toBe('OK');
});

test.each([
  ['bucketTimePeriod', '1w'],
  ['bufferTimePeriod', '1d 12h'],
  ['roundBucketTimePeriod', 'garbage'],
])('C-19 %s "%s" is no period', (key, text) => {
  const said = problems({ [key]: text });
  expect(said).toMatch(/^CONFIG_INVALID\n/);
  expect(said).toContain(`${at}${key}: Invalid time spec '${text}'`);
  expect(said).toContain("'3h', '4h30m'");
});

test('C-20 a merge type that is none', () => {
  const said = problems({ mergeType: 'garbage' });
  expect(said).toMatch(/^CONFIG_INVALID\n/);
  expect(said).toContain(`${at}mergeType: `);
  expect(said).toContain('CONCAT, ROLLUP, DEDUP');
});

test('C-16 keys that only a scheduled task has are known, and change nothing', () => {
  const task = {
    tableName: 't_REALTIME',
    segmentName: 'a,b',
    downloadURL: ',',
    uploadURL: 'http://x/segments',
    windowStartMs: '1',
    windowEndMs: '2',
    triggeredBy: 'CRON_TRIGGER',
    TASK_ID: 'x',
    'push.mode': 'TAR',
    'push.controllerUri': 'http://x',
    maxDiskUsagePercentage: null,
  };
  const { config, warnings } = read(task);
  expect(config.move).toEqual(move({}));
  expect(warnings.every((text) => text.endsWith('has no effect in segmill.'))).toBe(true);
  expect(warnings.length).toBeGreaterThanOrEqual(10);
});

describe('C-27 the list of aggregations', () => {
  test.each(['MIN', 'MAX', 'SUM', 'AVG', 'FIRSTWITHTIME', 'LASTWITHTIME'])(
    'C-27 and design 5.17 %s is there',
    (name) => {
      expect(lookUpAggregation(name)).toEqual({ type: name });
    },
  );

  test.each([
    ['R-11', 'distinctCountHLL'],
    ['R-11', 'distinctCountRawHLL'],
    ['R-12', 'distinctCountThetaSketch'],
    ['R-12', 'DISTINCT_COUNT_RAW_THETA_SKETCH'],
    ['R-13', 'distinctCountTupleSketch'],
    ['R-13', 'distinctCountRawIntegerSumTupleSketch'],
    ['R-13', 'sumValuesIntegerSumTupleSketch'],
    ['R-13', 'avgValueIntegerSumTupleSketch'],
    ['R-14', 'distinctCountCPCSketch'],
    ['R-14', 'distinctCountRawCPCSketch'],
    ['R-14', 'distinctCountULL'],
    ['R-14', 'distinctCountRawULL'],
    ['R-15', 'percentileKLL'],
    ['R-15', 'percentileRawKLL99'],
    ['R-15', 'percentileTDigest95'],
    ['R-15', 'percentileRawTDigest'],
    ['C-29', 'distinctCountHLLPlus'],
    ['C-29', 'distinctCountRawHLLPlus'],
  ])('C-27, %s, design 5.17 %s is refused by name', (_, name) => {
    const said = problems({ 'm.aggregationType': name });
    expect(said).toMatch(/^UNSUPPORTED\n/);
    expect(said).toContain(`"${name}"`);
  });

  test.each(['garbage', 'Histogram', 'COUNT'])('C-23 and E-8 %s is none of them', (name) => {
    const said = problems({ 'm.aggregationType': name });
    expect(said).toMatch(/^CONFIG_INVALID\n/);
    expect(said).toContain(`m.aggregationType: has invalid aggregate type: "${name}"`);
  });
});

test('X-40 limits of intermediate files are checked, told to have no effect, and change nothing', () => {
  const task = { segmentMapperFileSizeThresholdInBytes: '16', maxDiskUsagePercentage: '50' };
  const { config, warnings } = read(task);
  expect(config.move).toEqual(move({}));
  expect(warnings).toHaveLength(2);
  expect(problems({ segmentMapperFileSizeThresholdInBytes: '0' })).toMatch(/^CONFIG_INVALID\n/);
});

test('R-17 parameters of sketches are known and have no effect', () => {
  const { warnings } = read({ 'aggregationFunctionParameters.m.nominalEntries': '32' });
  expect(warnings).toEqual([
    `${at}aggregationFunctionParameters.m.nominalEntries: has no effect in segmill.`,
  ]);
});

test('design 5.5 and C-30 unknown keys are warned of, with the nearest known one', () => {
  expect(read({ 'segmill.semantic': 'exact', roundBucketPeriod: '1h' }).warnings).toEqual([
    `${at}segmill.semantic: unknown key, it has no effect. Did you mean "segmill.semantics"?`,
    `${at}roundBucketPeriod: unknown key, it has no effect. Did you mean "roundBucketTimePeriod"?`,
  ]);
});

test('C-31 a null map, a task type that is none, a bad schedule', () => {
  const tasks = (map: Json): string =>
    problemsOf(() =>
      parseTableConfig({ ...realtimeDocument({}), task: { taskTypeConfigsMap: map } }, 'x'),
    );
  expect(tasks({ [moveTask]: null })).toContain(
    `Task configuration for ${moveTask} cannot be null`,
  );
  expect(tasks({ RealtimeToOfflineTask: {} })).toContain(
    `Task generator not found for task type: RealtimeToOfflineTask; allowed are ${moveTask}`,
  );
  expect(problems({ schedule: 'daily' })).toContain('contains an invalid cron schedule: "daily"');
});

const schema = readSchema({
  schemaName: 't',
  dimensionFieldSpecs: [{ name: 'myCol', dataType: 'STRING' }],
  metricFieldSpecs: [
    { name: 'score', dataType: 'LONG' },
    { name: 'avgScore', dataType: 'BYTES' },
  ],
  dateTimeFieldSpecs: [{ name: 'ts', dataType: 'LONG', format: '1:MILLISECONDS:EPOCH' }],
});

function checked(task: Json, more: Json = {}): string {
  return problemsOf(() =>
    checkTable({
      schema,
      realtime: readTable(realtimeDocument(task, more)),
      offline: readTable(offlineDocument()),
    }),
  );
}

test.each([
  [{ bucketTimePeriod: '6h', bufferTimePeriod: '5d', mergeType: 'rollup' }, {}, 'OK'],
  [{ mergeType: 'rollup', 'myCol.aggregationType': 'max' }, {}, 'OK'],
  [{}, { upsertConfig: { mode: 'FULL' } }, "RealtimeToOfflineTask doesn't support upsert table!"],
  [{ roundBucketTimePeriod: 'garbage' }, {}, "Invalid time spec 'garbage'"],
  [{ mergeType: 'garbage' }, {}, 'CONCAT, ROLLUP, DEDUP'],
  [{ 'nope.aggregationType': 'sum' }, {}, 'Column "nope" not found in schema!'],
  [{ 'score.aggregationType': 'avg' }, {}, 'BYTES in schema, but found: LONG'],
  [{ 'avgScore.aggregationType': 'avg' }, {}, 'OK'],
] as const)('E-8 validation of %o beside %o', (task, more, text) => {
  expect(checked(task, more)).toContain(text);
});

test.each([
  ['C-18', {}, { upsertConfig: { mode: 'PARTIAL' } }, 'found PARTIAL; RealtimeToOfflineTask'],
  ['C-22', { 'nope.aggregationType': 'max' }, {}, 'Column "nope" not found in schema!'],
  [
    'C-24',
    { 'myCol.aggregationType': 'firstWithTime' },
    {},
    'requires the column to be a metric column in schema!',
  ],
  [
    'C-25',
    { 'score.aggregationType': 'avg' },
    {},
    'requires the column to be of type BYTES in schema, but found: LONG',
  ],
] as const)('%s %o beside %o is refused', (_, task, more, text) => {
  expect(checked(task, more)).toMatch(/^CONFIG_INVALID\n/);
  expect(checked(task, more)).toContain(text);
});

describe('partition functions in the config', () => {
  const partitioned = (spec: Json): ReturnType<typeof parseTableConfig> => {
    const segmentPartitionConfig = { columnPartitionMap: { k: spec } };
    return parseTableConfig(
      offlineDocument({ tableIndexConfig: { segmentPartitionConfig } }),
      'table.json',
    );
  };

  test('P-5 names of functions and normalisers in any case, settings as text', () => {
    const { config } = partitioned({
      functionName: 'mURMUR3',
      numPartitions: 4,
      functionConfig: { seed: 9001, variant: 'x64_32' },
      partitionIdNormalizer: 'mask',
    });
    expect(config.partitionColumns).toEqual([
      {
        column: 'k',
        functionName: 'Murmur3',
        numPartitions: 4,
        functionConfig: { seed: '9001', variant: 'x64_32' },
        normalizer: 'MASK',
      },
    ]);
  });

  test.each([0, -1, 1.5, 'two'])('P-5 numPartitions %s is refused', (numPartitions) => {
    expect(problemsOf(() => partitioned({ functionName: 'Murmur', numPartitions }))).toContain(
      'numPartitions',
    );
  });

  test.each(['RoundRobin', 'NoOp', 'TransformFunction', 'ColumnValue'])(
    'P-16 %s cannot be asked for in a table config',
    (functionName) => {
      expect(problemsOf(() => partitioned({ functionName, numPartitions: 2 }))).toContain(
        `unknown partition function "${functionName}"`,
      );
    },
  );

  test('P-9 a variant of Murmur3 that is none', () => {
    const functionConfig = { variant: 'x86_64' };
    const spec = { functionName: 'Murmur3', numPartitions: 2, functionConfig };
    expect(problemsOf(() => partitioned(spec))).toContain('x86_32, x64_32');
  });
});
