import { isSegmillError } from '../errors.ts';
import type { JsonValue } from '../json/value.ts';
import { stringifyJson } from '../json/stringify.ts';
import { stringLengthMax } from '../limits.ts';
import { builtInDefault, parseDefault } from './default-value.ts';
import { didYouMean, isValidTableName } from './names.ts';
import { Problems } from './problems.ts';
import { isJsonObject, openDocument } from './reader.ts';
import type { ConfigReader } from './reader.ts';
import { compileTimeFormat, parseTimeFormat } from './time-format.ts';
import type { DataType, Field, FieldRole, MaxLengthStrategy, Schema, TimeFormat } from './types.ts';

const dataTypes: readonly DataType[] = [
  'INT',
  'LONG',
  'FLOAT',
  'DOUBLE',
  'BIG_DECIMAL',
  'BOOLEAN',
  'TIMESTAMP',
  'STRING',
  'JSON',
  'BYTES',
];
const metricTypes: readonly DataType[] = [
  'INT',
  'LONG',
  'FLOAT',
  'DOUBLE',
  'BIG_DECIMAL',
  'STRING',
  'BYTES',
];
const strategies: readonly MaxLengthStrategy[] = [
  'TRIM_LENGTH',
  'SUBSTITUTE_DEFAULT_VALUE',
  'ERROR',
  'NO_ACTION',
];
const schemaKeys = [
  'schemaName',
  'enableColumnBasedNullHandling',
  'dimensionFieldSpecs',
  'metricFieldSpecs',
  'dateTimeFieldSpecs',
  'complexFieldSpecs',
  'timeFieldSpec',
  'primaryKeyColumns',
  'updateSemantic',
  'description',
  'tags',
];
const fieldKeys = [
  'name',
  'dataType',
  'singleValueField',
  'defaultNullValue',
  'defaultNullValueString',
  'maxLength',
  'maxLengthExceedStrategy',
  'allowTrailingZeros',
  'transformFunction',
  'notNull',
  'virtualColumnProvider',
  'fieldType',
  'format',
  'granularity',
  'sampleValue',
  'description',
  'aliases',
];

/**
 * A Pinot schema of any release from 0.9 to 1.5. `where` names the document in messages (a file, a request).
 * @throws SegmillError CONFIG_INVALID with every problem; UNSUPPORTED when all of them are things that only Pinot has
 */
export function parseSchema(
  document: string | JsonValue,
  where: string,
): { schema: Schema; warnings: string[] } {
  const problems = new Problems();
  const reader = openDocument(document, where, problems);
  reader.warnUnknown(schemaKeys);
  const schemaName = reader.requiredText('schemaName');
  if (schemaName !== '' && !isValidTableName(schemaName)) {
    reader.error(
      'schemaName',
      `"${schemaName}" is no name of a table; allowed are letters, digits, "_" and "-", without "__".`,
    );
  }
  if (reader.children('complexFieldSpecs').length > 0) {
    problems.unsupported(
      reader.at('complexFieldSpecs'),
      'complex columns (MAP, LIST, STRUCT) are not supported; leave them out or ingest them as JSON.',
    );
  }
  const fields = [
    ...reader.children('dimensionFieldSpecs').map((spec) => parseField(spec, 'DIMENSION')),
    ...reader.children('metricFieldSpecs').map((spec) => parseField(spec, 'METRIC')),
    ...(reader.has('timeFieldSpec') ? [parseTimeField(reader.child('timeFieldSpec'))] : []),
    ...reader.children('dateTimeFieldSpecs').map((spec) => parseField(spec, 'DATE_TIME')),
  ].filter((field) => field !== null);
  if (fields.length === 0) reader.error('dimensionFieldSpecs', 'the schema has no column.');
  refuseDuplicates(fields, reader);
  const primaryKeyColumns = reader.texts('primaryKeyColumns');
  const names = fields.map((field) => field.name);
  for (const column of primaryKeyColumns) {
    if (names.includes(column)) continue;
    reader.error(
      'primaryKeyColumns',
      `there is no column "${column}" in the schema.${didYouMean(column, names)}`,
    );
  }
  const columnBasedNullHandling = reader.flag('enableColumnBasedNullHandling', false);
  problems.throwIfAny();
  const schema = { schemaName, fields, primaryKeyColumns, columnBasedNullHandling };
  return { schema, warnings: problems.warnings };
}

function refuseDuplicates(fields: readonly Field[], reader: ConfigReader): void {
  const seen = new Map<string, FieldRole>();
  for (const { name, role } of fields) {
    const before = seen.get(name);
    if (before !== undefined) {
      reader.error(
        'schemaName',
        `column "${name}" is there twice, as ${before} and as ${role}; keep one.`,
      );
    }
    seen.set(name, role);
  }
}

function parseField(spec: ConfigReader, role: FieldRole): Field | null {
  spec.warnUnknown(fieldKeys);
  const name = parseColumnName(spec, 'name');
  const dataType = parseDataType(spec, 'dataType', name);
  if (dataType === null) return null;
  const multiValue = !spec.flag('singleValueField', true);
  if (role === 'METRIC' && !metricTypes.includes(dataType)) {
    spec.error(
      'dataType',
      `metric "${name}" is ${dataType}, allowed are ${metricTypes.join(', ')}; make it a dimension.`,
    );
  }
  if (multiValue && role !== 'DIMENSION') {
    spec.error('singleValueField', `${role} column "${name}" must be single-value.`);
  }
  const maxLengthStrategy = spec.has('maxLengthExceedStrategy')
    ? spec.oneOf('maxLengthExceedStrategy', strategies, 'TRIM_LENGTH')
    : null;
  if (spec.flag('notNull', false)) {
    spec.warn('notNull', 'has no effect: nulls are stored by the null handling of the table.');
  }
  const allowTrailingZeros = spec.flag('allowTrailingZeros', false);
  return {
    name,
    dataType,
    role,
    multiValue,
    defaultValue: parseDefaultValue(spec, dataType, role, allowTrailingZeros),
    maxLength: spec.integer('maxLength', stringLengthMax, 0),
    maxLengthStrategy,
    allowTrailingZeros,
    format: role === 'DATE_TIME' ? parseFormat(spec, dataType) : null,
    transformFunction: spec.text('transformFunction'),
  };
}

function parseColumnName(spec: ConfigReader, key: string): string {
  const name = spec.requiredText(key);
  if (/\s/.test(name))
    spec.error(key, `column "${name}" has blanks in its name, none are allowed.`);
  if (name.startsWith('$')) {
    spec.error(key, `column "${name}" starts with "$", which names virtual columns; rename it.`);
  }
  return name;
}

function parseDataType(spec: ConfigReader, key: string, column: string): DataType | null {
  const text = spec.requiredText(key).toUpperCase();
  const found = dataTypes.find((type) => type === text);
  if (found !== undefined) return found;
  const allowed = `allowed are ${dataTypes.join(', ')}.`;
  if (['MAP', 'LIST', 'STRUCT'].includes(text)) {
    spec.problems.unsupported(
      spec.at(key),
      `${text} (column "${column}") is not supported, ${allowed}`,
    );
  } else if (text !== '') {
    spec.error(
      key,
      `found "${text}" for column "${column}", ${allowed}${didYouMean(text, dataTypes)}`,
    );
  }
  return null;
}

function parseDefaultValue(
  spec: ConfigReader,
  dataType: DataType,
  role: FieldRole,
  keepTrailingZeros: boolean,
): Field['defaultValue'] {
  const fallback = builtInDefault(dataType, role);
  const key = spec.has('defaultNullValue') ? 'defaultNullValue' : 'defaultNullValueString';
  const raw = spec.raw(key);
  if (raw === null) return fallback;
  const isTree = isJsonObject(raw) || Array.isArray(raw);
  const text = dataType === 'JSON' && isTree ? stringifyJson(raw) : spec.text(key);
  if (text === null) return fallback;
  const value = parseDefault(text, dataType, keepTrailingZeros);
  if (value === null) spec.error(key, `found "${text}", which is no ${dataType}.`);
  return value ?? fallback;
}

function parseFormat(spec: ConfigReader, dataType: DataType): TimeFormat | null {
  const text = spec.text('format');
  if (text === null && dataType === 'TIMESTAMP') return { kind: 'TIMESTAMP' };
  if (text === null || text === '') {
    spec.error('format', 'is missing; give it as 1:MILLISECONDS:EPOCH or TIMESTAMP.');
    return null;
  }
  const format = readFormat(spec, 'format', text);
  const digits = !['STRING', 'JSON', 'BYTES'].includes(dataType);
  if (format?.kind === 'SIMPLE_DATE_FORMAT' && digits && !/^\d+$/.test(printed(format))) {
    spec.error(
      'format',
      `prints times as "${printed(format)}", which a column of type ${dataType} cannot hold; make it STRING.`,
    );
  }
  return format;
}

function printed(format: TimeFormat): string {
  return String(compileTimeFormat(format, 'STRING').fromMillis(0));
}

function readFormat(spec: ConfigReader, key: string, text: string): TimeFormat | null {
  try {
    return parseTimeFormat(text);
  } catch (error) {
    if (!isSegmillError(error)) throw error;
    spec.error(key, error.message);
    return null;
  }
}

/** The old `timeFieldSpec`: the outgoing granularity is the column; a conversion from another one is refused. */
function parseTimeField(spec: ConfigReader): Field | null {
  const incoming = spec.child('incomingGranularitySpec');
  const granularity = spec.has('outgoingGranularitySpec')
    ? spec.child('outgoingGranularitySpec')
    : incoming;
  const name = parseColumnName(granularity, 'name');
  const dataType = parseDataType(granularity, 'dataType', name);
  if (dataType === null) return null;
  const formatOf = (part: ConfigReader): string => {
    const [size, unit] = [part.text('timeUnitSize') ?? '1', part.text('timeType') ?? ''];
    return `${size}:${unit}:${part.text('timeFormat') ?? 'EPOCH'}`;
  };
  const text = formatOf(granularity);
  const same = formatOf(incoming) === text && incoming.text('name') === name;
  if (granularity !== incoming && spec.has('incomingGranularitySpec') && !same) {
    spec.problems.unsupported(
      spec.at('outgoingGranularitySpec'),
      `converts ${incoming.text('name')} (${formatOf(incoming)}) to ${name} (${text}); write "${name}" as a dateTimeFieldSpec and the conversion as an ingestionConfig.transformConfigs entry.`,
    );
  }
  return {
    name,
    dataType,
    role: 'DATE_TIME',
    multiValue: false,
    defaultValue: parseDefaultValue(spec, dataType, 'DATE_TIME', false),
    maxLength: stringLengthMax,
    maxLengthStrategy: null,
    allowTrailingZeros: false,
    format: readFormat(granularity, 'timeType', text),
    transformFunction: spec.text('transformFunction'),
  };
}
