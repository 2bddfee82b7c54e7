import { SegmillError } from '../errors.ts';
import { isoInstantMs } from './period.ts';

const timestampPattern = /^(\d{4}-\d{1,2}-\d{1,2}) (\d{1,2}:\d{1,2}:\d{1,2})(?:\.(\d{1,9}))?$/;

/**
 * Epoch ms of a TIMESTAMP's text: `yyyy-MM-dd HH:mm:ss[.f]`, ISO-8601, or epoch ms; UTC unless the text names an offset
 * never the zone of the machine).
 * @throws SegmillError VALUE_INVALID
 */
export function parseTimestamp(text: string): number {
  const ms = timestampMs(text.trim());
  if (ms !== null) return ms;
  throw new SegmillError(
    'VALUE_INVALID',
    `"${text}" is no timestamp; allowed are epoch milliseconds, yyyy-MM-dd HH:mm:ss[.f] and ISO-8601`,
    { value: text },
  );
}

function timestampMs(text: string): number | null {
  if (/^[+-]?\d+$/.test(text)) {
    const ms = Number(text);
    return Number.isSafeInteger(ms) ? ms : null;
  }
  const found = timestampPattern.exec(text);
  if (found === null) return isoInstantMs(text);
  const pad = (part: string, mark: string): string =>
    part
      .split(mark)
      .map((item) => item.padStart(2, '0'))
      .join(mark);
  const fraction = found[3] === undefined ? '' : `.${found[3]}`;
  return isoInstantMs(`${pad(found[1]!, '-')}T${pad(found[2]!, ':')}${fraction}Z`);
}

/** As Pinot prints a TIMESTAMP, in UTC: `2023-11-14 23:00:00.0`, at least one digit of the fraction. */
export function formatTimestamp(ms: number): string {
  const iso = new Date(ms).toISOString();
  const [date, time] = [iso.slice(0, -14), iso.slice(-13, -1)];
  return `${date} ${time.replace(/0{1,2}$/, '')}`;
}
