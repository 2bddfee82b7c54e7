import { expect, test } from 'vitest';
import { arrowCodec } from '../../src/segment/arrow/codec.ts';
import { codecOf, formatOfBytes, inspectSegment } from '../../src/segment/open.ts';
import { parquetCodec } from '../../src/segment/parquet/codec.ts';
import { batchOf, field } from '../columns/fields.ts';
import { encodeFile, header, optionsFor } from './parquet/files.ts';

const fields = [field('s', 'STRING'), field('m', 'INT', true)];
const batch = batchOf(
  fields,
  Array.from({ length: 100 }, (_, i) => [`v${i % 4}`, [i, i + 1]]),
  { nullHandling: false },
);
const parquet = encodeFile([batch], optionsFor(fields, false), 60);
const arrow = Buffer.concat([...arrowCodec.encode([batch], optionsFor(fields, false))]);

test('the format is told by the first bytes', () => {
  expect(formatOfBytes(parquet, 'f')).toBe('parquet');
  expect(formatOfBytes(arrow, 'f')).toBe('arrow');
  expect(codecOf('parquet')).toBe(parquetCodec);
  expect(codecOf('arrow')).toBe(arrowCodec);
  const refusal = (bytes: Uint8Array): unknown => {
    try {
      return formatOfBytes(bytes, 'the-file');
    } catch (error) {
      return error;
    }
  };
  expect(refusal(Uint8Array.of(0x1f, 0x8b, 8, 0))).toMatchObject({ code: 'UNSUPPORTED' });
  const tar = Buffer.alloc(512);
  tar.write('ustar', 257);
  expect(refusal(tar)).toMatchObject({ code: 'UNSUPPORTED' });
  expect(refusal(Uint8Array.of(1, 2, 3))).toMatchObject({ code: 'FILE_UNREADABLE' });
  expect(refusal(new Uint8Array(0))).toMatchObject({ code: 'FILE_UNREADABLE' });
});

test('an inspection shows rows, header and how each column lies', () => {
  const seen = inspectSegment(parquet, 'f');
  expect(seen).toMatchObject({
    format: 'parquet',
    rowCount: 100,
    rowGroups: [60, 40],
    byteLength: parquet.length,
    header: { ...header, nullHandling: false },
  });
  expect(seen.columns).toMatchObject([
    {
      name: 's',
      dataType: 'STRING',
      multiValue: false,
      optional: false,
      encodings: ['RLE_DICTIONARY', 'PLAIN'],
      compression: ['SNAPPY'],
    },
    { name: 'm', dataType: 'INT', multiValue: true, optional: false, compression: ['SNAPPY'] },
  ]);
  expect(seen.columns[0]!.storedBytes).toBeGreaterThan(0);
  const other = inspectSegment(arrow, 'f');
  expect(other).toMatchObject({ format: 'arrow', rowCount: 100, header: seen.header });
  expect(other.columns).toMatchObject([
    { name: 's', encodings: ['dictionary'] },
    { name: 'm', encodings: ['fixed'] },
  ]);
});

test('the writer is named with the release', async () => {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
  expect(inspectSegment(parquet, 'f').writer).toBe(`segmill version ${manifest.version}`);
});
