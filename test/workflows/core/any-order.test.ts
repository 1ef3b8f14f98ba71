import { describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import type { FactEvent } from '../../../src/domain/events.js';
import type { Kind } from '../../../src/domain/kinds.js';
import type { Fact, PolicySettings } from '../../../src/domain/facts.js';
import { simulate, type Played, type Sending } from '../../../workflows/core/simulate.js';
import { stateOf } from '../../../src/domain/own-facts.js';
import {
  createFacts,
  DAY,
  HOUR,
  MINUTE,
  patient,
  recipient,
  SECOND,
  SETTINGS,
  START,
  nameParts,
} from '../../support/facts.js';

const KIT = 'kit:123456789012';
/** Mutation tests configure fast-check for a few runs each (tools/mutants). */
const { numRuns: few } = fc.readConfigureGlobal();
const RELEASES = ['available', 'reviewed', 'available_unless_flagged'] as const;
const RANK: readonly Kind[] = [
  'kit.registered',
  'kit.received_lab',
  'kit.processing_started',
  'kit.failed',
  'kit.cancelled',
  'results.available',
  'results.reviewed',
];

/** Everything that can happen to one kit, as it would have happened. */
function story(): Fact[] {
  const { fact } = createFacts();
  return [
    fact('order.created', 0, { order: 'C4H-1', person: recipient('buyer') }),
    fact('order.shipped', 0.1, { order: 'C4H-1', barcodes: ['123456789012'] }),
    fact('kit.registered', 0.2, { person: patient('jane') }),
    fact('kit.received_lab', 0.3),
    fact('kit.processing_started', 0.4),
    fact('kit.processing_completed', 0.5),
    fact('results.available', 0.6, { person: patient('jane'), summary: 'a' }),
    fact('results.reviewed', 0.7),
  ];
}

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const [index, item] of items.entries())
    for (const rest of permutations([...items.slice(0, index), ...items.slice(index + 1)])) yield [item, ...rest];
}

/** These facts, arriving in this order, some minutes apart. */
const arriving = (facts: readonly Fact[], gap: number): Fact[] =>
  facts.map((fact, index) => ({ ...fact, seq: index + 1, receivedAt: START + DAY + index * gap }));

const live = (facts: readonly Fact[], more: { settings?: PolicySettings; send?: () => Sending } = {}): Played =>
  simulate({ subject: KIT, settings: SETTINGS, facts, until: START + 300 * DAY, ...more });

function expectRightlyTold({ sent, known }: Played, facts: readonly Fact[]): void {
  const keys = sent.map(({ input }) => `${input.subject} ${input.kind} ${String(input.occurrence)}`);
  expect(new Set(keys).size).toBe(keys.length);
  const words = sent.filter(({ input }) => input.firstWord);
  expect(words.length).toBe(facts.some(({ event }) => event.startsWith('results.')) ? 1 : 0);
  // No email about a state that had passed when it was decided to send it.
  for (const { input } of sent) {
    const before = facts.filter(({ receivedAt }) => receivedAt <= input.at);
    const state = stateOf(KIT, before);
    if (state === 'results.available' || state === 'results.reviewed') expect(input.kind).toMatch(/^results\./);
  }
  const ranks = sent.map(({ input }) => RANK.indexOf(input.kind)).filter((rank) => rank >= 0);
  expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  expect(known.notifications.filter(({ status }) => status === 'sending' || status === 'deferred')).toEqual([]);
}

describe('whatever the order', () => {
  test('every permutation of a kit’s events, each of them twice, ends in the same state with one first word', () => {
    const all = [...permutations(story().slice(2))];
    expect(all).toHaveLength(720);
    const step = few === undefined ? 1 : Math.ceil(all.length / few);
    for (const order of all.filter((_, index) => index % step === 0)) {
      const facts = arriving([...order, ...order.map((fact) => ({ ...fact, cause: `${fact.cause}-again` }))], MINUTE);
      const kit = live(facts);
      expect(kit.projection).toMatchObject({ state: 'results.reviewed', attention: [], closed: true });
      expectRightlyTold(kit, facts);
    }
  });

  test('every permutation with its order’s events, at once', () => {
    const { projection } = live(arriving(story(), 0));
    for (const order of permutations(story().slice(0, 6))) expect(stateOf(KIT, order)).toBe('processing');
    expect(projection.state).toBe('results.reviewed');
  });

  const anyFacts = (events: readonly FactEvent[]) =>
    fc.array(
      fc.record({
        event: fc.constantFrom(...events),
        at: fc.integer({ min: 0, max: 40 * 24 }),
        arrivesAfter: fc.integer({ min: 0, max: 96 }),
        name: fc.constantFrom(null, 'jane'),
        address: fc.constantFrom('one', 'two', null),
        summary: fc.constantFrom('a', 'b', undefined),
      }),
      { maxLength: 14 },
    );
  const KIT_EVENTS: readonly FactEvent[] = [
    'order.created',
    'order.shipped',
    'order.cancelled',
    'kit.registered',
    'kit.received_lab',
    'kit.processing_started',
    'kit.processing_completed',
    'kit.failed',
    'results.available',
    'results.reviewed',
  ];
  const toFacts = (drawn: ReturnType<typeof anyFacts> extends fc.Arbitrary<infer T> ? T : never): Fact[] =>
    drawn
      .map(({ event, at, arrivesAfter, name, address, summary }): Omit<Fact, 'seq' | 'cause'> => ({
        event,
        at: START + at * HOUR,
        receivedAt: START + (at + arrivesAfter) * HOUR,
        ...(event.startsWith('order.') ? { order: 'C4H-1' } : {}),
        ...(event === 'order.shipped' ? { barcodes: ['123456789012'] } : {}),
        ...(event === 'order.created' ? { person: recipient('buyer') } : {}),
        ...(event === 'kit.registered' || event === 'results.available'
          ? {
              person: {
                role: 'patient',
                hasContact: address !== null,
                name: name === null ? null : nameParts(name),
                address,
              },
            }
          : {}),
        ...(event === 'results.available' && summary !== undefined ? { summary } : {}),
      }))
      .sort((a, b) => a.receivedAt - b.receivedAt)
      .map((fact, index) => ({ ...fact, seq: index + 1, cause: `wh_${String(index + 1)}` }));

  const outcomes = fc.infiniteStream(
    fc.record({
      status: fc.constantFrom('sent', 'sent', 'sent', 'unknown', 'failed'),
      hours: fc.constantFrom(0, 0, 1, 30, 71),
      retrying: fc.boolean(),
    }),
  );

  test('whatever comes, however sends go: no kind is told twice, the first word once, and no clock spins', () => {
    fc.assert(
      fc.property(anyFacts(KIT_EVENTS), outcomes, fc.constantFrom(...RELEASES), (drawn, stream, resultsRelease) => {
        const facts = toFacts(drawn);
        fc.pre(facts.length > 0);
        const settings = { ...SETTINGS, resultsRelease };
        const told: string[] = [];
        let firstWordsTold = 0;
        const played = simulate({
          subject: KIT,
          settings,
          facts,
          until: START + 200 * DAY,
          send: (_, now) => {
            const { status, hours, retrying } = stream.next().value as {
              status: 'sent' | 'unknown' | 'failed';
              hours: number;
              retrying: boolean;
            };
            const reason = status === 'sent' ? null : status === 'unknown' ? 'no_answer' : 'address_refused';
            return {
              after: hours * HOUR + SECOND,
              retrying,
              outcome: { status, reason, until: null, settledAt: now, address: 'one' },
            };
          },
        });
        for (const { input } of played.sent) {
          told.push(`${input.kind} ${String(input.occurrence)}`);
          if (input.firstWord) firstWordsTold += 1;
        }
        expect(new Set(told).size).toBe(told.length);
        expect(firstWordsTold).toBeLessThanOrEqual(1);
        expect(played.projection.state).toBe(stateOf(KIT, facts));
        expect(played.decisions.length).toBeLessThan(100);
        expect(played.questions.length).toBeLessThan(100);
      }),
      { numRuns: few ?? 400 },
    );
  });

  test('what was told and decided does not depend on how facts are grouped into signals', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(story(), { minLength: 1 }), (order) => {
        const facts = arriving(order, 0);
        const kit = live(facts);
        const again = live([...facts].reverse());
        expect(again.sent.map(({ input }) => input.kind)).toEqual(kit.sent.map(({ input }) => input.kind));
        expect(again.projection).toEqual(kit.projection);
      }),
      { numRuns: few ?? 150 },
    );
  });

  test('a run that starts again at any moment, with what the database knows, tells nothing twice and loses nothing', () => {
    fc.assert(
      fc.property(anyFacts(KIT_EVENTS), fc.integer({ min: 0, max: 45 * 24 }), (drawn, hours) => {
        const facts = toFacts(drawn);
        const lostAt = START + hours * HOUR;
        const delivered = facts.filter(({ receivedAt }) => receivedAt <= lostAt);
        fc.pre(delivered.length > 0);
        const whole = live(facts);
        const first = simulate({ subject: KIT, settings: SETTINGS, facts: delivered, until: lostAt });
        const second = simulate({
          subject: KIT,
          settings: SETTINGS,
          prior: { facts: first.known.facts, notifications: first.known.notifications },
          facts: facts.slice(delivered.length),
          from: lostAt,
          until: START + 300 * DAY,
        });
        const words = [...first.sent, ...second.sent].map(({ input }) => `${input.kind} ${String(input.occurrence)}`);
        const orphans = first.known.notifications.filter(({ status }) => status === 'sending').length;
        expect(new Set(words).size).toBe(words.length);
        if (orphans === 0) expect(second.projection.state).toBe(whole.projection.state);
        const results = (played: readonly { readonly input: { readonly kind: Kind } }[]) =>
          played.some(({ input }) => input.kind.startsWith('results.'));
        expect(results([...first.sent, ...second.sent])).toBe(results(whole.sent));
      }),
      { numRuns: few ?? 200 },
    );
  });

  /** A kit's story up to some event, and what only the partner's answers bring. */
  const lives = fc.record({
    upTo: fc.integer({ min: 2, max: 8 }),
    way: fc.subarray<FactEvent>(['kit.delivered', 'kit.not_delivered', 'kit.posted', 'kit.lost_in_transit']),
  });
  /** By whom each is told, and in which order; some twice. */
  const tellings = fc.array(fc.record({ by: fc.constantFrom('webhook', 'partner', 'both'), rank: fc.nat() }), {
    minLength: 12,
    maxLength: 12,
  });

  /** The same facts, told so: by webhooks, by the partner's answers, or by both. */
  function told(life: { upTo: number; way: readonly FactEvent[] }, telling: readonly { by: string; rank: number }[]) {
    const { fact } = createFacts();
    const answers = (one: Fact): Fact => ({
      ...one,
      event: 'partner.answered',
      learned: [{ event: one.event, at: one.at }],
      cause: `re:${one.cause}`,
    });
    const wayFacts = life.way.map((event, index) => fact(event, 0.15 + index / 50));
    const all = [...story().slice(0, life.upTo), ...wayFacts].map((one, index) => ({ one, index }));
    return [...all]
      .sort((a, b) => (telling[a.index]?.rank ?? 0) - (telling[b.index]?.rank ?? 0))
      .flatMap(({ one, index }) => {
        if (one.event.startsWith('order.')) return [one];
        const by = telling[index]?.by;
        if (by === 'partner' || life.way.includes(one.event)) return [answers(one)];
        return by === 'both' ? [answers(one), one] : [one];
      });
  }

  test('whoever tells it, webhooks or the partner, in any order: the same state, the same emails at the same time, none twice', () => {
    const cameTo = ({ sent, projection, attention, known }: Played) => ({
      sent: sent.map(({ input, at }) => `${input.kind} ${String(input.occurrence)} ${String(Math.round(at / HOUR))}`),
      rows: known.notifications
        .map(({ kind, occurrence, status, reason }) => [kind, occurrence, status, reason].join(' '))
        .sort(),
      state: projection.state,
      human: attention.map(({ code }) => code),
    });
    const plainly = Array.from({ length: 12 }, (_, rank) => ({ by: 'webhook', rank }));
    fc.assert(
      fc.property(lives, tellings, (life, telling) => {
        const one = live(arriving(told(life, plainly), 0));
        const other = live(arriving(told(life, telling), 0));
        expect(cameTo(other)).toEqual(cameTo(one));
        expect(new Set(cameTo(other).sent).size).toBe(other.sent.length);
      }),
      { numRuns: few ?? 150 },
    );
  });

  test('some minutes apart, too, the state is the same, results are told once, and nothing twice', () => {
    fc.assert(
      fc.property(lives, tellings, (life, telling) => {
        const facts = arriving(told(life, telling), MINUTE);
        const { projection, sent } = live(facts);
        const keys = sent.map(({ input }) => `${input.kind} ${String(input.occurrence)}`);
        expect(projection.state).toBe(stateOf(KIT, facts));
        expect(new Set(keys).size).toBe(keys.length);
        expect(sent.filter(({ input }) => input.firstWord)).toHaveLength(life.upTo > 6 ? 1 : 0);
      }),
      { numRuns: few ?? 150 },
    );
  });
});
