import type { Reason, Status } from '../src/domain/vocabulary.js';
import type { Row } from './knowledge.js';
import type { Occasion } from './occasions.js';
import { POLICY, type JourneyKind } from './policy.js';
import type { Happening, Story } from './story.js';

const PARKED: readonly Status[] = ['failed', 'unknown', 'bounced'];
const LEFT: readonly Status[] = ['sent', 'delivered', 'complained'];
const FOR_WANT_OF_AN_ADDRESS: readonly (Reason | null)[] = [
  'no_contact',
  'not_the_patient',
  'contact_conflict',
  'address_suppressed',
];

/** A notification that a human has to look after before it can go on. */
export const isParked = (row: Row): boolean => PARKED.includes(row.status);

/**
 * The operator's correction that opens the next occurrence: of what failed or waits for an address; with `resend` also
 * of what was sent (without a kind: of what happened, not of reminders).
 */
export function correction(story: Story, occasion: Occasion, row: Row): Happening | undefined {
  const { kind } = occasion;
  if ((kind as JourneyKind) === 'reminder.register') return undefined;
  const waits = isParked(row) || FOR_WANT_OF_AN_ADDRESS.includes(row.reason);
  return story.commands('operator.correct_contact', row.upTo, occasion).find(({ fact: { command } }) => {
    const again = command?.resend === true && (command.kind === kind || occasion.due === null);
    return waits || (LEFT.includes(row.status) && again);
  });
}

/** The occasion that the correction opens: the next occurrence, with a Message-ID of its own. */
export function corrected(story: Story, occasion: Occasion, by: Happening): Occasion {
  const occurrence = Math.max(...story.rowsOf(occasion.kind).map((row) => row.occurrence)) + 1;
  return { ...occasion, occurrence, cause: by.cause, seq: by.seq, ordered: true, row: undefined };
}

/** What opens a parked notification again, with the Message-ID it has: an operator's retry, or a temporary bounce once. */
export function reopening(story: Story, occasion: Occasion, row: Row): Happening | undefined {
  return retryOf(story, occasion, row) ?? bouncedOnce(story, row);
}

/** An operator's retry that ends the sender's wait before its time. */
export const awoken = (story: Story, occasion: Occasion, row: Row): Happening | undefined =>
  row.until !== null && story.now < row.until ? retryOf(story, occasion, row) : undefined;

/** The operator's word, since it was last looked at, that this is tried again. */
const retryOf = (story: Story, occasion: Occasion, row: Row): Happening | undefined =>
  story.commands('operator.retry', row.upTo, occasion)[0];

/** Results are tried once more after a temporary bounce. */
function bouncedOnce(story: Story, row: Row): Happening | undefined {
  if (row.reason !== 'bounced_temporary' || POLICY[row.kind as JourneyKind].undelivered !== 'human') return undefined;
  const bounces = story
    .all('mail.bounced')
    .filter(({ fact: { mail } }) => mail?.kind === row.kind && mail.occurrence === row.occurrence);
  const [bounce] = bounces;
  return bounces.length === 1 && bounce !== undefined && bounce.seq > row.upTo ? bounce : undefined;
}

/** The operator's word that this goes out although it is held or too late. */
export function released(story: Story, occasion: Occasion): Happening | undefined {
  return story.commands('operator.release', occasion.happening.seq, occasion)[0];
}

/** The operator's word that this isn't sent: told another way, or not at all. Without a kind: all that waits or failed. */
export function skipped(story: Story, occasion: Occasion): Happening | undefined {
  const { row } = occasion;
  const waits = row !== undefined && (row.status === 'deferred' || row.status === 'sending' || isParked(row));
  return story
    .commands('operator.skip', row?.upTo ?? occasion.seq, occasion)
    .find(({ fact: { command } }) => waits || command?.kind !== undefined);
}
