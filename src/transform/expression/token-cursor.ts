import { SegmillError } from '../../errors.ts';
import type { Token } from './tokenizer.ts';
import { syntaxError, tokenize } from './tokenizer.ts';

/** A place among the tokens of one expression. Words are compared without regard to case and given in lower case. */
export class TokenCursor {
  readonly #text: string;
  readonly #where: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
    this.#tokens = tokenize(text, where);
  }

  peek(): Token {
    return this.#tokens[this.#next]!;
  }

  advance(): void {
    this.#next++;
  }

  back(): void {
    this.#next--;
  }

  isWord(word: string): boolean {
    const token = this.peek();
    return token.kind === 'name' && token.text.toLowerCase() === word;
  }

  /** The position of the word when it stands here, and one token on; else null. */
  takeWord(word: string): number | null {
    if (!this.isWord(word)) return null;
    return this.#tokens[this.#next++]!.at;
  }

  expectWord(word: string): void {
    if (this.takeWord(word) === null) this.fail(`expected ${word.toUpperCase()}`);
  }

  isSymbol(symbol: string): boolean {
    const token = this.peek();
    return token.kind === 'symbol' && token.text === symbol;
  }

  expectSymbol(symbol: string): void {
    if (!this.isSymbol(symbol)) this.fail(`expected "${symbol}"`);
    this.#next++;
  }

  /** @throws SegmillError CONFIG_INVALID at the present token */
  fail(why: string): never {
    throw syntaxError(this.#text, this.#where, this.peek().at, why);
  }
}

/** Groovy is known by its call, whatever stands in it. */
export function groovyError(where: string): SegmillError {
  return new SegmillError(
    'UNSUPPORTED',
    `${where}: Groovy scripts are not run here. Write the expression with functions and operators, ` +
      `for example plus(a, b), CASE WHEN a > 0 THEN 'x' ELSE 'y' END, or jsonPathString(doc, '$.key')`,
    { where },
  );
}
