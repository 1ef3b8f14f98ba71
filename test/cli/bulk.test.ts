import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import type { AskedPage, RehearsedBulkPage } from '../../src/admin/bulk.js';
import type { AdminClient } from '../../src/admin/client.js';
import { bulk, renderAsked, renderRehearsal } from '../../src/cli/bulk.js';
import { registerKits } from '../../src/cli/kits.js';
import { list, renderList } from '../../src/cli/subject-list.js';
import { Unavailable } from '../../src/config/refusal.js';
import type { ListedSubject } from '../../src/ledger/ledger.js';

const NOW = Date.UTC(2026, 10, 24, 12);
const UNTIL = new Date(NOW).toISOString();

const listed = (over: Partial<ListedSubject> = {}): ListedSubject => ({
  subject: 'kit:123456789012',
  state: 'registered',
  since: new Date(NOW - 50 * 3_600_000).toISOString(),
  because: null,
  needsAttention: null,
  attention: [],
  next: null,
  closedAt: null,
  ...over,
});

let printed = '';
let complained = '';
const asked: [string, Record<string, unknown>][] = [];
const answers: unknown[] = [];
const client: AdminClient = {
  get(path) {
    asked.push([path, {}]);
    return Promise.resolve({ status: 200, body: answers.shift() });
  },
  post(path, body, headers = {}) {
    asked.push([path, { ...(JSON.parse(JSON.stringify(body)) as object), run: headers['idempotency-key'] }]);
    const answer = answers.shift();
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(
      answer === undefined ? { status: 503, body: { detail: 'Away.' } } : { status: 200, body: answer },
    );
  },
};

beforeEach(() => {
  [printed, complained] = ['', ''];
  asked.length = 0;
  answers.length = 0;
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complained += String(text);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('the command line refuses', () => {
  /** What a mistake is answered with; nobody has to be there. */
  async function refusal(line: string): Promise<[string, number]> {
    const program = new Command('kit-herald').exitOverride();
    registerKits(program, { KIT_HERALD_URL: 'http://127.0.0.1:9', ADMIN_TOKEN: 'x' });
    try {
      await program.parseAsync(line.split(' '), { from: 'user' });
    } catch (error) {
      if (error instanceof CommanderError) return [complained, error.code === 'commander.error' ? error.exitCode : 2];
      throw error;
    }
    return [complained, 0];
  }

  test.each([
    ['kits retry', 'Name a barcode, or select some by --attention, --state, --older-than or --kind.'],
    ['orders retry', 'Name an order number, or select'],
    [
      'kits retry --attention',
      'Say either --dry-run, to see which emails would go and which not, or --yes, to retry them.',
    ],
    ['kits skip --state registered --reason x --dry-run --yes', 'Say either --dry-run'],
    ['kits retry 123 --attention', 'are for a selection'],
    ['kits retry 123 --dry-run', 'are for a selection'],
    ['kits acknowledge 123 --kind kit.failed --reason x', '--kind is for a selection'],
    ['kits retry --attention --lift --yes', '--occurrence and --lift are for one'],
    ['kits skip --attention --yes', "required option '--reason <text>' not specified"],
    ['kits list --attention boredom', 'Allowed choices are no_contact, not_the_patient,'],
    ['kits list --state confirmed', 'Allowed choices are unknown, shipped, registered,'],
    ['orders list --state registered', 'Allowed choices are unknown, created, confirmed,'],
    ['kits list --kind kit.lost', 'Allowed choices are order.confirmed,'],
    ['kits list --older-than yesterday', 'must be a duration such as 30d'],
  ])('%s', async (line, sentence) => {
    const [said, code] = await refusal(line);
    expect(said.replaceAll(/\s+/g, ' ')).toContain(sentence);
    expect(code).toBe(2);
  });
});

describe('a list', () => {
  test('asks with its filters, and says how to go on', async () => {
    answers.push({ subjects: [listed()], next: '1795500000000.123456789012' });
    const before = Date.now();
    expect(
      await list(client, 'kits', { attention: 'bounced', state: 'registered', olderThan: 1_000, kind: 'kit.failed' }),
    ).toBe(0);
    const query = new URL(asked[0]?.[0] ?? '', 'http://x').searchParams;
    expect(Object.fromEntries(query)).toMatchObject({ attention: 'bounced', state: 'registered', kind: 'kit.failed' });
    expect(Math.abs(Date.parse(query.get('until') ?? '') - before + 1_000)).toBeLessThan(1_000);
    expect(printed).toContain('More: the same with --after 1795500000000.123456789012');
  });

  test('is a line for each, its age, and all that a human is asked to do, in 80 columns', () => {
    const need = {
      code: 'two_orders',
      kind: null,
      since: UNTIL,
      sentence: 'This barcode stands in two orders.',
    } as const;
    const long = `C4H-ORD-${'9'.repeat(60)}`;
    const page = {
      subjects: [
        listed(),
        listed({
          since: new Date(NOW - 5 * 3_600_000).toISOString(),
          attention: [need, need],
          state: 'results.available',
        }),
        listed({ since: UNTIL, subject: `kit:${long}` }),
      ],
      next: null,
    };
    const lines = renderList(page, 'kits', NOW).split('\n');
    expect(lines.slice(0, 4)).toEqual([
      'kit                   state              for   what a human is asked to do',
      '123456789012          registered         2d',
      '123456789012          results.available  5h    This barcode stands in two',
      '                                               orders.',
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(renderList({ subjects: [], next: null }, 'orders', NOW)).toBe('None.');
  });
});

describe('a command over a selection', () => {
  const page = (over: Partial<AskedPage>): AskedPage => ({
    until: UNTIL,
    next: null,
    subjects: [],
    passedOver: [],
    failed: [],
    ...over,
  });
  const one = (n: number) => ({
    subject: `kit:${String(n)}` as const,
    cause: `operator:${String(n)}`,
    repeated: false,
  });
  const refusedOne = (n: number) => ({
    subject: `kit:${String(n)}`,
    code: 'nothing_to_retry',
    detail: 'Nothing here has failed.',
  });

  test('--dry-run asks every page what it would come to, and nothing else', async () => {
    const email = {
      subject: 'kit:1',
      kind: 'kit.registered',
      occurrence: 1,
      becomes: 'goes',
      until: null,
      reason: null,
      cause: 'x',
    } as const;
    const rehearsed = (over: Partial<RehearsedBulkPage>) => ({
      until: UNTIL,
      next: null,
      passedOver: [],
      subjects: [],
      emails: [],
      ...over,
    });
    answers.push(
      rehearsed({ subjects: ['kit:1'], emails: [email], next: '1.1' }),
      rehearsed({
        subjects: ['kit:2'],
        emails: [email, { ...email, subject: 'kit:2', becomes: 'waits', reason: 'opted_out' }],
        passedOver: [refusedOne(3)],
      }),
    );
    expect(await bulk(client, { what: 'kits', action: 'retry', options: { attention: true, dryRun: true } })).toBe(0);
    expect(asked.map(([path, body]) => [path, body['after'], body['until']])).toEqual([
      ['/admin/kits/rehearse-retry', undefined, undefined],
      ['/admin/kits/rehearse-retry', '1.1', UNTIL],
    ]);
    expect(printed.split('\n')).toEqual([
      'retry applies to 2 kits; 1 would be passed over. Nothing was sent or changed.',
      '',
      'Emails that would go now: 1',
      '  1                     kit.registered',
      'Emails that would wait: 1',
      '  2                     kit.registered          they stopped these emails',
      '',
      'Would be passed over: 1',
      '  3                     Nothing here has failed.',
      '',
    ]);
  });

  test('--yes goes through all pages under one key, tells how far it is, and sums up', async () => {
    answers.push(
      page({ subjects: [one(1), one(2)], next: '1.2' }),
      page({ subjects: [one(3)], passedOver: [refusedOne(4)] }),
    );
    const options = { attention: true, reason: 'the relay is back', yes: true } as const;
    expect(await bulk(client, { what: 'kits', action: 'retry', options })).toBe(0);
    const runs = new Set(asked.map(([, { run }]) => run));
    expect([asked.length, runs.size]).toEqual([2, 1]);
    expect(asked[1]).toEqual([
      '/admin/kits/retry',
      expect.objectContaining({ after: '1.2', until: UNTIL, attention: true, reason: 'the relay is back' }),
    ]);
    expect(complained).toBe('2 kits asked so far …\n');
    expect(printed.replaceAll(/\s+/g, ' ')).toContain(
      'retry: 3 kits asked, 1 passed over. What becomes of each says told, and kits list.',
    );
  });

  test('ends with 1 where some failed', async () => {
    answers.push(
      page({ subjects: [one(1)], failed: [{ ...refusedOne(2), code: 'internal', detail: 'Something failed here.' }] }),
    );
    expect(await bulk(client, { what: 'kits', action: 'retry', options: { state: 'registered', yes: true } })).toBe(1);
    expect(printed.replaceAll(/\s+/g, ' ')).toContain(
      '1 kit asked, 1 failed. What becomes of each says told, and kits list. Ask again: those that were asked are passed over. Failed: 1 2 Something failed here.',
    );
  });

  test.each([
    ['is refused', undefined, 'Away.'],
    ['gets no answer', new Unavailable('Nobody answers.'), 'Nobody answers.'],
  ])('where a page %s, says what went before, and that it can be asked again', async (_what, answer, why) => {
    answers.push(page({ subjects: [one(1)], next: '1.1' }), answer);
    expect(await bulk(client, { what: 'kits', action: 'retry', options: { state: 'registered', yes: true } })).toBe(1);
    expect(printed.replaceAll(/\s+/g, ' ')).toContain(
      `1 kit asked. What becomes of each says told, and kits list. It stopped: ${why} Ask again`,
    );
  });

  test('names nobody where nobody is meant, and at most some of those that are passed over', () => {
    expect(renderAsked('kits', 'retry', { subjects: [], passedOver: [], failed: [], stopped: null })).toBe(
      'Nobody is meant by that.',
    );
    expect(renderRehearsal('kits', 'retry', { subjects: [], passedOver: [], emails: [] })).toBe(
      'Nobody is meant by that.',
    );
    const passedOver = Array.from({ length: 25 }, (_, n) => ({ ...refusedOne(n), subject: `kit:${'7'.repeat(70)}` }));
    const text = renderAsked('orders', 'skip', { subjects: [], passedOver, failed: [], stopped: null });
    expect(text).toContain('… and 5 more');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});
