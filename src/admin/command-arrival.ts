import type { OperatorEvent } from '../domain/events.js';
import { operatorsCause } from '../domain/notifications.js';
import type { Arrival, KeyedHash, Person } from '../domain/arrivals.js';
import type { Command } from '../domain/facts.js';
import { audienceOf, traceOf } from '../domain/people.js';
import type { Subject } from '../domain/subjects.js';
import type { Action } from './applies.js';

export const EVENT_OF: Record<Action, OperatorEvent> = {
  retry: 'operator.retry',
  skip: 'operator.skip',
  release: 'operator.release',
  'correct-contact': 'operator.correct_contact',
  'opt-out': 'operator.opt_out',
};

export interface Asked {
  readonly subject: Subject;
  readonly action: Action;
  readonly command: Command;
  /** The Idempotency-Key, or made here. */
  readonly id: string;
  /** correct-contact: whom the new address belongs to. */
  readonly person: Person | null;
  /** Free text, who asked, the address: sealed with the body, never a fact. */
  readonly body: object;
  /** ms */
  readonly at: number;
}

/** An operator's command as it goes the one way in. */
export function commandArrival(asked: Asked, hash: KeyedHash): Arrival {
  const { subject, action, command, id, person, at } = asked;
  const event = EVENT_OF[action];
  return {
    source: 'operator',
    externalId: id,
    event,
    verdict: 'accepted',
    reason: null,
    eventAt: at,
    receivedAt: at,
    raw: Buffer.from(JSON.stringify({ action, subject, ...asked.body }), 'utf8'),
    routed: [
      {
        subject,
        fact: {
          event,
          cause: operatorsCause(id),
          receivedAt: at,
          at,
          command,
          ...(person === null ? {} : { person: traceOf(person, audienceOf(subject), hash) }),
        },
        details: person === null ? null : { person },
      },
    ],
    links: [],
  };
}
