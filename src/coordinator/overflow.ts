import { elementAt, valueText } from '../columns/cell.ts';
import type { Column, FixedValues, VarValues } from '../columns/column.ts';
import { SegmillError } from '../errors.ts';
import type { SumOverflow } from '../tasks/contract.ts';
import type { FrameColumn } from '../tasks/frame.ts';
import type { WindowJob } from '../tasks/types.ts';

/** Design 5.7: names the column, the group's key and the setting that wraps as Pinot does. */
export function overflowError(
  { table }: WindowJob,
  { column, key }: SumOverflow,
  dictionaries: Readonly<Record<string, VarValues>>,
): SegmillError {
  const named = key.columns.map((part) => `${part.name}=${keyText(part, dictionaries[part.name])}`);
  return new SegmillError(
    'SUM_OVERFLOW',
    `SUM of column ${column} of table ${table} leaves its type for ${named.join(', ')}; use a wider type, or set segmill.semantics to pinot to let sums wrap`,
    { table, column, key: named.join(', '), setting: 'segmill.semantics' },
  );
}

function keyText(part: FrameColumn, dictionary: VarValues | undefined): string {
  const { name, dataType, offsets, values } = part;
  if (part.nulls?.[0] === 1) return 'null';
  const base = { name, dataType, rowCount: 1, nulls: null, offsets };
  const column: Column =
    dictionary === undefined
      ? { ...base, kind: 'fixed', values: values as FixedValues }
      : { ...base, kind: 'dictionary', codes: values as Uint32Array, dictionary, sorted: true };
  const texts = Array.from({ length: values.length }, (_, i) =>
    valueText(dataType, elementAt(column, i)),
  );
  return offsets === null ? texts[0]! : `[${texts.join(',')}]`;
}
