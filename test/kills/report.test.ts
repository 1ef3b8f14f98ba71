import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import type { SubjectAnswer, ToldNotification } from '../../src/ledger/ledger.js';
import type { Evidence } from './judge.js';
import type { Life } from './lives.js';
import { published, tablesOf, withRuns } from './page.js';
import { type Report, reportOf } from './report.js';

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const read = (path: string): string => readFileSync(at(path), 'utf8');
const NOW = Date.parse('2026-11-20T12:00:00Z');
const KIT = 'kit:XP00000001';
const machine = { date: '2026-11-20', processor: 'a processor', cores: 2, node: 'v20.0.0', loadBefore: 0.1 };

const row = (over: Partial<ToldNotification>): ToldNotification => ({
  kind: 'results.available',
  occurrence: 1,
  status: 'sent',
  reason: null,
  cause: 'wh_1',
  decidedAt: new Date(NOW + 1_000).toISOString(),
  settledAt: null,
  to: 'p•••@example.com',
  messageId: '<1>',
  smtpReply: '250 OK',
  attempts: 1,
  possiblyDuplicate: false,
  decisions: [],
  ...over,
});
const post = { id: 'wh_1', event: 'results.available', subject: KIT, raw: Buffer.from(''), after: 0 } as const;
const life: Life = {
  name: 'smooth',
  posts: [post],
  expected: [{ subject: KIT, address: 'p@example.com', must: [], may: [], attention: false, mayAlert: false }],
};
const mail = (messageId: string, after: number) => ({
  messageId,
  to: ['p@example.com'],
  subject: 's',
  at: NOW + after,
});
const EVIDENCE: Evidence = {
  lives: [life],
  sent: [{ post, firstAt: NOW, acknowledgedAt: NOW + 500, times: 3 }],
  forgeries: [],
  mails: [mail('<1>', 71_000), mail('<1>', 90_000), mail('<2>', 4_000)],
  stories: new Map([
    [
      KIT,
      {
        notifications: [
          row({ possiblyDuplicate: true }),
          row({ kind: 'kit.registered', messageId: '<2>', status: 'unknown', reason: 'no_answer' }),
        ],
        webhooks: [],
      } as unknown as SubjectAnswer,
    ],
  ]),
  alertAddress: 'team@example.com',
  faults: [
    { name: 'worker A killed', from: NOW - 100, to: NOW + 2_000 },
    { name: 'greylisting', from: NOW + 5_000, to: NOW + 6_000 },
  ],
  stops: [{ member: 'worker A', wasUp: true, how: 'exit 0', took: 900 }],
};
const ran = { evidence: EVIDENCE, violations: [], settledAfter: 12_345, endings: [] };
const report = reportOf(ran, { seed: 7, seconds: 90, machine });

describe('what a run of faults came to', () => {
  test('counts what was acknowledged, what came, what came again, and what nobody knows', () => {
    expect(report).toMatchObject({
      seed: 7,
      webhooks: { sent: 1, acknowledged: 1, posts: 3 },
      emails: { came: 3, copies: 1, doubled: 0 },
      told: { sent: 1, 'unknown/no_answer': 1 },
      unknown: { all: 1, came: 1 },
      lost: 0,
      atRest: 12_345,
      stops: { all: 1, slowest: 900 },
      broken: {},
    });
  });

  test('measures emails about results from the acknowledgement to the first copy', () => {
    expect(report.results).toEqual({ emails: 1, after10s: 1, after1min: 1, after15min: 0, slowest: 70_500 });
  });

  test('says of each fault how soon it went on after it, and how slow it made what was sent meanwhile; nothing where nothing was', () => {
    expect(report.faults).toEqual([
      { name: 'worker A killed', times: 1, slowestAcknowledgement: 500, nextEmail: 2_000, nextAcknowledgement: null },
      { name: 'greylisting', times: 1, slowestAcknowledgement: null, nextEmail: 65_000, nextAcknowledgement: null },
    ]);
  });

  test('names the rules that were broken, in its file and before its tables', () => {
    const violations = [{ rule: 'nothing lost' as const, about: KIT, sentence: 'is not there' }];
    const bad = reportOf({ ...ran, violations }, { seed: 8, seconds: 90, machine });
    expect([bad.lost, bad.broken]).toEqual([1, { 'nothing lost': 1 }]);
    expect(tablesOf([report, bad])).toContain('**Seed 8 broke rules**: nothing lost (1).');
    expect(tablesOf([report])).not.toContain('broke rules');
  });
});

describe('the page of how far it can be relied on', () => {
  test('has each run once, the newest of its seed and length', () => {
    const other = { ...report, seed: 9 };
    const again = { ...report, lost: 3 };
    expect(published([report, other], again)).toEqual([other, again]);
    expect(tablesOf([report])).not.toMatch(/NaN|undefined|null/);
  });

  test('is what the published runs came to, word for word', () => {
    const page = read('docs/reliability.md');
    expect(existsSync(at('docs/reliability.json'))).toBe(true);
    expect(withRuns(page, JSON.parse(read('docs/reliability.json')) as Report[])).toBe(page);
  });
});
