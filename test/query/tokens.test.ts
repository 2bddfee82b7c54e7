import fc from 'fast-check';
import { expect, test } from 'vitest';
import { depthsOf, nameOf, tokenize } from '../../src/query/tokens.ts';

function kinds(sql: string): string[] {
  return tokenize(sql)
    .filter(({ kind }) => kind !== 'space')
    .map(({ kind, text }) => `${kind}:${text}`);
}

test('tokens joined are the text again, whatever it holds', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom("'", '"', '$', '$$', '/*', '*/', '--', '\n', "E'", '\\', '$a$', 'ä', '😀'),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const sql = pieces.join('');
      expect(
        tokenize(sql)
          .map(({ text }) => text)
          .join(''),
      ).toBe(sql);
    }),
  );
});

test('strings, quoted names and comments are one token each', () => {
  expect(kinds(`'a''b' E'it\\'s' "x""y" $$q'r$$ $t$ a $u$ $t$`)).toEqual([
    `string:'a''b'`,
    `string:E'it\\'s'`,
    `quoted:"x""y"`,
    `string:$$q'r$$`,
    `string:$t$ a $u$ $t$`,
  ]);
  expect(kinds('1 -- two $segmentName\n/* a /* nested */ still */ 3')).toEqual([
    'number:1',
    'number:3',
  ]);
});

test('what is not closed goes to the end of the text', () => {
  expect(kinds(`a 'b c`)).toEqual(['word:a', `string:'b c`]);
  expect(kinds(`a "b c`)).toEqual(['word:a', 'quoted:"b c']);
  expect(kinds('a /* b /* c */')).toEqual(['word:a']);
});

test('numbers and words with a dollar stay whole', () => {
  expect(kinds('1.5e-3 10 $docId a$b t.$segmentName')).toEqual([
    'number:1.5e-3',
    'number:10',
    'word:$docId',
    'word:a$b',
    'word:t',
    'symbol:.',
    'word:$segmentName',
  ]);
});

test('a quoted name is read without its quotes', () => {
  expect(nameOf(tokenize('"a""b"')[0])).toBe('a"b');
});

test('depth counts parentheses, brackets and braces', () => {
  expect(depthsOf(tokenize('a(b[{c}])d'))).toEqual([0, 0, 1, 1, 2, 3, 2, 1, 0, 0]);
});

test('a text of a million characters is cut in one pass', () => {
  for (const part of ["''", '$a ', '/*', '1', '(', '$']) {
    const sql = part.repeat(500_000);
    expect(tokenize(sql).reduce((sum, { text }) => sum + text.length, 0)).toBe(sql.length);
  }
});
