import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
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
  unknownStatus: false,
  person,
  completion: receivedAt + 1_000,
  mayHaveResults: true,
};
const RESULTS: ResultsAnswer = {
  available: true,
  availableAt: receivedAt - 500,
  reviewed: true,
  reviewedAt: null,
  flagged: false,
  unknownStatus: false,
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
    // Completed by its status, and nothing known of its results.
    expect(fact(null, true)).toBe(true);
  });

  test('an order’s answer links its kits, and what is kept of it holds no more than it says', () => {
    const order = reduceOrder('order:C4H-1', {
      orderNumber: 'C4H-1',
      learned: [{ event: 'order.shipped', at: null }],
      unknownStatus: true,
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
