import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import type { Arrival } from '../../src/domain/arrivals.js';
import type { FactEvent } from '../../src/domain/events.js';
import { kitSubject } from '../../src/domain/subjects.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import { countUnknownWords } from '../../src/ledger/unknown-words.js';
import { scorecard, type Scorecard, type ScorecardEvent } from '../../src/inbox/scorecard.js';
import { renderScorecard } from '../../src/cli/scorecard.js';
import { scorecardPage } from '../../src/cli/scorecard-page.js';
import { span } from '../../src/cli/scorecard-said.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { JANE, kitArrival, orderArrival, RECEIVED, testSealing, unreadable } from './support.js';

const MINUTE = 60_000;

let databases: TestDatabases;
let database: Database;
let intake: Intake;

beforeAll(async () => {
  databases = await startDatabases('pglite');
  database = await databases.fresh();
  intake = createIntake({ database, sealing: testSealing() });
});
beforeEach(() => database.query('truncate subjects, contacts, inbox, inbox_bodies, deliveries, links'));
afterAll(async () => {
  await intake.close();
  await databases.stop();
});

const keep = async (...arrivals: readonly Arrival[]): Promise<void> => {
  for (const arrival of arrivals) await intake.keep(arrival);
};
const card = (most?: number): Promise<Scorecard> =>
  scorecard(database, {
    since: new Date(RECEIVED - MINUTE),
    now: new Date(RECEIVED + MINUTE),
    ...(most === undefined ? {} : { most }),
  });
const of = async (event: string): Promise<ScorecardEvent | undefined> =>
  (await card()).events.find((one) => one.event === event);

/** What asking told of a kit. */
const answered = (barcode: string, learned: readonly FactEvent[], unknownStatus = false): Arrival => {
  const [routed] = kitArrival(barcode, 'partner.answered').routed;
  if (routed === undefined) throw new Error('an answer about nobody');
  const fact = { ...routed.fact, learned: learned.map((event) => ({ event, at: RECEIVED })) };
  const id = `reconciled:${barcode}:${learned.join()}`;
  return {
    ...kitArrival(barcode, 'partner.answered', { id }),
    source: 'partner',
    routed: [
      { ...routed, subject: kitSubject(barcode), fact: { ...fact, ...(unknownStatus ? { unknownStatus } : {}) } },
    ],
  };
};

describe('the scorecard', () => {
  test('counts what came again, with other bytes, and under an id that was used', async () => {
    const once = { id: 'wh_again', raw: 'a' };
    await keep(
      kitArrival('K1', 'kit.registered', once),
      kitArrival('K1', 'kit.registered', once),
      kitArrival('K1', 'kit.registered', { ...once, raw: 'b' }),
      kitArrival('K2', 'kit.registered', { id: 'wh_again' }),
      kitArrival('K3', 'kit.registered'),
    );
    expect(await of('kit.registered')).toMatchObject({
      webhooks: 3,
      repeated: 1,
      repetitions: 2,
      altered: 1,
      idReused: 1,
    });
  });

  test('counts what came after a later one of the same kit, and not what is of another', async () => {
    await keep(
      kitArrival('K1', 'kit.received_lab', { at: RECEIVED - 5 * MINUTE }),
      kitArrival('K1', 'kit.registered', { at: RECEIVED - 9 * MINUTE }),
      kitArrival('K2', 'kit.registered', { at: RECEIVED - 8 * MINUTE }),
      kitArrival('K1', 'results.available', { at: RECEIVED - MINUTE }),
    );
    const { events } = await card();
    expect(events.map(({ event, outOfOrder }) => [event, outOfOrder])).toEqual([
      ['kit.registered', 1],
      ['kit.received_lab', 0],
      ['results.available', 0],
    ]);
  });

  test('tells the delay from the event’s own time, and none where no time was told', async () => {
    for (let minutes = 1; minutes <= 20; minutes++)
      await keep(kitArrival(`K${String(minutes)}`, 'kit.registered', { at: RECEIVED - minutes * MINUTE }));
    await keep(orderArrival('O1', 'order.created', { at: RECEIVED }));
    expect((await of('kit.registered'))?.delay).toEqual({ p50: 630, p95: 1143, worst: 1200 });
    expect((await of('order.created'))?.delay).toBeNull();
  });

  test('counts as lost what was learned by asking and never came, and apart what came later', async () => {
    await keep(
      kitArrival('K1', 'kit.registered'),
      answered('K1', ['kit.registered', 'results.available']),
      answered('K2', ['results.available', 'parcel.delivered' as FactEvent], true),
      kitArrival('K2', 'results.available'),
    );
    const { events, ...all } = await card();
    expect(events.map(({ event, lost, overtakenByAsking }) => [event, lost, overtakenByAsking])).toEqual([
      ['kit.registered', 0, 0],
      ['results.available', 1, 1],
    ]);
    expect(all).toMatchObject({ answers: 2, answersWithUnknownWords: 1 });
  });

  test('names the words of these answers that are not known, and where they stood', async () => {
    await database.query('truncate unknown_words');
    await countUnknownWords(database, [{ place: 'status', word: 'long_ago' }], RECEIVED - 365 * 86_400_000);
    await countUnknownWords(database, [{ place: 'timeline', word: 'beamed_up' }], RECEIVED);
    const found = await card();
    expect(found.unknownWords).toMatchObject([{ place: 'timeline', word: 'beamed_up', answers: 1 }]);
    expect(renderScorecard(found).replaceAll(/\s+/g, ' ')).toContain(
      'Words that are not known: beamed_up in timeline (1×, last 2026-11-24).',
    );
    await database.query('truncate unknown_words');
    expect(renderScorecard(await card())).not.toContain('not known');
  });

  test('lists breaks of the contract by code and path', async () => {
    const inPart = { ...kitArrival('K1', 'kit.registered'), reason: 'invalid_data:data.kits' };
    await keep(unreadable('{', 'wh_1'), unreadable('[', null), inPart);
    expect((await card()).contractBreaks).toEqual([
      { reason: 'not_json', quarantined: 2, readInPart: 0 },
      { reason: 'invalid_data:data.kits', quarantined: 0, readInPart: 1 },
    ]);
  });

  test('looks at no more than the newest, and says since when', async () => {
    for (let nth = 0; nth < 5; nth++) {
      const arrival = kitArrival(`K${String(nth)}`, 'kit.registered');
      await keep({ ...arrival, receivedAt: RECEIVED + nth });
    }
    const { since, webhooks } = await card(2);
    expect([since, webhooks]).toEqual([new Date(RECEIVED + 2).toISOString(), 3]);
  });

  test('fits its table and its page, with nobody in it', async () => {
    await keep(
      kitArrival('123456789012', 'kit.registered', { person: JANE, at: RECEIVED - MINUTE }),
      unreadable('<script>', 'wh_<b>'),
    );
    const found = await card();
    const table = renderScorecard(found);
    const page = scorecardPage({ ...found, contractBreaks: [{ reason: '<b>', quarantined: 1, readInPart: 0 }] });
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(table).toContain('kit.registered');
    expect(page).toContain('&lt;b&gt;');
    for (const text of [table, page, JSON.stringify(found)]) expect(text).not.toMatch(/Jane|Smith|zyxw|123456789012/);
  });

  test.each([
    [0.42, '0.4 s'],
    [59, '59 s'],
    [90, '1.5 min'],
    [7_200, '2 h'],
    [20 * 86_400, '20 d'],
  ])('%d seconds are said as %s', (seconds, said) => {
    expect(span(seconds)).toBe(said);
  });
});
