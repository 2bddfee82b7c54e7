// What a verb of the command line is: one entry of the table in `verbs.ts`.
import type { Engine } from '../engine/engine.ts';
import { SegmillError } from '../errors.ts';
import type { Flags, Parsed } from './flags.ts';
import type { CliIo } from './io.ts';
import type { Settings } from './settings.ts';

export interface VerbContext {
  readonly io: CliIo;
  readonly settings: Settings;
  readonly parsed: Parsed;
  readonly positionals: readonly string[];
  /** Opened at the first call; `create` makes the data directory. */
  readonly engine: (options?: { readonly create?: boolean }) => Promise<Engine>;
  /** A line of talk on stderr, unless quiet. */
  readonly say: (line: string) => void;
}

export interface Verb {
  readonly usage: string;
  readonly summary: string;
  readonly flags: Flags;
  readonly examples: readonly string[];
  /** Least and most words after the verb. */
  readonly words: readonly [number, number];
  /** The exit code. */
  readonly run: (context: VerbContext) => Promise<number>;
}

/** The word at a place; `words` of the verb guarantees that it is there. */
export function word({ positionals }: VerbContext, at: number): string {
  const found = positionals[at];
  if (found === undefined) throw new Error(`invariant broken: word ${at} is missing`);
  return found;
}

export function requiredText({ parsed }: VerbContext, flag: string, usage: string): string {
  const text = parsed.text(flag);
  if (text !== undefined) return text;
  throw new SegmillError('USAGE', `--${flag} is missing; usage: segmill ${usage}`, { flag });
}
