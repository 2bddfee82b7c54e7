// BIG_DECIMAL columns are stored as text: exact at any size, but neither ordered nor added up as numbers. Where all
// values of a column fit DuckDB's 38 digits, the views give it as DECIMAL.
import type { Field, Schema } from '../config/types.ts';
import type { Session } from './session.ts';
import { valuesSelect } from './views.ts';
import type { QueryFile } from './views.ts';

const digitsMax = 38;

/** By column: the DECIMAL type that holds all values, for the columns that the query names. */
export async function decimalTypes(
  session: Session,
  schema: Schema,
  files: readonly QueryFile[],
  names: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const wanted = new Set([...names].map((name) => name.toLowerCase()));
  const types = new Map<string, string>();
  for (const field of schema.fields) {
    const { name, dataType, multiValue } = field;
    if (dataType !== 'BIG_DECIMAL' || multiValue || !wanted.has(name.toLowerCase())) continue;
    const type = await decimalType(session, field, files);
    if (type !== null) types.set(name, type);
  }
  return types;
}

async function decimalType(
  session: Session,
  field: Field,
  files: readonly QueryFile[],
): Promise<string | null> {
  const fallback = String(field.defaultValue);
  const select = valuesSelect(field, files) ?? 'SELECT NULL::VARCHAR AS text';
  const [row] = await session.rows(
    `SELECT max(length(ltrim(split_part(text, '.', 1), '-'))), max(length(split_part(text, '.', 2))),
       bool_and(regexp_full_match(text, '-?[0-9]+([.][0-9]+)?'))
     FROM (${select} UNION ALL SELECT '${fallback.replaceAll("'", "''")}')`,
  );
  const [whole, scale, allPlain] = row ?? [];
  if (allPlain !== true || typeof whole !== 'bigint' || typeof scale !== 'bigint') return null;
  return whole + scale <= digitsMax ? `DECIMAL(${digitsMax}, ${scale})` : null;
}
