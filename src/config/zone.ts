import { offsetMs } from './period.ts';

/** A time zone by its rules: an IANA name through Intl, or a fixed offset. Never the zone of this machine. */
export interface Zone {
  readonly name: string;
  /** Local time minus UTC at this moment, ms. */
  offsetAt(ms: number): number;
  /** UTC of a local time; the earlier moment where the clock repeats itself, null where it skips. */
  toUtc(localMs: number): number | null;
}

const fixedPattern = /^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d\d))?$/i;

/** Null when there is no such zone. */
export function openZone(name: string): Zone | null {
  if (/^(utc|gmt|ut|z|etc\/utc)$/i.test(name)) return fixedZone(name, 0);
  const fixed = fixedPattern.exec(name);
  if (fixed !== null) {
    const [, sign, hours, minutes] = fixed;
    if (Number(hours) > 23 || Number(minutes ?? 0) > 59) return null;
    return fixedZone(name, offsetMs(`${sign}${hours!.padStart(2, '0')}${minutes ?? '00'}`));
  }
  try {
    return ruledZone(name);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function fixedZone(name: string, offset: number): Zone {
  return { name, offsetAt: () => offset, toUtc: (localMs) => localMs - offset };
}

// Zones change their offset at quarter hours only, so one Intl look-up answers for a quarter hour.
const quarterMs = 15 * 60_000;
const quartersKept = 1 << 16;
const dayMs = 86_400_000;
const firstMs = -62_135_596_800_000 + dayMs;
const lastMs = 253_402_300_799_999 - dayMs;

function ruledZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsets = new Map<number, number>();
  const offsetAt = (ms: number): number => {
    const quarter = Math.floor(Math.min(Math.max(ms, firstMs), lastMs) / quarterMs);
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      offset = lookUp(format, quarter * quarterMs);
      if (offsets.size >= quartersKept) offsets.clear();
      offsets.set(quarter, offset);
    }
    return offset;
  };
  const toUtc = (localMs: number): number | null => {
    const around = [offsetAt(localMs - dayMs), offsetAt(localMs + dayMs)];
    const [first, second] = [Math.max(...around), Math.min(...around)];
    if (offsetAt(localMs - first) === first) return localMs - first;
    return offsetAt(localMs - second) === second ? localMs - second : null;
  };
  return { name, offsetAt, toUtc };
}

function lookUp(format: Intl.DateTimeFormat, ms: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(ms)) parts[type] = Number(value);
  const local = new Date(0);
  local.setUTCFullYear(parts['year']!, parts['month']! - 1, parts['day']);
  local.setUTCHours(parts['hour']!, parts['minute'], parts['second']);
  return local.getTime() - ms;
}
