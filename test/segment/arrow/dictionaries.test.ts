import { expect, test } from 'vitest';
import { varCount } from '../../../src/columns/var-values.ts';
import { DictionaryTrack } from '../../../src/segment/arrow/dictionaries.ts';
import type { ColumnLayout } from '../../../src/segment/arrow/schema.ts';
import { columnOf } from '../../columns/fields.ts';

function layout(codeBytes: 1 | 2 | 4): ColumnLayout {
  const dictionary = { id: 0, codeBytes, sorted: false };
  return {
    name: 'c',
    dataType: 'STRING',
    multiValue: false,
    nullable: true,
    defaultValue: 'null',
    dictionary,
  };
}

test('a shared dictionary is written once, an own one as what is new in it', () => {
  const track = new DictionaryTrack(layout(4));
  const shared = columnOf('STRING', ['b', 'a']);
  expect(track.code(shared)).toMatchObject({ column: shared, isFirst: true });
  expect(track.code(shared)).toEqual({ column: shared, delta: null, isFirst: false });
  const own = track.code(columnOf('STRING', ['c', 'b']));
  expect(own.isFirst).toBe(false);
  expect(varCount(own.delta!)).toBe(1);
  expect(own.column.kind === 'dictionary' && Array.from(own.column.codes)).toEqual([2, 1]);
});

test('past its size a dictionary is begun anew', () => {
  const track = new DictionaryTrack(layout(4), 2);
  const firsts = ['a', 'b', 'c', 'd'].map(
    (value) => track.code(columnOf('STRING', [value])).isFirst,
  );
  expect(firsts).toEqual([true, false, false, true]);
});

test('pieces that cease to share a narrow dictionary are refused', () => {
  const many = Array.from({ length: 200 }, (_, i) => `a${i}`);
  const track = new DictionaryTrack(layout(1));
  track.code(columnOf('STRING', many));
  expect(() =>
    track.code(
      columnOf(
        'STRING',
        many.map((value) => `b${value}`),
      ),
    ),
  ).toThrow(/no longer do/);
});
