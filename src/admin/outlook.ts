import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { NotifyInput } from '../domain/activities.js';
import type { Arrival } from '../domain/arrivals.js';
import type { Fact, PersonTrace, PolicySettings, Prior } from '../domain/facts.js';
import type { NotificationKey, Reason } from '../domain/notifications.js';
import { isKit, orderSubject } from '../domain/subjects.js';
import type { Ledger, Standing } from '../ledger/ledger.js';

/** What would become of one email; times in `T`. */
interface FateIn<T> extends NotificationKey {
  readonly becomes: 'goes' | 'waits' | 'not_sent';
  readonly until: T | null;
  readonly reason: Reason | null;
  readonly cause: string;
}

/** As the API writes it: times in ISO 8601. */
export type EmailOutlook = FateIn<string>;

/** Which emails would go, wait or not be sent if these came in now. Sends and writes nothing. */
export type Outlook = (arrivals: readonly Arrival[]) => Promise<EmailOutlook[]>;

interface Journey {
  readonly subject: string;
  readonly prior: Prior;
  readonly facts: readonly Fact[];
}

interface Obstacle {
  readonly status: 'not_sent' | 'deferred';
  readonly reason: Reason;
  readonly until: number | null;
}

export interface OutlookPorts {
  readonly settings: PolicySettings;
  readonly ledger: Pick<Ledger, 'standingOf' | 'scopesOf' | 'addressOf'>;
  /** Who would be told what. */
  wouldLearn(arrivals: readonly Arrival[]): Promise<readonly Journey[]>;
  forecast(
    journey: Journey & { readonly settings: PolicySettings },
    obstacleTo: (input: NotifyInput, now: number) => Obstacle | null,
    now: number,
  ): readonly FateIn<number>[];
  /** What the sender would find just before it hands over; null: nothing. */
  lastObstacle(input: NotifyInput, standing: Standing, now: number): Obstacle | null;
  /** ms since the epoch */
  clock(): number;
}

/** Journey by journey, and others get their turn after each: the operators' app shares its process with the worker. */
export function createOutlook(ports: OutlookPorts): Outlook {
  const { settings } = ports;
  return async (arrivals) => {
    const fates: FateIn<number>[] = [];
    for (const journey of await ports.wouldLearn(arrivals)) {
      const standings = await standingsIn(ports, journey, arrivals);
      const obstacleTo = (input: NotifyInput, now: number): Obstacle | null => {
        const standing = standings.get(`${input.subject} ${input.audience}`);
        return standing === undefined ? null : ports.lastObstacle(input, standing, now);
      };
      fates.push(...ports.forecast({ ...journey, settings }, obstacleTo, ports.clock()));
      await yieldToOthers();
    }
    // A reminder is decided by each kit of an order, and goes once.
    const once = new Map(fates.map((fate) => [[fate.subject, fate.kind, fate.occurrence].join(' '), fate]));
    return [...once.values()].map((fate) => ({
      ...fate,
      until: fate.until === null ? null : new Date(fate.until).toISOString(),
    }));
  };
}

/** How all stand whom a journey may write to: its own patient or recipient, and a kit's also the recipient of its order. */
async function standingsIn(
  { ledger }: OutlookPorts,
  { subject, prior, facts }: Journey,
  arrivals: readonly Arrival[],
): Promise<Map<string, Standing>> {
  const orders = new Set([...prior.facts, ...facts].flatMap(({ order }) => (order === undefined ? [] : [order])));
  const asked: readonly (readonly [string, PersonTrace['role']])[] = isKit(subject)
    ? [[subject, 'patient'], ...[...orders].map((order) => [orderSubject(order), 'recipient'] as const)]
    : [[subject, 'recipient']];
  const standings = new Map<string, Standing>();
  for (const [whose, audience] of asked) {
    const standing = await ledger.standingOf({ subject: whose, journey: subject, audience });
    standings.set(`${whose} ${audience}`, await withNewContact(ledger, standing, whose, audience, arrivals));
  }
  return standings;
}

/** Whom these arrivals name is written to, unless an operator has said to whom. */
async function withNewContact(
  ledger: OutlookPorts['ledger'],
  standing: Standing,
  subject: string,
  audience: PersonTrace['role'],
  arrivals: readonly Arrival[],
): Promise<Standing> {
  const person = arrivals
    .flatMap(({ routed }) => routed)
    .filter((one) => one.subject === subject && one.fact.person?.role === audience)
    .map(({ details }) => details?.person)
    .findLast((named) => named?.email != null);
  if (standing.erased || standing.people.contact?.byOperator === true || person?.email == null) return standing;
  const { email } = person;
  const contact = { person, email, address: ledger.addressOf(email), byOperator: false };
  return { ...standing, people: { ...standing.people, contact }, scopes: await ledger.scopesOf(email) };
}
