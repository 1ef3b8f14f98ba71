import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { AdminClient } from '../../src/admin/client.js';
import type { EmailOutlook } from '../../src/admin/outlook.js';
import type { ReplayedWebhook } from '../../src/admin/replays.js';
import { renderReplay, replay } from '../../src/cli/replay.js';
import { renderWebhook, type ShownWebhook } from '../../src/cli/webhooks.js';

const webhook = (over: Partial<ReplayedWebhook> = {}): ReplayedWebhook => ({
  seq: 1,
  id: 'wh_1',
  event: 'results.available',
  receivedAt: '2026-11-24T12:00:00.000Z' as unknown as Date,
  outcome: 'accepted',
  reason: null,
  ...over,
});

const email = (over: Partial<EmailOutlook> = {}): EmailOutlook => ({
  subject: 'kit:123456789012',
  kind: 'results.available',
  occurrence: 1,
  becomes: 'goes',
  until: null,
  reason: null,
  cause: 'wh_1',
  ...over,
});

describe('webhooks replay', () => {
  let printed = '';
  const asked: [string, object][] = [];
  const answers: unknown[] = [];
  const client: AdminClient = {
    get: () => Promise.reject(new Error('not asked')),
    post: (path, body) => {
      asked.push([path, JSON.parse(JSON.stringify(body)) as object]);
      const answer = answers.shift();
      return Promise.resolve(
        answer === undefined ? { status: 503, body: { detail: 'Away.' } } : { status: 200, body: answer },
      );
    },
  };
  beforeEach(() => {
    printed = '';
    asked.length = 0;
    answers.length = 0;
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test.each([
    ['neither a webhook nor a selection', undefined, {}, 'Name a webhook'],
    ['a selection without a word on whether it is meant', undefined, { reason: 'invalid_data' }, 'Say either'],
    ['both words', undefined, { reason: 'invalid_data', yes: true, dryRun: true }, 'Say either'],
    ['one webhook and a selection', 'wh_1', { reason: 'invalid_data', yes: true }, 'by its id alone'],
    ['one webhook and a dry run', 'wh_1', { dryRun: true }, 'by its id alone'],
  ] as const)('refuses %s, and asks for nothing', async (_what, id, options, sentence) => {
    await expect(replay(client, id, options)).rejects.toThrow(sentence);
    expect(asked).toEqual([]);
  });

  test('--dry-run goes through all pages and changes nothing; the last one foretells over all', async () => {
    const emails = [email({ subject: 'kit:2' }), email({ becomes: 'waits', reason: 'too_late' })];
    answers.push(
      { webhooks: [webhook()], emails: [], next: 1 },
      { webhooks: [webhook({ seq: 2 })], emails, next: null },
    );
    expect(await replay(client, undefined, { reason: 'invalid_data', dryRun: true })).toBe(0);
    expect(asked).toEqual([
      ['/admin/webhooks/rehearse-replay', { reason: 'invalid_data', limit: 100 }],
      ['/admin/webhooks/rehearse-replay', { reason: 'invalid_data', limit: 100, after: 1 }],
    ]);
    expect(printed.split('\n').slice(0, -1)).toEqual([
      '2 webhooks can be read now. Nothing was sent or changed.',
      '',
      'Emails that would go now: 1',
      '  2                     results.available',
      'Emails that would wait: 1',
      '  123456789012          results.available       too old to go by itself: release',
      '                                                or skip it',
    ]);
  });

  test('--yes replays page by page; where one fails, what went before is said, and it ends with 1', async () => {
    answers.push({ webhooks: [webhook()], next: 1 });
    expect(await replay(client, undefined, { event: 'results.available', yes: true })).toBe(1);
    expect(asked.map(([path]) => path)).toEqual(['/admin/webhooks/replay', '/admin/webhooks/replay']);
    expect(printed).toBe('1 webhook went the way again.\n');
  });
});

describe('what replay prints', () => {
  test('counts what can be read, and names what still can’t, in 80 columns', () => {
    const printed = renderReplay(
      [
        webhook(),
        webhook({ outcome: 'known_already' }),
        webhook({ id: 'x'.repeat(90), outcome: 'still_quarantined', reason: `invalid_data:${'data.kit.'.repeat(20)}` }),
        webhook({ outcome: 'body_expired' }),
      ],
      [email({ subject: `kit:${'X'.repeat(60)}`, becomes: 'not_sent', reason: 'already_told', occurrence: 12 })],
    );
    for (const line of printed.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const text = printed.replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      '1 webhook can be read now; 1 came again meanwhile, and was read then; 1 still can’t be read',
    );
    expect(text).toContain('Emails that would not go: 1');
    expect(text).toContain('they were told already');
  });

  test('says that nothing is meant, and that no email would go', () => {
    expect(renderReplay([], [])).toBe('Nothing in quarantine is meant by that.');
    expect(renderReplay([webhook()], [])).toContain('No email would go because of it, and none would not.');
  });
});

describe('what show prints of a webhook', () => {
  const shown = (over: Partial<ShownWebhook> = {}): ShownWebhook => ({
    seq: 7,
    id: 'wh_7',
    source: 'c4hxp',
    event: 'results.available',
    receivedAt: '2026-11-24T12:00:00.000Z',
    status: 'quarantined',
    reason: 'invalid_data:data.kit_barcode',
    duplicates: 0,
    bodyState: 'kept',
    subjects: ['kit:123456789012'],
    why: 'What stands at data.kit_barcode is missing or can’t be read.',
    staffCalledAt: '2026-11-24T12:00:05.000Z',
    ifReplayed: {
      outcome: 'accepted',
      why: null,
      event: 'results.available',
      subjects: ['kit:123456789012'],
      emails: [email()],
    },
    older: [],
    ...over,
  });

  test('is why it couldn’t be read, whom it names, who was called and what would become of it now', () => {
    expect(renderWebhook(shown()).split('\n').slice(-8)).toEqual(
      [
        expect.stringContaining('kit:123456789012'),
        'What stands at data.kit_barcode is missing or can’t be read.',
        'It stands in the story of kit:123456789012.',
        'Staff were called 2026-11-24 12:00.',
        '',
        'If it were replayed now it would be read as results.available, for',
        'kit:123456789012.',
        'Emails that would go now: 1',
        '  123456789012          results.available',
      ].slice(-8),
    );
  });

  test.each([
    [{ outcome: 'still_quarantined', why: 'It is no JSON.' }, 'it still could not be read. It is no JSON.'],
    [{ outcome: 'known_already' }, 'it came again meanwhile and was read'],
    [{ outcome: 'body_expired' }, 'its body is not kept any more'],
  ] as const)('of %j', (over, sentence) => {
    const ifReplayed = { why: null, event: null, subjects: [], emails: [], ...over };
    const printed = renderWebhook(shown({ ifReplayed, subjects: [], staffCalledAt: null })).replaceAll(/\s+/g, ' ');
    expect(printed).toContain(sentence);
    expect(printed).toContain('It names no kit and no order that could be found. Staff were not called because of it.');
  });

  test('of one that was read says no more than that', () => {
    const read = { status: 'relayed', reason: null, why: null, staffCalledAt: null, ifReplayed: null };
    expect(renderWebhook(shown(read))).not.toMatch(/replayed|Staff|story/);
  });
});
