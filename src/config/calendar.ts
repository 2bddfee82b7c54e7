// Calendar fields of a moment in a zone, and the moment that a set of parsed fields names (proleptic Gregorian, ISO weeks).
import type { Zone } from './zone.ts';

const dayMs = 86_400_000;

export interface CalendarFields {
  readonly year: number;
  /** 1 or more, with `era`. */
  readonly yearOfEra: number;
  /** 0 BC, 1 AD. */
  readonly era: number;
  readonly month: number;
  readonly day: number;
  readonly dayOfYear: number;
  readonly weekYear: number;
  readonly week: number;
  /** 1 Monday to 7 Sunday. */
  readonly weekday: number;
  readonly hour: number;
  /** 1..24 */
  readonly clockHour: number;
  /** 0 AM, 1 PM. */
  readonly half: number;
  /** 0..11 */
  readonly halfHour: number;
  /** 1..12 */
  readonly clockHalfHour: number;
  readonly minute: number;
  readonly second: number;
  readonly milli: number;
  readonly offsetMs: number;
  readonly zone: string;
}

/** What a text named; absent fields have defaults. */
export type ParsedFields = {
  -readonly [Key in keyof CalendarFields as Key extends 'zone' ? never : Key]?: number;
} & { zone?: Zone };

export function fieldsOf(ms: number, zone: Zone): CalendarFields {
  const offset = zone.offsetAt(ms);
  const date = new Date(ms + offset);
  const [year, hour] = [date.getUTCFullYear(), date.getUTCHours()];
  const dayNumber = Math.floor((ms + offset) / dayMs);
  const weekday = weekdayOf(dayNumber);
  const weekYear = new Date((dayNumber + 4 - weekday) * dayMs).getUTCFullYear();
  return {
    year,
    yearOfEra: year > 0 ? year : 1 - year,
    era: year > 0 ? 1 : 0,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    dayOfYear: dayNumber - dayNumberOf(year, 1, 1) + 1,
    weekYear,
    week: Math.floor((dayNumber - firstWeekStart(weekYear)) / 7) + 1,
    weekday,
    hour,
    clockHour: hour === 0 ? 24 : hour,
    half: hour < 12 ? 0 : 1,
    halfHour: hour % 12,
    clockHalfHour: hour % 12 === 0 ? 12 : hour % 12,
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    milli: date.getUTCMilliseconds(),
    offsetMs: offset,
    zone: zone.name,
  };
}

/** Epoch ms, or null when a field is out of its range or the zone's clock skips this time. */
export function momentOf(fields: ParsedFields, zone: Zone): number | null {
  const dayNumber = dateOf(fields);
  const hour = hourOf(fields);
  const { minute = 0, second = 0, milli = 0 } = fields;
  if (dayNumber === null || hour === null || minute > 59 || second > 59) return null;
  const localMs = dayNumber * dayMs + ((hour * 60 + minute) * 60 + second) * 1000 + milli;
  if (!Number.isSafeInteger(localMs)) return null;
  if (fields.offsetMs !== undefined) return localMs - fields.offsetMs;
  return (fields.zone ?? zone).toUtc(localMs);
}

function dateOf(fields: ParsedFields): number | null {
  const { weekYear, week, weekday, dayOfYear } = fields;
  if (weekYear !== undefined || week !== undefined) {
    if (week !== undefined && (week < 1 || week > weeksIn(weekYear ?? 1970))) return null;
    if (weekday !== undefined && (weekday < 1 || weekday > 7)) return null;
    return firstWeekStart(weekYear ?? 1970) + ((week ?? 1) - 1) * 7 + (weekday ?? 1) - 1;
  }
  const year = yearOf(fields);
  if (year === null) return null;
  if (dayOfYear !== undefined) {
    const start = dayNumberOf(year, 1, 1);
    const inYear = dayOfYear >= 1 && dayOfYear <= dayNumberOf(year + 1, 1, 1) - start;
    return inYear ? start + dayOfYear - 1 : null;
  }
  const { month = 1, day = 1 } = fields;
  if (month < 1 || month > 12 || day < 1 || day > 31) return null;
  const dayNumber = dayNumberOf(year, month, day);
  return new Date(dayNumber * dayMs).getUTCDate() === day ? dayNumber : null;
}

/** Without a year a text that names a month or day means 2000, a leap year; a mere time of day means 1970. */
function yearOf({ year, yearOfEra, era, month, day, dayOfYear }: ParsedFields): number | null {
  const given = year ?? yearOfEra;
  if (given === undefined) {
    return month === undefined && day === undefined && dayOfYear === undefined ? 1970 : 2000;
  }
  return Math.abs(given) > 200_000 ? null : era === 0 ? 1 - given : given;
}

function hourOf({ hour, clockHour, half, halfHour, clockHalfHour }: ParsedFields): number | null {
  if (hour !== undefined) return hour < 24 ? hour : null;
  if (clockHour !== undefined) return clockHour >= 1 && clockHour <= 24 ? clockHour % 24 : null;
  if (halfHour !== undefined && halfHour > 11) return null;
  if (clockHalfHour !== undefined && (clockHalfHour < 1 || clockHalfHour > 12)) return null;
  return (half ?? 0) * 12 + (halfHour ?? (clockHalfHour ?? 0) % 12);
}

function dayNumberOf(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / dayMs;
}

/** 1970-01-01 (day 0) was a Thursday. */
function weekdayOf(dayNumber: number): number {
  return ((((dayNumber + 3) % 7) + 7) % 7) + 1;
}

/** Monday of the week that holds January 4th. */
function firstWeekStart(weekYear: number): number {
  const fourth = dayNumberOf(weekYear, 1, 4);
  return fourth - weekdayOf(fourth) + 1;
}

function weeksIn(weekYear: number): number {
  return (firstWeekStart(weekYear + 1) - firstWeekStart(weekYear)) / 7;
}
