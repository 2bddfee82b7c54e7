// Leading `SET option=value;` of Pinot's queries.
import { SegmillError } from '../errors.ts';
import { didYouMean } from '../config/names.ts';
import { isSymbol, isWord, nameOf } from './tokens.ts';
import type { Token } from './tokens.ts';

export interface QuerySettings {
  /** Null: not set. */
  readonly nullHandling: boolean | null;
  readonly timeoutMs: number | null;
}

const optionNames = ['enableNullHandling', 'timeoutMs', 'useMultistageEngine'] as const;
type OptionName = (typeof optionNames)[number];

/**
 * The options, and the tokens behind them without a trailing semicolon.
 * @throws SegmillError QUERY_INVALID for an unknown option or a value that is none
 */
export function takeOptions<T extends Token>(
  all: readonly T[],
): { tokens: readonly T[]; settings: QuerySettings } {
  const values = new Map<OptionName, string>();
  let tokens = all;
  while (isSymbol(tokens[0], ';')) tokens = tokens.slice(1);
  while (isWord(tokens[0], 'set')) {
    const end = tokens.findIndex((token) => isSymbol(token, ';'));
    const [name, value] = optionOf(tokens.slice(1, end < 0 ? tokens.length : end));
    values.set(name, value);
    tokens = end < 0 ? [] : tokens.slice(end + 1);
  }
  while (isSymbol(tokens.at(-1), ';')) tokens = tokens.slice(0, -1);
  // Accepted for the sake of Pinot's clients: there is one engine here.
  flagOf(values, 'useMultistageEngine');
  const nullHandling = flagOf(values, 'enableNullHandling');
  return { tokens, settings: { nullHandling, timeoutMs: timeoutOf(values) } };
}

function optionOf(statement: readonly Token[]): [OptionName, string] {
  const name = nameOf(statement[0]) ?? '';
  const known = optionNames.find((option) => option.toLowerCase() === name.toLowerCase());
  if (known === undefined) {
    throw new SegmillError(
      'QUERY_INVALID',
      `SET ${name === '' ? '?' : name}: not an option of queries; allowed: ${optionNames.join(', ')}.${didYouMean(name, optionNames)}`,
      { option: name },
    );
  }
  const value = statement.slice(isSymbol(statement[1], '=') ? 2 : 1);
  const [only] = value;
  if (only === undefined || value.length > 1) {
    throw new SegmillError(
      'QUERY_INVALID',
      `SET ${known}: found ${value.length === 0 ? 'no value' : 'more than one value'}; write SET ${known}=value; with a semicolon before the SELECT`,
      { option: known },
    );
  }
  return [known, only.text.replace(/^'(.*)'$/s, '$1').toLowerCase()];
}

function flagOf(values: ReadonlyMap<OptionName, string>, name: OptionName): boolean | null {
  const value = values.get(name);
  if (value === undefined) return null;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new SegmillError('QUERY_INVALID', `SET ${name}: found ${value}, allowed: true, false`, {
    option: name,
  });
}

function timeoutOf(values: ReadonlyMap<OptionName, string>): number | null {
  const value = values.get('timeoutMs');
  if (value === undefined) return null;
  if (/^[1-9][0-9]{0,8}$/.test(value)) return Number(value);
  throw new SegmillError(
    'QUERY_INVALID',
    `SET timeoutMs: found ${value}, allowed: 1 to 999999999 milliseconds`,
    { option: 'timeoutMs' },
  );
}
