// Quartz cron expressions (C-12): seconds, minutes, hours, day of month, month, day of week, and optionally a year.

interface CronField {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const monthNames = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const weekdayNames = 'SUN MON TUE WED THU FRI SAT'.split(' ');
const cronFields: readonly CronField[] = [
  { label: 'seconds', min: 0, max: 59, names: [] },
  { label: 'minutes', min: 0, max: 59, names: [] },
  { label: 'hours', min: 0, max: 23, names: [] },
  { label: 'day of month', min: 1, max: 31, names: [] },
  { label: 'month', min: 1, max: 12, names: monthNames },
  { label: 'day of week', min: 1, max: 7, names: weekdayNames },
  { label: 'year', min: 1970, max: 2199, names: [] },
];

/** What is wrong with a Quartz cron expression, or null when it is one. */
export function cronProblem(text: string): string | null {
  const parts = text.trim().split(/\s+/);
  if (text.trim() === '' || parts.length < 6 || parts.length > 7) {
    return `it has ${text.trim() === '' ? 0 : parts.length} fields, Quartz needs 6 or 7 (seconds first)`;
  }
  for (const [index, part] of parts.entries()) {
    const field = cronFields[index]!;
    if (!part.split(',').every((item) => isItem(item.toUpperCase(), field))) {
      return `"${part}" is no value for ${field.label}`;
    }
  }
  const anyDays = [parts[3], parts[5]].filter((part) => part === '?').length;
  return anyDays === 1 ? null : 'exactly one of day of month and day of week must be "?"';
}

function isItem(item: string, field: CronField): boolean {
  const isDay = field.label.startsWith('day');
  if (item === '?') return isDay;
  if (field.label === 'day of month' && /^(L(-\d{1,2})?W?|LW|\d{1,2}W)$/.test(item)) return true;
  if (field.label === 'day of week') {
    const special = /^(?:L|(\w+?)(?:L|#[1-5]))$/.exec(item);
    if (special !== null) return special[1] === undefined || isValue(special[1], field);
  }
  const [range = '', step, ...rest] = item.split('/');
  if (rest.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (step !== undefined && Number(step) > field.max) return false;
  if (range === '*' || (range === '' && step !== undefined)) return true;
  const ends = range.split('-');
  return ends.length <= 2 && ends.every((end) => isValue(end, field));
}

function isValue(text: string, field: CronField): boolean {
  if (field.names.includes(text)) return true;
  return /^\d+$/.test(text) && Number(text) >= field.min && Number(text) <= field.max;
}
