// `run(argv, io)`: the whole program.
import { openEngine } from '../engine/engine.ts';
import type { Engine } from '../engine/engine.ts';
import { exitCodeOf, isRetriable, SegmillError } from '../errors.ts';
import { nearestName } from '../config/names.ts';
import { stringifyJson } from '../json/stringify.ts';
import { parseFlags } from './flags.ts';
import { generalHelp, verbHelp } from './help.ts';
import type { CliIo } from './io.ts';
import { createLog } from './log.ts';
import { settingsOf } from './settings.ts';
import type { Settings } from './settings.ts';
import type { Verb } from './verb.ts';
import { verbs } from './verbs.ts';
import { programVersion } from './version.ts';

/** Runs one command line and returns its exit code (`cli.md`); results and errors go to `io`, never elsewhere. */
export async function run(argv: readonly string[], io: CliIo): Promise<number> {
  const format = asksForJson(argv) ? 'json' : 'text';
  let debug = false;
  try {
    const { name, verb, rest } = findVerb(argv);
    if (verb === null) return generalTalk(name, rest, io);
    const parsed = parseFlags(rest, verb.flags, name);
    if (parsed.flag('help') === true) {
      io.out(verbHelp(name, verb));
      return 0;
    }
    const settings = settingsOf(parsed, io);
    debug = settings.logLevel === 'debug';
    checkWords(name, verb, parsed.positionals);
    return await runVerb(verb, { parsed, settings, io });
  } catch (error) {
    return reportError(error, { io, format, debug });
  }
}

/** Errors are JSON where it was asked for, also when the rest of the line can't be read. */
function asksForJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, i) => word === '--format=json' || (word === 'json' && argv[i - 1] === '--format'),
  );
}

async function runVerb(
  verb: Verb,
  {
    parsed,
    settings,
    io,
  }: { parsed: ReturnType<typeof parseFlags>; settings: Settings; io: CliIo },
): Promise<number> {
  let engine: Engine | null = null;
  const say = (line: string): void => {
    if (!settings.quiet) io.err(line);
  };
  try {
    return await verb.run({
      io,
      settings,
      parsed,
      positionals: parsed.positionals,
      say,
      engine: async ({ create = false } = {}) => (engine ??= await open(settings, io, create)),
    });
  } finally {
    await (engine as Engine | null)?.close();
  }
}

function open(settings: Settings, io: CliIo, create: boolean): Promise<Engine> {
  const { dataDir, memoryBytes, tempDiskBytes, workers, nowMs } = settings;
  return openEngine({
    dataDir,
    create,
    memoryBytes,
    tempDiskBytes,
    workers,
    signal: io.signal,
    log: createLog(settings, io),
    ...(nowMs === null ? {} : { now: (): number => nowMs }),
  });
}

interface FoundVerb {
  /** `table add`, `run`, or what was typed where it is none. */
  readonly name: string;
  readonly verb: Verb | null;
  readonly rest: readonly string[];
}

/** Flags may stand before the verb; verbs of two words (`table add`) are found first. */
function findVerb(argv: readonly string[]): FoundVerb {
  const names = Object.keys(verbs);
  const first = argv.findIndex((word, i) => !word.startsWith('-') && !takesValue(argv[i - 1]));
  if (first < 0) return { name: '', verb: null, rest: argv };
  const second = argv[first + 1];
  const two = `${argv[first]} ${second ?? ''}`;
  for (const [name, words] of [
    [two, 2],
    [argv[first]!, 1],
  ] as const) {
    const verb = verbs[name];
    if (verb !== undefined)
      return { name, verb, rest: [...argv.slice(0, first), ...argv.slice(first + words)] };
  }
  const typed = argv[first]!;
  const group = names.filter((name) => name.startsWith(`${typed} `));
  if (group.length > 0) {
    if (argv.includes('--help') || argv.includes('-h'))
      return { name: typed, verb: null, rest: argv };
    throw new SegmillError(
      'USAGE',
      `${typed}: found ${second ?? 'nothing'} after it, allowed: ${group.map((name) => name.slice(typed.length + 1)).join(', ')}`,
    );
  }
  if (typed === 'help')
    return { name: argv.slice(first + 1, first + 3).join(' '), verb: null, rest: ['--help'] };
  throw unknownCommand(typed);
}

function unknownCommand(typed: string): SegmillError {
  const known = new Set(Object.keys(verbs).map((name) => name.split(' ')[0]!));
  const nearest = nearestName(typed, known);
  return new SegmillError(
    'USAGE',
    `unknown command ${typed}${nearest === null ? '' : `; did you mean ${nearest}?`} (segmill --help lists them)`,
    { found: typed },
  );
}

/** A word behind one of these flags is its value, not the verb. */
const valueFlags = [
  '--data-dir',
  '--format',
  '--log-level',
  '--now',
  '--memory',
  '--temp-disk',
  '--workers',
];

function takesValue(flag: string | undefined): boolean {
  return flag !== undefined && valueFlags.includes(flag);
}

function generalTalk(name: string, rest: readonly string[], io: CliIo): number {
  if (rest.includes('--version')) {
    io.out(programVersion());
    return 0;
  }
  const verb = verbs[name];
  if (rest.includes('--help') || rest.includes('-h')) {
    const group = Object.keys(verbs).some((known) => known.startsWith(`${name} `));
    if (verb === undefined && name !== '' && !group) throw unknownCommand(name);
    io.out(verb === undefined ? generalHelp(verbs, name) : verbHelp(name, verb));
    return 0;
  }
  // Only flags were given: those that are none are named.
  parseFlags(rest, {}, '');
  io.err(generalHelp(verbs, ''));
  return 2;
}

function checkWords(
  name: string,
  { words: [least, most], usage }: Verb,
  positionals: readonly string[],
): void {
  if (positionals.length < least)
    throw new SegmillError(
      'USAGE',
      `${name}: found ${positionals.length} words after it, needs ${least}; usage: segmill ${usage}`,
    );
  if (positionals.length > most)
    throw new SegmillError(
      'USAGE',
      `${name}: ${positionals[most]} is one word too many; usage: segmill ${usage}`,
    );
}

function reportError(
  error: unknown,
  { io, format, debug }: { io: CliIo; format: string; debug: boolean },
): number {
  const stack = error instanceof Error ? error.stack : undefined;
  if (!(error instanceof SegmillError)) {
    const message = error instanceof Error ? error.message : String(error);
    io.err(
      format === 'json'
        ? stringifyJson({ error: { code: 'INTERNAL', message, details: {} } })
        : `segmill: INTERNAL: ${message}; this is a bug in segmill, please report it with the stack below`,
    );
    if (stack !== undefined) io.err(stack);
    return 1;
  }
  const { code, message, details } = error;
  io.err(
    format === 'json'
      ? stringifyJson({ error: { code, message, details, retriable: isRetriable(code) } })
      : `segmill: ${code}: ${message}`,
  );
  if (debug && stack !== undefined) io.err(stack);
  if (code === 'CANCELLED') return io.signal.reason === 'SIGTERM' ? 143 : 130;
  return exitCodeOf(code);
}
