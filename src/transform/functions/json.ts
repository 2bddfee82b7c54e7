// JSON: documents as objects or as their text. A function with a default answers it for whatever goes wrong, as in Pinot.
import type { RawValue } from '../../config/cell.ts';
import { isSegmillError } from '../../errors.ts';
import { JsonError, parseJson } from '../../json/parse.ts';
import { textOf } from '../convert.ts';
import { jsonTextOf } from '../json-text.ts';
import type { Args, FunctionFamily, ScalarFunction } from './function.ts';
import {
  booleanArg,
  callError,
  doubleArg,
  longArg,
  longResult,
  nullable,
  scalar,
  textArg,
} from './function.ts';
import { parseJsonPath, readJsonPath } from './json-path.ts';

function documentOf(value: RawValue): RawValue {
  if (typeof value !== 'string') return value;
  try {
    return parseJson(value);
  } catch (error) {
    if (error instanceof JsonError) throw callError(`the text is no JSON: ${error.message}`);
    throw error;
  }
}

function read(args: Args): RawValue {
  return readJsonPath(documentOf(args[0] ?? null), parseJsonPath(textArg(args, 1)));
}

function jsonString(value: RawValue): string | null {
  if (value === null) return null;
  return typeof value === 'string' ? value : jsonTextOf(value);
}

/** The value at the path through `convert`; `fallback` when there is none, it does not convert or the text is no JSON. */
function orElse(args: Args, fallback: RawValue, convert: (value: RawValue) => RawValue): RawValue {
  try {
    const value = args[0] === null ? null : read(args);
    return value === null ? fallback : convert(value);
  } catch (error) {
    if (isSegmillError(error)) return fallback;
    throw error;
  }
}

const longMin = -(2n ** 63n);
const intMin = -(2 ** 31);

function toLong(value: RawValue): RawValue {
  return longResult(longArg([value], 0));
}

function toInt(value: RawValue): RawValue {
  const whole = Number(longArg([value], 0));
  if (whole < intMin || whole >= -intMin) throw callError(`${whole} does not fit into 32 bits`);
  return whole;
}

function toDouble(value: RawValue): RawValue {
  return doubleArg([value], 0);
}

function toBoolean(value: RawValue): RawValue {
  return booleanArg([value], 0);
}

function typed(convert: (value: RawValue) => RawValue, missing: RawValue): ScalarFunction {
  return nullable(2, 3, (args) =>
    args.length === 2 && args[0] === null ? null : orElse(args, args[2] ?? missing, convert),
  );
}

const scalarTypes: Readonly<
  Record<string, { readonly convert: (value: RawValue) => RawValue; readonly missing: RawValue }>
> = {
  STRING: { convert: jsonString, missing: null },
  INT: { convert: toInt, missing: intMin },
  LONG: { convert: toLong, missing: longMin },
  TIMESTAMP: { convert: toLong, missing: longMin },
  FLOAT: { convert: toDouble, missing: null },
  DOUBLE: { convert: toDouble, missing: Number.MIN_VALUE },
  BOOLEAN: { convert: toBoolean, missing: false },
  BIG_DECIMAL: {
    convert: (value) =>
      value !== null && typeof value !== 'object' ? textOf(value) : jsonString(value),
    missing: null,
  },
};

/** `jsonExtractScalar(document, path, type [, default])`. */
function extractScalar(args: Args): RawValue {
  const type = scalarTypes[textArg(args, 2).toUpperCase()];
  if (type === undefined) {
    throw callError(
      `there is no type ${textArg(args, 2)}; allowed are ${Object.keys(scalarTypes).join(', ')}`,
    );
  }
  return orElse(args, args[3] ?? type.missing, type.convert);
}

function asArray(value: RawValue): RawValue {
  return value === null || Array.isArray(value) ? value : [value];
}

/** A document of the wanted kind, null for all else. */
function parsedAs(wanted: RegExp): ScalarFunction {
  return scalar(1, 1, (args) => {
    const text = textArg(args, 0).trim();
    if (!wanted.test(text)) return null;
    try {
      return parseJson(text);
    } catch (error) {
      if (error instanceof JsonError) return null;
      throw error;
    }
  });
}

function isJson(args: Args): boolean {
  try {
    parseJson(textArg(args, 0));
    return true;
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}

export const jsonFunctions: FunctionFamily = {
  jsonPath: scalar(2, 2, read),
  jsonPathArray: scalar(2, 2, (args) => asArray(read(args))),
  jsonPathArrayDefaultEmpty: nullable(2, 2, (args) => orElse(args, [], asArray)),
  jsonPathExists: scalar(2, 2, (args) => orElse(args, false, () => true)),
  jsonPathString: nullable(2, 3, (args) => {
    if (args.length === 3) return orElse(args, args[2]!, jsonString);
    return args[0] === null ? null : jsonString(read(args));
  }),
  jsonPathLong: typed(toLong, longMin),
  jsonPathInt: typed(toInt, intMin),
  jsonPathDouble: typed(toDouble, NaN),
  jsonPathBoolean: typed(toBoolean, false),
  jsonExtractScalar: scalar(3, 4, extractScalar),
  jsonFormat: scalar(1, 1, (args) => jsonTextOf(args[0]!)),
  toJsonMapStr: nullable(1, 1, (args) => jsonTextOf(args[0]!)),
  jsonStringToArray: parsedAs(/^\[/),
  jsonStringToMap: parsedAs(/^\{/),
  jsonStringToListOrMap: parsedAs(/^[[{]/),
  isJson: scalar(1, 1, isJson),
};
