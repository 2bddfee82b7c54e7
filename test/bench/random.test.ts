import { expect, test } from 'vitest';
import { createRandom } from '../../src/bench/random.ts';

function take(seed: number, stream: number, count: number): number[] {
  const random = createRandom(seed, stream);
  return Array.from({ length: count }, random);
}

test('the same seed and stream give the same numbers, for ever', () => {
  expect(take(42, 0, 100)).toEqual(take(42, 0, 100));
  expect(take(42, 3, 3)).toEqual([0.353398708529849, 0.6751445477695395, 0.5715597936623903]);
});

test('another seed or stream gives others', () => {
  expect(take(42, 0, 4)).not.toEqual(take(42, 1, 4));
  expect(take(42, 0, 4)).not.toEqual(take(43, 0, 4));
});

test('numbers lie evenly in [0, 1)', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const number of take(1, 1, 100_000)) counts[Math.floor(number * 10)]!++;
  expect(counts).toHaveLength(10);
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});
