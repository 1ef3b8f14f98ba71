import { afterEach, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { createC4hxpQuestions } from '../../../src/c4hxp/api/questions.js';
import type { KeyedHash } from '../../../src/domain/arrivals.js';
import { createC4hxpClient, type C4hxpClient } from '../../../src/c4hxp/api/client.js';
import { createPartnerSim, type PartnerSim, type PartnerSimOptions } from '../../../src/sandbox/partner-sim/sim.js';

const hash: KeyedHash = (purpose, value) => createHmac('sha256', 'key').update(`${purpose}|`).update(value).digest();
const SILENT = { info: () => undefined, warn: () => undefined };
const ORDER = 'C4H-ORD-2026-000001';
const SHAPES = ['reference', 'openapi'] as const;
const open: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(
  options: PartnerSimOptions = {},
  apiKey?: string,
): Promise<{ sim: PartnerSim; partner: C4hxpClient }> {
  const sim = await createPartnerSim(options);
  const partner = createC4hxpClient({
    origin: sim.url,
    apiKey: apiKey ?? sim.apiKey,
    timeoutMs: 5_000,
    clock: Date.now,
  });
  open.push(sim, partner);
  return { sim, partner };
}

const events = (answer: Awaited<ReturnType<C4hxpClient['kit']>>): string[] =>
  answer.outcome === 'answered' ? answer.value.learned.map(({ event }) => event) : [answer.outcome];

/** What the product learns of the kit when it asks in silence. */
async function factTold(client: C4hxpClient) {
  const questions = createC4hxpQuestions({ client, hash, revealFlags: true, clock: Date.now, logger: SILENT });
  const subject = 'kit:700000000001' as const;
  const signal = new AbortController().signal;
  const answer = await questions.ask({ subject, why: 'silence', rank: 'usual', attempt: 1, signal });
  return answer.outcome === 'answered' ? answer.arrival.routed[0]?.fact : undefined;
}

describe.each(SHAPES)('asked of a partner that answers in the %s shape', (shape) => {
  test('a kit is followed from its shipment to its results', async () => {
    const { sim, partner } = await start({ shape });
    const { number } = sim.business.order({ barcodes: ['700000000001'] });
    const ask = () => partner.kit('700000000001');
    const last = async () => events(await ask()).at(-1);
    const results = async () => {
      const answer = await partner.resultsForKit('700000000001');
      return answer.outcome === 'answered' ? answer.value : { available: false, reviewed: false };
    };

    expect(events(await ask())).toEqual([]);
    sim.business.ship(number);
    expect(await last()).toBe('kit.shipped');
    sim.business.register('700000000001');
    expect(await last()).toBe('kit.registered');
    const registered = await ask();
    expect(registered).toMatchObject({
      outcome: 'answered',
      value: { person: { email: expect.stringMatching(/@example\.com$/) }, mayHaveResults: false },
    });
    sim.business.receiveAtLab('700000000001');
    expect(events(await ask())).toContain('kit.received_lab');
    expect(await results()).toMatchObject({ available: false });
    sim.business.startProcessing('700000000001');
    expect(events(await ask())).toContain('kit.processing_started');
    sim.business.releaseResults('700000000001');
    expect(events(await ask())).toContain('results.available');
    expect(await results()).toMatchObject({ available: true, availableAt: expect.any(Number), unknownWords: [] });
    sim.business.review('700000000001');
    // The OpenAPI's list of tests has no place for a review.
    expect(await results()).toMatchObject({ reviewed: shape === 'reference' });
  });

  test.each([
    ['no results', {}],
    ['results in parts', { set: 'partial', tests: ['normal', 'preliminary'] }],
    ['preliminary results', { tests: ['preliminary'] }],
    ['results of a word that nobody knows', { tests: ['normal', 'contaminated'] }],
    ['a finished test of a kit in processing', { kit: 'processing', tests: ['normal'] }],
  ] as const)('%s are no results yet', async (_, listing) => {
    const { sim, partner } = await start({ shape });
    sim.business.order({ barcodes: ['700000000001'] });
    sim.business.register('700000000001');
    sim.business.listResults('700000000001', listing);
    const ask = () => factTold(partner);
    const told = await ask();
    expect(told).toMatchObject({ event: 'partner.answered', completedWithoutResults: true });
    expect(told?.learned?.map(({ event }) => event)).not.toContain('results.available');
    expect(told?.unknownStatus ?? false).toBe(JSON.stringify(listing).includes('contaminated'));
    expect(told).not.toHaveProperty('needsReview');

    sim.business.listResults('700000000001', { tests: ['normal', 'critical'] });
    const later = await ask();
    expect(later?.learned?.map(({ event }) => event)).toContain('results.available');
    expect(later).toMatchObject({ needsReview: true });
    expect(later).not.toHaveProperty('completedWithoutResults');
    // The OpenAPI's list of tests has no completed_at.
    expect(later?.completedAt !== undefined).toBe(shape === 'reference');
  });

  test.each<[string, (business: PartnerSim['business']) => void, object, readonly string[]]>([
    [
      'a delivered parcel',
      (business) => {
        business.deliver('700000000001');
      },
      {},
      ['kit.delivered'],
    ],
    [
      'a parcel that comes back undeliverable',
      (business) => {
        business.scan('700000000001', 'return_to_sender');
      },
      {},
      ['kit.not_delivered'],
    ],
    [
      'a posted sample',
      (business) => {
        business.register('700000000001');
        business.postSample('700000000001');
      },
      {},
      ['kit.posted'],
    ],
    [
      'too little sample, in the lab’s words',
      (business) => {
        business.receiveAtLab('700000000001');
        business.fail('700000000001', 'Quantity not sufficient');
      },
      { because: 'insufficient' },
      ['kit.failed'],
    ],
    [
      'one of two kits cancelled, which no webhook told',
      (business) => {
        business.replace('700000000001');
        business.cancelKits(ORDER, ['700000000001'], { silent: true });
      },
      {},
      ['kit.cancelled'],
    ],
  ])('%s is understood', async (_, happen, also, learned) => {
    const { sim, partner } = await start({ shape });
    sim.business.order({ orderNumber: ORDER, barcodes: ['700000000001'] });
    sim.business.ship(ORDER);
    happen(sim.business);
    const told = await factTold(partner);
    expect(told).toMatchObject(also);
    expect(told?.unknownStatus ?? false).toBe(false);
    expect(told?.learned?.map(({ event }) => event)).toEqual(expect.arrayContaining([...learned]));
  });

  test('a posted sample that is lost is told where the kit itself says so: its tracking is not asked about what is posted', async () => {
    const { sim, partner } = await start({ shape });
    sim.business.order({ barcodes: ['700000000001'] });
    sim.business.register('700000000001');
    sim.business.postSample('700000000001');
    sim.business.scan('700000000001', 'lost');
    const learned = (await factTold(partner))?.learned?.map(({ event }) => event);
    expect(learned).toContain('kit.posted');
    // The reference's kit has no place for a carrier's word beside its status; ten days without arrival call a human.
    expect(learned?.includes('kit.lost_in_transit')).toBe(shape === 'openapi');
  });

  test('a rejected sample and a cancelled order are told', async () => {
    const { sim, partner } = await start({ shape });
    const { number } = sim.business.order({ barcodes: ['XP00012345', 'XP00012346'] });
    sim.business.receiveAtLab('XP00012345');
    sim.business.fail('XP00012345');
    expect(events(await partner.kit('XP00012345'))).toContain('kit.failed');
    sim.business.cancel(number);
    expect(events(await partner.kit('XP00012346'))).toContain('kit.cancelled');
    expect(await partner.orderByNumber(number)).toMatchObject({
      outcome: 'answered',
      value: { learned: [{ event: 'order.cancelled' }], person: { email: expect.any(String) } },
    });
  });

  test('an order is found by its number and by the partner’s own id', async () => {
    const { sim, partner } = await start({ shape });
    const { number, id } = sim.business.order();
    const byNumber = await partner.orderByNumber(number);
    expect(byNumber).toMatchObject({ outcome: 'answered', value: { orderNumber: number } });
    expect(await partner.order(id)).toMatchObject({ outcome: 'answered', value: { orderNumber: number } });
    expect(await partner.health()).toMatchObject({ value: { status: 'healthy', version: '2.0.0' } });
  });

  test('unknown kits, wrong keys, limits and maintenance are told apart', async () => {
    const { sim, partner } = await start({ shape, limits: { perHour: 2, perDay: 10, perMinute: 10 } });
    expect(await partner.kit('700000000009')).toMatchObject({
      outcome: 'not_found',
      requestId: expect.stringMatching(/^req_/),
    });
    const stranger = createC4hxpClient({ origin: sim.url, apiKey: 'who:knows', timeoutMs: 5_000, clock: Date.now });
    open.push(stranger);
    expect(await stranger.kit('700000000009')).toMatchObject({ outcome: 'unauthorized' });
    await partner.kit('700000000009');
    const limited = await partner.kit('700000000009');
    expect(limited).toMatchObject({ outcome: 'rate_limited', asked: false });
    sim.business.scheduleMaintenance(new Date(Date.now() - 1), new Date(Date.now() + 600_000));
    expect(await stranger.health()).toMatchObject({
      outcome: 'unavailable',
      status: 503,
      retryAfterMs: expect.any(Number),
    });
  });
});
