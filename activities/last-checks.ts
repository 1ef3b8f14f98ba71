import type { NotifyInput } from '../src/domain/activities.js';
import { inOrder } from '../src/domain/checks.js';
import { isOfResults, topicOf, type Kind } from '../src/domain/kinds.js';
import type { Reason } from '../src/domain/notifications.js';
import type { Contact, Standing } from '../src/ledger/ledger.js';
import { quietUntil } from './quiet-hours.js';

export interface CheckSettings {
  readonly switchedOff: readonly Kind[];
  readonly quietHours: string | null;
  readonly defaultTimeZone: string;
}

interface Situation extends Standing {
  readonly input: NotifyInput;
  readonly settings: CheckSettings;
  /** ms */
  readonly now: number;
}

/** Why it isn't sent now. `deferred` waits: for a moment (`until`, ms), for a fact, or for a human. */
export interface Obstacle {
  readonly status: 'not_sent' | 'deferred';
  readonly reason: Reason;
  readonly until: number | null;
}

/** Made just before SMTP, of what only the sender can find then. */
type LastCheck = (situation: Situation) => Obstacle | null;

const not = (reason: Reason): Obstacle => ({ status: 'not_sent', reason, until: null });
const wait = (reason: Reason, until: number | null = null): Obstacle => ({ status: 'deferred', reason, until });

/** What must not be dropped (results above all) is parked for a human instead. */
const notOrPark = (input: NotifyInput, reason: Reason): Obstacle =>
  input.tooLateMeans === 'defer' ? wait(reason) : not(reason);

const erased: LastCheck = (s) => (s.erased ? not('erased') : null);

const switchedOff: LastCheck = (s) => (s.settings.switchedOff.includes(s.input.kind) ? not('switched_off') : null);

const tooLate: LastCheck = ({ input, now }) =>
  input.tooLateAt !== null && now >= input.tooLateAt ? notOrPark(input, 'too_late') : null;

/** Waits: the journey decides how long somebody may still be found, and asks for them. */
const nobodyKnown: LastCheck = ({ input, people }) => {
  if (people.contact !== null) return null;
  return wait(input.audience === 'patient' && people.recipientKnown ? 'not_the_patient' : 'no_contact');
};

const optedOut: LastCheck = ({ input, scopes }) => {
  const topic = topicOf(input.kind);
  if (!scopes.has('all') && (topic === null || !scopes.has(topic))) return null;
  // A human tells results another way; of all else they asked to hear nothing, and that is final.
  return isOfResults(input.kind) ? wait('opted_out') : not('opted_out');
};

const addressSuppressed: LastCheck = ({ input, scopes }) =>
  scopes.has('bounced') ? notOrPark(input, 'address_suppressed') : null;

const quietHours: LastCheck = ({ input, people, settings, now }) => {
  const answersSomethingJustDone = input.quietExemptUntil !== null && now < input.quietExemptUntil;
  if (answersSomethingJustDone) return null;
  const until = quietUntil(settings.quietHours, people.contact?.person.zone ?? null, settings.defaultTimeZone, now);
  return until === null ? null : wait('quiet_hours', until);
};

const LAST_CHECKS = inOrder<LastCheck>({
  erased,
  switched_off: switchedOff,
  too_late: tooLate,
  contact: nobodyKnown,
  opted_out: optedOut,
  address_suppressed: addressSuppressed,
  quiet_hours: quietHours,
});

/** The first thing that stands in the way of sending it now; else the contact it goes to. */
export function look(situation: Situation): Obstacle | { readonly contact: Contact } {
  for (const check of LAST_CHECKS) {
    const obstacle = check(situation);
    if (obstacle !== null) return obstacle;
  }
  const { contact } = situation.people;
  return contact === null ? wait('no_contact') : { contact };
}
