import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringifyJson } from '../../../src/json/stringify.ts';
import { pieces, readAll, shown, spans, textSource } from './read.ts';

async function rowsOf(text: string): Promise<unknown[]> {
  return shown((await readAll(textSource(text), 'json')).rows);
}

test('elements of an array are rows, their positions row numbers', async () => {
  const { rows, end } = await readAll(textSource('[{"a":1},\n {"a":[{"b":"]},{"}]}]\n'), 'json');
  expect(shown(rows)).toEqual([{ a: 1 }, { a: [{ b: ']},{' }] }]);
  expect(spans(rows)).toEqual([
    [0, 1],
    [1, 2],
  ]);
  expect(end).toBe(2);
});

test('one object over many lines, and objects one after another, are rows', async () => {
  expect(await rowsOf('\ufeff{\n  "a": 1\n}\n')).toEqual([{ a: 1 }]);
  expect(await rowsOf('{\n"a":1\n}\n{\n"a":2}{"a":3}')).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
});

test('an empty array and an empty file hold no row', async () => {
  expect(await rowsOf(' [ ] ')).toEqual([]);
  expect(await rowsOf('')).toEqual([]);
});

test('an element that is no object is an undecodable row', async () => {
  expect(await rowsOf('[1, {"a":1}, null, "x", [2] , {"a" 2}]')).toEqual([
    'not a JSON object',
    { a: 1 },
    'not a JSON object',
    'not a JSON object',
    'not a JSON object',
    expect.stringMatching(/^not valid JSON/),
  ]);
});

test('an array that is not closed is refused before its first row', async () => {
  await expect(rowsOf('[{"a":1},{"a":2}')).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringContaining('not closed'),
  });
});

test('an object that the end of the file cuts off is an undecodable row', async () => {
  expect(await rowsOf('{\n"a":1}\n{\n"a":')).toEqual([
    { a: 1 },
    'the file breaks off within this value',
  ]);
});

test('reading goes on at a row number', async () => {
  const { rows, end } = await readAll(textSource('[{"a":1},{"a":2},{"a":3}]'), 'json', 2);
  expect([shown(rows), end]).toEqual([[{ a: 3 }], 3]);
});

test('however the bytes arrive, the rows are those of JSON.parse', async () => {
  const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(value, { maxLength: 6 }),
      fc.constantFrom(0, 2),
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }),
      async (values, indent, lengths) => {
        const bytes = Buffer.from(JSON.stringify(values, null, indent));
        const { rows } = await readAll(pieces(bytes, lengths), 'json');
        expect(stringifyJson(shown(rows))).toBe(JSON.stringify(values));
      },
    ),
  );
});
