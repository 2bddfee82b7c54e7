// Flags of the command line: the ones every verb knows, and parsing with errors that name the nearest flag.
import { parseArgs } from 'node:util';
import { SegmillError } from '../errors.ts';
import { nearestName } from '../config/names.ts';

export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** Placeholder of the value in help, such as `FILE`. */
  readonly value?: string;
  readonly help: string;
  /** A flag that is on unless it is denied: help shows `--no-NAME`. */
  readonly denied?: boolean;
}

export type Flags = Readonly<Record<string, Flag>>;

export const commonFlags: Flags = {
  'data-dir': {
    type: 'string',
    value: 'DIR',
    help: 'where tables, catalog and segments live (SEGMILL_DATA_DIR; ./segmill-data)',
  },
  format: {
    type: 'string',
    value: 'F',
    help: 'table, json, ndjson or csv; table when stdout is a terminal, else json',
  },
  'log-level': { type: 'string', value: 'L', help: 'error, warn, info or debug (default warn)' },
  quiet: { type: 'boolean', help: 'no talk and no progress on stderr' },
  color: {
    type: 'boolean',
    denied: true,
    help: 'no colour (NO_COLOR is honoured; --color asks for it)',
  },
  now: {
    type: 'string',
    value: 'TIME',
    help: 'the clock for planning, names and dates (ISO-8601 or epoch ms)',
  },
  memory: {
    type: 'string',
    value: 'SIZE',
    help: 'cap for the columns of a window; one that needs more fails (SEGMILL_MEMORY; half of what the machine allows)',
  },
  'temp-disk': {
    type: 'string',
    value: 'SIZE',
    help: 'cap for unfinished outputs (SEGMILL_TEMP_DISK)',
  },
  workers: {
    type: 'string',
    value: 'N',
    help: 'threads (default: what the machine or cgroup allows)',
  },
  help: { type: 'boolean', short: 'h', help: 'this text' },
};

export interface Parsed {
  readonly positionals: readonly string[];
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  flag(name: string): boolean | undefined;
}

/**
 * @param verb empty when there is none
 * @throws SegmillError USAGE naming the flag and the nearest known one
 */
export function parseFlags(argv: readonly string[], flags: Flags, verb: string): Parsed {
  const all: Flags = { ...commonFlags, ...flags };
  const options = Object.fromEntries(
    Object.entries(all).map(([name, { type, short, multiple }]) => [
      name,
      {
        type,
        ...(short === undefined ? {} : { short }),
        ...(multiple === true ? { multiple } : {}),
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: withNegatives(argv, all),
      options,
      allowPositionals: true,
      allowNegative: true,
    });
    return {
      positionals,
      text: (name) => single(values[name], 'string', name),
      texts: (name) =>
        Array.isArray(values[name])
          ? values[name].filter((value) => typeof value === 'string')
          : [],
      flag: (name) => single(values[name], 'boolean', name),
    };
  } catch (error) {
    throw usageError(error, argv, all, verb);
  }
}

/** `--flag -5` as `--flag=-5`: the value's own check says what is allowed. */
function withNegatives(argv: readonly string[], flags: Flags): string[] {
  const args: string[] = [];
  for (const word of argv) {
    const before = args.at(-1);
    const takesValue =
      before?.startsWith('--') === true && flags[before.slice(2)]?.type === 'string';
    if (takesValue && /^-[0-9]/.test(word)) args[args.length - 1] = `${before}=${word}`;
    else args.push(word);
  }
  return args;
}

function single<T extends 'string' | 'boolean'>(
  value: unknown,
  type: T,
  name: string,
): (T extends 'string' ? string : boolean) | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== type) throw new Error(`invariant broken: --${name} is read as ${type}`);
  return value as T extends 'string' ? string : boolean;
}

function usageError(error: unknown, argv: readonly string[], flags: Flags, verb: string): Error {
  const message = error instanceof Error ? error.message : String(error);
  const [prefix, command] = verb === '' ? ['', 'segmill'] : [`${verb}: `, `segmill ${verb}`];
  const ambiguous = /^Option '(?:-., )?(--[^' ]*)[^']*' argument is ambiguous/.exec(message)?.[1];
  if (ambiguous !== undefined) {
    const found = argv[argv.indexOf(ambiguous) + 1] ?? 'nothing';
    return new SegmillError(
      'USAGE',
      `${prefix}${ambiguous}: found ${found}, allowed: a value (${ambiguous}=VALUE where it begins with -); see ${command} --help`,
      { verb, flag: ambiguous },
    );
  }
  const unknown = /Unknown option '(-[^']*)'/.exec(message)?.[1];
  if (unknown === undefined) {
    const [first = message] = message.split('\n');
    return new SegmillError('USAGE', `${prefix}${first}; see ${command} --help`, { verb });
  }
  const nearest = nearestName(unknown.replace(/^-+(no-)?/, ''), Object.keys(flags));
  const hint = nearest === null ? '' : `; did you mean --${nearest}?`;
  return new SegmillError(
    'USAGE',
    `${prefix}unknown flag ${unknown}${hint} (${command} --help lists them)`,
    { verb, flag: unknown, given: argv.join(' ') },
  );
}
