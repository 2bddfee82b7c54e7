import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberText } from '../../../src/json/value.ts';
import { rowBytesMax } from '../../../src/limits.ts';
import { pieces, readAll, shown, spans, textSource } from './read.ts';

async function rowsOf(text: string | Uint8Array): Promise<unknown[]> {
  return shown((await readAll(textSource(text), 'ndjson')).rows);
}

test('each line is a row with its byte span', async () => {
  const { rows, end, tail } = await readAll(textSource('{"a":1}\n{"a":"ü"}\n'), 'ndjson');
  expect(shown(rows)).toEqual([{ a: 1 }, { a: 'ü' }]);
  expect(spans(rows)).toEqual([
    [0, 8],
    [8, 19],
  ]);
  expect([end, tail]).toEqual([19, null]);
});

test('a file that breaks off in the middle of a line leaves that line unread and reports it', async () => {
  const { rows, end, tail } = await readAll(textSource('{"a":1}\n{"a":2'), 'ndjson');
  expect(shown(rows)).toEqual([{ a: 1 }]);
  expect(end).toBe(8);
  expect(tail).toEqual({ start: 8, byteLength: 6, text: '{"a":2' });
});

test('a last line without a line feed that is a whole object is a row', async () => {
  const { rows, end, tail } = await readAll(textSource('{"a":1}\n{"a":2}'), 'ndjson');
  expect(shown(rows)).toEqual([{ a: 1 }, { a: 2 }]);
  expect([end, tail]).toEqual([15, null]);
});

test('a byte-order mark at the start is skipped, one further on is not', async () => {
  expect(await rowsOf('\ufeff{"a":1}\n')).toEqual([{ a: 1 }]);
  expect((await rowsOf('{"a":1}\n\ufeff{"a":2}\n'))[1]).toMatch(/^not valid JSON/);
});

test('CRLF line ends are line ends', async () => {
  expect(await rowsOf('{"a":1}\r\n{"a":2}\r\n')).toEqual([{ a: 1 }, { a: 2 }]);
});

test('empty lines and lines of spaces are skipped', async () => {
  const { rows, end } = await readAll(textSource('\n{"a":1}\n\r\n  \n{"a":2}\n\n'), 'ndjson');
  expect(shown(rows)).toEqual([{ a: 1 }, { a: 2 }]);
  expect(end).toBe(23);
});

test('of duplicate keys the last wins', async () => {
  expect(await rowsOf('{"a":1,"a":2}\n')).toEqual([{ a: 2 }]);
});

test('numbers as text and text as numbers stay what they are for the conversion to come', async () => {
  expect(await rowsOf('{"ts":"1632463351000","name":17}\n')).toEqual([
    { ts: '1632463351000', name: 17 },
  ]);
});

test('2^63 and beyond stay exact', async () => {
  const text = '{"a":9223372036854775807,"b":9223372036854775808,"c":0.1234567890123456789}\n';
  expect(await rowsOf(text)).toEqual([
    { a: 2n ** 63n - 1n, b: 2n ** 63n, c: new NumberText('0.1234567890123456789') },
  ]);
});

test('a bare NaN is an undecodable row, the rows around it are kept', async () => {
  const found = await rowsOf('{"a":1}\n{"a":NaN}\n{"a":3}\n');
  expect(found).toEqual([
    { a: 1 },
    expect.stringMatching(/^not valid JSON: .* at character 5$/),
    { a: 3 },
  ]);
});

test('nested objects and arrays stay raw', async () => {
  expect(await rowsOf('{"a":{"b":[1,{"c":null}]}}\n')).toEqual([{ a: { b: [1, { c: null }] } }]);
});

test('an object nested deeper than the limit is an undecodable row, not a crash', async () => {
  const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n{"a":1}\n`;
  const found = await rowsOf(deep);
  expect(found[0]).toMatch(/nested deeper/);
  expect(found[1]).toEqual({ a: 1 });
});

test('invalid UTF-8 is an undecodable row with its text kept as far as it reads', async () => {
  const bytes = Buffer.concat([
    Buffer.from('{"a":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"}\n{"a":2}\n'),
  ]);
  const { rows } = await readAll(textSource(bytes), 'ndjson');
  expect(shown(rows)).toEqual(['not valid UTF-8', { a: 2 }]);
  expect(rows[0]).toMatchObject({ text: '{"a":"\ufffd\ufffd"}' });
});

test('a line that is no object is an undecodable row', async () => {
  expect(await rowsOf('[1]\n"a"\n7\nnull\n123456789012345678901234567890.5\n')).toEqual(
    Array.from({ length: 5 }, () => 'not a JSON object'),
  );
});

test.each([1 << 20, 32 << 20])(
  'a line longer than the limit is one undecodable row, in chunks of %i bytes',
  async (chunk) => {
    const long = Buffer.alloc(rowBytesMax + 10, 'x');
    const bytes = Buffer.concat([Buffer.from('{"a":1}\n'), long, Buffer.from('\n{"a":2}\n')]);
    const lengths = Array.from({ length: 20 }, () => chunk);
    const { rows, end } = await readAll(pieces(bytes, lengths), 'ndjson');
    expect(shown(rows)).toEqual([
      { a: 1 },
      `the row has ${rowBytesMax + 10} bytes, the limit is ${rowBytesMax}`,
      { a: 2 },
    ]);
    expect(end).toBe(bytes.length);
  },
);

test("reading goes on at any row's end with the same rest", async () => {
  const text = '\n{"a":1}\r\nbroken\n{"a":3}\n\n{"a":4}';
  const all = await readAll(textSource(text), 'ndjson');
  for (const [i, row] of all.rows.entries()) {
    const rest = await readAll(textSource(text), 'ndjson', row.end);
    expect(rest.rows).toEqual(all.rows.slice(i + 1));
  }
});

const line = fc.oneof(
  fc
    .dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.constant(null)))
    .map((value) => JSON.stringify(value)),
  fc.constantFrom('', ' ', 'x', '{"a":', '[]', '\r'),
);

test('however the bytes arrive, the rows are those of a line by line reading', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }),
      async (lines, terminated, lengths) => {
        const text = lines.join('\n') + (terminated ? '\n' : '');
        const { rows, tail } = await readAll(pieces(Buffer.from(text), lengths), 'ndjson');
        const expected = naive(text);
        expect(shown(rows).map((row) => (typeof row === 'string' ? 'bad' : row))).toEqual(
          expected.rows,
        );
        expect(tail?.text ?? null).toBe(expected.tail);
      },
    ),
  );
});

function naive(text: string): { rows: unknown[]; tail: string | null } {
  const lines = text.split('\n');
  const last = lines.pop()!;
  const parsed = (source: string): unknown => {
    try {
      const value: unknown = JSON.parse(source);
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : 'bad';
    } catch {
      return source.trim() === '' ? null : 'bad';
    }
  };
  const rows = lines.map(parsed).filter((row) => row !== null);
  const end = parsed(last);
  if (end !== null && end !== 'bad') rows.push(end);
  return { rows, tail: end === 'bad' ? last : null };
}
