import { DAY } from '../../src/domain/durations.js';
import { eventsThatShow } from '../../src/domain/events.js';
import type { JourneyKind } from '../../src/domain/kinds.js';
import { kitSubject } from '../../src/domain/subjects.js';
import type { Trigger, Triggers } from '../core/candidates.js';
import { wentOut, type Story, type StoryEvent } from '../core/story.js';
import { patientNamed } from './addressee.js';

const SECOND_REMINDER_AFTER = 14 * DAY;
const UNREGISTERED_AFTER = DAY;
const REGISTER_REMINDERS = 2;

/** A registration is known by its webhook, or by a patient whom any other webhook names. */
export const isRegistered = (story: Story): boolean => story.reached('registered') || patientNamed(story.known.facts);

/** The sample's coming to the lab. */
const arrivalOf = (story: Story): StoryEvent | undefined => story.first(...eventsThatShow('at_lab'));

/** The sample that arrived without a registration; undefined where none did. */
export const unregisteredAtLab = (story: Story): StoryEvent | undefined =>
  isRegistered(story) ? undefined : arrivalOf(story);

/** When a human is asked about it, and the recipient reminded (ms). */
export const unregisteredDue = (arrival: StoryEvent): number => arrival.receivedAt + UNREGISTERED_AFTER;

/**
 * Due: the later of the fact, the expected delivery and the last email, and then the setting; a due time that was
 * already past when the fact arrived starts anew at its arrival.
 */
function due(story: Story, start: StoryEvent, after: number, expected: number | null): number {
  const computed = Math.max(start.at, expected ?? 0, story.lastEmailAt ?? 0) + after;
  return computed <= start.receivedAt ? start.receivedAt + after : computed;
}

/** The shipments of this kit: an order may send a second parcel, such as a replacement, long after the first. */
function parcelsOf(story: Story): StoryEvent[] {
  const all = story.all(...eventsThatShow('shipped'));
  const own = all.filter(({ fact }) => fact.barcodes?.some((barcode) => kitSubject(barcode) === story.subject) ?? true);
  return own.length === 0 ? all : own;
}

/** When the kit should be delivered by what was told last (ms); null where no parcel of it says so. */
function deliveryOf(parcels: readonly StoryEvent[]): number | null {
  const told = parcels.filter(({ fact }) => fact.delivery !== undefined).sort((a, b) => a.at - b.at || a.seq - b.seq);
  return told.at(-1)?.fact.delivery ?? null;
}

/** For each kit of an order that nobody registers, but kept under the order: one goes per order, and then a second. */
export const registerReminders: Triggers = (story) => {
  const subject = story.orderSubject;
  const after = story.settings.registerReminderAfter;
  if (subject === null || after === null) return [];
  const notifications = story.notificationsOf('reminder.register');
  const parcels = parcelsOf(story);
  const shipped = parcels[0];
  const arrival = unregisteredAtLab(story);
  const triggers: Trigger[] = notifications.flatMap(({ due: dueAt, occurrence }) => {
    const event = shipped ?? arrival;
    return event === undefined ? [] : [{ event, due: dueAt, occurrence, subject }];
  });
  const next = Math.max(0, ...notifications.map(({ occurrence }) => occurrence)) + 1;
  if (next > REGISTER_REMINDERS) return triggers;
  if (arrival !== undefined) {
    const reminded = notifications.some(({ at }) => at >= arrival.receivedAt);
    return reminded
      ? triggers
      : [...triggers, { event: arrival, due: unregisteredDue(arrival), occurrence: next, subject }];
  }
  const former = notifications.at(-1);
  if (shipped === undefined || (former !== undefined && !wentOut(former))) return triggers;
  const pause = former === undefined ? after : SECOND_REMINDER_AFTER;
  return [
    ...triggers,
    { event: shipped, due: due(story, shipped, pause, deliveryOf(parcels)), occurrence: next, subject },
  ];
};

/** A timer that is set once: what has been decided keeps the time it fell due. */
function single(
  story: Story,
  kind: JourneyKind,
  start: StoryEvent | undefined,
  dueAt: (start: StoryEvent) => number | null,
): Trigger[] {
  if (start === undefined) return [];
  const at = story.notificationsOf(kind)[0]?.due ?? dueAt(start);
  return at === null ? [] : [{ event: start, due: at }];
}

/** The registered kit whose sample doesn't come. */
export const returnReminder: Triggers = (story) =>
  single(story, 'reminder.return', story.first('kit.registered'), (start) => {
    const after = story.settings.returnReminderAfter;
    return after === null ? null : due(story, start, after, story.newest('delivery'));
  });

/** The sample whose results don't come: a day after the lab's own estimate, where it gives one. */
export const delayNotice: Triggers = (story) =>
  single(story, 'notice.delay', arrivalOf(story), (start) => {
    const after = story.settings.processingDelayAfter;
    const estimate = story.newest('completion');
    if (after === null) return null;
    return estimate === null ? due(story, start, after, null) : due(story, start, DAY, estimate);
  });
