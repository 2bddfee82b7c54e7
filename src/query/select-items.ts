// The outermost select list and how Pinot names its columns.
import { depthsOf, isSymbol, isWord, nameOf } from './tokens.ts';
import type { Token } from './tokens.ts';
import type { ResultColumn } from './result.ts';

/** `star` gives any number of columns; `name` null: DuckDB's own name is right (aliases, plain columns). */
export type SelectItem =
  | { readonly kind: 'star' }
  | { readonly kind: 'column'; readonly name: string | null };

const endWords =
  'from where group having order limit offset window qualify union intersect except into'.split(
    ' ',
  );

export function selectItems(tokens: readonly Token[]): SelectItem[] | null {
  const depths = depthsOf(tokens);
  const select = tokens.findIndex((token, i) => depths[i] === 0 && isWord(token, 'select'));
  if (select < 0) return null;
  let start = select + (isWord(tokens[select + 1], 'distinct', 'all') ? 2 : 1);
  if (isWord(tokens[start - 1], 'distinct') && isWord(tokens[start], 'on')) return null;
  const items: SelectItem[] = [];
  for (let i = start; i <= tokens.length; i++) {
    const token = tokens[i];
    const separates = depths[i] === 0 && isSymbol(token, ',');
    const ends = token === undefined || (depths[i] === 0 && isWord(token, ...endWords));
    if (!separates && !ends) continue;
    items.push(itemOf(tokens.slice(start, i), depths.slice(start, i)));
    if (ends) break;
    start = i + 1;
  }
  return items;
}

const nameEnders = ['end', 'null', 'true', 'false'] as const;
const operatorWords = ['and', 'or', 'not', 'is', 'in', 'like', 'between'] as const;

function itemOf(item: readonly Token[], depths: readonly number[]): SelectItem {
  const [first, second] = item;
  const last = item.at(-1);
  const before = item.at(-2);
  const expands =
    isSymbol(first, '*') ||
    item.some((token, i) => isSymbol(token, '*') && isSymbol(item[i - 1], '.')) ||
    item.some((token, i) => isWord(token, 'columns', 'unnest') && isSymbol(item[i + 1], '('));
  if (expands) return { kind: 'star' };
  const aliased =
    nameOf(last) !== null &&
    !isWord(last, ...nameEnders) &&
    (before?.kind !== 'symbol' || isSymbol(before, ')', ']', '}')) &&
    !isWord(before, ...operatorWords);
  const prefixed = isSymbol(second, ':') && !isSymbol(item[2], ':');
  const isPath = item.every((token, i) => (i % 2 === 0 ? nameOf(token) : isSymbol(token, '.')));
  const explicit = item.some((token, i) => depths[i] === 0 && isWord(token, 'as', 'case'));
  const plain = aliased || prefixed || isPath || explicit || item.length === 1;
  return { kind: 'column', name: plain ? null : itemText(item) };
}

/** As Pinot writes it: function names in lower case, names without quotes, no space but between words. */
function itemText(item: readonly Token[]): string {
  return item
    .map((token, i) => {
      if (token.kind === 'quoted') return nameOf(token)!;
      return token.kind === 'word' && isSymbol(item[i + 1], '(')
        ? token.text.toLowerCase()
        : token.text;
    })
    .reduce(
      (text, part) =>
        /[\w$'"]$/.test(text) && /^[\w$'"]/.test(part) ? `${text} ${part}` : text + part,
      '',
    );
}

/** The columns with Pinot's names; those that a star stands for keep their own. */
export function named(
  columns: readonly ResultColumn[],
  items: readonly SelectItem[] | null,
): ResultColumn[] {
  const out = columns.map((column) =>
    column.name === 'count_star()' ? { ...column, name: 'count(*)' } : column,
  );
  const rename = (at: number, item: SelectItem): void => {
    const column = out[at];
    if (column === undefined || item.kind === 'star' || item.name === null) return;
    out[at] = { ...column, name: item.name };
  };
  const all = items ?? [];
  const firstStar = all.findIndex(({ kind }) => kind === 'star');
  if (firstStar < 0) {
    if (all.length === out.length) all.forEach((item, i) => rename(i, item));
    return out;
  }
  const lastStar = all.findLastIndex(({ kind }) => kind === 'star');
  all.slice(0, firstStar).forEach((item, i) => rename(i, item));
  const behind = all.slice(lastStar + 1);
  behind.forEach((item, i) => rename(out.length - behind.length + i, item));
  return out;
}
