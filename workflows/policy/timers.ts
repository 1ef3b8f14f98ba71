import { DAY } from '../../src/domain/durations.js';
import { EVENTS, eventsThatShow } from '../../src/domain/events.js';
import type { JourneyKind } from '../../src/domain/kinds.js';
import type { Trigger, Triggers } from '../core/candidates.js';
import type { Notification } from '../core/knowledge.js';
import { wentOut, type Story, type StoryEvent } from '../core/story.js';
import { expectedDelivery, isOf, isWithin, parcelOf, shipmentsOf } from './parcels.js';
import { deliveredAt, troubleOnTheWayOut } from './transit.js';

const SECOND_REMINDER_AFTER = 14 * DAY;
const UNREGISTERED_AFTER = DAY;
const REGISTER_REMINDERS = 2;

/**
 * A registration is known by its event, or by a patient whom a later webhook of the kit names. A patient who is named
 * beside a shipment, or by an operator's correction, has registered nothing.
 */
export const isRegistered = (story: Story): boolean =>
  story.reached('registered') ||
  story.known.facts.some(({ event, person }) => person?.role === 'patient' && EVENTS[event].of === 'kit');

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

/** No lab takes longer: what is expected later, or before the arrival, is a slip and is not believed. */
const LONGEST_PROCESSING = 90 * DAY;

/** When the lab expects to be done by what was told last (ms); null where nothing that can be was told. */
export function expectedCompletion(story: Story): number | null {
  const start = arrivalOf(story)?.at;
  return story.newest(({ completion }) =>
    completion !== undefined && (start === undefined || isWithin(completion, start, LONGEST_PROCESSING))
      ? completion
      : null,
  );
}

/** The numbers of a shipment's reminders: two by the clock, and one for a sample that came unregistered. */
const PER_SHIPMENT = 3;

/**
 * For each kit of a shipment that nobody registers, but kept under the order: one goes per shipment, and then a second;
 * and one when a sample has come to the lab unregistered, whatever had gone by then.
 */
export const registerReminders: Triggers = (story) => {
  const subject = story.orderSubject;
  const after = story.settings.registerReminderAfter;
  if (subject === null || after === null) return [];
  // Of a kit that was in another order before, the story has this one's shipments only.
  const own = shipmentsOf(story).findIndex((shipment) => isOf(story, shipment));
  const before = PER_SHIPMENT * Math.max(0, own);
  const reminders = story
    .notificationsOf('reminder.register')
    .filter((one) => one.subject !== subject || (one.occurrence > before && one.occurrence <= before + PER_SHIPMENT));
  const notifications = reminders.filter((one) => one.subject === subject);
  const shipped = parcelOf(story);
  const arrival = unregisteredAtLab(story);
  // What waits of the order before may still go.
  const triggers: Trigger[] = reminders.flatMap(({ due: dueAt, occurrence, subject }) => {
    const event = shipped ?? arrival;
    return event === undefined ? [] : [{ event, due: dueAt, occurrence, subject }];
  });
  const next = Math.max(before, ...notifications.map(({ occurrence }) => occurrence)) + 1;
  if (arrival !== undefined) {
    const reminded = notifications.some(({ at }) => at >= arrival.receivedAt);
    return reminded || next > before + PER_SHIPMENT
      ? triggers
      : [...triggers, { event: arrival, due: unregisteredDue(arrival), occurrence: next, subject }];
  }
  const former = notifications.at(-1);
  const isDone = former === undefined || wentOut(former) || isOverTrouble(story, former);
  if (next > before + REGISTER_REMINDERS || shipped === undefined || !isDone) return triggers;
  const pause = notifications.some(wentOut) ? SECOND_REMINDER_AFTER : after;
  const delivery = deliveredAt(story) ?? expectedDelivery(story);
  return [...triggers, { event: shipped, due: due(story, shipped, pause, delivery), occurrence: next, subject }];
};

/** A reminder was stopped because its parcel was in trouble; now that it isn't any more, another may go. */
const isOverTrouble = (story: Story, { reason }: Notification): boolean =>
  reason === 'cancelled' && !story.reached('cancelled', 'failed') && troubleOnTheWayOut(story) === undefined;

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
    return after === null ? null : due(story, start, after, expectedDelivery(story));
  });

/** RETURN_REMINDER_AFTER by its default: silence is noticed also where no reminder goes. */
const USUAL_RETURN = 5 * DAY;

/** When a sample should have come that nobody is reminded of any more: when its reminder falls due, or would (ms). */
export function sampleDue(story: Story): number | null {
  const decided = story.notificationsOf('reminder.return')[0]?.due;
  if (decided !== undefined && decided !== null) return decided;
  const start = story.first('kit.registered') ?? story.first('kit.posted');
  const after = story.settings.returnReminderAfter ?? USUAL_RETURN;
  return start === undefined ? null : due(story, start, after, expectedDelivery(story));
}

/** The sample whose results don't come: a day after the lab's own estimate, where it gives one. */
export const delayNotice: Triggers = (story) =>
  single(story, 'notice.delay', arrivalOf(story), (start) => {
    const after = story.settings.processingDelayAfter;
    const estimate = expectedCompletion(story);
    if (after === null) return null;
    return estimate === null ? due(story, start, after, null) : due(story, start, DAY, estimate);
  });
