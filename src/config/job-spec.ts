// Pinot's batch ingestion job spec (Annex J), for `backfill`.
import { parseDocument } from 'yaml';
import type { JsonValue } from '../json/value.ts';
import { SegmillError } from '../errors.ts';
import { renderTemplate } from './job-template.ts';
import { didYouMean, isValidTableName, splitTableName } from './names.ts';
import { Problems } from './problems.ts';
import { openDocument } from './reader.ts';
import type { ConfigReader } from './reader.ts';

const jobTypes = [
  'SegmentCreation',
  'SegmentTarPush',
  'SegmentUriPush',
  'SegmentMetadataPush',
  'SegmentCreationAndTarPush',
  'SegmentCreationAndUriPush',
  'SegmentCreationAndMetadataPush',
] as const;
type JobType = (typeof jobTypes)[number];

const nameTypes = ['fixed', 'simple', 'normalizedDate', 'inputFile', 'uploadedRealtime'] as const;
export type JobNameType = (typeof nameTypes)[number];

/** J-5: the name generator and its settings under Pinot's own keys, checked for their type. */
export interface JobSegmentNames {
  readonly type: JobNameType;
  readonly configs: Readonly<Record<string, string>>;
}

export interface BackfillJob {
  readonly jobType: JobType;
  /** Whether files are built into segments, and whether segments are pushed. */
  readonly creates: boolean;
  readonly pushes: boolean;
  /** Path or `file:` URI as written; null only for a job that just pushes. */
  readonly inputDirURI: string | null;
  readonly searchRecursively: boolean;
  /** `glob:...` or `regex:...`, matched against the whole path. */
  readonly includeFileNamePattern: string | null;
  readonly excludeFileNamePattern: string | null;
  readonly outputDirURI: string | null;
  readonly overwriteOutput: boolean;
  readonly tableName: string;
  /** Lower case: json, csv, avro, parquet, ... */
  readonly dataFormat: string | null;
  readonly readerConfigs: Readonly<Record<string, string>>;
  readonly names: JobSegmentNames;
  /** J-4: sequence ids count over all directories. */
  readonly globalSequence: boolean;
  readonly failOnEmptySegment: boolean;
  readonly cleanUpOutputDir: boolean;
  readonly pushFileNamePattern: string | null;
  /** Reported as not used: a commit goes into the data directory. */
  readonly controllerURIs: readonly string[];
}

const jobKeys =
  'executionFrameworkSpec jobType inputDirURI searchRecursively includeFileNamePattern excludeFileNamePattern outputDirURI segmentCreationJobParallelism overwriteOutput pinotFSSpecs tableSpec recordReaderSpec segmentNameGeneratorSpec pinotClusterSpecs pushJobSpec cleanUpOutputDir failOnEmptySegment createMetadataTarGz authToken tlsSpec'.split(
    ' ',
  );
const pushKeys =
  'pushAttempts pushParallelism pushRetryIntervalMillis segmentUriPrefix segmentUriSuffix pushFileNamePattern copyToDeepStoreForMetadataPush batchSegmentUpload segmentMetadataGenerationParallelism preferMetadataTarGz'.split(
    ' ',
  );
/** Keys of `segmentNameGeneratorSpec.configs` by type. */
const nameKeys: Readonly<Record<JobNameType, readonly string[]>> = {
  fixed: ['segment.name'],
  simple: ['segment.name.postfix', 'append.uuid.to.segment.name', 'exclude.time.in.segment.name'],
  normalizedDate: ['segment.name.prefix', 'segment.name.postfix', 'exclude.sequence.id'],
  inputFile: ['file.path.pattern', 'segment.name.template'],
  uploadedRealtime: [
    'segment.partitionId',
    'segment.uploadTimeMs',
    'segment.name.prefix',
    'segment.name.postfix',
  ],
};

/**
 * A job spec, YAML or JSON, with its `${name}` places filled from `values`. `where` names the file in messages.
 * @throws SegmillError JOB_INVALID with every problem
 */
export function parseBackfillJob(
  document: string,
  values: Readonly<Record<string, string>>,
  where: string,
): { job: BackfillJob; warnings: string[] } {
  const problems = new Problems();
  const tree = parseYaml(renderTemplate(document, values, where), where, problems);
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) {
    throw new SegmillError(
      'JOB_INVALID',
      `${where}: the job spec is no map of keys; give Pinot's ingestion job spec`,
    );
  }
  const spec = openDocument(tree, where, problems);
  spec.warnUnknown(jobKeys);
  const jobType = parseJobType(spec);
  const creates = jobType.startsWith('SegmentCreation');
  const job: BackfillJob = {
    jobType,
    creates,
    pushes: jobType.endsWith('Push'),
    ...parsePlaces(spec, creates),
    ...parseTableSpec(spec.child('tableSpec')),
    ...parseRecordReader(spec.child('recordReaderSpec'), creates),
    ...parseNames(spec.child('segmentNameGeneratorSpec')),
    failOnEmptySegment: spec.flag('failOnEmptySegment', false),
    cleanUpOutputDir: spec.flag('cleanUpOutputDir', false),
    ...parsePush(spec.child('pushJobSpec')),
    controllerURIs: spec
      .children('pinotClusterSpecs')
      .flatMap((cluster) => cluster.text('controllerURI') ?? []),
  };
  spec.integer('segmentCreationJobParallelism', 1, -(2 ** 31));
  warnUnused(
    spec,
    ['segmentCreationJobParallelism', 'createMetadataTarGz', 'authToken', 'tlsSpec'],
    'files are built one after another, here',
  );
  if (job.controllerURIs.length > 0) {
    spec.warn('pinotClusterSpecs', 'is not used: segments go into the data directory.');
  }
  problems.throwIfAny('JOB_INVALID');
  return { job, warnings: problems.warnings };
}

function parseYaml(text: string, where: string, problems: Problems): JsonValue {
  const document = parseDocument(text);
  for (const warning of document.warnings) problems.warn(where, warning.message);
  const [error] = document.errors;
  if (error !== undefined) {
    throw new SegmillError('JOB_INVALID', `${where}: is neither YAML nor JSON: ${error.message}`, {
      line: error.linePos?.[0].line ?? null,
    });
  }
  try {
    return document.toJS() as JsonValue;
  } catch (cause) {
    // An alias without its anchor, or too many of them, is found only here.
    if (!(cause instanceof ReferenceError)) throw cause;
    throw new SegmillError('JOB_INVALID', `${where}: ${cause.message}`, {}, { cause });
  }
}

function parseJobType(spec: ConfigReader): JobType {
  if (!spec.has('jobType'))
    spec.error('jobType', `is missing, allowed are ${jobTypes.join(', ')}.`);
  return spec.oneOf('jobType', jobTypes, 'SegmentCreationAndTarPush');
}

type Places = Pick<
  BackfillJob,
  | 'inputDirURI'
  | 'searchRecursively'
  | 'includeFileNamePattern'
  | 'excludeFileNamePattern'
  | 'outputDirURI'
  | 'overwriteOutput'
>;

function parsePlaces(spec: ConfigReader, creates: boolean): Places {
  const inputDirURI = spec.text('inputDirURI') || null;
  const outputDirURI = spec.text('outputDirURI') || null;
  if (creates && inputDirURI === null) spec.error('inputDirURI', 'is missing; name a directory.');
  if (!creates && outputDirURI === null) {
    spec.error('outputDirURI', 'is missing; a push takes its segments from there (J-10).');
  }
  return {
    inputDirURI,
    searchRecursively: spec.flag('searchRecursively', true),
    includeFileNamePattern: pattern(spec, 'includeFileNamePattern'),
    excludeFileNamePattern: pattern(spec, 'excludeFileNamePattern'),
    outputDirURI,
    overwriteOutput: spec.flag('overwriteOutput', false),
  };
}

function pattern(spec: ConfigReader, key: string): string | null {
  const text = spec.text(key) || null;
  if (text === null || /^glob:./.test(text)) return text;
  if (!/^regex:./.test(text)) {
    spec.error(key, `found "${text}", allowed is glob:PATTERN or regex:PATTERN.`);
  } else if (!isRegex(text.slice('regex:'.length))) {
    spec.error(key, `found "${text}", which is no regular expression.`);
  }
  return text;
}

function isRegex(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Keys of Pinot's spec that mean nothing here are taken, and said so. */
function warnUnused(reader: ConfigReader, keys: readonly string[], why: string): void {
  for (const key of keys) if (reader.has(key)) reader.warn(key, `is not used: ${why}.`);
}

function parseTableSpec(table: ConfigReader): Pick<BackfillJob, 'tableName'> {
  table.warnUnknown(['tableName', 'schemaURI', 'tableConfigURI']);
  warnUnused(table, ['schemaURI', 'tableConfigURI'], 'the table as it was added counts');
  const given = table.requiredText('tableName');
  const { raw, type } = splitTableName(given);
  if (given !== '' && (!isValidTableName(raw) || type === 'REALTIME')) {
    table.error('tableName', `found "${given}", allowed is the name of an OFFLINE table.`);
  }
  return { tableName: raw };
}

function parseRecordReader(
  reader: ConfigReader,
  creates: boolean,
): Pick<BackfillJob, 'dataFormat' | 'readerConfigs'> {
  reader.warnUnknown(['dataFormat', 'className', 'configClassName', 'configs']);
  const dataFormat = reader.text('dataFormat')?.toLowerCase() || null;
  if (creates && dataFormat === null) {
    reader.error('dataFormat', 'is missing; name it as json, csv, avro or parquet.');
  }
  return { dataFormat, readerConfigs: reader.child('configs').textMap() };
}

function parseNames(spec: ConfigReader): Pick<BackfillJob, 'names' | 'globalSequence'> {
  const type = spec.oneOf('type', nameTypes, 'simple');
  const configs = spec.child('configs');
  const globalKeys = ['use.global.directory.sequence.id', 'local.directory.sequence.id'];
  for (const key of configs.keys()) {
    const known = [...nameKeys[type], ...globalKeys];
    if (known.includes(key)) continue;
    configs.warn(key, `has no effect for names of type ${type}.${didYouMean(key, known)}`);
  }
  checkNameValues(type, configs);
  return {
    names: { type, configs: configs.textMap() },
    globalSequence: configs.flag('use.global.directory.sequence.id', false),
  };
}

function checkNameValues(type: JobNameType, configs: ConfigReader): void {
  if (type === 'fixed') configs.requiredText('segment.name');
  const flags = {
    simple: ['append.uuid.to.segment.name', 'exclude.time.in.segment.name'],
    normalizedDate: ['exclude.sequence.id'],
  };
  if (type === 'simple' || type === 'normalizedDate') {
    for (const key of flags[type]) configs.flag(key, false);
  }
  if (type !== 'uploadedRealtime') return;
  for (const key of ['segment.partitionId', 'segment.uploadTimeMs']) {
    configs.integer(key, 0, 0, Number.MAX_SAFE_INTEGER);
  }
}

/** J-9 */
function parsePush(push: ConfigReader): Pick<BackfillJob, 'pushFileNamePattern'> {
  push.warnUnknown(pushKeys);
  push.integer('pushAttempts', 1, 1);
  push.integer('pushRetryIntervalMillis', 1000, 0);
  const unused = pushKeys.filter((key) => key !== 'pushFileNamePattern');
  warnUnused(push, unused, 'a push is one commit into the data directory');
  return { pushFileNamePattern: pattern(push, 'pushFileNamePattern') };
}
