import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readWebhook } from '../../../src/c4hxp/webhook/read.js';
import { verifySignature } from '../../../src/c4hxp/webhook/signature.js';
import { createC4hxpClient } from '../../../src/c4hxp/api/client.js';
import { arrivalOf, reduceKit } from '../../../src/c4hxp/api/reconciliation.js';
import { createPartnerSim } from '../../../src/sandbox/partner-sim/sim.js';
import type { Arrival, KeyedHash } from '../../../src/domain/arrivals.js';
import { answering, startReceiver } from './receiver.js';

const hash: KeyedHash = (purpose, value) => createHmac('sha256', 'key').update(`${purpose}|`).update(value).digest();
const BARCODE = '700000000001';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** Two rooms that know nothing of each other: what the stand-in sends must be what the contract reads. */
describe.each(['always', 'as_documented'] as const)('webhooks of the stand-in (meta: %s)', (meta) => {
  test('are understood, dated by their own times, and agree with what its API tells', async () => {
    const receiver = await startReceiver(answering(200));
    const sim = await createPartnerSim({ timeScale: 3_600_000, meta });
    const partner = createC4hxpClient({ origin: sim.url, apiKey: sim.apiKey, timeoutMs: 5_000, clock: Date.now });
    open.push(receiver, sim, partner);
    sim.register({ url: receiver.url, secret: 'whsec_shared' });
    const started = Date.now();
    await sim.play('flagged', { barcodes: [BARCODE] }).ended;
    sim.business.scheduleMaintenance(new Date(started), new Date(started + 3_600_000));
    sim.business.completeMaintenance();
    await sim.settled();

    const arrivals = receiver.received.map(({ body, signature }): Arrival => {
      expect(verifySignature(Buffer.from(body), signature, ['whsec_shared'])).toBe(true);
      const receivedAt = Date.now() + 60_000;
      const reading = { receivedAt, hash, defaultZone: 'UTC', revealFlags: true };
      return readWebhook(Buffer.from(body), reading);
    });
    expect(arrivals.map(({ verdict, reason }) => ({ verdict, reason }))).toEqual(
      Array.from({ length: 11 }, () => ({ verdict: 'accepted', reason: null })),
    );
    const facts = arrivals.flatMap(({ routed }) => routed.map(({ fact }) => fact));
    for (const { at } of facts) expect(Math.abs(at - started)).toBeLessThan(30_000);
    expect(arrivals.find(({ event }) => event === 'system.maintenance_scheduled')?.maintenance).toEqual({
      from: started,
      until: started + 3_600_000,
      over: false,
    });

    const [kit, results] = [await partner.kit(BARCODE), await partner.resultsForKit(BARCODE)];
    if (kit.outcome !== 'answered' || results.outcome !== 'answered') throw new Error('no answer');
    const reduced = reduceKit(`kit:${BARCODE}`, kit.value, results.value, { revealFlags: true });
    const told = arrivalOf(reduced, { receivedAt: Date.now(), hash }).routed[0]?.fact;
    const ofTheKit = facts.filter(({ event }) => event.startsWith('kit.') || event.startsWith('results.'));
    const times = new Map(ofTheKit.map(({ event, at }) => [event as string, at]));
    for (const { event, at } of told?.learned ?? []) if (event !== 'kit.shipped') expect(at).toBe(times.get(event));
    expect(told?.learned?.map(({ event }) => event)).toEqual(expect.arrayContaining([...times.keys()]));
    const named = ofTheKit.find(({ person }) => person !== undefined);
    expect(told?.person).toEqual(named?.person);
    expect(told?.needsReview).toBe(true);
    expect(ofTheKit.find(({ event }) => event === 'results.available')?.needsReview).toBe(true);
  });
});

test('two runs share no order, no barcode and no webhook id, and all of both are understood', async () => {
  const receiver = await startReceiver(answering(200));
  open.push(receiver);
  const told = [];
  for (const run of [1, 19_999_999]) {
    const sim = await createPartnerSim({ timeScale: 3_600_000, run });
    open.push(sim);
    sim.register({ url: receiver.url, secret: 'whsec_shared' });
    const order = sim.business.order({ kitTypes: ['hormone_panel', 'hormone_panel'] });
    await sim.settled();
    told.push(order.number, ...order.kits.map(({ barcode }) => barcode));
  }
  const read = receiver.received.map(({ body }) => {
    const reading = { receivedAt: Date.now(), hash, defaultZone: 'UTC', revealFlags: false };
    return readWebhook(Buffer.from(body), reading);
  });
  expect(read.map(({ verdict }) => verdict)).not.toContain('quarantined');
  expect(new Set(told).size).toBe(6);
  expect(new Set(read.map(({ externalId }) => externalId)).size).toBe(read.length);
});

test('an order.cancelled that names one of two kits, and the parcel of a replacement, are about those kits alone', async () => {
  const receiver = await startReceiver(answering(200));
  const sim = await createPartnerSim();
  open.push(receiver, sim);
  const { number } = sim.business.order({ barcodes: [BARCODE, 'XP00012345'] });
  sim.business.ship(number);
  sim.register({ url: receiver.url, secret: 'whsec_shared' });
  sim.business.cancelKits(number, ['XP00012345']);
  sim.business.replace(BARCODE, '700000000009');
  sim.business.ship(number);
  await sim.settled();
  const told = receiver.received.map(({ body }) => {
    const { event, verdict, routed } = readWebhook(Buffer.from(body), {
      receivedAt: Date.now(),
      hash,
      defaultZone: 'UTC',
      revealFlags: false,
    });
    return { event, verdict, barcodes: routed.find(({ fact }) => fact.order === number)?.fact.barcodes };
  });
  expect(told).toHaveLength(2);
  expect(told).toEqual(
    expect.arrayContaining([
      { event: 'order.cancelled', verdict: 'accepted', barcodes: ['XP00012345'] },
      { event: 'order.shipped', verdict: 'accepted', barcodes: ['700000000009'] },
    ]),
  );
});
