// Text: positions and lengths in UTF-16 units, as in Java.
import { Buffer } from 'node:buffer';
import { expressionResultMax } from '../../limits.ts';
import type { Args, FunctionFamily, ScalarFunction } from './function.ts';
import { callError, intArg, scalar, textArg } from './function.ts';

function onText(compute: (text: string) => string | number | boolean): ScalarFunction {
  return scalar(1, 1, (args) => compute(textArg(args, 0)));
}

function onTexts(
  compute: (text: string, other: string) => string | number | boolean,
): ScalarFunction {
  return scalar(2, 2, (args) => compute(textArg(args, 0), textArg(args, 1)));
}

/** A start below 0 counts from the end; a range that is empty or outside gives empty text. */
function slice(text: string, from: number, to: number): string {
  const start = from < 0 ? Math.max(0, text.length + from) : from;
  const end = to < 0 ? text.length + to : to;
  return start < end ? text.slice(start, end) : '';
}

/** `substr(text, begin [, end])`: from 0, the end not included, -1 for all the rest. */
function substr(args: Args): string {
  const [text, begin] = [textArg(args, 0), intArg(args, 1)];
  const end = args.length === 3 ? intArg(args, 2) : -1;
  return slice(text, begin, end === -1 ? text.length : end);
}

/** `substring(text, begin [, length])`: from 1. */
function substring(args: Args): string {
  const [text, begin] = [textArg(args, 0), intArg(args, 1) - 1];
  if (args.length === 2) return slice(text, begin, text.length);
  const length = intArg(args, 2);
  return length < 0 ? '' : slice(text, begin, Math.max(0, begin + length));
}

/** @throws SegmillError past the bound of one result */
export function bounded(length: number): number {
  if (length <= expressionResultMax) return Math.max(0, length);
  throw callError(
    `the result would have ${length} characters, at most ${expressionResultMax} are allowed`,
  );
}

function pad(left: boolean): ScalarFunction {
  return scalar(3, 3, (args) => {
    const text = textArg(args, 0);
    const size = bounded(intArg(args, 1));
    const filler = textArg(args, 2) || ' ';
    return left ? text.padStart(size, filler) : text.padEnd(size, filler);
  });
}

function repeat(args: Args): string {
  const times = Math.max(0, intArg(args, args.length - 1));
  const separator = args.length === 3 ? textArg(args, 1) : '';
  const text = textArg(args, 0);
  bounded((text.length + separator.length) * times);
  return Array.from({ length: times }, () => text).join(separator);
}

/** Runs of separators count as one; with a limit the last part is the rest. */
export function splitText(text: string, separator: string, limit: number): string[] {
  if (separator === '') return text.split(/\s+/).filter((part) => part !== '');
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf(separator, at);
    if (limit > 0 && parts.length === limit - 1) {
      while (text.startsWith(separator, at)) at += separator.length;
      if (at < text.length) parts.push(text.slice(at));
      return parts;
    }
    if (next < 0) {
      parts.push(text.slice(at));
      break;
    }
    if (next > at) parts.push(text.slice(at, next));
    at = next + separator.length;
  }
  return parts;
}

/** `splitPart(text, separator [, limit], index)`; below 0 from the end; the text `null` when there is no such part. */
function splitPart(args: Args): string {
  const limit = args.length === 4 ? intArg(args, 2) : 0;
  const parts = splitText(textArg(args, 0), textArg(args, 1), limit);
  return parts.at(intArg(args, args.length - 1)) ?? 'null';
}

/** Position of the n-th occurrence, from 0; -1 when there is none. */
function strpos(args: Args): number {
  const [text, wanted] = [textArg(args, 0), textArg(args, 1)];
  const instance = args.length === 3 ? intArg(args, 2) : 1;
  let at = -1;
  for (let n = 0; n < instance; n++) {
    at = text.indexOf(wanted, at + 1);
    if (at < 0) return -1;
  }
  return at;
}

function trim(args: Args): string {
  if (args.length === 1) return textArg(args, 0).replace(/^[\0- ]+|[\0- ]+$/g, '');
  if (args.length === 2) throw callError('trim takes 1 or 3 arguments');
  const [end, characters, text] = [
    textArg(args, 0).toUpperCase(),
    textArg(args, 1),
    textArg(args, 2),
  ];
  let [from, to] = [0, text.length];
  if (end !== 'TRAILING') while (from < to && characters.includes(text[from]!)) from++;
  if (end !== 'LEADING') while (from < to && characters.includes(text[to - 1]!)) to--;
  return text.slice(from, to);
}

function concat(args: Args): string {
  const separator = args.length === 3 ? textArg(args, 2) : '';
  return textArg(args, 0) + separator + textArg(args, 1);
}

function normalize(args: Args): string {
  const form = args.length === 2 ? textArg(args, 1) : 'NFC';
  if (!/^NFK?[CD]$/.test(form)) throw callError(`"${form}" is none of NFC, NFD, NFKC, NFKD`);
  return textArg(args, 0).normalize(form);
}

function hamming(a: string, b: string): number {
  if (a.length !== b.length) return -1;
  let distance = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) distance++;
  return distance;
}

function chr(args: Args): string {
  const code = intArg(args, 0);
  if (code < 0 || code > 0x10ffff) throw callError(`${code} is no code point`);
  return String.fromCodePoint(code);
}

function urlDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw callError(`${JSON.stringify(text.slice(0, 60))} is no URL-encoded text`);
  }
}

function urlEncoded(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replace(
      /[^A-Za-z0-9.*_ -]/g,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .replaceAll(' ', '+');
}

const lower = onText((text) => text.toLowerCase());
const upper = onText((text) => text.toUpperCase());
const length = onText((text) => text.length);

export const textFunctions: FunctionFamily = {
  upper,
  ucase: upper,
  lower,
  lcase: lower,
  length,
  trim: scalar(1, 3, trim),
  ltrim: onText((text) => text.replace(/^[ \t\n\v\f\r]+/, '')),
  rtrim: onText((text) => text.replace(/[ \t\n\v\f\r]+$/, '')),
  reverse: onText((text) => Array.from(text).reverse().join('')),
  substr: scalar(2, 3, substr),
  substring: scalar(2, 3, substring),
  leftSubStr: scalar(2, 2, (args) => textArg(args, 0).slice(0, Math.max(0, intArg(args, 1)))),
  rightSubStr: scalar(2, 2, (args) => {
    const [text, count] = [textArg(args, 0), Math.max(0, intArg(args, 1))];
    return text.slice(Math.max(0, text.length - count));
  }),
  concat: scalar(2, 3, concat),
  concatWs: scalar(3, Infinity, (args) =>
    args
      .slice(1)
      .map((_, i) => textArg(args, i + 1))
      .join(textArg(args, 0)),
  ),
  replace: scalar(3, 3, (args) => {
    const wanted = textArg(args, 1);
    return wanted === '' ? textArg(args, 0) : textArg(args, 0).split(wanted).join(textArg(args, 2));
  }),
  remove: onTexts((text, wanted) => (wanted === '' ? text : text.split(wanted).join(''))),
  lpad: pad(true),
  rpad: pad(false),
  repeat: scalar(2, 3, repeat),
  strpos: scalar(2, 3, strpos),
  strrpos: scalar(2, 3, (args) =>
    textArg(args, 0).lastIndexOf(textArg(args, 1), args.length === 3 ? intArg(args, 2) : Infinity),
  ),
  startsWith: onTexts((text, prefix) => text.startsWith(prefix)),
  endsWith: onTexts((text, suffix) => text.endsWith(suffix)),
  contains: onTexts((text, wanted) => text.includes(wanted)),
  strcmp: onTexts((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
  hammingDistance: onTexts(hamming),
  split: scalar(2, 3, (args) =>
    splitText(textArg(args, 0), textArg(args, 1), args.length === 3 ? intArg(args, 2) : 0),
  ),
  splitPart: scalar(3, 4, splitPart),
  codepoint: onText((text) => {
    const code = text.codePointAt(0);
    if (code === undefined) throw callError('empty text has no code point');
    return code;
  }),
  chr: scalar(1, 1, chr),
  normalize: scalar(1, 2, normalize),
  encodeUrl: onText(urlEncoded),
  decodeUrl: onText(urlDecoded),
};
