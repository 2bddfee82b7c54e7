// How a child process of the bench is told its work and answers: a JSON file in, a JSON file out.
import { readFile, writeFile } from 'node:fs/promises';

/** For the entries of child processes: `argv` names the two files. */
export async function answerJob<S, R>(work: (spec: S) => Promise<R>): Promise<void> {
  const [, , specFile, resultFile] = process.argv;
  if (specFile === undefined || resultFile === undefined)
    throw new Error('a job file and a result file are needed; segmill bench starts this program');
  const spec = JSON.parse(await readFile(specFile, 'utf8')) as S;
  await writeFile(resultFile, JSON.stringify(await work(spec)));
}
