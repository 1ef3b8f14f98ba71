import { describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import { factOf, hash, hashed, nameParts, NOW, read } from './support/reading.js';

const HOUR = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const kit = { kit_barcode: '123456789012' };

describe('the events that the page only names', () => {
  test.each([
    ['order.confirmed', { order_number: 'a-1' }, 'order:A-1', 'confirmed_at'],
    ['order.cancelled', { order_number: 'a-1' }, 'order:A-1', 'cancelled_at'],
    ['kit.received_lab', kit, 'kit:123456789012', 'received_at'],
    ['kit.processing_started', kit, 'kit:123456789012', 'started_at'],
    ['kit.processing_completed', kit, 'kit:123456789012', 'completed_at'],
    ['results.reviewed', kit, 'kit:123456789012', 'reviewed_at'],
  ])('%s follows its siblings', (event, data, subject, field) => {
    const arrival = read({ event, data: { ...data, [field]: iso(NOW - HOUR) } });
    expect(arrival).toMatchObject({ verdict: 'accepted', event, eventAt: NOW - HOUR });
    expect(arrival.routed.map((routed) => routed.subject)).toEqual([subject]);
    expect(factOf(arrival)).toMatchObject({ event, at: NOW - HOUR });
  });

  test('a review does not take the results’ completion for its own time', () => {
    const data = { ...kit, completed_at: iso(NOW - 900 * HOUR) };
    expect(factOf(read({ event: 'results.reviewed', data })).at).toBe(NOW);
  });

  test('maintenance concerns no kit and no order; its window is read where it can be', () => {
    const announced = read({
      event: 'system.maintenance_scheduled',
      data: { start_time: iso(NOW + HOUR), end_time: iso(NOW + 2 * HOUR) },
    });
    expect(announced).toMatchObject({
      verdict: 'accepted',
      routed: [],
      links: [],
      maintenance: { from: NOW + HOUR, until: NOW + 2 * HOUR, over: false },
    });
    const window = { window: { starts_at: iso(NOW + HOUR) } };
    expect(read({ event: 'system.maintenance_scheduled', data: window }).maintenance).toEqual({
      from: NOW + HOUR,
      until: null,
      over: false,
    });
    expect(read({ event: 'system.maintenance_completed' }).maintenance).toEqual({
      from: null,
      until: null,
      over: true,
    });
  });
});

describe('barcodes and order numbers', () => {
  test.each([
    ['123456789012', '123456789012'],
    ['XP00012345', 'XP00012345'],
    ['  xp00012345\n', 'XP00012345'],
    ['KIT-123456', 'KIT-123456'],
  ])('%j names the kit %s', (said, name) => {
    expect(read({ event: 'kit.registered', data: { kit_barcode: said } }).routed[0]?.subject).toBe(`kit:${name}`);
  });

  test('an order that a kit’s event mentions is linked, one that makes no sense is not', () => {
    const linked = read({ event: 'kit.registered', data: { ...kit, order_number: ' c4h-1 ' } });
    expect(linked.links).toEqual([{ order: 'C4H-1', barcode: '123456789012' }]);
    expect(factOf(linked).order).toBe('C4H-1');
    const odd = read({ event: 'results.available', data: { ...kit, order_number: 'no such/order' } });
    expect(odd).toMatchObject({ verdict: 'accepted', links: [] });
  });

  test('an order’s event links the kits that it mentions, as far as they make sense', () => {
    const kits = [{ barcode: 'xp00000001' }, { barcode: null }, 7, { barcode: 'XP00000001' }];
    const arrival = read({ event: 'order.confirmed', data: { order_number: 'A1', kits } });
    expect(arrival.links).toEqual([{ order: 'A1', barcode: 'XP00000001' }]);
    expect(factOf(arrival)).not.toHaveProperty('barcodes');
  });

  test('a shipment of several parcels is expected when the last one is', () => {
    const parcel = (barcode: string, estimated_delivery: unknown) => ({ barcode, tracking: { estimated_delivery } });
    const kits = [parcel('XP00000001', '2026-11-26'), parcel('XP00000002', '2026-11-28'), parcel('XP00000003', 9)];
    const fact = factOf(read({ event: 'order.shipped', data: { order_number: 'A1', kits } }));
    expect(fact.barcodes).toEqual(['XP00000001', 'XP00000002', 'XP00000003']);
    expect(fact.delivery).toBe(Date.UTC(2026, 10, 28, 23, 59, 59, 999));
  });
});

/** What would stand in clear as an id, and is none. */
const NO_IDS = [
  'jane@example.com',
  'Results of Jane Smith',
  '<jane>',
  'jane%40example.com',
  '"jane"',
  '-jane',
  '+15551234567',
];

describe('a webhook’s id', () => {
  const read1 = (webhook_id: unknown) => read({ event: 'kit.registered', data: kit, meta: { webhook_id } });

  test('is 1 to 200 ASCII characters that can be an id, never an address or a sentence, else it has none', () => {
    expect(read1('x'.repeat(200)).externalId).toBe('x'.repeat(200));
    for (const odd of ['', '   ', 'x'.repeat(201), 'wh_ü', 'wh_\n', 'wh_\0', 42, null, {}, ...NO_IDS])
      expect(read1(odd).externalId).toBeNull();
  });

  test('is the cause, unless it could be taken for one of ours or stand nowhere', () => {
    expect(factOf(read1('wh_abc-1.2')).cause).toBe('wh_abc-1.2');
    for (const odd of ['operator:jane', 'timer:x', 'jane@example.com', 'x'.repeat(101), undefined]) {
      const arrival = read1(odd);
      expect(factOf(arrival).cause).toBe(`body:${hash('body', arrival.raw).toString('hex')}`);
    }
  });

  test('does no harm where meta is no object', () => {
    for (const meta of [null, [], 'wh_1', 7])
      expect(read({ event: 'kit.registered', data: kit, meta })).toMatchObject({
        verdict: 'accepted',
        externalId: null,
      });
  });
});

describe('results', () => {
  const results = (summary: unknown, revealFlags = true, barcode = '123456789012') =>
    factOf(
      read({ event: 'results.available', data: { kit_barcode: barcode, result_summary: summary } }, { revealFlags }),
    );

  test.each([
    ['nothing flagged', { abnormal_count: 0, flags: [] }, false],
    ['a flag', { abnormal_count: 0, flags: ['high_cortisol'] }, true],
    ['something abnormal', { abnormal_count: 1, flags: [] }, true],
    ['no flags told', { abnormal_count: 0 }, true],
    ['no count told', { flags: [] }, true],
    ['an odd count', { abnormal_count: '0', flags: [] }, true],
    ['a huge count', { abnormal_count: 1e308, flags: [] }, true],
    ['odd flags', { abnormal_count: 0, flags: {} }, true],
    ['no summary', undefined, true],
    ['an odd summary', [], true],
  ])('with %s: whether a human should look first', (_, summary, expected) => {
    expect(results(summary).needsReview).toBe(expected);
  });

  test('say so only under the rule that needs it', () => {
    expect(results({ abnormal_count: 1, flags: [] }, false)).not.toHaveProperty('needsReview');
    const reviewed = read({ event: 'results.reviewed', data: kit }, { revealFlags: true });
    expect(factOf(reviewed)).not.toHaveProperty('needsReview');
  });

  test('have one hash however their keys are ordered, and another one when they differ', () => {
    const one = results({ a: 1, flags: ['x', 'y'], deep: { b: null, c: 'é' } }).summary;
    expect(results({ deep: { c: 'é', b: null }, flags: ['x', 'y'], a: 1 }).summary).toBe(one);
    expect(results({ a: 1, flags: ['y', 'x'], deep: { b: null, c: 'é' } }).summary).not.toBe(one);
    expect(results({ a: '1', flags: ['x', 'y'], deep: { b: null, c: 'é' } }).summary).not.toBe(one);
    expect(results(undefined)).not.toHaveProperty('summary');
  });

  test('of two kits never look alike', () => {
    const summary = { abnormal_count: 0, flags: [] };
    expect(results(summary).summary).not.toBe(results(summary, true, '123456789013').summary);
  });

  test('shuffled by any partner’s serializer stay the same', () => {
    const shuffled = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, item]) => [key, shuffled(item)]),
          )
        : value;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (summary) => {
        expect(results(shuffled(summary)).summary).toBe(results(summary).summary);
      }),
    );
  });
});

describe('the person that an event names', () => {
  const person = (patient: unknown) => read({ event: 'kit.registered', data: { ...kit, patient } });

  test('is the same one whatever the case, spacing and composition of the name', () => {
    const one = factOf(person({ first_name: 'Zoë', last_name: 'van  Dyk', email: 'Zoe@Example.COM' })).person;
    const two = factOf(person({ first_name: ' ZOE\u0308', last_name: 'Van Dyk ', email: ' zoe@example.com. ' })).person;
    expect(two).toEqual(one);
    expect(one).toMatchObject({
      name: nameParts('zoe', 'vandyk', 'zoe van dyk'),
      address: hashed('email', 'zoe@example.com'),
    });
  });

  test.each([
    'two@example.com,addresses@example.com',
    'two@example.com addresses@example.com',
    'Jane <jane@example.com>',
    'jane(comment)@example.com',
    '"jane doe"@example.com',
    'jane@example.com\r\nBcc: other@example.com',
    'jane@[127.0.0.1]',
    'jane@localhost',
    'jane',
    '@example.com',
    '',
    42,
    null,
    ['jane@example.com'],
  ])('has no contact when the address is %j', (email) => {
    const arrival = person({ first_name: 'Jane', last_name: 'Smith', email });
    expect(arrival.verdict).toBe('accepted');
    expect(arrival.routed[0]?.details?.person?.email).toBeNull();
    expect(factOf(arrival).person).toEqual({
      role: 'patient',
      hasContact: false,
      name: nameParts('jane', 'smith'),
      address: null,
    });
  });

  test.each([
    [{ time_zone: 'Europe/Berlin' }, 'Europe/Berlin'],
    [{ timezone: 'America/New_York' }, 'America/New_York'],
    [{ time_zone: 'Mars/Olympus', timezone: 'Asia/Tokyo' }, 'Asia/Tokyo'],
    [{ time_zone: '+02:00' }, null],
    [{ time_zone: '../etc' }, null],
    [{ address: { country: 'US', state: 'CA' } }, 'America/Los_Angeles'],
    [{ address: { country: 'usa', state: 'ny' } }, 'America/New_York'],
    [{ address: { country: 'US', state: 'nowhere' } }, null],
    [{ address: { country: 'US' } }, null],
    [{ address: { country: 'DE' } }, 'Europe/Berlin'],
    [{ address: { country: 'AT' } }, 'Europe/Vienna'],
    [{ address: { country: 'ZZ' } }, null],
    // As shops write them.
    [{ address: { country: 'US', state: 'New York' } }, 'America/New_York'],
    [{ address: { country: 'United States of America', state: 'TX' } }, 'America/Chicago'],
    [{ address: { country: 'U.S.A.', state: 'us-ca' } }, 'America/Los_Angeles'],
    [{ address: { country: 'Estados Unidos', state: 'washington, d.c.' } }, 'America/New_York'],
    [{ address: { country: 'Canada', state: 'Ontario' } }, 'America/Toronto'],
    [{ address: { country: 'CAN', state: 'Québec' } }, 'America/Toronto'],
    [{ address: { country: 'Australia', state: 'New  South Wales' } }, 'Australia/Sydney'],
    [{ address: { country: 'Germany' } }, 'Europe/Berlin'],
    [{ address: { country: 'DEU' } }, 'Europe/Berlin'],
    [{ address: { country: 'Österreich' } }, 'Europe/Vienna'],
    [{ address: { country: 'United Kingdom' } }, 'Europe/London'],
    [{ address: { country: 'UK' } }, 'Europe/London'],
    [{ address: { country: 'Nowhere', state: 'New York' } }, null],
    [{ address: { country: 'US', state: 'Ontario' } }, null],
    [{ time_zone: 'Eastern Standard Time' }, 'America/New_York'],
    [{ time_zone: 'w. europe standard time' }, 'Europe/Berlin'],
    [{ time_zone: 'America/New York' }, 'America/New_York'],
    [{ time_zone: 'Standard Time' }, null],
    [{ address: 'Main Street' }, null],
    [{ time_zone: 'Europe/Paris', address: { country: 'DE' } }, 'Europe/Paris'],
  ])('is in the zone that %j tells: %s', (block, zone) => {
    const arrival = person({ first_name: 'Jane', ...block });
    expect(arrival.routed[0]?.details?.person?.zone).toBe(zone);
    expect(factOf(arrival).person?.zone ?? null).toBe(zone);
  });

  test.each([
    [{ locale: 'es' }, 'es'],
    [{ locale: 'en_us' }, 'en-US'],
    [{ language: 'FR' }, 'fr'],
    [{ locale: 'nonsense!', language: 'de-AT' }, 'de-AT'],
    [{ locale: 'Spanish' }, null],
    [{ locale: 7 }, null],
  ])('reads the language that %j tells: %s', (block, locale) => {
    expect(person({ ...block }).routed[0]?.details?.person?.locale).toBe(locale);
  });

  test('may have any name: CR/LF, HTML, NUL, right-to-left, 500 characters, none', () => {
    for (const first of ['A\r\nBcc: x@y.z', '<script>', 'a\0b', '\u202egnp', '🙂'.repeat(500), '\ud800', '', '   ']) {
      const { verdict, routed } = person({ first_name: first, last_name: null, email: 'jane@example.com' });
      expect(verdict).toBe('accepted');
      expect(routed[0]?.details?.person?.firstName).toBe(first.trim() === '' ? null : first);
    }
  });

  test('who is missing is not made up', () => {
    for (const patient of [undefined, null]) {
      const arrival = person(patient);
      expect(factOf(arrival)).not.toHaveProperty('person');
      expect(arrival.routed[0]?.details).toBeNull();
    }
  });

  test('is never the other role: an order’s patient and a kit’s recipient are not looked at', () => {
    const someone = { first_name: 'Jane', email: 'jane@example.com' };
    const order = read({ event: 'order.created', data: { order_number: 'A1', patient: someone } });
    const registered = read({ event: 'kit.registered', data: { ...kit, recipient: someone } });
    for (const arrival of [order, registered]) expect(factOf(arrival)).not.toHaveProperty('person');
  });
});
