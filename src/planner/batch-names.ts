// Names that a Pinot ingestion job spec gives its segments (J-4 to J-6, O-14).
import { SegmillError } from '../errors.ts';
import type { JobSegmentNames } from '../config/job-spec.ts';
import type { TableConfig } from '../config/types.ts';
import {
  checkedPart,
  fixedName,
  normalizedDateName,
  simpleName,
  type NamedOutput,
} from './names.ts';

export interface BatchNameFacts {
  readonly offline: Pick<TableConfig, 'tableName' | 'pushType' | 'pushFrequency'>;
  /** Whole URI of the input file, as the job names it. */
  readonly inputUri: string;
  readonly output: NamedOutput;
  /** Of the segment, for `uploadedRealtime` without `segment.uploadTimeMs`. */
  readonly creationMs: number;
  /** For `append.uuid.to.segment.name`. */
  readonly uuid: string;
}

/**
 * The name of the segment that a job makes of one file. Table names carry their type (J-6).
 * @throws SegmillError JOB_INVALID, NAME_INVALID (O-13)
 */
export function batchSegmentName(
  { type, configs }: JobSegmentNames,
  facts: BatchNameFacts,
): string {
  const table = `${facts.offline.tableName}_OFFLINE`;
  const postfix = configs['segment.name.postfix'] ?? null;
  const prefix = configs['segment.name.prefix'] ?? null;
  switch (type) {
    case 'fixed':
      return fixedName(configs['segment.name'] ?? null, 'segment.name');
    case 'simple': {
      const untimed = flag(configs, 'exclude.time.in.segment.name');
      const name = simpleName(table, postfix, {
        ...facts.output,
        ...(untimed ? { minTimeValue: null, maxTimeValue: null } : {}),
      });
      return flag(configs, 'append.uuid.to.segment.name') ? `${name}_${facts.uuid}` : name;
    }
    case 'normalizedDate':
      return normalizedDateName(prefix ?? table, postfix, facts.offline, {
        ...facts.output,
        ...(flag(configs, 'exclude.sequence.id') ? { sequence: -1 } : {}),
      });
    case 'inputFile':
      return inputFileName(configs, facts.inputUri);
    case 'uploadedRealtime':
      return [
        checkedPart(prefix ?? 'uploaded', 'segment.name.prefix'),
        table,
        wholeNumber(configs, 'segment.partitionId', null),
        wholeNumber(configs, 'segment.uploadTimeMs', facts.creationMs),
        checkedPart(postfix ?? String(facts.output.sequence), 'segment.name.postfix'),
      ].join('__');
  }
}

/** The template with `${filePathPattern:\N}` filled in, or the path made into a name when the pattern does not match it. */
function inputFileName(configs: JobSegmentNames['configs'], inputUri: string): string {
  const pattern = configs['file.path.pattern'];
  const template = configs['segment.name.template'];
  if (pattern === undefined || template === undefined)
    throw new SegmillError(
      'JOB_INVALID',
      'segmentNameGeneratorSpec of type inputFile needs configs file.path.pattern and segment.name.template',
    );
  const match = compiled(pattern).exec(inputUri);
  if (match === null) return checkedPart(pathOf(inputUri).replace(/[/.]/g, '_'), 'the file path');
  const name = template.replaceAll(
    /\$\{filePathPattern:\\(\d+)\}/g,
    (_, group: string) => match[Number(group)] ?? '',
  );
  return checkedPart(name, 'segment.name.template');
}

/** The path of a URI, or of a plain path, without the leading slash. */
function pathOf(uri: string): string {
  return uri.replace(/^[a-zA-Z][\w+.-]*:(\/\/[^/]*)?/, '').replace(/^\/+/, '');
}

/** The pattern has to match the whole URI. */
function compiled(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch (error) {
    throw new SegmillError(
      'JOB_INVALID',
      `file.path.pattern is no regular expression: ${pattern}`,
      { pattern },
      { cause: error },
    );
  }
}

function flag(configs: JobSegmentNames['configs'], key: string): boolean {
  return configs[key]?.toLowerCase() === 'true';
}

function wholeNumber(
  configs: JobSegmentNames['configs'],
  key: string,
  fallback: number | null,
): number {
  const text = configs[key];
  if (text === undefined && fallback !== null) return fallback;
  if (text !== undefined && /^\d+$/.test(text)) return Number(text);
  throw new SegmillError(
    'JOB_INVALID',
    `segmentNameGeneratorSpec.configs.${key} is ${text ?? 'not given'}, it has to be a whole number`,
    { key },
  );
}
