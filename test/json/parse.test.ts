import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonError, parseJson } from '../../src/json/parse.ts';
import { stringifyJson } from '../../src/json/stringify.ts';
import { NumberText } from '../../src/json/value.ts';
import { nestingDepthMax } from '../../src/limits.ts';

/** Long enough that the careful parser reads it, not JSON.parse. */
function padded(text: string): string {
  return `${' '.repeat(1 << 16)}${text}`;
}

test('agrees with JSON.parse on every value whose numbers are plain', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value);
      for (const given of [text, padded(text)]) {
        expect(JSON.parse(stringifyJson(parseJson(given)))).toEqual(JSON.parse(text));
      }
    }),
  );
});

test('64-bit integers keep every digit, in and out', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), (value) => {
      const parsed = parseJson(`[${value}]`);
      expect(BigInt((parsed as readonly (number | bigint)[])[0]!)).toBe(value);
      expect(stringifyJson(parsed)).toBe(`[${value}]`);
    }),
  );
});

test('a decimal that a double would change is kept as its text', () => {
  expect(parseJson('100000000000000000000000000000.000001')).toEqual(
    new NumberText('100000000000000000000000000000.000001'),
  );
  expect(parseJson('1e400')).toEqual(new NumberText('1e400'));
  expect(parseJson('15.947999999999999')).toBe(15.947999999999999);
  expect(stringifyJson(parseJson('[0.1000000000000000000001]'))).toBe('[0.1000000000000000000001]');
});

test('of duplicate keys the last wins, also for __proto__', () => {
  for (const text of ['{"a":1,"a":2}', padded('{"a":1,"a":2}')]) {
    expect(parseJson(text)).toEqual({ a: 2 });
  }
  const odd = parseJson(padded('{"__proto__":1}'));
  expect(Object.keys(odd as object)).toEqual(['__proto__']);
});

test.each([
  ['', 0],
  ['{"a":1,}', 7],
  ['[1 2]', 3],
  ['{"a" 1}', 5],
  ['{a:1}', 1],
  ['tru', 0],
  ['nul', 0],
  ['"\\x"', 1],
  ['"\\u12g4"', 1],
  ['"a', 2],
  ['"a\nb"', 2],
  ['01', 1],
  ['1.', 1],
  ['-', 0],
  ['1 2', 2],
  ['[', 1],
  ['NaN', 0],
])('%j breaks at character %i', (text, offset) => {
  const failure = (() => {
    try {
      return parseJson(text);
    } catch (error) {
      return error;
    }
  })();
  expect(failure).toBeInstanceOf(JsonError);
  expect((failure as JsonError).offset).toBe(offset);
});

test('nesting beyond the limit is refused, not a stack overflow', () => {
  const deep = '['.repeat(nestingDepthMax + 2) + ']'.repeat(nestingDepthMax + 2);
  expect(() => parseJson(deep)).toThrow(JsonError);
  expect(() => parseJson('['.repeat(1_000_000))).toThrow(JsonError);
  const fine = '['.repeat(nestingDepthMax) + ']'.repeat(nestingDepthMax);
  expect(stringifyJson(parseJson(fine))).toBe(fine);
});

test('writes bigints bare, infinities as text, leaves undefined members out, indents', () => {
  const value = {
    a: 9223372036854775807n,
    b: [1, { c: undefined }],
    d: -Infinity,
    e: 'ü"\n',
    f: [],
  };
  expect(stringifyJson(value)).toBe(
    '{"a":9223372036854775807,"b":[1,{}],"d":"-Infinity","e":"ü\\"\\n","f":[]}',
  );
  expect(stringifyJson({ a: [1, 2] }, 2)).toBe('{\n  "a": [\n    1,\n    2\n  ]\n}');
});
