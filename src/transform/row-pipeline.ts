// one decoded row through expression transforms, filter, conversion, time check and sanitising. Defaults are not
// filled here: a null cell stays null, and the builder of the columns puts the default into its slot.
import type { Cell, RawValue } from '../config/cell.ts';
import type { ColumnTransform, Field, Schema } from '../config/types.ts';
import { isSegmillError, SegmillError } from '../errors.ts';
import { compileConverter } from './converter.ts';
import type { Converter } from './converter.ts';
import type { CompiledExpression } from './expression/compile.ts';
import { compileExpression } from './expression/compile.ts';
import { createRowTime } from './row-time.ts';
import type { RowTime } from './row-time.ts';
import { compileSanitiser, sanitiseCell } from './sanitise.ts';
import type { Sanitiser } from './sanitise.ts';

export interface RowPipelineOptions {
  readonly schema: Schema;
  /**
   * `ingest`: a value that does not convert, or a time that is missing or outside 1971-2071, rejects the row (design
   * 5.20). `move`: such a value is an error of the window, or null under `continueOnError`; a missing time
   * takes the default of X-20.
   */
  readonly mode: 'ingest' | 'move';
  readonly transforms: readonly ColumnTransform[];
  readonly filterFunction: string | null;
  readonly continueOnError: boolean;
  readonly timeColumn: string | null;
  /** `move` only: the time must lie in 1971-2071. */
  readonly rowTimeValueCheck: boolean;
  /** What `now()` answers, and the last resort of X-20. */
  readonly nowMs: number;
}

/** A decoded row, by field name; a `RawRow` is one. */
export interface RowSource {
  get(name: string): RawValue | undefined;
  keys(): Iterable<string>;
}

export type RowOutcome =
  | {
      readonly kind: 'row';
      /** A cell a field, in schema order. */
      readonly cells: Cell[];
      /** a value was lost and stands as null, or the filter could not be evaluated. */
      readonly incomplete: boolean;
      readonly sanitized: boolean;
      /** Fields of the row that neither the schema nor an expression knows. */
      readonly ignoredFields: number;
    }
  | { readonly kind: 'filtered' }
  /** In mode `move` only under `continueOnError`: the row is dropped and counts as incomplete. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly column: string | null };

export interface RowPipeline {
  /** @throws SegmillError in mode `move` without `continueOnError`, as the failure of the window */
  process(raw: RowSource): RowOutcome;
}

/** @throws SegmillError CONFIG_INVALID or UNSUPPORTED for an expression that cannot be compiled */
export function createRowPipeline(options: RowPipelineOptions): RowPipeline {
  return new Pipeline(options);
}

interface Transform {
  readonly column: string;
  readonly expression: CompiledExpression;
}

interface Column {
  readonly field: Field;
  readonly convert: Converter;
  readonly sanitise: Sanitiser | null;
}

class Pipeline implements RowPipeline {
  readonly #options: RowPipelineOptions;
  readonly #columns: readonly Column[];
  readonly #transforms: readonly Transform[];
  readonly #filter: CompiledExpression | null;
  readonly #known: ReadonlySet<string>;
  readonly #time: RowTime | null;

  constructor(options: RowPipelineOptions) {
    this.#options = options;
    this.#columns = options.schema.fields.map((field) => ({
      field,
      convert: compileConverter(field),
      sanitise: compileSanitiser(field),
    }));
    this.#transforms = compileTransforms(options);
    this.#filter =
      options.filterFunction === null
        ? null
        : compileExpression(options.filterFunction, {
            where: 'filterFunction',
            nowMs: options.nowMs,
          });
    const expressions = [...this.#transforms.map((t) => t.expression), this.#filter];
    this.#known = new Set([
      ...options.schema.fields.map((field) => field.name),
      ...expressions.flatMap((expression) => expression?.columns ?? []),
    ]);
    const position = options.schema.fields.findIndex((field) => field.name === options.timeColumn);
    this.#time = position < 0 ? null : createRowTime(options.schema.fields[position]!, position);
  }

  process(raw: RowSource): RowOutcome {
    const row = new Row(raw);
    try {
      if (this.#transforms.length > 0) this.#transform(row);
      if (this.#filter !== null && this.#drops(this.#filter, row)) return { kind: 'filtered' };
      const cells = this.#convert(row);
      this.#checkTime(row, cells);
      this.#sanitise(row, cells);
      return {
        kind: 'row',
        cells,
        incomplete: row.incomplete,
        sanitized: row.sanitized,
        ignoredFields: this.#ignoredFields(raw),
      };
    } catch (error) {
      if (!isSegmillError(error)) throw error;
      if (this.#options.mode === 'move' && !this.#options.continueOnError) throw error;
      const column = error.details['column'];
      return {
        kind: 'rejected',
        reason: error.message,
        column: typeof column === 'string' ? column : null,
      };
    }
  }

  /** a value that is there already is kept. */
  #transform(row: Row): void {
    for (const { column, expression } of this.#transforms) {
      if (row.get(column) !== null) continue;
      try {
        row.set(column, expression.evaluate(row.get));
      } catch (error) {
        this.#tolerate(row, error);
      }
    }
  }

  /** only `true` drops the row; one whose filter fails is kept. */
  #drops(filter: CompiledExpression, row: Row): boolean {
    try {
      return filter.evaluate(row.get) === true;
    } catch (error) {
      this.#tolerate(row, error);
      return false;
    }
  }

  #convert(row: Row): Cell[] {
    const cells: Cell[] = [];
    for (const { field, convert } of this.#columns) {
      const value = row.get(field.name);
      try {
        cells.push(value === null ? null : convert(value));
      } catch (error) {
        if (this.#options.mode === 'ingest') throw error;
        this.#tolerate(row, error);
        cells.push(null);
      }
    }
    return cells;
  }

  #checkTime(row: Row, cells: Cell[]): void {
    const time = this.#time;
    if (time === null) return;
    const { mode, rowTimeValueCheck, nowMs } = this.#options;
    try {
      if (mode === 'ingest') time.check(cells);
      else if (rowTimeValueCheck && cells[time.position] !== null) time.check(cells);
    } catch (error) {
      if (mode === 'ingest') throw error;
      this.#tolerate(row, error);
      cells[time.position] = null;
    }
    if (cells[time.position] === null) cells[time.position] = time.defaultCell(nowMs);
  }

  #sanitise(row: Row, cells: Cell[]): void {
    for (let c = 0; c < cells.length; c++) {
      const sanitiser = this.#columns[c]!.sanitise;
      if (sanitiser === null) continue;
      const cell = sanitiseCell(sanitiser, cells[c]!);
      if (cell === cells[c]) continue;
      cells[c] = cell;
      row.sanitized = true;
    }
  }

  #tolerate(row: Row, error: unknown): void {
    if (!this.#options.continueOnError || !isSegmillError(error)) throw error;
    row.incomplete = true;
  }

  #ignoredFields(raw: RowSource): number {
    let ignored = 0;
    for (const name of raw.keys()) if (!this.#known.has(name)) ignored++;
    return ignored;
  }
}

/** The decoded row with the results of transforms over it. */
class Row {
  incomplete = false;
  sanitized = false;
  readonly #raw: RowSource;
  #derived: Map<string, RawValue> | null = null;

  constructor(raw: RowSource) {
    this.#raw = raw;
  }

  readonly get = (name: string): RawValue =>
    this.#derived?.get(name) ?? this.#raw.get(name) ?? null;

  set(name: string, value: RawValue): void {
    this.#derived ??= new Map();
    this.#derived.set(name, value);
  }
}

/** The table's transforms before the schema's old ones, each after those whose columns it reads. */
function compileTransforms(options: RowPipelineOptions): Transform[] {
  const texts = new Map<string, string>();
  for (const { name, transformFunction } of options.schema.fields) {
    if (transformFunction !== null) texts.set(name, transformFunction);
  }
  for (const { column, expression } of options.transforms) texts.set(column, expression);
  const compiled = new Map<string, Transform>();
  for (const [column, text] of texts) {
    const expression = compileExpression(text, {
      where: `transform of column ${column}`,
      nowMs: options.nowMs,
    });
    compiled.set(column, { column, expression });
  }
  return inOrderOfUse(compiled);
}

function inOrderOfUse(transforms: ReadonlyMap<string, Transform>): Transform[] {
  const ordered: Transform[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (transform: Transform): void => {
    if (state.get(transform.column) === 'done') return;
    if (state.get(transform.column) === 'open') {
      throw new SegmillError(
        'CONFIG_INVALID',
        `the transform of column ${transform.column} needs its own result, over other transforms; break the circle`,
        { column: transform.column },
      );
    }
    state.set(transform.column, 'open');
    for (const name of transform.expression.columns) {
      const source = transforms.get(name);
      if (source !== undefined && name !== transform.column) visit(source);
    }
    state.set(transform.column, 'done');
    ordered.push(transform);
  };
  for (const transform of transforms.values()) visit(transform);
  return ordered;
}
