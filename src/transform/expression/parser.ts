// Tokens into a tree of calls: operators become calls of the functions that Pinot has for them.
//
//   or < and < not < comparison, IS, IN, BETWEEN, LIKE < + - < * / % < sign < call, literal, column
import type { RawValue } from '../../config/cell.ts';
import { nestingDepthMax } from '../../limits.ts';
import type { Token } from './tokenizer.ts';
import { groovyError, TokenCursor } from './token-cursor.ts';

export type Node =
  | { readonly kind: 'literal'; readonly value: RawValue; readonly at: number }
  | { readonly kind: 'column'; readonly name: string; readonly at: number }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Node[];
      readonly at: number;
    };

/** @throws SegmillError CONFIG_INVALID with the position; UNSUPPORTED for Groovy */
export function parseExpression(text: string, where: string): Node {
  if (/^\s*groovy\s*\(/i.test(text)) throw groovyError(where);
  return new Parser(text, where).expression();
}

const comparisons: Readonly<Record<string, string>> = {
  '=': 'equals',
  '==': 'equals',
  '!=': 'notEquals',
  '<>': 'notEquals',
  '<': 'lessThan',
  '<=': 'lessThanOrEqual',
  '>': 'greaterThan',
  '>=': 'greaterThanOrEqual',
};
const sums: Readonly<Record<string, string>> = { '+': 'plus', '-': 'minus' };
const products: Readonly<Record<string, string>> = { '*': 'times', '/': 'divide', '%': 'mod' };
/** Functions whose bare first word is a unit of time, not a column: `timestampAdd(DAY, 1, ts)`. */
const unitFirst = /^(?:timestamp|date)_?(?:add|diff|trunc)$/i;
const unitWord =
  /^(?:nanosecond|microsecond|millisecond|second|minute|hour|day|week|month|quarter|year)s?$/i;
const closingWords = /^(?:and|or|as|when|then|else|end|from|between|in|is|like)$/i;

class Parser {
  readonly #where: string;
  readonly #cursor: TokenCursor;
  #depth = 0;

  constructor(text: string, where: string) {
    this.#where = where;
    this.#cursor = new TokenCursor(text, where);
  }

  expression(): Node {
    const node = this.#or();
    if (this.#cursor.peek().kind !== 'end')
      this.#cursor.fail('the expression is complete before this');
    return node;
  }

  #or(): Node {
    if (++this.#depth > nestingDepthMax) {
      this.#cursor.fail(`nested deeper than ${nestingDepthMax} levels`);
    }
    let node = this.#and();
    for (let at = this.#cursor.takeWord('or'); at !== null; at = this.#cursor.takeWord('or')) {
      node = call('or', at, node, this.#and());
    }
    this.#depth--;
    return node;
  }

  #and(): Node {
    let node = this.#not();
    for (let at = this.#cursor.takeWord('and'); at !== null; at = this.#cursor.takeWord('and')) {
      node = call('and', at, node, this.#not());
    }
    return node;
  }

  #not(): Node {
    let negations = 0;
    const at = this.#cursor.peek().at;
    while (this.#cursor.isWord('not')) {
      this.#cursor.advance();
      negations++;
    }
    const node = this.#comparison();
    return negations % 2 === 1 ? call('not', at, node) : node;
  }

  #comparison(): Node {
    let node = this.#sum();
    for (;;) {
      const token = this.#cursor.peek();
      const name = token.kind === 'symbol' ? comparisons[token.text] : undefined;
      if (name !== undefined) {
        this.#cursor.advance();
        node = call(name, token.at, node, this.#sum());
        continue;
      }
      const predicate = this.#predicate(node);
      if (predicate === null) return node;
      node = predicate;
    }
  }

  /** `x IS [NOT] NULL`, `x [NOT] IN (...)`, `x [NOT] BETWEEN a AND b`, `x [NOT] LIKE p`. */
  #predicate(operand: Node): Node | null {
    const is = this.#cursor.takeWord('is');
    if (is !== null) {
      const negated = this.#cursor.takeWord('not') !== null;
      if (this.#cursor.takeWord('null') !== null) {
        return call(negated ? 'isNotNull' : 'isNull', is, operand);
      }
      const truth = this.#cursor.takeWord('true') !== null;
      if (!truth) this.#cursor.expectWord('false');
      const node = call(truth ? 'isTrue' : 'isFalse', is, operand);
      return negated ? call('not', is, node) : node;
    }
    const not = this.#cursor.isWord('not') ? this.#cursor.peek().at : null;
    if (not !== null) this.#cursor.advance();
    const node = this.#membership(operand);
    if (not === null) return node;
    if (node === null) return this.#cursor.fail('expected IN, BETWEEN or LIKE after NOT');
    return call('not', not, node);
  }

  #membership(operand: Node): Node | null {
    const at = this.#cursor.peek().at;
    if (this.#cursor.takeWord('in') !== null) {
      this.#cursor.expectSymbol('(');
      return call('in', at, operand, ...this.#arguments());
    }
    if (this.#cursor.takeWord('between') !== null) {
      const low = this.#sum();
      this.#cursor.expectWord('and');
      return call('between', at, operand, low, this.#sum());
    }
    if (this.#cursor.takeWord('like') !== null) return call('like', at, operand, this.#sum());
    return null;
  }

  #sum(): Node {
    return this.#chain(sums, () => this.#product());
  }

  #product(): Node {
    return this.#chain(products, () => this.#signed());
  }

  #chain(operators: Readonly<Record<string, string>>, operand: () => Node): Node {
    let node = operand();
    for (;;) {
      const token = this.#cursor.peek();
      const name = token.kind === 'symbol' ? operators[token.text] : undefined;
      if (name === undefined) return node;
      this.#cursor.advance();
      node = call(name, token.at, node, operand());
    }
  }

  #signed(): Node {
    const token = this.#cursor.peek();
    let negative = false;
    while (this.#cursor.isSymbol('-') || this.#cursor.isSymbol('+')) {
      if (this.#cursor.peek().text === '-') negative = !negative;
      this.#cursor.advance();
    }
    const number = this.#cursor.peek();
    if (negative && number.kind === 'number') {
      this.#cursor.advance();
      return { kind: 'literal', value: numberLiteral(`-${number.text}`), at: token.at };
    }
    const node = this.#primary();
    return negative ? call('negate', token.at, node) : node;
  }

  #primary(): Node {
    const token = this.#cursor.peek();
    this.#cursor.advance();
    switch (token.kind) {
      case 'number':
        return { kind: 'literal', value: numberLiteral(token.text), at: token.at };
      case 'text':
        return { kind: 'literal', value: token.text, at: token.at };
      case 'quoted':
        return { kind: 'column', name: token.text, at: token.at };
      case 'name':
        return this.#named(token);
      case 'symbol':
        if (token.text !== '(') break;
        return this.#parenthesis();
      case 'end':
        break;
    }
    this.#cursor.back();
    return this.#cursor.fail(
      token.kind === 'end' ? 'the expression ends too early' : `"${token.text}" is not expected`,
    );
  }

  #parenthesis(): Node {
    const node = this.#or();
    this.#cursor.expectSymbol(')');
    return node;
  }

  #named(token: Token): Node {
    const word = token.text.toLowerCase();
    if (this.#cursor.isSymbol('(')) return this.#call(token, word);
    if (word === 'case') return this.#case(token.at);
    if (word === 'null') return { kind: 'literal', value: null, at: token.at };
    if (word === 'true' || word === 'false') {
      return { kind: 'literal', value: word === 'true', at: token.at };
    }
    if (closingWords.test(word)) {
      this.#cursor.back();
      return this.#cursor.fail(
        `"${token.text}" is not expected; put a column of that name in double quotes`,
      );
    }
    return { kind: 'column', name: token.text, at: token.at };
  }

  #call(token: Token, word: string): Node {
    this.#cursor.advance();
    if (word === 'groovy') throw groovyError(this.#where);
    if (word === 'cast') return this.#cast(token.at);
    const unit = this.#cursor.peek();
    if (unitFirst.test(word) && unit.kind === 'name' && unitWord.test(unit.text)) {
      this.#cursor.advance();
      const literal: Node = { kind: 'literal', value: unit.text, at: unit.at };
      if (!this.#cursor.isSymbol(',')) this.#cursor.fail('expected ","');
      this.#cursor.advance();
      return call(token.text, token.at, literal, ...this.#arguments());
    }
    return call(token.text, token.at, ...this.#arguments());
  }

  /** Behind the opening parenthesis, up to and with the closing one. */
  #arguments(): Node[] {
    const args: Node[] = [];
    if (this.#cursor.isSymbol(')')) {
      this.#cursor.advance();
      return args;
    }
    for (;;) {
      args.push(this.#or());
      if (!this.#cursor.isSymbol(',')) break;
      this.#cursor.advance();
    }
    this.#cursor.expectSymbol(')');
    return args;
  }

  /** `CAST(x AS type)`, or the call `cast(x, 'type')`. */
  #cast(at: number): Node {
    const value = this.#or();
    if (this.#cursor.isSymbol(',')) {
      this.#cursor.advance();
      return call('cast', at, value, ...this.#arguments());
    }
    this.#cursor.expectWord('as');
    const type = this.#cursor.peek();
    if (type.kind !== 'name') this.#cursor.fail('expected the name of a data type');
    this.#cursor.advance();
    this.#cursor.expectSymbol(')');
    return call('cast', at, value, { kind: 'literal', value: type.text, at: type.at });
  }

  /** `CASE [x] WHEN a THEN b ... [ELSE c] END`. */
  #case(at: number): Node {
    const subject = this.#cursor.isWord('when') ? null : this.#or();
    const args: Node[] = [];
    while (this.#cursor.takeWord('when') !== null) {
      const test = this.#or();
      args.push(subject === null ? test : call('equals', test.at, subject, test));
      this.#cursor.expectWord('then');
      args.push(this.#or());
    }
    if (args.length === 0) this.#cursor.fail('expected WHEN');
    if (this.#cursor.takeWord('else') !== null) args.push(this.#or());
    this.#cursor.expectWord('end');
    return call('case', at, ...args);
  }
}

function call(name: string, at: number, ...args: readonly Node[]): Node {
  return { kind: 'call', name, args, at };
}

function numberLiteral(text: string): RawValue {
  const value = Number(text);
  return /^-?[0-9]+$/.test(text) && !Number.isSafeInteger(value) ? BigInt(text) : value;
}
