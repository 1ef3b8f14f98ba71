import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createAskPartner, type AskPorts } from '../../activities/ask-partner.js';
import { createC4hxpClient } from '../../src/c4hxp/api/client.js';
import { createC4hxpQuestions } from '../../src/c4hxp/api/questions.js';
import { createPartnerSim, type PartnerSim, type PartnerSimOptions } from '../../src/sandbox/partner-sim/sim.js';
import type { AskInput, AskOutcome } from '../../src/domain/activities.js';
import type { Arrival, KeyedHash } from '../../src/domain/arrivals.js';
import type { Admission, QuestionRank } from '../../src/domain/partner-calls.js';
import { DAY, HOUR, MINUTE } from '../../src/domain/durations.js';
import { until } from '../support/until.js';

const hash: KeyedHash = (purpose, value) => createHmac('sha256', 'key').update(`${purpose}|`).update(value).digest();
const BARCODE = '700000000001';
const QUESTION: AskInput = { subject: `kit:${BARCODE}`, why: 'silence', rank: 'usual' };

const open: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

type Begin = (rank: QuestionRank) => Admission;
const ROOM: Admission = { admitted: true, ended: () => Promise.resolve() };

/** An inbox that knows an external id again; what it logged, and an activity that asks a stand-in. */
async function setUp(simOptions: PartnerSimOptions = {}, overrides: Partial<AskPorts> = {}, begin: Begin = () => ROOM) {
  const sim: PartnerSim = await createPartnerSim(simOptions);
  const client = createC4hxpClient({
    origin: sim.url,
    apiKey: sim.apiKey,
    timeoutMs: 1_000,
    clock: Date.now,
    calls: { begin: (rank) => Promise.resolve(begin(rank)) },
  });
  const kept: Arrival[] = [];
  const log: string[] = [];
  const write = (fields: object, message: string): void => {
    log.push(JSON.stringify({ ...fields, message }));
  };
  const { clock = Date.now } = overrides;
  const logger = { info: write, warn: write };
  const questions = createC4hxpQuestions({ client, hash, revealFlags: false, clock, logger });
  open.push(sim, questions);
  const askPartner = createAskPartner({
    questions,
    keep: (arrival) => {
      const fresh = !kept.some(({ externalId }) => externalId === arrival.externalId);
      if (fresh) kept.push(arrival);
      return Promise.resolve({ fresh });
    },
    isErased: () => Promise.resolve(false),
    maintenance: () => Promise.resolve(null),
    clock,
    log: (event) => {
      log.push(event);
    },
    ...overrides,
  });
  const { number } = sim.business.order({ barcodes: [BARCODE] });
  const ask = (input: AskInput = QUESTION, attempt = 1): Promise<AskOutcome> =>
    new MockActivityEnvironment({ attempt }).run(askPartner, input);
  return { sim, kept, log, askPartner, ask, number };
}

async function failureOf(asked: Promise<unknown>): Promise<ApplicationFailure> {
  try {
    await asked;
  } catch (error) {
    if (error instanceof ApplicationFailure) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('asking about a kit', () => {
  test('keeps one row with all that was missed, and tells which fact holds it', async () => {
    const { sim, ask, kept, number } = await setUp();
    sim.business.ship(number);
    sim.business.register(BARCODE, undefined, { silent: true });
    sim.business.receiveAtLab(BARCODE, { silent: true });
    const outcome = await ask();
    expect(kept).toHaveLength(1);
    expect(outcome).toEqual({ outcome: 'answered', cause: kept[0]?.externalId });
    expect(kept[0]?.routed[0]?.fact.learned?.map(({ event }) => event)).toEqual([
      'kit.shipped',
      'kit.registered',
      'kit.received_lab',
    ]);
    expect(kept[0]?.routed[0]?.details?.person?.email).toMatch(/@example\.com$/);
  });

  test('an answer that goes back to what was said before is an answer, and the same once it is known', async () => {
    const { sim, ask, kept } = await setUp();
    const answers: string[] = [];
    for (const tests of [[], ['normal'], []]) {
      sim.business.listResults(BARCODE, { tests });
      const input = { ...QUESTION, answers: answers.slice(-2) };
      const told = await ask(input);
      expect(told.outcome).toBe('answered');
      // A retry of the same question.
      expect(await ask(input, 2)).toEqual({ ...told, outcome: 'unchanged' });
      answers.push(told.cause ?? '');
      expect(await ask({ ...QUESTION, answers: answers.slice(-2) })).toEqual({ ...told, outcome: 'unchanged' });
    }
    expect(kept).toHaveLength(3);
    expect(kept.map(({ routed }) => routed[0]?.fact.completedWithoutResults ?? false)).toEqual([true, false, true]);
  });

  test('an answer that tells nothing new is unchanged; a new one is an answer again', async () => {
    const { sim, ask, kept, number } = await setUp();
    sim.business.ship(number);
    const first = await ask();
    expect(await ask()).toEqual({ ...first, outcome: 'unchanged' });
    sim.business.register(BARCODE);
    expect(await ask()).toMatchObject({ outcome: 'answered' });
    expect(kept).toHaveLength(2);
  });

  test('results are asked for once the kit can be at the lab, and none of them is kept', async () => {
    const { sim, ask, kept } = await setUp();
    sim.business.register(BARCODE);
    sim.business.releaseResults(BARCODE, ['high_cortisol']);
    sim.business.review(BARCODE);
    await ask();
    const [row] = kept;
    expect(row?.routed[0]?.fact.learned?.map(({ event }) => event)).toEqual([
      'kit.registered',
      'results.available',
      'results.reviewed',
    ]);
    const whole = JSON.stringify({ ...row, raw: row?.raw.toString('utf8') });
    for (const word of ['cortisol', 'Biomarker', 'nmol', 'abnormal', 'Looked at', 'pdf', 'hormone', 'needsReview'])
      expect(whole).not.toContain(word);
  });

  test('a kit that the partner does not know is not found, and nothing is kept', async () => {
    const { ask, kept } = await setUp();
    expect(await ask({ subject: 'kit:999999999999', why: 'silence', rank: 'usual' })).toEqual({ outcome: 'not_found' });
    expect(await ask({ subject: 'staff', why: 'silence', rank: 'usual' })).toEqual({ outcome: 'not_found' });
    expect(kept).toEqual([]);
  });

  test('a key that is refused is told and logged with the request id, and not tried again', async () => {
    const { ask, log } = await setUp({ keys: [{ key: 'a:b', suspended: true }] });
    expect(await ask()).toEqual({ outcome: 'refused' });
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/"outcome":"forbidden","requestId":"req_/);
  });

  test('nobody is asked about who was forgotten, whatever their journey has heard', async () => {
    const isErased = (subject: string): Promise<boolean> => Promise.resolve(subject === QUESTION.subject);
    const { ask, kept } = await setUp({}, { isErased });
    expect(await ask()).toEqual({ outcome: 'not_found' });
    expect(kept).toEqual([]);
  });

  test('without a partner nothing is asked', async () => {
    const { ask } = await setUp({}, { questions: null });
    expect(await ask()).toEqual({ outcome: 'not_configured' });
  });
});

describe('asking about an order', () => {
  test('brings its recipient, its kits and its status', async () => {
    const { sim, ask, kept, number } = await setUp();
    sim.business.ship(number);
    expect(await ask({ subject: `order:${number}`, why: 'no_contact', rank: 'first' })).toMatchObject({
      outcome: 'answered',
    });
    expect(kept[0]).toMatchObject({
      links: [{ order: number, barcode: BARCODE }],
      routed: [
        {
          subject: `order:${number}`,
          fact: { person: { role: 'recipient' }, learned: [{ event: 'order.shipped' }] },
          details: { parcels: [{ barcode: BARCODE, carrier: 'FedEx' }] },
        },
      ],
    });
  });
});

describe('what Temporal should try again', () => {
  test.each([
    ['status', 'partner_unavailable'],
    ['html', 'partner_unavailable'],
    ['cut', 'partner_unavailable'],
    ['hang', 'partner_unavailable'],
    ['slow', 'partner_unavailable'],
  ] as const)('an answer that goes wrong by %s is thrown as a code', async (how, type) => {
    const { sim, ask, kept } = await setUp();
    sim.misbehave({ how });
    expect(await failureOf(ask())).toMatchObject({ type, nonRetryable: false });
    expect(kept).toEqual([]);
    expect(await ask()).toMatchObject({ outcome: 'answered' });
  });

  test('a rate limit comes back when the partner said', async () => {
    // A kit, and its tracking.
    const { ask } = await setUp({ limits: { perHour: 2, perDay: 2, perMinute: 2 } });
    await ask();
    const failure = await failureOf(ask());
    // It said that this was the last.
    expect(failure.type).toBe('partner_no_room');
    expect(Number(failure.nextRetryDelay)).toBeGreaterThan(3_500_000);
  });

  test('during maintenance the partner is not asked; the attempt says until when, and comes back at its end or sooner', async () => {
    const now = Date.UTC(2026, 10, 24, 12);
    let window: { until: number } | null = { until: now + 3_600_000 };
    const { ask, kept } = await setUp({}, { clock: () => now, maintenance: () => Promise.resolve(window) });
    expect(await failureOf(ask())).toMatchObject({
      type: 'partner_maintenance',
      message: 'partner_maintenance: until 2026-11-24T13:00:00.000Z',
      // It may be over before its time.
      nextRetryDelay: 900_000,
    });
    window = { until: now + 60_000 };
    expect(await failureOf(ask())).toMatchObject({ nextRetryDelay: 60_000 });
    expect(kept).toEqual([]);
    window = { until: now };
    expect(await ask()).toMatchObject({ outcome: 'answered' });
  });

  test('a question that asks again and again comes back with news only, not with a refusal either', async () => {
    const { sim, ask } = await setUp();
    const again = { ...QUESTION, again: 7 * 86_400_000 };
    const nothingNew = { type: 'nothing_new', message: 'nothing_new', nextRetryDelay: again.again };
    expect(await failureOf(ask({ ...again, subject: 'kit:999999999999' }))).toMatchObject(nothingNew);
    expect(await ask(again)).toMatchObject({ outcome: 'answered' });
    expect(await failureOf(ask(again))).toMatchObject(nothingNew);
    sim.business.register(BARCODE);
    expect(await ask(again)).toMatchObject({ outcome: 'answered' });
    expect(await failureOf(ask(again))).toMatchObject(nothingNew);
    sim.business.fail(BARCODE);
    expect(await ask(again)).toMatchObject({ outcome: 'answered' });
  });

  test('an inbox that can’t commit is a code, and its own words stay here', async () => {
    const { ask } = await setUp({}, { keep: () => Promise.reject(new Error('value (jane@example.com) violates')) });
    const failure = await failureOf(ask());
    expect(failure).toMatchObject({ type: 'mishap', message: 'mishap' });
    expect(failure.cause).toBeUndefined();
  });

  test('results that can’t be had are asked for again; the third attempt keeps what the kit tells', async () => {
    const { sim, ask, kept } = await setUp();
    sim.business.register(BARCODE);
    sim.business.fail(BARCODE);
    sim.misbehave({ how: 'status', times: 3, path: '/results/' });
    expect(await failureOf(ask(QUESTION, 1))).toMatchObject({ type: 'partner_unavailable' });
    expect(await failureOf(ask(QUESTION, 2))).toMatchObject({ type: 'partner_unavailable' });
    expect(kept).toEqual([]);
    expect(await failureOf(ask(QUESTION, 3))).toMatchObject({ type: 'partner_unavailable' });
    expect(kept).toHaveLength(1);
    expect(kept[0]?.routed[0]?.fact.learned?.map(({ event }) => event)).toContain('kit.failed');
  });
});

describe('how long a question is tried', () => {
  const FULL: Admission = { admitted: false, waitMs: HOUR };
  const now = Date.UTC(2026, 10, 24, 12);

  /** One attempt that comes after others, and what it leaves for the next. */
  const attempt = async (
    ports: { readonly begin: Begin; readonly answers?: boolean; readonly remembered?: number },
    input: AskInput = QUESTION,
  ) => {
    const { sim, askPartner } = await setUp({}, { clock: () => now }, ports.begin);
    if (ports.answers === false) sim.misbehave({ how: 'status' });
    const { remembered } = ports;
    const environment = new MockActivityEnvironment({
      attempt: 9,
      ...(remembered === undefined ? {} : { heartbeatDetails: remembered }),
    });
    const words: unknown[] = [];
    environment.on('heartbeat', (word) => words.push(word));
    const failure = await failureOf(environment.run(askPartner, input));
    return { failure, words };
  };

  test('its day doesn’t begin, nor go on to an end, while our own limits leave no room', async () => {
    const waiting = { type: 'partner_no_room', nonRetryable: false };
    expect(await attempt({ begin: () => FULL })).toMatchObject({ failure: waiting, words: [] });
    expect(await attempt({ begin: () => FULL, remembered: now - 2 * DAY })).toMatchObject({ failure: waiting });
  });

  test('the day begins when it was asked first, and with the last attempt in it the question is given up', async () => {
    const unanswered = { begin: () => ROOM, answers: false };
    const first = await attempt(unanswered);
    expect(first).toMatchObject({ failure: { type: 'partner_unavailable', nonRetryable: false }, words: [now] });
    const later = await attempt({ ...unanswered, remembered: now - DAY + 1 });
    expect(later).toMatchObject({ failure: { nonRetryable: false }, words: [now - DAY + 1] });
    const last = await attempt({ ...unanswered, remembered: now - DAY });
    expect(last.failure).toMatchObject({ type: 'partner_no_answer', message: 'partner_no_answer', nonRetryable: true });
  });

  test('one that asks until there is news is never given up', async () => {
    const again = { ...QUESTION, again: 7 * DAY };
    const { failure } = await attempt({ begin: () => ROOM, answers: false, remembered: now - 2 * DAY }, again);
    expect(failure.nonRetryable).toBe(false);
  });

  test('what is pressing looks again as soon as there may be room, others at moments of their own after it', async () => {
    const delays = async (rank: QuestionRank): Promise<number> =>
      Number((await attempt({ begin: () => FULL }, { ...QUESTION, rank })).failure.nextRetryDelay);
    expect(await delays('first')).toBe(HOUR);
    const [one, other] = [await delays('usual'), await delays('usual')];
    expect(one).not.toBe(other);
    for (const delay of [one, other]) {
      expect(delay).toBeGreaterThanOrEqual(HOUR);
      expect(delay).toBeLessThanOrEqual(HOUR + 30 * MINUTE);
    }
  });

  test('what was begun is finished with the room that is left for the pressing', async () => {
    const ranks: QuestionRank[] = [];
    const { ask, kept } = await setUp({}, {}, (rank) => {
      ranks.push(rank);
      return rank === 'last' && ranks.length > 1 ? FULL : ROOM;
    });
    // It says nothing of its way: its tracking is asked for.
    expect(await ask({ ...QUESTION, rank: 'last' })).toMatchObject({ outcome: 'answered' });
    expect(ranks).toEqual(['last', 'first']);
    expect(kept).toHaveLength(1);
  });
});

describe('cancellation', () => {
  /** A question that the partner doesn't answer, cancelled while it is being asked. */
  const cut = async (reason: 'CANCELLED' | 'WORKER_SHUTDOWN'): Promise<unknown> => {
    let asking = false;
    const maintenance = () => {
      asking = true;
      return Promise.resolve(null);
    };
    const { sim, askPartner } = await setUp({}, { maintenance });
    sim.misbehave({ how: 'hang' });
    const environment = new MockActivityEnvironment();
    const failed = environment.run(askPartner, QUESTION).then(
      () => null,
      (error: unknown) => error,
    );
    await until('the question', () => asking);
    environment.cancel(reason);
    return await failed;
  };

  test('a cancelled question is cut at once', async () => {
    expect(await cut('CANCELLED')).toBeInstanceOf(CancelledFailure);
  });

  test('a worker that stops is no cancellation: another one asks again', async () => {
    expect(await cut('WORKER_SHUTDOWN')).toMatchObject({ type: 'worker_shutdown', nonRetryable: false });
  });
});
