// What an inbuilt function is, and how its arguments are read: as in Pinot, an argument is converted to what the function
// takes, and a null argument makes the result null unless the function looks at nulls itself.
import type { RawValue } from '../../config/cell.ts';
import type { DataType } from '../../config/types.ts';
import { isSegmillError, SegmillError } from '../../errors.ts';
import { convertCell, shownValue } from '../convert.ts';

export interface CallContext {
  /** What `now()` answers: one moment for all rows of a pipeline. */
  readonly nowMs: number;
}

export type Args = readonly RawValue[];

export interface ScalarFunction {
  readonly minArgs: number;
  readonly maxArgs: number;
  /** False: a null argument gives null and the function is not called. */
  readonly seesNulls: boolean;
  readonly evaluate: (args: Args, context: CallContext) => RawValue;
}

/** Functions of one family by name; letter case and underscores of the name do not count. */
export type FunctionFamily = Readonly<Record<string, ScalarFunction>>;

type Evaluate = ScalarFunction['evaluate'];

export function scalar(minArgs: number, maxArgs: number, evaluate: Evaluate): ScalarFunction {
  return { minArgs, maxArgs, seesNulls: false, evaluate };
}

export function nullable(minArgs: number, maxArgs: number, evaluate: Evaluate): ScalarFunction {
  return { minArgs, maxArgs, seesNulls: true, evaluate };
}

/** The error of a call that cannot be answered for this row. */
export function callError(why: string): SegmillError {
  return new SegmillError('VALUE_INVALID', why);
}

function argument(args: Args, index: number, dataType: DataType): unknown {
  const raw = args[index] ?? null;
  try {
    const field = { name: '', dataType, multiValue: false, allowTrailingZeros: true };
    const value = convertCell(field, raw);
    if (value !== null) return value;
  } catch (error) {
    if (!isSegmillError(error, 'VALUE_INVALID')) throw error;
  }
  throw callError(`argument ${index + 1}, ${shownValue(raw)}, is no ${dataType}`);
}

export function textArg(args: Args, index: number): string {
  const raw = args[index];
  return typeof raw === 'string' ? raw : (argument(args, index, 'STRING') as string);
}

/** NaN stays NaN, unlike in a column. */
export function doubleArg(args: Args, index: number): number {
  const raw = args[index];
  if (typeof raw === 'number') return raw;
  return raw === 'NaN' ? NaN : (argument(args, index, 'DOUBLE') as number);
}

export function longArg(args: Args, index: number): bigint {
  const raw = args[index];
  return typeof raw === 'bigint' ? raw : (argument(args, index, 'LONG') as bigint);
}

export function intArg(args: Args, index: number): number {
  return argument(args, index, 'INT') as number;
}

export function booleanArg(args: Args, index: number): boolean {
  const raw = args[index];
  return typeof raw === 'boolean' ? raw : (argument(args, index, 'BOOLEAN') as boolean);
}

export function bytesArg(args: Args, index: number): Uint8Array {
  return argument(args, index, 'BYTES') as Uint8Array;
}

/** A single value counts as an array of one. */
export function arrayArg(args: Args, index: number): readonly RawValue[] {
  const raw = args[index] ?? null;
  return Array.isArray(raw) ? (raw as readonly RawValue[]) : [raw];
}

const longMax = 2n ** 63n - 1n;

/** A whole result; beyond 64 bits is an error, it never wraps. */
export function longResult(value: bigint): RawValue {
  if (value > longMax || value < -longMax - 1n) {
    throw callError(`the result ${value} does not fit into 64 bits`);
  }
  return value >= -0x1fffffffffffffn && value <= 0x1fffffffffffffn ? Number(value) : value;
}
