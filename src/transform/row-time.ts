// The time of a row at the edge of the pipeline: the range check, and X-20's value for a missing time.
import type { Cell, CellValue, RawValue } from '../config/cell.ts';
import { compileTimeFormat } from '../config/time-format.ts';
import type { Field } from '../config/types.ts';
import { isSegmillError, SegmillError } from '../errors.ts';
import { validTimeMaxMs, validTimeMinMs } from '../limits.ts';
import { shownValue } from './convert.ts';

export interface RowTime {
  /** Of the time column among the schema's fields. */
  readonly position: number;
  /** @throws SegmillError ROW_REJECTED when the time is missing, unreadable or outside 1971-2071 */
  check(cells: readonly Cell[]): void;
  /** the field's own default where it is a time in 1971-2071, else the given moment. */
  defaultCell(nowMs: number): CellValue;
}

/** Of a time column that is no DATE_TIME field. */
const plainFormat = { kind: 'EPOCH', unit: 'MILLISECONDS', size: 1 } as const;

export function createRowTime(field: Field, position: number): RowTime {
  const time = compileTimeFormat(field.format ?? plainFormat, field.dataType);
  const toMs = (cell: CellValue): number | null => {
    try {
      return time.toMillis(cell as RawValue);
    } catch (error) {
      if (isSegmillError(error, 'VALUE_INVALID')) return null;
      throw error;
    }
  };
  const inRange = (ms: number | null): boolean =>
    ms !== null && ms >= validTimeMinMs && ms < validTimeMaxMs;
  const fieldDefault = inRange(toMs(field.defaultValue)) ? field.defaultValue : null;
  return {
    position,
    check(cells): void {
      const cell = cells[position] ?? null;
      if (cell === null) throw rejected(field, 'the row has no time');
      const ms = toMs(cell as CellValue);
      if (ms === null) {
        throw rejected(field, `${shownValue(cell)} does not read as a time in the column's format`);
      }
      if (!inRange(ms)) {
        throw rejected(field, `${shownValue(cell)} (${ms} ms) lies outside 1971-01-01..2071-01-01`);
      }
    },
    defaultCell: (nowMs) => fieldDefault ?? time.fromMillis(nowMs),
  };
}

function rejected(field: Field, why: string): SegmillError {
  return new SegmillError('ROW_REJECTED', `time column ${field.name}: ${why}`, {
    column: field.name,
  });
}
