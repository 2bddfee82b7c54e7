import { isSegmillError } from '../../errors.ts';
import { compileExpression } from './compile.ts';

/** What is wrong with an expression, for the check of a table config; empty when nothing is. */
export function checkExpression(text: string, where = 'expression'): string[] {
  try {
    compileExpression(text, { where, nowMs: 0 });
    return [];
  } catch (error) {
    if (isSegmillError(error)) return [error.message];
    throw error;
  }
}
