import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { inputOf, lines, openDesk, range, tableRecord } from './fixtures.ts';

// Several batches to a file, several segments to a batch, and an end between two seals.
const rowCount = 30_000;
const table = tableRecord({ 'realtime.segment.flush.threshold.rows': '700' });

test.each([0, 1])(
  'a file that is interrupted after %i steps of progress is gone on with, no row lost or doubled',
  async (steps) => {
    const desk = await openDesk(table);
    const file = desk.write('many.ndjson', lines(0, rowCount));
    const stop = new AbortController();
    let seen = 0;
    const first = await desk.ingest(file, {
      signal: stop.signal,
      progress: () => {
        if (seen++ === steps) stop.abort();
      },
    });
    expect(first.interrupted).toBe(true);
    const kept = first.rowsKept;
    expect(await desk.ids()).toEqual(range(0, kept));
    const second = await desk.ingest(file);
    expect(second).toMatchObject({ interrupted: false, rowsKept: rowCount - kept });
    expect(await desk.ids()).toEqual(range(0, rowCount));
  },
);

test('compressed input is refused, from a file and from standard input', async () => {
  const desk = await openDesk();
  const packed = gzipSync(lines(0, 3));
  const file = desk.write('rows.ndjson.gz', packed);
  const renamed = desk.write('rows.ndjson', packed);
  for (const from of [file, renamed]) {
    await expect(desk.ingest(from)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      details: { found: 'gzip' },
    });
  }
  async function* pipe(): AsyncGenerator<Uint8Array> {
    yield packed;
  }
  await expect(desk.ingest('-', { input: pipe() })).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
  });
  expect(await desk.ids()).toEqual([]);
});

test('--follow on standard input ends with it', async () => {
  const desk = await openDesk();
  const result = await desk.ingest('-', { input: inputOf(lines(0, 2)), follow: true });
  expect(result).toMatchObject({ interrupted: false, rowsKept: 2 });
});
