import { describe, expect, test } from 'vitest';
import { parseBackfillJob } from '../../src/config/job-spec.ts';
import type { BackfillJob } from '../../src/config/job-spec.ts';
import { isSegmillError } from '../../src/errors.ts';
import { golden } from './table-documents.ts';

const values = {
  segmentName: 'orders_1_2_0',
  inputDir: '/in',
  outputDir: '/out',
  pinotController: 'http://localhost:9000',
};
const least = {
  jobType: 'SegmentCreation',
  inputDirURI: '/in',
  tableSpec: { tableName: 'orders' },
  recordReaderSpec: { dataFormat: 'json' },
};

function read(spec: object): { job: BackfillJob; warnings: string[] } {
  return parseBackfillJob(JSON.stringify(spec), {}, 'job.json');
}

function problems(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isSegmillError(error, 'JOB_INVALID'))
      return String(error.details['problems'] ?? error.message);
    throw error;
  }
  throw new Error('no problem was found');
}

test('J-1 the job of the recipe, its values filled in', () => {
  const { job, warnings } = parseBackfillJob(golden('recipe/job-spec.yml'), values, 'job.yml');
  expect(job).toEqual({
    jobType: 'SegmentCreationAndTarPush',
    creates: true,
    pushes: true,
    inputDirURI: '/in',
    searchRecursively: true,
    includeFileNamePattern: 'glob:**/orders.json',
    excludeFileNamePattern: null,
    outputDirURI: '/out',
    overwriteOutput: true,
    tableName: 'orders',
    dataFormat: 'json',
    readerConfigs: {},
    names: { type: 'fixed', configs: { 'segment.name': 'orders_1_2_0' } },
    globalSequence: false,
    failOnEmptySegment: false,
    cleanUpOutputDir: false,
    pushFileNamePattern: null,
    controllerURIs: ['http://localhost:9000'],
  });
  const oneCommit = 'is not used: a push is one commit into the data directory.';
  expect(warnings).toEqual([
    `job.yml: pushJobSpec.pushAttempts: ${oneCommit}`,
    `job.yml: pushJobSpec.pushRetryIntervalMillis: ${oneCommit}`,
    'job.yml: pinotClusterSpecs: is not used: segments go into the data directory.',
  ]);
  const verbatim = parseBackfillJob(golden('recipe/job-spec.verbatim.yml'), values, 'job.yml').job;
  expect(verbatim.inputDirURI).toBe('/data');
});

test('J-1, J-9 defaults', () => {
  expect(read(least).job).toMatchObject({
    searchRecursively: true,
    outputDirURI: null,
    overwriteOutput: false,
    names: { type: 'simple', configs: {} },
    controllerURIs: [],
  });
});

describe('J-1 the template', () => {
  const fill = (text: string, given: Record<string, string> = {}): string | null =>
    parseBackfillJob(
      JSON.stringify({ ...least, outputDirURI: '@' }).replace('"@"', text),
      given,
      'j',
    ).job.outputDirURI;

  test('fills ${name} and $name, and keeps an escaped dollar', () => {
    expect(fill('"/a/${x}/$y_1/\\\\$z"'.replace('\\\\', '\\'), { x: 'X', y_1: 'Y' })).toBe(
      '/a/X/Y/$z',
    );
  });

  test('a missing value is named', () => {
    expect(problems(() => fill('"${day}"'))).toBe('j: no value for ${day}; add --values day=...');
    expect(problems(() => fill('"${inputdir}"', { inputDir: '/x' }))).toContain(
      'given: "inputDir"',
    );
    expect(problems(() => fill('"$constructor"'))).toContain('no value for ${constructor}');
  });

  test('Groovy code is refused', () => {
    expect(problems(() => fill('"${new Date()}"'))).toContain('found ${new Date()}');
    expect(problems(() => fill('"<% x %>"'))).toContain('found <%');
  });

  test('J-5 the place holders of the inputFile generator stay', () => {
    const yaml = `
jobType: segmentcreation
inputDirURI: /in
tableSpec: {tableName: orders}
recordReaderSpec: {dataFormat: CSV, configs: {delimiter: ';', skipHeader: true}}
segmentNameGeneratorSpec:
  type: INPUTFILE
  configs:
    file.path.pattern: '.+/(.+)\\.csv'
    segment.name.template: '\\\${filePathPattern:\\1}_x'
`;
    const { job } = parseBackfillJob(yaml, {}, 'j');
    expect(job).toMatchObject({
      jobType: 'SegmentCreation',
      creates: true,
      pushes: false,
      dataFormat: 'csv',
      readerConfigs: { delimiter: ';', skipHeader: 'true' },
      names: {
        type: 'inputFile',
        configs: {
          'file.path.pattern': '.+/(.+)\\.csv',
          'segment.name.template': '${filePathPattern:\\1}_x',
        },
      },
    });
  });
});

test.each([
  ['segmentcreation', true, false],
  ['SEGMENTTARPUSH', false, true],
  ['SegmentUriPush', false, true],
  ['SegmentMetadataPush', false, true],
  ['SegmentCreationAndTarPush', true, true],
  ['SegmentCreationAndUriPush', true, true],
  ['segmentCreationAndMetadataPush', true, true],
])('J-2 %s', (jobType, creates, pushes) => {
  expect(read({ ...least, jobType, outputDirURI: '/out' }).job).toMatchObject({ creates, pushes });
});

test.each([
  ['normalizedDate', { 'segment.name.prefix': 'p', 'exclude.sequence.id': true }],
  ['simple', { 'segment.name.postfix': 'x', 'append.uuid.to.segment.name': 'true' }],
  ['uploadedRealtime', { 'segment.partitionId': 3, 'segment.uploadTimeMs': '1700000000000' }],
])('J-5 names %s', (type, configs) => {
  const { job, warnings } = read({ ...least, segmentNameGeneratorSpec: { type, configs } });
  const texts = Object.entries(configs).map(([key, value]) => [key, String(value)]);
  expect(job.names).toEqual({ type, configs: Object.fromEntries(texts) as unknown });
  expect(warnings).toEqual([]);
});

test('J-5 keys of another name type are a warning', () => {
  const spec = { type: 'simple', configs: { 'segment.name': 'x', 'segment.name.postfx': 'y' } };
  expect(read({ ...least, segmentNameGeneratorSpec: spec }).warnings).toEqual([
    'job.json: segmentNameGeneratorSpec.configs.segment.name: has no effect for names of type simple.',
    'job.json: segmentNameGeneratorSpec.configs.segment.name.postfx: has no effect for names of type simple. Did you mean "segment.name.postfix"?',
  ]);
});

test('J-4 global sequence ids', () => {
  const configs = { 'use.global.directory.sequence.id': 'true' };
  const segmentNameGeneratorSpec = { type: 'simple', configs };
  expect(read({ ...least, segmentNameGeneratorSpec }).job.globalSequence).toBe(true);
});

test.each([
  ['no job type', { ...least, jobType: undefined }, 'jobType: is missing'],
  [
    'an unknown job type',
    { ...least, jobType: 'SegmentCreatoin' },
    'Did you mean "SegmentCreation"?',
  ],
  ['no input', { ...least, inputDirURI: '' }, 'inputDirURI: is missing'],
  ['a push without output', { ...least, jobType: 'SegmentTarPush' }, 'outputDirURI: is missing'],
  ['no table', { ...least, tableSpec: {} }, 'tableSpec.tableName: is missing'],
  ['a realtime table', { ...least, tableSpec: { tableName: 't_REALTIME' } }, 'an OFFLINE table'],
  ['no format', { ...least, recordReaderSpec: {} }, 'recordReaderSpec.dataFormat: is missing'],
  ['a bad pattern', { ...least, includeFileNamePattern: '*.json' }, 'allowed is glob:PATTERN'],
  ['a bad regex', { ...least, excludeFileNamePattern: 'regex:(' }, 'no regular expression'],
  [
    'an unknown name type',
    { ...least, segmentNameGeneratorSpec: { type: 'random' } },
    'found "random", allowed is one of fixed, simple, normalizedDate, inputFile, uploadedRealtime',
  ],
  [
    'J-5 a fixed name without name',
    { ...least, segmentNameGeneratorSpec: { type: 'fixed' } },
    'configs.segment.name: is missing',
  ],
  [
    'J-5 a flag that is none',
    {
      ...least,
      segmentNameGeneratorSpec: { type: 'normalizedDate', configs: { 'exclude.sequence.id': 'x' } },
    },
    'found "x", allowed is true or false',
  ],
  [
    'J-5 a partition that is none',
    {
      ...least,
      segmentNameGeneratorSpec: {
        type: 'uploadedRealtime',
        configs: { 'segment.partitionId': 'x' },
      },
    },
    'segment.partitionId: found "x"',
  ],
  ['no attempts', { ...least, pushJobSpec: { pushAttempts: 0 } }, 'pushAttempts: found "0"'],
])('%s', (_, spec, text) => {
  expect(problems(() => read(spec))).toContain(text);
});

test('what is no job spec', () => {
  expect(problems(() => parseBackfillJob('a: [', {}, 'j.yml'))).toContain('neither YAML nor JSON');
  expect(problems(() => parseBackfillJob('- a', {}, 'j.yml'))).toContain('no map of keys');
  expect(problems(() => parseBackfillJob('', {}, 'j.yml'))).toContain('no map of keys');
});

test('unknown keys are warnings', () => {
  expect(read({ ...least, overwriteOutputs: true, pushJobSpec: { attempts: 1 } }).warnings).toEqual(
    [
      'job.json: overwriteOutputs: unknown key, it has no effect. Did you mean "overwriteOutput"?',
      'job.json: pushJobSpec.attempts: unknown key, it has no effect.',
    ],
  );
});
