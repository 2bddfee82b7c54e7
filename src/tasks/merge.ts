// Stage b: one column's dictionaries of all segments become one; codes of every segment learn their new number.
import { mergeDictionaries } from '../columns/dictionary.ts';
import type { MergeInput, MergeOutput } from './contract.ts';
import { sharedVar, sharedWords } from './shared.ts';

export function runMerge({ dictionaries, dataType }: MergeInput): MergeOutput {
  const { dictionary, remaps } = mergeDictionaries(dictionaries, dataType);
  return { dictionary: sharedVar(dictionary), remaps: remaps.map(sharedWords) };
}
