// Plays one recorded case on the command line and lists every place where the answers differ from the expected ones.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseJson } from '../../src/json/parse.ts';
import type { JsonValue } from '../../src/json/value.ts';
import { bagOf, cellText, rowText, sameBags } from './cells.ts';
import { differences } from './differences.ts';
import type { Difference } from './differences.ts';
import {
  exactExpectation,
  nowMs,
  partitionLines,
  recordedExpectation,
  timeOf,
} from './expectation.ts';
import type { Expectation, ExpectedCall, InputRow, Semantics } from './expectation.ts';
import { jsonOf } from './program.ts';
import type { Program } from './program.ts';
import { readRecording, untimed } from './recording.ts';
import type { Recording, RecordedQuery, Row } from './recording.ts';

/** The steps of `upload-fails-halfway` have no counterpart: the second output's write fails once instead. */
const secondOutputFails = 'store.create:2';

/** Differences found; none: the case is as expected. */
export async function runCase(
  root: string,
  name: string,
  semantics: Semantics,
  program: Program,
): Promise<string[]> {
  return playCase(readRecording(root, name), semantics, program, differences[name] ?? []);
}

export async function playCase(
  recording: Recording,
  semantics: Semantics,
  program: Program,
  known: readonly Difference[],
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'segmill-golden-'));
  try {
    const play = new Play(recording, semantics, program, known, folder);
    await play.all();
    return play.problems;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface WindowReport {
  readonly startMs: number;
  readonly endMs: number;
  readonly state: string;
  readonly ledger: Readonly<Record<string, number>> | null;
  readonly error?: { readonly message: string };
  readonly segments: readonly { readonly name: string; readonly rows: number }[];
}

interface RunReport {
  readonly windows: readonly WindowReport[];
  readonly held: readonly { readonly reason: string; readonly detail: string }[];
  readonly watermarkMs: number | null;
  readonly timeBoundaryMs: number | null;
}

interface SegmentLine {
  readonly name: string;
  readonly rows: number;
  readonly partitions?: Readonly<Record<string, readonly number[]>>;
}

class Play {
  readonly problems: string[] = [];
  readonly #recording: Recording;
  readonly #semantics: Semantics;
  readonly #program: Program;
  readonly #known: readonly Difference[];
  readonly #folder: string;
  readonly #expected: Expectation;
  /** What the refusal of the table names; null: the table is fine. */
  readonly #refused: readonly string[] | null;
  readonly #table: string;
  readonly #queries: RecordedQuery[];
  #task: Readonly<Record<string, string>>;
  #at = 0;
  #faulty = false;
  /** OFFLINE names that must be there now. */
  #offline = new Set<string>();

  constructor(
    recording: Recording,
    semantics: Semantics,
    program: Program,
    known: readonly Difference[],
    folder: string,
  ) {
    this.#known = known.filter((difference) => (difference.semantics ?? semantics) === semantics);
    this.#recording = this.#known.reduce(
      (found, { correct }) => correct?.(found) ?? found,
      recording,
    );
    this.#semantics = semantics;
    this.#program = program;
    this.#folder = folder;
    this.#table = recording.table;
    this.#task = recording.task;
    this.#queries = [...this.#recording.queries];
    this.#refused = this.#known.find(({ refused }) => refused !== undefined)?.refused ?? null;
    const failing = this.#known.some(({ fails }) => fails !== undefined);
    this.#expected =
      semantics === 'pinot' || this.#refused !== null
        ? recordedExpectation(this.#recording)
        : exactExpectation(this.#recording, { failing });
  }

  async all(): Promise<void> {
    mkdirSync(join(this.#folder, 'in'));
    if (this.#refused !== null) return this.#refusal(this.#refused);
    await this.#addTable();
    for (const step of this.#recording.steps) {
      if ('produce' in step) await this.#produce(step.produce);
      else if ('commit' in step) await this.#seal(step.commit);
      else if ('schedule' in step) await this.#schedule(step.schedule);
      else if ('watermark' in step)
        await this.#json(['watermark', 'set', this.#table, String(step.watermark)]);
      else if ('realtimeTask' in step) await this.#changeTask(step.realtimeTask);
      else if ('query' in step) await this.#query(this.#nextQuery(step.query));
      else if ('plant' in step) this.#faulty = true;
    }
    await this.#realtimeRows();
    await this.#offlineRows();
    if (this.#semantics === 'pinot') for (const query of this.#closing()) await this.#query(query);
    else await this.#exactEnd();
    const verified = await this.#call(['verify', this.#table]);
    if (verified.code !== 0)
      this.#differ('verify', 'exit 0', `exit ${verified.code}: ${verified.out}`);
  }

  #differ(what: string, expected: unknown, found: unknown): void {
    const text = (value: unknown): string =>
      typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none');
    this.problems.push(`${what}: expected ${text(expected)}, found ${text(found)}`);
  }

  #same(what: string, expected: unknown, found: unknown): void {
    if (JSON.stringify(expected) !== JSON.stringify(found)) this.#differ(what, expected, found);
  }

  #call(argv: readonly string[], env: Readonly<Record<string, string>> = {}): ReturnType<Program> {
    const all = [...argv, '--data-dir', join(this.#folder, 'data'), '--now', String(nowMs)];
    return this.#program(argv.includes('--format') ? all : [...all, '--format', 'json'], {
      env,
      cwd: this.#folder,
    });
  }

  async #json<T>(argv: readonly string[], codes: readonly number[] = [0], env = {}): Promise<T> {
    return jsonOf(argv, await this.#call(argv, env), codes) as T;
  }

  #writeTable(): string[] {
    const { folder, realtimeText, offlineText } = this.#recording;
    const realtime = JSON.parse(
      realtimeText.replaceAll('${topic}', 'topic').replaceAll('${kafka}', 'kafka:9092'),
    ) as {
      task: { taskTypeConfigsMap: { RealtimeToOfflineSegmentsTask: Record<string, string> } };
    };
    const task = {
      ...this.#task,
      ...(this.#semantics === 'pinot' ? { 'segmill.semantics': 'pinot' } : {}),
    };
    realtime.task.taskTypeConfigsMap.RealtimeToOfflineSegmentsTask = task;
    const path = (name: string): string => join(this.#folder, name);
    writeFileSync(path('realtime.json'), JSON.stringify(realtime));
    writeFileSync(path('offline.json'), offlineText);
    return [join(folder, 'schema.json'), path('realtime.json'), path('offline.json')];
  }

  async #addTable(): Promise<void> {
    await this.#json(['table', 'add', ...this.#writeTable()]);
  }

  async #refusal(words: readonly string[]): Promise<void> {
    for (const verb of ['add', 'validate']) {
      const { code, err } = await this.#call(['table', verb, ...this.#writeTable()]);
      this.#same(`table ${verb}: exit code`, 2, code);
      for (const word of words)
        if (!err.includes(word)) this.#differ(`table ${verb}`, `an error naming ${word}`, err);
    }
    const list = await this.#call(['table', 'list']);
    if (!list.err.includes('DATA_DIR_UNUSABLE'))
      this.#differ('table list', 'no data directory', list);
  }

  async #produce(file: string): Promise<void> {
    for (const { partition, line } of partitionLines(
      readFileSync(join(this.#recording.folder, file), 'utf8'),
    ))
      appendFileSync(join(this.#folder, 'in', `${partition}.ndjson`), `${line}\n`);
    await this.#json(['ingest', this.#table, '--from', join(this.#folder, 'in')]);
  }

  async #seal(partitions: readonly number[]): Promise<void> {
    const only = partitions.flatMap((partition) => ['--partition', String(partition)]);
    await this.#json([
      'ingest',
      this.#table,
      '--from',
      join(this.#folder, 'in'),
      ...only,
      '--seal',
    ]);
  }

  async #changeTask(keys: Readonly<Record<string, string>>): Promise<void> {
    this.#task = { ...this.#task, ...keys };
    await this.#json(['table', 'add', this.#writeTable()[1]!]);
  }

  async #schedule(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const expected = this.#expected.calls[this.#at];
      if (expected === undefined) return this.#differ(`run ${this.#at + 1}`, 'none', 'one more');
      const report = await this.#run(expected);
      if (report.windows.length === 0) break;
    }
  }

  async #run(expected: ExpectedCall): Promise<RunReport> {
    const what = `run ${++this.#at}`;
    const env = this.#faulty ? { SEGMILL_FAULT: secondOutputFails } : {};
    this.#faulty = false;
    const failed = expected.state === 'FAILED';
    const report = await this.#json<RunReport>(['run', this.#table], [0, 1], env);
    const [window] = report.windows;
    this.#same(
      `${what}: window`,
      expected.window,
      window === undefined ? null : [window.startMs, window.endMs],
    );
    this.#same(`${what}: state`, expected.state, window?.state ?? null);
    this.#same(`${what}: watermark`, expected.watermarkMs, report.watermarkMs);
    if (window === undefined) {
      if (report.held.length === 0) this.#differ(`${what}: held`, 'a reason', 'none');
      if (expected.reason !== null)
        this.#same(`${what}: reason`, expected.reason, report.held[0]?.reason);
    } else {
      this.#ledger(what, expected, window);
    }
    if (failed) {
      const words = this.#known.flatMap(({ fails }) => fails ?? []);
      for (const word of words)
        if (!(window?.error?.message ?? '').includes(word))
          this.#differ(`${what}: error`, `one naming ${word}`, window?.error);
    }
    for (const name of expected.removes) this.#offline.delete(name);
    for (const name of expected.adds ?? window?.segments.map((each) => each.name) ?? [])
      this.#offline.add(name);
    const names = (await this.#segments()).map(({ name }) => name);
    this.#same(`${what}: OFFLINE segments`, [...this.#offline].toSorted(), names.toSorted());
    const boundary = await this.#json<{ timeValue: string | null }>([
      'boundary',
      'get',
      this.#table,
    ]);
    this.#same(`${what}: boundary`, expected.boundary, boundary.timeValue);
    return report;
  }

  #ledger(what: string, expected: ExpectedCall, { state, ledger, segments }: WindowReport): void {
    if (state === 'FAILED') return;
    const {
      read = 0,
      outsideWindow = 0,
      filtered = 0,
      rejected = 0,
      mergedAway = 0,
      written = 0,
    } = ledger ?? {};
    this.#same(`${what}: ledger`, read, outsideWindow + filtered + rejected + mergedAway + written);
    this.#same(`${what}: rows taken`, expected.taken.length, read - outsideWindow);
    const rows = segments.reduce((sum, each) => sum + each.rows, 0);
    this.#same(`${what}: rows written`, written, rows);
  }

  #segments(type = 'OFFLINE'): Promise<SegmentLine[]> {
    return this.#json(['segments', this.#table, '--type', type]);
  }

  async #rows(segment: string): Promise<Row[]> {
    const argv = ['inspect', segment, '--rows', '--format', 'ndjson'];
    const { code, out, err } = await this.#call(argv);
    if (code !== 0) throw new Error(`segmill ${argv.join(' ')} ended with ${code}\n${err}`);
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => parseJson(line) as unknown as Row);
  }

  /** The ingested rows are what the cluster sealed. */
  async #realtimeRows(): Promise<void> {
    const found = await this.#segments('REALTIME');
    for (const [name, rows] of this.#recording.realtime) {
      const line = found.find((each) => untimed(each.name) === name);
      if (line === undefined)
        this.#differ(
          'REALTIME segments',
          name,
          found.map((each) => each.name),
        );
      else this.#compareRows(name, rows, await this.#rows(line.name), { ordered: false });
    }
  }

  async #offlineRows(): Promise<void> {
    const lines = await this.#segments();
    const rowsFree = this.#known.some((difference) => difference.rowsFree === true);
    const everything: Row[] = [];
    for (const line of lines) {
      const found = await this.#rows(line.name);
      this.#same(`${line.name}: rows`, line.rows, found.length);
      const expected = this.#recording.segments.find(({ segment }) => segment === line.name);
      if (expected === undefined) continue;
      this.#same(`${line.name}: totalDocs`, expected.totalDocs, line.rows);
      this.#partitions(line, expected.columns);
      if (rowsFree) everything.push(...found);
      this.#sortKeys(line.name, expected.rows, found);
      if (!rowsFree)
        this.#compareRows(line.name, expected.rows, found, {
          ordered: this.#recording.sortedColumns.length === 0,
        });
    }
    if (rowsFree)
      this.#compareRows(
        'all segments',
        this.#recording.segments.flatMap(({ rows }) => rows),
        everything,
        { ordered: false },
      );
    await this.#otherOutputs(
      lines.filter(({ name }) => this.#recording.segments.every(({ segment }) => segment !== name)),
    );
  }

  /** Outputs that the recording does not know hold the input rows of their windows, merged as the table says. */
  async #otherOutputs(lines: readonly SegmentLine[]): Promise<void> {
    const own = this.#expected.calls
      .filter(({ adds }) => adds === null)
      .flatMap(({ taken }) => taken);
    const found: Row[] = [];
    for (const { name } of lines) found.push(...(await this.#rows(name)));
    const { timeColumn, transformed } = this.#recording;
    const rounded = this.#task['roundBucketTimePeriod'] !== undefined;
    const left = new Set([...transformed, ...(rounded ? [timeColumn] : [])]);
    const plain = (row: Row): Row =>
      Object.fromEntries(Object.entries(row).filter(([key]) => !left.has(key))) as Row;
    const inputs = own.map(({ segment, index }) => this.#recording.realtime.get(segment)![index]!);
    this.#compareRows('outputs beside the recorded ones', inputs.map(plain), found.map(plain), {
      ordered: false,
    });
  }

  #partitions(line: SegmentLine, columns: Recording['segments'][number]['columns']): void {
    const partitioned = Object.entries(columns).filter(
      ([, { partitionFunction }]) => partitionFunction !== null,
    );
    const expected = partitioned.map(
      ([column, { partitionValues }]) => `${column} ${partitionValues.match(/\d+/g)?.join(',')}`,
    );
    const found = Object.entries(line.partitions ?? {}).map(
      ([column, ids]) => `${column} ${ids.join(',')}`,
    );
    this.#same(`${line.name}: partition ids`, expected.toSorted(), found.toSorted());
  }

  #sortKeys(what: string, expected: readonly Row[], found: readonly Row[]): void {
    const keys = (rows: readonly Row[]): string[] =>
      rows.map((row) =>
        this.#recording.sortedColumns.map((column) => cellText(row[column])).join(' '),
      );
    this.#same(`${what}: order`, keys(expected), keys(found));
  }

  #compareRows(
    what: string,
    expected: readonly Row[],
    found: readonly Row[],
    { ordered }: { ordered: boolean },
  ): void {
    const leftOut = what.includes('__')
      ? []
      : this.#known.flatMap(({ nullsFree }) => nullsFree ?? []);
    const texts = (rows: readonly Row[]): string[] => rows.map((row) => rowText(row, leftOut));
    const [a, b] = [texts(expected), texts(found)];
    if (ordered) {
      const at = a.findIndex((text, i) => text !== b[i]);
      if (a.length === b.length && at < 0) return;
      if (sameBags(bagOf(a), bagOf(b)))
        return this.#differ(`${what}: order of rows, first at ${at}`, a[at], b[at]);
    }
    const [missing, extra] = [minus(a, b), minus(b, a)];
    if (missing.length + extra.length > 0)
      this.#differ(
        `${what}: ${missing.length} rows missing, ${extra.length} too many of ${a.length}`,
        missing.slice(0, 3),
        extra.slice(0, 3),
      );
  }

  #nextQuery(sql: string): RecordedQuery {
    const at = this.#queries.findIndex((query) => query.sql === sql);
    const [query] = this.#queries.splice(at, 1);
    if (at < 0 || query === undefined) throw new Error(`no recorded answer of ${sql}`);
    return query;
  }

  #closing(): RecordedQuery[] {
    const chance = this.#known.some(({ nullsFree }) => nullsFree !== undefined);
    return this.#queries.filter(({ sql }) => !(chance && sql.startsWith('set enableNullHandling')));
  }

  async #query({ sql, columns, rows }: RecordedQuery): Promise<void> {
    const { resultTable } = await this.#json<{
      resultTable: {
        dataSchema: { columnNames: string[]; columnDataTypes: string[] };
        rows: JsonValue[][];
      };
    }>(['query', sql]);
    if (columns !== null) {
      this.#same(`${sql}: columns`, columns.columnNames, resultTable.dataSchema.columnNames);
      this.#same(`${sql}: types`, columns.columnDataTypes, resultTable.dataSchema.columnDataTypes);
    }
    const texts = (list: readonly (readonly JsonValue[])[]): string[] =>
      list.map((row) =>
        row.map((cell) => cellText(typeof cell === 'string' ? untimed(cell) : cell)).join(' | '),
      );
    const [a, b] = [texts(rows ?? []), texts(resultTable.rows)];
    if (!sameBags(bagOf(a), bagOf(b)))
      this.#differ(sql, minus(a, b).slice(0, 3), minus(b, a).slice(0, 3));
    // Rows that tie in the order have no promised order among themselves: the column it goes by is compared by place.
    const sortedBy = / order by ([$\w]+)/i.exec(sql)?.[1];
    const place = resultTable.dataSchema.columnNames.indexOf(sortedBy ?? '');
    const column = (list: readonly (readonly JsonValue[])[]): string[] =>
      texts(list.map((row) => [row[place]!]));
    if (sortedBy !== undefined) {
      this.#same(sql, column(rows ?? []), column(resultTable.rows));
    }
  }

  async #exactEnd(): Promise<void> {
    const { left, leftWhenDrained } = this.#expected;
    await this.#hybrid(left);
    if (leftWhenDrained === null) return;
    await this.#json(['run', this.#table, '--all']);
    await this.#hybrid(leftWhenDrained);
  }

  /** Every input row is answered by exactly one side (design 5.12). */
  async #hybrid(left: readonly InputRow[]): Promise<void> {
    const { timeColumn } = this.#recording;
    const sql = `select $segmentName, "${timeColumn}" from ${this.#table}`;
    const { resultTable } = await this.#json<{ resultTable: { rows: [string, JsonValue][] } }>([
      'query',
      sql,
    ]);
    const time = timeOf(this.#recording);
    const offline = await this.#segments();
    const names = new Set(offline.map(({ name }) => name));
    const realtime = resultTable.rows
      .filter(([name]) => !names.has(name))
      .map(([name, value]) => `${untimed(name)} ${time.toMillis(value as string | number)}`);
    const all = this.#expected.negated;
    const expected = (all ? this.#everyInput() : left).map(({ segment, ms }) => `${segment} ${ms}`);
    if (!sameBags(bagOf(expected), bagOf(realtime)))
      this.#differ(
        'rows answered by the realtime side',
        minus(expected, realtime).slice(0, 5),
        minus(realtime, expected).slice(0, 5),
      );
    for (const { name, rows } of offline) {
      const answered = resultTable.rows.filter(([segment]) => segment === name).length;
      this.#same(`rows of ${name} answered by the offline side`, all ? 0 : rows, answered);
    }
  }

  #everyInput(): InputRow[] {
    return [...this.#expected.left, ...this.#expected.calls.flatMap(({ taken }) => taken)];
  }
}

function minus(a: readonly string[], b: readonly string[]): string[] {
  const bag = bagOf(b);
  return a.filter((text) => {
    const count = bag.get(text) ?? 0;
    bag.set(text, count - 1);
    return count <= 0;
  });
}
