// What needs schema and both table configs at once (C-18 to C-33), and what a move needs on top.
import { SegmillError } from '../errors.ts';
import { moveTaskType } from './move-config.ts';
import { didYouMean, nearestName, typedTableName } from './names.ts';
import { Problems } from './problems.ts';
import type { Field, MoveConfig, Schema, TableConfig, TableRecord } from './types.ts';

export interface TableParts {
  readonly schema: Schema | null;
  readonly realtime: TableConfig | null;
  readonly offline: TableConfig | null;
  /** Names of all schemas at hand: shown when the table's own is missing. */
  readonly knownSchemas?: readonly string[];
  /** Problems of a transform or filter expression; expressions are parsed elsewhere. */
  readonly checkExpression?: (expression: string, where: string) => string[];
}

/**
 * Checks a table as a whole. A missing OFFLINE table is no problem here, see `checkMovable`.
 * @throws SegmillError CONFIG_INVALID with every problem; UNSUPPORTED when all are
 */
export function checkTable(parts: TableParts): { warnings: string[] } {
  const problems = new Problems();
  const { schema, realtime, offline } = parts;
  for (const config of [realtime, offline]) {
    if (config === null) continue;
    if (schema === null || schema.schemaName !== config.tableName) {
      problems.error(typed(config), missingSchema(config, parts));
      continue;
    }
    checkColumns(config, schema, problems);
    checkExpressions(config, schema, parts, problems);
  }
  if (realtime !== null && offline !== null) checkPair(realtime, offline, problems);
  if (schema !== null && realtime?.move) {
    checkAggregations(realtime, realtime.move, schema, problems);
    if (offline === null) warnUnmovable(realtime, problems);
    if (offline !== null && realtime.move.mergeType === 'ROLLUP') {
      checkRollup(realtime.move, offline, schema, problems);
    }
  }
  problems.throwIfAny();
  return { warnings: problems.warnings };
}

/** Nothing is moved until both halves are there, which `checkMovable` says again at the move. */
function warnUnmovable({ tableName }: TableConfig, problems: Problems): void {
  problems.warn(
    `${tableName}_REALTIME: task.taskTypeConfigsMap.${moveTaskType}`,
    `rows can't be moved, because there is no table ${tableName}_OFFLINE yet; add a config with "tableName": "${tableName}" and "tableType": "OFFLINE" (segmill table add FILE).`,
  );
}

function typed(config: TableConfig): string {
  return typedTableName(config.tableName, config.tableType);
}

/** C-21, and the case that one of the two configs carries another table's name. */
function missingSchema(config: TableConfig, parts: TableParts): string {
  const { tableName, tableType } = config;
  const other = tableType === 'OFFLINE' ? parts.realtime : parts.offline;
  const known = [
    ...new Set([
      ...(parts.schema === null ? [] : [parts.schema.schemaName]),
      ...(parts.knownSchemas ?? []),
    ]),
  ];
  const meant =
    other !== null && other.tableName !== tableName
      ? other.tableName
      : known.length === 1
        ? known[0]!
        : nearestName(tableName, known);
  const listed = known.length === 0 ? 'none is at hand' : `at hand: ${known.join(', ')}`;
  const advice =
    meant === null
      ? `add a schema with "schemaName": "${tableName}"`
      : `if this is the ${tableType} half of table "${meant}", set "tableName" (and "schemaName") to "${meant}" in this config; else add a schema with "schemaName": "${tableName}"`;
  return `Schema should not be null: there is no schema "${tableName}" (${listed}); ${advice}.`;
}

function checkColumns(config: TableConfig, schema: Schema, problems: Problems): void {
  const where = typed(config);
  const column = (name: string): Field | undefined => schema.fields.find((f) => f.name === name);
  const names = schema.fields.map((field) => field.name);
  for (const name of config.sortedColumns) {
    const at = `${where}: tableIndexConfig.sortedColumn`;
    const field = column(name);
    if (field === undefined) {
      problems.error(
        at,
        `Failed to find sorted column: ${name} in schema.${didYouMean(name, names)}`,
      );
    } else if (field.multiValue) {
      problems.error(at, `Cannot sort on multi-value column: ${name}; name a single-value one.`);
    }
  }
  for (const { column: name } of config.partitionColumns) {
    const at = `${where}: tableIndexConfig.segmentPartitionConfig.columnPartitionMap.${name}`;
    const field = column(name);
    if (field === undefined) {
      problems.error(
        at,
        `Failed to find partition column: ${name} in schema.${didYouMean(name, names)}`,
      );
    } else if (field.multiValue) {
      problems.error(
        at,
        `Cannot partition on multi-value column: ${name}; name a single-value one.`,
      );
    }
  }
  checkTimeColumn(config, schema, problems);
}

function checkTimeColumn(config: TableConfig, schema: Schema, problems: Problems): void {
  if (config.timeColumn === null) return;
  const at = `${typed(config)}: segmentsConfig.timeColumnName`;
  const times = schema.fields.filter((field) => field.role === 'DATE_TIME');
  const field = schema.fields.find((candidate) => candidate.name === config.timeColumn);
  const listed = `allowed is a date-time column of schema "${schema.schemaName}": ${times.map((f) => f.name).join(', ') || 'it has none'}`;
  if (field === undefined || field.role !== 'DATE_TIME') {
    const found = field === undefined ? 'is not in the schema' : `is a ${field.role.toLowerCase()}`;
    problems.error(
      at,
      `Cannot find valid fieldSpec for timeColumn: "${config.timeColumn}" ${found}, ${listed}.${didYouMean(
        config.timeColumn,
        times.map((f) => f.name),
      )}`,
    );
    return;
  }
  if (['BOOLEAN', 'BYTES', 'JSON', 'BIG_DECIMAL'].includes(field.dataType)) {
    problems.error(
      at,
      `column "${field.name}" is ${field.dataType}; a time column is INT, LONG, TIMESTAMP, STRING, FLOAT or DOUBLE.`,
    );
  }
  // O-13: names of the simple generator hold the raw time, and ":" is not allowed in them.
  const { format } = field;
  const colons = format?.kind === 'SIMPLE_DATE_FORMAT' && /:/.test(format.pattern ?? ':');
  if (config.tableType === 'OFFLINE' && config.segmentNameGeneratorType === 'simple' && colons) {
    problems.error(
      `${typed(config)}: tableIndexConfig.segmentNameGeneratorType`,
      `"simple" puts times such as ${format.pattern ?? 'ISO date-times'} into segment names, where ":" is not allowed; use normalizedDate.`,
    );
  }
}

function checkExpressions(
  config: TableConfig,
  schema: Schema,
  { checkExpression }: TableParts,
  problems: Problems,
): void {
  const names = schema.fields.map((field) => field.name);
  const check = (expression: string, where: string): void => {
    for (const text of checkExpression?.(expression, where) ?? [])
      // Errors of expressions name the place themselves.
      problems.error(where, text.startsWith(`${where}: `) ? text.slice(where.length + 2) : text);
  };
  for (const [index, { column, expression }] of config.transforms.entries()) {
    const where = `${typed(config)}: ingestionConfig.transformConfigs[${index}]`;
    if (!names.includes(column)) {
      problems.warn(
        `${where}.columnName`,
        `column "${column}" is not in the schema: its values are used by other transforms only.${didYouMean(column, names)}`,
      );
    }
    check(expression, `${where}.transformFunction`);
  }
  if (config.filterFunction !== null) {
    check(config.filterFunction, `${typed(config)}: ingestionConfig.filterConfig.filterFunction`);
  }
  for (const field of schema.fields) {
    if (field.transformFunction === null) continue;
    check(
      field.transformFunction,
      `schema "${schema.schemaName}": ${field.name}.transformFunction`,
    );
  }
}

/** C-33: both halves of a table have one time column. */
function checkPair(realtime: TableConfig, offline: TableConfig, problems: Problems): void {
  if (realtime.tableName !== offline.tableName) return;
  if (realtime.timeColumn === offline.timeColumn && offline.timeColumn !== null) return;
  const missing = realtime.timeColumn === null || offline.timeColumn === null;
  problems.error(
    `${typed(offline)}: segmentsConfig.timeColumnName`,
    `${missing ? "'timeColumnName' cannot be null" : "'timeColumnName' must be equal"} for table: ${offline.tableName}! ` +
      `Offline time column name: ${offline.timeColumn}. Realtime time column name: ${realtime.timeColumn}`,
  );
}

/** C-22 to C-26. */
function checkAggregations(
  realtime: TableConfig,
  move: MoveConfig,
  schema: Schema,
  problems: Problems,
): void {
  const names = schema.fields.map((field) => field.name);
  for (const [name, type] of Object.entries(move.aggregations)) {
    const at = `${typed(realtime)}: task.taskTypeConfigsMap.${moveTaskType}.${name}.aggregationType`;
    const field = schema.fields.find((candidate) => candidate.name === name);
    if (field === undefined) {
      problems.error(at, `Column "${name}" not found in schema!${didYouMean(name, names)}`);
      continue;
    }
    const withTime = type === 'FIRSTWITHTIME' || type === 'LASTWITHTIME';
    if (withTime && field.role !== 'METRIC') {
      problems.error(
        at,
        `${type} requires the column to be a metric column in schema! "${name}" is a ${field.role.toLowerCase()}.`,
      );
    } else if (withTime) {
      checkTimeOf(type, at, realtime, schema, problems);
    } else if (type === 'AVG' && field.dataType !== 'BYTES') {
      problems.error(
        at,
        `AVG requires the column to be of type BYTES in schema, but found: ${field.dataType}; it merges stored (sum, count) pairs.`,
      );
    } else if (field.role !== 'METRIC') {
      problems.warn(at, `has no effect: "${name}" is a ${field.role.toLowerCase()}, no metric.`);
    }
  }
}

/** C-24 */
function checkTimeOf(
  type: string,
  at: string,
  { timeColumn }: TableConfig,
  schema: Schema,
  problems: Problems,
): void {
  if (timeColumn === null) {
    problems.error(at, `${type} requires the table to have a time column!`);
  } else if (!schema.fields.some((f) => f.name === timeColumn && f.role === 'DATE_TIME')) {
    problems.error(
      at,
      `${type} requires the time column: ${timeColumn} to be a DateTime column in schema!`,
    );
  }
}

/** O-6 and R-8. */
function checkRollup(
  move: MoveConfig,
  offline: TableConfig,
  schema: Schema,
  problems: Problems,
): void {
  const metrics = schema.fields.filter((field) => field.role === 'METRIC');
  for (const name of offline.sortedColumns) {
    if (!metrics.some((field) => field.name === name)) continue;
    problems.error(
      `${typed(offline)}: tableIndexConfig.sortedColumn`,
      `For ROLLUP, cannot sort on metric column: ${name}; sort on a dimension or the time column.`,
    );
  }
  const at = `${offline.tableName}_REALTIME: task.taskTypeConfigsMap.${moveTaskType}`;
  if (metrics.length === schema.fields.length) {
    problems.error(
      `${at}.mergeType`,
      'ROLLUP needs a dimension or time column to group by, and the schema has metrics only.',
    );
  }
  for (const { name, dataType } of metrics) {
    const type = Object.hasOwn(move.aggregations, name) ? move.aggregations[name]! : 'SUM';
    if (!['SUM', 'MIN', 'MAX'].includes(type) || !['BYTES', 'STRING'].includes(dataType)) continue;
    problems.warn(
      `${at}.${name}.aggregationType`,
      `${type} cannot merge ${dataType} values: a window fails when two of its rows share a key.`,
    );
  }
}

/** A table that has all a move needs. */
export interface MovableTable {
  readonly name: string;
  readonly schema: Schema;
  readonly realtime: TableConfig;
  readonly offline: TableConfig;
  readonly move: MoveConfig;
}

/**
 * C-1, C-4: both halves are there and the realtime one carries the task.
 * @throws SegmillError TABLE_NOT_FOUND, CONFIG_INVALID
 */
export function checkMovable(record: TableRecord): MovableTable {
  const { name, schema, realtime, offline } = record;
  const missing = realtime === null ? 'REALTIME' : 'OFFLINE';
  if (realtime === null || offline === null) {
    throw new SegmillError(
      'TABLE_NOT_FOUND',
      `Failed to find table config for table: ${name}_${missing}; rows are moved from ${name}_REALTIME to ${name}_OFFLINE, so add a config with "tableName": "${name}" and "tableType": "${missing}" (segmill table add FILE)`,
      { table: `${name}_${missing}` },
    );
  }
  if (realtime.move === null) {
    throw new SegmillError(
      'CONFIG_INVALID',
      `${name}_REALTIME has no task ${moveTaskType}; add "task": {"taskTypeConfigsMap": {"${moveTaskType}": {}}} to its config ({} takes all defaults)`,
      { table: `${name}_REALTIME` },
    );
  }
  return { name, schema, realtime, offline, move: realtime.move };
}
