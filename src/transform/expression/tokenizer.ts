// Text of an ingestion expression into tokens. `at` is the UTF-16 position of a token, for messages.
import { SegmillError } from '../../errors.ts';

export interface Token {
  /** `name`: a bare word; `quoted`: an identifier in double quotes or backticks. */
  readonly kind: 'name' | 'quoted' | 'text' | 'number' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
}

const pattern =
  /\s+|(?<name>[\p{L}_$][\p{L}\p{N}_$.]*)|(?<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|'(?<text>(?:[^']|'')*)'|"(?<quoted>(?:[^"]|"")*)"|`(?<ticked>(?:[^`]|``)*)`|(?<symbol><>|<=|>=|!=|==|[-+*/%(),=<>])/uy;

/** @throws SegmillError CONFIG_INVALID at a character that starts no token */
export function tokenize(text: string, where: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) throw syntaxError(text, where, at, unreadable(text[at]!));
    const token = tokenOf(found.groups ?? {}, at);
    if (token !== null) tokens.push(token);
    at = pattern.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
}

function tokenOf(groups: Record<string, string | undefined>, at: number): Token | null {
  const { name, number, text, quoted, ticked, symbol } = groups;
  if (name !== undefined) return { kind: 'name', text: name, at };
  if (number !== undefined) return { kind: 'number', text: number, at };
  if (text !== undefined) return { kind: 'text', text: text.replaceAll("''", "'"), at };
  if (quoted !== undefined) return { kind: 'quoted', text: quoted.replaceAll('""', '"'), at };
  if (ticked !== undefined) return { kind: 'quoted', text: ticked.replaceAll('``', '`'), at };
  if (symbol !== undefined) return { kind: 'symbol', text: symbol, at };
  return null;
}

function unreadable(character: string): string {
  if (character === "'") return 'this text has no closing quote; write a quote inside text twice';
  if (character === '"' || character === '`') return 'this name has no closing quote';
  return `"${character}" has no meaning here`;
}

export function syntaxError(text: string, where: string, at: number, why: string): SegmillError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}...` : text;
  return new SegmillError(
    'CONFIG_INVALID',
    `${where}: character ${at + 1} of the expression ${JSON.stringify(shown)}: ${why}`,
    { where, offset: at },
  );
}
