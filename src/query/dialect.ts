// Pinot's habits on DuckDB's SELECT dialect, made on tokens: leading SET options, `$segmentName` and its kin as
// identifiers, LIMIT a, b, and result columns named as Pinot names them.
import { SegmillError } from '../errors.ts';
import { nearestName } from '../config/names.ts';
import { nestingDepthMax, queryTextMax } from '../limits.ts';
import { isRefusedFunction } from './functions.ts';
import { takeOptions } from './options.ts';
import type { QuerySettings } from './options.ts';
import { selectItems } from './select-items.ts';
import type { SelectItem } from './select-items.ts';
import { starsOverTables } from './stars.ts';
import { depthsOf, isSymbol, isWord, nameOf, tokenize } from './tokens.ts';
import type { Token } from './tokens.ts';

export const virtualColumns = ['$segmentName', '$docId', '$hostName'] as const;
export type VirtualColumn = (typeof virtualColumns)[number];

export interface AdaptedQuery {
  /** One statement for DuckDB, without `SET` and a trailing semicolon. */
  readonly sql: string;
  /** Names that may be tables or columns: every word and quoted name of the text, and pairs joined by a dot. */
  readonly names: ReadonlySet<string>;
  readonly virtualColumns: readonly VirtualColumn[];
  /** The outermost select list; null where there is none to be seen. */
  readonly items: readonly SelectItem[] | null;
  readonly settings: QuerySettings;
}

/** A token that means something, and the space and comments before it. */
interface PlacedToken extends Token {
  readonly gap: string;
}

/** @throws SegmillError QUERY_INVALID for an unknown option or value, an empty text, or more than one statement */
export function adaptQuery(text: string): AdaptedQuery {
  if (text.length > queryTextMax) {
    throw new SegmillError(
      'QUERY_INVALID',
      `the query has ${text.length} characters, the limit is ${queryTextMax}`,
      { length: text.length, limit: queryTextMax },
    );
  }
  const { tokens: statement, settings } = takeOptions(placed(tokenize(text)));
  checkStatement(statement);
  const tokens = statement.map(asKnownVirtual);
  const used = virtualColumns.filter((name) => tokens.some((token) => nameOf(token) === name));
  const whole = used.length > 0 ? withSelect(tokens) : tokens;
  return {
    sql: adaptedText(whole, used),
    names: namesOf(tokens),
    virtualColumns: used,
    items: selectItems(tokens),
    settings,
  };
}

function placed(tokens: readonly Token[]): PlacedToken[] {
  const out: PlacedToken[] = [];
  let gap = '';
  for (const token of tokens) {
    if (token.kind === 'space') {
      gap += token.text;
      continue;
    }
    out.push({ ...token, gap });
    gap = '';
  }
  return out;
}

function checkStatement(tokens: readonly Token[]): void {
  const first = tokens[0];
  if (first === undefined) {
    throw new SegmillError('QUERY_INVALID', 'the query is empty; give one SELECT statement');
  }
  if (tokens.some((token) => isSymbol(token, ';'))) {
    throw new SegmillError(
      'QUERY_INVALID',
      'found more than one statement, one SELECT is allowed; send them one by one',
    );
  }
  const depths = depthsOf(tokens);
  const verb = isWord(first, 'with') ? mainVerb(tokens, depths) : first;
  if (!isWord(verb, 'select', 'with', 'from', 'values') && !isSymbol(verb, '(')) {
    const found = verb.text.slice(0, 40);
    throw new SegmillError(
      'QUERY_INVALID',
      `found ${found.toUpperCase()}, only SELECT is allowed; tables are changed by the other commands`,
      { found },
    );
  }
  const depth = depths.reduce((deepest, at) => Math.max(deepest, at), 0);
  if (depth > nestingDepthMax) {
    throw new SegmillError(
      'QUERY_INVALID',
      `the query nests parentheses ${depth} deep, the limit is ${nestingDepthMax}`,
      { depth, limit: nestingDepthMax },
    );
  }
  tokens.forEach((token, i) => {
    const name = nameOf(token);
    if (name !== null && isSymbol(tokens[i + 1], '(')) checkFunction(name);
  });
}

/** What stands behind the tables of a WITH; the WITH itself where nothing known does. */
function mainVerb(tokens: readonly Token[], depths: readonly number[]): Token {
  const isVerb = (token: Token, i: number): boolean =>
    depths[i] === 0 &&
    isWord(token, 'select', 'from', 'values', 'insert', 'update', 'delete', 'merge') &&
    !isWord(tokens[i + 1], 'as');
  return tokens.find(isVerb) ?? tokens[0]!;
}

function checkFunction(name: string): void {
  if (!isRefusedFunction(name)) return;
  throw new SegmillError(
    'QUERY_INVALID',
    `function ${name} is not available: queries read tables, not files or the state of the engine`,
    { function: name },
  );
}

/** A `$name` is a virtual column, in any letter case, or a slip: DuckDB would take it for a parameter. */
function asKnownVirtual(token: PlacedToken): PlacedToken {
  if (token.kind !== 'word' || !token.text.startsWith('$')) return token;
  const known = virtualColumns.find((name) => name.toLowerCase() === token.text.toLowerCase());
  if (known !== undefined) return { kind: 'quoted', text: `"${known}"`, gap: token.gap };
  const nearest = nearestName(token.text, virtualColumns);
  throw new SegmillError(
    'QUERY_INVALID',
    `${token.text} is no virtual column; there are ${virtualColumns.join(', ')}${nearest === null ? '' : `; did you mean ${nearest}?`}`,
    { found: token.text },
  );
}

/** `FROM t` alone stands for `SELECT * FROM t`: written out, so that its star is seen. */
function withSelect(tokens: readonly PlacedToken[]): readonly PlacedToken[] {
  const depths = depthsOf(tokens);
  const hasSelect = tokens.some((token, i) => depths[i] === 0 && isWord(token, 'select'));
  if (!isWord(tokens[0], 'from') || hasSelect) return tokens;
  return [
    { kind: 'word', text: 'SELECT', gap: '' },
    { kind: 'symbol', text: '*', gap: ' ' },
    ...tokens.map((token, i) => (i === 0 ? { ...token, gap: ` ${token.gap}` } : token)),
  ];
}

function adaptedText(tokens: readonly PlacedToken[], used: readonly VirtualColumn[]): string {
  const texts = tokens.map(({ text }) => text);
  // A star stands for the schema's columns, in Pinot without the virtual ones.
  const hidden = used.map((name) => `"${name}"`).join(', ');
  for (const star of used.length > 0 ? starsOverTables(tokens) : []) {
    if (isWord(tokens[star + 1], 'exclude')) {
      const list = isSymbol(tokens[star + 2], '(');
      texts[star + 2] = list ? `(${hidden}, ` : `(${hidden}, ${texts[star + 2]})`;
    } else texts[star] = `* EXCLUDE (${hidden})`;
  }
  tokens.forEach((token, i) => {
    const [offset, comma, count] = tokens.slice(i + 1, i + 4);
    const isPair = offset?.kind === 'number' && isSymbol(comma, ',') && count?.kind === 'number';
    if (!isWord(token, 'limit') || !isPair) return;
    texts[i + 1] = count.text;
    texts[i + 2] = ' OFFSET ';
    texts[i + 3] = offset.text;
  });
  return tokens.map(({ gap }, i) => gap + texts[i]!).join('');
}

function namesOf(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>();
  tokens.forEach((token, i) => {
    const name = nameOf(token);
    if (name === null) return;
    names.add(name);
    const after = isSymbol(tokens[i + 1], '.') ? nameOf(tokens[i + 2]) : null;
    if (after !== null) names.add(`${name}.${after}`);
  });
  return names;
}
