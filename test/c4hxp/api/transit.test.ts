import { describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import { readKit, type KitAnswer } from '../../../src/c4hxp/api/read-kit.js';
import { readTracking, withTracking } from '../../../src/c4hxp/api/read-tracking.js';
import type { Reading } from '../../../src/c4hxp/api/reading.js';

const now = Date.UTC(2026, 10, 24, 12);
const context = { now, zone: 'UTC' };
const BARCODE = '123456789012';
const day = (n: number): string => `2026-11-${String(n).padStart(2, '0')}T10:00:00Z`;
const at = (n: number): number => Date.parse(day(n));

function value<T>(reading: Reading<T>): T {
  if (!reading.readable) throw new Error(reading.why);
  return reading.value;
}
const kit = (body: unknown): KitAnswer => value(readKit(body, BARCODE, context));
const tracked = (own: unknown, tracking: unknown): KitAnswer =>
  withTracking(kit(own), value(readTracking(tracking, BARCODE, context)));
const names = ({ learned }: KitAnswer): string[] => learned.map(({ event }) => event);
const timeOf = ({ learned }: KitAnswer, event: string): number | null | undefined =>
  learned.find((one) => one.event === event)?.at;

const JANE = { first_name: 'Jane', last_name: 'Smith', email: 'jane@example.com' };
const SHIPPED = { status: 'shipped' };
const REGISTERED = { status: 'registered', patient: JANE };

describe('the way out', () => {
  test.each<readonly [string, unknown]>([
    ['its status', { status: 'delivered' }],
    ['the shipment’s status', { ...SHIPPED, shipment_to_customer: { carrier: 'Pigeon', status: 'DELIVERED' } }],
    ['a status by another name', { kit_status: 'shipped', shipment_to_customer: { trackingStatus: 'Delivered' } }],
    ['the shipment as a word', { ...SHIPPED, shipment_to_customer: 'delivered' }],
    ['the shipment’s own tracking', { ...SHIPPED, shipment_to_customer: { tracking: { status: 'delivered' } } }],
    ['its timeline', { ...SHIPPED, timeline: [{ event: 'kit_delivered', timestamp: day(12) }] }],
  ])('has ended by %s', (_, body) => {
    const answer = kit(body);
    expect(names(answer)).toEqual(expect.arrayContaining(['kit.shipped', 'kit.delivered']));
    expect(names(answer)).not.toContain('kit.not_delivered');
    expect(answer.unknownWords).toEqual([]);
    expect(answer.asksForTracking).toBe(false);
  });

  test('has ended when the shipment says: by the field, or by its events', () => {
    const dated = {
      ...SHIPPED,
      shipment_to_customer: { status: 'delivered', delivered_at: day(12), updated_at: day(14) },
    };
    expect(timeOf(kit(dated), 'kit.delivered')).toBe(at(12));
    const events = [
      { status: 'delivered', timestamp: day(13) },
      { status: 'in_transit', timestamp: day(11) },
    ];
    expect(timeOf(kit({ ...SHIPPED, shipment_to_customer: { events } }), 'kit.delivered')).toBe(at(13));
  });

  test.each(['2026-12-24T10:00:00Z', '2019-01-01T00:00:00Z', 'yesterday', 7, null, {}])(
    'a delivery at %j happened, but not then',
    (time) => {
      const answer = kit({ ...SHIPPED, shipment_to_customer: { events: [{ status: 'delivered', timestamp: time }] } });
      expect(timeOf(answer, 'kit.delivered')).toBeNull();
    },
  );

  test.each(['returned', 'Undeliverable', 'Return to Sender', 'lost', 'exception', 'Delivery failed'])(
    'is in trouble by %j, as the kit’s status or the shipment’s',
    (word) => {
      for (const body of [{ status: word }, { ...SHIPPED, shipment_to_customer: { status: word } }]) {
        const answer = kit(body);
        expect(names(answer)).toContain('kit.not_delivered');
        expect(names(answer)).not.toContain('kit.lost_in_transit');
        expect(answer).toMatchObject({ unknownWords: [], mayHaveResults: false, asksForTracking: false });
      }
    },
  );

  test('a patient who is named beside a lost parcel has registered nothing; whom it is registered to has', () => {
    expect(names(kit({ status: 'lost', patient: JANE }))).toEqual(['kit.not_delivered']);
    expect(names(kit({ kit_status: 'lost', registered_to: JANE }))).toEqual(
      expect.arrayContaining(['kit.registered', 'kit.lost_in_transit']),
    );
  });

  describe('trouble that ended by its own time is none', () => {
    const events = (...all: readonly (readonly [string, number | null])[]) =>
      kit({
        ...SHIPPED,
        shipment_to_customer: {
          events: all.map(([status, n]) => ({ status, ...(n === null ? {} : { timestamp: day(n) }) })),
        },
      });

    test('whatever order it is told in', () => {
      const story = [
        ['exception', 11],
        ['in_transit', 10],
        ['delivered', 13],
      ] as const;
      fc.assert(
        fc.property(fc.shuffledSubarray([...story], { minLength: 3 }), (told) => {
          expect(names(events(...told))).toEqual(['kit.shipped', 'kit.delivered']);
        }),
      );
      expect(names(events(['exception', 11], ['out_for_delivery', 12]))).not.toContain('kit.not_delivered');
    });

    test('but trouble that came after is trouble, at its time', () => {
      const answer = events(['exception', 14], ['delivered', 13], ['in_transit', 10]);
      expect(names(answer)).toContain('kit.delivered');
      expect(timeOf(answer, 'kit.not_delivered')).toBe(at(14));
    });

    test('and so is trouble of which nobody knows when it was', () => {
      expect(names(events(['exception', null], ['delivered', 13]))).toContain('kit.not_delivered');
      expect(names(events(['exception', 11], ['delivered', null]))).toContain('kit.not_delivered');
    });

    test('a parcel on its way back to the sender moves, and is delivered there', () => {
      expect(names(events(['return to sender', 11], ['in_transit', 12], ['delivered', 13]))).toContain(
        'kit.not_delivered',
      );
    });

    test('how things stand now is newer than any history', () => {
      const shipment = { status: 'delivered', events: [{ status: 'exception', timestamp: day(11) }] };
      expect(names(kit({ ...SHIPPED, shipment_to_customer: shipment }))).not.toContain('kit.not_delivered');
    });

    test('a kit that is registered had been delivered', () => {
      const shipment = { status: 'exception', updated_at: day(11) };
      const answer = kit({ ...REGISTERED, shipment_to_customer: shipment });
      expect(names(answer)).toEqual(['kit.registered']);
      expect(answer.unknownWords).toEqual([]);
    });
  });

  test('an unknown word is for a human, unless something known came after it', () => {
    expect(kit({ ...SHIPPED, shipment_to_customer: { status: 'eaten by goats' } })).toMatchObject({
      learned: [{ event: 'kit.shipped', at: null }],
      unknownWords: ['transit eaten_by_goats'],
      asksForTracking: false,
    });
    const events = [
      { status: 'beamed', timestamp: day(11) },
      { status: 'delivered', timestamp: day(12) },
    ];
    expect(kit({ ...SHIPPED, shipment_to_customer: { events } }).unknownWords).toEqual([]);
  });

  test.each([
    null,
    {},
    [],
    '',
    'none',
    7,
    true,
    { carrier: 'FedEx', tracking_number: '1', estimated_delivery: '2026-11-27' },
  ])('a shipment that is %j says nothing: its tracking may', (shipment) => {
    expect(kit({ ...SHIPPED, shipment_to_customer: shipment })).toMatchObject({
      learned: [{ event: 'kit.shipped', at: null }],
      unknownWords: [],
      mayHaveResults: false,
      asksForTracking: true,
    });
  });
});

describe('the way back', () => {
  test.each<readonly [string, Record<string, unknown>]>([
    ['the kit’s status', { status: 'shipped_to_lab' }],
    ['a status of transit', { kit_status: 'in_transit', registered_to: JANE }],
    ['the status of the sample', { ...REGISTERED, sample_status: 'In Transit' }],
    ['the sample’s own status', { ...REGISTERED, sample: { status: 'shipped' } }],
    ['the sample’s shipment', { ...REGISTERED, sample: { shipment: { status: 'picked_up' } } }],
    ['when the sample was posted', { ...REGISTERED, sample: { posted_at: day(20) } }],
    ['one of several samples', { ...REGISTERED, sample: [{ status: 'collected' }, { status: 'shippedToLab' }] }],
  ])('has begun by %s', (_, body) => {
    const answer = kit(body);
    expect(names(answer)).toContain('kit.posted');
    expect(names(answer)).not.toContain('kit.received_lab');
    expect(answer).toMatchObject({ unknownWords: [], mayHaveResults: false, asksForTracking: false });
  });

  test.each(['lost', 'returned', 'exception', 'undeliverable', 'lost in transit'])('is in trouble by %j', (word) => {
    for (const body of [
      { ...REGISTERED, sample_status: word },
      { ...REGISTERED, sample: { tracking: { status: word } } },
      { status: word, timeline: [{ event: 'kit_registered', timestamp: day(15) }] },
    ]) {
      expect(names(kit(body))).toContain('kit.lost_in_transit');
      expect(names(kit(body))).not.toContain('kit.not_delivered');
    }
  });

  test('a delivery to the lab is no arrival: the lab says itself what it has got', () => {
    const answer = kit({ ...REGISTERED, sample: { shipment: { status: 'delivered' } } });
    expect(names(answer)).toEqual(['kit.registered', 'kit.posted']);
  });

  test('has ended at the lab, whatever a carrier says; what the lab itself calls lost is for a human', () => {
    const late = { status: 'in_lab', sample: { shipment: { status: 'exception' } } };
    expect(names(kit(late))).toEqual(['kit.received_lab']);
    expect(kit(late).unknownWords).toEqual([]);
    expect(kit({ status: 'in_lab', sample_status: 'lost' })).toMatchObject({
      learned: [{ event: 'kit.received_lab' }],
      unknownWords: ['sample_status lost'],
    });
  });

  test.each(['pending', 'not_collected', 'collected', 'none', 'not_received'])(
    'a sample that is %s can’t be at the lab, and says nothing of its way',
    (word) => {
      expect(kit({ kit_status: 'registered', sample_status: word })).toMatchObject({
        mayHaveResults: false,
        asksForTracking: true,
        unknownWords: [],
      });
    },
  );
});

describe('tracking', () => {
  const event = { status: 'delivered', timestamp: day(12) };
  test.each<readonly [string, unknown]>([
    ['a bare list', [event]],
    ['a list in an envelope', { data: [event] }],
    ['an object with events', { events: [event] }],
    ['one in an envelope', { data: { kit_barcode: BARCODE, events: [event] } }],
    ['the OpenAPI’s stand-in', { kit_id: 'KIT-7', history: [{ event: 'kit_delivered', timestamp: day(12) }] }],
    ['a status', { data: { status: 'Delivered', delivered_at: day(12) } }],
    ['a parcel inside', { tracking: { carrier: 'FedEx', checkpoints: [event] } }],
    ['a parcel for each way', { outbound: { events: [event] }, return: null }],
    ['events keyed by numbers', { events: { 0: event } }],
    ['words only', ['delivered']],
    ['descriptions', [{ description: 'Delivered', date: day(12) }]],
    ['a code that nobody knows beside a word', [{ event: 'scan_17', status: 'delivered', time: day(12) }]],
  ])('is read as %s', (_, body) => {
    const answer = tracked(SHIPPED, body);
    expect(names(answer)).toEqual(expect.arrayContaining(['kit.shipped', 'kit.delivered']));
    expect(answer.unknownWords).toEqual([]);
  });

  test.each([{}, [], { data: [] }, { data: {} }, { events: null }, [null, 7, [], {}], { carrier: 'Unheard Of Ltd' }])(
    'that says nothing teaches nothing: %j',
    (body) => {
      expect(tracked(SHIPPED, body)).toEqual({ ...kit(SHIPPED), asksForTracking: false });
    },
  );

  test.each(['2026-12-24T10:00:00Z', '2019-01-01T00:00:00Z', '2026-02-30', 'tomorrow', 1e21, null, {}])(
    'that dates a delivery at %j says that it happened, but not then',
    (time) => {
      const answer = tracked(SHIPPED, {
        carrier: 'Unheard Of Ltd',
        events: [{ status: 'delivered', timestamp: time }],
      });
      expect([names(answer).includes('kit.delivered'), timeOf(answer, 'kit.delivered')]).toEqual([true, null]);
      expect(answer.unknownWords).toEqual([]);
    },
  );

  test('counts for the direction that it names', () => {
    const moving = (direction: string) => [{ status: 'in_transit', direction, timestamp: day(20) }];
    for (const word of ['return', 'Inbound', 'to_lab']) {
      expect(names(tracked(REGISTERED, moving(word)))).toContain('kit.posted');
      expect(names(tracked(SHIPPED, moving(word)))).toContain('kit.posted');
    }
    for (const word of ['outbound', 'to customer'])
      expect(names(tracked(REGISTERED, moving(word)))).not.toContain('kit.posted');
    expect(names(tracked(REGISTERED, { return_shipment: { status: 'lost' } }))).toContain('kit.lost_in_transit');
    expect(names(tracked(SHIPPED, { shipment_to_customer: { status: 'lost' } }))).toContain('kit.not_delivered');
  });

  test('counts for the way that the kit is on where it names none', () => {
    for (const [status, leg] of [
      ['exception', 'kit.not_delivered'],
      ['in_transit', 'kit.shipped'],
    ] as const)
      expect(names(tracked(SHIPPED, [{ status, timestamp: day(12) }]))).toContain(leg);
    for (const [status, leg] of [
      ['exception', 'kit.lost_in_transit'],
      ['in_transit', 'kit.posted'],
    ] as const)
      expect(names(tracked(REGISTERED, [{ status, timestamp: day(20) }]))).toContain(leg);
  });

  test('of the way out of a kit that is registered by now is no posting', () => {
    const out = [
      { status: 'in_transit', timestamp: day(10) },
      { status: 'exception', timestamp: day(11) },
      { status: 'delivered', timestamp: day(12) },
    ];
    const answer = tracked(REGISTERED, out);
    expect(names(answer)).toEqual(expect.arrayContaining(['kit.registered', 'kit.delivered']));
    expect(names(answer)).not.toContain('kit.posted');
    expect(names(answer)).not.toContain('kit.lost_in_transit');
    const both = tracked(REGISTERED, [...out, { status: 'in_transit', timestamp: day(20) }]);
    expect(timeOf(both, 'kit.posted')).toBe(at(20));

    const timeline = [{ event: 'kit_registered', timestamp: day(15) }];
    const undelivered = tracked({ ...REGISTERED, timeline }, [{ status: 'in_transit', timestamp: day(10) }]);
    expect(names(undelivered)).not.toContain('kit.posted');
    const delivered = { ...REGISTERED, shipment_to_customer: { delivered_at: day(12) } };
    expect(names(tracked(delivered, [{ status: 'in_transit', timestamp: day(10) }]))).not.toContain('kit.posted');
  });

  test('delivered after posted, as it can’t be, is two facts at their own times', () => {
    const answer = tracked(REGISTERED, [
      { status: 'delivered', direction: 'outbound', timestamp: day(20) },
      { status: 'in_transit', direction: 'return', timestamp: day(12) },
    ]);
    expect([timeOf(answer, 'kit.delivered'), timeOf(answer, 'kit.posted')]).toEqual([at(20), at(12)]);
  });

  test('that has the kit’s own events tells these, but not how the kit ends', () => {
    const history = [
      { event: 'kit_shipped', timestamp: day(10) },
      { event: 'kit_registered', timestamp: day(15) },
      { event: 'kit_failed', timestamp: day(16) },
    ];
    const answer = tracked({ kit_status: 'shipped' }, { kit_id: 'KIT-7', history });
    expect(answer.learned).toEqual([
      { event: 'kit.shipped', at: at(10) },
      { event: 'kit.registered', at: at(15) },
    ]);
    expect(answer.unknownWords).toEqual(['timeline kit_failed']);
  });

  test('of another kit, and what is no object, is not read', () => {
    expect(readTracking({ data: { kit_barcode: '999999999999', status: 'lost' } }, BARCODE, context)).toEqual({
      readable: false,
      why: 'another_subject',
    });
    for (const body of ['<html>', 7, null, true])
      expect(readTracking(body, BARCODE, context)).toEqual({ readable: false, why: 'unexpected_shape' });
  });

  test('that is deep, long or full of HTML is read without harm', () => {
    const deep = Array.from({ length: 5_000 }).reduce<unknown>((inner) => ({ tracking: inner }), { status: 'lost' });
    expect(names(tracked(SHIPPED, deep))).toEqual(['kit.shipped']);
    const long = Array.from({ length: 100_000 }, () => ({ status: '<b>lost</b><script>alert(1)</script>' }));
    expect(tracked(SHIPPED, long).unknownWords).toEqual(['transit b_lost_b_script_alert_1_script']);
  });
});

describe('a sample that can’t be used', () => {
  test.each([
    [{ status: 'rejected' }, 'rejected'],
    [{ status: 'registered', sample_status: 'quantity not sufficient' }, 'insufficient'],
    [{ status: 'in_lab', sample: { status: 'Hemolyzed' } }, 'hemolyzed'],
    [{ status: 'expired' }, 'expired_kit'],
    [{ status: 'in_lab', sample_status: 'expired' }, 'expired_sample'],
    [{ status: 'recollection_requested' }, 'recollect'],
    [{ status: 'failed', failure_reason: 'Specimen clotted (tube 1)' }, 'clotted'],
    [{ status: 'failed', sample: { rejection_reason: 'WRONG_TUBE' } }, 'wrong_tube'],
    [{ status: 'in_lab', sample_status: 'rejected', sample: { rejectionReason: 'leaked' } }, 'leaked'],
    [
      { status: 'failed', timeline: [{ event: 'kit_failed', timestamp: day(20), description: 'exceeds stability' }] },
      'too_old',
    ],
    [{ status: 'failed', timeline: [{ event: 'sample_contaminated', timestamp: day(20) }] }, 'contaminated'],
    [{ status: 'failed' }, null],
  ])('is a failed kit, and says why: %j', (body, because) => {
    const answer = kit(body);
    expect(names(answer)).toContain('kit.failed');
    expect(answer).toMatchObject({ because, unknownWords: [] });
  });

  test('is dated by the timeline', () => {
    const timeline = [{ event: 'sample_rejected', timestamp: day(20) }];
    expect(timeOf(kit({ status: 'failed', timeline }), 'kit.failed')).toBe(at(20));
  });

  test('is not known by a timeline or a reason alone: a human looks', () => {
    const timeline = [{ event: 'sample_rejected', timestamp: day(20) }];
    for (const body of [
      { status: 'in_lab', timeline },
      { status: 'in_lab', sample: { rejection_reason: 'QNS' } },
    ]) {
      expect(names(kit(body))).toEqual(['kit.received_lab']);
      expect(kit(body).because).toBeNull();
      expect(kit(body).unknownWords).toHaveLength(1);
    }
  });
});
