import { didYouMean } from './names.ts';
import type { AggregationType } from './types.ts';

const aggregationTypes: readonly AggregationType[] = [
  'SUM',
  'MIN',
  'MAX',
  'AVG',
  'FIRSTWITHTIME',
  'LASTWITHTIME',
];

/** On Pinot's list (C-27), refused here by name: sketches, and HLLPLUS, which Pinot accepts and cannot run (C-29). */
const sketches: readonly string[] = [
  'DISTINCTCOUNTHLL',
  'DISTINCTCOUNTRAWHLL',
  'DISTINCTCOUNTTHETASKETCH',
  'DISTINCTCOUNTRAWTHETASKETCH',
  'DISTINCTCOUNTTUPLESKETCH',
  'DISTINCTCOUNTRAWINTEGERSUMTUPLESKETCH',
  'SUMVALUESINTEGERSUMTUPLESKETCH',
  'AVGVALUEINTEGERSUMTUPLESKETCH',
  'DISTINCTCOUNTHLLPLUS',
  'DISTINCTCOUNTRAWHLLPLUS',
  'DISTINCTCOUNTCPCSKETCH',
  'DISTINCTCOUNTRAWCPCSKETCH',
  'DISTINCTCOUNTULL',
  'DISTINCTCOUNTRAWULL',
  'PERCENTILEKLL',
  'PERCENTILERAWKLL',
  'PERCENTILETDIGEST',
  'PERCENTILERAWTDIGEST',
];

/** C-28: underscores and `$` dropped, upper case, trailing digits of a percentile dropped. */
export function normalizeFunctionName(name: string): string {
  const plain = name.replace(/[_$]/g, '').toUpperCase();
  return plain.startsWith('PERCENTILE') ? plain.replace(/\d+$/, '') : plain;
}

export type AggregationLookup =
  | { readonly type: AggregationType }
  | { readonly unsupported: string }
  | { readonly unknown: string };

/** The aggregation that a name means; else why not, as text. */
export function lookUpAggregation(name: string): AggregationLookup {
  const normal = normalizeFunctionName(name);
  const type = aggregationTypes.find((known) => known === normal);
  if (type !== undefined) return { type };
  const allowed = `allowed are ${aggregationTypes.join(', ')}.`;
  if (normal.includes('HLLPLUS') && sketches.includes(normal)) {
    return {
      unsupported: `"${name}" is not supported (Pinot accepts it and fails when it runs), ${allowed}`,
    };
  }
  if (sketches.includes(normal)) {
    return { unsupported: `sketches such as "${name}" are not supported yet, ${allowed}` };
  }
  return {
    unknown: `has invalid aggregate type: "${name}", ${allowed}${didYouMean(normal, aggregationTypes)}`,
  };
}
