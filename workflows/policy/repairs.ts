import type { Reason, Status } from '../../src/domain/notifications.js';
import type { Notification } from '../core/knowledge.js';
import type { Candidate } from '../core/candidates.js';
import { POLICY } from './policy.js';
import type { StoryEvent, Story } from '../core/story.js';

const PARKED: readonly Status[] = ['failed', 'unknown', 'bounced'];
const LEFT: readonly Status[] = ['sent', 'delivered', 'complained'];
const FOR_WANT_OF_AN_ADDRESS: readonly (Reason | null)[] = [
  'no_contact',
  'not_the_patient',
  'contact_conflict',
  'address_suppressed',
];

/** A notification that a human has to look after before it can go on. */
export const isParked = (notification: Notification): boolean => PARKED.includes(notification.status);

/**
 * The operator's correction that opens the next occurrence: of what failed or waits for an address; with `resend` also
 * of what was sent (without a kind: of what happened, not of reminders).
 */
export function correction(story: Story, candidate: Candidate, notification: Notification): StoryEvent | undefined {
  const { kind } = candidate;
  if (kind === 'reminder.register') return undefined;
  const waits = isParked(notification) || FOR_WANT_OF_AN_ADDRESS.includes(notification.reason);
  return story.commands('operator.correct_contact', notification.upTo, candidate).find(({ fact: { command } }) => {
    const again = command?.resend === true && (command.kind === kind || candidate.due === null);
    return waits || (LEFT.includes(notification.status) && again);
  });
}

/** The candidate that the correction opens: the next occurrence, with a Message-ID of its own. */
export function corrected(story: Story, candidate: Candidate, by: StoryEvent): Candidate {
  const occurrence =
    Math.max(...story.notificationsOf(candidate.kind).map((notification) => notification.occurrence)) + 1;
  return { ...candidate, occurrence, cause: by.cause, seq: by.seq, ordered: true, notification: undefined };
}

/** What opens a parked notification again, with the Message-ID it has: an operator's retry, or a temporary bounce once. */
export function reopening(story: Story, candidate: Candidate, notification: Notification): StoryEvent | undefined {
  return retryOf(story, candidate, notification) ?? bouncedOnce(story, notification);
}

/** An operator's retry that ends the sender's wait before its time. */
export const awoken = (story: Story, candidate: Candidate, notification: Notification): StoryEvent | undefined =>
  notification.until !== null && story.now < notification.until ? retryOf(story, candidate, notification) : undefined;

/** The operator's word, since it was last looked at, that this is tried again. */
const retryOf = (story: Story, candidate: Candidate, notification: Notification): StoryEvent | undefined =>
  story.commands('operator.retry', notification.upTo, candidate)[0];

/** Results are tried once more after a temporary bounce. */
function bouncedOnce(story: Story, notification: Notification): StoryEvent | undefined {
  if (notification.reason !== 'bounced_temporary' || POLICY[notification.kind].undelivered !== 'human')
    return undefined;
  const bounces = story
    .all('mail.bounced')
    .filter(({ fact: { mail } }) => mail?.kind === notification.kind && mail.occurrence === notification.occurrence);
  const [bounce] = bounces;
  return bounces.length === 1 && bounce !== undefined && bounce.seq > notification.upTo ? bounce : undefined;
}

/** The operator's word that this goes out although it is held or too late. */
export function released(story: Story, candidate: Candidate): StoryEvent | undefined {
  return story.commands('operator.release', candidate.event.seq, candidate)[0];
}

/** The operator's word that this isn't sent: told another way, or not at all. Without a kind: all that waits or failed. */
export function skipped(story: Story, candidate: Candidate): StoryEvent | undefined {
  const { notification } = candidate;
  const waits =
    notification !== undefined &&
    (notification.status === 'deferred' || notification.status === 'sending' || isParked(notification));
  return story
    .commands('operator.skip', notification?.upTo ?? candidate.seq, candidate)
    .find(({ fact: { command } }) => waits || command?.kind !== undefined);
}
