import { expect, test } from 'vitest';
import type { Cell } from '../../src/config/cell.ts';
import type { DataType, Field } from '../../src/config/types.ts';
import { compileSanitiser, sanitiseCell } from '../../src/transform/sanitise.ts';
import { field } from './fields.ts';

function sanitise(dataType: DataType, changes: Partial<Field>, cell: Cell): Cell {
  const sanitiser = compileSanitiser(field('c', dataType, changes));
  return sanitiser === null ? cell : sanitiseCell(sanitiser, cell);
}

const short = { maxLength: 3 };

test('X-21 text is cut at its length and at a NUL, 512 UTF-16 units unless set', () => {
  expect(sanitise('STRING', {}, 'x'.repeat(513))).toBe('x'.repeat(512));
  expect(sanitise('STRING', {}, 'x'.repeat(512))).toBe('x'.repeat(512));
  expect(sanitise('STRING', short, 'abcd')).toBe('abc');
  expect(sanitise('STRING', short, 'a\0bcd')).toBe('a');
  expect(sanitise('STRING', short, ['ab', 'abcd'])).toEqual(['ab', 'abc']);
  expect(sanitise('STRING', short, null)).toBeNull();
});

test('X-21 SUBSTITUTE_DEFAULT_VALUE puts the default, NO_ACTION cuts at a NUL alone, ERROR refuses', () => {
  const by = (maxLengthStrategy: Field['maxLengthStrategy']) => ({ ...short, maxLengthStrategy });
  expect(sanitise('STRING', by('SUBSTITUTE_DEFAULT_VALUE'), 'abcd')).toBe('null');
  expect(sanitise('STRING', by('SUBSTITUTE_DEFAULT_VALUE'), 'a\0')).toBe('null');
  expect(sanitise('STRING', by('NO_ACTION'), 'abcd')).toBe('abcd');
  expect(sanitise('STRING', by('NO_ACTION'), 'ab\0cd')).toBe('ab');
  expect(() => sanitise('STRING', by('ERROR'), 'abcd')).toThrow(/4 characters, at most 3/);
  expect(() => sanitise('STRING', by('ERROR'), 'a\0')).toThrow(/NUL character at 1/);
});

test('X-21 JSON and BYTES are left alone unless a strategy is set', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  expect(sanitise('JSON', short, '{"a":1}')).toBe('{"a":1}');
  expect(sanitise('BYTES', short, bytes)).toBe(bytes);
  const trim = { ...short, maxLengthStrategy: 'TRIM_LENGTH' as const };
  expect(sanitise('JSON', trim, '{"a":1}')).toBe('{"a');
  expect(sanitise('BYTES', trim, bytes)).toEqual(Uint8Array.of(1, 2, 3));
  const error = { ...short, maxLengthStrategy: 'ERROR' as const };
  expect(() => sanitise('BYTES', error, bytes)).toThrow(/4 bytes, at most 3/);
  const none = { ...short, maxLengthStrategy: 'NO_ACTION' as const };
  expect(sanitise('BYTES', none, bytes)).toBe(bytes);
  const substitute = { ...short, maxLengthStrategy: 'SUBSTITUTE_DEFAULT_VALUE' as const };
  expect(sanitise('BYTES', substitute, bytes)).toEqual(new Uint8Array());
});
