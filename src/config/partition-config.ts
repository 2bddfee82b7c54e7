import { didYouMean } from './names.ts';
import { isJsonObject } from './reader.ts';
import type { ConfigReader } from './reader.ts';
import type { PartitionColumn, PartitionFunctionName } from './types.ts';

const functionNames: ReadonlyMap<string, PartitionFunctionName> = new Map([
  ['modulo', 'Modulo'],
  ['murmur', 'Murmur'],
  ['murmur2', 'Murmur'],
  ['murmur3', 'Murmur3'],
  ['hashcode', 'HashCode'],
  ['bytearray', 'ByteArray'],
  ['fnv', 'FNV'],
  ['boundedcolumnvalue', 'BoundedColumnValue'],
]);
const normalizers = ['POSITIVE_MODULO', 'ABS', 'MASK', 'PRE_MODULO_ABS', 'NO_OP'] as const;

/** `columnPartitionMap` in its order (P-1, P-5, P-6); a function that Pinot would not find either is refused. */
export function parsePartitionColumns(index: ConfigReader): PartitionColumn[] {
  const map = index.child('segmentPartitionConfig').child('columnPartitionMap');
  return map.keys().flatMap((column) => {
    if (isJsonObject(map.raw(column))) return [parsePartitionColumn(column, map.child(column))];
    map.error(column, 'allowed is an object with functionName and numPartitions.');
    return [];
  });
}

function parsePartitionColumn(column: string, spec: ConfigReader): PartitionColumn {
  const given = spec.requiredText('functionName');
  const functionName = functionNames.get(given.toLowerCase());
  if (functionName === undefined && given !== '') {
    const known = [...new Set(functionNames.values())];
    spec.error(
      'functionName',
      `unknown partition function "${given}", allowed are ${known.join(', ')}.${didYouMean(given, known)}`,
    );
  }
  const numPartitions = spec.has('numPartitions') ? spec.integer('numPartitions', 1, 1) : 0;
  if (numPartitions === 0)
    spec.error('numPartitions', 'is missing; give a whole number above zero.');
  const functionConfig = spec.child('functionConfig').textMap();
  const normalizer = spec.has('partitionIdNormalizer')
    ? spec.oneOf('partitionIdNormalizer', normalizers, 'POSITIVE_MODULO')
    : null;
  checkFunctionConfig(spec, functionName, numPartitions, functionConfig);
  return {
    column,
    functionName: functionName ?? 'Murmur',
    numPartitions,
    functionConfig,
    normalizer,
  };
}

/** P-9, P-12, P-13: settings that the function itself would refuse at the first row. */
function checkFunctionConfig(
  spec: ConfigReader,
  functionName: PartitionFunctionName | undefined,
  numPartitions: number,
  config: Readonly<Record<string, string>>,
): void {
  const settings = spec.child('functionConfig');
  if (functionName === 'Murmur3') {
    settings.oneOf('variant', ['x86_32', 'x64_32'], 'x86_32');
    settings.integer('seed', 0, -(2 ** 31));
  }
  if (functionName === 'FNV') {
    settings.oneOf('variant', ['fnv1_32', 'fnv1a_32', 'fnv1_64', 'fnv1a_64'], 'fnv1a_32');
  }
  if (functionName !== 'BoundedColumnValue') return;
  const { columnValues = '', columnValuesDelimiter = '' } = config;
  if (columnValues === '' || columnValuesDelimiter === '') {
    spec.error(
      'functionConfig',
      'BoundedColumnValue needs columnValues and columnValuesDelimiter.',
    );
    return;
  }
  let values = 0;
  let inside = false;
  // The delimiter is a set of characters (P-13), so runs of other characters are counted.
  for (const char of columnValues) {
    const delimits = columnValuesDelimiter.includes(char);
    if (!delimits && !inside) values++;
    inside = !delimits;
  }
  if (numPartitions !== values + 1) {
    spec.error(
      'numPartitions',
      `found ${numPartitions}, allowed is ${values + 1}: one for each of the ${values} values and one for all others.`,
    );
  }
}
