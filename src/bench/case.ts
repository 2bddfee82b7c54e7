// Process entry: no logic. Started by src/bench/child.ts.
import { runCase } from './case-run.ts';
import { answerJob } from './job-file.ts';

await answerJob(runCase);
