// Regular expressions, in the syntax that Java and JavaScript share; flags as a leading `(?i)`, `(?s)`, `(?m)`.
import type { Args, FunctionFamily } from './function.ts';
import { callError, intArg, scalar, textArg } from './function.ts';

const compiled = new Map<string, RegExp>();
const compiledMax = 256;

function regexp(source: string, moreFlags = ''): RegExp {
  const key = `${moreFlags}:${source}`;
  const known = compiled.get(key);
  if (known !== undefined) {
    known.lastIndex = 0;
    return known;
  }
  const [, flags = '', body = ''] = /^(?:\(\?([ims]+)\))?([\s\S]*)$/.exec(source) ?? [];
  try {
    const made = new RegExp(body, [...new Set(`g${flags}${moreFlags}`)].join(''));
    if (compiled.size >= compiledMax) compiled.clear();
    compiled.set(key, made);
    return made;
  } catch (error) {
    throw callError(`"${source}" is no regular expression: ${(error as Error).message}`);
  }
}

function extract(args: Args): string {
  const group = args.length > 2 ? intArg(args, 2) : 0;
  const found = regexp(textArg(args, 1)).exec(textArg(args, 0));
  const fallback = args.length > 3 ? textArg(args, 3) : '';
  return found === null || group < 0 || group >= found.length
    ? fallback
    : (found[group] ?? fallback);
}

/** `regexpReplace(text, pattern, replacement [, from [, occurrence [, flag]]])`; occurrence -1 is all, else from 0. */
function replace(args: Args): string {
  const text = textArg(args, 0);
  const flags = args.length > 5 ? textArg(args, 5) : '';
  const pattern = regexp(textArg(args, 1), /i/i.test(flags) ? 'i' : '');
  const from = args.length > 3 ? Math.max(0, intArg(args, 3)) : 0;
  const occurrence = args.length > 4 ? intArg(args, 4) : -1;
  const replacement = textArg(args, 2).replace(/\\(.)/g, (_, c: string) => (c === '$' ? '$$' : c));
  let seen = -1;
  const tail = text.slice(from).replace(pattern, (...match: (string | number | undefined)[]) => {
    seen++;
    if (occurrence >= 0 && seen !== occurrence) return String(match[0]);
    return replacement.replace(/\$(\$|[0-9])/g, (_, key: string) =>
      key === '$' ? '$' : String(match[Number(key)] ?? ''),
    );
  });
  return text.slice(0, from) + tail;
}

function like(flags: string): (args: Args) => boolean {
  return (args) => regexp(textArg(args, 1), flags).test(textArg(args, 0));
}

export const regexpFunctions: FunctionFamily = {
  regexpExtract: scalar(2, 4, extract),
  regexpReplace: scalar(3, 6, replace),
  regexpLike: scalar(2, 2, like('')),
  regexpLikeCi: scalar(2, 2, like('i')),
};
