import type { NotificationState } from '../src/domain/notifications.js';
import type { NotifyOutcome } from '../src/domain/activities.js';

/** What became of a row that is settled: there is no second email, and this is what became of the first. */
export function outcomeOf({ status, reason, at, address }: NotificationState): NotifyOutcome {
  // A row whose holder is at work can't be told to a journey as settled.
  if (status === 'sending') throw new Error('the notification is still being sent');
  return { status, reason, until: null, settledAt: at, address: address ?? null };
}
