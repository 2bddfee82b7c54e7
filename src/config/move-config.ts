// The task map of the move, `task.taskTypeConfigsMap.RealtimeToOfflineSegmentsTask` (C-5 to C-16), read strictly: what
// Pinot finds out at run time, or never, is refused when the table is saved (design 5.5).
import { recordsPerSegmentDefault, segmentRowsMax } from '../limits.ts';
import { lookUpAggregation } from './aggregation.ts';
import { cronProblem } from './cron.ts';
import { didYouMean } from './names.ts';
import { pinotPeriodMs, sizeBytes } from './period.ts';
import type { ConfigReader } from './reader.ts';
import type { AggregationType, Compression, MergeType, MoveConfig } from './types.ts';

export const moveTaskType = 'RealtimeToOfflineSegmentsTask';
const dayMs = 86_400_000;

const mergeTypes: readonly MergeType[] = ['CONCAT', 'ROLLUP', 'DEDUP'];
const compressions: readonly Compression[] = ['snappy', 'zstd', 'lz4_raw', 'none'];
const aggregationSuffix = '.aggregationType';

/** Keys with an effect here. */
const ownKeys = [
  'bucketTimePeriod',
  'bufferTimePeriod',
  'roundBucketTimePeriod',
  'mergeType',
  'collectorType',
  'maxNumRecordsPerSegment',
  'schedule',
  'partitionBucketTimePeriod',
  'negateWindowFilter',
  'segmentNamePrefix',
  'segmentNamePostfix',
  'fixedSegmentName',
  'segmentMapperFileSizeThresholdInBytes',
  'allowDownloadFromServer',
  'segmill.offlineFormat',
  'segmill.compression',
  'segmill.desiredSegmentSize',
  'segmill.evenSplit',
  'segmill.semantics',
];

/** Keys that Pinot knows and that have no meaning here (C-13, C-15, C-16). */
const idleKeys = [
  'minionInstanceTag',
  'maxDiskUsagePercentage',
  'segmentDownloadParallelism',
  'output.segment.dir.uri',
  'overwriteOutput',
  'output.fs.className',
  'allowMetadataPushWithLocalFs',
  'batchSegmentUpload',
  'maxNumAttempts',
  'initialRetryDelayMs',
  'retryScaleFactor',
  'enableReplaceSegments',
  'authToken',
  'taskNamePrefix',
  'taskNameSuffix',
  'tableMaxNumTasks',
  'tableName',
  'segmentName',
  'downloadURL',
  'uploadURL',
  'windowStartMs',
  'windowEndMs',
  'triggeredBy',
  'TASK_ID',
];
const idlePrefixes = ['push.', 'aggregationFunctionParameters.'];

/** Reads the map; what is wrong goes to the reader's problems, with stand-ins in the result. */
export function parseMoveConfig(task: ConfigReader, peerDownloadScheme: string | null): MoveConfig {
  warnOfOtherKeys(task);
  checkKeysWithoutResult(task, peerDownloadScheme);
  return {
    bucketMs: period(task, 'bucketTimePeriod', 1) ?? dayMs,
    bufferMs: period(task, 'bufferTimePeriod', 0) ?? 2 * dayMs,
    roundMs: period(task, 'roundBucketTimePeriod', 1),
    mergeType: mergeType(task),
    aggregations: aggregations(task),
    maxNumRecordsPerSegment: recordsPerSegment(task),
    partitionBucketMs: period(task, 'partitionBucketTimePeriod', 1),
    negateWindowFilter: task.flag('negateWindowFilter', false),
    segmentNamePrefix: namePart(task, 'segmentNamePrefix'),
    segmentNamePostfix: namePart(task, 'segmentNamePostfix'),
    fixedSegmentName: namePart(task, 'fixedSegmentName'),
    schedule: schedule(task),
    offlineFormat: offlineFormat(task),
    compression: task.oneOf('segmill.compression', compressions, 'snappy'),
    desiredSegmentBytes: desiredBytes(task),
    evenSplit: task.flag('segmill.evenSplit', false),
    semantics: task.oneOf('segmill.semantics', ['exact', 'pinot'], 'exact'),
  };
}

function warnOfOtherKeys(task: ConfigReader): void {
  for (const key of task.keys()) {
    if (ownKeys.includes(key) || key.endsWith(aggregationSuffix)) continue;
    if (idleKeys.includes(key) || idlePrefixes.some((prefix) => key.startsWith(prefix))) {
      task.warn(key, 'has no effect in segmill.');
    } else {
      task.warn(key, `unknown key, it has no effect.${didYouMean(key, [...ownKeys, ...idleKeys])}`);
    }
  }
}

/** Periods as in Pinot (C-34), but empty and negative ones are refused, and zero where it has no meaning. */
function period(task: ConfigReader, key: string, minMs: 0 | 1): number | null {
  const text = task.text(key);
  if (text === null) return null;
  const ms = text === '' ? null : pinotPeriodMs(text);
  if (ms !== null && ms >= minMs) return ms;
  const sign = minMs === 0 ? 'zero or more' : 'more than zero';
  const why = ms === null ? `Invalid time spec '${text}'` : `found "${text}", which is ${ms} ms`;
  task.error(key, `${why}; allowed is a period of ${sign} (Valid examples: '3h', '4h30m').`);
  return null;
}

/** C-8, C-9: `mergeType`, or the deprecated `collectorType` where it is absent. */
function mergeType(task: ConfigReader): MergeType {
  const key = task.has('mergeType') || !task.has('collectorType') ? 'mergeType' : 'collectorType';
  if (task.has('collectorType')) {
    task.warn(
      'collectorType',
      key === 'mergeType' ? 'has no effect beside mergeType.' : 'is deprecated; write mergeType.',
    );
  }
  return task.oneOf(key, mergeTypes, 'CONCAT');
}

function aggregations(task: ConfigReader): Record<string, AggregationType> {
  const found: [string, AggregationType][] = [];
  for (const key of task.keys()) {
    if (!key.endsWith(aggregationSuffix)) continue;
    const name = task.text(key);
    if (name === null) continue;
    const lookup = lookUpAggregation(name);
    if ('type' in lookup) found.push([key.slice(0, -aggregationSuffix.length), lookup.type]);
    else if ('unsupported' in lookup) task.problems.unsupported(task.at(key), lookup.unsupported);
    else task.error(key, lookup.unknown);
  }
  return Object.fromEntries(found);
}

function recordsPerSegment(task: ConfigReader): number {
  const count = task.integer('maxNumRecordsPerSegment', recordsPerSegmentDefault, 1);
  if (count <= segmentRowsMax) return count;
  task.warn(
    'maxNumRecordsPerSegment',
    `found ${count}, a segment holds at most ${segmentRowsMax} rows; ${segmentRowsMax} is used.`,
  );
  return segmentRowsMax;
}

/** O-13: a part of a segment name must be usable as a part of a file name. */
function namePart(task: ConfigReader, key: string): string | null {
  const text = task.text(key);
  if (text === null) return null;
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (text.trim() !== '' && !/[\\/:*?"<>|\u0000-\u001f]/.test(text)) return text;
  task.error(key, `found "${text}"; allowed is text without any of \\ / : * ? " < > |, not blank.`);
  return null;
}

function schedule(task: ConfigReader): string | null {
  const text = task.text('schedule');
  const problem = text === null ? null : cronProblem(text);
  if (problem === null) return text;
  task.error(
    'schedule',
    `contains an invalid cron schedule: "${text}": ${problem}. Example: "0 0 * * * ?" (hourly).`,
  );
  return null;
}

function offlineFormat(task: ConfigReader): MoveConfig['offlineFormat'] {
  const key = 'segmill.offlineFormat';
  if (task.text(key)?.toLowerCase() === 'pinot') {
    task.problems.unsupported(
      task.at(key),
      'offline segments in the Pinot format are not supported yet, allowed are parquet, arrow.',
    );
    return 'parquet';
  }
  return task.oneOf(key, ['parquet', 'arrow'], 'parquet');
}

function desiredBytes(task: ConfigReader): number | null {
  const key = 'segmill.desiredSegmentSize';
  const text = task.text(key);
  const bytes = text === null ? null : sizeBytes(text);
  if (text === null || (bytes !== null && bytes > 0)) return bytes;
  task.error(key, `found "${text}"; allowed is a size above zero, such as 250MB or 256MiB.`);
  return null;
}

/** C-14, C-32: keys that are checked and then not needed. */
function checkKeysWithoutResult(task: ConfigReader, peerDownloadScheme: string | null): void {
  const threshold = 'segmentMapperFileSizeThresholdInBytes';
  if (task.has(threshold)) {
    task.integer(threshold, 1, 1, Number.MAX_SAFE_INTEGER);
    task.warn(threshold, 'has no effect: a window is merged whole, within the memory cap.');
  }
  const download = 'allowDownloadFromServer';
  if (!task.has(download)) return;
  if (task.flag(download, false) && peerDownloadScheme === null) {
    task.error(
      download,
      'is true, but peerSegmentDownloadScheme is not set in the table config; remove it (segmill has no peers).',
    );
  } else task.warn(download, 'has no effect in segmill.');
}
