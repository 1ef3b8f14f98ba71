import { describe, expect, test } from '@jest/globals';
import type { SubjectAnswer, ToldNotification } from '../../src/ledger/ledger.js';
import type { Stopped } from './herd.js';
import { judge, type Befallen, type Evidence, type Mail } from './judge.js';
import { newLife, type Life } from './lives.js';
import { FAULTS, planOf } from './plan.js';
import { seededRandom } from './random.js';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const ALERTS = 'team@example.net';

const lifeCalled = (name: string): Life => {
  const random = seededRandom(7);
  for (;;) {
    const life = newLife(random, NOW);
    if (life.name === name) return life;
  }
};

const row = (kind: ToldNotification['kind'], messageId: string): ToldNotification => ({
  kind,
  occurrence: 1,
  status: 'sent',
  reason: null,
  cause: 'wh_1',
  decidedAt: '2026-11-20T12:00:00Z',
  settledAt: '2026-11-20T12:00:01Z',
  to: 'p•••@example.com',
  messageId,
  smtpReply: '250 OK',
  attempts: 1,
  possiblyDuplicate: false,
  decisions: [],
});

/** Everything as it should be, with a way to spoil one thing. */
class Case {
  readonly life: Life;
  mails: Mail[] = [];
  rows = new Map<string, ToldNotification[]>();
  attention = new Map<string, string>();
  webhooks: { id: string; subject: string }[];
  forgeries: Evidence['forgeries'] = [];
  faults: Befallen[] = [{ name: 'worker A killed', from: NOW, to: NOW + 500 }];
  stops: Stopped[] = [];

  constructor(name = 'smooth') {
    this.life = lifeCalled(name);
    this.webhooks = this.life.posts.map(({ id, subject }) => ({ id, subject }));
    let at = NOW + 60_000;
    for (const { subject, address, must, may } of this.life.expected)
      for (const kind of [...may, ...must]) {
        const messageId = `<${subject}-${kind}>`;
        this.rows.set(subject, [...(this.rows.get(subject) ?? []), row(kind, messageId)]);
        this.mails.push({ messageId, to: [address], subject: `about ${kind}`, at: (at += 1_000) });
      }
  }

  get kit(): string {
    return this.life.expected[1]?.subject ?? '';
  }

  rowOf(kind: ToldNotification['kind'], change: Partial<ToldNotification>): this {
    for (const [subject, rows] of this.rows)
      this.rows.set(
        subject,
        rows.map((one) => (one.kind === kind ? { ...one, ...change } : one)),
      );
    return this;
  }

  without(kind: ToldNotification['kind']): this {
    this.mails = this.mails.filter(({ messageId }) => !messageId.endsWith(`-${kind}>`));
    return this;
  }

  mailOf(kind: ToldNotification['kind']): Mail {
    const mail = this.mails.find(({ messageId }) => messageId.endsWith(`-${kind}>`));
    if (mail === undefined) throw new Error(`no ${kind}`);
    return mail;
  }

  verdict(acknowledged: (id: string) => boolean = () => true): string[] {
    const order = this.life.expected[0]?.subject;
    const stories = this.life.expected.map(({ subject }): [string, SubjectAnswer] => [
      subject,
      {
        subject,
        state: 'results.reviewed',
        order: null,
        closedAt: null,
        because: null,
        shippedLater: [],
        transit: [],
        attention: [],
        acknowledged: [],
        erased: null,
        needsAttention: this.attention.get(subject) ?? null,
        next: null,
        partnerMaintenance: null,
        // A kit's answer is the whole story, its order's part too.
        notifications: [
          ...(this.rows.get(subject) ?? []),
          ...(subject === order ? [] : (this.rows.get(order ?? '') ?? [])),
        ],
        webhooks: this.webhooks
          .filter((one) => one.subject === subject)
          .map(({ id }) => ({
            id,
            event: null,
            receivedAt: '2026-11-20T12:00:00Z',
            status: 'relayed',
            duplicates: 0,
            altered: false,
            idReused: false,
            bodyState: 'kept',
            reason: null,
          })),
      },
    ]);
    const found = judge({
      lives: [this.life],
      sent: this.life.posts.map((post) => ({
        post,
        firstAt: NOW,
        acknowledgedAt: acknowledged(post.id) ? NOW + 10 : null,
        times: 1,
      })),
      forgeries: this.forgeries,
      mails: [...this.mails].sort((a, b) => a.at - b.at),
      stories: new Map(stories),
      alertAddress: ALERTS,
      faults: this.faults,
      stops: this.stops,
    });
    return found.map(({ rule, sentence }) => `${rule}: ${sentence}`);
  }
}

const LIVES = [
  'smooth',
  'no review',
  'still at the lab',
  'only shipped',
  'two kits, two patients',
  'cancelled at once',
  'cancelled after registration',
];

describe('the judge of a run of kills', () => {
  test.each(LIVES)('finds nothing in a life (%s) in which all went as it should', (name) => {
    expect(new Case(name).verdict()).toEqual([]);
  });

  test('finds an acknowledged webhook that is not there', () => {
    const spoilt = new Case();
    spoilt.webhooks = spoilt.webhooks.slice(1);
    expect(spoilt.verdict()).toEqual([expect.stringMatching(/^nothing lost: order\.created .*is not there$/)]);
  });

  test('finds a webhook that was never acknowledged', () => {
    const spoilt = new Case();
    const id = spoilt.life.posts[2]?.id;
    expect(spoilt.verdict((one) => one !== id)).toEqual([expect.stringMatching(/^all settled: .*never acknowledged$/)]);
  });

  test('finds an email that came twice, unless it is marked', () => {
    const spoilt = new Case();
    spoilt.mails.push({ ...spoilt.mailOf('results.available'), at: NOW + 90_000 });
    expect(spoilt.verdict()).toEqual([expect.stringMatching(/^nothing doubled: results\.available 1 came 2 times/)]);
    expect(spoilt.rowOf('results.available', { possiblyDuplicate: true }).verdict()).toEqual([]);
  });

  test.each<[string, readonly Befallen[], boolean]>([
    ['no fault', [], false],
    ['a stop in order', [{ name: 'both workers stopped', from: NOW - 500, to: NOW + 5_000 }], false],
    ['Temporal killed', [{ name: 'Temporal killed', from: NOW - 500, to: NOW + 5_000 }], false],
    ['a kill long before it', [{ name: 'worker A killed', from: NOW - 60_000, to: NOW - 50_000 }], false],
    ['a kill after it', [{ name: 'worker A killed', from: NOW + 50_000, to: NOW + 60_000 }], false],
    ['a kill meanwhile', [{ name: 'worker B killed', from: NOW + 200, to: NOW + 60_000 }], true],
    ['a reply lost meanwhile', [{ name: 'mail replies lost', from: NOW - 9_000, to: NOW + 300 }], true],
  ])('takes %s for what explains a mark only where it does', (_, faults, explains) => {
    for (const change of [{ possiblyDuplicate: true }, { status: 'unknown', reason: 'no_answer' }] as const) {
      const marked = new Case().rowOf('kit.registered', change);
      marked.faults = [...faults];
      // A human is asked about what nobody knows.
      marked.attention.set(marked.kit, 'Nobody knows whether …');
      expect(marked.verdict().filter((found) => found.startsWith('nothing doubled'))).toEqual(
        explains ? [] : [expect.stringMatching(/kit\.registered 1 is marked .* no fault explains it$/)],
      );
    }
  });

  test.each<[string, Omit<Stopped, 'member'>, string[]]>([
    ['ended in order', { wasUp: true, how: 'exit 0', took: 12_000 }, []],
    ['knew of no signal yet', { wasUp: false, how: 'SIGTERM', took: 10 }, []],
    ['refused to start meanwhile', { wasUp: false, how: 'exit 2', took: 900 }, []],
    ['fell', { wasUp: true, how: 'exit 1', took: 900 }, ['stops in order: told to stop, it ended with exit 1']],
    ['did not mind', { wasUp: true, how: 'SIGTERM', took: 9 }, ['stops in order: told to stop, it ended with SIGTERM']],
    [
      'had to be killed',
      { wasUp: true, how: 'SIGKILL', took: 35_000 },
      ['stops in order: it took 35 s to end (SIGKILL)'],
    ],
    [
      'hung in its start',
      { wasUp: false, how: 'exit 0', took: 30_001 },
      ['stops in order: it took 30 s to end (exit 0)'],
    ],
  ])('says of a process that was told to stop and %s what is wrong with it', (_, stopped, wrong) => {
    const stopping = new Case();
    stopping.stops = [{ member: 'worker A', ...stopped }];
    expect(stopping.verdict()).toEqual(wrong);
  });

  test('finds an acknowledged webhook that a stop has lost, like one that a kill has', () => {
    const spoilt = new Case();
    spoilt.faults = [{ name: 'receiver A stopped', from: NOW - 10, to: NOW + 5_000 }];
    spoilt.webhooks = spoilt.webhooks.slice(1);
    expect(spoilt.verdict()).toEqual([expect.stringMatching(/^nothing lost: /)]);
  });

  test('finds the same words under another Message-ID, unless it is not known whether the first went', () => {
    const spoilt = new Case();
    const first = spoilt.mailOf('results.available');
    spoilt.mails = spoilt.mails.map((mail) =>
      mail === spoilt.mailOf('results.reviewed') ? { ...mail, subject: first.subject } : mail,
    );
    expect(spoilt.verdict()).toEqual([expect.stringMatching(/^nothing doubled: .*came once more/)]);
    expect(spoilt.rowOf('results.available', { status: 'unknown', reason: 'no_answer' }).verdict()).toEqual([]);
  });

  test('finds an email that nobody knows of', () => {
    const spoilt = new Case();
    spoilt.mails.push({ messageId: '<another>', to: ['pat@example.com'], subject: 'hello', at: NOW + 90_000 });
    expect(spoilt.verdict()).toEqual([expect.stringMatching(/nobody knows of it$/)]);
  });

  test('finds an email to an address that is not its own', () => {
    const spoilt = new Case();
    Object.assign(spoilt.mailOf('kit.registered'), { to: [spoilt.life.expected[0]?.address] });
    expect(spoilt.verdict()).toEqual(['nothing told wrongly: kit.registered 1 went to an address that is not its own']);
  });

  test('finds results told for a kit that has none', () => {
    const spoilt = new Case('still at the lab');
    spoilt.rows.get(spoilt.kit)?.push(row('results.available', '<r-results.available>'));
    spoilt.mails.push({
      messageId: '<r-results.available>',
      to: [spoilt.life.expected[1]?.address ?? ''],
      subject: 'results',
      at: NOW + 90_000,
    });
    expect(spoilt.verdict()).toEqual([
      'nothing told wrongly: results.available 1 was told, and nothing calls for it',
      'nothing told wrongly: results.available 1 came before what it tells of',
    ]);
  });

  test('finds older news after newer', () => {
    const spoilt = new Case();
    Object.assign(spoilt.mailOf('kit.received_lab'), { at: NOW + 90_000 });
    expect(spoilt.verdict()).toEqual(['nothing told wrongly: kit.received_lab 1 came after what is newer']);
  });

  test('finds what told says and what came to differ, either way', () => {
    expect(new Case().without('kit.registered').verdict()).toEqual([
      'nothing told wrongly: kit.registered 1 is sent, and never came',
    ]);
    expect(new Case().rowOf('kit.registered', { status: 'not_sent', reason: 'superseded' }).verdict()).toEqual([
      'nothing told wrongly: kit.registered 1 came, and told says not_sent (superseded)',
    ]);
  });

  test('finds nothing in news that newer news overtook, and does where nothing was in its way', () => {
    const overtaken = new Case().without('kit.registered');
    expect(overtaken.rowOf('kit.registered', { status: 'not_sent', reason: 'superseded' }).verdict()).toEqual([]);
    expect(overtaken.rowOf('kit.registered', { status: 'failed', reason: 'retries_exhausted' }).verdict()).toEqual([
      expect.stringMatching(/^nothing told wrongly: kit\.registered 1 is failed \(retries_exhausted\)/),
    ]);
  });

  test('finds the last word untold', () => {
    const spoilt = new Case().without('results.reviewed');
    expect(spoilt.rowOf('results.reviewed', { status: 'not_sent', reason: 'superseded' }).verdict()).toEqual([
      'nothing told wrongly: results.reviewed was not told: not_sent (superseded)',
    ]);
  });

  test('finds results of which nobody knows whether they went, unless a human is asked', () => {
    const spoilt = new Case().without('results.reviewed');
    spoilt.rowOf('results.reviewed', { status: 'unknown', reason: 'no_answer' });
    expect(spoilt.verdict()).toEqual(['nothing told wrongly: results.reviewed 1 never came, and no human is asked']);
    spoilt.attention.set(spoilt.kit, 'Nobody knows whether …');
    expect(spoilt.verdict()).toEqual([]);
  });

  test('finds a human asked without cause, and one who is not asked though there is one', () => {
    const spoilt = new Case();
    spoilt.attention.set(spoilt.kit, 'An email could not be sent.');
    expect(spoilt.verdict()).toEqual([expect.stringMatching(/^no attention without cause: a human is asked/)]);
    expect(new Case('cancelled at the lab').verdict()).toEqual([
      'no attention without cause: a human should be asked, and is not',
    ]);
  });

  test('finds the team called without cause', () => {
    const spoilt = new Case('no review');
    const messageId = '<alert>';
    spoilt.rows.set(spoilt.kit, [...(spoilt.rows.get(spoilt.kit) ?? []), row('staff.alert', messageId)]);
    const subject = `Kit ${spoilt.kit.slice('kit:'.length)} needs a person`;
    spoilt.mails.push({ messageId, to: [ALERTS], subject, at: NOW + 90_000 });
    expect(spoilt.verdict()).toContain(`no attention without cause: the team was called: ${subject}`);
  });

  test.each(['sending', 'deferred'] as const)('finds an email that is still %s', (status) => {
    const spoilt = new Case().without('results.reviewed');
    expect(spoilt.rowOf('results.reviewed', { status }).verdict()).toContain(
      `all settled: results.reviewed 1 is ${status} (no reason)`,
    );
  });

  test('finds a forgery that was taken in, or told', () => {
    const spoilt = new Case();
    spoilt.forgeries = [
      { subject: 'kit:XF1', address: 'forged@example.com', answers: [401] },
      { subject: 'kit:XF2', address: 'other@example.com', answers: [200] },
    ];
    expect(spoilt.verdict()).toEqual(['nothing told wrongly: a forgery got 200']);
  });
});

describe('the plan of a run of kills', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(planOf(seededRandom(3), 300)).toEqual(planOf(seededRandom(3), 300));
    expect(planOf(seededRandom(3), 300)).not.toEqual(planOf(seededRandom(4), 300));
  });

  test('is of some faults only, where that is asked', () => {
    const only = ['worker A stopped', 'both workers stopped'] as const;
    expect(new Set(planOf(seededRandom(3), 300, only).map(({ name }) => name))).toEqual(new Set(only));
  });

  test('has every kind of fault in five minutes, and none after them', () => {
    for (let seed = 0; seed < 50; seed++) {
      const plan = planOf(seededRandom(seed), 300);
      expect(new Set(plan.map(({ name }) => name)).size).toBe(FAULTS.length);
      expect(Math.max(...plan.map(({ at }) => at))).toBeLessThan(300_000);
    }
  });
});
