// An expression as a closure, compiled once a pipeline. AND, OR, CASE and COALESCE look at their arguments one at a time.
import type { RawValue } from '../../config/cell.ts';
import { isSegmillError, SegmillError } from '../../errors.ts';
import type { CallContext, ScalarFunction } from '../functions/function.ts';
import { findFunction, keyOf, unknownFunction } from '../functions/registry.ts';
import type { Node } from './parser.ts';
import { parseExpression } from './parser.ts';
import { syntaxError } from './tokenizer.ts';

export interface CompiledExpression {
  /** Columns that it reads, each once. */
  readonly columns: readonly string[];
  /** @throws SegmillError VALUE_INVALID when it cannot be evaluated for these values */
  evaluate(get: (name: string) => RawValue): RawValue;
}

export interface CompileOptions extends CallContext {
  /** For messages: `filterFunction`, `transform of column x`. */
  readonly where: string;
}

type Get = (name: string) => RawValue;
type Evaluate = (get: Get) => RawValue;

/** @throws SegmillError CONFIG_INVALID with the position in the text; UNSUPPORTED for Groovy */
export function compileExpression(text: string, options: CompileOptions): CompiledExpression {
  const node = parseExpression(text, options.where);
  const columns = new Set<string>();
  const evaluate = new Compiler(text, options, columns).compile(node);
  return {
    columns: [...columns],
    evaluate(get): RawValue {
      try {
        return evaluate(get);
      } catch (error) {
        if (!isSegmillError(error)) throw error;
        throw new SegmillError(error.code, `${options.where}: ${error.message}`, error.details, {
          cause: error,
        });
      }
    },
  };
}

/** Calls that do not evaluate all their arguments; name, least number of arguments. */
const specialForms = {
  and: 1,
  or: 1,
  not: 1,
  case: 2,
  casewhen: 2,
  if: 3,
  coalesce: 1,
} as const;
type SpecialForm = keyof typeof specialForms;

class Compiler {
  readonly #text: string;
  readonly #options: CompileOptions;
  readonly #columns: Set<string>;

  constructor(text: string, options: CompileOptions, columns: Set<string>) {
    this.#text = text;
    this.#options = options;
    this.#columns = columns;
  }

  compile(node: Node): Evaluate {
    switch (node.kind) {
      case 'literal': {
        const { value } = node;
        return () => value;
      }
      case 'column': {
        const { name } = node;
        this.#columns.add(name);
        return (get) => get(name);
      }
      case 'call':
        return this.#call(node);
    }
  }

  #call(node: Extract<Node, { kind: 'call' }>): Evaluate {
    const args = node.args.map((argument) => this.compile(argument));
    const key = keyOf(node.name);
    if (Object.hasOwn(specialForms, key)) {
      const form = key as SpecialForm;
      const max = form === 'not' ? 1 : form === 'if' ? 3 : Infinity;
      this.#checkCount(node, specialForms[form], max);
      return compileForm(form, args);
    }
    const spec = findFunction(node.name);
    if (spec === null) {
      const why = unknownFunction(node.name, Object.keys(specialForms));
      throw syntaxError(this.#text, this.#options.where, node.at, why);
    }
    this.#checkCount(node, spec.minArgs, spec.maxArgs);
    return invocation(node.name, spec, args, this.#options);
  }

  #checkCount(node: Extract<Node, { kind: 'call' }>, min: number, max: number): void {
    const found = node.args.length;
    if (found >= min && found <= max) return;
    const allowed =
      max === Infinity ? `at least ${min}` : min === max ? `${min}` : `${min} to ${max}`;
    const why = `${node.name} takes ${allowed} argument${allowed === '1' ? '' : 's'}, found ${found}`;
    throw syntaxError(this.#text, this.#options.where, node.at, why);
  }
}

function invocation(
  name: string,
  spec: ScalarFunction,
  args: readonly Evaluate[],
  context: CallContext,
): Evaluate {
  return (get) => {
    const values: RawValue[] = [];
    for (const arg of args) {
      const value = arg(get);
      if (value === null && !spec.seesNulls) return null;
      values.push(value);
    }
    try {
      return spec.evaluate(values, context);
    } catch (error) {
      if (!isSegmillError(error, 'VALUE_INVALID') || error.cause !== undefined) throw error;
      throw new SegmillError('VALUE_INVALID', `${name}: ${error.message}`, error.details, {
        cause: error,
      });
    }
  };
}

function compileForm(form: SpecialForm, args: readonly Evaluate[]): Evaluate {
  switch (form) {
    case 'and':
      return logical(args, false);
    case 'or':
      return logical(args, true);
    case 'not':
      return (get) => {
        const value = truth(args[0]!(get));
        return value === null ? null : !value;
      };
    case 'case':
    case 'casewhen':
    case 'if':
      return (get) => {
        for (let i = 0; i + 1 < args.length; i += 2) {
          if (truth(args[i]!(get)) === true) return args[i + 1]!(get);
        }
        return args.length % 2 === 0 ? null : args.at(-1)!(get);
      };
    case 'coalesce':
      return (get) => {
        for (const arg of args) {
          const value = arg(get);
          if (value !== null) return value;
        }
        return null;
      };
  }
}

/** Three-valued: `decisive` at once, else null when a null took part. */
function logical(args: readonly Evaluate[], decisive: boolean): Evaluate {
  return (get) => {
    let unknown = false;
    for (const arg of args) {
      const value = truth(arg(get));
      if (value === decisive) return decisive;
      if (value === null) unknown = true;
    }
    return unknown ? null : !decisive;
  };
}

/** As a BOOLEAN column would take it: text `true` and `1`, and numbers other than 0, are true. */
function truth(value: RawValue): boolean | null {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return /^(?:true|1)$/i.test(value.trim());
  return typeof value === 'number' || typeof value === 'bigint' ? Boolean(value) : false;
}
