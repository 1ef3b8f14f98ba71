import type { JourneyKind } from '../../src/domain/kinds.js';
import { isOperators } from '../../src/domain/notifications.js';
import type { Notification } from './knowledge.js';
import type { Story, StoryEvent } from './story.js';

/** What may call for an email: one event, or one that a clock has waited for. */
export interface Candidate {
  readonly kind: JourneyKind;
  readonly occurrence: number;
  /** Under whose key it is kept. */
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
  /** What it is by now; undefined where nothing has been decided about it. */
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

/** Which triggers of its kind the facts give. */
export type Triggers = (story: Story) => readonly Trigger[];

/** The candidates of a kind: each trigger with its number and the newest notification that speaks of it. */
export function candidatesOf(kind: JourneyKind, triggers: readonly Trigger[], story: Story): Candidate[] {
  const lineages = byTrigger(kind, triggers, story);
  let free = Math.max(0, ...story.notificationsOf(kind).map(({ occurrence }) => occurrence));
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
 * Which notifications speak of which trigger. One names its fact; one that an operator's correction opened, and that a
 * former run left behind, speaks of the same as the one before it; any other of the next trigger without one. What is
 * numbered by itself is spoken of by its number only, under its own key.
 */
function byTrigger(kind: JourneyKind, triggers: readonly Trigger[], story: Story): Lineage[] {
  const lineages = triggers.map((trigger): Lineage => ({ trigger, notifications: [] }));
  const unnumbered = lineages.filter(({ trigger }) => trigger.occurrence === undefined);
  let before: Lineage | undefined;
  for (const notification of story.notificationsOf(kind)) {
    const named = lineages.find(({ trigger: { event, occurrence, subject = story.subject } }) =>
      occurrence === undefined
        ? notification.source === event.seq
        : occurrence === notification.occurrence && subject === notification.subject,
    );
    const repaired = isOperators(notification.cause) ? before : undefined;
    const lineage =
      named ?? repaired ?? unnumbered.find((each) => each.notifications.length === 0) ?? unnumbered.at(-1);
    lineage?.notifications.push(notification);
    before = lineage;
  }
  return lineages;
}
