import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RawValue } from '../../src/config/cell.ts';
import type { DataType } from '../../src/config/types.ts';
import { isSegmillError } from '../../src/errors.ts';
import { NumberText } from '../../src/json/value.ts';
import { convertCell } from '../../src/transform/convert.ts';
import { compileConverter } from '../../src/transform/converter.ts';
import { field } from './fields.ts';

const to = (dataType: DataType, raw: RawValue) => convertCell(field('c', dataType), raw);
const toMany = (dataType: DataType, raw: RawValue) =>
  convertCell(field('c', dataType, { multiValue: true }), raw);

const cases: readonly (readonly [DataType, RawValue, unknown])[] = [
  ['INT', 12, 12],
  ['INT', ' +12 ', 12],
  ['INT', 1.9, 1],
  ['INT', -1.9, -1],
  ['INT', -0, 0],
  ['INT', true, 1],
  ['INT', 2147483647, 2147483647],
  ['INT', [7], 7],
  ['LONG', 9007199254740993n, 9007199254740993n],
  ['LONG', '-9223372036854775808', -9223372036854775808n],
  ['LONG', new NumberText('12345678901234567.9'), 12345678901234567n],
  ['LONG', '1632463351000', 1632463351000n],
  ['FLOAT', 1.1, Math.fround(1.1)],
  ['FLOAT', '1.5f', 1.5],
  ['FLOAT', 1e300, Infinity],
  ['DOUBLE', '-Infinity', -Infinity],
  ['DOUBLE', 'NaN', null],
  ['DOUBLE', -0, 0],
  ['DOUBLE', 9007199254740993n, 9007199254740992],
  ['BIG_DECIMAL', '-7.10E+3', '-7100'],
  ['BIG_DECIMAL', 1.5, '1.5'],
  ['BIG_DECIMAL', new NumberText('0.12345678901234567890'), '0.1234567890123456789'],
  ['BIG_DECIMAL', Uint8Array.of(0, 2, 0xff, 0x85), '-1.23'],
  ['BOOLEAN', 'TRUE', true],
  ['BOOLEAN', '1', true],
  ['BOOLEAN', 'yes', false],
  ['BOOLEAN', 2, true],
  ['BOOLEAN', 0n, false],
  ['TIMESTAMP', '2023-11-15 1:02:03.004', 1700010123004n],
  ['TIMESTAMP', '2023-11-15T01:02:03.004Z', 1700010123004n],
  ['TIMESTAMP', '2023-11-15T02:02:03.004+01:00', 1700010123004n],
  ['TIMESTAMP', '1632463351000', 1632463351000n],
  ['TIMESTAMP', 1632463351000, 1632463351000n],
  ['STRING', 12, '12'],
  ['STRING', 1e7 + 0.5, '1.00000005E7'],
  ['STRING', 9007199254740993n, '9007199254740993'],
  ['STRING', false, 'false'],
  ['STRING', Uint8Array.of(0, 255), '00ff'],
  ['STRING', { only: 'x' }, 'x'],
  ['STRING', {}, null],
  ['STRING', [], null],
  ['STRING', [null, 'x'], 'x'],
  ['JSON', { b: 1, a: [1, null, 'x', 1.5] }, '{"a":[1,null,"x",1.5],"b":1}'],
  ['JSON', '{"z": 1.50, "a" : 2}', '{"z":1.5,"a":2}'],
  ['JSON', 'no json', '"no json"'],
  ['JSON', '', ''],
  ['JSON', 5, '5'],
  ['JSON', [], '[]'],
  ['BYTES', ' 00Ff ', Uint8Array.of(0, 255)],
  ['BYTES', Uint8Array.of(1), Uint8Array.of(1)],
];

test.each(cases)('X-13 a %s column takes %o', (dataType, raw, cell) => {
  expect(to(dataType, raw)).toEqual(cell);
});

test.each<readonly [DataType, RawValue]>([
  ['INT', '1.5'],
  ['INT', ''],
  ['INT', 'foo'],
  ['INT', 2147483648],
  ['INT', NaN],
  ['INT', 1e20],
  ['INT', Uint8Array.of(1)],
  ['LONG', 9223372036854775808n],
  ['LONG', '9223372036854775808'],
  ['DOUBLE', 'x1'],
  ['BIG_DECIMAL', '1e100000'],
  ['BIG_DECIMAL', 'NaN'],
  ['TIMESTAMP', 'yesterday'],
  ['TIMESTAMP', '2023-02-30 00:00:00'],
  ['TIMESTAMP', true],
  ['BOOLEAN', Uint8Array.of(1)],
  ['BYTES', 'abc'],
  ['BYTES', 5],
  ['STRING', { a: 1, b: 2 }],
  ['STRING', ['a', 'b']],
])('X-23 a %s column refuses %o, and the error names column, type and value', (dataType, raw) => {
  expect(() => to(dataType, raw)).toThrow(
    expect.objectContaining({
      code: 'VALUE_INVALID',
      details: expect.objectContaining({ column: 'c', dataType }),
    }),
  );
});

test('X-18 trailing zeros of a BIG_DECIMAL stay where the field allows them', () => {
  expect(to('BIG_DECIMAL', '123.4500')).toBe('123.45');
  const allowing = field('c', 'BIG_DECIMAL', { allowTrailingZeros: true });
  expect(convertCell(allowing, '123.4500')).toBe('123.4500');
});

describe('X-17 multi-value', () => {
  test.each<readonly [RawValue, unknown]>([
    [
      [1, null, '2'],
      [1, 2],
    ],
    [9, [9]],
    [[], null],
    [[null], null],
    [null, null],
    [[[1, 2]], [1, 2]],
  ])('%o', (raw, cells) => {
    expect(toMany('INT', raw)).toEqual(cells);
  });

  test('X-18 NaN leaves no element, an array of nothing else is null', () => {
    expect(toMany('DOUBLE', ['NaN', -0, 1])).toEqual([0, 1]);
    expect(toMany('DOUBLE', ['NaN', NaN])).toBeNull();
  });
});

const dataTypes = [
  'INT',
  'LONG',
  'FLOAT',
  'DOUBLE',
  'BIG_DECIMAL',
  'BOOLEAN',
  'TIMESTAMP',
  'STRING',
  'JSON',
  'BYTES',
] as const;
const rawValue: fc.Arbitrary<RawValue> = fc.letrec<{ raw: RawValue }>((tie) => ({
  raw: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.bigInt().map(String),
    fc.double().map((x) => new NumberText(String(Number.isFinite(x) ? x : 0))),
    fc.uint8Array({ maxLength: 8 }),
    fc.array(tie('raw'), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie('raw'), { maxKeys: 3 }),
  ),
})).raw;

test('conversion is total: a cell of the type, null, or VALUE_INVALID', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...dataTypes),
      rawValue,
      fc.boolean(),
      (dataType, raw, multiValue) => {
        try {
          const cell = convertCell(field('c', dataType, { multiValue }), raw);
          if (cell === null) return;
          expect(Array.isArray(cell)).toBe(multiValue);
          for (const value of Array.isArray(cell) ? cell : [cell])
            expect(isOfType(dataType, value)).toBe(true);
        } catch (error) {
          if (!isSegmillError(error, 'VALUE_INVALID')) throw error;
          expect(error.details['dataType']).toBe(dataType);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

function isOfType(dataType: DataType, value: unknown): boolean {
  switch (dataType) {
    case 'INT':
      return Number.isInteger(value) && (value as number) === ((value as number) | 0);
    case 'LONG':
    case 'TIMESTAMP':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
    case 'FLOAT':
      return Math.fround(value as number) === value;
    case 'DOUBLE':
      return typeof value === 'number' && !Number.isNaN(value) && !Object.is(value, -0);
    case 'BIG_DECIMAL':
      return /^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$/.test(String(value));
    case 'BOOLEAN':
      return typeof value === 'boolean';
    case 'STRING':
    case 'JSON':
      return typeof value === 'string';
    case 'BYTES':
      return value instanceof Uint8Array;
  }
}

test('a LONG survives its text, any 64 bits of it', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      expect(to('LONG', String(value))).toBe(value);
      expect(to('LONG', value)).toBe(value);
      expect(to('STRING', to('LONG', value))).toBe(String(value));
    }),
  );
});

test('the short way of a converter gives what convertCell gives', () => {
  fc.assert(
    fc.property(fc.constantFrom(...dataTypes), rawValue, (dataType, raw) => {
      const c = field('c', dataType);
      const outcome = (run: () => unknown): unknown => {
        try {
          return run();
        } catch (error) {
          return String(error);
        }
      };
      expect(outcome(() => compileConverter(c)(raw))).toEqual(outcome(() => convertCell(c, raw)));
    }),
    { numRuns: 1000 },
  );
});
