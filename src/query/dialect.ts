// Pinot's habits on DuckDB's SELECT dialect, made on tokens: leading SET options, `$segmentName` and its kin as
// identifiers, LIMIT a, b, and result columns named as Pinot names them.
import { SegmillError } from '../errors.ts';
import { nearestName } from '../config/names.ts';
import { isSymbol, isWord, nameOf, tokenize } from './tokens.ts';
import type { Token } from './tokens.ts';

export const virtualColumns = ['$segmentName', '$docId', '$hostName'] as const;
export type VirtualColumn = (typeof virtualColumns)[number];

export interface AdaptedQuery {
  /** One statement for DuckDB, without `SET` and a trailing semicolon. */
  readonly sql: string;
  /** Names that may be tables: every word and quoted name of the text. */
  readonly names: ReadonlySet<string>;
  readonly virtualColumns: readonly VirtualColumn[];
  /** Per item of the outermost select list: the name Pinot gives it, null where DuckDB's own is right (aliases, stars). */
  readonly columnNames: readonly (string | null)[] | null;
  readonly nullHandling: boolean | null;
  readonly timeoutMs: number | null;
}

const optionNames = ['enableNullHandling', 'timeoutMs', 'useMultistageEngine'];

/** @throws SegmillError QUERY_INVALID for an unknown option or value, an empty text, or more than one statement */
export function adaptQuery(text: string): AdaptedQuery {
  const all = tokenize(text).filter((token) => token.kind !== 'space');
  const options = new Map<string, string>();
  let tokens = all;
  while (isWord(tokens[0], 'set')) tokens = takeOption(tokens, options);
  while (isSymbol(tokens.at(-1), ';')) tokens = tokens.slice(0, -1);
  checkStatement(tokens);
  const used = virtualColumns.filter((name) => tokens.some((token) => nameOf(token) === name));
  const adapted = limitPair(
    tokens.flatMap((token, i) => adaptToken(token, tokens[i - 1], tokens[i + 1], used)),
  );
  return {
    sql: adapted.map((token) => token.text).join(' '),
    names: new Set(tokens.map(nameOf).filter((name) => name !== null)),
    virtualColumns: used,
    columnNames: selectNames(tokens),
    nullHandling: flagOption(options, 'enableNullHandling'),
    timeoutMs: timeoutOption(options),
  };
}

function checkStatement(tokens: readonly Token[]): void {
  if (tokens.length === 0) {
    throw new SegmillError('QUERY_INVALID', 'the query is empty; give one SELECT statement');
  }
  if (tokens.some((token) => isSymbol(token, ';'))) {
    throw new SegmillError(
      'QUERY_INVALID',
      'found more than one statement, one SELECT is allowed; send them one by one',
    );
  }
  if (!isWord(tokens[0], 'select', 'with', 'from', 'values') && !isSymbol(tokens[0], '(')) {
    throw new SegmillError(
      'QUERY_INVALID',
      `the query begins with ${tokens[0]!.text.toUpperCase()}, only SELECT is allowed; tables are changed by the other commands`,
      { found: tokens[0]!.text },
    );
  }
}

function takeOption(tokens: Token[], options: Map<string, string>): Token[] {
  const end = tokens.findIndex((token) => isSymbol(token, ';'));
  const statement = tokens.slice(0, end < 0 ? tokens.length : end);
  const name = nameOf(statement[1]);
  const known = optionNames.find((option) => option.toLowerCase() === name?.toLowerCase());
  if (known === undefined) {
    const nearest = nearestName(name ?? '', optionNames);
    throw new SegmillError(
      'QUERY_INVALID',
      `SET ${name ?? '?'}: not an option of queries; allowed: ${optionNames.join(', ')}${nearest === null ? '' : `; did you mean ${nearest}?`}`,
    );
  }
  const value = statement.slice(isSymbol(statement[2], '=') ? 3 : 2).map((token) => token.text);
  options.set(known, value.join('').replace(/^'|'$/g, '').toLowerCase());
  return end < 0 ? [] : tokens.slice(end + 1);
}

function flagOption(options: ReadonlyMap<string, string>, name: string): boolean | null {
  const value = options.get(name);
  if (value === undefined) return null;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new SegmillError('QUERY_INVALID', `SET ${name}: found ${value}, allowed: true, false`);
}

function timeoutOption(options: ReadonlyMap<string, string>): number | null {
  const value = options.get('timeoutMs');
  if (value === undefined) return null;
  if (/^[1-9][0-9]{0,8}$/.test(value)) return Number(value);
  throw new SegmillError(
    'QUERY_INVALID',
    `SET timeoutMs: found ${value}, allowed: 1 to 999999999 milliseconds`,
  );
}

function adaptToken(
  token: Token,
  before: Token | undefined,
  after: Token | undefined,
  used: readonly VirtualColumn[],
): Token[] {
  if (token.kind === 'word' && used.includes(token.text as VirtualColumn)) {
    return [{ kind: 'quoted', text: `"${token.text}"` }];
  }
  if (used.length === 0 || !isSelectStar(token, before, after)) return [token];
  // A star stands for the schema's columns, in Pinot without the virtual ones.
  return [token, { kind: 'word', text: `EXCLUDE (${used.map((name) => `"${name}"`).join(', ')})` }];
}

function isSelectStar(token: Token, before: Token | undefined, after: Token | undefined): boolean {
  const opens =
    isWord(before, 'select', 'distinct', 'all') || isSymbol(before, ',') || isSymbol(before, '.');
  const closes =
    after === undefined || isWord(after, 'from') || isSymbol(after, ',') || isSymbol(after, ')');
  return isSymbol(token, '*') && opens && closes;
}

/** LIMIT offset, count -> LIMIT count OFFSET offset. */
function limitPair(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const [limit, offset, comma, count] = tokens.slice(i, i + 4);
    const pair =
      isWord(limit, 'limit') &&
      offset?.kind === 'number' &&
      isSymbol(comma, ',') &&
      count?.kind === 'number';
    if (!pair) {
      out.push(tokens[i]!);
      continue;
    }
    out.push(limit!, count, { kind: 'word', text: 'OFFSET' }, offset);
    i += 3;
  }
  return out;
}

/** Names of the outermost select list, or null where the text does not begin with SELECT. */
function selectNames(tokens: readonly Token[]): (string | null)[] | null {
  if (!isWord(tokens[0], 'select')) return null;
  let start = isWord(tokens[1], 'distinct', 'all') ? 2 : 1;
  const names: (string | null)[] = [];
  let depth = 0;
  for (let i = start; i <= tokens.length; i++) {
    const token = tokens[i];
    if (isSymbol(token, '(') || isSymbol(token, '[')) depth++;
    if (isSymbol(token, ')') || isSymbol(token, ']')) depth--;
    const end =
      token === undefined ||
      (depth === 0 && (isWord(token, 'from', 'limit', 'union') || isSymbol(token, ',')));
    if (!end) continue;
    names.push(itemName(tokens.slice(start, i)));
    if (!isSymbol(token, ',')) break;
    start = i + 1;
  }
  return names;
}

const operators = new Set([
  '+',
  '-',
  '*',
  '/',
  '%',
  '<',
  '>',
  '=',
  '|',
  '(',
  ',',
  '[',
  '.',
  ':',
  '!',
]);

function itemName(item: readonly Token[]): string | null {
  const last = item.at(-1);
  const before = item.at(-2);
  const aliased =
    item.length > 1 &&
    nameOf(last) !== null &&
    !isWord(last, 'end', 'null', 'true', 'false') &&
    !(before?.kind === 'symbol' && operators.has(before.text)) &&
    !isWord(before, 'and', 'or', 'not', 'is', 'in', 'like', 'between');
  if (item.length < 2 || aliased || item.some((token) => isWord(token, 'as', 'case', 'exclude')))
    return null;
  if (isSymbol(last, '*') && isSymbol(before, '.')) return null;
  return item
    .map((token, i) =>
      token.kind === 'word' && isSymbol(item[i + 1], '(') ? token.text.toLowerCase() : token.text,
    )
    .reduce(
      (text, part) =>
        /[\w$]$/.test(text) && /^[\w$"']/.test(part) ? `${text} ${part}` : text + part,
      '',
    );
}
