// SQL cut into tokens, so that the dialect's adaptations never touch strings, comments or quoted names.

type TokenKind = 'space' | 'word' | 'number' | 'string' | 'quoted' | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /\s+|--[^\n]*/y],
  // A backslash escapes in E'...' only.
  ['string', /[eE]'(?:[^'\\]+|\\[^]|'')*(?:'|$)/y],
  ['string', /'(?:[^']+|'')*(?:'|$)/y],
  ['string', /\$(\p{L}[\p{L}\p{N}_]*)?\$[^]*?(?:\$\1\$|$)/uy],
  ['quoted', /"(?:[^"]+|"")*(?:"|$)/y],
  ['word', /[\p{L}_$][\p{L}\p{N}_$]*/uy],
  ['number', /[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y],
  ['symbol', /[^]/uy],
];

/** Tokens whose texts, joined, are the SQL again; comments count as space. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length;) {
    const token = sql.startsWith('/*', at) ? blockComment(sql, at) : tokenAt(sql, at);
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

/** Comments nest, as in PostgreSQL. */
function blockComment(sql: string, start: number): Token {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  for (let depth = 0, found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return { kind: 'space', text: sql.slice(start, mark.lastIndex) };
  }
  return { kind: 'space', text: sql.slice(start) };
}

export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toLowerCase());
}

export function isSymbol(token: Token | undefined, ...symbols: readonly string[]): boolean {
  return token?.kind === 'symbol' && symbols.includes(token.text);
}

/** The name that a word or a quoted name stands for; null for other tokens. */
export function nameOf(token: Token | undefined): string | null {
  if (token?.kind === 'word') return token.text;
  if (token?.kind === 'quoted') return token.text.slice(1, -1).replaceAll('""', '"');
  return null;
}

/** How deep each token stands in parentheses, brackets and braces; an opening or closing one counts as outside. */
export function depthsOf(tokens: readonly Token[]): number[] {
  let depth = 0;
  return tokens.map((token) => {
    if (isSymbol(token, ')', ']', '}')) depth--;
    const own = depth;
    if (isSymbol(token, '(', '[', '{')) depth++;
    return own;
  });
}
