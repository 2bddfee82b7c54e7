// Which `*` of a query stand for the columns of a table, and not for those of a subquery or a common table expression.
import { isSymbol, isWord, nameOf } from './tokens.ts';
import type { Token } from './tokens.ts';

const clauseWords = 'select where group having order limit offset window qualify'.split(' ');
const setWords = 'union intersect except'.split(' ');
const joinWords =
  'join on using left right full inner outer cross natural semi anti asof positional tablesample pivot unpivot'.split(
    ' ',
  );

/** Positions of the stars. */
export function starsOverTables(tokens: readonly Token[]): number[] {
  const scopes = scopesOf(tokens);
  const relations = relationsByScope(tokens, scopes);
  return [...tokens.keys()].filter((i) => {
    if (!isSelectStar(tokens, i)) return false;
    const tables = relations.get(scopes[i]!);
    const qualifier = isSymbol(tokens[i - 1], '.') ? nameOf(tokens[i - 2]) : null;
    if (tables === undefined) return false;
    return qualifier === null || tables.has(qualifier.toLowerCase());
  });
}

function isSelectStar(tokens: readonly Token[], i: number): boolean {
  if (!isSymbol(tokens[i], '*') || isSymbol(tokens[i - 1], '(')) return false;
  const after = tokens[i + 1];
  if (after === undefined || isSymbol(after, ',', ')')) return true;
  if (isWord(after, 'from', ...clauseWords, ...setWords)) return true;
  const opens =
    isWord(tokens[i - 1], 'select', 'distinct', 'all') || isSymbol(tokens[i - 1], ',', '.');
  return opens && isWord(after, 'exclude', 'replace', 'rename');
}

/** Names that WITH defines: `name AS (` and `name (columns) AS (`. */
function commonTables(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>();
  tokens.forEach((token, i) => {
    if (!isWord(token, 'as')) return;
    let opening = i + 1;
    while (isWord(tokens[opening], 'not', 'materialized')) opening++;
    if (!isSymbol(tokens[opening], '(')) return;
    let before = i - 1;
    if (isSymbol(tokens[before], ')')) {
      while (before > 0 && !isSymbol(tokens[before], '(')) before--;
      before--;
    }
    const name = nameOf(tokens[before]);
    if (name !== null) names.add(name.toLowerCase());
  });
  return names;
}

/** By token, the SELECT that it belongs to: parentheses open one, UNION and its kin begin the next. */
function scopesOf(tokens: readonly Token[]): number[] {
  const open = [0];
  let count = 1;
  return tokens.map((token) => {
    if (isSymbol(token, ')') && open.length > 1) open.pop();
    if (isWord(token, ...setWords)) open[open.length - 1] = count++;
    const own = open.at(-1)!;
    if (isSymbol(token, '(')) open.push(count++);
    return own;
  });
}

/** By SELECT, names and aliases in lower case of the tables that it reads; none where it reads only subqueries. */
function relationsByScope(
  tokens: readonly Token[],
  scopes: readonly number[],
): Map<number, Set<string>> {
  const queries = commonTables(tokens);
  const inFrom = new Set<number>();
  const relations = new Map<number, Set<string>>();
  tokens.forEach((token, i) => {
    const scope = scopes[i]!;
    const isFrom = isWord(token, 'from') && !isWord(tokens[i - 1], 'distinct');
    if (isWord(token, ...clauseWords)) inFrom.delete(scope);
    if (isFrom) inFrom.add(scope);
    const opens = isFrom || (inFrom.has(scope) && (isWord(token, 'join') || isSymbol(token, ',')));
    const names = opens ? relationAt(tokens, i + 1) : [];
    if (names.length === 0 || queries.has(names[0]!)) return;
    const known = relations.get(scope) ?? new Set();
    for (const name of names) known.add(name);
    relations.set(scope, known);
  });
  return relations;
}

function relationAt(tokens: readonly Token[], start: number): string[] {
  let i = start;
  while (nameOf(tokens[i]) !== null && isSymbol(tokens[i + 1], '.')) i += 2;
  const name = nameOf(tokens[i]);
  if (name === null || isSymbol(tokens[i + 1], '(')) return [];
  i += isWord(tokens[i + 1], 'as') ? 2 : 1;
  const token = tokens[i];
  const isAlias = !isWord(token, ...clauseWords, ...setWords, ...joinWords, 'from');
  const alias = isAlias ? nameOf(token) : null;
  return [name, ...(alias === null ? [] : [alias])].map((text) => text.toLowerCase());
}
