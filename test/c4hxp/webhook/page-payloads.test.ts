import { describe, expect, test } from '@jest/globals';
import { factOf, hash, hashed, nameParts, NOW, page, read } from './support/reading.js';

const OPTIONS = { defaultZone: 'America/New_York' };

describe("the partner page's own payloads", () => {
  test('order.created names the recipient and has an id', () => {
    const arrival = read(page('order.created'), OPTIONS);
    expect(arrival).toMatchObject({
      source: 'c4hxp',
      externalId: 'wh_abc123',
      event: 'order.created',
      verdict: 'accepted',
      reason: null,
      eventAt: Date.UTC(2024, 0, 15, 10, 30),
      receivedAt: NOW,
      links: [],
    });
    expect(arrival.routed).toEqual([
      {
        subject: 'order:C4H-ORD-2024-001234',
        fact: {
          event: 'order.created',
          cause: 'wh_abc123',
          receivedAt: NOW,
          at: Date.UTC(2024, 0, 15, 10, 30),
          order: 'C4H-ORD-2024-001234',
          person: {
            role: 'recipient',
            hasContact: true,
            name: nameParts('john', 'doe'),
            address: hashed('email', 'john@example.com'),
          },
        },
        details: {
          person: { firstName: 'John', lastName: 'Doe', email: 'john@example.com', locale: null, zone: null },
        },
      },
    ]);
  });

  test('order.shipped links its kit, and its delivery day ends in the zone, not in UTC', () => {
    const raw = page('order.shipped');
    const arrival = read(raw, OPTIONS);
    expect(arrival.externalId).toBeNull();
    expect(arrival.links).toEqual([{ order: 'C4H-ORD-2024-001234', barcode: '123456789012' }]);
    expect(arrival.routed).toEqual([
      {
        subject: 'order:C4H-ORD-2024-001234',
        fact: {
          event: 'order.shipped',
          cause: `body:${hash('body', raw).toString('hex')}`,
          receivedAt: NOW,
          at: Date.UTC(2024, 0, 16, 14, 30),
          order: 'C4H-ORD-2024-001234',
          barcodes: ['123456789012'],
          delivery: Date.UTC(2024, 0, 19, 4, 59, 59, 999),
        },
        details: {
          parcels: [
            {
              barcode: '123456789012',
              carrier: 'FedEx',
              trackingNumber: '1234567890',
              estimatedDelivery: '2024-01-18',
            },
          ],
        },
      },
    ]);
  });

  test('kit.registered names the patient', () => {
    const arrival = read(page('kit.registered'), OPTIONS);
    expect(arrival.routed[0]?.subject).toBe('kit:123456789012');
    expect(factOf(arrival)).toMatchObject({
      event: 'kit.registered',
      at: Date.UTC(2024, 0, 20, 9, 15),
      person: { role: 'patient', hasContact: true, name: nameParts('jane', 'smith') },
    });
    expect(arrival.routed[0]?.details?.person?.firstName).toBe('Jane');
  });

  test('results.available carries a keyed hash of its summary and nothing else of the results', () => {
    const arrival = read(page('results.available'), OPTIONS);
    const fact = factOf(arrival);
    expect(fact.at).toBe(Date.UTC(2024, 0, 25, 16, 45));
    expect(fact.summary).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(fact).not.toHaveProperty('needsReview');
    expect(JSON.stringify({ ...arrival, raw: null })).not.toMatch(/cortisol|hormone|abnormal/);
  });

  test('facts hold no name and no address, whatever the event', () => {
    for (const event of ['order.created', 'order.shipped', 'kit.registered', 'results.available']) {
      const facts = read(page(event)).routed.map((routed) => routed.fact);
      expect(JSON.stringify(facts)).not.toMatch(/john|jane|smith|doe|example\.com|fedex/i);
    }
  });
});
