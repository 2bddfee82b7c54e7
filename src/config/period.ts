import { SegmillError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const pinotPattern = new RegExp(
  `^${['d', 'h', 'm', 's'].map((unit) => `(?:([+-]?\\d{1,10})${unit})?`).join('')}$`,
  'i',
);
const isoPattern =
  /^([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,3})\d*)?S)?)?$/i;

/** C-34, C-35: ms of a Pinot period, null when it is none. Each number is a 32-bit int, the empty text is 0. */
export function pinotPeriodMs(text: string): number | null {
  const found = pinotPattern.exec(text);
  if (found === null) return null;
  let ms = 0;
  for (const [index, unitMs] of [dayMs, hourMs, minuteMs, secondMs].entries()) {
    const count = Number(found[index + 1] ?? 0);
    if (count > 2 ** 31 - 1 || count < -(2 ** 31)) return null;
    ms += count * unitMs;
  }
  return ms;
}

/** @throws SegmillError CONFIG_INVALID; C-34 */
export function parsePinotPeriod(text: string): number {
  return (
    pinotPeriodMs(text) ??
    refuse(
      'CONFIG_INVALID',
      `Invalid time spec '${text}' (Valid examples: '3h', '4h30m'): days, hours, minutes and seconds, each at most once, in this order, without spaces`,
    )
  );
}

/**
 * A period of the command line in ms: as in Pinot (`1d12h`) or ISO-8601 without years and months (`PT36H`, `P1W`).
 * @throws SegmillError USAGE
 */
export function parsePeriod(text: string): number {
  const pinot = text === '' ? null : pinotPeriodMs(text);
  return (
    pinot ??
    isoPeriodMs(text) ??
    refuse('USAGE', `"${text}" is no period; write it as 1d12h, 90m or PT36H`)
  );
}

function isoPeriodMs(text: string): number | null {
  const found = isoPattern.exec(text);
  if (found === null || /P$/i.test(text)) return null;
  const [, sign, weeks, days, hours, minutes, seconds, fraction] = found;
  const ms =
    Number(weeks ?? 0) * 7 * dayMs +
    Number(days ?? 0) * dayMs +
    Number(hours ?? 0) * hourMs +
    Number(minutes ?? 0) * minuteMs +
    Number(seconds ?? 0) * secondMs +
    Number((fraction ?? '').padEnd(3, '0'));
  return sign === '-' && ms !== 0 ? -ms : ms;
}

const sizeUnits: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['tb', 1e12],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
  ['tib', 2 ** 40],
]);
const sizePattern = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/;

/** Bytes of a size with a unit of `cli.md` (MB is 10^6, MiB is 2^20; none is bytes), null when it is none. */
export function sizeBytes(text: string): number | null {
  const found = sizePattern.exec(text);
  const unit = sizeUnits.get(found?.[2]?.toLowerCase() ?? '?');
  return found === null || unit === undefined ? null : wholeBytes(Number(found[1]) * unit);
}

/** @throws SegmillError USAGE */
export function parseSize(text: string): number {
  return (
    sizeBytes(text) ??
    refuse(
      'USAGE',
      `"${text}" is no size; write it as 512MiB, 2GiB or 250MB (B KB MB GB KiB MiB GiB)`,
    )
  );
}

/** Bytes of a size as Pinot's stream configs write it (`200M`, `250MB`, `1.5G`): the units are powers of 1024. */
export function pinotSizeBytes(text: string): number | null {
  const found = /^(\d+(?:\.\d+)?)([KMGTP]?)B?$/i.exec(text);
  if (found === null) return null;
  return wholeBytes(Number(found[1]) * 1024 ** ' KMGTP'.indexOf(found[2]!.toUpperCase() || ' '));
}

function wholeBytes(bytes: number): number | null {
  return Number.isSafeInteger(Math.floor(bytes)) ? Math.floor(bytes) : null;
}

const instantPattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/** Ms of an ISO-8601 date or date-time (UTC unless it names an offset), null when it is none or no such day exists. */
export function isoInstantMs(text: string): number | null {
  const found = instantPattern.exec(text);
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const dateMs = Date.UTC(2000, month! - 1, day, hour, minute, second);
  const date = new Date(dateMs);
  // Years below 100 would be taken as 19xx by Date.UTC.
  date.setUTCFullYear(year!, month! - 1, day);
  const valid =
    date.getUTCMonth() === month! - 1 &&
    date.getUTCDate() === day &&
    hour! < 24 &&
    minute! < 60 &&
    second! < 60;
  if (!valid) return null;
  const millis = Number((found[7] ?? '').slice(0, 3).padEnd(3, '0'));
  return date.getTime() + millis - offsetMs(found[8] ?? 'Z');
}

/** `Z`, `+05`, `+0530`, `+05:30` in ms. */
export function offsetMs(text: string): number {
  if (text === 'Z' || text === 'z') return 0;
  const digits = text.slice(1).replace(':', '').padEnd(4, '0');
  const ms = Number(digits.slice(0, 2)) * hourMs + Number(digits.slice(2, 4)) * minuteMs;
  return text[0] === '-' ? -ms : ms;
}

/**
 * A moment of the command line: epoch ms, or ISO-8601 (UTC unless it names an offset).
 * @throws SegmillError USAGE
 */
export function parseInstant(text: string): number {
  const ms = /^[+-]?\d+$/.test(text) ? Number(text) : isoInstantMs(text);
  if (ms !== null && Number.isSafeInteger(ms)) return ms;
  return refuse(
    'USAGE',
    `"${text}" is no time; write it as 2023-11-14T22:00:00Z or in epoch milliseconds`,
  );
}

function refuse(code: ErrorCode, message: string): never {
  throw new SegmillError(code, message);
}
