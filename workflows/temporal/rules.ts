import { patched } from '@temporalio/workflow';
import type { ChangeOfPolicy, Rules } from '../core/rules.js';

/** The rules of this run: a change counts from the first time that the run meets it, which costs it two events. */
export const rulesOfThisRun = <Change extends string = ChangeOfPolicy>(): Rules<Change> => ({
  follows: (change) => patched(change),
});
