// Multi-value cells. The names with a type behind them (`arrayDistinctInt`) are the plain functions: elements know their type.
import type { RawValue } from '../../config/cell.ts';
import { compareValues, equalValues } from './comparison.ts';
import type { FunctionFamily, ScalarFunction } from './function.ts';
import { arrayArg, doubleArg, intArg, scalar, textArg } from './function.ts';

type Items = readonly RawValue[];

function distinct(items: Items): RawValue[] {
  const kept = new Map<string, RawValue>();
  for (const item of items) {
    const key = `${typeof item === 'string' ? 's' : ''}${elementText(item)}`;
    if (!kept.has(key)) kept.set(key, item);
  }
  return [...kept.values()];
}

function elementText(item: RawValue): string {
  return item === null ? 'null' : textArg([item], 0);
}

function indexOf(items: Items, wanted: RawValue): number {
  return items.findIndex((item) => equalValues(item, wanted));
}

function onItems(compute: (items: Items) => RawValue): ScalarFunction {
  return scalar(1, 1, (args) => compute(arrayArg(args, 0)));
}

function withItem(compute: (items: Items, item: RawValue) => RawValue): ScalarFunction {
  return scalar(2, 2, (args) => compute(arrayArg(args, 0), args[1]!));
}

function extreme(wanted: number): ScalarFunction {
  return onItems((items) =>
    items.reduce((best, item) => (Math.sign(compareValues(item, best)) === wanted ? item : best)),
  );
}

function sum(items: Items): number {
  return items.reduce((total: number, item) => total + doubleArg([item], 0), 0);
}

const typedFunctions: FunctionFamily = {
  arrayReverse: onItems((items) => [...items].reverse()),
  arraySort: onItems((items) => [...items].sort(compareValues)),
  arrayIndexOf: withItem(indexOf),
  arrayContains: withItem((items, item) => indexOf(items, item) >= 0),
  arrayDistinct: onItems(distinct),
  arrayRemove: withItem((items, item) => {
    const at = indexOf(items, item);
    return at < 0 ? items : items.toSpliced(at, 1);
  }),
  arrayUnion: scalar(2, 2, (args) => distinct([...arrayArg(args, 0), ...arrayArg(args, 1)])),
  arrayConcat: scalar(2, Infinity, (args) => args.flatMap((_, i) => arrayArg(args, i))),
  arraySlice: scalar(3, 3, (args) => {
    const [items, from, to] = [arrayArg(args, 0), intArg(args, 1), intArg(args, 2)];
    return items.slice(Math.max(0, from), Math.max(0, to));
  }),
  /** From 1; null outside. */
  arrayElementAt: scalar(2, 2, (args) => arrayArg(args, 0)[intArg(args, 1) - 1] ?? null),
  arraySum: onItems(sum),
};

const length = onItems((items) => items.length);
const types = ['', 'Int', 'Long', 'Float', 'Double', 'String'] as const;

export const arrayFunctions: FunctionFamily = {
  ...Object.fromEntries(
    types.flatMap((type) =>
      Object.entries(typedFunctions).map(([name, spec]) => [name + type, spec] as const),
    ),
  ),
  arrayLength: length,
  cardinality: length,
  arrayMin: extreme(-1),
  arrayMax: extreme(1),
  arrayAverage: onItems((items) => sum(items) / items.length),
  arrayToString: scalar(2, 3, (args) => {
    const texts = arrayArg(args, 0).map((item) =>
      item === null ? (args.length === 3 ? textArg(args, 2) : null) : elementText(item),
    );
    return texts.filter((text) => text !== null).join(textArg(args, 1));
  }),
};
