import { NumberText } from './value.ts';

/**
 * JSON text of plain data: bigint as bare digits (LONGs stay exact), NumberText as it stood, NaN and infinities as text,
 * `undefined` members left out. `indent` spaces a level; 0 gives one line.
 */
export function stringifyJson(value: unknown, indent = 0): string {
  return write(value, indent, '\n');
}

function write(value: unknown, indent: number, line: string): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number')
    return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`;
  if (value instanceof NumberText) return value.text;
  if (value === null || value === undefined || typeof value !== 'object') {
    return JSON.stringify(value) ?? 'null';
  }
  const inner = line + ' '.repeat(indent);
  if (Array.isArray(value)) {
    return wrap(
      '[',
      ']',
      value.map((item) => write(item, indent, inner)),
      indent,
      line,
      inner,
    );
  }
  const colon = indent === 0 ? ':' : ': ';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}${colon}${write(member, indent, inner)}`);
  return wrap('{', '}', members, indent, line, inner);
}

function wrap(
  open: string,
  close: string,
  items: string[],
  indent: number,
  line: string,
  inner: string,
): string {
  if (items.length === 0) return open + close;
  if (indent === 0) return open + items.join(',') + close;
  return open + inner + items.join(`,${inner}`) + line + close;
}
