// Calendar parts of a moment, and moments moved, cut and compared by calendar units.
import type { CalendarFields } from '../../config/calendar.ts';
import { fieldsOf, momentOf } from '../../config/calendar.ts';
import type { Zone } from '../../config/zone.ts';
import { openZone } from '../../config/zone.ts';
import { convertCell } from '../convert.ts';
import type { Args, FunctionFamily, ScalarFunction } from './function.ts';
import { callError, scalar, textArg } from './function.ts';

const utc: Zone = openZone('UTC')!;
const zones = new Map<string, Zone>([['UTC', utc]]);
const zonesMax = 1024;

/** UTC when the argument is not given. */
export function zoneArg(args: Args, index: number): Zone {
  if (index >= args.length) return utc;
  const name = textArg(args, index);
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = openZone(name);
  if (zone === null) throw callError(`there is no time zone "${name}"`);
  if (zones.size >= zonesMax) zones.clear();
  zones.set(name, zone);
  return zone;
}

/** A moment as epoch ms: a number, its text, or a TIMESTAMP's text. */
export function msArg(args: Args, index: number): bigint {
  const raw = args[index]!;
  if (typeof raw === 'bigint') return raw;
  const field = {
    name: `argument ${index + 1}`,
    dataType: 'TIMESTAMP',
    multiValue: false,
    allowTrailingZeros: false,
  } as const;
  const ms = convertCell(field, raw);
  if (ms === null) throw callError(`argument ${index + 1} is no time`);
  return ms as bigint;
}

function part(of: (fields: CalendarFields) => number): ScalarFunction {
  return scalar(1, 2, (args) => of(fieldsOf(calendarMs(args), zoneArg(args, 1))));
}

function calendarMs(args: Args): number {
  const ms = Number(msArg(args, 0));
  if (Math.abs(ms) > 8e15) throw callError(`${ms} ms lies outside the calendar`);
  return ms;
}

const week = part((fields) => fields.week);
const yearOfWeek = part((fields) => fields.weekYear);
const dayOfYear = part((fields) => fields.dayOfYear);
const day = part((fields) => fields.day);
const dayOfWeek = part((fields) => fields.weekday);
const month = part((fields) => fields.month);

export const fieldsAt: FunctionFamily = {
  year: part((fields) => fields.year),
  yearOfWeek,
  yow: yearOfWeek,
  quarter: part((fields) => Math.floor((fields.month - 1) / 3) + 1),
  month,
  monthOfYear: month,
  week,
  weekOfYear: week,
  dayOfYear,
  doy: dayOfYear,
  day,
  dayOfMonth: day,
  dayOfWeek,
  dow: dayOfWeek,
  hour: part((fields) => fields.hour),
  minute: part((fields) => fields.minute),
  second: part((fields) => fields.second),
  millisecond: part((fields) => fields.milli),
};

const fixedMs: Readonly<Record<string, number>> = {
  MILLISECOND: 1,
  SECOND: 1000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
  WEEK: 7 * 86_400_000,
};
const months: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };

function unitName(text: string): string {
  const unit = text.toUpperCase().replace(/S$/, '');
  if (unit in fixedMs || unit in months) return unit;
  const allowed = [...Object.keys(fixedMs), ...Object.keys(months)].join(', ');
  throw callError(`"${text}" is none of the units ${allowed}`);
}

/** The start of the unit that holds the moment, by the clock of the zone; weeks start on Monday. */
export function truncateTo(unitText: string, ms: number, zone: Zone): number {
  const unit = unitName(unitText);
  if (unit === 'MILLISECOND') return ms;
  const { year, month: inMonth, day: inDay, weekday, minute, second } = fieldsOf(ms, zone);
  if (unit === 'SECOND' || unit === 'MINUTE')
    return Math.floor(ms / fixedMs[unit]!) * fixedMs[unit]!;
  if (unit === 'HOUR') {
    const into = (minute * 60 + second) * 1000 + (((ms % 1000) + 1000) % 1000);
    return ms - into;
  }
  if (unit === 'DAY') return startOfDay(year, inMonth, inDay, zone);
  if (unit === 'WEEK') {
    const monday = new Date(Date.UTC(2000, inMonth - 1, inDay));
    monday.setUTCFullYear(year, inMonth - 1, inDay - (weekday - 1));
    return startOfDay(monday.getUTCFullYear(), monday.getUTCMonth() + 1, monday.getUTCDate(), zone);
  }
  const size = months[unit]!;
  return startOfDay(year, Math.floor((inMonth - 1) / size) * size + 1, 1, zone);
}

/** Where the clock skips midnight the day starts at the first moment after the gap. */
function startOfDay(year: number, inMonth: number, inDay: number, zone: Zone): number {
  for (let minute = 0; minute < 24 * 60; minute += 15) {
    const [hour, rest] = [Math.floor(minute / 60), minute % 60];
    const ms = momentOf({ year, month: inMonth, day: inDay, hour, minute: rest }, zone);
    if (ms !== null) return ms;
  }
  throw callError(`there is no day ${year}-${inMonth}-${inDay} in zone ${zone.name}`);
}

/** In UTC; a day that the month lacks becomes its last day. */
export function addUnits(unitText: string, count: number, ms: number): number {
  const unit = unitName(unitText);
  const size = fixedMs[unit];
  if (size !== undefined) return checked(ms + count * size);
  const date = new Date(ms);
  const target = new Date(ms);
  target.setUTCDate(1);
  target.setUTCMonth(target.getUTCMonth() + count * months[unit]!);
  const last = new Date(target);
  last.setUTCMonth(last.getUTCMonth() + 1, 0);
  target.setUTCDate(Math.min(date.getUTCDate(), last.getUTCDate()));
  return checked(target.getTime());
}

function checked(ms: number): number {
  if (Number.isSafeInteger(ms)) return ms;
  throw callError('the result lies outside the calendar');
}

/** Whole units from `from` to `to`, cut toward zero. */
export function unitsBetween(unitText: string, from: number, to: number): number {
  const unit = unitName(unitText);
  const size = fixedMs[unit];
  if (size !== undefined) return Math.trunc((to - from) / size) + 0;
  const [start, end] = [new Date(from), new Date(to)];
  const apart =
    (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth();
  let whole = apart;
  while (whole > 0 && addUnits('MONTH', whole, from) > to) whole--;
  while (whole < 0 && addUnits('MONTH', whole, from) < to) whole++;
  return Math.trunc(whole / months[unit]!) + 0;
}
