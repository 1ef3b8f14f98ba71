import type { Command } from '../domain/facts.js';
import type { NotificationState } from '../domain/notifications.js';
import { Problem } from './problems.js';
import type { Action } from './schemas.js';

type ActionOnSomething = Exclude<Action, 'acknowledge' | 'correct-contact' | 'opt-out'>;

type Applies = (told: NotificationState) => boolean;

/** Which notifications a command can move, by the policy's "Repairs". */
const APPLIES: Record<ActionOnSomething, Applies> = {
  retry: ({ status, reason }) =>
    status === 'failed' ||
    status === 'unknown' ||
    status === 'bounced' ||
    (status === 'deferred' &&
      (reason === 'address_suppressed' || reason === 'opted_out' || reason === 'server_refused')),
  release: ({ status, reason }) =>
    status === 'deferred' && (reason === 'held_for_review' || reason === 'too_late' || reason === 'contradicted'),
  skip: ({ status }) => status === 'deferred' || status === 'failed' || status === 'unknown' || status === 'bounced',
};

const NOTHING: Record<ActionOnSomething, string> = {
  retry: 'Nothing here has failed, came back or stayed without an answer.',
  release: 'Nothing here is held for a review, contradicted or too late.',
  skip: 'Nothing here waits or has failed.',
};

/**
 * Looks in the database whether the command can apply at all; what no longer applies when it reaches the journey is
 * decided there, and recorded.
 *
 * @param own the subject's own notifications
 * @param lifts whether it also lifts what stops emails to the address: that is worth asking for alone
 * @param asksForHuman whether the subject is shown to need a human
 * @throws Problem 409 with the reason
 */
export function assertApplies(
  action: Action,
  command: Command,
  own: readonly NotificationState[],
  { lifts, asksForHuman }: { readonly lifts: boolean; readonly asksForHuman: boolean },
): void {
  const meant = own.filter(
    (told) =>
      (command.kind === undefined || told.kind === command.kind) &&
      (command.occurrence === undefined || told.occurrence === command.occurrence),
  );
  if (command.kind !== undefined && meant.length === 0) {
    throw new Problem(409, 'no_such_notification', `There is no ${command.kind} here. Look at it with told.`);
  }
  if (action === 'acknowledge') {
    if (asksForHuman) return;
    throw new Problem(409, 'nothing_to_acknowledge', 'Nobody is asked to look at anything here.');
  }
  if (action === 'correct-contact' || action === 'opt-out' || lifts) return;
  if (meant.some(APPLIES[action])) return;
  if (meant.some(({ status }) => status === 'sending')) {
    throw new Problem(409, 'being_sent', 'It is being sent at this moment. Look again in two minutes.');
  }
  const found = meant.map(({ kind, status, reason }) => `${kind} is ${[status, reason].filter(Boolean).join(', ')}`);
  const but = found.length === 0 || found.length > 4 ? '' : ` (${found.join('; ')})`;
  throw new Problem(409, `nothing_to_${action}`, `${NOTHING[action].slice(0, -1)}${but}.`);
}
