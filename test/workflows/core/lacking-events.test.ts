import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { C4HXP_EVENTS, EVENTS, eventsThatShow, type C4hxpEvent, type FactEvent } from '../../../src/domain/events.js';
import type { Fact } from '../../../src/domain/facts.js';
import { isOfResults } from '../../../src/domain/kinds.js';
import { isKit, kitSubject } from '../../../src/domain/subjects.js';
import { simulate, type Answering, type Played } from '../../../workflows/core/simulate.js';
import { DAY, START } from '../../support/facts.js';
import { ANSWER_AFTER, senderOf } from '../../support/scenario-world.js';
import { partsOf, readScenario, type Part, type Scenario } from '../../support/scenario.js';

const JOURNEYS = new URL('../../../journeys/', import.meta.url);
const files = readdirSync(JOURNEYS).sort();

/** By which event of a kit the partner's API shows that something has happened to its order. */
const SHOWN_AS: Partial<Record<FactEvent, FactEvent>> = {
  'order.shipped': 'kit.shipped',
  'order.cancelled': 'kit.cancelled',
};

const concerns = ({ fact, subject }: { readonly fact: Fact; readonly subject: string }): boolean =>
  fact.barcodes?.some((barcode) => kitSubject(barcode) === subject) ?? true;

/** All that the partner knows of a kit at a moment: what happened, whether or not a webhook told it. */
function truthAt(part: Part, now: number): Pick<Fact, 'learned' | 'person' | 'summary' | 'because' | 'needsReview'> {
  const { subject } = part;
  const told = [
    ...part.facts.filter((fact) => fact.at <= now && concerns({ fact, subject })),
    ...part.partner.filter(({ knownFrom }) => knownFrom <= now),
  ];
  const events = told.flatMap(({ event, at, learned = [] }) => [{ event: SHOWN_AS[event] ?? event, at }, ...learned]);
  const merged = told.reduce<Partial<Fact>>(
    (known, { person, summary, because, needsReview }) => ({
      ...known,
      ...(person?.role === 'patient' ? { person } : {}),
      ...(summary === undefined ? {} : { summary }),
      ...(because === undefined ? {} : { because }),
      ...(needsReview === undefined ? {} : { needsReview }),
    }),
    {},
  );
  return {
    ...merged,
    learned: events.filter(({ event }) => EVENTS[event].source === 'c4hxp' && EVENTS[event].of === 'kit'),
  };
}

/** An API that answers with the truth, and with nothing where that is what it said last. */
function truthful(part: Part): (now: number) => Answering {
  let last = '';
  let seq = 10_000;
  return (now) => {
    const truth = truthAt(part, now);
    const said = JSON.stringify(truth);
    if (said === last || truth.learned?.length === 0) return { outcome: 'unchanged', after: ANSWER_AFTER };
    last = said;
    seq += 1;
    const at = now + ANSWER_AFTER;
    const fact: Fact = {
      seq,
      event: 'partner.answered',
      cause: `reconciled:${String(seq)}`,
      at,
      receivedAt: at,
      ...truth,
    };
    return { outcome: 'answered', after: ANSWER_AFTER, facts: [fact] };
  };
}

/** Lives through a kit's part without the webhooks of one event; null where none would have told of the kit at all. */
function without(event: C4hxpEvent | null, part: Part, scenario: Scenario): Played | null {
  const facts = part.facts.filter((fact) => fact.event !== event);
  const own = facts.filter((fact) => EVENTS[fact.event].source === 'c4hxp' && !fact.event.startsWith('order.'));
  const parcels = facts.filter((fact) => fact.event === 'order.shipped' && concerns({ fact, subject: part.subject }));
  const heardOf = [...own, ...parcels].map(({ receivedAt }) => receivedAt);
  if (heardOf.length === 0) return null;
  const from = Math.min(...heardOf);
  const sender = senderOf(scenario, part, START);
  const answer = truthful(part);
  return simulate({
    subject: part.subject,
    settings: scenario.policy,
    prior: { facts: facts.filter(({ receivedAt }) => receivedAt < from), notifications: [] },
    facts: facts.filter(({ receivedAt }) => receivedAt >= from),
    from,
    until: START + 400 * DAY,
    send: (input, now) => ({ outcome: sender(input, now), after: 1_000 }),
    answer: (_, now) => answer(now),
  });
}

const isTold = ({ sent, attention }: Played): boolean =>
  sent.some(({ input }) => isOfResults(input.kind)) || attention.some(({ code }) => code !== null);

/** The kits of a journey in which there are results at some time, by a webhook or at the partner's. */
const kitsWithResults = (scenario: Scenario): Part[] =>
  partsOf(scenario, START).filter((part) => {
    const { learned = [] } = truthAt(part, START + 400 * DAY);
    return isKit(part.subject) && learned.some(({ event }) => eventsThatShow('results').includes(event));
  });

describe('no rule needs an event that a subscription may lack', () => {
  const lives = files.flatMap((file) => {
    const scenario = readScenario(new URL(file, JOURNEYS));
    return kitsWithResults(scenario).map((part) => [`${file}: ${part.name}`, part, scenario] as const);
  });

  test('there are journeys with results, and each tells them or asks a human with every event in its place', () => {
    expect(lives.length).toBeGreaterThanOrEqual(20);
    const untold = lives.filter(([, part, scenario]) => {
      const played = without(null, part, scenario);
      return played === null || !isTold(played);
    });
    expect(untold.map(([name]) => name)).toEqual(['forgotten-on-request.yaml: kit']);
  });

  test.each(C4HXP_EVENTS.filter((event) => EVENTS[event].of !== 'system'))(
    'without any %s, results are told or a human is asked, in every journey',
    (event) => {
      const lacking = lives.filter(([, part]) => part.facts.some((fact) => fact.event === event));
      const untold = lacking.filter(([, part, scenario]) => {
        const whole = without(null, part, scenario);
        const played = without(event, part, scenario);
        return whole !== null && isTold(whole) && played !== null && !isTold(played);
      });
      expect(lacking.length).toBeGreaterThan(0);
      // What comes when nobody asks any more, after half a year of silence, only a webhook can tell.
      const inVain = event === 'results.available' ? ['silent-to-the-end.yaml: kit'] : [];
      expect(untold.map(([name]) => name)).toEqual(inVain);
    },
  );
});
