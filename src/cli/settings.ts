// Process settings from flags, environment and the machine: memory cap, temp disk, workers, clock, output format.
import { availableParallelism } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { machineMemoryBytes } from '../engine/machine.ts';
import { SegmillError } from '../errors.ts';
import { parseInstant, parseSize } from '../config/period.ts';
import type { Parsed } from './flags.ts';
import type { CliIo } from './io.ts';

export const formats = ['table', 'json', 'ndjson', 'csv'] as const;
export type Format = (typeof formats)[number];
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Settings {
  readonly dataDir: string;
  readonly format: Format;
  readonly logLevel: LogLevel;
  readonly quiet: boolean;
  readonly color: boolean;
  /** Null: the real clock. */
  readonly nowMs: number | null;
  readonly memoryBytes: number;
  /** Null: all but 10 % of the disk. */
  readonly tempDiskBytes: number | null;
  readonly workers: number;
}

/** @throws SegmillError USAGE naming flag or variable, the value found and what is allowed */
export function settingsOf(parsed: Parsed, io: CliIo): Settings {
  const setting = (flag: string, variable: string): { text: string; from: string } | undefined => {
    const given = parsed.text(flag);
    if (given !== undefined) return { text: given, from: `--${flag}` };
    const text = io.env[variable];
    return text === undefined || text === '' ? undefined : { text, from: variable };
  };
  const size = (flag: string, variable: string): number | null => {
    const found = setting(flag, variable);
    return found === undefined ? null : checked(found.from, () => parseSize(found.text));
  };
  const dataDir = setting('data-dir', 'SEGMILL_DATA_DIR')?.text ?? 'segmill-data';
  const now = parsed.text('now');
  return {
    dataDir: isAbsolute(dataDir) ? dataDir : join(io.cwd, dataDir),
    format:
      oneOf('--format', parsed.text('format'), formats) ?? (io.outIsTerminal ? 'table' : 'json'),
    logLevel: oneOf('--log-level', parsed.text('log-level'), logLevels) ?? 'warn',
    quiet: parsed.flag('quiet') ?? false,
    color: parsed.flag('color') ?? (io.errIsTerminal && (io.env['NO_COLOR'] ?? '') === ''),
    nowMs: now === undefined ? null : checked('--now', () => parseInstant(now)),
    memoryBytes: size('memory', 'SEGMILL_MEMORY') ?? Math.floor(machineMemoryBytes() / 2),
    tempDiskBytes: size('temp-disk', 'SEGMILL_TEMP_DISK'),
    workers: countOf('--workers', parsed.text('workers')) ?? Math.max(1, availableParallelism()),
  };
}

function checked<T>(from: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SegmillError)) throw error;
    throw new SegmillError('USAGE', `${from}: ${error.message}`, error.details);
  }
}

export function oneOf<T extends string>(
  flag: string,
  value: string | undefined,
  allowed: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((name) => name === value);
  if (found === undefined)
    throw new SegmillError('USAGE', `${flag}: found ${value}, allowed: ${allowed.join(', ')}`);
  return found;
}

/** A whole number of at least `least`. */
export function countOf(flag: string, text: string | undefined, least = 1): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new SegmillError('USAGE', `${flag}: found ${text}, allowed: a whole number from ${least}`);
}

export function instantOf(what: string, text: string): number {
  return checked(what, () => parseInstant(text));
}
