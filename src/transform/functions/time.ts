// Dates and times. Moments are epoch ms; zones are named, never this machine's. Whole units cut toward zero, as in Java.
import type { RawValue } from '../../config/cell.ts';
import type { TimeConverter } from '../../config/time-format.ts';
import { compileTimeFormat, parseTimeFormat, timeUnitOf } from '../../config/time-format.ts';
import type { TimeUnit } from '../../config/types.ts';
import { isSegmillError } from '../../errors.ts';
import type { Args, FunctionFamily, ScalarFunction } from './function.ts';
import { callError, longArg, longResult, scalar, textArg } from './function.ts';
import { addUnits, fieldsAt, msArg, truncateTo, unitsBetween, zoneArg } from './time-fields.ts';

const nanos: Readonly<Record<TimeUnit, bigint>> = {
  NANOSECONDS: 1n,
  MICROSECONDS: 1_000n,
  MILLISECONDS: 1_000_000n,
  SECONDS: 1_000_000_000n,
  MINUTES: 60_000_000_000n,
  HOURS: 3_600_000_000_000n,
  DAYS: 86_400_000_000_000n,
};

const epochUnits = {
  Seconds: 1_000n,
  Minutes: 60_000n,
  Hours: 3_600_000n,
  Days: 86_400_000n,
} as const;

function step(args: Args): bigint {
  const value = longArg(args, 1);
  if (value === 0n) throw callError('the bucket is 0');
  return value;
}

function epochFunctions(): FunctionFamily {
  const family: Record<string, ScalarFunction> = {};
  for (const [unit, ms] of Object.entries(epochUnits)) {
    family[`toEpoch${unit}`] = scalar(1, 1, (args) => longResult(msArg(args, 0) / ms));
    family[`toEpoch${unit}Rounded`] = scalar(2, 2, (args) => {
      const round = step(args);
      return longResult((msArg(args, 0) / ms / round) * round);
    });
    family[`toEpoch${unit}Bucket`] = scalar(2, 2, (args) =>
      longResult(msArg(args, 0) / ms / step(args)),
    );
    family[`fromEpoch${unit}`] = scalar(1, 1, (args) => longResult(longArg(args, 0) * ms));
    family[`fromEpoch${unit}Bucket`] = scalar(2, 2, (args) =>
      longResult(longArg(args, 0) * longArg(args, 1) * ms),
    );
  }
  return family;
}

const converters = new Map<string, TimeConverter>();
const convertersMax = 256;

/** Formats are compiled once; a format that cannot work is an error of the call. */
function converterOf(key: string, make: () => TimeConverter): TimeConverter {
  const known = converters.get(key);
  if (known !== undefined) return known;
  try {
    const made = make();
    if (converters.size >= convertersMax) converters.clear();
    converters.set(key, made);
    return made;
  } catch (error) {
    if (isSegmillError(error)) throw callError(error.message);
    throw error;
  }
}

function pattern(text: string, zone: string): TimeConverter {
  return converterOf(`pattern ${zone} ${text}`, () =>
    compileTimeFormat({ kind: 'SIMPLE_DATE_FORMAT', pattern: text, zone }),
  );
}

function toDateTime(args: Args): RawValue {
  const zone = args.length === 3 ? textArg(args, 2) : 'UTC';
  return pattern(textArg(args, 1), zone).fromMillis(Number(msArg(args, 0))) as RawValue;
}

/** `fromDateTime(text, pattern [, zone [, default]])`. */
function fromDateTime(args: Args): RawValue {
  const converter = pattern(textArg(args, 1), args.length > 2 ? textArg(args, 2) : 'UTC');
  try {
    return converter.toMillis(textArg(args, 0));
  } catch (error) {
    if (args.length === 4 && isSegmillError(error)) return args[3]!;
    throw error;
  }
}

/** `dateTimeConvert(value, inputFormat, outputFormat, 'size:UNIT')`: through ms, floored to the granularity. */
function dateTimeConvert(args: Args): RawValue {
  const [input, output, granularity] = [textArg(args, 1), textArg(args, 2), textArg(args, 3)];
  const found = /^([0-9]+):([A-Za-z]+)(?::.*)?$/.exec(granularity);
  const unit = found === null ? null : timeUnitOf(found[2]!);
  if (unit === null || Number(found![1]) < 1) {
    throw callError(
      `"${granularity}" is no granularity; write it as size:UNIT, such as 15:MINUTES`,
    );
  }
  const ms = formatOf(input).toMillis(args[0]!);
  const sizeMs = (Number(nanos[unit]) / 1e6) * Number(found![1]);
  const rounded = sizeMs >= 1 ? Math.floor(ms / sizeMs) * sizeMs : ms;
  return formatOf(output).fromMillis(rounded) as RawValue;
}

function formatOf(text: string): TimeConverter {
  return converterOf(`format ${text}`, () => compileTimeFormat(parseTimeFormat(text)));
}

/** `dateTrunc(unit, value [, inputUnit [, zone [, outputUnit]]])`. */
function dateTrunc(args: Args): RawValue {
  const input = args.length > 2 ? unitArg(args, 2) : 'MILLISECONDS';
  const zone = zoneArg(args, 3);
  const output = args.length > 4 ? unitArg(args, 4) : input;
  const value = input === 'MILLISECONDS' ? msArg(args, 1) : longArg(args, 1);
  const ms = Number((value * nanos[input]) / nanos.MILLISECONDS);
  const truncated = BigInt(truncateTo(textArg(args, 0), ms, zone));
  return longResult((truncated * nanos.MILLISECONDS) / nanos[output]);
}

function unitArg(args: Args, index: number): TimeUnit {
  const unit = timeUnitOf(textArg(args, index));
  if (unit === null) {
    throw callError(`"${textArg(args, index)}" is none of ${Object.keys(nanos).join(', ')}`);
  }
  return unit;
}

/** Ms of an ISO-8601 duration of days, hours, minutes and seconds, each with a sign of its own. */
function durationMs(text: string): number {
  const found =
    /^([+-])?P(?:([+-]?[0-9]+)D)?(?:T(?:([+-]?[0-9]+)H)?(?:([+-]?[0-9]+)M)?(?:([+-]?[0-9]+(?:\.[0-9]{1,9})?)S)?)?$/i.exec(
      text,
    );
  if (found === null || !/[0-9]/.test(text)) {
    throw callError(`"${text}" is no duration; write it as P2DT3H4M5S`);
  }
  const [, sign, days = 0, hours = 0, minutes = 0, seconds = 0] = found;
  const total =
    ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
  return Math.floor(sign === '-' ? -total : total);
}

const timestampAdd = scalar(3, 3, (args) =>
  addUnits(textArg(args, 0), Number(longArg(args, 1)), Number(msArg(args, 2))),
);
const timestampDiff = scalar(3, 3, (args) =>
  unitsBetween(textArg(args, 0), Number(msArg(args, 1)), Number(msArg(args, 2))),
);
const dateTruncFunction = scalar(2, 5, dateTrunc);

/** The offset of a zone, shown as a time of day: -05:00 has hour 19. */
function zoneOffset(part: (minutes: number) => number): ScalarFunction {
  return scalar(1, 2, (args, context) => {
    const ms = args.length === 2 ? Number(msArg(args, 1)) : context.nowMs;
    const minutes = Math.floor(zoneArg(args, 0).offsetAt(ms) / 60_000);
    return part(((minutes % 1440) + 1440) % 1440);
  });
}

export const timeFunctions: FunctionFamily = {
  ...epochFunctions(),
  ...fieldsAt,
  now: scalar(0, 0, (_, context) => context.nowMs),
  ago: scalar(1, 1, (args, context) => context.nowMs - durationMs(textArg(args, 0))),
  toTimestamp: scalar(1, 1, (args) => longResult(msArg(args, 0))),
  fromTimestamp: scalar(1, 1, (args) => longResult(msArg(args, 0))),
  toDateTime: scalar(2, 3, toDateTime),
  fromDateTime: scalar(2, 4, fromDateTime),
  dateTimeConvert: scalar(4, 4, dateTimeConvert),
  dateTrunc: dateTruncFunction,
  timestampTrunc: dateTruncFunction,
  timestampAdd,
  dateAdd: timestampAdd,
  timestampDiff,
  dateDiff: timestampDiff,
  timezoneHour: zoneOffset((minutes) => Math.floor(minutes / 60)),
  timezoneMinute: zoneOffset((minutes) => minutes % 60),
};
