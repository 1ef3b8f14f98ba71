import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createC4hxpClient } from '../../../src/c4hxp/api/client.js';
import { createC4hxpQuestions } from '../../../src/c4hxp/api/questions.js';
import { readWebhook } from '../../../src/c4hxp/webhook/read.js';
import { createPartnerSim } from '../../../src/sandbox/partner-sim/sim.js';
import { JOURNEYS, KITS_NEEDED, type JourneyName } from '../../../src/sandbox/partner-sim/journeys.js';
import { DEFAULT_KIT_TYPE, type SimKit, type SimOrder } from '../../../src/sandbox/partner-sim/world.js';
import type { Arrival, KeyedHash } from '../../../src/domain/arrivals.js';
import { C4HXP_EVENTS, EVENTS, type C4hxpEvent } from '../../../src/domain/events.js';
import type { Fact } from '../../../src/domain/facts.js';
import { isOfResults } from '../../../src/domain/kinds.js';
import { kitSubject, orderSubject, type Subject } from '../../../src/domain/subjects.js';
import { simulate, type Answering, type Played } from '../../../workflows/core/simulate.js';
import { DAY, SECOND, SETTINGS, START } from '../../support/facts.js';
import { answering, startReceiver } from './receiver.js';

/**
 * The stand-in's journeys, in its own time: what it sends is read by our readers of webhooks, what its API says after each
 * step by our client; with that every kit is lived through by the core, without a clock that has to be waited for.
 */
const hash: KeyedHash = (purpose, value) => createHmac('sha256', 'key').update(`${purpose}|`).update(value).digest();
const ANSWER_AFTER = 5 * SECOND;

/** What the API says of a kit from a moment on; null: it doesn't know it. */
interface Saying {
  readonly from: number;
  readonly arrival: Arrival | null;
}

/** One kit of a journey that was played to its end. */
interface Life {
  readonly name: string;
  readonly subject: Subject;
  readonly order: SimOrder;
  readonly webhooks: readonly Arrival[];
  readonly says: readonly Saying[];
  /** Whether somebody must hear of how it ended: of results, of a failure, of a parcel in trouble. */
  readonly isDue: boolean;
}

const isDue = ({ status, patient, scans }: SimKit): boolean =>
  status === 'completed' ||
  status === 'failed' ||
  (status === 'received_lab' && patient === null) ||
  ['lost', 'return_to_sender'].includes(scans.at(-1)?.status ?? '');

const lives: Life[] = [];
beforeAll(async () => {
  let now = START;
  const clock = (): number => now;
  const receiver = await startReceiver(answering(200));
  const sim = await createPartnerSim({ clock, limits: null });
  const client = createC4hxpClient({ origin: sim.url, apiKey: sim.apiKey, timeoutMs: 5_000, clock });
  const logger = { info: () => undefined, warn: () => undefined };
  const questions = createC4hxpQuestions({ client, hash, revealFlags: true, clock, logger });
  sim.register({ url: receiver.url, secret: 'whsec_shared' });

  const ask = async (subject: Subject): Promise<Arrival | null> => {
    const { signal } = new AbortController();
    const answer = await questions.ask({ subject, why: 'silence', rank: 'usual', attempt: 1, signal });
    return answer.outcome === 'answered' ? answer.arrival : null;
  };
  const heard = async (): Promise<Arrival[]> => {
    await sim.settled();
    const reading = { receivedAt: now, hash, defaultZone: 'UTC', revealFlags: true };
    return receiver.received.splice(0).map(({ body }) => readWebhook(Buffer.from(body), reading));
  };

  for (const name of Object.keys(JOURNEYS) as JourneyName[]) {
    now = START;
    const order = sim.business.order({
      kitTypes: Array.from({ length: KITS_NEEDED[name] ?? 1 }, () => DEFAULT_KIT_TYPE),
    });
    const webhooks = await heard();
    const says = new Map<Subject, Saying[]>();
    for (const { after, what } of JOURNEYS[name]) {
      now += after;
      what(sim.business, order);
      webhooks.push(...(await heard()));
      for (const { barcode } of order.kits) {
        const subject = kitSubject(barcode);
        says.set(subject, [...(says.get(subject) ?? []), { from: now, arrival: await ask(subject) }]);
      }
    }
    for (const [index, kit] of order.kits.entries()) {
      const { barcode } = kit;
      const subject = kitSubject(barcode);
      lives.push({
        name: `${name} ${String(index + 1)}`,
        subject,
        order,
        webhooks,
        says: says.get(subject) ?? [],
        isDue: isDue(kit),
      });
    }
  }
  await questions.close();
  await sim.close();
  await receiver.close();
}, 60_000);
afterAll(() => {
  lives.length = 0;
});

/** An API that tells what it says by then, and nothing where that is what it said last. */
function api({ says }: Life): (now: number) => Answering {
  let last: string | null = null;
  let seq = 10_000;
  return (now) => {
    const said = says.findLast(({ from }) => from <= now)?.arrival;
    const fact = said?.routed[0]?.fact;
    if (said === null || said === undefined || fact === undefined) return { outcome: 'not_found', after: ANSWER_AFTER };
    if (said.externalId === last) return { outcome: 'unchanged', after: ANSWER_AFTER };
    last = said.externalId;
    seq += 1;
    const at = now + ANSWER_AFTER;
    return { outcome: 'answered', after: ANSWER_AFTER, facts: [{ ...fact, seq, at, receivedAt: at }] };
  };
}

/** What a kit is told: its own webhooks, and its order's from when one that came has linked them. */
function factsFor({ subject, order, webhooks }: Life, left: C4hxpEvent | null): Fact[] {
  const came = webhooks.filter(({ event }) => event !== left);
  const linked = came.find(({ links }) => links.some(({ barcode }) => kitSubject(barcode) === subject));
  return came.flatMap(({ routed }, seq) =>
    routed.flatMap(({ subject: whose, fact }): Fact[] => {
      if (whose === subject) return [{ ...fact, seq }];
      if (whose !== orderSubject(order.number) || linked === undefined) return [];
      return [{ ...fact, seq, receivedAt: Math.max(fact.receivedAt, linked.receivedAt) }];
    }),
  );
}

/** Lives through it without the webhooks of one event; null where none has told of the kit. */
function without(left: C4hxpEvent | null, life: Life): Played | null {
  const facts = factsFor(life, left);
  if (facts.length === 0) return null;
  const answer = api(life);
  return simulate({
    subject: life.subject,
    settings: SETTINGS,
    facts,
    until: START + 100 * DAY,
    answer: (_, now) => answer(now),
  });
}

const isTold = (played: Played | null): boolean =>
  played !== null &&
  (played.sent.some(({ input: { kind } }) => isOfResults(kind) || kind === 'kit.failed') ||
    played.attention.some(({ code }) => code !== null));
const namesOf = (some: readonly Life[]): string[] => some.map(({ name }) => name);

describe('every journey of the stand-in, by a subscription that lacks an event', () => {
  test('with all of them, all is understood, and whatever is due is told or a human is asked', () => {
    expect(lives.flatMap(({ webhooks }) => webhooks).filter(({ verdict }) => verdict !== 'accepted')).toEqual([]);
    expect(namesOf(lives.filter((life) => life.isDue && !isTold(without(null, life))))).toEqual([]);
    expect(namesOf(lives.filter((life) => !life.isDue))).toEqual([
      'cancelled 1',
      'cancelled-after-shipping 1',
      'never-registered 1',
      'one-of-two-cancelled 2',
      'cancelled-then-shipped 1',
      'timeline-contradicts-status 1',
    ]);
  });

  test.each(C4HXP_EVENTS.filter((event) => EVENTS[event].of !== 'system'))(
    'without any %s, results are told or a human is asked all the same',
    (left) => {
      const lacking = lives.filter(({ webhooks }) => webhooks.some(({ event }) => event === left));
      expect(lacking.length).toBeGreaterThan(0);
      const untold = lacking.filter((life) => life.isDue && !isTold(without(left, life)));
      // A parcel of which no webhook names a kit, and that nobody registers: there is no barcode to ask about.
      expect(namesOf(untold)).toEqual(left === 'order.shipped' ? ['returned-undeliverable 1'] : []);
    },
  );
});
