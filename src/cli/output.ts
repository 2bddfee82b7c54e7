// Results on stdout as a table for people, JSON, NDJSON or CSV for programs.
import { stringifyJson } from '../json/stringify.ts';
import type { CliIo } from './io.ts';
import type { Format } from './settings.ts';

export type Rows = readonly Readonly<Record<string, unknown>>[];

/** Rows as the format says; JSON is one array. `columns` fixes the order and what tables and CSV show. */
export function printRows(io: CliIo, format: Format, rows: Rows, columns: readonly string[]): void {
  switch (format) {
    case 'json':
      io.out(stringifyJson(rows, 2));
      return;
    case 'ndjson':
      for (const row of rows) io.out(stringifyJson(row));
      return;
    case 'csv':
      io.out(columns.map(csvCell).join(','));
      for (const row of rows) io.out(columns.map((column) => csvCell(row[column])).join(','));
      return;
    case 'table':
      io.out(
        textTable(
          columns,
          rows.map((row) => columns.map((column) => cellText(row[column]))),
        ),
      );
  }
}

/** One object: JSON as it is, a table as `key  value` lines made by `lines`. NDJSON and CSV fall back to one JSON line. */
export function printObject(
  io: CliIo,
  format: Format,
  value: unknown,
  lines: () => string[],
): void {
  if (format === 'table') for (const line of lines()) io.out(line);
  else io.out(stringifyJson(value, format === 'json' ? 2 : 0));
}

export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : stringifyJson(value);
}

function csvCell(value: unknown): string {
  const text = cellText(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const numeric = /^-?[0-9.,]+(e[+-]?[0-9]+)?( ?[A-Za-z%/]{1,5})?$/i;

/** Columns padded to their widest cell; columns that hold numbers only are right-aligned. */
export function textTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const right = columns.map(
    (_, c) => rows.length > 0 && rows.every((row) => row[c] === '' || numeric.test(row[c] ?? '')),
  );
  const widths = columns.map((name, c) =>
    Math.max(name.length, ...rows.map((row) => (row[c] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => (right[c] === true ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join('  ')
      .trimEnd();
  return [
    line(columns),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...rows.map(line),
  ].join('\n');
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${byteUnits[power]}`;
}

export function instantText(ms: number | null | undefined): string {
  return ms === null || ms === undefined
    ? 'none'
    : new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** `1 window`, `2 windows`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
