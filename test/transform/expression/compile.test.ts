import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RawValue } from '../../../src/config/cell.ts';
import { isSegmillError } from '../../../src/errors.ts';
import { checkExpression } from '../../../src/transform/expression/check.ts';
import { compileExpression } from '../../../src/transform/expression/compile.ts';

const compile = (text: string) => compileExpression(text, { where: 'filterFunction', nowMs: 0 });
const evaluate = (text: string, row: Record<string, RawValue> = {}): RawValue =>
  compile(text).evaluate((name) => row[name] ?? null);

test('columns are listed once each, quoted names and backticks included', () => {
  expect(compile('plus("a b", `c d`) + "a b" + e.f').columns).toEqual(['a b', 'c d', 'e.f']);
  expect(evaluate('"a ""b"""', { 'a "b"': 1 })).toBe(1);
});

test('text keeps its quotes, numbers their digits', () => {
  expect(evaluate("'it''s'")).toBe("it's");
  expect(evaluate('12345678901234567890')).toBe(12_345_678_901_234_567_890n);
  expect(evaluate('-1.5e3')).toBe(-1500);
  expect(evaluate('NULL')).toBeNull();
  expect(evaluate('TRUE')).toBe(true);
});

test('operators bind as in SQL', () => {
  expect(evaluate('1 + 2 * 3 - 4 / 2')).toBe(5);
  expect(evaluate('(1 + 2) * 3')).toBe(9);
  expect(evaluate('2 - 1 - 1')).toBe(0);
  expect(evaluate('true OR true AND false')).toBe(true);
  expect(evaluate('NOT false AND false')).toBe(false);
  expect(evaluate('NOT NOT true')).toBe(true);
  expect(evaluate('1 = 1 AND 2 BETWEEN 1 AND 3 AND 3 IN (3)')).toBe(true);
  expect(evaluate('a IS NOT NULL', { a: 0 })).toBe(true);
  expect(evaluate('(1 = 1) IS TRUE')).toBe(true);
});

test('case stops at the first branch that is true: later ones may not even be computable', () => {
  expect(evaluate('CASE WHEN true THEN 1 ELSE intDiv(1, 0) END')).toBe(1);
  expect(evaluate('coalesce(1, intDiv(1, 0))')).toBe(1);
  expect(evaluate('false AND intDiv(1, 0) = 1')).toBe(false);
});

test.each([
  ['', 'character 1', 'ends too early'],
  ['a +', 'character 4', 'ends too early'],
  ['a b', 'character 3', 'complete before this'],
  ['upper(a', 'character 8', 'expected ")"'],
  ["'open", 'character 1', 'no closing quote'],
  ['a # b', 'character 3', '"#"'],
  ['upper(a, b)', 'character 1', 'upper takes 1 argument, found 2'],
  ['1 + uper(a)', 'character 5', 'the nearest is upper'],
  ['frobnicate(a)', 'character 1', 'there is no function frobnicate'],
  ['uuid()', 'character 1', 'differs at every call'],
  ['case when a then b', 'character 19', 'expected END'],
  ['a not b', 'character 7', 'expected IN, BETWEEN or LIKE'],
  ['end + 1', 'character 1', 'double quotes'],
  ['cast(a as 5)', 'character 11', 'data type'],
])('%s is refused with its position', (text, position, why) => {
  const [problem] = checkExpression(text, 'filterFunction');
  expect(problem).toContain('filterFunction: ');
  expect(problem).toContain(position);
  expect(problem).toContain(why);
});

test.each(['Groovy({a + b}, a, b)', ' groovy ( {x} )', 'upper(Groovy(a))'])(
  '%s is refused by name, with what to write instead',
  (text) => {
    expect(() => compile(text)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('plus(a, b)'),
      }),
    );
  },
);

test('nesting has a bound', () => {
  expect(evaluate(`${'('.repeat(200)}1${')'.repeat(200)}`)).toBe(1);
  const [problem] = checkExpression(`${'('.repeat(5000)}1${')'.repeat(5000)}`);
  expect(problem).toContain('nested deeper than');
});

test('any text either compiles or is refused with a segmill error', () => {
  const parts =
    'a|"b c"|\'t\'|1|-|+|*|(|)|,| AND | OR | NOT |=| IS NULL| IN (| BETWEEN | LIKE |CASE |WHEN | THEN | END|upper(|#';
  const part = fc.constantFrom(...parts.split('|'));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (chosen) => {
      try {
        expect(compile(chosen.join('')).columns).toBeInstanceOf(Array);
      } catch (error) {
        expect(isSegmillError(error)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});
