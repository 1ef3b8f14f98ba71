import type { NotifyInput } from '../../src/domain/activities.js';
import { MINUTE, SECOND } from '../../src/domain/durations.js';
import type { Fact, PolicySettings, Prior } from '../../src/domain/facts.js';
import { isTimed, type Kind } from '../../src/domain/kinds.js';
import type { NotificationKey, Reason } from '../../src/domain/notifications.js';
import { asUsual, simulate, type Played } from './simulate.js';

/** A journey, what it knows, and what it would learn now. */
export interface Learning {
  readonly subject: string;
  readonly settings: PolicySettings;
  readonly prior: Prior;
  readonly facts: readonly Fact[];
}

/** What would become of one email. */
export interface Fate extends NotificationKey {
  readonly becomes: 'goes' | 'waits' | 'not_sent';
  /** When it is looked at again, where it waits for a moment (ms). */
  readonly until: number | null;
  readonly reason: Reason | null;
  readonly cause: string;
}

/** What stands in the way of an email just before it is handed over. */
export interface LastObstacle {
  readonly status: 'not_sent' | 'deferred';
  readonly reason: Reason;
  readonly until: number | null;
}

/** What was decided at once has its outcome by then; what waits for longer has said so. */
const HORIZON = 5 * MINUTE;

/**
 * Which emails would go, wait or not be sent because of what a journey would learn at `now` (ms), and why: the journey
 * is lived for some minutes with that and without it, and what differs is told. Sends nothing.
 */
export function forecast(
  { facts, ...journey }: Learning,
  obstacleTo: (input: NotifyInput, now: number) => LastObstacle | null,
  now: number,
): Fate[] {
  const play = (learned: readonly Fact[]): Played =>
    simulate({
      ...journey,
      facts: learned,
      from: now,
      until: now + HORIZON,
      send: (input, at) => {
        const obstacle = obstacleTo(input, at);
        const outcome = obstacle === null ? asUsual(input, at) : { ...obstacle, settledAt: at, address: null };
        return { outcome, after: SECOND };
      },
    });
  const before = fatesIn(play([]));
  const played = play(facts);
  const after = fatesIn(played);
  for (const remark of remarksIn(played, facts)) if (!after.has(nameOf(remark))) after.set(nameOf(remark), remark);
  return [...after].flatMap(([name, fate]) => {
    const its = before.get(name);
    const isSame = its?.becomes === fate.becomes && its.reason === fate.reason;
    return isSame || wasNeverNeeded(fate) ? [] : [fate];
  });
}

/** What has become of each email in a journey, where that isn't over since before. */
function fatesIn({ sent, known }: Played): Map<string, Fate> {
  const fates = new Map<string, Fate>();
  for (const { subject, kind, occurrence, status, reason, cause, until } of known.notifications) {
    const key = { subject, kind, occurrence, reason, cause };
    if (sent.some(({ input }) => nameOf(input) === nameOf(key)))
      fates.set(nameOf(key), { ...key, becomes: 'goes', until: null });
    else if (status === 'deferred') fates.set(nameOf(key), { ...key, becomes: 'waits', until });
    else if (status === 'not_sent') fates.set(nameOf(key), { ...key, becomes: 'not_sent', until: null });
  }
  return fates;
}

/** What these facts would have called for, had the person not been told it. */
const remarksIn = ({ decisions }: Played, facts: readonly Fact[]): Fate[] =>
  decisions
    .filter(({ verdict, cause }) => verdict === 'not_send' && facts.some((fact) => fact.cause === cause))
    .map(({ subject, kind, occurrence, reason, cause }) => ({
      subject,
      kind,
      occurrence,
      reason,
      cause,
      becomes: 'not_sent',
      until: null,
    }));

const nameOf = ({ subject, kind, occurrence }: NotificationKey): string => `${subject} ${kind} ${String(occurrence)}`;

/** A clock that is stopped before it has rung says nothing to anybody. */
const wasNeverNeeded = ({ kind, becomes, reason }: Fate & { readonly kind: Kind }): boolean =>
  isTimed(kind) && becomes === 'not_sent' && (reason === 'superseded' || reason === 'cancelled');
