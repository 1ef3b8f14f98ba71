import { EVENTS, type FactEvent } from '../../src/domain/events.js';
import type { Kind } from '../../src/domain/kinds.js';
import type { NotificationState } from '../../src/domain/notifications.js';
import type { NameParts } from '../../src/domain/persons.js';
import type { Command, Fact, PersonTrace, PolicySettings } from '../../src/domain/facts.js';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A Monday morning, UTC. */
export const START = Date.UTC(2026, 8, 7, 9);

/** A kit whose questions are asked when they fall due: its barcode spreads them by less than a second (`spreadOf`). */
export const PROMPT_KIT = 'kit:3802';

/** The defaults of policy.md, the partner's API configured. */
export const SETTINGS: PolicySettings = {
  switchedOff: [],
  tooLate: true,
  resultsRelease: 'available',
  resultsMaxHold: 72 * HOUR,
  registerReminderAfter: 7 * DAY,
  returnReminderAfter: 5 * DAY,
  processingDelayAfter: 7 * DAY,
  silenceAfter: DAY,
  kitLinger: 14 * DAY,
  partner: true,
};

/** A name as short as can be: another word is another person. */
export const nameParts = (name: string): NameParts => ({ full: name, given: name, first: name, last: name });

const trace =
  (role: PersonTrace['role']) =>
  (name: string, address: string | null = `${name}@home`): PersonTrace => ({
    role,
    hasContact: address !== null,
    name: nameParts(name),
    address,
  });
export const patient = trace('patient');
export const recipient = trace('recipient');

/** What may be said of a fact beside its event; `late`: ms from the event to its arrival. */
export type More = Partial<Omit<Fact, 'event' | 'at' | 'receivedAt' | 'command'>> & {
  readonly late?: number;
  /** About the subject of all the facts, unless it says otherwise. */
  readonly command?: Partial<Command>;
};

/** Facts numbered in the order in which they are made; `at` counts from START in days; commands are about `subject`. */
export function createFacts(subject = 'kit:1'): {
  readonly fact: (event: FactEvent, days: number, more?: More) => Fact;
  readonly command: (event: FactEvent, days: number, command?: Partial<Command>, more?: More) => Fact;
  readonly report: (event: FactEvent, days: number, kind: Kind, occurrence?: number, permanent?: boolean) => Fact;
} {
  let seq = 0;
  const fact = (event: FactEvent, days: number, { late = 0, command, ...more }: More = {}): Fact => {
    seq += 1;
    const at = START + days * DAY;
    const asked = EVENTS[event].source === 'operator' ? { command: { subject, ...command } } : {};
    return { seq, event, cause: `wh_${String(seq)}`, at, receivedAt: at + late, ...asked, ...more };
  };
  return {
    fact,
    command: (event, days, command = {}, more = {}) =>
      fact(event, days, { cause: `operator:${String(seq + 1)}`, command, ...more }),
    report: (event, days, kind, occurrence = 1, permanent = true) =>
      fact(event, days, { cause: `mail:${String(seq + 1)}`, mail: { kind, occurrence, permanent } }),
  };
}

/** What became of an email about `kit:1`, some days after START: it was sent, unless `more` says otherwise. */
export const told = (
  kind: NotificationState['kind'],
  days: number,
  more: Partial<NotificationState> = {},
): NotificationState => ({
  subject: 'kit:1',
  kind,
  occurrence: 1,
  status: 'sent',
  reason: null,
  at: START + days * DAY,
  ...more,
});
