import { expect, test } from 'vitest';
import { cronProblem } from '../../src/config/cron.ts';

test.each([
  '0 0 * * * ?',
  '0 */5 * ? * *',
  '0 0/15 8-18 ? * MON-FRI',
  '0 0 12 L * ?',
  '0 0 12 LW * ?',
  '0 0 12 15W * ?',
  '0 0 12 L-3 * ?',
  '0 0 12 ? * 6L',
  '0 0 12 ? * FRI#2',
  '0 0 12 1,15 JAN,jul ? 2026-2030',
  '0 10,44 14 ? 3 WED',
])('C-12 "%s" is a Quartz expression', (text) => {
  expect(cronProblem(text)).toBeNull();
});

test.each([
  '',
  'garbage',
  '* * * * *',
  '0 0 * * * *',
  '0 0 ? * * ?',
  '60 0 * * * ?',
  '0 0 24 * * ?',
  '0 0 0 32 * ?',
  '0 0 0 ? 13 *',
  '0 0 0 ? * 8',
  '0 0 0 ? * FUN',
  '0 0/0 0 ? * *',
  '0 0/99 0 ? * *',
  '0 1-2-3 0 ? * *',
  '0 0 0 ? * * 1969',
  '0 0 0 ? * * 2026 x',
  '? 0 0 ? * *',
])('C-12 "%s" is none', (text) => {
  expect(cronProblem(text)).toBeTypeOf('string');
});
