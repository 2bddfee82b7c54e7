// SQL cut into tokens, so that the dialect's adaptations never touch strings, comments or quoted names.

export type TokenKind = 'space' | 'word' | 'number' | 'string' | 'quoted' | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /(?:\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))+/y],
  ['string', /[eE]?'(?:[^']|'')*(?:'|$)/y],
  ['string', /\$\$[\s\S]*?(?:\$\$|$)/y],
  ['quoted', /"(?:[^"]|"")*(?:"|$)/y],
  ['word', /[\p{L}_$][\p{L}\p{N}_$]*/uy],
  ['number', /(?:[0-9][0-9_]*)?\.?[0-9]+(?:[eE][+-]?[0-9]+)?/y],
  ['symbol', /[^]/y],
];

/** Tokens whose texts, joined, are the SQL again. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length;) {
    const token = tokenAt(sql, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(sql: string, at: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined && text !== '') return { kind, text };
  }
  throw new Error(`invariant broken: no token at ${at}`);
}

export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toLowerCase());
}

export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol;
}

/** The name that a word or a quoted name stands for; null for other tokens. */
export function nameOf(token: Token | undefined): string | null {
  if (token?.kind === 'word') return token.text;
  if (token?.kind === 'quoted') return token.text.slice(1, -1).replaceAll('""', '"');
  return null;
}
