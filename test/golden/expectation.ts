// What a case must give, as plain data: from the recording for `pinot`, from a naive scheduler over the input rows for
// `exact` (design 5.9 and 5.12), with what the recording holds for each window.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePinotPeriod } from '../../src/config/period.ts';
import { compileTimeFormat, parseTimeFormat } from '../../src/config/time-format.ts';
import type { TimeConverter } from '../../src/config/time-format.ts';
import type { DataType } from '../../src/config/types.ts';
import { parseJson } from '../../src/json/parse.ts';
import { timeFormatOf, untimed } from './recording.ts';
import type { Recording, RecordedRun } from './recording.ts';

export type Semantics = 'pinot' | 'exact';

/** The clock of every call: months after the newest row, so only a long buffer holds anything. */
export const nowMs = 1795220434462;

export interface ExpectedCall {
  readonly window: readonly [startMs: number, endMs: number] | null;
  readonly state: 'COMMITTED' | 'EMPTY' | 'FAILED' | null;
  readonly reason: string | null;
  readonly watermarkMs: number | null;
  /** OFFLINE segments that the call adds and takes away; null: any, their rows are compared with the input. */
  readonly adds: readonly string[] | null;
  readonly removes: readonly string[];
  /** In the column's format; null: there is none. */
  readonly boundary: string | null;
  /** The input rows that the window takes: REALTIME segment without its time, and time. */
  readonly taken: readonly InputRow[];
}

export interface InputRow {
  readonly segment: string;
  readonly index: number;
  readonly ms: number;
}

export interface Expectation {
  readonly calls: readonly ExpectedCall[];
  /** Input rows that no window took at the end. */
  readonly left: readonly InputRow[];
  /** The same once `run --all` has moved what is due; null: nothing more is. */
  readonly leftWhenDrained: readonly InputRow[] | null;
  readonly negated: boolean;
}

export function timeOf(recording: Recording): TimeConverter {
  const { format, dataType } = timeFormatOf(recording);
  const text = dataType === 'TIMESTAMP' ? 'TIMESTAMP' : format;
  return compileTimeFormat(
    parseTimeFormat(text),
    dataType === 'TIMESTAMP' ? 'STRING' : (dataType as DataType),
  );
}

interface Partition {
  sealed: number;
  consuming: InputRow[];
}

class Table {
  readonly partitions = new Map<number, Partition>();
  readonly sealed = new Map<string, InputRow[]>();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  add(partition: number, ms: number): void {
    const held = this.partitions.get(partition) ?? { sealed: 0, consuming: [] };
    this.partitions.set(partition, held);
    const segment = `${this.#name}__${partition}__${held.sealed}`;
    held.consuming.push({ segment, index: held.consuming.length, ms });
  }

  seal(partition: number): void {
    const held = this.partitions.get(partition);
    if (held === undefined || held.consuming.length === 0) return;
    this.sealed.set(held.consuming[0]!.segment, held.consuming);
    held.sealed++;
    held.consuming = [];
  }

  consuming(): InputRow[] {
    return [...this.partitions.values()].flatMap(({ consuming }) => consuming);
  }

  rows(): InputRow[] {
    return [...[...this.sealed.values()].flat(), ...this.consuming()];
  }
}

/** Lines of a produced file with their partition: `P<tab>` before a line, none is 0. */
export function partitionLines(text: string): { partition: number; line: string }[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const match = /^(\d+)\t(.*)$/s.exec(line);
      return match === null
        ? { partition: 0, line }
        : { partition: Number(match[1]), line: match[2]! };
    });
}

/** Walks the steps of a case; `call` is asked at each `run`, until it answers without a window or the step's count is reached. */
function walk(
  recording: Recording,
  handlers: {
    readonly call: (table: Table) => ExpectedCall;
    readonly watermark: (ms: number) => void;
    readonly task: (keys: Readonly<Record<string, string>>) => void;
    readonly fault: () => void;
  },
): { table: Table; calls: ExpectedCall[] } {
  const table = new Table(recording.table);
  const time = timeOf(recording);
  const calls: ExpectedCall[] = [];
  for (const step of recording.steps) {
    if ('produce' in step) {
      const text = readFileSync(join(recording.folder, step.produce), 'utf8');
      for (const { partition, line } of partitionLines(text)) {
        const row = parseJson(line) as Record<string, string | number>;
        table.add(partition, time.toMillis(row[recording.timeColumn]!));
      }
    } else if ('commit' in step) for (const partition of step.commit) table.seal(partition);
    else if ('watermark' in step) handlers.watermark(step.watermark);
    else if ('realtimeTask' in step) handlers.task(step.realtimeTask);
    else if ('plant' in step) handlers.fault();
    else if ('schedule' in step) {
      for (let i = 0; i < step.schedule; i++) {
        const call = handlers.call(table);
        calls.push(call);
        if (call.window === null) break;
      }
    }
  }
  return { table, calls };
}

/** As recorded, run by run. */
export function recordedExpectation(recording: Recording): Expectation {
  const left = new Set<InputRow>();
  let at = 0;
  let before: readonly string[] = [];
  const negated = recording.task['negateWindowFilter'] === 'true';
  const { table, calls } = walk(recording, {
    watermark: () => {},
    task: () => {},
    fault: () => {},
    call: (now) => {
      const run = recording.runs[at++];
      if (run === undefined) throw new Error(`${recording.name}: no recorded run ${at}`);
      const after = run.offlineSegmentsAfter;
      const rows = rowsOf(run, now, negated);
      const call: ExpectedCall = {
        window: windowOf(run),
        state: stateOf(run, rows),
        reason: reasonOf(run),
        watermarkMs: run.watermarkAfter,
        adds: after.filter((name) => !before.includes(name)),
        removes: before.filter((name) => !after.includes(name)),
        boundary: run.timeBoundaryAfter.timeValue ?? null,
        taken: rows,
      };
      before = after;
      return call;
    },
  });
  for (const row of table.rows()) left.add(row);
  for (const { state, taken } of calls)
    if (state !== 'FAILED') for (const row of taken) left.delete(row);
  return { calls, left: [...left], leftWhenDrained: null, negated };
}

function windowOf(run: RecordedRun): readonly [number, number] | null {
  const configs = run.subtasks?.[0]?.taskConfig.configs;
  return configs === undefined
    ? null
    : [Number(configs.windowStartMs), Number(configs.windowEndMs)];
}

function rowsOf(run: RecordedRun, table: Table, negated: boolean): InputRow[] {
  const window = windowOf(run);
  if (window === null) return [];
  const names = run.subtasks![0]!.taskConfig.configs.segmentName.split(',').map(untimed);
  return names
    .flatMap((name) => table.sealed.get(name) ?? [])
    .filter(({ ms }) => (ms >= window[0] && ms < window[1]) !== negated);
}

function stateOf(run: RecordedRun, rows: readonly InputRow[]): ExpectedCall['state'] {
  const state = run.subtasks?.[0]?.state;
  if (state === undefined) return null;
  if (state !== 'COMPLETED') return 'FAILED';
  return rows.length === 0 ? 'EMPTY' : 'COMMITTED';
}

const reasons = [
  ['overflows into CONSUMING', 'CONSUMING_MAY_HOLD_ROWS'],
  ['not older than buffer', 'BUFFER'],
  ['No realtime-completed segments', 'NO_SEGMENTS'],
] as const;

function reasonOf(run: RecordedRun): string | null {
  const log = (run.generatorLog ?? []).join('\n');
  return reasons.find(([text]) => log.includes(text))?.[1] ?? null;
}

/**
 * `exact`, by a scheduler that knows every row: cold start at the oldest row, gaps crossed, held by CONSUMING rows in or
 * before the window, by a partition without a sealed segment, and by the buffer. The boundary is windowEnd - 1 ms.
 */
export function exactExpectation(
  recording: Recording,
  { failing }: { failing: boolean },
): Expectation {
  const { task } = recording;
  const negated = task['negateWindowFilter'] === 'true';
  const bucketMs = parsePinotPeriod(task['bucketTimePeriod'] ?? '1d');
  let bufferMs = parsePinotPeriod(task['bufferTimePeriod'] ?? '2d');
  const time = timeOf(recording);
  const recorded = recordedExpectation(recording).calls;
  const used = new Set<ExpectedCall>();
  const taken = new Set<InputRow>();
  let watermarkMs: number | null = null;
  let cold = true;
  let boundaryMs: number | null = null;
  let faulty = false;
  let anyOffline = false;
  const call = (table: Table): ExpectedCall => {
    const held = (reason: string): ExpectedCall => ({
      window: null,
      state: null,
      reason,
      watermarkMs,
      adds: [],
      removes: [],
      boundary: boundaryMs === null ? null : String(time.fromMillis(boundaryMs)),
      taken: [],
    });
    if (table.sealed.size === 0) return held('NO_SEGMENTS');
    if (cold) {
      const oldest = Math.min(...table.rows().map(({ ms }) => ms));
      watermarkMs = Math.floor(oldest / bucketMs) * bucketMs;
    }
    let startMs = watermarkMs!;
    const overlapping = (): [string, InputRow[]][] =>
      [...table.sealed].filter(([, rows]) => {
        const times = rows.map(({ ms }) => ms);
        return Math.min(...times) < startMs + bucketMs && Math.max(...times) >= startMs;
      });
    const open = (): boolean => table.consuming().some(({ ms }) => ms < startMs + bucketMs);
    while (startMs + bucketMs + bufferMs <= nowMs && overlapping().length === 0 && !open())
      startMs += bucketMs;
    const endMs = startMs + bucketMs;
    if (endMs + bufferMs > nowMs) return held('BUFFER');
    if ([...table.partitions.values()].some(({ sealed }) => sealed === 0))
      return held('PARTITION_ONLY_CONSUMING');
    if (open()) return held('CONSUMING_MAY_HOLD_ROWS');
    const inputs = overlapping();
    const inWindow = inputs.flatMap(([, rows]) =>
      rows.filter(({ ms }) => (ms >= startMs && ms < endMs) !== negated),
    );
    const failed = failing || faulty;
    faulty = false;
    // The recording knows the outputs of a window that took the same rows.
    const same = recorded.find(
      (each) =>
        !used.has(each) &&
        each.state !== null &&
        each.state !== 'FAILED' &&
        each.window?.[0] === startMs &&
        sameRows(each.taken, inWindow),
    );
    if (same !== undefined && !failed) used.add(same);
    const state = failed ? 'FAILED' : inWindow.length === 0 ? 'EMPTY' : 'COMMITTED';
    if (!failed) {
      cold = false;
      watermarkMs = endMs;
      for (const row of inWindow) taken.add(row);
      anyOffline ||= inWindow.length > 0;
      if (anyOffline && !negated) boundaryMs = Math.max(boundaryMs ?? -Infinity, endMs - 1);
    }
    return {
      window: [startMs, endMs],
      state,
      reason: null,
      watermarkMs,
      adds: state === 'COMMITTED' ? (same?.adds ?? null) : [],
      removes: state === 'COMMITTED' ? (same?.removes ?? []) : [],
      boundary: boundaryMs === null ? null : String(time.fromMillis(boundaryMs)),
      taken: inWindow,
    };
  };
  const { table, calls } = walk(recording, {
    call,
    watermark: (ms) => {
      watermarkMs = ms;
      cold = false;
    },
    task: (keys) => {
      const buffer = keys['bufferTimePeriod'];
      if (buffer !== undefined) bufferMs = parsePinotPeriod(buffer);
    },
    fault: () => (faulty = true),
  });
  const leftNow = (): InputRow[] => table.rows().filter((row) => !taken.has(row));
  const left = leftNow();
  let more = false;
  while (!failing && call(table).window !== null) more = true;
  return { calls, left, leftWhenDrained: more ? leftNow() : null, negated };
}

function sameRows(a: readonly InputRow[], b: readonly InputRow[]): boolean {
  const keys = (rows: readonly InputRow[]): string =>
    rows
      .map(({ segment, index }) => `${segment}/${index}`)
      .toSorted()
      .join();
  return keys(a) === keys(b);
}
