import { describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import { readKit } from '../../../src/c4hxp/api/read-kit.js';
import { readHealth } from '../../../src/c4hxp/api/client.js';
import { readOrder } from '../../../src/c4hxp/api/read-order.js';
import { readTracking, withTracking } from '../../../src/c4hxp/api/read-tracking.js';
import { readResults } from '../../../src/c4hxp/api/read-results.js';

const now = Date.UTC(2026, 10, 24, 12);
const context = { now, zone: 'UTC' };

/** Marks what must never leave an answer: results, birth dates, notes. */
const SECRET = 'SECRET-7.52';
const secret = fc.constantFrom<unknown>(SECRET, [SECRET], { flags: [SECRET] }, 7.52);
const word = fc.constantFrom(
  'status',
  'completed',
  'registered',
  'kit_registered',
  'final',
  'normal',
  'rejected',
  'delivered',
  'in_transit',
  'lost',
  'outbound',
  '2026-11-20',
  '',
);
const odd = fc.oneof(fc.jsonValue(), word, secret);

/** What may be said of parcels: objects of which no page says what is in them. */
const { parcel } = fc.letrec<{ parcel: unknown }>((tie) => ({
  parcel: fc.oneof(
    { maxDepth: 3 },
    odd,
    fc.array(tie('parcel'), { maxLength: 4 }),
    fc.record(
      {
        status: odd,
        timestamp: odd,
        direction: odd,
        description: odd,
        delivered_at: odd,
        events: tie('parcel'),
        tracking: tie('parcel'),
        outbound: tie('parcel'),
        return: tie('parcel'),
      },
      { requiredKeys: [] },
    ),
  ),
}));

/** Bodies that have the fields of both shapes, each with something fitting or with anything at all. */
const body = fc.record(
  {
    kit_barcode: fc.oneof(fc.constant('123456789012'), odd),
    status: odd,
    kit_status: odd,
    sample_status: odd,
    order_number: odd,
    patient: fc.oneof(odd, fc.record({ first_name: odd, email: odd, date_of_birth: fc.constant(SECRET) })),
    registered_to: odd,
    recipient: odd,
    kits: odd,
    timeline: fc.oneof(
      odd,
      fc.array(fc.record({ event: odd, timestamp: odd, description: secret }, { requiredKeys: [] })),
    ),
    results: fc.oneof(odd, fc.array(fc.record({ value: secret, status: odd, flags: odd }, { requiredKeys: [] }))),
    physician_review: fc.oneof(odd, fc.record({ reviewed: fc.boolean(), reviewed_at: odd, notes: secret })),
    shipment_to_customer: parcel,
    sample: parcel,
    failure_reason: odd,
    estimated_completion: odd,
    completed_at: odd,
    updated: odd,
    data: odd,
  },
  { requiredKeys: [] },
);
const anyBody = fc.oneof(
  fc.jsonValue(),
  body,
  fc.array(body),
  body.map((data) => ({ data })),
  parcel,
  fc.array(body).map((data) => ({ data })),
);

describe('whatever the body is', () => {
  const readers = {
    kit: (json: unknown) => readKit(json, '123456789012', context),
    tracking: (json: unknown) => readTracking(json, '123456789012', context),
    results: (json: unknown) => readResults(json, '123456789012', context),
    order: (json: unknown) => readOrder(json, null, context),
    health: (json: unknown) => readHealth(json),
  };

  test.each(Object.entries(readers))(
    'the reader of %s never throws, and the same body reads the same',
    (_name, read) => {
      fc.assert(
        fc.property(anyBody, (json) => {
          expect(read(structuredClone(json))).toEqual(read(json));
        }),
        { numRuns: 500 },
      );
    },
  );

  test('no value, flag, note or birth date gets into what results are read as', () => {
    const closed = new Set([
      'available',
      'availableAt',
      'completedAt',
      'reviewed',
      'reviewedAt',
      'flagged',
      'unknownWords',
    ]);
    fc.assert(
      fc.property(anyBody, (json) => {
        const reading = readers.results(json);
        if (!reading.readable) return;
        for (const [field, read] of Object.entries(reading.value)) {
          expect(closed.has(field)).toBe(true);
          if (Array.isArray(read)) {
            for (const one of read) expect(one).toMatch(/^results? [a-z_]{1,40}$/);
            continue;
          }
          expect(read === null || typeof read === 'boolean' || typeof read === 'number').toBe(true);
          if (typeof read === 'number') expect(read).toBeGreaterThan(Date.UTC(2020, 0, 1) - 1);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a kit is read as closed words, times and one person, and nothing else of it', () => {
    fc.assert(
      fc.property(anyBody, (json) => {
        const reading = readers.kit(json);
        if (!reading.readable) return;
        const { learned, person, ...rest } = reading.value;
        expect(new Set(learned.map(({ event }) => event)).size).toBe(learned.length);
        for (const { event, at: time } of learned) {
          expect(event).toMatch(/^(kit|results)\.[a-z_]+$/);
          if (time !== null) expect(time).toBeLessThanOrEqual(now + 600_000);
        }
        expect(Object.keys(rest).sort()).toEqual([
          'asksForTracking',
          'because',
          'completion',
          'mayHaveResults',
          'unknownWords',
        ]);
        if (person !== null)
          expect(Object.keys(person).sort()).toEqual(['email', 'firstName', 'lastName', 'locale', 'zone']);
      }),
      { numRuns: 500 },
    );
  });

  test('a kit and its tracking come to closed words, believable times, and no state that only a status can tell', () => {
    fc.assert(
      fc.property(anyBody, parcel, (json, ofTracking) => {
        const [kit, tracking] = [readers.kit(json), readers.tracking(ofTracking)];
        if (!kit.readable || !tracking.readable) return;
        const both = withTracking(kit.value, tracking.value);
        for (const { event, at } of both.learned) {
          expect(event).toMatch(/^(kit|results)\.[a-z_]+$/);
          if (at !== null) expect(at).toBeLessThanOrEqual(now + 600_000);
          if (at !== null) expect(at).toBeGreaterThanOrEqual(Date.UTC(2020, 0, 1));
        }
        const ends = (learned: typeof both.learned): string[] =>
          learned.map(({ event }) => event).filter((event) => /failed|cancelled|results/.test(event));
        expect(ends(both.learned)).toEqual(ends(kit.value.learned));
        expect(both.learned.map(({ event }) => event)).toEqual(
          expect.arrayContaining(kit.value.learned.map(({ event }) => event)),
        );
        expect(both.unknownWords).toEqual(expect.arrayContaining([...kit.value.unknownWords]));
        for (const word of both.unknownWords) expect(word.length).toBeLessThan(700);
      }),
      { numRuns: 500 },
    );
  });
});
