// One folder of a recorded case, as it was taken from a live cluster.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../src/json/parse.ts';
import type { JsonValue } from '../../src/json/value.ts';

export type Row = Readonly<Record<string, JsonValue>> & { readonly $nulls: readonly string[] };

export type Step =
  | { readonly produce: string }
  | { readonly commit: readonly number[] }
  | { readonly schedule: number }
  | { readonly watermark: number }
  | { readonly realtimeTask: Readonly<Record<string, string>> }
  | { readonly query: string }
  | { readonly plant: unknown }
  | { readonly unlock: string };

export interface RecordedRun {
  readonly watermarkBefore: number | null;
  readonly watermarkAfter: number | null;
  readonly offlineSegmentsAfter: readonly string[];
  readonly timeBoundaryAfter: { readonly timeColumn?: string; readonly timeValue?: string };
  readonly subtasks?: readonly {
    readonly state: string;
    readonly taskConfig: {
      readonly configs: {
        readonly windowStartMs: string;
        readonly windowEndMs: string;
        readonly segmentName: string;
      };
    };
  }[];
  readonly generatorLog?: readonly string[];
}

export interface RecordedSegment {
  readonly segment: string;
  readonly totalDocs: number;
  readonly columns: Readonly<
    Record<string, { readonly partitionFunction: string | null; readonly partitionValues: string }>
  >;
  readonly rows: readonly Row[];
}

export interface RecordedQuery {
  readonly sql: string;
  readonly columns: { readonly columnNames: string[]; readonly columnDataTypes: string[] } | null;
  readonly rows: readonly JsonValue[][] | null;
}

export interface Recording {
  readonly name: string;
  readonly folder: string;
  readonly title: string;
  readonly steps: readonly Step[];
  readonly table: string;
  readonly schema: SchemaText;
  readonly realtimeText: string;
  readonly offlineText: string;
  readonly task: Readonly<Record<string, string>>;
  readonly sortedColumns: readonly string[];
  readonly transformed: readonly string[];
  readonly timeColumn: string;
  readonly runs: readonly RecordedRun[];
  readonly segments: readonly RecordedSegment[];
  /** By name without its time: `T__0__0`. */
  readonly realtime: ReadonlyMap<string, readonly Row[]>;
  readonly queries: readonly RecordedQuery[];
}

interface FieldText {
  readonly name: string;
  readonly dataType: string;
  readonly format?: string;
}

interface SchemaText {
  readonly dimensionFieldSpecs?: readonly FieldText[];
  readonly metricFieldSpecs?: readonly FieldText[];
  readonly dateTimeFieldSpecs?: readonly FieldText[];
}

export function listCases(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'case.json')))
    .map(({ name }) => name)
    .toSorted();
}

export function readRecording(root: string, name: string): Recording {
  const folder = join(root, name);
  const text = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const json = <T>(file: string): T => parseJson(text(file)) as unknown as T;
  const { title, steps } = json<{ title: string; steps: Step[] }>('case.json');
  const schema = json<SchemaText>('schema.json');
  const realtime = json<RealtimeText>('realtime.json');
  const offline = json<OfflineText>('offline.json');
  const sealed = json<Record<string, { rows: Row[] }>>('expected/realtime-segments.json');
  return {
    name,
    folder,
    title,
    steps,
    table: realtime.tableName,
    schema,
    realtimeText: text('realtime.json'),
    offlineText: text('offline.json'),
    task: realtime.task.taskTypeConfigsMap.RealtimeToOfflineSegmentsTask,
    sortedColumns: offline.tableIndexConfig?.sortedColumn ?? [],
    transformed: (offline.ingestionConfig?.transformConfigs ?? []).map(
      ({ columnName }) => columnName,
    ),
    timeColumn: realtime.segmentsConfig.timeColumnName,
    runs: json('expected/runs.json'),
    segments: json('expected/segments.json'),
    realtime: new Map(Object.entries(sealed).map(([key, { rows }]) => [untimed(key), rows])),
    queries: json('expected/queries.json'),
  };
}

interface RealtimeText {
  readonly tableName: string;
  readonly segmentsConfig: { readonly timeColumnName: string };
  readonly task: {
    readonly taskTypeConfigsMap: { readonly RealtimeToOfflineSegmentsTask: Record<string, string> };
  };
}

interface OfflineText {
  readonly tableIndexConfig?: { readonly sortedColumn?: string[] };
  readonly ingestionConfig?: { readonly transformConfigs?: { columnName: string }[] };
}

/** A REALTIME name carries the time of its run: `T__0__0__20261121T0020Z` becomes `T__0__0`. */
export function untimed(name: string): string {
  return name.replace(/^(.*__\d+__\d+)__\d{8}T\d{4}Z$/, '$1');
}

export function timeFormatOf({ schema, timeColumn }: Recording): {
  format: string;
  dataType: string;
} {
  const field = schema.dateTimeFieldSpecs?.find(({ name }) => name === timeColumn);
  if (field === undefined) throw new Error(`${timeColumn} is no date time field of the schema`);
  return { format: field.format ?? '', dataType: field.dataType };
}
