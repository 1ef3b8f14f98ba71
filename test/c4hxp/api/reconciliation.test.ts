import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import { arrivalOf, reduceKit, reduceOrder, type Reduced } from '../../../src/c4hxp/api/reconciliation.js';
import type { KitAnswer } from '../../../src/c4hxp/api/read-kit.js';
import type { ResultsAnswer } from '../../../src/c4hxp/api/read-results.js';
import type { KeyedHash } from '../../../src/domain/arrivals.js';

const hash: KeyedHash = (purpose, value) => createHmac('sha256', 'key').update(`${purpose}|`).update(value).digest();
const receivedAt = Date.UTC(2026, 10, 24, 12);
const context = { receivedAt, hash };

const person = { firstName: 'Jane', lastName: 'Smith', email: 'jane@example.com', locale: null, zone: 'Europe/Paris' };
const KIT: KitAnswer = {
  learned: [
    { event: 'kit.registered', at: receivedAt - 1_000 },
    { event: 'results.available', at: null },
  ],
  because: null,
  unknownWords: [],
  person,
  completion: receivedAt + 1_000,
  mayHaveResults: true,
  asksForTracking: false,
};
const RESULTS: ResultsAnswer = {
  available: true,
  availableAt: receivedAt - 500,
  completedAt: null,
  reviewed: true,
  reviewedAt: null,
  flagged: false,
  unknownWords: [],
};
const reduce = (results: ResultsAnswer | null = RESULTS, revealFlags = false): Reduced =>
  reduceKit('kit:123456789012', KIT, results, { revealFlags });

describe('an answer as a row of the inbox', () => {
  test('is one fact with all that was learned, what has no time dated by its receipt', () => {
    const arrival = arrivalOf(reduce(), context);
    expect(arrival).toMatchObject({ source: 'partner', event: 'partner.answered', verdict: 'accepted', links: [] });
    expect(arrival.routed).toHaveLength(1);
    expect(arrival.routed[0]).toMatchObject({
      subject: 'kit:123456789012',
      fact: {
        event: 'partner.answered',
        cause: arrival.externalId,
        at: receivedAt,
        completion: receivedAt + 1_000,
        person: { role: 'patient', hasContact: true, zone: 'Europe/Paris' },
        learned: [
          { event: 'kit.registered', at: receivedAt - 1_000 },
          { event: 'results.available', at: receivedAt - 500 },
          { event: 'results.reviewed', at: receivedAt },
        ],
      },
      details: { person },
    });
    expect(arrival.externalId).toMatch(/^reconciled:[A-Za-z0-9_-]{43}$/);
  });

  test('the fact, which Temporal will hold, names nobody', () => {
    const fact = JSON.stringify(arrivalOf(reduce(), context).routed[0]?.fact);
    for (const word of ['Jane', 'Smith', 'example.com']) expect(fact).not.toContain(word);
  });

  test('the same answer an hour later is the same row, another one is not', () => {
    const first = arrivalOf(reduce(), context);
    const later = arrivalOf(reduce(), { receivedAt: receivedAt + 3_600_000, hash });
    expect(later.externalId).toBe(first.externalId);
    expect(later.raw.equals(first.raw)).toBe(true);
    expect(arrivalOf(reduce(null), context).externalId).not.toBe(first.externalId);
    const moved = reduceKit('kit:123456789012', { ...KIT, person: { ...person, email: 'j@example.com' } }, RESULTS, {
      revealFlags: false,
    });
    expect(arrivalOf(moved, context).externalId).not.toBe(first.externalId);
    expect(arrivalOf({ ...reduce(), subject: 'kit:123456789013' }, context).externalId).not.toBe(first.externalId);
  });

  test('whether results are flagged leaves the answer only where the settings let it', () => {
    const fact = (results: ResultsAnswer | null, reveal: boolean) =>
      arrivalOf(reduce(results, reveal), context).routed[0]?.fact.needsReview;
    expect(fact({ ...RESULTS, flagged: true }, false)).toBeUndefined();
    expect(reduce({ ...RESULTS, flagged: true }, false)).not.toHaveProperty('needsReview');
    expect(fact({ ...RESULTS, flagged: true }, true)).toBe(true);
    expect(fact(RESULTS, true)).toBe(false);
    // Completed by its status, and nothing known of its results: nothing of results is learned.
    expect(fact(null, true)).toBeUndefined();
  });

  describe('results are available only when the kit is completed and all that is listed is final', () => {
    const fact = (kit: KitAnswer, results: ResultsAnswer | null) => {
      const reduced = reduceKit('kit:123456789012', kit, results, { revealFlags: true });
      return arrivalOf(reduced, context).routed[0]?.fact;
    };
    const of = (told: ReturnType<typeof fact>) => told?.learned?.map(({ event }) => event);
    const PROCESSING: KitAnswer = { ...KIT, learned: [{ event: 'kit.processing_started', at: null }] };
    const PARTIAL: ResultsAnswer = { ...RESULTS, available: false };

    test.each([
      ['a completed kit without an answer about results', KIT, null],
      ['a completed kit with results that are not all final', KIT, PARTIAL],
      ['a finished test while the kit is still processing', PROCESSING, RESULTS],
    ])('%s: nothing of results is learned, not even of a review, and the answer says so', (_, kit, results) => {
      const told = fact(kit, results);
      expect(of(told)).toEqual(kit.learned.map(({ event }) => event).filter((event) => event !== 'results.available'));
      expect(told).toMatchObject({ completedWithoutResults: true });
      for (const field of ['needsReview', 'completedAt']) expect(told).not.toHaveProperty(field);
    });

    test('a kit that is still processing, with nothing finished, says nothing of it', () => {
      for (const results of [null, PARTIAL])
        expect(fact(PROCESSING, results)).not.toHaveProperty('completedWithoutResults');
    });

    test('and both there, nothing is amiss', () => {
      const told = fact(KIT, { ...RESULTS, completedAt: receivedAt - 500 });
      expect(of(told)).toEqual(['kit.registered', 'results.available', 'results.reviewed']);
      expect(told).not.toHaveProperty('completedWithoutResults');
      expect(told).toMatchObject({ completedAt: receivedAt - 500, needsReview: false });
      expect(fact(KIT, RESULTS)).not.toHaveProperty('completedAt');
    });
  });

  describe('words that nobody knows', () => {
    const answer = (...unknownWords: string[]) => {
      const reduced = reduceKit('kit:123456789012', { ...KIT, unknownWords }, null, { revealFlags: false });
      return { reduced, fact: arrivalOf(reduced, context).routed[0]?.fact };
    };

    test('are kept sealed, and told as a keyed hash: the same for the same words, another for others', () => {
      const one = answer('status beamed', 'timeline kit_beamed');
      expect(one.reduced.unknownWords).toEqual(['status beamed', 'timeline kit_beamed']);
      expect(one.fact).toMatchObject({ unknownStatus: true, unknownWords: expect.stringMatching(/^[\w-]{43}$/) });
      expect(JSON.stringify(one.fact)).not.toContain('beamed');
      expect(answer('timeline kit_beamed', 'status beamed').fact?.unknownWords).toBe(one.fact?.unknownWords);
      expect(answer('status beamed').fact?.unknownWords).not.toBe(one.fact?.unknownWords);
      expect(answer('sample_status beamed').fact?.unknownWords).not.toBe(answer('status beamed').fact?.unknownWords);
    });

    test('of the results count as those of the kit, and where all are known nothing is said of them', () => {
      const results = { ...RESULTS, unknownWords: ['result odd'] };
      const reduced = reduceKit('kit:123456789012', { ...KIT, unknownWords: ['status beamed'] }, results, {
        revealFlags: false,
      });
      expect(reduced.unknownWords).toEqual(['result odd', 'status beamed']);
      for (const field of ['unknownStatus', 'unknownWords']) expect(answer().fact).not.toHaveProperty(field);
      expect(answer().reduced).not.toHaveProperty('unknownWords');
    });
  });

  test('why a kit failed goes with its failure, and nothing where no reason is known', () => {
    const learned = [{ event: 'kit.failed' as const, at: null }];
    const failed = (because: KitAnswer['because']) =>
      arrivalOf(reduceKit('kit:1', { ...KIT, learned, because }, null, { revealFlags: false }), context).routed[0]
        ?.fact;
    expect(failed('insufficient')).toMatchObject({ learned: [{ event: 'kit.failed' }], because: 'insufficient' });
    expect(failed(null)).not.toHaveProperty('because');
  });

  describe('an answer is chained to the one before it', () => {
    const A = reduce();
    const B = reduce(null);
    const idOf = (reduced: Reduced, answers?: readonly string[]): string => {
      const { externalId, routed } = arrivalOf(reduced, { ...context, ...(answers === undefined ? {} : { answers }) });
      expect(routed[0]?.fact.cause).toBe(externalId);
      return externalId ?? '';
    };

    test('A, B, A are three answers, and so is B after them', () => {
      const told: string[] = [];
      for (const answer of [A, B, A, B]) told.push(idOf(answer, told.slice(-2)));
      expect(new Set(told).size).toBe(4);
    });

    test('the same again is the same, however often, and whether two answers are known, one or none', () => {
      const one = idOf(A);
      expect(idOf(A, [])).toBe(one);
      expect(idOf(A, [one])).toBe(one);
      const two = idOf(B, [one]);
      expect(idOf(B, [one, two])).toBe(two);
      const three = idOf(A, [one, two]);
      expect(idOf(A, [two, three])).toBe(three);
    });

    test('one that was given before answers were chained is known again', () => {
      const [unchainedB, unchainedA] = [idOf(B), idOf(A)];
      expect(idOf(A, [unchainedB, unchainedA])).toBe(unchainedA);
    });

    test('whatever is answered: an answer is new exactly when it differs from the one before it', () => {
      const answers = fc.array(fc.constantFrom(A, B, reduce(RESULTS, true)), { maxLength: 12 });
      fc.assert(
        fc.property(answers, fc.nat(2), (said, retries) => {
          const known: string[] = [];
          let before: Reduced | null = null;
          for (const answer of said) {
            const id = idOf(answer, known.slice(-2));
            for (let n = 0; n < retries; n += 1) expect(idOf(answer, known.slice(-2))).toBe(id);
            expect(known.includes(id)).toBe(answer === before);
            if (answer !== before) known.push(id);
            before = answer;
          }
        }),
      );
    });
  });

  test('an order’s answer links its kits, and what is kept of it holds no more than it says', () => {
    const order = reduceOrder('order:C4H-1', {
      orderNumber: 'C4H-1',
      learned: [{ event: 'order.shipped', at: null }],
      unknownWords: ['order lost'],
      person,
      barcodes: ['A1', 'B2'],
      parcels: [{ barcode: 'A1', carrier: 'FedEx', trackingNumber: '1', estimatedDelivery: '2026-11-27' }],
      delivery: receivedAt,
    });
    const row = arrivalOf(order, context);
    expect(JSON.parse(row.raw.toString('utf8'))).toEqual(order);
    expect(row).toMatchObject({
      links: [
        { order: 'C4H-1', barcode: 'A1' },
        { order: 'C4H-1', barcode: 'B2' },
      ],
      routed: [
        { fact: { order: 'C4H-1', person: { role: 'recipient' }, unknownStatus: true, barcodes: ['A1', 'B2'] } },
      ],
    });
  });
});
