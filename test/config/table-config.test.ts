import { describe, expect, test } from 'vitest';
import { parseTableConfig } from '../../src/config/table-config.ts';
import type { Json } from './table-documents.ts';
import {
  golden,
  offlineDocument,
  problemsOf,
  readTable,
  realtimeDocument,
} from './table-documents.ts';

function warnings(document: Json): string[] {
  return parseTableConfig(document, 'table.json').warnings;
}

test('the tables of the recipe, as published', () => {
  const realtime = readTable(golden('recipe/orders_table.json'));
  expect(realtime).toMatchObject({
    tableName: 'orders',
    tableType: 'REALTIME',
    timeColumn: 'ts',
    pushType: 'APPEND',
    pushFrequency: 'DAILY',
    move: { bucketMs: 7_200_000, bufferMs: 60_000, mergeType: 'CONCAT' },
    stream: { topic: 'orders', flushRows: 5, onUndecodableRow: 'keep' },
  });
  expect(realtime.document).toBe(golden('recipe/orders_table.json'));
  expect(readTable(golden('recipe/orders_offline_table.json'))).toMatchObject({
    tableName: 'orders',
    tableType: 'OFFLINE',
    pushFrequency: 'HOURLY',
    stream: null,
    move: null,
  });
  expect(parseTableConfig(golden('recipe/orders_table.json'), 'x').warnings).toEqual([]);
});

test('C-3 everything that the offline config contributes, in its old form', () => {
  const config = readTable(
    offlineDocument({
      tableName: 't_OFFLINE',
      segmentsConfig: {
        timeColumnName: 'ts',
        schemaName: 't',
        segmentPushType: 'refresh',
        segmentPushFrequency: 'hourly',
        retentionTimeUnit: 'days',
        retentionTimeValue: '30',
        replacedSegmentsRetentionPeriod: '12h',
      },
      indexingConfig: {
        sortedColumn: 'k',
        nullHandlingEnabled: 'true',
        segmentNameGeneratorType: 'normalizeddate',
        segmentPartitionConfig: {
          columnPartitionMap: {
            k: { functionName: 'murmur2', numPartitions: '4' },
            a: {
              functionName: 'MURMUR3',
              numPartitions: 3,
              functionConfig: { seed: 9001 },
              partitionIdNormalizer: 'abs',
            },
          },
        },
      },
      ingestionConfig: {
        continueOnError: true,
        rowTimeValueCheck: true,
        segmentTimeValueCheck: false,
        filterConfig: { filterFunction: 'a < 1' },
        transformConfigs: [{ columnName: 'b', transformFunction: 'upper(a)' }],
      },
    }),
  );
  const { document: _, ...rest } = config;
  expect(rest).toEqual({
    tableName: 't',
    tableType: 'OFFLINE',
    timeColumn: 'ts',
    sortedColumns: ['k'],
    partitionColumns: [
      {
        column: 'k',
        functionName: 'Murmur',
        numPartitions: 4,
        functionConfig: {},
        normalizer: null,
      },
      {
        column: 'a',
        functionName: 'Murmur3',
        numPartitions: 3,
        functionConfig: { seed: '9001' },
        normalizer: 'ABS',
      },
    ],
    nullHandling: true,
    transforms: [{ column: 'b', expression: 'upper(a)' }],
    filterFunction: 'a < 1',
    continueOnError: true,
    segmentTimeValueCheck: false,
    rowTimeValueCheck: true,
    segmentNameGeneratorType: 'normalizedDate',
    pushType: 'REFRESH',
    pushFrequency: 'HOURLY',
    retentionMs: 2_592_000_000,
    replacedRetentionMs: 43_200_000,
    stream: null,
    move: null,
  });
});

test('B-2, O-12 the new batch keys win over the old push keys', () => {
  const config = readTable(
    offlineDocument({
      segmentsConfig: { segmentPushType: 'REFRESH', segmentPushFrequency: 'HOURLY' },
      ingestionConfig: {
        batchIngestionConfig: {
          segmentIngestionType: 'APPEND',
          segmentIngestionFrequency: 'DAILY',
        },
      },
    }),
  );
  expect([config.pushType, config.pushFrequency, config.timeColumn]).toEqual([
    'APPEND',
    'DAILY',
    null,
  ]);
});

test('an empty config has the defaults', () => {
  expect(readTable(offlineDocument())).toMatchObject({
    sortedColumns: [],
    partitionColumns: [],
    nullHandling: false,
    continueOnError: false,
    segmentTimeValueCheck: true,
    rowTimeValueCheck: false,
    filterFunction: null,
    retentionMs: null,
    replacedRetentionMs: 14_400_000,
  });
});

describe('streams', () => {
  const flush = (properties: Json): unknown => {
    const stream = readTable(
      realtimeDocument(null, { tableIndexConfig: { streamConfigs: properties } }),
    ).stream!;
    return [stream.flushRows, stream.flushTimeMs, stream.flushSegmentBytes];
  };
  const [rows, time, size] = [5_000_000, 21_600_000, 209_715_200];

  test.each([
    [{}, [rows, time, size]],
    [{ 'realtime.segment.flush.threshold.rows': 5 }, [5, time, size]],
    [{ 'realtime.segment.flush.threshold.size': '7' }, [7, time, size]],
    [{ 'realtime.segment.flush.threshold.size': '100M' }, [0, time, 104_857_600]],
    [{ 'realtime.segment.flush.threshold.rows.llc': '8' }, [8, time, size]],
    [{ 'realtime.segment.flush.threshold.segment.rows': '9' }, [9, time, size]],
    [{ 'segment.flush.threshold.rows': '10' }, [10, time, size]],
    [{ 'realtime.segment.flush.threshold.rows': '0' }, [0, time, size]],
    [{ 'realtime.segment.flush.threshold.rows': '-1' }, [0, time, size]],
    [{ 'realtime.segment.flush.threshold.time': '24h' }, [rows, 86_400_000, size]],
    [{ 'realtime.segment.flush.threshold.time': '3600000' }, [rows, 3_600_000, size]],
    [{ 'realtime.segment.flush.threshold.segment.size': '250MB' }, [rows, time, 262_144_000]],
    [{ 'realtime.segment.flush.desired.size': '1G' }, [rows, time, 1_073_741_824]],
    [
      {
        'realtime.segment.flush.threshold.rows': '5',
        'realtime.segment.flush.threshold.size': '6',
      },
      [5, time, size],
    ],
  ])('flush thresholds %j', (properties, expected) => {
    expect(flush(properties)).toEqual(expected);
  });

  test.each([
    ['realtime.segment.flush.threshold.rows', 'many'],
    ['realtime.segment.flush.threshold.time', '0h'],
    ['realtime.segment.flush.threshold.time', ''],
    ['realtime.segment.flush.threshold.segment.size', '0'],
    ['realtime.segment.flush.threshold.segment.size', '1x'],
    ['segmill.onUndecodableRow', 'drop'],
    ['segmill.onTombstone', 'x'],
  ])('%s "%s" is refused', (key, value) => {
    expect(problemsOf(() => flush({ [key]: value }))).toContain(
      `table.json: tableIndexConfig.streamConfigs.${key}: found "${value}"`,
    );
  });

  test('the list below ingestionConfig wins, values become text', () => {
    const document = realtimeDocument(null, {
      tableIndexConfig: { streamConfigs: { 'stream.kafka.topic.name': 'old' } },
      ingestionConfig: {
        streamIngestionConfig: {
          streamConfigMaps: [
            {
              streamType: 'kafka',
              'stream.kafka.topic.name': 'new',
              'stream.kafka.x': true,
              'segmill.onUndecodableRow': 'fail',
            },
          ],
        },
      },
    });
    expect(readTable(document).stream).toMatchObject({
      topic: 'new',
      onUndecodableRow: 'fail',
      properties: { 'stream.kafka.x': 'true' },
    });
    expect(warnings(document)[0]).toContain('streamConfigs: has no effect beside');
  });

  test('several streams are unsupported', () => {
    const ingestionConfig = { streamIngestionConfig: { streamConfigMaps: [{}, {}] } };
    expect(problemsOf(() => readTable(realtimeDocument(null, { ingestionConfig })))).toMatch(
      /^UNSUPPORTED\n.*2 streams are given, one is supported/,
    );
  });

  test('a misspelt key of segmill is a warning; an offline table has no stream', () => {
    const tableIndexConfig = { streamConfigs: { 'segmill.onUndecodableRows': 'fail' } };
    expect(warnings(realtimeDocument(null, { tableIndexConfig }))[0]).toContain(
      'Did you mean "segmill.onUndecodableRow"?',
    );
    expect(warnings(offlineDocument({ tableIndexConfig }))[0]).toContain('no effect on an OFFLINE');
    expect(readTable(offlineDocument({ tableIndexConfig })).stream).toBeNull();
  });
});

describe('what is refused', () => {
  const partition = (spec: Json): Json =>
    offlineDocument({
      tableIndexConfig: { segmentPartitionConfig: { columnPartitionMap: { k: spec } } },
    });
  test.each([
    ['no type', { tableName: 't' }, 'tableType: is missing'],
    ['another type', offlineDocument({ tableType: 'HYBRID' }), 'found "HYBRID"'],
    ['no name', { tableType: 'OFFLINE' }, 'tableName: is missing'],
    ['a bad name', offlineDocument({ tableName: 'a__b' }), '"a__b" is no name of a table'],
    [
      'a suffix of the other type',
      offlineDocument({ tableName: 't_REALTIME' }),
      '"t_REALTIME" ends in _REALTIME, but tableType is OFFLINE',
    ],
    [
      'the schema name of another table',
      offlineDocument({ segmentsConfig: { schemaName: 'orders' } }),
      'found "orders", but the table is "t" (OFFLINE)',
    ],
    [
      'a realtime table without time column',
      realtimeDocument({}, { segmentsConfig: {} }),
      "'timeColumnName' cannot be null in REALTIME table config",
    ],
    [
      'a partition count of 0',
      partition({ functionName: 'Murmur', numPartitions: 0 }),
      'numPartitions: found "0", allowed is a whole number from 1',
    ],
    ['no partition count', partition({ functionName: 'Murmur' }), 'numPartitions: is missing'],
    [
      'P-5 an unknown partition function',
      partition({ functionName: 'Murmurr', numPartitions: 2 }),
      'unknown partition function "Murmurr", allowed are Modulo, Murmur, Murmur3, HashCode, ByteArray, FNV, BoundedColumnValue. Did you mean "Murmur"?',
    ],
    [
      'P-9 an unknown variant',
      partition({
        functionName: 'Murmur3',
        numPartitions: 2,
        functionConfig: { variant: 'x64_128' },
      }),
      'found "x64_128", allowed is one of x86_32, x64_32',
    ],
    [
      'P-13 a count that does not fit the values',
      partition({
        functionName: 'BoundedColumnValue',
        numPartitions: 3,
        functionConfig: { columnValues: 'a|b|c', columnValuesDelimiter: '|' },
      }),
      'found 3, allowed is 4',
    ],
    [
      'P-13 no values',
      partition({ functionName: 'BoundedColumnValue', numPartitions: 3 }),
      'needs columnValues and columnValuesDelimiter',
    ],
    [
      'O-10 a name generator type',
      offlineDocument({ tableIndexConfig: { segmentNameGeneratorType: 'inputFile' } }),
      'found "inputFile", allowed is one of fixed, simple, normalizedDate',
    ],
    [
      'a column transformed twice',
      offlineDocument({
        ingestionConfig: {
          transformConfigs: [
            { columnName: 'a', transformFunction: 'x' },
            { columnName: 'a', transformFunction: 'y' },
          ],
        },
      }),
      'column "a" has two transform functions',
    ],
    [
      'retention without unit',
      offlineDocument({ segmentsConfig: { retentionTimeValue: '5' } }),
      'retentionTimeUnit: found none',
    ],
    [
      'a retention of nothing',
      offlineDocument({ segmentsConfig: { retentionTimeUnit: 'DAYS', retentionTimeValue: '0' } }),
      'retentionTimeValue: found "0"',
    ],
    [
      'a bad replaced retention',
      offlineDocument({ segmentsConfig: { replacedSegmentsRetentionPeriod: '1w' } }),
      'replacedSegmentsRetentionPeriod: found "1w"',
    ],
    [
      'C-31 a null task map',
      realtimeDocument(null, {
        task: { taskTypeConfigsMap: { RealtimeToOfflineSegmentsTask: null } },
      }),
      'Task configuration for RealtimeToOfflineSegmentsTask cannot be null',
    ],
    [
      'C-31 an unknown task type',
      realtimeDocument(null, {
        task: { taskTypeConfigsMap: { RealtimeToOfflineSegmentTask: {} } },
      }),
      'Did you mean "RealtimeToOfflineSegmentsTask"?',
    ],
    [
      'C-18 upsert',
      realtimeDocument({}, { upsertConfig: { mode: 'FULL' } }),
      "RealtimeToOfflineTask doesn't support upsert table!",
    ],
  ])('%s', (_, document, text) => {
    const found = problemsOf(() => readTable(document));
    expect(found).toMatch(/^CONFIG_INVALID\n/);
    expect(found).toContain(text);
  });

  test.each(['complexTypeConfig', 'enrichmentConfigs', 'aggregationConfigs'])('%s', (key) => {
    const document = offlineDocument({ ingestionConfig: { [key]: [{ a: 1 }] } });
    expect(problemsOf(() => readTable(document))).toMatch(/^UNSUPPORTED\n.*is not supported/);
    expect(readTable(offlineDocument({ ingestionConfig: { [key]: null } })).tableName).toBe('t');
  });
});

test('C-18 upsert mode NONE and dedup pass', () => {
  const document = realtimeDocument(
    {},
    { upsertConfig: { mode: 'NONE' }, dedupConfig: { dedupEnabled: true } },
  );
  expect(warnings(document)).toEqual([]);
});

test('warnings: slips of the pen, other tasks, the task on an offline table', () => {
  expect(
    warnings(
      offlineDocument({
        tableIndexConfg: {},
        task: { taskTypeConfigsMap: { RealtimeToOfflineSegmentsTask: {}, MergeRollupTask: {} } },
        tableIndexConfig: { sortedColumns: ['k'], rangeIndexColumns: ['k'] },
        ingestionConfig: { filterConfigs: {} },
      }),
    ),
  ).toEqual([
    'table.json: tableIndexConfg: unknown key, it has no effect. Did you mean "tableIndexConfig"?',
    'table.json: tableIndexConfig.sortedColumns: unknown key, it has no effect. Did you mean "sortedColumn"?',
    'table.json: ingestionConfig.filterConfigs: unknown key, it has no effect. Did you mean "filterConfig"?',
    'table.json: task.taskTypeConfigsMap.MergeRollupTask: this task is not run by segmill.',
    'table.json: task.taskTypeConfigsMap.RealtimeToOfflineSegmentsTask: has no effect on an OFFLINE table; write it into the REALTIME one.',
  ]);
});
