import { describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import { C4HXP_EVENTS } from '../../../src/domain/events.js';
import { canonicalJson } from '../../../src/c4hxp/webhook/facts.js';
import { usableAddress } from '../../../src/domain/address.js';
import { factOf, read } from './support/reading.js';

const kit = { kit_barcode: '123456789012' };
/** The only things a reason may hold: codes, known paths, indexes. */
const REASON =
  /^(not_json|not_utf8|not_object|unknown_event(:[a-z_.]+)?|invalid_data:(event|data)?(\.(kit_barcode|order_number|recipient|patient|kits|barcode|\d+))*(,data(\.(kit_barcode|order_number|recipient|patient|kits|barcode|\d+))*){0,4})$/;

const deep = (open: string, close: string, levels = 20_000): string => open.repeat(levels) + close.repeat(levels);

describe('hostile bytes', () => {
  test.each([
    ['20,000 lists', deep('[', ']')],
    ['20,000 objects', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
  ])('%s deep are harmless everywhere', (_, nested) => {
    expect(read(nested).verdict).toBe('quarantined');
    for (const place of ['result_summary', 'patient', 'unknown', '__proto__', 'order_number', 'kits']) {
      const arrival = read(
        `{"event":"results.available","data":{"kit_barcode":"123456789012","${place}":${nested}},"meta":${nested}}`,
        { revealFlags: true },
      );
      expect(arrival.routed.map(({ subject }) => subject)).toEqual(['kit:123456789012']);
    }
    expect(read(`{"event":${nested}}`).reason).toBe('invalid_data:event');
  });

  test('__proto__ lends nothing to anybody', () => {
    const arrival = read(
      `{"event":"kit.registered","__proto__":{"data":{}},"data":{"kit_barcode":"123456789012",
        "__proto__":{"order_number":"A1","patient":{"email":"evil@example.com"}},
        "patient":{"__proto__":{"email":"evil@example.com"},"first_name":"Jane"},
        "constructor":{"prototype":{"polluted":true}}}}`,
    );
    expect(factOf(arrival)).not.toHaveProperty('order');
    expect(factOf(arrival).person).toMatchObject({ hasContact: false });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('of two equal keys the last one counts, as everywhere', () => {
    expect(read('{"event":"x","event":"kit.registered","data":{},"data":{"kit_barcode":"123456789012"}}').verdict).toBe(
      'accepted',
    );
  });

  test('NUL, lone surrogates and huge numbers in any field do no harm', () => {
    const arrival = read(
      String.raw`{"event":"results.available","data":{"kit_barcode":"123456789012","patient":{"first_name":"a\u0000b","last_name":"\ud800","email":"x\u0000@example.com"},"result_summary":{"abnormal_count":1e400,"flags":["\udfff"]},"completed_at":"\u0000"},"meta":{"webhook_id":"wh\u0000","timestamp":1e999}}`,
      { revealFlags: true },
    );
    expect(arrival).toMatchObject({ verdict: 'accepted', externalId: null });
    expect(factOf(arrival)).toMatchObject({ needsReview: true, person: { hasContact: false } });
  });

  test('whatever they are, reading never throws, and every answer is whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const arrival = read(Buffer.from(bytes));
        expect(arrival.verdict).toBe('quarantined');
        expect(arrival.reason).toMatch(REASON);
      }),
      { numRuns: 500 },
    );
  });
});

/** A document as the partner's, with anything in any of the places we look at. */
const document = (): fc.Arbitrary<object> => {
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.string({ unit: 'binary' }),
    fc.emailAddress(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  );
  const sometimes = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.oneof(arbitrary, anything);
  const record = (names: readonly string[]) =>
    fc.record(Object.fromEntries(names.map((name) => [name, anything])), { requiredKeys: [] });
  const person = sometimes(record(['first_name', 'last_name', 'email', 'time_zone', 'locale', 'address']));
  const barcode = sometimes(fc.constantFrom('123456789012', 'XP00012345', ' xp00012345 '));
  const parcel = sometimes(
    fc.record({ barcode, tracking: sometimes(record(['carrier', 'tracking_number', 'estimated_delivery'])) }),
  );
  const data = sometimes(
    fc.record(
      {
        kit_barcode: barcode,
        order_number: sometimes(fc.constantFrom('A1', 'C4H-ORD-2024-001234')),
        recipient: person,
        patient: person,
        kits: sometimes(fc.array(parcel)),
        result_summary: sometimes(record(['flags', 'abnormal_count'])),
        completed_at: anything,
        registered_at: anything,
        estimated_completion: anything,
        maintenance: anything,
        start: anything,
      },
      { requiredKeys: [] },
    ),
  );
  return fc.record(
    { event: sometimes(fc.constantFrom(...C4HXP_EVENTS)), data, meta: sometimes(record(['webhook_id', 'timestamp'])) },
    { requiredKeys: [] },
  );
};

describe('documents as the partner’s, with anything anywhere', () => {
  test('are read without a throw; times are sane, names are sane, reasons name known paths only', () => {
    fc.assert(
      fc.property(document(), fc.boolean(), (body, revealFlags) => {
        const arrival = read(body, { revealFlags });
        if (arrival.verdict === 'quarantined') {
          expect(arrival.reason).toMatch(REASON);
          expect(arrival.links).toEqual([]);
          for (const { subject, fact, details } of arrival.routed) {
            expect(subject).toMatch(/^((kit|order):[A-Z0-9][A-Z0-9._-]{0,63}|staff)$/);
            expect(details).toBeNull();
            expect(Object.keys(fact).sort()).toEqual(
              [
                'at',
                'cause',
                'event',
                ...(subject.startsWith('order:') ? ['order'] : []),
                'receivedAt',
                'unreadable',
              ].sort(),
            );
          }
          return;
        }
        if (arrival.event !== 'order.shipped' && arrival.event !== 'order.cancelled') expect(arrival.reason).toBeNull();
        else expect(arrival.reason ?? 'not_json').toMatch(REASON);
        for (const { subject, fact, details } of arrival.routed) {
          expect(subject).toMatch(/^((kit|order):[A-Z0-9][A-Z0-9._-]{0,63}|staff)$/);
          expect(fact.cause).toMatch(/^[A-Za-z0-9._:-]{1,100}$/);
          for (const at of [fact.at, fact.receivedAt, fact.delivery, fact.completion])
            if (at !== undefined) expect(at).toBeGreaterThanOrEqual(Date.UTC(2020, 0, 1));
          expect(fact.at).toBeLessThanOrEqual(fact.receivedAt + 600_000);
          const email = details?.person?.email ?? null;
          expect(email === null || usableAddress(email) === email).toBe(true);
          expect(fact.person?.hasContact ?? false).toBe(email !== null);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('give the same meaning when the partner serialises them again', () => {
    fc.assert(
      fc.property(document(), (body) => {
        const strip = (arrival: ReturnType<typeof read>) => ({
          ...arrival,
          raw: null,
          routed: arrival.routed.map((routed) => ({ ...routed, fact: { ...routed.fact, cause: '' } })),
        });
        expect(strip(read(JSON.stringify(body, null, 2)))).toEqual(strip(read(body)));
      }),
    );
  });
});

describe('canonical JSON', () => {
  test('means the same as what it was made from', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('tells infinity from null, and equal content has one form', () => {
    expect(canonicalJson(JSON.parse('[1e400,null]'))).toBe('[Infinity,null]');
    expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: {} })).toBe('{"a":{},"b":[1,{"c":2,"d":1}]}');
    expect(canonicalJson({ ...kit })).toBe('{"kit_barcode":"123456789012"}');
  });
});
