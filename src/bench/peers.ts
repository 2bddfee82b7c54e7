// The peers that this machine has. DuckDB comes with segmill; the others are Python packages.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { version as duckDbVersion } from '@duckdb/node-api';
import { runChild, runNodeChild } from './child.ts';
import type { ChildOptions } from './child.ts';
import type { PeerJob, PeerResult } from './peer-job.ts';

export interface Peer {
  readonly name: string;
  readonly version: string;
  /** Reads its own database file instead of Parquet. */
  readonly database: boolean;
  readonly run: (job: PeerJob, options: ChildOptions) => Promise<PeerResult>;
}

export interface AbsentPeer {
  readonly name: string;
  readonly reason: string;
}

export interface FoundPeers {
  readonly peers: readonly Peer[];
  readonly absent: readonly AbsentPeer[];
}

/** @param env `SEGMILL_PYTHON` names a Python with the packages; default `python3` */
export async function findPeers(
  env: Readonly<Record<string, string | undefined>>,
): Promise<FoundPeers> {
  const duckDb = (name: string, database: boolean): Peer => ({
    name,
    version: duckDbVersion(),
    database,
    run: (job, options) => runNodeChild('duckdb-job', job, options),
  });
  const python = await findPythonPeers(env['SEGMILL_PYTHON'] ?? 'python3');
  return {
    peers: [duckDb('duckdb', false), duckDb('duckdb-db', true), ...python.peers],
    absent: python.absent,
  };
}

const pythonPeers = ['polars', 'datafusion', 'chdb'] as const;

const askVersions = `
import importlib.metadata, json
found = {}
for name in ${JSON.stringify(pythonPeers)}:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
`;

async function findPythonPeers(python: string): Promise<FoundPeers> {
  const folder = scriptsFolder();
  const none = (reason: string): FoundPeers => ({
    peers: [],
    absent: pythonPeers.map((name) => ({ name, reason })),
  });
  if (folder === null) return none('its script is in the repository, under bench/peers, not here');
  let versions: Readonly<Record<string, string>>;
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', askVersions]);
    versions = JSON.parse(stdout) as Record<string, string>;
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return none(`${python} can't be asked: ${why}`);
  }
  const missing = pythonPeers.filter((name) => !(name in versions));
  return {
    peers: pythonPeers
      .filter((name) => name in versions)
      .map((name) => ({
        name,
        version: versions[name]!,
        database: false,
        run: (job, options) =>
          runChild([python, join(folder, `${name}_job.py`)], job, {
            ...options,
            // polars reads it when it is loaded.
            env: { POLARS_MAX_THREADS: String(job.threads) },
          }),
      })),
    absent: missing.map((name) => ({ name, reason: `${python} has no package ${name}` })),
  };
}

/** `bench/peers` of the repository, from the source tree as from a compiled one; null in an installed package. */
function scriptsFolder(): string | null {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let up = 0; up < 4; up++) {
    folder = dirname(folder);
    const scripts = join(folder, 'bench', 'peers');
    if (existsSync(join(scripts, 'polars_job.py'))) return scripts;
  }
  return null;
}
