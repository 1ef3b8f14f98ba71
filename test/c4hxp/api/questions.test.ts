import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createC4hxpQuestions } from '../../../src/c4hxp/api/questions.js';
import type { KeyedHash } from '../../../src/domain/arrivals.js';
import type { FactBody } from '../../../src/domain/facts.js';
import type { PartnerAnswer } from '../../../src/domain/partner-questions.js';
import type { UnknownWord } from '../../../src/domain/unknown-words.js';
import { json, startHostile, type Hostile } from './hostile-server.js';

const hash: KeyedHash = (purpose, value) => createHmac('sha256', 'key').update(`${purpose}|`).update(value).digest();
const JANE = { first_name: 'Jane', last_name: 'Smith', email: 'jane@example.com' };
const KIT = '/v2/public/kits/123456789012';
const TRACKING = `${KIT}/tracking`;
const RESULTS = '/v2/public/results/kit/123456789012';

let hostile: Hostile | null = null;
afterEach(async () => {
  await hostile?.close();
  hostile = null;
});

/** What the partner answers on each path; what is not named is a 404. A number is the status of an empty answer. */
type Answers = Readonly<Record<string, unknown>>;

async function ask(answers: Answers, attempt = 1) {
  const server = await startHostile((request, response) => {
    const { url = '' } = request;
    const answer = url in answers ? answers[url] : 404;
    json(typeof answer === 'number' ? answer : 200, typeof answer === 'number' ? {} : JSON.stringify(answer))(
      request,
      response,
    );
  });
  hostile = server;
  const log: { readonly words?: readonly string[]; readonly question?: string }[] = [];
  const keep = (fields: object): void => void log.push(fields);
  const logger = { info: keep, warn: keep };
  const unknown: UnknownWord[] = [];
  const questions = createC4hxpQuestions({
    client: server.partner,
    hash,
    revealFlags: false,
    clock: Date.now,
    logger,
    onUnknownWords: (words) => unknown.push(...words),
  });
  const { signal } = new AbortController();
  const subject = 'kit:123456789012' as const;
  const answer = await questions.ask({ subject, why: 'silence', rank: 'usual', attempt, signal });
  return { answer, requests: server.requests.map((request) => request.replace('GET ', '')), log, unknown };
}

const factOf = (answer: PartnerAnswer): FactBody | undefined =>
  answer.outcome === 'answered' ? answer.arrival.routed[0]?.fact : undefined;
const learned = (fact: FactBody | undefined): string[] | undefined => fact?.learned?.map(({ event }) => event);

describe('a question about a kit', () => {
  test.each<readonly [string, unknown, readonly string[]]>([
    ['says how its parcel stands', { status: 'delivered' }, [KIT]],
    ['says that it is posted', { status: 'shipped_to_lab' }, [KIT]],
    ['says how its sample stands', { status: 'registered', sample_status: 'in_transit' }, [KIT]],
    ['is on its way, and says no more', { status: 'shipped' }, [KIT, TRACKING]],
    ['is registered, and says no more', { status: 'registered', patient: JANE }, [KIT, TRACKING]],
    ['is at the lab', { status: 'in_lab' }, [KIT, RESULTS]],
    ['is completed', { status: 'completed' }, [KIT, RESULTS]],
    ['has failed', { status: 'failed' }, [KIT, RESULTS]],
    ['says a word that nobody knows', { status: 'beamed' }, [KIT, RESULTS]],
  ])('that %s costs no more requests than it must: %j', async (_, kit, requests) => {
    expect((await ask({ [KIT]: { data: kit } })).requests).toEqual(requests);
  });

  test('joins what its tracking says', async () => {
    const { answer } = await ask({
      [KIT]: { data: { status: 'registered', patient: JANE } },
      [TRACKING]: {
        data: { events: [{ status: 'in_transit', direction: 'return', timestamp: '2026-11-20T10:00:00Z' }] },
      },
    });
    expect(learned(factOf(answer))).toEqual(expect.arrayContaining(['kit.registered', 'kit.posted']));
  });

  test('that the partner does not know is not found', async () => {
    expect((await ask({})).answer).toEqual({ outcome: 'not_found' });
  });

  test.each<readonly [string, unknown]>([
    ['isn’t there', 404],
    ['is refused', 403],
    ['is a page', '<html></html>'],
    ['is of another kit', { kit_barcode: '999999999999', status: 'lost' }],
    ['is nothing', null],
  ])('whose tracking %s is answered by what the kit tells', async (_, tracking) => {
    const { answer, log } = await ask({ [KIT]: { status: 'shipped' }, [TRACKING]: tracking });
    expect(learned(factOf(answer))).toEqual(['kit.shipped']);
    expect(log).toMatchObject(tracking === 404 ? [] : [{ question: 'tracking' }]);
  });

  test('whose tracking is away for now is asked again, and answered by what the kit tells from the third time on', async () => {
    const answers = { [KIT]: { status: 'shipped' }, [TRACKING]: 503 };
    expect((await ask(answers, 2)).answer).toMatchObject({ outcome: 'ask_again', why: 'unavailable', meanwhile: null });
    await hostile?.close();
    expect((await ask(answers, 3)).answer).toMatchObject({
      outcome: 'ask_again',
      meanwhile: { routed: [{ fact: { learned: [{ event: 'kit.shipped' }] } }] },
    });
  });
});

describe('words that nobody knows', () => {
  test('are in the log for whoever keeps the tables, if they are words', async () => {
    const told = await ask({ [KIT]: { status: 'Beamed Up', sample_status: 'jane@example.com 7.52' } });
    expect(factOf(told.answer)).toMatchObject({ unknownStatus: true, unknownWords: expect.any(String) });
    expect(told.log.flatMap(({ words = [] }) => words)).toEqual(['status beamed_up']);
    expect(JSON.stringify(told.log)).not.toMatch(/jane|7.52/);
  });

  test('are told of with where they stood, for counting; one that isn’t plain only as such', async () => {
    const { unknown } = await ask({ [KIT]: { status: 'Beamed Up', sample_status: 'jane@example.com 7.52' } });
    expect(unknown).toEqual([
      { place: 'sample_status', word: null },
      { place: 'status', word: 'beamed_up' },
    ]);
  });

  test('aren’t those that are known, and contradict others', async () => {
    const timeline = [{ event: 'kit_failed', timestamp: '2026-11-20T10:00:00Z' }];
    const told = await ask({ [KIT]: { status: 'shipped', timeline, failure_reason: 'rejected' } });
    expect(factOf(told.answer)).toMatchObject({ unknownStatus: true });
    expect(told.unknown).toEqual([]);
    expect((await ask({ [KIT]: { status: 'delivered' } })).unknown).toEqual([]);
  });
});
