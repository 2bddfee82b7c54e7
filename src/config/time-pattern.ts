// Joda-style date patterns: text <-> epoch ms. A pattern is compiled once to a list of elements that print from
// and parse into calendar fields. English names only.
import { fieldsOf, momentOf } from './calendar.ts';
import type { CalendarFields, ParsedFields } from './calendar.ts';
import { offsetMs } from './period.ts';
import { openZone } from './zone.ts';
import type { Zone } from './zone.ts';

export interface TimePattern {
  print(ms: number): string;
  /** Null when the text does not follow the pattern or names no moment (13th month, an hour that the clock skips). */
  parse(text: string): number | null;
}

/** One element: prints its part, and parses it at `at`, giving the position behind it or -1. */
interface Element {
  print(fields: CalendarFields): string;
  parse(text: string, at: number, into: ParsedFields): number;
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

type NumberField = Exclude<keyof CalendarFields, 'zone'>;

/** Numeric letters: field, and the most digits that are read. */
const numberLetters: Readonly<Record<string, readonly [NumberField, number]>> = {
  D: ['dayOfYear', 3],
  d: ['day', 2],
  M: ['month', 2],
  e: ['weekday', 1],
  w: ['week', 2],
  H: ['hour', 2],
  k: ['clockHour', 2],
  K: ['halfHour', 2],
  h: ['clockHalfHour', 2],
  m: ['minute', 2],
  s: ['second', 2],
};

/** What is wrong with a pattern, as text, or the compiled pattern. */
export function compileTimePattern(pattern: string, zone: Zone): TimePattern | string {
  const tokens = tokenize(pattern);
  if (typeof tokens === 'string') return tokens;
  const elements: Element[] = [];
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    const digitsFollow = next !== undefined && isNumeric(next);
    const element = token.literal ? literal(token.text) : letter(token.text, digitsFollow);
    if (element === null) return `the letters "${token.text}" are not supported`;
    elements.push(element);
  }
  if (elements.length === 0) return 'it is empty';
  return {
    print: (ms) => {
      const fields = fieldsOf(ms, zone);
      return elements.map((element) => element.print(fields)).join('');
    },
    parse: (text) => {
      const fields: ParsedFields = {};
      let at = 0;
      for (const element of elements) {
        at = element.parse(text, at, fields);
        if (at < 0) return null;
      }
      return at === text.length ? momentOf(fields, zone) : null;
    },
  };
}

interface Token {
  readonly literal: boolean;
  readonly text: string;
}

/** Runs of one letter, quoted text and all else as literals; a text when a quote is left open. */
function tokenize(pattern: string): Token[] | string {
  const tokens: Token[] = [];
  const parts = pattern.matchAll(/([A-Za-z])\1*|''|'((?:[^']|'')*)'|'|[^A-Za-z']+/g);
  for (const [text, isLetter, quoted] of parts) {
    if (text === "'") return 'a quote is left open';
    if (isLetter !== undefined) tokens.push({ literal: false, text });
    else if (text === "''") tokens.push({ literal: true, text: "'" });
    else tokens.push({ literal: true, text: (quoted ?? text).replaceAll("''", "'") });
  }
  return tokens;
}

function isNumeric(token: Token): boolean {
  if (token.literal) return false;
  const first = token.text[0]!;
  if (first === 'M') return token.text.length <= 2;
  return first in numberLetters || 'yYxS'.includes(first);
}

function letter(text: string, digitsFollow: boolean): Element | null {
  const [first, length] = [text[0]!, text.length];
  if (first === 'M' && length > 2) return named('month', months, length > 3);
  if (first === 'E') return named('weekday', weekdays, length > 3);
  if (first === 'a') return named('half', ['AM', 'PM'], true, 0);
  if (first === 'G') return named('era', ['BC', 'AD'], true, 0);
  if (first === 'S') return fraction(length);
  if (first === 'Z') return length > 2 ? zoneId() : offset(length === 2);
  if (first === 'y')
    return length === 2 ? twoDigitYear('year', digitsFollow) : year('year', length, digitsFollow);
  if (first === 'x') {
    return length === 2
      ? twoDigitYear('weekYear', digitsFollow)
      : year('weekYear', length, digitsFollow);
  }
  if (first === 'Y') return year('yearOfEra', length, digitsFollow);
  const known = numberLetters[first];
  return known === undefined ? null : number(known[0], length, known[1]);
}

function literal(text: string): Element {
  return {
    print: () => text,
    parse: (source, at) =>
      source.slice(at, at + text.length).toLowerCase() === text.toLowerCase()
        ? at + text.length
        : -1,
  };
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Position behind the digits that start at `at`, at most `max` of them. */
function digitsEnd(text: string, at: number, max: number): number {
  let end = at;
  while (end < text.length && end - at < max && isDigit(text.charCodeAt(end))) end++;
  return end;
}

function padded(value: number, digits: number): string {
  const text = String(Math.abs(value)).padStart(digits, '0');
  return value < 0 ? `-${text}` : text;
}

function number(field: NumberField, digits: number, max: number): Element {
  return {
    print: (fields) => padded(fields[field], digits),
    parse: (text, at, into) => {
      const end = digitsEnd(text, at, max);
      if (end === at) return -1;
      into[field] = Number(text.slice(at, end));
      return end;
    },
  };
}

type YearField = 'year' | 'weekYear' | 'yearOfEra';

/** With digits right behind it a year reads exactly as many digits as it has letters, else up to nine. */
function year(field: YearField, digits: number, digitsFollow: boolean): Element {
  const max = digitsFollow ? digits : 9;
  return {
    print: (fields) => padded(fields[field], digits),
    parse: (text, at, into) => {
      const signed = text[at] === '-' || text[at] === '+';
      const start = signed ? at + 1 : at;
      const end = digitsEnd(text, start, max);
      if (end === start) return -1;
      into[field] = Number(text.slice(at, end));
      return end;
    },
  };
}

// Joda centres two-digit years on the current year less 30; a fixed 1996 gives 1946..2045 whatever the clock says.
const pivotFirst = 1996 - 50;

function twoDigitYear(field: YearField, digitsFollow: boolean): Element {
  return {
    print: (fields) => padded(((fields[field] % 100) + 100) % 100, 2),
    parse: (text, at, into) => {
      const end = digitsEnd(text, at, digitsFollow ? 2 : 9);
      const value = Number(text.slice(at, end));
      if (end === at || (digitsFollow && end !== at + 2)) return -1;
      into[field] = end - at === 2 ? pivotFirst + ((value - pivotFirst + 10_000) % 100) : value;
      return end;
    },
  };
}

function fraction(digits: number): Element {
  return {
    print: ({ milli }) => padded(milli, 3).padEnd(digits, '0').slice(0, digits),
    parse: (text, at, into) => {
      const end = digitsEnd(text, at, digits);
      if (end === at) return -1;
      into.milli = Number(text.slice(at, Math.min(end, at + 3)).padEnd(3, '0'));
      return end;
    },
  };
}

/** A field by name; printed short (three letters) unless `long`, read in either form. `first` is the first name's value. */
function named(
  field: 'month' | 'weekday' | 'half' | 'era',
  names: readonly string[],
  long: boolean,
  first = 1,
): Element {
  const shown = names.map((name) => (long ? name : name.slice(0, 3)));
  const read = names.map((name) => name.toLowerCase());
  return {
    print: (fields) => shown[fields[field] - first]!,
    parse: (text, at, into) => {
      for (const whole of [true, false]) {
        for (const [index, name] of read.entries()) {
          const wanted = whole ? name : name.slice(0, 3);
          if (text.slice(at, at + wanted.length).toLowerCase() !== wanted) continue;
          into[field] = index + first;
          return at + wanted.length;
        }
      }
      return -1;
    },
  };
}

function offset(colon: boolean): Element {
  return {
    print: (fields) => {
      const minutes = Math.trunc(Math.abs(fields.offsetMs) / 60_000);
      const sign = fields.offsetMs < 0 ? '-' : '+';
      return `${sign}${padded(Math.trunc(minutes / 60), 2)}${colon ? ':' : ''}${padded(minutes % 60, 2)}`;
    },
    parse: (text, at, into) => {
      const found = /^(?:Z|[+-]\d\d(?::?\d\d)?)/.exec(text.slice(at, at + 6))?.[0];
      if (found === undefined) return -1;
      into.offsetMs = offsetMs(found);
      return at + found.length;
    },
  };
}

function zoneId(): Element {
  return {
    print: (fields) => fields.zone,
    parse: (text, at, into) => {
      const name = /^[A-Za-z0-9_+:/-]+/.exec(text.slice(at, at + 40))?.[0];
      const zone = name === undefined ? null : openZoneOnce(name);
      if (zone === null) return -1;
      into.zone = zone;
      return at + name!.length;
    },
  };
}

const openedZones = new Map<string, Zone | null>();
const openedZonesMax = 1000;

function openZoneOnce(name: string): Zone | null {
  let zone = openedZones.get(name);
  if (zone === undefined) {
    if (openedZones.size >= openedZonesMax) openedZones.clear();
    openedZones.set(name, (zone = openZone(name)));
  }
  return zone;
}
