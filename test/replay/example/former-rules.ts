import type { Rules } from '../../../workflows/core/rules.js';

/** In place of `workflows/temporal/rules.ts` in a bundle: the code of v1, which knew no change. */
export const rulesOfThisRun = (): Rules<string> => ({ follows: () => false });
