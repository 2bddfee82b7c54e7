// Worker entry: no logic. Loaded by URL from src/coordinator/pool.ts.
import { codecOf } from '../src/segment/open.ts';
import { replying } from '../src/tasks/boundary.ts';
import type { SurveyInput, SurveyOutput, TaskMessage, TaskReply } from '../src/tasks/contract.ts';
import { runSurvey } from '../src/tasks/survey.ts';

const handler: (message: TaskMessage<SurveyInput>) => Promise<TaskReply<SurveyOutput>> = replying(
  runSurvey,
  codecOf,
);
export default handler;
