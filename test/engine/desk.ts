// An engine on a data directory of its own, with clocks that tests set and tasks in this thread.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createInlinePool } from '../../src/coordinator/pool.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Engine, IngestRequest } from '../../src/engine/engine.ts';
import type { RunOptions, RunReport } from '../../src/engine/move.ts';
import type { OpenOptions } from '../../src/engine/open.ts';
import type { IngestResult } from '../../src/ingest/ingest.ts';
import { codecOf } from '../../src/segment/open.ts';
import type { FaultPlan } from '../../src/store/types.ts';

/** 2023-11-15T00:00:00Z */
export const d0 = 1_700_006_400_000;
export const hourMs = 3_600_000;
export const dayMs: number = 24 * hourMs;

type Json = { readonly [key: string]: unknown };

export const schemaDocument: Json = {
  schemaName: 't',
  dimensionFieldSpecs: [{ name: 'k', dataType: 'STRING' }],
  metricFieldSpecs: [{ name: 'v', dataType: 'LONG' }],
  dateTimeFieldSpecs: [
    { name: 'ts', dataType: 'LONG', format: '1:MILLISECONDS:EPOCH', granularity: '1:MILLISECONDS' },
  ],
};

export interface TableOptions {
  readonly name?: string;
  readonly schema?: Json;
  /** Keys of the task map beside bucket 1d and buffer 1h. */
  readonly task?: Json;
  readonly stream?: Json;
  readonly segmentsConfig?: Json;
  /** Members of the OFFLINE config beside the needed ones; null: no OFFLINE table. */
  readonly offline?: Json | null;
  readonly realtime?: Json;
}

/** The documents of `table add` for a small table: `k`, `v`, `ts`. */
export function tableDocuments(options: TableOptions = {}): { where: string; text: string }[] {
  const name = options.name ?? 't';
  const segmentsConfig = { timeColumnName: 'ts', replication: '1', ...options.segmentsConfig };
  const realtime = {
    tableName: name,
    tableType: 'REALTIME',
    segmentsConfig,
    tableIndexConfig: {
      streamConfigs: {
        streamType: 'kafka',
        'stream.kafka.topic.name': name,
        ...options.stream,
      },
    },
    task: {
      taskTypeConfigsMap: {
        RealtimeToOfflineSegmentsTask: {
          bucketTimePeriod: '1d',
          bufferTimePeriod: '1h',
          ...options.task,
        },
      },
    },
    ...options.realtime,
  };
  const offline = {
    tableName: name,
    tableType: 'OFFLINE',
    segmentsConfig: { timeColumnName: 'ts', replication: '1' },
    tableIndexConfig: {},
    ...options.offline,
  };
  const document = (where: string, value: unknown): { where: string; text: string } => ({
    where,
    text: JSON.stringify(value),
  });
  return [
    document('schema.json', { ...schemaDocument, schemaName: name, ...options.schema }),
    document('realtime.json', realtime),
    ...(options.offline === null ? [] : [document('offline.json', offline)]),
  ];
}

export interface Row {
  readonly k: string;
  readonly v: number;
  readonly ts: number;
}

export function row(k: string, v: number, ts: number): Row {
  return { k, v, ts };
}

export interface Clock {
  /** For planning, naming and dating. */
  nowMs: number;
  /** For deletions. */
  realMs: number;
}

export interface Desk {
  readonly root: string;
  readonly dataDir: string;
  readonly clock: Clock;
  engine: Engine;
  /** Writes a file below the input folder and returns its path. */
  write(path: string, content: string | Uint8Array): string;
  /** Appends the rows to a partition's file and reads it; sealed unless told otherwise. */
  ingest(rows: readonly Json[] | readonly Row[], more?: IngestMore): Promise<IngestResult>;
  run(options?: Partial<RunOptions>): Promise<RunReport>;
  /** OFFLINE rows as `k v ts-d0`, by segment name, in stored order. */
  offline(): Promise<Record<string, string[]>>;
  /** Every OFFLINE row, sorted. */
  offlineRows(): Promise<string[]>;
  /** Files below the data directory but the catalog's own. */
  files(): string[];
  reopen(options?: Partial<OpenOptions>, fault?: FaultPlan): Promise<Engine>;
  close(): Promise<void>;
}

export interface IngestMore extends Partial<IngestRequest> {
  readonly partition?: number;
}

export async function openDesk(
  table: TableOptions | null = {},
  options: Partial<OpenOptions> = {},
): Promise<Desk> {
  const root = mkdtempSync(join(tmpdir(), 'segmill-engine-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const desk = await deskAt(root, options);
  if (table !== null) await desk.engine.addTables(tableDocuments(table));
  return desk;
}

export async function deskAt(
  root: string,
  options: Partial<OpenOptions> = {},
  fault?: FaultPlan,
): Promise<Desk> {
  const dataDir = join(root, 'data');
  const inputDir = join(root, 'input');
  mkdirSync(inputDir, { recursive: true });
  const clock: Clock = { nowMs: d0 + 30 * dayMs, realMs: Date.now() };
  const pool = createInlinePool({ threads: 2, codecOf });
  const open = (more: Partial<OpenOptions>, planned?: FaultPlan): Promise<Engine> =>
    openEngine(
      { dataDir, now: () => clock.nowMs, ...options, ...more },
      {
        pool,
        realNow: () => clock.realMs,
        ...(planned === undefined ? {} : { fault: planned }),
      },
    );
  const texts = new Map<number, string>();
  let isOpen = true;
  const desk: Desk = {
    root,
    dataDir,
    clock,
    engine: await open({}, fault),
    write(path, content) {
      const full = join(inputDir, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, content);
      return full;
    },
    ingest(rows, { partition = 0, ...more } = {}) {
      const text = (texts.get(partition) ?? '') + lines(rows);
      texts.set(partition, text);
      desk.write(`in/${partition}.ndjson`, text);
      const from = [join(inputDir, 'in')];
      return desk.engine.ingest('t', { from, partitions: [partition], seal: true, ...more });
    },
    run: (run = {}) => desk.engine.run('t', run),
    async offline() {
      const found: Record<string, string[]> = {};
      for (const { name } of desk.engine.segments('t', 'OFFLINE'))
        found[name] = await rowsOf(desk.engine, name);
      return found;
    },
    async offlineRows() {
      return Object.values(await desk.offline())
        .flat()
        .toSorted();
    },
    files: () => filesOf(dataDir),
    async reopen(more = {}, planned) {
      await desk.close();
      desk.engine = await open(more, planned);
      isOpen = true;
      return desk.engine;
    },
    async close() {
      if (isOpen) await desk.engine.close();
      isOpen = false;
    },
  };
  onTestFinished(() => desk.close());
  return desk;
}

export function lines(rows: readonly object[]): string {
  return rows.map((value) => `${JSON.stringify(value)}\n`).join('');
}

export async function rowsOf(engine: Engine, segment: string): Promise<string[]> {
  const { rows } = await engine.inspectRows(segment);
  return [...rows].map(({ k, v, ts }) => `${String(k)} ${String(v)} ${Number(ts) - d0}`);
}

export function filesOf(dataDir: string): string[] {
  if (!existsSync(dataDir)) return [];
  return readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dataDir.length + 1))
    .filter((path) => !path.startsWith('catalog/'))
    .toSorted();
}
