// Tokens into a tree of calls: operators become calls of the functions that Pinot has for them.
//
//   or < and < not < comparison, IS, IN, BETWEEN, LIKE < + - < * / % < sign < call, literal, column
import type { RawValue } from '../../config/cell.ts';
import { SegmillError } from '../../errors.ts';
import { nestingDepthMax } from '../../limits.ts';
import type { Token } from './tokenizer.ts';
import { syntaxError, tokenize } from './tokenizer.ts';

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

function groovyError(where: string): SegmillError {
  return new SegmillError(
    'UNSUPPORTED',
    `${where}: Groovy scripts are not run here. Write the expression with functions and operators, ` +
      `for example plus(a, b), CASE WHEN a > 0 THEN 'x' ELSE 'y' END, or jsonPathString(doc, '$.key')`,
    { where },
  );
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
  readonly #text: string;
  readonly #where: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
    this.#tokens = tokenize(text, where);
  }

  expression(): Node {
    const node = this.#or();
    if (this.#peek().kind !== 'end') this.#fail('the expression is complete before this');
    return node;
  }

  #or(): Node {
    if (++this.#depth > nestingDepthMax) {
      this.#fail(`nested deeper than ${nestingDepthMax} levels`);
    }
    let node = this.#and();
    for (let at = this.#takeWord('or'); at !== null; at = this.#takeWord('or')) {
      node = call('or', at, node, this.#and());
    }
    this.#depth--;
    return node;
  }

  #and(): Node {
    let node = this.#not();
    for (let at = this.#takeWord('and'); at !== null; at = this.#takeWord('and')) {
      node = call('and', at, node, this.#not());
    }
    return node;
  }

  #not(): Node {
    let negations = 0;
    const at = this.#peek().at;
    while (this.#isWord('not')) {
      this.#next++;
      negations++;
    }
    const node = this.#comparison();
    return negations % 2 === 1 ? call('not', at, node) : node;
  }

  #comparison(): Node {
    let node = this.#sum();
    for (;;) {
      const token = this.#peek();
      const name = token.kind === 'symbol' ? comparisons[token.text] : undefined;
      if (name !== undefined) {
        this.#next++;
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
    const is = this.#takeWord('is');
    if (is !== null) {
      const negated = this.#takeWord('not') !== null;
      if (this.#takeWord('null') !== null) {
        return call(negated ? 'isNotNull' : 'isNull', is, operand);
      }
      const truth = this.#takeWord('true') !== null;
      if (!truth) this.#expectWord('false');
      const node = call(truth ? 'isTrue' : 'isFalse', is, operand);
      return negated ? call('not', is, node) : node;
    }
    const not = this.#isWord('not') ? this.#peek().at : null;
    if (not !== null) this.#next++;
    const node = this.#membership(operand);
    if (not === null) return node;
    if (node === null) return this.#fail('expected IN, BETWEEN or LIKE after NOT');
    return call('not', not, node);
  }

  #membership(operand: Node): Node | null {
    const at = this.#peek().at;
    if (this.#takeWord('in') !== null) {
      this.#expectSymbol('(');
      return call('in', at, operand, ...this.#arguments());
    }
    if (this.#takeWord('between') !== null) {
      const low = this.#sum();
      this.#expectWord('and');
      return call('between', at, operand, low, this.#sum());
    }
    if (this.#takeWord('like') !== null) return call('like', at, operand, this.#sum());
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
      const token = this.#peek();
      const name = token.kind === 'symbol' ? operators[token.text] : undefined;
      if (name === undefined) return node;
      this.#next++;
      node = call(name, token.at, node, operand());
    }
  }

  #signed(): Node {
    const token = this.#peek();
    let negative = false;
    while (this.#isSymbol('-') || this.#isSymbol('+')) {
      if (this.#peek().text === '-') negative = !negative;
      this.#next++;
    }
    const number = this.#peek();
    if (negative && number.kind === 'number') {
      this.#next++;
      return { kind: 'literal', value: numberLiteral(`-${number.text}`), at: token.at };
    }
    const node = this.#primary();
    return negative ? call('negate', token.at, node) : node;
  }

  #primary(): Node {
    const token = this.#peek();
    this.#next++;
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
    this.#next--;
    return this.#fail(
      token.kind === 'end' ? 'the expression ends too early' : `"${token.text}" is not expected`,
    );
  }

  #parenthesis(): Node {
    const node = this.#or();
    this.#expectSymbol(')');
    return node;
  }

  #named(token: Token): Node {
    const word = token.text.toLowerCase();
    if (this.#isSymbol('(')) return this.#call(token, word);
    if (word === 'case') return this.#case(token.at);
    if (word === 'null') return { kind: 'literal', value: null, at: token.at };
    if (word === 'true' || word === 'false') {
      return { kind: 'literal', value: word === 'true', at: token.at };
    }
    if (closingWords.test(word)) {
      this.#next--;
      return this.#fail(
        `"${token.text}" is not expected; put a column of that name in double quotes`,
      );
    }
    return { kind: 'column', name: token.text, at: token.at };
  }

  #call(token: Token, word: string): Node {
    this.#next++;
    if (word === 'groovy') throw groovyError(this.#where);
    if (word === 'cast') return this.#cast(token.at);
    const unit = this.#peek();
    if (unitFirst.test(word) && unit.kind === 'name' && unitWord.test(unit.text)) {
      this.#next++;
      const literal: Node = { kind: 'literal', value: unit.text, at: unit.at };
      if (!this.#isSymbol(',')) this.#fail('expected ","');
      this.#next++;
      return call(token.text, token.at, literal, ...this.#arguments());
    }
    return call(token.text, token.at, ...this.#arguments());
  }

  /** Behind the opening parenthesis, up to and with the closing one. */
  #arguments(): Node[] {
    const args: Node[] = [];
    if (this.#isSymbol(')')) {
      this.#next++;
      return args;
    }
    for (;;) {
      args.push(this.#or());
      if (!this.#isSymbol(',')) break;
      this.#next++;
    }
    this.#expectSymbol(')');
    return args;
  }

  /** `CAST(x AS type)`, or the call `cast(x, 'type')`. */
  #cast(at: number): Node {
    const value = this.#or();
    if (this.#isSymbol(',')) {
      this.#next++;
      return call('cast', at, value, ...this.#arguments());
    }
    this.#expectWord('as');
    const type = this.#peek();
    if (type.kind !== 'name') this.#fail('expected the name of a data type');
    this.#next++;
    this.#expectSymbol(')');
    return call('cast', at, value, { kind: 'literal', value: type.text, at: type.at });
  }

  /** `CASE [x] WHEN a THEN b ... [ELSE c] END`. */
  #case(at: number): Node {
    const subject = this.#isWord('when') ? null : this.#or();
    const args: Node[] = [];
    while (this.#takeWord('when') !== null) {
      const test = this.#or();
      args.push(subject === null ? test : call('equals', test.at, subject, test));
      this.#expectWord('then');
      args.push(this.#or());
    }
    if (args.length === 0) this.#fail('expected WHEN');
    if (this.#takeWord('else') !== null) args.push(this.#or());
    this.#expectWord('end');
    return call('case', at, ...args);
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #isWord(word: string): boolean {
    const token = this.#peek();
    return token.kind === 'name' && token.text.toLowerCase() === word;
  }

  #takeWord(word: string): number | null {
    if (!this.#isWord(word)) return null;
    return this.#tokens[this.#next++]!.at;
  }

  #expectWord(word: string): void {
    if (this.#takeWord(word) === null) this.#fail(`expected ${word.toUpperCase()}`);
  }

  #isSymbol(symbol: string): boolean {
    const token = this.#peek();
    return token.kind === 'symbol' && token.text === symbol;
  }

  #expectSymbol(symbol: string): void {
    if (!this.#isSymbol(symbol)) this.#fail(`expected "${symbol}"`);
    this.#next++;
  }

  #fail(why: string): never {
    throw syntaxError(this.#text, this.#where, this.#peek().at, why);
  }
}

function call(name: string, at: number, ...args: readonly Node[]): Node {
  return { kind: 'call', name, args, at };
}

function numberLiteral(text: string): RawValue {
  const value = Number(text);
  return /^-?[0-9]+$/.test(text) && !Number.isSafeInteger(value) ? BigInt(text) : value;
}
