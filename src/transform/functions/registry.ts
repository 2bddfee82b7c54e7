import { nearestName } from '../../config/names.ts';
import { arithmeticFunctions } from './arithmetic.ts';
import { arrayFunctions } from './array.ts';
import { bytesFunctions } from './bytes.ts';
import { castFunctions } from './cast.ts';
import { comparisonFunctions } from './comparison.ts';
import type { FunctionFamily, ScalarFunction } from './function.ts';
import { jsonFunctions } from './json.ts';
import { regexpFunctions } from './regexp.ts';
import { textFunctions } from './text.ts';
import { timeFunctions } from './time.ts';

const families: readonly FunctionFamily[] = [
  comparisonFunctions,
  arithmeticFunctions,
  textFunctions,
  regexpFunctions,
  bytesFunctions,
  timeFunctions,
  jsonFunctions,
  arrayFunctions,
  castFunctions,
];

const functions = new Map<string, { readonly name: string; readonly spec: ScalarFunction }>();
for (const family of families) {
  for (const [name, spec] of Object.entries(family)) functions.set(keyOf(name), { name, spec });
}

/** Functions that Pinot has and that are refused here, with the reason. */
const refused: Readonly<Record<string, string>> = {
  uuid: 'its result differs at every call, so the same input would not give the same segment',
  random: 'its result differs at every call, so the same input would not give the same segment',
  rand: 'its result differs at every call, so the same input would not give the same segment',
  sleep: 'it only delays the row',
};

/** `to_epoch_days` and `toEpochDays` are one function. */
export function keyOf(name: string): string {
  return name.toLowerCase().replaceAll('_', '');
}

export function findFunction(name: string): ScalarFunction | null {
  return functions.get(keyOf(name))?.spec ?? null;
}

/** Why a name is no function here, with the nearest one that is. `extra`: names known elsewhere. */
export function unknownFunction(name: string, extra: readonly string[]): string {
  const reason = refused[keyOf(name)];
  if (reason !== undefined) return `the function ${name} is not supported: ${reason}`;
  const names = [...[...functions.values()].map((entry) => entry.name), ...extra];
  const nearest = nearestName(name, names);
  return nearest === null
    ? `there is no function ${name}`
    : `there is no function ${name}; the nearest is ${nearest}`;
}
