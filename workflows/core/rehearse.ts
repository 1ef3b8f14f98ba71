import type { Kind } from '../../src/domain/kinds.js';
import type { Reason } from '../../src/domain/notifications.js';
import type { NotifyInput } from '../../src/domain/activities.js';
import type { Fact, PolicySettings } from '../../src/domain/facts.js';
import { SECOND } from '../../src/domain/durations.js';
import { handedOver, simulate, type Played } from './simulate.js';

/** Everything of the settings that decides whether and when an email goes. */
export interface Rules {
  readonly settings: PolicySettings;
  /** Until when this email waits for the quiet hours in which `now` lies (ms); null: it lies in none. */
  readonly quietUntil: (input: NotifyInput, now: number) => number | null;
}

/** A journey that was lived: all that it was told. */
export interface Lived {
  readonly subject: string;
  readonly facts: readonly Fact[];
}

/** One email that would have gone other than it does by the rules in force. Times in ms; null: it doesn't go. */
export interface Change {
  /** Whose row it is. */
  readonly subject: string;
  readonly kind: Kind;
  readonly occurrence: number;
  readonly now: number | null;
  readonly then: number | null;
  /** Why it would not have gone, or not yet; null where it would have, or where nothing would have called for it. */
  readonly why: Reason | null;
}

/** An email that goes a little later or sooner is no change: a question to the partner takes that long. */
const NO_CHANGE = 60 * SECOND;

/**
 * Lives through a journey twice, by the rules in force and by others, and tells which emails differ from `since` until
 * `until` (ms). Both are replays, so that an outage of that time is no difference. The partner tells what it told, when
 * it told it. Sends nothing.
 */
export function rehearse(
  { subject, facts }: Lived,
  rules: { readonly inForce: Rules; readonly other: Rules },
  { since, until }: { readonly since: number; readonly until: number },
): Change[] {
  const past = facts.filter(({ receivedAt }) => receivedAt <= until);
  if (past.length === 0) return [];
  const play = ({ settings, quietUntil }: Rules): Played =>
    simulate({
      subject,
      settings,
      facts: past,
      until,
      send: (input, now) => {
        const waits = quietUntil(input, now);
        const outcome = waits === null ? handedOver(now + SECOND) : quiet(waits, now);
        return { outcome, after: SECOND };
      },
    });
  const [before, after] = [play(rules.inForce), play(rules.other)];
  const [went, would] = [goings(before), goings(after)];
  return [...new Set([...went.keys(), ...would.keys()])].flatMap((key) => {
    const input = went.get(key)?.input ?? would.get(key)?.input;
    const [now, then] = [went.get(key)?.at ?? null, would.get(key)?.at ?? null];
    const isSame = now !== null && then !== null && Math.abs(now - then) < NO_CHANGE;
    if (input === undefined || isSame || Math.max(now ?? 0, then ?? 0) < since) return [];
    const { subject: notification, kind, occurrence } = input;
    return [{ subject: notification, kind, occurrence, now, then, why: then === null ? reasonOf(after, input) : null }];
  });
}

const quiet = (until: number, now: number) =>
  ({ status: 'deferred', reason: 'quiet_hours', until, settledAt: now, address: null }) as const;

/** When each notification went first. */
function goings({ sent }: Played): Map<string, Played['sent'][number]> {
  const first = new Map<string, Played['sent'][number]>();
  for (const one of sent) {
    const key = `${one.input.subject} ${one.input.kind} ${String(one.input.occurrence)}`;
    if (!first.has(key)) first.set(key, one);
  }
  return first;
}

const reasonOf = ({ known }: Played, { subject, kind, occurrence }: NotifyInput): Reason | null =>
  known.notifications.find(
    (notification) =>
      notification.subject === subject && notification.kind === kind && notification.occurrence === occurrence,
  )?.reason ?? null;
