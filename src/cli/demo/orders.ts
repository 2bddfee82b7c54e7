// Inputs of the demo: 14 order events, their schema and configs, and the corrected file that a backfill brings in.

/** Two days after the newest order: the first window's buffer has long passed. */
export const demoNow: number = Date.UTC(2021, 8, 28);

/** Minimum and maximum time of the first seven orders make its name. */
export const offlineSegment = 'orders_1632463351000_1632467070000_0';

interface Order {
  readonly order_id: number;
  readonly customer_id: number;
  readonly order_status: string;
  readonly amount: number;
  /** Epoch ms as text, as the producer sends it. */
  readonly ts: string;
}

const orders: readonly Order[] = (
  [
    [101, 'OPEN', 13.29, '1632463351000'],
    [102, 'IN_TRANSIT', 209.35, '1632463361000'],
    [103, 'COMPLETED', 199.35, '1632463391000'],
    [105, 'COMPLETED', 3.24, '1632467065000'],
    [103, 'OPEN', 9.77, '1632467066000'],
    [104, 'OPEN', 55.52, '1632467068000'],
    [104, 'CANCELLED', 52.54, '1632467070000'],
    [105, 'OPEN', 13.29, '1632667070000'],
    [105, 'IN_TRANSIT', 2.92, '1632667170000'],
    [105, 'COMPLETED', 12.22, '1632677270000'],
    [106, 'OPEN', 13.94, '1632677270400'],
    [107, 'OPEN', 20.32, '1632677270403'],
    [108, 'OPEN', 45.11, '1632677270508'],
    [109, 'OPEN', 129.22, '1632677270699'],
  ] as const
).map(([customer, status, amount, ts], i) => ({
  order_id: i + 1,
  customer_id: customer,
  order_status: status,
  amount,
  ts,
}));

const schema = {
  schemaName: 'orders',
  dimensionFieldSpecs: [
    { name: 'order_id', dataType: 'INT' },
    { name: 'customer_id', dataType: 'INT' },
    { name: 'order_status', dataType: 'STRING' },
  ],
  metricFieldSpecs: [{ name: 'amount', dataType: 'FLOAT' }],
  dateTimeFieldSpecs: [
    { name: 'ts', dataType: 'LONG', format: '1:MILLISECONDS:EPOCH', granularity: '1:MILLISECONDS' },
  ],
};

const realtime = {
  tableName: 'orders',
  tableType: 'REALTIME',
  segmentsConfig: { timeColumnName: 'ts', replication: '1' },
  task: {
    taskTypeConfigsMap: {
      RealtimeToOfflineSegmentsTask: { bucketTimePeriod: '2h', bufferTimePeriod: '1m' },
    },
  },
  tenants: {},
  tableIndexConfig: {
    loadMode: 'MMAP',
    streamConfigs: {
      streamType: 'kafka',
      'stream.kafka.topic.name': 'orders',
      'stream.kafka.broker.list': 'localhost:9092',
      'stream.kafka.consumer.type': 'lowLevel',
      'stream.kafka.decoder.class.name':
        'org.apache.pinot.plugin.stream.kafka.KafkaJSONMessageDecoder',
      'stream.kafka.consumer.factory.class.name':
        'org.apache.pinot.plugin.stream.kafka20.KafkaConsumerFactory',
      'realtime.segment.flush.threshold.rows': 5,
    },
  },
  metadata: {},
};

const offline = {
  tableName: 'orders',
  tableType: 'OFFLINE',
  segmentsConfig: { timeColumnName: 'ts', replication: '1' },
  ingestionConfig: {
    batchIngestionConfig: { segmentIngestionType: 'APPEND', segmentIngestionFrequency: 'HOURLY' },
  },
  tableIndexConfig: { loadMode: 'MMAP' },
  tenants: {},
  metadata: {},
};

const job = `executionFrameworkSpec:
  name: 'standalone'
jobType: SegmentCreationAndTarPush
inputDirURI: '\${inputDir}'
includeFileNamePattern: 'glob:**/orders.json'
outputDirURI: '\${inputDir}/backfill-output'
overwriteOutput: true
recordReaderSpec:
  dataFormat: 'json'
segmentNameGeneratorSpec:
  type: fixed
  configs:
    segment.name: \${segmentName}
tableSpec:
  tableName: 'orders'
`;

const raised = orders.slice(0, 7).map((order) => ({ ...order, amount: order.amount * 1.2 }));

/** File name to text. */
export const demoFiles: Readonly<Record<string, string>> = {
  'schema.json': `${JSON.stringify(schema, null, 2)}\n`,
  'realtime.json': `${JSON.stringify(realtime, null, 2)}\n`,
  'offline.json': `${JSON.stringify(offline, null, 2)}\n`,
  'orders.ndjson': orders.map((order) => `${JSON.stringify(order)}\n`).join(''),
  'orders.json': raised.map((order) => `${JSON.stringify(order)}\n`).join(''),
  'job.yml': job,
};
