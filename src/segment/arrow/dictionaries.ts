// Dictionary columns on their way into a file: which values their codes name there, and which of them are new.
import type { Column, DictionaryColumn, VarValues } from '../../columns/column.ts';
import { buildDictionary, compactDictionary, remapCodes } from '../../columns/dictionary.ts';
import { plainValues } from '../../columns/gather.ts';
import { GrowingDictionary } from '../../columns/growing-dictionary.ts';
import { varCount } from '../../columns/var-values.ts';
import type { ColumnLayout } from './schema.ts';

/** The column with or without a dictionary, as the layout has it. */
export function inLayout(column: Column, layout: ColumnLayout): Column {
  const { name, dataType, rowCount, nulls, offsets } = column;
  const base = { name, dataType, rowCount, nulls, offsets };
  if (column.kind === 'bytes' && layout.dictionary !== null) {
    const built = buildDictionary(column.values, dataType);
    return { ...base, kind: 'dictionary', sorted: true, ...built };
  }
  if (column.kind === 'dictionary' && layout.dictionary === null) {
    return { ...base, kind: 'bytes', values: plainValues(column) };
  }
  return column;
}

export interface CodedColumn {
  /** Codes as they stand in the file. */
  readonly column: Column;
  /** Values that the file does not have yet, null when there are none. */
  readonly delta: VarValues | null;
  /** The delta is the whole dictionary so far, and replaces what was there. */
  readonly isFirst: boolean;
}

/**
 * One column's dictionary over the batches of a file. As long as batches share one dictionary their codes stay as they
 * are; at the first that brings its own, new values are added behind it.
 */
export class DictionaryTrack {
  readonly #layout: ColumnLayout;
  readonly #sizeMax: number;
  #shared: VarValues | null = null;
  #growing: GrowingDictionary | null = null;

  /** @param sizeMax past this many values the next batch begins a new dictionary */
  constructor(layout: ColumnLayout, sizeMax: number = Infinity) {
    this.#layout = layout;
    this.#sizeMax = sizeMax;
  }

  code(column: Column): CodedColumn {
    if (column.kind !== 'dictionary') return { column, delta: null, isFirst: false };
    if (this.#shared === null || (this.#growing?.size ?? 0) > this.#sizeMax) {
      this.#shared = column.dictionary;
      this.#growing = null;
      return { column, delta: column.dictionary, isFirst: true };
    }
    if (this.#growing === null && this.#shared === column.dictionary) {
      return { column, delta: null, isFirst: false };
    }
    return this.#grow(compactDictionary(column), this.#shared);
  }

  #grow(column: DictionaryColumn, shared: VarValues): CodedColumn {
    if (this.#growing === null) {
      this.#growing = new GrowingDictionary();
      const { added } = this.#growing.add(shared);
      if (varCount(added) !== varCount(shared)) throw new Error('a dictionary with equal values');
    }
    const { remap, added } = this.#growing.add(column.dictionary);
    const { codeBytes } = this.#layout.dictionary!;
    if (this.#growing.size > 2 ** (8 * codeBytes)) {
      throw new Error(
        `column ${column.name}: pieces that began to share a dictionary no longer do`,
      );
    }
    const codes = remapCodes(column.codes, remap, this.#growing.size);
    const delta = varCount(added) === 0 ? null : added;
    return { column: { ...column, codes, sorted: false }, delta, isFirst: false };
  }
}
