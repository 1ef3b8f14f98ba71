import { describe, expect, test } from '@jest/globals';
import { C4HXP_EVENTS } from '../../../src/domain/events.js';
import { hintFor } from '../../../src/c4hxp/webhook/events.js';
import { read } from './support/reading.js';

const kit = { kit_barcode: '123456789012' };
const reasonOf = (body: unknown): string | null => read(body).reason;

describe('what is signed but unreadable', () => {
  test.each([
    ['nothing', '', 'not_json'],
    ['half a document', '{"event":', 'not_json'],
    ['a form', 'event=kit.registered', 'not_json'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 'not_utf8'],
    ['a lone surrogate, encoded as UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'not_utf8'],
    ['a list', '[{"event":"kit.registered"}]', 'not_object'],
    ['null', 'null', 'not_object'],
    ['a text', '"kit.registered"', 'not_object'],
    ['a number', '1e400', 'not_object'],
    ['an object without an event', '{}', 'invalid_data:event'],
    ['an event that is no text', '{"event":["kit.registered"]}', 'invalid_data:event'],
    ['an event nobody knows', '{"event":"kit.exploded","data":{}}', 'unknown_event'],
    ['an event of a megabyte', `{"event":"${'x'.repeat(1_000_000)}"}`, 'unknown_event'],
    ['no data', '{"event":"kit.registered"}', 'invalid_data:data'],
    ['a list for data', '{"event":"kit.registered","data":[]}', 'invalid_data:data'],
  ])('is kept as quarantined: %s', (_, body, reason) => {
    const arrival = read(body);
    expect(arrival).toMatchObject({ verdict: 'quarantined', reason, routed: [], links: [] });
    expect(arrival.raw.equals(Buffer.from(body))).toBe(true);
  });

  test('a byte order mark before the JSON does no harm', () => {
    expect(reasonOf(`\ufeff${JSON.stringify({ event: 'kit.registered', data: kit })}`)).toBeNull();
  });
});

describe('data that fails its schema', () => {
  test.each([
    ['kit.registered', {}, 'data.kit_barcode'],
    ['kit.registered', { kit_barcode: 12345678901 }, 'data.kit_barcode'],
    ['kit.registered', { kit_barcode: 1e21 }, 'data.kit_barcode'],
    ['kit.registered', { kit_barcode: 123456789012.5 }, 'data.kit_barcode'],
    ['kit.registered', { kit_barcode: '123456789012 123456789013' }, 'data.kit_barcode'],
    ['kit.registered', { kit_barcode: '12' }, 'data.kit_barcode'],
    ['kit.registered', { kit_barcode: '../../etc' }, 'data.kit_barcode'],
    ['kit.registered', { kit_barcode: '1'.repeat(41) }, 'data.kit_barcode'],
    ['kit.registered', { kit_barcode: 'ßßßß' }, 'data.kit_barcode'],
    ['results.available', { ...kit, patient: [{ first_name: 'Jane' }] }, 'data.patient'],
    ['results.available', { ...kit, patient: 'Jane Smith' }, 'data.patient'],
    ['order.created', { order_number: 7 }, 'data.order_number'],
    ['order.created', { order_number: 'A1', recipient: 0 }, 'data.recipient'],
    ['order.cancelled', {}, 'data.order_number'],
    ['order.shipped', { order_number: 'A1' }, 'data.kits'],
    ['order.shipped', { order_number: 'A1', kits: [] }, 'data.kits'],
    ['order.shipped', { order_number: 'A1', kits: {} }, 'data.kits'],
    ['order.shipped', { order_number: 'A1', kits: [{ barcode: '' }, {}] }, 'data.kits.0.barcode,data.kits.1.barcode'],
    ['order.shipped', { kits: ['123456789012'] }, 'data.order_number,data.kits.0'],
    ['system.maintenance_scheduled', 'soon', 'data'],
  ])('%s %j is quarantined by the paths at fault', (event, data, paths) => {
    expect(read({ event, data })).toMatchObject({ verdict: 'quarantined', event, reason: `invalid_data:${paths}` });
  });

  test('names five paths at most', () => {
    const kits = Array.from({ length: 400 }, () => ({ barcode: null }));
    const reason = reasonOf({ event: 'order.shipped', data: { order_number: 'A1', kits } });
    expect(reason).toBe(
      'invalid_data:data.kits.0.barcode,data.kits.1.barcode,data.kits.2.barcode,data.kits.3.barcode,data.kits.4.barcode',
    );
  });

  test('keeps the id, so that a replay is the same webhook', () => {
    const meta = { webhook_id: 'wh_1' };
    expect(read({ event: 'kit.registered', data: {}, meta }).externalId).toBe('wh_1');
    expect(read({ event: 'kit.exploded', data: {}, meta }).externalId).toBe('wh_1');
    expect(read({ data: {}, meta }).externalId).toBe('wh_1');
  });
});

describe('a name that resembles an event', () => {
  test.each([
    ['result.available', 'results.available'],
    ['sample.received', 'kit.received_lab'],
    ['order.completed', 'results.available'],
    ['order.canceled', 'order.cancelled'],
    ['kit_registered', 'kit.registered'],
    ['results available', 'results.available'],
    ['RESULTS-REVIEWED', 'results.reviewed'],
  ])('%j is quarantined with a hint, not guessed', (name, meant) => {
    const arrival = read({ event: name, data: kit });
    expect(arrival).toMatchObject({ verdict: 'quarantined', event: null, reason: `unknown_event:${meant}` });
    expect(arrival.routed.map(({ fact }) => fact)).toMatchObject([
      { event: 'webhook.unreadable', unreadable: { event: meant } },
    ]);
  });

  test('has no hint when it resembles none', () => {
    for (const name of ['', '.', 'toString', '__proto__', 'constructor', 'kit', 'results.available.now'])
      expect(hintFor(name)).toBeNull();
  });

  test('no documented name is taken for a variant of another', () => {
    for (const event of C4HXP_EVENTS) expect(hintFor(event)).toBe(event);
  });
});
