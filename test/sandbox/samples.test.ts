import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { C4HXP_EVENTS } from '../../src/domain/events.js';
import {
  rawOf,
  readJourney,
  readPath,
  sampleEvent,
  samplesOf,
  setAt,
  valueAt,
} from '../../src/sandbox/samples/sample.js';
import { PAGE_PAYLOADS } from '../../src/sandbox/samples/page-payloads.js';
import { factOf, NOW, page, read } from '../c4hxp/webhook/support/reading.js';

describe('the page’s payloads', () => {
  test('are those of the page, byte for byte', () => {
    expect(Object.keys(PAGE_PAYLOADS)).toHaveLength(4);
    for (const [event, payload] of Object.entries(PAGE_PAYLOADS)) expect(payload).toBe(page(event).toString());
  });
});

describe('a sample', () => {
  test.each(C4HXP_EVENTS)('of %s is what the receiver understands, with its own time and id', (event) => {
    const at = new Date(NOW - 60_000);
    const arrival = read(rawOf(sampleEvent(event, { at })), { receivedAt: NOW });
    expect(arrival).toMatchObject({ verdict: 'accepted', event, eventAt: at.getTime() });
    expect(arrival.externalId).toMatch(/^wh_[0-9a-f]{18}$/);
    for (const { fact } of arrival.routed) expect(fact.at).toBe(at.getTime());
    if (event.startsWith('system.')) expect(arrival.maintenance).not.toMatchObject({ from: null, until: null });
  });

  test('tells its own time without meta too', () => {
    const at = new Date(NOW - 60_000);
    for (const event of C4HXP_EVENTS.filter((name) => !name.startsWith('system.')))
      expect(factOf(read(rawOf(sampleEvent(event, { at, set: { meta: null } })))).at).toBe(at.getTime());
  });

  test('takes values by path', () => {
    const set = { 'patient.email': 'me@example.com', 'meta.webhook_id': 'wh_mine', 'kits.0.barcode': 'XP1' };
    expect(sampleEvent('kit.registered', { set })).toMatchObject({
      data: { patient: { first_name: 'Jane', email: 'me@example.com' }, kits: { 0: { barcode: 'XP1' } } },
      meta: { webhook_id: 'wh_mine' },
    });
    expect(sampleEvent('order.shipped', { set })).toMatchObject({ data: { kits: [{ barcode: 'XP1' }] } });
  });
});

describe('a path', () => {
  test('never reaches a prototype', () => {
    for (const path of ['__proto__.x', 'a.constructor.prototype', '', 'a..b', '.a'])
      expect(() => readPath(path)).toThrow('is no path');
    const target = {};
    setAt(target, ['toString', 'x'], 1);
    expect(valueAt(target, ['toString', 'x'])).toBe(1);
    expect(Reflect.get(Object.prototype, 'toString')).not.toHaveProperty('x');
    expect(valueAt({}, ['toString'])).toBeUndefined();
  });
});

describe('a journey file', () => {
  const late = `
description: registered late
events:
  - event: order.shipped
    set: { kits: [{ barcode: '{kit}' }, { barcode: '{kit2}' }] }
  - { event: kit.registered, after: 20d, set: { order_number: '{order}' } }
  - { event: results.available, after: 36h }
expect: [results.available]
`;

  test('becomes webhooks with fresh dates: the last happens now, the others before it', () => {
    const samples = samplesOf(readJourney(late), new Date(NOW));
    const facts = samples.map((sample) => factOf(read(rawOf(sample))));
    const end = NOW;
    expect(facts.map(({ event, at }) => [event, at])).toEqual([
      ['order.shipped', end - 21.5 * 86_400_000],
      ['kit.registered', end - 1.5 * 86_400_000],
      ['results.available', end],
    ]);
  });

  test('is about a new kit and a new order each time', () => {
    const [shipped, registered, results] = samplesOf(readJourney(late), new Date(NOW)).map((one) => read(rawOf(one)));
    const kit = registered?.routed[0]?.subject.slice('kit:'.length) ?? '';
    expect(kit).toMatch(/^XP\d{8}$/);
    expect(results?.routed[0]?.subject).toBe(`kit:${kit}`);
    expect(shipped?.links).toHaveLength(2);
    expect(shipped?.links[0]?.barcode).toBe(kit);
    expect(registered?.links).toEqual([shipped?.links[0]]);
    const again = samplesOf(readJourney(late), new Date(NOW)).map((one) => read(rawOf(one)));
    expect(again[1]?.routed[0]?.subject).not.toBe(`kit:${kit}`);
  });

  test.each([
    ['events: []', 'events'],
    ['events: [{ event: kit.exploded }]', 'events.0.event'],
    ['events: [{ event: kit.registered, after: soon }]', 'events.0.after: must be a duration'],
    ['just text', ''],
  ])('that makes no sense is told where: %s', (text, where) => {
    expect(() => readJourney(text)).toThrow(where);
  });

  const JOURNEYS = new URL('../../journeys/', import.meta.url);
  test.each(readdirSync(JOURNEYS))('of ours holds only what the receiver understands: %s', (file) => {
    const samples = samplesOf(readJourney(readFileSync(new URL(file, JOURNEYS), 'utf8')), new Date(NOW));
    const arrivals = samples.map((sample) => read(rawOf(sample)));
    for (const arrival of arrivals) expect(arrival.reason).toBeNull();
    const times = arrivals.map(({ eventAt }) => eventAt ?? NaN);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBe(NOW);
  });
});
