// The run function of every task, by name.
import type { TaskContext, TaskMap, TaskName } from './contract.ts';
import { runEmit } from './emit.ts';
import { runMap } from './map.ts';
import { runMerge } from './merge.ts';
import { runReduce } from './reduce.ts';
import { runSurvey } from './survey.ts';

export type TaskRun<K extends TaskName> = (
  input: TaskMap[K]['input'],
  context: TaskContext,
) => TaskMap[K]['output'] | Promise<TaskMap[K]['output']>;

export const taskRuns: { readonly [K in TaskName]: TaskRun<K> } = {
  survey: runSurvey,
  merge: runMerge,
  map: runMap,
  reduce: runReduce,
  emit: runEmit,
};
