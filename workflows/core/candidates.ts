import type { Kind } from '../../src/domain/kinds.js';
import { isOperators } from '../../src/domain/notifications.js';
import { patientNamed } from '../policy/addressee.js';
import type { Notification } from './knowledge.js';
import { updates } from '../policy/results.js';
import type { StoryEvent, Story } from './story.js';

/** What may call for an email: one thing that happened, or one that a clock has waited for. */
export interface Candidate {
  readonly kind: Kind;
  readonly occurrence: number;
  /** Whose row it is. */
  readonly subject: string;
  readonly cause: string;
  /** What opened it: its own time, its arrival (ms), and its number. */
  readonly at: number;
  readonly receivedAt: number;
  readonly seq: number;
  readonly event: StoryEvent;
  /** Timers: when it falls due (ms). */
  readonly due: number | null;
  /** By an explicit human order: goes out although too late. */
  readonly ordered: boolean;
  readonly notification: Notification | undefined;
}

/** One reason for one email of a kind, before its number is known. */
export interface Trigger {
  readonly event: StoryEvent;
  readonly due: number | null;
  /** The number it has by itself; absent: the next free one. */
  readonly occurrence?: number;
  readonly subject?: string;
}

/** Which openings of its kind the facts give. */
export type Triggers = (story: Story) => readonly Trigger[];

const trigger = (event: StoryEvent): Trigger => ({ event, due: null });

/** The first that arrived: a repeated fact opens nothing. */
export const once =
  (...events: readonly StoryEvent['name'][]): Triggers =>
  (story) =>
    story
      .all(...events)
      .slice(0, 1)
      .map(trigger);

/** One per shipment: a set of barcodes not told before. */
export const perShipment: Triggers = (story) => {
  const told = new Set<string>();
  const triggers: Trigger[] = [];
  for (const event of story.all('order.shipped')) {
    const barcodes = event.fact.barcodes ?? [];
    const isNew = barcodes.length === 0 ? triggers.length === 0 : barcodes.some((barcode) => !told.has(barcode));
    barcodes.forEach((barcode) => told.add(barcode));
    if (isNew) triggers.push(trigger(event));
  }
  return triggers;
};

/** One per corrected version of the results. */
export const perUpdate: Triggers = (story) => updates(story).map(trigger);

/** The order's cancellation concerns the patient only where a patient is known; the partner's word of it always. */
export const kitCancelled: Triggers = (story) => {
  const ofTheOrder = patientNamed(story.known.facts) ? (['order.cancelled'] as const) : [];
  return once('kit.cancelled', ...ofTheOrder)(story);
};

/** The occasions of a kind: each opening with its number and the newest row that speaks of it. */
export function candidatesOf(kind: Kind, triggers: readonly Trigger[], story: Story): Candidate[] {
  const lineages = byTrigger(triggers, story.notificationsOf(kind));
  let free = Math.max(0, ...story.notificationsOf(kind).map((notification) => notification.occurrence));
  return lineages.map(({ trigger: { event, due, occurrence, subject }, notifications }) => {
    const notification = notifications.at(-1);
    return {
      kind,
      occurrence: notification?.occurrence ?? occurrence ?? (free += 1),
      subject: subject ?? story.subject,
      cause: due === null ? event.cause : `timer:${kind}`,
      at: event.at,
      receivedAt: event.receivedAt,
      seq: event.seq,
      event,
      due,
      ordered: notification !== undefined && isOperators(notification.cause),
      notification,
    };
  });
}

interface Lineage {
  readonly trigger: Trigger;
  readonly notifications: Notification[];
}

/**
 * Which rows speak of which opening. A row names its fact; one that an operator's correction opened, and that a former
 * run left behind, speaks of the same as the row before it; any other of the next opening without a row.
 */
function byTrigger(triggers: readonly Trigger[], notifications: readonly Notification[]): Lineage[] {
  const lineages = triggers.map((each): Lineage => ({ trigger: each, notifications: [] }));
  let before: Lineage | undefined;
  for (const notification of notifications) {
    const named = lineages.find(({ trigger: { event, occurrence } }) =>
      occurrence === undefined ? notification.source === event.seq : occurrence === notification.occurrence,
    );
    const repaired = isOperators(notification.cause) ? before : undefined;
    const lineage = named ?? repaired ?? lineages.find((each) => each.notifications.length === 0) ?? lineages.at(-1);
    lineage?.notifications.push(notification);
    before = lineage;
  }
  return lineages;
}
