import { expect, test } from 'vitest';
import type { JobNameType } from '../../src/config/job-spec.ts';
import { batchSegmentName } from '../../src/planner/batch-names.ts';
import type { NamedOutput } from '../../src/planner/names.ts';
import { d0, tableConfig } from './fixtures.ts';

const output: NamedOutput = {
  sequence: 2,
  minTimeMs: d0,
  maxTimeMs: d0 + 1,
  minTimeValue: '472224',
  maxTimeValue: '472225',
};

function nameOf(
  type: JobNameType,
  configs: Record<string, string> = {},
  inputUri = 'file:/data/2023/orders.part-1.csv',
): string {
  const offline = tableConfig('OFFLINE', { pushFrequency: 'DAILY' });
  return batchSegmentName(
    { type, configs },
    { offline, inputUri, output, creationMs: 1234567890, uuid: 'u-1' },
  );
}

test('J-5, J-6 simple, the default, has the table name with its type', () => {
  expect(nameOf('simple')).toBe('t_OFFLINE_472224_472225_2');
  expect(nameOf('simple', { 'segment.name.postfix': 'p' })).toBe('t_OFFLINE_472224_472225_p_2');
  expect(nameOf('simple', { 'exclude.time.in.segment.name': 'true' })).toBe('t_OFFLINE_2');
  expect(nameOf('simple', { 'append.uuid.to.segment.name': 'true' })).toBe(
    't_OFFLINE_472224_472225_2_u-1',
  );
});

test('J-5 fixed and normalizedDate', () => {
  expect(nameOf('fixed', { 'segment.name': 't_1_2_0' })).toBe('t_1_2_0');
  expect(() => nameOf('fixed')).toThrow(/segment\.name/);
  expect(nameOf('normalizedDate')).toBe('t_OFFLINE_2023-11-15_2023-11-15_2');
  expect(
    nameOf('normalizedDate', {
      'segment.name.prefix': 'a',
      'segment.name.postfix': 'b',
      'exclude.sequence.id': 'true',
    }),
  ).toBe('a_2023-11-15_2023-11-15_b');
});

test('O-14 inputFile: the pattern has to match the whole URI, else the path is the name', () => {
  const template = String.raw`${'${'}filePathPattern:\1}_done`;
  const matching = { 'file.path.pattern': '.+/(.+)\\.csv', 'segment.name.template': template };
  expect(nameOf('inputFile', matching)).toBe('orders.part-1_done');
  const partly = { ...matching, 'file.path.pattern': '(orders)' };
  expect(nameOf('inputFile', partly)).toBe('data_2023_orders_part-1_csv');
  expect(nameOf('inputFile', partly, '/data/a.csv')).toBe('data_a_csv');
  expect(nameOf('inputFile', partly, 's3://bucket/a.csv')).toBe('a_csv');
  expect(() => nameOf('inputFile')).toThrow(/needs configs/);
  expect(() => nameOf('inputFile', { ...matching, 'file.path.pattern': '(' })).toThrow(/regular/);
});

test('E-26, O-14 uploadedRealtime', () => {
  expect(
    nameOf('uploadedRealtime', {
      'segment.name.prefix': 'prefix',
      'segment.partitionId': '1',
      'segment.uploadTimeMs': '1234567890',
      'segment.name.postfix': 'suffix',
    }),
  ).toBe('prefix__t_OFFLINE__1__1234567890__suffix');
  expect(nameOf('uploadedRealtime', { 'segment.partitionId': '3' })).toBe(
    'uploaded__t_OFFLINE__3__1234567890__2',
  );
  expect(() => nameOf('uploadedRealtime')).toThrow(/segment\.partitionId is not given/);
});
