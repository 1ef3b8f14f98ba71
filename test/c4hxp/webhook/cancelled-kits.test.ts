import { describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import { factOf, read } from './support/reading.js';

const ONE = '123456789012';
const OTHER = 'XP00012345';

const cancelled = (data: Readonly<Record<string, unknown>>) =>
  read({ event: 'order.cancelled', data: { order_number: 'C4H-1', ...data } });
const named = (data: Readonly<Record<string, unknown>>) => factOf(cancelled(data)).barcodes;

describe('a cancellation', () => {
  test.each<readonly [string, Record<string, unknown>]>([
    ['kits as in a shipment', { kits: [{ kit_id: 'KIT-1', barcode: ONE, tracking: null }] }],
    ['kits by their other name', { kits: [{ kit_barcode: '1234-5678-9012' }] }],
    ['kits keyed by numbers', { kits: { 0: { barcode: ONE } } }],
    ['one kit', { kit: { barcode: ONE } }],
    ['kits as bare barcodes', { kits: [ONE, 123456789012] }],
    ['a list of barcodes', { barcodes: [ONE] }],
    ['a list of them by another name', { kit_barcodes: [` ${ONE} `] }],
    ['one barcode', { kit_barcode: ONE }],
    ['the same kit twice', { barcode: ONE, kits: [{ barcode: ONE }] }],
  ])('that names %s is about these, and tells whose order they are', (_, data) => {
    expect(named(data)).toEqual([ONE]);
    expect(cancelled(data)).toMatchObject({
      verdict: 'accepted',
      reason: null,
      links: [{ order: 'C4H-1', barcode: ONE }],
      routed: [{ subject: 'order:C4H-1' }],
    });
  });

  test('names every kit that is listed, be it the whole order', () => {
    expect(named({ kits: [{ barcode: ONE }, { barcode: OTHER }] })).toEqual([ONE, OTHER]);
  });

  test('that calls one of the listed kits cancelled names that one; all of them belong to the order', () => {
    const kits = [
      { barcode: ONE, status: 'registered' },
      { barcode: OTHER, status: 'Canceled' },
    ];
    expect(named({ kits })).toEqual([OTHER]);
    expect(cancelled({ kits }).links.map(({ barcode }) => barcode)).toEqual([ONE, OTHER]);
    const before = kits.map((kit) => ({ ...kit, status: 'shipped' }));
    expect(named({ kits: before })).toEqual([ONE, OTHER]);
  });

  test.each<readonly [string, Record<string, unknown>]>([
    ['nothing', {}],
    ['kits that have no barcode yet', { kits: [{ kit_id: 'KIT-1' }, { barcode: null }, { barcode: '' }] }],
    ['no kits', { kits: [], barcodes: null, kit: false, kit_barcode: '' }],
    ['how many kits there were', { kits: 2 }],
  ])('that names %s is about the whole order', (_, data) => {
    expect(cancelled(data)).toMatchObject({ verdict: 'accepted', reason: null, links: [] });
    expect(factOf(cancelled(data))).not.toHaveProperty('barcodes');
  });

  test.each<readonly [string, Record<string, unknown>]>([
    ['a barcode that can’t be one', { kits: [{ barcode: { x: 1 } }] }],
    ['words that may be kinds of kits', { kits: ['hormone_panel'] }],
    ['barcodes that have lost their zeros', { barcodes: [12] }],
  ])('that names only %s is not taken for one of the whole order: a human looks', (_, data) => {
    const arrival = cancelled(data);
    expect(arrival).toMatchObject({ verdict: 'quarantined', reason: 'invalid_data:data.kits.0.barcode' });
    expect(arrival.routed).toMatchObject([{ subject: 'order:C4H-1', fact: { event: 'webhook.unreadable' } }]);
  });

  test('with one kit that can’t be read is about the others, and says so', () => {
    const arrival = cancelled({ kits: [{ barcode: ONE }, { barcode: [1, 2] }] });
    expect(arrival).toMatchObject({ verdict: 'accepted', reason: 'invalid_data:data.kits.1.barcode' });
    expect(factOf(arrival)).toMatchObject({
      barcodes: [ONE],
      unreadable: { event: 'order.cancelled', aboutResults: false },
    });
  });

  test('whatever it lists, is read or kept for a human', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(ONE, [ONE], [{ barcode: ONE, status: 7 }]));
    const data = fc.record(
      { kits: field, kit: field, barcodes: field, kit_barcodes: field, kit_barcode: field, barcode: field },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(data, (listed) => {
        const arrival = cancelled(listed);
        if (arrival.verdict === 'quarantined') expect(arrival.reason).toMatch(/^invalid_data:data\.kits/);
        else expect(arrival.routed.map(({ subject }) => subject)).toEqual(['order:C4H-1']);
        expect(arrival.routed).not.toEqual([]);
        for (const barcode of factOf(arrival).barcodes ?? []) expect(barcode).toMatch(/^[A-Z0-9][A-Z0-9._-]{2,39}$/);
      }),
      { numRuns: 500 },
    );
  });
});
