import { describe, expect, test } from 'vitest';
import { parseTableConfig } from '../../src/config/table-config.ts';
import type { MoveConfig } from '../../src/config/types.ts';
import { segmentRowsMax } from '../../src/limits.ts';
import type { Json } from './table-documents.ts';
import { moveTask, problemsOf, realtimeDocument } from './table-documents.ts';

function move(task: Json): MoveConfig {
  return parseTableConfig(realtimeDocument(task), 'table.json').config.move!;
}

function warnings(task: Json): string[] {
  return parseTableConfig(realtimeDocument(task), 'table.json').warnings;
}

function problems(task: Json): string {
  return problemsOf(() => move(task));
}

const at = `table.json: task.taskTypeConfigsMap.${moveTask}.`;

test('C-5 to C-12 defaults', () => {
  expect(move({})).toEqual({
    bucketMs: 86_400_000,
    bufferMs: 172_800_000,
    roundMs: null,
    mergeType: 'CONCAT',
    aggregations: {},
    maxNumRecordsPerSegment: 5_000_000,
    partitionBucketMs: null,
    negateWindowFilter: false,
    segmentNamePrefix: null,
    segmentNamePostfix: null,
    fixedSegmentName: null,
    schedule: null,
    offlineFormat: 'parquet',
    compression: 'snappy',
    desiredSegmentBytes: null,
    evenSplit: false,
    semantics: 'exact',
  });
  expect(warnings({})).toEqual([]);
});

test('C-5 to C-15 every key, values of any scalar type', () => {
  const task = {
    bucketTimePeriod: '6h',
    bufferTimePeriod: '0d',
    roundBucketTimePeriod: '1h',
    mergeType: 'rollup',
    'm.aggregationType': 'max',
    'a.b.aggregationType': 'last_with_time',
    maxNumRecordsPerSegment: 1000,
    schedule: '0 0 * * * ?',
    partitionBucketTimePeriod: '1d',
    negateWindowFilter: true,
    segmentNamePrefix: 'pre',
    segmentNamePostfix: 'post',
    fixedSegmentName: 'one',
    'segmill.offlineFormat': 'ARROW',
    'segmill.compression': 'zstd',
    'segmill.desiredSegmentSize': '250MB',
    'segmill.evenSplit': 'true',
    'segmill.semantics': 'pinot',
  };
  expect(warnings(task)).toEqual([]);
  expect(move(task)).toEqual({
    bucketMs: 21_600_000,
    bufferMs: 0,
    roundMs: 3_600_000,
    mergeType: 'ROLLUP',
    aggregations: { m: 'MAX', 'a.b': 'LASTWITHTIME' },
    maxNumRecordsPerSegment: 1000,
    partitionBucketMs: 86_400_000,
    negateWindowFilter: true,
    segmentNamePrefix: 'pre',
    segmentNamePostfix: 'post',
    fixedSegmentName: 'one',
    schedule: '0 0 * * * ?',
    offlineFormat: 'arrow',
    compression: 'zstd',
    desiredSegmentBytes: 250_000_000,
    evenSplit: true,
    semantics: 'pinot',
  });
});

describe('C-30, C-36 what Pinot lets pass is refused here', () => {
  const periods = ['bucketTimePeriod', 'roundBucketTimePeriod', 'partitionBucketTimePeriod'];
  test.each(periods.flatMap((key) => ['', '0d', '-2h', '-1d2h'].map((value) => [key, value])))(
    'C-36 %s "%s"',
    (key, value) => {
      expect(problems({ [key!]: value! })).toMatch(/^CONFIG_INVALID\n/);
      expect(problems({ [key!]: value! })).toContain(`${at}${key}: `);
      expect(problems({ [key!]: value! })).toContain('allowed is a period of more than zero');
    },
  );

  test.each(['', '-1s'])('C-36 bufferTimePeriod "%s"; zero is a buffer', (value) => {
    expect(problems({ bufferTimePeriod: value })).toContain('a period of zero or more');
  });

  test.each(['0', '-1', 'abc', '1e3', '9999999999', '', '1.5'])(
    'C-32 maxNumRecordsPerSegment "%s"',
    (value) => {
      expect(problems({ maxNumRecordsPerSegment: value })).toContain(
        `${at}maxNumRecordsPerSegment: found "${value}", allowed is a whole number from 1`,
      );
    },
  );

  test.each(['-5', '0', 'x'])('C-32 segmentMapperFileSizeThresholdInBytes "%s"', (value) => {
    expect(problems({ segmentMapperFileSizeThresholdInBytes: value })).toContain(
      `found "${value}", allowed is a whole number from 1`,
    );
  });

  test.each([
    ['negateWindowFilter', 'yes', 'allowed is true or false'],
    ['segmill.evenSplit', '1', 'allowed is true or false'],
    ['segmill.semantics', 'exakt', 'Did you mean "exact"?'],
    ['segmill.compression', 'gzip', 'allowed is one of snappy, zstd, lz4_raw, none'],
    ['segmill.offlineFormat', 'csv', 'allowed is one of parquet, arrow'],
    ['segmill.desiredSegmentSize', '0', 'allowed is a size above zero'],
    ['segmill.desiredSegmentSize', 'big', 'allowed is a size above zero'],
    ['segmentNamePrefix', 'a/b', 'allowed is text without any of'],
    ['segmentNamePostfix', 'a:b', 'allowed is text without any of'],
    ['fixedSegmentName', ' ', 'not blank'],
    ['collectorType', 'garbage', 'allowed is one of CONCAT, ROLLUP, DEDUP'],
    ['schedule', '* * * * *', 'contains an invalid cron schedule'],
  ])('%s "%s"', (key, value, text) => {
    expect(problems({ [key]: value })).toMatch(/^CONFIG_INVALID\n/);
    expect(problems({ [key]: value })).toContain(`${at}${key}: `);
    expect(problems({ [key]: value })).toContain(text);
  });

  test('C-29 HLLPLUS and sketches are unsupported by name', () => {
    expect(problems({ 'm.aggregationType': 'distinctCountHLLPlus' })).toMatch(
      /^UNSUPPORTED\n.*distinctCountHLLPlus" is not supported .* allowed are SUM, MIN, MAX, AVG/,
    );
    expect(problems({ 'm.aggregationType': 'percentileKLL95' })).toMatch(/^UNSUPPORTED\n/);
  });

  test('the Pinot format is unsupported by name', () => {
    expect(problems({ 'segmill.offlineFormat': 'pinot' })).toMatch(/^UNSUPPORTED\n/);
  });

  test('a mix of unsupported and wrong is CONFIG_INVALID, with both', () => {
    const text = problems({ 'segmill.offlineFormat': 'pinot', bucketTimePeriod: '1w' });
    expect(text.split('\n')).toHaveLength(3);
    expect(text).toMatch(/^CONFIG_INVALID\n/);
  });

  test('a value that is no scalar', () => {
    expect(problems({ bucketTimePeriod: { days: 1 } })).toContain(
      'found an object, allowed is text',
    );
  });
});

test('C-9 collectorType stands in for an absent mergeType', () => {
  expect(move({ collectorType: 'dedup' }).mergeType).toBe('DEDUP');
  expect(warnings({ collectorType: 'dedup' })).toEqual([
    `${at}collectorType: is deprecated; write mergeType.`,
  ]);
  expect(move({ collectorType: 'garbage', mergeType: 'rollup' }).mergeType).toBe('ROLLUP');
  expect(warnings({ collectorType: 'dedup', mergeType: 'rollup' })[0]).toContain(
    'no effect beside',
  );
});

test('C-13, C-15 keys without a meaning here are warnings, unknown ones with the nearest name', () => {
  expect(
    warnings({
      minionInstanceTag: 'x',
      'push.mode': 'TAR',
      'aggregationFunctionParameters.m.K': '1',
      segmentMapperFileSizeThresholdInBytes: '60',
      allowDownloadFromServer: 'false',
      bucketTimePeriodd: '1d',
      whatever: 1,
    }),
  ).toEqual([
    `${at}minionInstanceTag: has no effect in segmill.`,
    `${at}push.mode: has no effect in segmill.`,
    `${at}aggregationFunctionParameters.m.K: has no effect in segmill.`,
    `${at}bucketTimePeriodd: unknown key, it has no effect. Did you mean "bucketTimePeriod"?`,
    `${at}whatever: unknown key, it has no effect.`,
    `${at}segmentMapperFileSizeThresholdInBytes: has no effect: a window is merged whole, within the memory cap.`,
    `${at}allowDownloadFromServer: has no effect in segmill.`,
  ]);
});

test('C-11 a count beyond what a segment holds is lowered, with a warning', () => {
  expect(move({ maxNumRecordsPerSegment: '2000000000' }).maxNumRecordsPerSegment).toBe(
    segmentRowsMax,
  );
  expect(warnings({ maxNumRecordsPerSegment: '2000000000' })).toHaveLength(1);
});

test('C-14 allowDownloadFromServer needs the peer scheme', () => {
  expect(problems({ allowDownloadFromServer: 'true' })).toContain(
    'peerSegmentDownloadScheme is not set in the table config',
  );
  const document = realtimeDocument(
    { allowDownloadFromServer: 'true' },
    { segmentsConfig: { timeColumnName: 'ts', peerSegmentDownloadScheme: 'http' } },
  );
  expect(problemsOf(() => parseTableConfig(document, 'x'))).toBe('OK');
});
