// A condition on the time column's stored values for ranges of epoch ms. Whole numbers are compared as they are
// stored, so that Parquet's statistics can skip what lies outside.
import type { Field, TimeFormat, TimeUnit } from '../config/types.ts';
import { timeMaxMs, timeMinMs } from '../planner/ledger.ts';
import type { TimeRange } from '../planner/snapshot.ts';

const nanosOf: Readonly<Record<TimeUnit, bigint>> = {
  NANOSECONDS: 1n,
  MICROSECONDS: 1000n,
  MILLISECONDS: 1_000_000n,
  SECONDS: 1_000_000_000n,
  MINUTES: 60_000_000_000n,
  HOURS: 3_600_000_000_000n,
  DAYS: 86_400_000_000_000n,
};
const nanosOfMs = 1_000_000n;

/** True for formats whose texts only `config/time-format.ts` can read: their times stand in a table of (text, ms). */
export function needsTimeTexts(field: Field): boolean {
  return field.format?.kind === 'SIMPLE_DATE_FORMAT';
}

/**
 * @param value SQL of the stored value, never NULL
 * @param texts table of (text, ms) for formats that need one; a text that is no time has ms NULL and is in every range
 */
export function timeCondition(
  field: Field,
  value: string,
  ranges: readonly TimeRange[],
  texts: string | null,
): string {
  if (texts !== null) {
    const wanted = ranges.map((range) => bounds('ms', range, (ms) => BigInt(ms))).join(' OR ');
    return `CAST(${value} AS VARCHAR) IN (SELECT text FROM ${texts} WHERE ms IS NULL OR ${wanted})`;
  }
  const format: TimeFormat = field.format ?? { kind: 'EPOCH', unit: 'MILLISECONDS', size: 1 };
  const stepNanos =
    format.kind === 'EPOCH' ? nanosOf[format.unit] * BigInt(format.size) : nanosOfMs;
  const stored = storedNumber(field, value);
  return ranges
    .map((range) => bounds(stored, range, (ms) => ceilDivide(BigInt(ms) * nanosOfMs, stepNanos)))
    .map((text) => `(${text})`)
    .join(' OR ');
}

function storedNumber({ dataType }: Field, value: string): string {
  if (dataType === 'INT' || dataType === 'LONG') return value;
  if (dataType === 'TIMESTAMP') return `epoch_ms(${value})`;
  if (dataType === 'FLOAT' || dataType === 'DOUBLE') return `trunc(${value})`;
  return `CAST(${value} AS HUGEINT)`;
}

/** `first(ms)` is the least stored value at or after a moment: floor(value * step) >= ms just when value >= first(ms). */
function bounds(value: string, range: TimeRange, first: (ms: number) => bigint): string {
  const tests = [
    ...(range.startMs === timeMinMs ? [] : [`${value} >= ${first(range.startMs)}`]),
    ...(range.endMs === timeMaxMs ? [] : [`${value} < ${first(range.endMs)}`]),
  ];
  return tests.length === 0 ? 'true' : tests.join(' AND ');
}

function ceilDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by > 0n ? quotient + 1n : quotient;
}
