import { describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import { C4HXP_EVENTS } from '../../../src/domain/events.js';
import { factOf, NOW, read } from './support/reading.js';

const BARCODE = '700000000001';
const kit = { kit_barcode: BARCODE };
const NOTHING = [null, '', false, [], '  '];

describe('what is oddly written is read with good will', () => {
  test('an event’s name counts in any case and with blanks', () => {
    const blank = fc.constantFrom('', ' ', '\t', '\u00a0', '\u200b', '\n');
    const mixed = fc.mixedCase(fc.constantFrom(...C4HXP_EVENTS));
    fc.assert(
      fc.property(mixed, blank, blank, (name, before, after) => {
        const said = `${before}${name.replace('.', `${after}.`)}${after}`;
        const data = { ...kit, order_number: 'A1', kits: [{ barcode: BARCODE }] };
        expect(read({ event: said, data })).toMatchObject({ verdict: 'accepted', event: name.toLowerCase() });
      }),
    );
  });

  test.each(NOTHING)('a patient, a recipient, a meta or a tracking that is %j is absent', (nothing) => {
    const results = read({ event: 'results.available', data: { ...kit, patient: nothing }, meta: nothing });
    expect(results).toMatchObject({ verdict: 'accepted', reason: null, externalId: null });
    expect(factOf(results)).not.toHaveProperty('person');
    const kits = [{ barcode: BARCODE, tracking: nothing }];
    const shipped = read({ event: 'order.shipped', data: { order_number: 'A1', recipient: nothing, kits } });
    expect(shipped).toMatchObject({ verdict: 'accepted', reason: null });
    expect(factOf(shipped)).not.toHaveProperty('person');
    expect(read({ event: 'system.maintenance_completed', data: nothing === '  ' ? null : nothing }).verdict).toBe(
      'accepted',
    );
  });

  test.each([
    [700000000001, BARCODE],
    ['7000-0000-0001', BARCODE],
    ['7000 0000 0001', BARCODE],
    ['7000\u20110000\u20110001', BARCODE],
    ['\u200b700000000001\ufeff', BARCODE],
    ['７０００００００００００１', null],
    ['xp 0001-2345', 'XP00012345'],
    ['KIT-123456', 'KIT-123456'],
  ])('the barcode %j is %s', (said, name) => {
    const arrival = read({ event: 'kit.registered', data: { kit_barcode: said } });
    expect(arrival.routed.map(({ subject }) => subject)).toEqual(name === null ? [] : [`kit:${name}`]);
    expect(arrival.verdict).toBe(name === null ? 'quarantined' : 'accepted');
  });

  test('a number that has lost its leading zeros is nobody’s barcode', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 11 - 1 }), (number) => {
        expect(read({ event: 'kit.registered', data: { kit_barcode: number } })).toMatchObject({
          verdict: 'quarantined',
          routed: [],
        });
      }),
    );
  });

  test('a shipment with one unreadable kit is about the others, and says so', () => {
    for (const odd of [{ kit_id: 'KIT-2', barcode: null }, { barcode: '' }, {}, null, 'KIT-2']) {
      const kits = [{ kit_id: 'KIT-1', barcode: '700000000007' }, odd];
      const arrival = read({ event: 'order.shipped', data: { order_number: 'C4H-ORD-2026-000007', kits } });
      expect(arrival).toMatchObject({
        verdict: 'accepted',
        reason: expect.stringMatching(/^invalid_data:data\.kits\.1/),
        links: [{ order: 'C4H-ORD-2026-000007', barcode: '700000000007' }],
      });
      expect(factOf(arrival)).toMatchObject({
        event: 'order.shipped',
        barcodes: ['700000000007'],
        unreadable: { event: 'order.shipped', aboutResults: false },
      });
    }
  });

  test('kits may be keyed by their places', () => {
    const kits = { 0: { barcode: '700000000007' }, 1: { barcode: '700000000008' } };
    const arrival = read({ event: 'order.shipped', data: { order_number: 'A1', kits } });
    expect(arrival).toMatchObject({ verdict: 'accepted', reason: null });
    expect(factOf(arrival)).toMatchObject({ barcodes: ['700000000007', '700000000008'] });
    expect(factOf(arrival)).not.toHaveProperty('unreadable');
  });

  test('a kit without a barcode in an order that is not shipped yet is nothing unusual', () => {
    const kits = [{ kit_id: 'KIT-1', barcode: null }];
    const arrival = read({ event: 'order.created', data: { order_number: 'A1', kits } });
    expect(arrival).toMatchObject({ verdict: 'accepted', reason: null });
    expect(factOf(arrival)).not.toHaveProperty('unreadable');
  });
});

describe('what can not be read stands in the story of whom it names', () => {
  const routesOf = (body: unknown): string[] => read(body).routed.map(({ subject }) => subject);

  test('a kit’s results whose patient is no patient: the kit, and it is about results', () => {
    const body = {
      event: 'results.available',
      data: { ...kit, order_number: 'A1', patient: 'Jane Smith' },
      meta: { webhook_id: 'wh_1' },
    };
    expect(read(body)).toMatchObject({ verdict: 'quarantined', event: 'results.available', links: [] });
    expect(read(body).routed).toEqual([
      {
        subject: `kit:${BARCODE}`,
        fact: {
          event: 'webhook.unreadable',
          cause: 'wh_1',
          receivedAt: NOW,
          at: NOW,
          unreadable: { event: 'results.available', aboutResults: true },
        },
        details: null,
      },
    ]);
  });

  test('an order’s fact names the order, so that its kits know that it is not their own', () => {
    const [routed] = read({ event: 'order.shipped', data: { order_number: 'a-1', kits: [] } }).routed;
    expect(routed).toMatchObject({
      subject: 'order:A-1',
      fact: { order: 'A-1', unreadable: { event: 'order.shipped', aboutResults: false } },
    });
  });

  test.each([
    ['data.barcode', { event: 'kit.lost', data: { barcode: BARCODE } }, [`kit:${BARCODE}`]],
    ['camel case', { event: 'kit.lost', data: { kitBarcode: BARCODE } }, [`kit:${BARCODE}`]],
    ['data.kit.barcode', { event: 'kit.lost', data: { kit: { barcode: BARCODE } } }, [`kit:${BARCODE}`]],
    ['no data around it', { event: 'kit.registered', kit_barcode: BARCODE }, [`kit:${BARCODE}`]],
    ['a list for data', { event: 'kit.registered', data: [kit] }, [`kit:${BARCODE}`]],
    ['a list of webhooks', [{ event: 'kit.registered', data: kit }], [`kit:${BARCODE}`]],
    ['an order number that is a number', { event: 'order.created', data: { order_number: 17 } }, ['order:17']],
    ['data.order.order_number', { event: 'order.lost', data: { order: { order_number: 'A1' } } }, ['order:A1']],
    [
      'kits of an order without a number',
      { event: 'order.shipped', data: { kits: [{ barcode: '700000000002' }, { barcode: BARCODE }, {}] } },
      ['kit:700000000002', `kit:${BARCODE}`],
    ],
    ['a kit before its order', { event: 'kit.lost', data: { ...kit, order_number: 'A1' } }, [`kit:${BARCODE}`]],
    ['an order before its kits', { event: 'order.lost', data: { order_number: 'A1', kits: [kit] } }, ['order:A1']],
    ['another event', { event: 42, data: kit }, [`kit:${BARCODE}`]],
    [
      'bytes of an older time',
      Buffer.from(`{"data":{"kit_barcode":"${BARCODE}","n":"J\xfcrgen"}}`, 'latin1'),
      [`kit:${BARCODE}`],
    ],
    ['half a document', `{"event":"kit.registered","data":{"kit_barcode":"${BARCODE}"`, []],
    ['nobody', { event: 'kit.registered', data: { note: BARCODE } }, []],
    [
      'nobody, though it may be about results: the team',
      { event: 'results.ready', data: { note: BARCODE } },
      ['staff'],
    ],
    ['nobody, of half a document about results: the team', '{"event":"results.available","data":{"kit_ba', ['staff']],
  ])('by %s', (_, body, subjects) => {
    expect(read(body).verdict).toBe('quarantined');
    expect(routesOf(body)).toEqual(subjects);
  });

  test.each([
    ['results.available', 'results.available', true],
    ['RESULT_AVAILABLE', 'results.available', true],
    ['lab.résultats.prêts', null, true],
    ['order.completed', 'results.available', true],
    ['kit.exploded', null, false],
    ['sample.received', 'kit.received_lab', false],
  ])('%s hints at %s; about results: %s', (event, hint, aboutResults) => {
    expect(read({ event, data: {} }).unreadable).toEqual({ event: hint, aboutResults });
  });

  test('what has no name for its event is about results when it holds some', () => {
    expect(read({ data: { ...kit, result_summary: {} } }).unreadable).toEqual({ event: null, aboutResults: true });
    expect(read({ data: kit }).unreadable).toEqual({ event: null, aboutResults: false });
  });

  test.each([
    ['{"event":"results.available","data":{"kit_ba', 'results.available', true],
    ['{"event" : "Results.Reviewed"', 'results.reviewed', true],
    ['event=results.available&data=1', 'results.available', true],
    ['{"event":"kit.registered","data"', 'kit.registered', false],
    ['results', null, false],
  ])('of half a document %j its event’s name is looked for', (bytes, event, aboutResults) => {
    expect(read(bytes)).toMatchObject({ verdict: 'quarantined', unreadable: { event, aboutResults } });
    expect(routesOf(bytes)).toEqual(aboutResults ? ['staff'] : []);
  });

  test('nothing of it but its cause, its moment and these two words is told to anybody', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (anything, text) => {
        const body = { event: 'results.available', data: { ...kit, [text]: anything, patient: `x${text}` } };
        const arrival = read(body);
        expect(arrival.verdict).toBe('quarantined');
        for (const { fact, details } of arrival.routed) {
          expect(details).toBeNull();
          expect(Object.keys(fact).sort()).toEqual(['at', 'cause', 'event', 'receivedAt', 'unreadable']);
        }
      }),
    );
  });
});

test('results that are dated as PostgreSQL writes a time are as old as they say', () => {
  const at = NOW - 40 * 86_400_000;
  const completed_at = new Date(at).toISOString().replace('T', ' ').replace('.000Z', '+00');
  const arrival = read({
    event: 'results.available',
    data: { ...kit, completed_at },
    meta: { timestamp: completed_at },
  });
  expect(factOf(arrival)).toMatchObject({ at, completedAt: at });
});

describe('results that were completed at a time of their own carry it', () => {
  const fact = (data: object) => factOf(read({ event: 'results.available', data: { ...kit, ...data } }));

  test('where it is believed, and only for results.available', () => {
    const completed_at = new Date(NOW - 3_600_000).toISOString();
    expect(fact({ completed_at }).completedAt).toBe(NOW - 3_600_000);
    expect(fact({ available_at: completed_at })).not.toHaveProperty('completedAt');
    expect(fact({ completed_at: new Date(NOW + 3_600_000).toISOString() })).not.toHaveProperty('completedAt');
    expect(fact({ completed_at: 'soon' })).not.toHaveProperty('completedAt');
    const reviewed = read({ event: 'results.reviewed', data: { ...kit, completed_at } });
    expect(factOf(reviewed)).not.toHaveProperty('completedAt');
  });
});
