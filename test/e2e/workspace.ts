// A folder with a data directory and the inputs of the backfill recipe, driven by processes of the built command line.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { inProcess, jsonOf, spawned } from '../golden/program.ts';
import type { Answer, CallOptions } from '../golden/program.ts';

const recipe = resolve('test/golden/backfill-recipe');

export interface Workspace {
  readonly folder: string;
  readonly dataDir: string;
  readonly path: (name: string) => string;
  /** One process, in the folder; the data directory is the default one. */
  readonly call: (argv: readonly string[], options?: CallOptions) => Promise<Answer>;
  /** The JSON of a call that ends with 0. */
  readonly json: <T = unknown>(...argv: string[]) => Promise<T>;
  /** The same program inside the test, with the data directory named. */
  readonly inside: (argv: readonly string[]) => Promise<Answer>;
  /** Its JSON when it ends with 0, for calls that are only on the way to what is tested. */
  readonly quick: <T = unknown>(...argv: string[]) => Promise<T>;
}

/** Two days after the newest order: every window's buffer has passed. */
export const now = '2021-09-28T00:00:00Z';

export function openWorkspace(): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'segmill-e2e-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(recipe, 'inputs'), join(folder, 'inputs'), { recursive: true });
  const table = readFileSync(join(folder, 'inputs/orders_table.json'), 'utf8');
  writeFileSync(join(folder, 'inputs/orders_table.json'), table.replace('${kafka}', 'kafka:9092'));
  mkdirSync(join(folder, 'out'));
  const dataDir = join(folder, 'segmill-data');
  const call: Workspace['call'] = (argv, options = {}) =>
    spawned(argv, { cwd: folder, ...options });
  const inside: Workspace['inside'] = (argv) =>
    inProcess([...argv, '--data-dir', dataDir, '--now', now, '--format', 'json']);
  return {
    folder,
    dataDir,
    path: (name) => join(folder, name),
    call,
    json: async <T>(...argv: string[]) =>
      jsonOf(argv, await call([...argv, '--format', 'json']), [0]) as T,
    inside,
    quick: async <T>(...argv: string[]) => jsonOf(argv, await inside(argv), [0]) as T,
  };
}

/** The table and its 14 orders, five of them sealed twice and four CONSUMING. */
export async function openOrders(): Promise<Workspace> {
  const workspace = openWorkspace();
  const { quick, path } = workspace;
  const inputs = ['orders_schema.json', 'orders_table.json', 'orders_offline_table.json'];
  await quick('table', 'add', ...inputs.map((name) => path(`inputs/${name}`)));
  await quick('ingest', 'orders', '--from', path('inputs/rows.ndjson'));
  return workspace;
}

export interface BrokerAnswer {
  readonly resultTable: {
    readonly dataSchema: { readonly columnNames: string[]; readonly columnDataTypes: string[] };
    readonly rows: (string | number | null)[][];
  };
  readonly exceptions: unknown[];
}

/** A recorded call of the recipe. */
export function recorded<T = BrokerAnswer>(file: string): T {
  const { response } = JSON.parse(readFileSync(join(recipe, 'calls', `${file}.json`), 'utf8')) as {
    response: { body: T };
  };
  return response.body;
}

export function recordedSql(file: string): string {
  const { request } = JSON.parse(readFileSync(join(recipe, 'calls', `${file}.json`), 'utf8')) as {
    request: { body: { sql: string } };
  };
  return request.body.sql;
}

export function readRecipe<T>(file: string): T {
  return JSON.parse(readFileSync(join(recipe, file), 'utf8')) as T;
}
