import { commonFlags } from './flags.ts';
import type { Flags } from './flags.ts';
import type { Verb } from './verb.ts';

type Verbs = Readonly<Record<string, Verb>>;

/** All verbs, or those of a group such as `table`. */
export function generalHelp(verbs: Verbs, group: string): string {
  const shown = Object.entries(verbs).filter(
    ([name]) => group === '' || name.startsWith(`${group} `),
  );
  const width = Math.max(...shown.map(([name]) => name.length));
  const lines = shown.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  if (group !== '') return [`segmill ${group} ...`, '', ...lines].join('\n');
  return [
    "segmill moves a table's rows from realtime segments to offline segments, one time window at a time.",
    '',
    'Usage: segmill COMMAND [words] [flags]',
    '',
    ...lines,
    '',
    'Flags of every command:',
    ...flagLines(commonFlags),
    '',
    'Exit codes: 0 done, 1 failed, 2 bad usage or config, 3 over a reject or late budget, 4 verification failed, 130/143 interrupted.',
    'segmill COMMAND --help tells more; segmill demo shows it all at work.',
  ].join('\n');
}

export function verbHelp(name: string, verb: Verb): string {
  const flags = flagLines(verb.flags);
  return [
    `segmill ${name}: ${verb.summary}`,
    '',
    `Usage: segmill ${verb.usage}`,
    ...(flags.length === 0 ? [] : ['', 'Flags:', ...flags]),
    '',
    'Flags of every command:',
    ...flagLines(commonFlags),
    ...(verb.examples.length === 0
      ? []
      : ['', 'Examples:', ...verb.examples.map((example) => `  segmill ${example}`)]),
  ].join('\n');
}

function flagLines(flags: Flags): string[] {
  const heads = Object.entries(flags).map(
    ([name, { short, value, denied }]) =>
      `${short === undefined ? '' : `-${short}, `}--${denied === true ? 'no-' : ''}${name}${value === undefined ? '' : ` ${value}`}`,
  );
  const width = Math.max(0, ...heads.map((head) => head.length));
  return Object.values(flags).map(({ help }, i) => `  ${heads[i]!.padEnd(width)}  ${help}`);
}
