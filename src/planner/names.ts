// Names of OFFLINE segments (O-10 to O-16) and how two of them never meet (design 5.14).
import type { ReplacedSegment, SegmentRecord } from '../catalog/types.ts';
import type { MoveConfig, Schema, TableConfig } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import type { TimeRange } from './snapshot.ts';

/** What of a finished output goes into its name; the shape of `WindowOutput`. */
export interface NamedOutput {
  /** Below 0: left out. */
  readonly sequence: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  /** Raw column values as text; null without a time column. */
  readonly minTimeValue: string | null;
  readonly maxTimeValue: string | null;
}

/** The name before it is made unique: by the OFFLINE config's generator type, else by the inferred one (O-10). */
export function segmentBaseName(
  offline: TableConfig,
  move: MoveConfig,
  schema: Schema,
  output: NamedOutput,
): string {
  const explicit = offline.segmentNameGeneratorType;
  const type = explicit ?? inferredType(offline, move, schema);
  // O-11: the inferred generators take the raw table name, the explicit ones the name with its type.
  const table = explicit === null ? offline.tableName : `${offline.tableName}_OFFLINE`;
  const prefix = move.segmentNamePrefix ?? table;
  switch (type) {
    case 'fixed':
      return fixedName(move.fixedSegmentName, 'fixedSegmentName');
    case 'simple':
      return simpleName(prefix, move.segmentNamePostfix, output);
    case 'normalizedDate':
      return normalizedDateName(prefix, move.segmentNamePostfix, offline, output);
  }
}

function inferredType(
  offline: TableConfig,
  move: MoveConfig,
  schema: Schema,
): 'fixed' | 'simple' | 'normalizedDate' {
  if (move.fixedSegmentName !== null) return 'fixed';
  const field = schema.fields.find(({ name }) => name === offline.timeColumn);
  const dated = field?.format?.kind === 'SIMPLE_DATE_FORMAT' && field.dataType === 'STRING';
  return dated ? 'normalizedDate' : 'simple';
}

/** @throws SegmillError NAME_INVALID when there is no name, or not a usable one */
export function fixedName(name: string | null, key: string): string {
  if (name !== null && name !== '') return checkedPart(name, key);
  throw new SegmillError('NAME_INVALID', `the fixed segment name generator needs ${key}`, { key });
}

/** `{prefix}_{min}_{max}[_{postfix}]_{seq}` with raw time values (O-11). */
export function simpleName(prefix: string, postfix: string | null, output: NamedOutput): string {
  return joined([
    checkedPart(prefix, 'the prefix'),
    checkedPart(output.minTimeValue, 'the least time value'),
    checkedPart(output.maxTimeValue, 'the greatest time value'),
    checkedPart(postfix, 'the postfix'),
    sequencePart(output.sequence),
  ]);
}

/** `{prefix}[_{minDate}_{maxDate}][_{postfix}]_{seq}`, dates in UTC from epoch ms, by the hour for hourly pushes (O-12). */
export function normalizedDateName(
  prefix: string,
  postfix: string | null,
  config: Pick<TableConfig, 'pushType' | 'pushFrequency'>,
  output: NamedOutput,
): string {
  const dated = config.pushType === 'APPEND';
  const date = (ms: number | null): string | null =>
    dated && ms !== null ? normalizedDate(ms, config.pushFrequency) : null;
  return joined([
    checkedPart(prefix.trim(), 'the prefix'),
    date(output.minTimeMs),
    date(output.maxTimeMs),
    checkedPart(postfix?.trim() ?? null, 'the postfix'),
    sequencePart(output.sequence),
  ]);
}

function normalizedDate(ms: number, pushFrequency: TableConfig['pushFrequency']): string {
  const [day = '', time = ''] = new Date(ms).toISOString().split('T');
  return pushFrequency === 'HOURLY' ? `${day}-${time.slice(0, 2)}` : day;
}

function sequencePart(sequence: number): string | null {
  return sequence < 0 ? null : String(sequence);
}

function joined(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join('_');
}

// Pinot's set (O-13) and control characters, which no file system name should hold.
// oxlint-disable-next-line no-control-regex
const invalidCharacters = /[\\/:*?"<>|\u0000-\u001f]/;

/** @throws SegmillError NAME_INVALID (O-13); null passes */
export function checkedPart<T extends string | null>(part: T, what: string): T {
  const found = part === null ? null : (invalidCharacters.exec(part)?.[0] ?? null);
  if (found === null && part !== '.' && part !== '..') return part;
  throw new SegmillError(
    'NAME_INVALID',
    `Invalid partial or full segment name: ${part}; ${what} holds ${JSON.stringify(found ?? part)}, ` +
      String.raw`which may not be one of \ / : * ? " < > |; choose another prefix, postfix or segmentNameGeneratorType`,
    { part, character: found },
  );
}

/**
 * Final names of one window's outputs: the base name, or while it is taken `<base>_<windowStartMs>`, then with `_2`, `_3`.
 * @throws SegmillError FIXED_NAME_SEVERAL_OUTPUTS when two outputs have the same base name (O-16)
 */
export function uniqueNames(
  bases: readonly string[],
  taken: ReadonlySet<string>,
  windowStartMs: number,
): string[] {
  if (new Set(bases).size < bases.length)
    throw new SegmillError(
      'FIXED_NAME_SEVERAL_OUTPUTS',
      `the window from ${windowStartMs} makes ${bases.length} segments, and fixedSegmentName gives them all the name ` +
        `${bases[0]}; raise maxNumRecordsPerSegment, take the partitioning away, or remove fixedSegmentName`,
      { name: bases[0] ?? '', outputs: bases.length },
    );
  const used = new Set(taken);
  return bases.map((base) => {
    let name = base;
    for (let attempt = 1; used.has(name); attempt++)
      name = `${base}_${windowStartMs}${attempt === 1 ? '' : `_${attempt}`}`;
    used.add(name);
    return name;
  });
}

/**
 * OFFLINE names that a window's outputs may not have: those in sight that its commit does not replace, and replaced ones
 * that a rollback could bring back, unless they are its own window's.
 */
export function takenNames(
  offline: readonly SegmentRecord[],
  replaced: readonly ReplacedSegment[],
  window: TimeRange,
  replacesSegments: readonly string[],
): Set<string> {
  const own = new Set(replacesSegments);
  const taken = new Set<string>();
  for (const { name } of offline) if (!own.has(name)) taken.add(name);
  for (const { segment } of replaced) {
    const { origin } = segment;
    const ownWindow =
      origin.kind === 'run' &&
      window.startMs <= origin.windowStartMs &&
      origin.windowEndMs <= window.endMs;
    if (segment.type === 'OFFLINE' && !ownWindow && !own.has(segment.name)) taken.add(segment.name);
  }
  return taken;
}
