import type { JsonValue } from '../json/value.ts';
import { replacedRetentionMsDefault } from '../limits.ts';
import { moveTaskType, parseMoveConfig } from './move-config.ts';
import { didYouMean, isValidTableName, nearestName, splitTableName } from './names.ts';
import { parsePartitionColumns } from './partition-config.ts';
import { pinotPeriodMs } from './period.ts';
import { Problems } from './problems.ts';
import { documentText, openDocument } from './reader.ts';
import type { ConfigReader } from './reader.ts';
import { parseStreamConfig } from './stream-config.ts';
import { timeUnitOf, timeUnits, unitMs } from './time-format.ts';
import type { ColumnTransform, MoveConfig, StreamConfig, TableConfig, TableType } from './types.ts';

const tableTypes = ['OFFLINE', 'REALTIME'] as const;
const nameGeneratorTypes = ['fixed', 'simple', 'normalizedDate'] as const;
const tableKeys =
  'tableName tableType segmentsConfig tenants tableIndexConfig indexingConfig metadata quota task routing query instanceAssignmentConfigMap fieldConfigList upsertConfig dedupConfig dimensionTableConfig ingestionConfig tierConfigs isDimTable tunerConfigs instancePartitionsMap segmentAssignmentConfigMap tagOverrideConfig tableSamplers description tags version'.split(
    ' ',
  );
/** Keys whose misspelling would change what segmill does; other keys of these objects belong to Pinot alone. */
const segmentsKeys =
  'timeColumnName timeType schemaName replication replicasPerPartition retentionTimeUnit retentionTimeValue replacedSegmentsRetentionPeriod segmentPushType segmentPushFrequency peerSegmentDownloadScheme'.split(
    ' ',
  );
const indexKeys =
  'sortedColumn segmentPartitionConfig nullHandlingEnabled segmentNameGeneratorType streamConfigs loadMode'.split(
    ' ',
  );
const ingestionKeys =
  'transformConfigs filterConfig continueOnError rowTimeValueCheck segmentTimeValueCheck batchIngestionConfig streamIngestionConfig complexTypeConfig schemaConformingTransformerConfig aggregationConfigs enrichmentConfigs retryOnSegmentBuildPrecheckFailure maxConsecutiveRecordFetchFailuresAllowed'.split(
    ' ',
  );
/** Change rows on their way in, and are not there yet: refused, since ignoring them would store other rows. */
const refusedIngestionKeys = [
  'complexTypeConfig',
  'schemaConformingTransformerConfig',
  'aggregationConfigs',
  'enrichmentConfigs',
];
/** Pinot's other task types: known, run by Pinot and not here. */
const otherTaskTypes = [
  'MergeRollupTask',
  'PurgeTask',
  'RefreshSegmentTask',
  'UpsertCompactionTask',
  'UpsertCompactMergeTask',
  'SegmentGenerationAndPushTask',
  'ConvertToRawIndexTask',
];

/**
 * One table config as Pinot's API takes it, old and new forms. Checks all that needs no schema; `checkTable` does the
 * rest. `where` names the document in messages.
 * @throws SegmillError CONFIG_INVALID with every problem; UNSUPPORTED when all of them are things that only Pinot has
 */
export function parseTableConfig(
  document: string | JsonValue,
  where: string,
): { config: TableConfig; warnings: string[] } {
  const problems = new Problems();
  const table = openDocument(document, where, problems);
  table.warnUnknown(tableKeys);
  const tableType = table.oneOf('tableType', tableTypes, 'OFFLINE');
  if (!table.has('tableType'))
    table.error('tableType', 'is missing; allowed is OFFLINE or REALTIME.');
  const tableName = parseTableName(table, tableType);
  const segments = table.child('segmentsConfig');
  const index = table.child(table.has('tableIndexConfig') ? 'tableIndexConfig' : 'indexingConfig');
  const ingestion = table.child('ingestionConfig');
  warnOfSlips(segments, segmentsKeys);
  warnOfSlips(index, indexKeys);
  warnOfSlips(ingestion, ingestionKeys);
  checkSchemaName(segments, tableName, tableType);
  refuseUnsupported(ingestion);
  const config: TableConfig = {
    tableName,
    tableType,
    timeColumn: parseTimeColumn(segments, tableType),
    sortedColumns: [...new Set(index.texts('sortedColumn'))],
    partitionColumns: parsePartitionColumns(index),
    nullHandling: index.flag('nullHandlingEnabled', false),
    transforms: parseTransforms(ingestion),
    filterFunction: ingestion.child('filterConfig').text('filterFunction') || null,
    continueOnError: ingestion.flag('continueOnError', false),
    segmentTimeValueCheck: ingestion.flag('segmentTimeValueCheck', true),
    rowTimeValueCheck: ingestion.flag('rowTimeValueCheck', false),
    segmentNameGeneratorType: index.has('segmentNameGeneratorType')
      ? index.oneOf('segmentNameGeneratorType', nameGeneratorTypes, 'simple')
      : null,
    ...parsePush(segments, ingestion.child('batchIngestionConfig')),
    retentionMs: parseRetention(segments),
    replacedRetentionMs: parseReplacedRetention(segments),
    stream: parseStream(index, ingestion, tableType),
    move: parseTasks(table, segments, tableType),
    document: documentText(document),
  };
  problems.throwIfAny();
  return { config, warnings: problems.warnings };
}

function parseTableName(table: ConfigReader, tableType: TableType): string {
  const given = table.requiredText('tableName');
  const { raw, type } = splitTableName(given);
  if (type !== null && type !== tableType) {
    table.error('tableName', `"${given}" ends in _${type}, but tableType is ${tableType}.`);
  }
  if (given !== '' && !isValidTableName(raw)) {
    table.error(
      'tableName',
      `"${raw}" is no name of a table; allowed are letters, digits, "_" and "-", without "__".`,
    );
  }
  return raw;
}

function warnOfSlips(reader: ConfigReader, known: readonly string[]): void {
  for (const key of reader.keys()) {
    if (known.includes(key)) continue;
    const nearest = key.length < 6 ? null : nearestName(key, known);
    if (nearest !== null && Math.abs(nearest.length - key.length) <= 2) {
      reader.warn(key, `unknown key, it has no effect.${didYouMean(key, [nearest])}`);
    }
  }
}

/** A table's schema is the one of its own raw name, as in Pinot since 1.0. */
function checkSchemaName(segments: ConfigReader, tableName: string, tableType: TableType): void {
  const schemaName = segments.text('schemaName');
  if (schemaName === null || schemaName === '' || schemaName === tableName) return;
  segments.error(
    'schemaName',
    `found "${schemaName}", but the table is "${tableName}" (${tableType}) and its schema has the same name; set tableName to "${schemaName}", or remove schemaName.`,
  );
}

function refuseUnsupported(ingestion: ConfigReader): void {
  for (const key of refusedIngestionKeys) {
    const value = ingestion.raw(key);
    if (value === null || (Array.isArray(value) && value.length === 0)) continue;
    ingestion.problems.unsupported(
      ingestion.at(key),
      'is not supported, and without it other rows would be stored; remove it, or flatten the rows before segmill reads them.',
    );
  }
}

function parseTimeColumn(segments: ConfigReader, tableType: TableType): string | null {
  const column = segments.text('timeColumnName') || null;
  if (column === null && tableType === 'REALTIME') {
    segments.error(
      'timeColumnName',
      "'timeColumnName' cannot be null in REALTIME table config; name a date-time column of the schema.",
    );
  }
  return column;
}

function parseTransforms(ingestion: ConfigReader): ColumnTransform[] {
  const seen = new Set<string>();
  return ingestion.children('transformConfigs').map((entry) => {
    const column = entry.requiredText('columnName');
    if (seen.has(column) && column !== '') {
      entry.error('columnName', `column "${column}" has two transform functions; keep one.`);
    }
    seen.add(column);
    return { column, expression: entry.requiredText('transformFunction') };
  });
}

/** Other texts than `hourly` and `refresh` mean daily and append, as in Pinot. */
function parsePush(
  segments: ConfigReader,
  batch: ConfigReader,
): Pick<TableConfig, 'pushType' | 'pushFrequency'> {
  const pick = (newKey: string, oldKey: string): string =>
    (batch.text(newKey) ?? segments.text(oldKey) ?? '').toUpperCase();
  const type = pick('segmentIngestionType', 'segmentPushType');
  const frequency = pick('segmentIngestionFrequency', 'segmentPushFrequency');
  return {
    pushType: type === 'REFRESH' ? 'REFRESH' : 'APPEND',
    pushFrequency: frequency === 'HOURLY' ? 'HOURLY' : 'DAILY',
  };
}

function parseRetention(segments: ConfigReader): number | null {
  const unitText = segments.text('retentionTimeUnit') || null;
  const valueText = segments.text('retentionTimeValue') || null;
  if (unitText === null && valueText === null) return null;
  const unit = unitText === null ? null : timeUnitOf(unitText);
  if (unit === null) {
    segments.error(
      'retentionTimeUnit',
      `found ${unitText === null ? 'none' : `"${unitText}"`} beside retentionTimeValue, allowed is one of ${timeUnits.join(', ')}.`,
    );
    return null;
  }
  if (valueText === null) {
    segments.error('retentionTimeValue', 'is missing beside retentionTimeUnit.');
    return null;
  }
  return segments.integer('retentionTimeValue', 1, 1) * unitMs(unit);
}

function parseReplacedRetention(segments: ConfigReader): number {
  const key = 'replacedSegmentsRetentionPeriod';
  const text = segments.text(key);
  if (text === null) return replacedRetentionMsDefault;
  const ms = text === '' ? null : pinotPeriodMs(text);
  if (ms !== null && ms >= 0) return ms;
  segments.error(key, `found "${text}", allowed is a period of zero or more, such as 4h or 1d.`);
  return replacedRetentionMsDefault;
}

/** New configs hold a list of maps below `ingestionConfig`, old ones a map in the index config; the list wins. */
function parseStream(
  index: ConfigReader,
  ingestion: ConfigReader,
  tableType: TableType,
): StreamConfig | null {
  const streams = ingestion.child('streamIngestionConfig');
  const [first, ...more] = streams.children('streamConfigMaps');
  const old = index.has('streamConfigs') ? index.child('streamConfigs') : undefined;
  const stream = first ?? old;
  if (stream === undefined) return null;
  if (tableType === 'OFFLINE') {
    index.warn('streamConfigs', 'has no effect on an OFFLINE table.');
    return null;
  }
  if (more.length > 0) {
    index.problems.unsupported(
      streams.at('streamConfigMaps'),
      `${more.length + 1} streams are given, one is supported.`,
    );
  }
  if (first !== undefined && old !== undefined) {
    index.warn('streamConfigs', 'has no effect beside ingestionConfig.streamIngestionConfig.');
  }
  return parseStreamConfig(stream);
}

/** C-1, C-18, C-31. */
function parseTasks(
  table: ConfigReader,
  segments: ConfigReader,
  tableType: TableType,
): MoveConfig | null {
  const upsertMode = table.child('upsertConfig').text('mode') ?? 'NONE';
  const upsert = upsertMode.toUpperCase() !== 'NONE';
  const tasks = table.child('task').child('taskTypeConfigsMap');
  for (const type of tasks.keys()) {
    const known = [moveTaskType, ...otherTaskTypes];
    if (!known.includes(type)) {
      tasks.error(
        type,
        `Task generator not found for task type: ${type}; allowed are ${known.join(', ')}.${didYouMean(type, known)}`,
      );
    } else if (!tasks.has(type)) {
      tasks.error(type, `Task configuration for ${type} cannot be null; {} takes all defaults.`);
    } else if (type !== moveTaskType) {
      tasks.warn(type, 'this task is not run by segmill.');
    }
  }
  const moves = tasks.has(moveTaskType);
  if (upsert && !(moves && tableType === 'REALTIME')) {
    table.warn('upsertConfig.mode', `${upsertMode} has no effect: segmill keeps every row.`);
  }
  if (!moves) return null;
  if (tableType === 'OFFLINE') {
    tasks.warn(moveTaskType, 'has no effect on an OFFLINE table; write it into the REALTIME one.');
    return null;
  }
  if (upsert) {
    table.error(
      'upsertConfig.mode',
      `found ${upsertMode}; RealtimeToOfflineTask doesn't support upsert table! Remove the task or upsertConfig.`,
    );
  }
  return parseMoveConfig(
    tasks.child(moveTaskType),
    segments.text('peerSegmentDownloadScheme') ?? table.text('peerSegmentDownloadScheme'),
  );
}
