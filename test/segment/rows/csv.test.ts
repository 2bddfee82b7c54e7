import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesSource } from '../../../src/segment/rows/byte-source.ts';
import { readRows } from '../../../src/segment/rows/read-rows.ts';
import { noFields, pieces, readAll, shown, spans, textSource } from './read.ts';

async function rowsOf(text: string | Uint8Array): Promise<unknown[]> {
  return shown((await readAll(textSource(text), 'csv')).rows);
}

test('the first record names the columns; cells are text, an empty one is null', async () => {
  const { rows, end } = await readAll(textSource('id,name\n1,a\n2,\n'), 'csv');
  expect(shown(rows)).toEqual([
    { id: '1', name: 'a' },
    { id: '2', name: null },
  ]);
  expect(spans(rows)).toEqual([
    [8, 12],
    [12, 15],
  ]);
  expect(end).toBe(15);
});

test('quotes hold delimiters, doubled quotes and line feeds', async () => {
  expect(await rowsOf('a,b\r\n"x,""y""","1\n2"\r\n3,4\r\n')).toEqual([
    { a: 'x,"y"', b: '1\n2' },
    { a: '3', b: '4' },
  ]);
});

test('byte-order mark, empty lines and spaces around cells are dropped', async () => {
  expect(await rowsOf('\ufeffa, b\n\n 1 , 2\n   \n')).toEqual([{ a: '1', b: '2' }]);
});

test('a record with another number of cells, or a bad quote, is an undecodable row', async () => {
  expect(await rowsOf('a,b\n1\n1,2,3\n"x"y,2\n5,6\n')).toEqual([
    '1 cells, the header has 2',
    '3 cells, the header has 2',
    expect.stringMatching(/^not valid CSV/),
    { a: '5', b: '6' },
  ]);
});

test('invalid UTF-8 is an undecodable row', async () => {
  const bytes = Buffer.concat([
    Buffer.from('a,b\n1,'),
    Buffer.from([0xff]),
    Buffer.from('\n3,4\n'),
  ]);
  expect(await rowsOf(bytes)).toEqual(['not valid UTF-8', { a: '3', b: '4' }]);
});

test('a last record without a line feed is a row when it has all cells, else the tail', async () => {
  expect(await rowsOf('a,b\n1,2')).toEqual([{ a: '1', b: '2' }]);
  const cut = await readAll(textSource('a,b\n1,2\n3'), 'csv');
  expect([shown(cut.rows), cut.end, cut.tail?.text]).toEqual([[{ a: '1', b: '2' }], 8, '3']);
  const quoted = await readAll(textSource('a,b\n"1,2\n'), 'csv');
  expect([quoted.end, quoted.tail?.text]).toEqual([4, '"1,2\n']);
});

test('a header that is not ended yet is left unread', async () => {
  const { rows, end, tail } = await readAll(textSource('a,b'), 'csv');
  expect([rows, end, tail?.text]).toEqual([[], 0, 'a,b']);
});

test.each([
  ['a,a\n1,2\n', 'column a twice'],
  ['a,\n1,2\n', 'a column without a name'],
])('a header that cannot be used (%j) refuses the file', async (text, fault) => {
  await expect(rowsOf(text)).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringContaining(fault),
  });
});

test("reading goes on at any record's end, with the header from the start", async () => {
  const text = 'a,b\n1,"x\ny"\nbad\n\n3,4\n';
  const all = await readAll(textSource(text), 'csv');
  expect(all.rows).toHaveLength(3);
  for (const [i, row] of all.rows.entries()) {
    const rest = await readAll(textSource(text), 'csv', row.end);
    expect(rest.rows).toEqual(all.rows.slice(i + 1));
  }
});

test('cells of multi-value fields are split, and the delimiters can be chosen', async () => {
  const field = { name: 'tags', multiValue: true } as never;
  const schema = { ...noFields, fields: [field] };
  const { rows } = await readAll(textSource('id,tags\n1;2,x;y\n3,\n'), 'csv', 0, schema);
  expect(shown(rows)).toEqual([
    { id: '1;2', tags: ['x', 'y'] },
    { id: '3', tags: null },
  ]);
  const csv = { delimiter: '|', multiValueDelimiter: ',', header: ['id', 'tags'] };
  const source = bytesSource(Buffer.from('1|x,y\n'), 'test');
  for await (const batch of readRows(source, { format: 'csv', start: 0, schema, csv })) {
    if (batch.rows.length > 0) expect(shown(batch.rows)).toEqual([{ id: '1', tags: ['x', 'y'] }]);
  }
});

test('however the bytes arrive, each record comes back as it was quoted', async () => {
  const cell = fc
    .string({ maxLength: 6, unit: fc.constantFrom('a', 'ü', ',', '"', '\n', '\r\n', ' ', ';') })
    .map((text) => text.trim());
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }),
      async (records, lengths) => {
        const quoted = records.map(
          ([a, b]) => `"${a.replace(/"/g, '""')}","${b.replace(/"/g, '""')}"\n`,
        );
        const { rows, tail } = await readAll(
          pieces(Buffer.from(`a,b\n${quoted.join('')}`), lengths),
          'csv',
        );
        const expected = records.map(([a, b]) => ({
          a: a === '' ? null : a,
          b: b === '' ? null : b,
        }));
        expect(shown(rows)).toEqual(expected);
        expect(tail).toBe(null);
      },
    ),
  );
});
