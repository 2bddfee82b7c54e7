// Pinot's schema and table configs of a workload, as a user would hand them to `table add`.
import type { TableDocument } from '../engine/documents.ts';
import { datasetOf } from './datasets.ts';
import type { ColumnSpec } from './datasets.ts';
import { tableName, workloadColumns } from './workloads.ts';
import type { Workload } from './workloads.ts';

/** @param table its name; segments carry it too */
export function tableDocuments(
  workload: Workload,
  table: string = tableName(workload),
): TableDocument[] {
  const columns = workloadColumns(workload);
  const { nullHandling } = datasetOf(workload.dataset);
  const documents: readonly (readonly [string, object])[] = [
    ['schema.json', schemaOf(table, columns, nullHandling)],
    ['realtime.json', realtimeOf(table, workload, nullHandling)],
    ['offline.json', offlineOf(table, workload, nullHandling)],
  ];
  return documents.map(([where, document]) => ({ where, text: JSON.stringify(document) }));
}

function schemaOf(table: string, columns: readonly ColumnSpec[], nullHandling: boolean): object {
  const specs = (role: ColumnSpec['role']): object[] =>
    columns
      .filter((column) => column.role === role)
      .map(({ name, dataType, multiValue }) => ({
        name,
        dataType,
        ...(multiValue === true ? { singleValueField: false } : {}),
        ...(role === 'time'
          ? { format: '1:MILLISECONDS:EPOCH', granularity: '1:MILLISECONDS' }
          : {}),
      }));
  return {
    schemaName: table,
    enableColumnBasedNullHandling: nullHandling,
    dimensionFieldSpecs: specs('dimension'),
    metricFieldSpecs: specs('metric'),
    dateTimeFieldSpecs: specs('time'),
  };
}

function realtimeOf(table: string, { merge, roundMs }: Workload, nullHandling: boolean): object {
  const rollup = {
    'clicks.aggregationType': 'sum',
    'cost.aggregationType': 'max',
    'score.aggregationType': 'sum',
  };
  return {
    tableName: table,
    tableType: 'REALTIME',
    segmentsConfig: { timeColumnName: 'ts', replication: '1' },
    task: {
      taskTypeConfigsMap: {
        RealtimeToOfflineSegmentsTask: {
          bucketTimePeriod: '1d',
          bufferTimePeriod: '1h',
          mergeType: merge.toLowerCase(),
          ...(roundMs === null ? {} : { roundBucketTimePeriod: `${roundMs / 1000}s` }),
          ...(merge === 'ROLLUP' ? rollup : {}),
        },
      },
    },
    tenants: {},
    tableIndexConfig: {
      loadMode: 'MMAP',
      nullHandlingEnabled: nullHandling,
      streamConfigs: {
        streamType: 'kafka',
        'stream.kafka.topic.name': table,
        'stream.kafka.broker.list': 'localhost:9092',
        'stream.kafka.consumer.type': 'lowLevel',
        'stream.kafka.decoder.class.name':
          'org.apache.pinot.plugin.stream.kafka.KafkaJSONMessageDecoder',
        'stream.kafka.consumer.factory.class.name':
          'org.apache.pinot.plugin.stream.kafka20.KafkaConsumerFactory',
      },
    },
    metadata: {},
  };
}

function offlineOf(table: string, { order, partition }: Workload, nullHandling: boolean): object {
  const partitions =
    partition === null
      ? {}
      : {
          segmentPartitionConfig: {
            columnPartitionMap: {
              [partition.column]: { functionName: 'Murmur', numPartitions: partition.count },
            },
          },
        };
  return {
    tableName: table,
    tableType: 'OFFLINE',
    segmentsConfig: { timeColumnName: 'ts', replication: '1' },
    ingestionConfig: {
      batchIngestionConfig: { segmentIngestionType: 'APPEND', segmentIngestionFrequency: 'DAILY' },
    },
    tableIndexConfig: {
      loadMode: 'MMAP',
      nullHandlingEnabled: nullHandling,
      ...(order.length === 0 ? {} : { sortedColumn: order }),
      ...partitions,
    },
    tenants: {},
    metadata: {},
  };
}
