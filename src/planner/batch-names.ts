// Names that a Pinot ingestion job spec gives its segments (J-4 to J-6, O-14).
import { SegmillError } from '../errors.ts';
import type { TableConfig } from '../config/types.ts';
import {
  checkedPart,
  fixedName,
  normalizedDateName,
  simpleName,
  type NamedOutput,
} from './names.ts';

/** `segmentNameGeneratorSpec`; `type` null: `simple`. */
export interface BatchNameSpec {
  readonly type: string | null;
  readonly configs: Readonly<Record<string, string>>;
}

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

const keysByType = {
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
} as const;
/** Counts files, which happens before they are named (J-4). */
const keyOfAll = 'use.global.directory.sequence.id';

type BatchNameType = keyof typeof keysByType;

/**
 * The type of a spec, its keys checked.
 * @throws SegmillError JOB_INVALID for an unknown type or a key that the type does not have
 */
export function batchNameType(spec: BatchNameSpec): BatchNameType {
  const types = Object.keys(keysByType) as BatchNameType[];
  const wanted = spec.type ?? 'simple';
  const type = types.find((known) => known.toLowerCase() === wanted.toLowerCase());
  if (type === undefined)
    throw new SegmillError(
      'JOB_INVALID',
      `segmentNameGeneratorSpec.type is ${wanted}, allowed is one of ${types.join(', ')}`,
      { type: wanted },
    );
  const keys: readonly string[] = [...keysByType[type], keyOfAll];
  for (const key of Object.keys(spec.configs))
    if (!keys.includes(key))
      throw new SegmillError(
        'JOB_INVALID',
        `segmentNameGeneratorSpec.configs has ${key}, type ${type} takes ${keys.join(', ')}`,
        { key, type },
      );
  return type;
}

/**
 * The name of the segment that a job makes of one file. Table names carry their type (J-6).
 * @throws SegmillError JOB_INVALID, NAME_INVALID (O-13)
 */
export function batchSegmentName(spec: BatchNameSpec, facts: BatchNameFacts): string {
  const { configs } = spec;
  const table = `${facts.offline.tableName}_OFFLINE`;
  const postfix = configs['segment.name.postfix'] ?? null;
  const prefix = configs['segment.name.prefix'] ?? null;
  switch (batchNameType(spec)) {
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
function inputFileName(configs: BatchNameSpec['configs'], inputUri: string): string {
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

function flag(configs: BatchNameSpec['configs'], key: string): boolean {
  return configs[key]?.toLowerCase() === 'true';
}

function wholeNumber(
  configs: BatchNameSpec['configs'],
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
