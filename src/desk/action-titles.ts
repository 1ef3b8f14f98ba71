import type { Action } from '../admin/schemas.js';

/** What each command is called on its button. */
export const ACTION_TITLES: Readonly<Record<Action, string>> = {
  retry: 'Try again',
  release: 'Release',
  'correct-contact': 'Correct the address',
  skip: 'Skip',
  acknowledge: 'Acknowledge',
  'opt-out': 'Stop all email',
};
