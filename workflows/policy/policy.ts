import { DAY, HOUR } from '../../src/domain/durations.js';
import type { FactEvent, Milestone } from '../../src/domain/events.js';
import { isOfResults, type JourneyKind } from '../../src/domain/kinds.js';
import type { Candidate, Triggers } from '../core/candidates.js';
import type { Story } from '../core/story.js';
import { contradictionAbout, isNamedAlone, isShipmentCancelled } from './cancellation.js';
import { resultsTold, updatedSince } from './results.js';
import { deliveryOf } from './parcels.js';
import { delayNotice, isRegistered, registerReminders, returnReminder } from './timers.js';
import { troubleOnTheWayOut } from './transit.js';
import { kitCancelled, once, orderCancelled, perReview, perShipment, perUpdate } from './triggers.js';

/** Whether something has overtaken a candidate. */
export type Condition = (story: Story, candidate: Candidate) => boolean;

/** After which moment an email is too late (ms), and what that means: dropped, or deferred until a human decides. */
export interface TooLate {
  readonly after: (candidate: Candidate) => number;
  readonly means: 'not_sent' | 'defer';
}

/** What happens while nobody can be written to. */
export interface NoContact {
  readonly askPartner: boolean;
  /** Not sent once this long has passed since the fact arrived (ms); null: it waits for an address for ever. */
  readonly giveUpAfter: number | null;
  /** The journey needs attention after this long (ms); null: never. */
  readonly attentionAfter: number | null;
}

/** One row of the policy's table: when an email of a kind goes. What follows from the kind alone is in `KINDS`. */
export interface PolicyRow {
  /** Caused by: what gives a reason for such an email, or starts its clock. */
  readonly triggers: Triggers;
  readonly tooLate: TooLate | ((story: Story) => TooLate);
  readonly overtakenBy: readonly Condition[];
  /** Timers: what stops them as `cancelled`. */
  readonly stoppedBy?: readonly Condition[];
  readonly quietHours: 'wait' | 'wait_unless_fresh';
  readonly noContact: NoContact | ((story: Story) => NoContact);
  /**
   * Refused or bounced: nothing but the row; or the journey needs attention; or it does and staff are called at once; or
   * a human must act, whatever was told since.
   */
  readonly undelivered: 'row' | 'attention' | 'attention_now' | 'human';
}

const has =
  (...events: readonly FactEvent[]): Condition =>
  (story) =>
    story.has(...events);
const shipped = has('order.shipped');
const reached =
  (...milestones: readonly Milestone[]): Condition =>
  (story) =>
    story.reached(...milestones);
/** Not where it is in doubt whether the cancellation holds: a human decides that (checks.ts), and what they let go, goes. */
const unlessInDoubt =
  (condition: Condition): Condition =>
  (story, candidate) =>
    condition(story, candidate) && contradictionAbout(candidate, story) === null;
const cancelled = unlessInDoubt(reached('cancelled'));
const allItsKitsAreCancelled = unlessInDoubt((story, { event }) => isShipmentCancelled(story, event));
/** Others were cancelled, or the kit is another order's by now. */
const cancelledOthers: Condition = (story) => !story.reached('cancelled');
const failed = reached('failed');
const results = reached('results');
const reviewed = has('results.reviewed');
const registered: Condition = (story) => isRegistered(story);
const arrived = reached('at_lab');
/** The patient has sent the sample off, wherever it may be now. */
const posted = reached('posted', 'lost_in_transit');
const parcelInTrouble: Condition = (story) => troubleOnTheWayOut(story) !== undefined;
const processingIsTold: Condition = (story) =>
  story.has('kit.processing_started') && !story.settings.switchedOff.includes('kit.processing_started');
const allItsKitsAreFurther: Condition = (_, { event: { fact } }) =>
  (fact.barcodes ?? []).length > 0 &&
  (fact.barcodes ?? []).every((barcode) => fact.registeredBarcodes?.includes(barcode) ?? false);
const aNewerUpdate: Condition = (story, { event }) => updatedSince(story, event);
/** As far as we can know: that they may have been told is enough for a delay not to be told after them. */
const resultsAreTold: Condition = (story) =>
  resultsTold(story) || story.notifications.some(({ kind, status }) => isOfResults(kind) && status === 'unknown');

const old = (age: number, means: TooLate['means'] = 'not_sent'): TooLate => ({ after: ({ at }) => at + age, means });
const pastDue: TooLate = { after: ({ due, at }) => (due ?? at) + 7 * DAY, means: 'not_sent' };
const pastDelivery: TooLate = {
  after: ({ at, event }) => {
    const delivery = deliveryOf(event);
    return delivery === null ? at + 5 * DAY : delivery + DAY;
  },
  means: 'not_sent',
};
const aMonth = old(30 * DAY, 'defer');
/** As a second word a review is news for two weeks; as the first word a human decides after a month. */
const reviewTooLate = (story: Story): TooLate => (resultsTold(story) ? old(14 * DAY) : aMonth);

const drop: NoContact = { askPartner: false, giveUpAfter: 0, attentionAfter: null };
const askForADay: NoContact = { askPartner: true, giveUpAfter: DAY, attentionAfter: null };
const askThenHuman: NoContact = { askPartner: true, giveUpAfter: null, attentionAfter: HOUR };
const human: NoContact = { askPartner: false, giveUpAfter: null, attentionAfter: 0 };
/** A kit's cancellation of which nobody else is told, or too late for the sample, which may be in the post. */
const humanIfAloneOrPosted = (story: Story): NoContact =>
  isNamedAlone(story) || story.reached('registered', 'posted', 'at_lab') ? human : drop;

/** The policy: one row for each kind that a journey decides, in the order of KINDS (docs/journeys.md). */
// prettier-ignore
export const POLICY: Readonly<Record<JourneyKind, PolicyRow>> = {
  'order.confirmed': {
    triggers: once('order.confirmed'),
    tooLate: old(DAY), overtakenBy: [shipped, cancelled],
    quietHours: 'wait_unless_fresh', noContact: drop, undelivered: 'row',
  },
  'order.shipped': {
    triggers: perShipment,
    tooLate: pastDelivery, overtakenBy: [allItsKitsAreCancelled, allItsKitsAreFurther],
    quietHours: 'wait', noContact: askForADay, undelivered: 'attention',
  },
  'order.cancelled': {
    triggers: orderCancelled,
    tooLate: old(14 * DAY), overtakenBy: [cancelledOthers],
    quietHours: 'wait', noContact: human, undelivered: 'attention',
  },
  'kit.registered': {
    triggers: once('kit.registered'),
    tooLate: old(3 * DAY), overtakenBy: [arrived, results, failed, cancelled],
    quietHours: 'wait_unless_fresh', noContact: askForADay, undelivered: 'attention_now',
  },
  'kit.received_lab': {
    triggers: once('kit.received_lab'),
    tooLate: old(3 * DAY), overtakenBy: [processingIsTold, results, failed, cancelled],
    quietHours: 'wait', noContact: askForADay, undelivered: 'attention',
  },
  'kit.processing_started': {
    triggers: once('kit.processing_started'),
    tooLate: old(2 * DAY), overtakenBy: [results, failed, cancelled],
    quietHours: 'wait', noContact: askForADay, undelivered: 'attention',
  },
  'results.available': {
    triggers: once('results.available'),
    tooLate: aMonth, overtakenBy: [reviewed],
    quietHours: 'wait', noContact: askThenHuman, undelivered: 'human',
  },
  'results.reviewed': {
    triggers: perReview,
    tooLate: reviewTooLate, overtakenBy: [aNewerUpdate],
    quietHours: 'wait', noContact: askThenHuman, undelivered: 'human',
  },
  'results.updated': {
    triggers: perUpdate,
    tooLate: aMonth, overtakenBy: [aNewerUpdate],
    quietHours: 'wait', noContact: askThenHuman, undelivered: 'human',
  },
  'kit.failed': {
    triggers: once('kit.failed'),
    tooLate: aMonth, overtakenBy: [results],
    quietHours: 'wait', noContact: human, undelivered: 'human',
  },
  'kit.cancelled': {
    triggers: kitCancelled,
    tooLate: old(14 * DAY, 'defer'), overtakenBy: [results, cancelledOthers],
    quietHours: 'wait', noContact: humanIfAloneOrPosted, undelivered: 'human',
  },
  'reminder.register': {
    triggers: registerReminders,
    tooLate: pastDue, overtakenBy: [registered, results], stoppedBy: [cancelled, failed, parcelInTrouble],
    quietHours: 'wait', noContact: drop, undelivered: 'attention',
  },
  'reminder.return': {
    triggers: returnReminder,
    tooLate: pastDue, overtakenBy: [posted, arrived, results], stoppedBy: [cancelled, failed],
    quietHours: 'wait', noContact: drop, undelivered: 'attention',
  },
  'notice.delay': {
    triggers: delayNotice,
    tooLate: pastDue, overtakenBy: [resultsAreTold], stoppedBy: [cancelled, failed],
    quietHours: 'wait', noContact: drop, undelivered: 'attention',
  },
};
