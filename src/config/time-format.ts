// Time columns: how their values are written, and value <-> epoch ms. Division floors (design 5.4).
import { SegmillError } from '../errors.ts';
import { NumberText } from '../json/value.ts';
import type { CellValue, RawValue } from './cell.ts';
import { isoInstantMs } from './period.ts';
import { compileTimePattern } from './time-pattern.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';
import type { DataType, TimeFormat, TimeUnit } from './types.ts';
import { openZone } from './zone.ts';

export const timeUnits: readonly TimeUnit[] = [
  'NANOSECONDS',
  'MICROSECONDS',
  'MILLISECONDS',
  'SECONDS',
  'MINUTES',
  'HOURS',
  'DAYS',
];
const nanosOf: Readonly<Record<TimeUnit, number>> = {
  NANOSECONDS: 1,
  MICROSECONDS: 1e3,
  MILLISECONDS: 1e6,
  SECONDS: 1e9,
  MINUTES: 60e9,
  HOURS: 3600e9,
  DAYS: 86_400e9,
};
const kinds = ['EPOCH', 'TIMESTAMP', 'SIMPLE_DATE_FORMAT'] as const;

/** Ms of one `unit`; below a millisecond a fraction. */
export function unitMs(unit: TimeUnit): number {
  return nanosOf[unit] / 1e6;
}

export function timeUnitOf(text: string): TimeUnit | null {
  return timeUnits.find((unit) => unit === text.toUpperCase()) ?? null;
}

/**
 * X-29, both forms: `size:UNIT:KIND[:pattern]` when the first character is a digit, else `KIND|...`.
 * @throws SegmillError CONFIG_INVALID
 */
export function parseTimeFormat(text: string): TimeFormat {
  const format = /^\d/.test(text) ? colonForm(text) : pipeForm(text);
  // A pattern or zone that cannot work is found here and not at the first row.
  if (format.kind === 'SIMPLE_DATE_FORMAT') compileSdf(format);
  return format;
}

function colonForm(text: string): TimeFormat {
  const [size = '', unit = '', kind = '', ...rest] = text.split(':');
  if (rest.length === 0 && unit === '') return refuse(text, 'it needs size:UNIT:EPOCH');
  switch (kindOf(text, kind)) {
    case 'EPOCH':
      return epoch(text, unit, size);
    case 'TIMESTAMP':
      return { kind: 'TIMESTAMP' };
    case 'SIMPLE_DATE_FORMAT': {
      const found = /^(.*?)\s*(?:tz\s*\(\s*([^)]*?)\s*\)\s*)?$/is.exec(rest.join(':'));
      return sdf(found?.[1], found?.[2]);
    }
  }
}

function pipeForm(text: string): TimeFormat {
  const [kind = '', first, second] = text.split('|');
  switch (kindOf(text, kind)) {
    case 'EPOCH':
      return epoch(text, first ?? 'MILLISECONDS', second ?? '1');
    case 'TIMESTAMP':
      return { kind: 'TIMESTAMP' };
    case 'SIMPLE_DATE_FORMAT':
      return sdf(first, second);
  }
}

function kindOf(text: string, kind: string): (typeof kinds)[number] {
  return (
    kinds.find((known) => known === kind.toUpperCase()) ??
    refuse(text, `found "${kind}", allowed is one of ${kinds.join(', ')}`)
  );
}

function epoch(text: string, unitText: string, sizeText: string): TimeFormat {
  const unit = timeUnitOf(unitText);
  const size = /^\d+$/.test(sizeText) ? Number(sizeText) : 0;
  if (unit === null) {
    return refuse(text, `found unit "${unitText}", allowed is one of ${timeUnits.join(', ')}`);
  }
  if (size < 1 || size > 2 ** 31 - 1) {
    return refuse(text, `found size "${sizeText}", allowed is a whole number of 1 or more`);
  }
  return { kind: 'EPOCH', unit, size };
}

function sdf(pattern: string | undefined, zone: string | undefined): TimeFormat {
  return {
    kind: 'SIMPLE_DATE_FORMAT',
    pattern: pattern === undefined || pattern === '' ? null : pattern,
    zone: zone === undefined || zone === '' ? 'UTC' : zone,
  };
}

/** A time format made ready for use on rows. */
export interface TimeConverter {
  /**
   * Epoch ms of a stored or raw value, not range-checked.
   * @throws SegmillError VALUE_INVALID
   */
  readonly toMillis: (value: RawValue) => number;
  /** The value of the converter's data type for a moment; smaller parts than the format holds are cut (floor). */
  readonly fromMillis: (ms: number) => CellValue;
}

const naturalType = {
  EPOCH: 'LONG',
  TIMESTAMP: 'TIMESTAMP',
  SIMPLE_DATE_FORMAT: 'STRING',
} as const satisfies Record<TimeFormat['kind'], DataType>;

/** `dataType` is what `fromMillis` gives: LONG, TIMESTAMP or STRING by the format's kind unless named. */
export function compileTimeFormat(format: TimeFormat, dataType?: DataType): TimeConverter {
  const type = dataType ?? naturalType[format.kind];
  if (format.kind === 'EPOCH') return compileEpoch(format.unit, format.size, type);
  if (format.kind === 'TIMESTAMP') {
    return {
      toMillis: (value) => (typeof value === 'string' ? parseTimestamp(value) : wholeNumber(value)),
      fromMillis: (ms) => (type === 'STRING' ? formatTimestamp(ms) : numberCell(ms, type)),
    };
  }
  const pattern = compileSdf(format);
  return {
    toMillis: (value) => {
      const text = textOf(value);
      const ms = pattern.parse(text);
      if (ms !== null) return ms;
      const named = format.pattern ?? 'ISO date-time';
      throw new SegmillError(
        'VALUE_INVALID',
        `"${text}" is no time of the format ${named} in zone ${format.zone}`,
        { value: text, pattern: named, zone: format.zone },
      );
    },
    fromMillis: (ms) => {
      const text = pattern.print(ms);
      return type === 'STRING' || type === 'JSON' ? text : numberCell(Number(text), type);
    },
  };
}

/** One value; on rows use {@link compileTimeFormat}. */
export function toMillis(format: TimeFormat, value: RawValue): number {
  return compileTimeFormat(format).toMillis(value);
}

/** One value; on rows use {@link compileTimeFormat}. */
export function fromMillis(format: TimeFormat, dataType: DataType, ms: number): CellValue {
  return compileTimeFormat(format, dataType).fromMillis(ms);
}

/** Values of whole numbers of ms go by doubles (exact below 2^53); finer units divide as bigint. */
function compileEpoch(unit: TimeUnit, size: number, type: DataType): TimeConverter {
  const stepMs = unitMs(unit) * size;
  if (Number.isInteger(stepMs)) {
    return {
      toMillis: (value) => wholeNumber(value) * stepMs,
      fromMillis: (ms) => numberCell(Math.floor(ms / stepMs), type),
    };
  }
  const stepNanos = BigInt(nanosOf[unit] * size);
  return {
    toMillis: (value) => Number(floorDivide(wholeBigInt(value) * stepNanos, 1_000_000n)),
    fromMillis: (ms) => bigCell(floorDivide(BigInt(Math.floor(ms)) * 1_000_000n, stepNanos), type),
  };
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** Text of a scalar as it may stand for a time. */
function textOf(value: RawValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof NumberText) return value.text;
  const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  throw new SegmillError('VALUE_INVALID', `found ${kind} where a time is needed`);
}

const shortDigits = /^\d{1,15}$/;

/** The whole part of a number or of its text (`"12.9"` is 12). */
function wholeNumber(value: RawValue): number {
  if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value);
  if (typeof value === 'string' && shortDigits.test(value)) return Number(value);
  return Number(wholeBigInt(value));
}

function wholeBigInt(value: RawValue): bigint {
  if (typeof value === 'bigint') return value;
  const text = textOf(value).trim();
  const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (found === null || `${found[2]}${found[3] ?? ''}` === '') {
    throw new SegmillError(
      'VALUE_INVALID',
      `"${text}" is no number, as a time since the epoch must be`,
      {
        value: text,
      },
    );
  }
  const [, sign, whole = '', fraction = '', exponent = '0'] = found;
  const point = whole.length + Number(exponent);
  const digits = (whole + fraction).padEnd(point, '0').slice(0, Math.max(point, 0));
  const magnitude = BigInt(digits === '' ? 0 : digits);
  return sign === '-' ? -magnitude : magnitude;
}

function numberCell(value: number, type: DataType): CellValue {
  if (type === 'LONG' || type === 'TIMESTAMP') return BigInt(value);
  return type === 'STRING' || type === 'BIG_DECIMAL' || type === 'JSON' ? String(value) : value;
}

function bigCell(value: bigint, type: DataType): CellValue {
  return type === 'LONG' || type === 'TIMESTAMP' ? value : numberCell(Number(value), type);
}

function compileSdf(format: Extract<TimeFormat, { kind: 'SIMPLE_DATE_FORMAT' }>): {
  print(ms: number): string;
  parse(text: string): number | null;
} {
  const zone = openZone(format.zone);
  if (zone === null) {
    return refuse(
      format.pattern ?? 'SIMPLE_DATE_FORMAT',
      `there is no time zone "${format.zone}"; name it as Europe/Berlin, UTC or +02:00`,
    );
  }
  if (format.pattern === null) {
    const print = compileTimePattern("yyyy-MM-dd'T'HH:mm:ssZZ", zone);
    if (typeof print === 'string') throw new Error(`the ISO pattern does not compile: ${print}`);
    return {
      print: (ms) => print.print(ms).replace(/\+00:00$/, 'Z'),
      parse: (text) => {
        const named = /(Z|T.*[+-]\d\d(:?\d\d)?)$/i.test(text);
        const ms = isoInstantMs(text);
        return ms === null || named ? ms : zone.toUtc(ms);
      },
    };
  }
  const pattern = compileTimePattern(format.pattern, zone);
  return typeof pattern === 'string' ? refuse(format.pattern, pattern) : pattern;
}

function refuse(text: string, reason: string): never {
  throw new SegmillError(
    'CONFIG_INVALID',
    `"${text}" is no time format: ${reason}. Examples: 1:MILLISECONDS:EPOCH, EPOCH|HOURS, TIMESTAMP, 1:DAYS:SIMPLE_DATE_FORMAT:yyyy-MM-dd tz(Europe/Berlin)`,
    { format: text },
  );
}
