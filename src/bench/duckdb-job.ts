// Process entry: no logic. Started by src/bench/child.ts.
import { runDuckDbJob } from './duckdb-run.ts';
import { answerJob } from './job-file.ts';

await answerJob(runDuckDbJob);
