// `doctor`: the machine, versions, limits, and what is off.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { memoryLeastBytes } from '../planner/estimate.ts';
import { openLocalStore } from '../store/local.ts';

export interface DoctorCheck {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly advice: string | null;
}

export interface DoctorOptions {
  readonly dataDir: string;
  readonly memoryBytes: number;
  readonly workers: number;
}

const nodeLeast = [20, 19] as const;
const freeBytesLeast = 1 << 30;
const openFilesLeast = 1024;

/** Looks only; nothing is changed, and no data directory is needed. */
export async function doctor(options: DoctorOptions): Promise<DoctorCheck[]> {
  return [
    nodeCheck(),
    coresCheck(options),
    memoryCheck(options),
    openFilesCheck(),
    await packagesCheck(),
    directoryCheck(options.dataDir),
    await diskCheck(options.dataDir),
  ];
}

function nodeCheck(): DoctorCheck {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const fine = major > nodeLeast[0] || (major === nodeLeast[0] && minor >= nodeLeast[1]);
  return {
    check: 'node',
    state: fine ? 'ok' : 'fail',
    found: process.versions.node,
    advice: fine ? null : `segmill needs Node ${nodeLeast.join('.')} or newer`,
  };
}

function coresCheck({ workers }: DoctorOptions): DoctorCheck {
  const allowed = availableParallelism();
  const model = cpus()[0]?.model ?? 'unknown processor';
  const found = `${allowed} of ${cpus().length} (${model}), ${workers} workers`;
  return {
    check: 'cores',
    state: workers > allowed ? 'warn' : 'ok',
    found,
    advice:
      workers > allowed ? `more workers than the ${allowed} cores allowed make it slower` : null,
  };
}

function memoryCheck({ memoryBytes }: DoctorOptions): DoctorCheck {
  const cap = memoryBytes < 2 ** 20 ? `${memoryBytes} B` : mebibytes(memoryBytes);
  const found = `cap ${cap} of ${mebibytes(totalmem())}`;
  const advice =
    memoryBytes < memoryLeastBytes
      ? `a window needs at least ${mebibytes(memoryLeastBytes)}; raise --memory`
      : memoryBytes > totalmem() * 0.9
        ? 'the cap leaves the machine less than a tenth; lower --memory'
        : null;
  return { check: 'memory', state: advice === null ? 'ok' : 'warn', found, advice };
}

function openFilesCheck(): DoctorCheck {
  const limits = existsSync('/proc/self/limits') ? readFileSync('/proc/self/limits', 'utf8') : '';
  const soft = Number(/Max open files\s+(\d+)/.exec(limits)?.[1] ?? NaN);
  if (Number.isNaN(soft))
    return { check: 'open files', state: 'ok', found: 'no limit known', advice: null };
  const low = soft < openFilesLeast;
  return {
    check: 'open files',
    state: low ? 'warn' : 'ok',
    found: String(soft),
    advice: low ? `raise it to ${openFilesLeast} or more (ulimit -n)` : null,
  };
}

async function packagesCheck(): Promise<DoctorCheck> {
  const { version } = await import('@duckdb/node-api');
  return { check: 'duckdb', state: 'ok', found: version(), advice: null };
}

function directoryCheck(dataDir: string): DoctorCheck {
  let folder = dataDir;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return {
      check: 'data directory',
      state: 'ok',
      found: existsSync(dataDir) ? dataDir : `${dataDir} (not there yet)`,
      advice: null,
    };
  } catch (error) {
    return {
      check: 'data directory',
      state: 'fail',
      found: `${folder}: ${error instanceof Error ? error.message : String(error)}`,
      advice: 'name another with --data-dir, or let this user write there',
    };
  }
}

async function diskCheck(dataDir: string): Promise<DoctorCheck> {
  let folder = dataDir;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const free = await openLocalStore(folder).freeBytes();
  const low = free < freeBytesLeast;
  return {
    check: 'disk',
    state: low ? 'warn' : 'ok',
    found: `${mebibytes(free)} free`,
    advice: low ? 'less than 1 GiB: spills and outputs may not fit' : null,
  };
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
