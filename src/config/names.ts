import type { TableType } from './types.ts';

const namePattern = /^[\p{L}\p{N}_][\p{L}\p{N}_-]*(\.[\p{L}\p{N}_][\p{L}\p{N}_-]*)?$/u;

/**
 * Letters, digits, `_` and `-`, with at most one dot (Pinot's database prefix): a table name is also a directory name.
 * `__` is refused because names of realtime segments are split on it (W-7).
 */
export function isValidTableName(name: string): boolean {
  return name.length <= 200 && namePattern.test(name) && !name.includes('__');
}

/** `orders` -> raw name alone; `orders_REALTIME` -> raw name and type. */
export function splitTableName(name: string): { raw: string; type: TableType | null } {
  for (const type of ['OFFLINE', 'REALTIME'] as const) {
    const suffix = `_${type}`;
    if (name.endsWith(suffix) && name.length > suffix.length) {
      return { raw: name.slice(0, -suffix.length), type };
    }
  }
  return { raw: name, type: null };
}

export function typedTableName(raw: string, type: TableType): string {
  return `${raw}_${type}`;
}

/** The candidate nearest to `word` in edits, letter case ignored; null when none is near enough to be a slip. */
export function nearestName(word: string, candidates: Iterable<string>): string | null {
  const wanted = word.toLowerCase();
  let best: string | null = null;
  let bestDistance = Math.min(Math.max(1, Math.floor(wanted.length / 3)), wanted.length - 1) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** ` Did you mean "x"?`, or nothing: the end of a message about an unknown name. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const nearest = nearestName(word, candidates);
  return nearest === null ? '' : ` Did you mean "${nearest}"?`;
}

/** Insertions, deletions, replacements and swaps of neighbours; `limit` or more is reported as `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, before[j - 2]! + 1);
      }
      row.push(cost);
    }
    [before, above] = [above, row];
  }
  return Math.min(limit, above[b.length]!);
}
