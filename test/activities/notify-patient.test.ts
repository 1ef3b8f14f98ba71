import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { NotifyInput, NotifyOutcome } from '../../src/domain/activities.js';
import type { Database } from '../../src/database/database.js';
import { createMailer } from '../../src/email/transport/mailer.js';
import type { HandOver, Mailer } from '../../src/email/types.js';
import type { Ledger, Scope, SubjectAnswer } from '../../src/ledger/ledger.js';
import { createSealing, type Sealing } from '../../src/sealing/sealing.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { KIT, newLedger, newSealing, person, request, rowOf, seen, T0, VIEW } from '../ledger/support.js';
import { activitiesWith, attempt, notify, plainEmails } from './support.js';

const HOUR = 3_600_000;

describe('notifying a patient', () => {
  let databases: TestDatabases;
  let database: Database;
  let sealing: Sealing;
  let ledger: Ledger;
  let sink: SmtpSink;
  let mailer: Mailer;

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
    sealing = newSealing();
    sink = await startSmtpSink();
    mailer = createMailer({ smtpUrl: sink.url, requireTls: false, dkim: null });
  });
  beforeEach(async () => {
    await database.query(
      'truncate notifications, decisions, subjects, suppressions, contacts, inbox, deliveries, links',
    );
    ledger = newLedger(database, sealing);
    sink.behave(() => undefined);
    sink.take(() => ({ after: 0, answer: true }));
    (sink.mails as unknown[]).length = 0;
  });
  afterAll(async () => {
    mailer.close();
    await sink.close();
    await databases.stop();
  });

  const run = (input: NotifyInput, ports = {}, number = 1): Promise<NotifyOutcome> =>
    attempt(activitiesWith(ledger, mailer, ports).email.notifyPatient, [input], number).result;

  const patient = (over = {}): Promise<number> =>
    seen(database, sealing, { subject: KIT, person: person({ email: 'zoe@example.com', ...over }) });

  /** As if the time were over for which a server wants to hear nothing. */
  const passGreylisting = (): Promise<unknown> => database.query('update notifications set greylisted_until = now()');

  async function failureOf(work: Promise<unknown>): Promise<ApplicationFailure> {
    const error: unknown = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ApplicationFailure)) throw new Error('expected an ApplicationFailure', { cause: error });
    return error;
  }

  test('sends one email to the patient, and the ledger can prove it', async () => {
    await patient();
    const outcome = await run(notify());
    expect(outcome).toEqual({
      status: 'sent',
      reason: null,
      until: null,
      settledAt: T0,
      address: ledger.addressOf('zoe@example.com'),
    });
    expect(sink.mails).toHaveLength(1);
    const [mail] = sink.mails;
    expect(mail?.recipients).toEqual(['zoe@example.com']);
    const story = (await ledger.told('123456789012')) as SubjectAnswer;
    expect(story.notifications).toEqual([
      expect.objectContaining({
        status: 'sent',
        to: 'z•••@example.com',
        messageId: mail?.messageId,
        smtpReply: expect.stringMatching(/^250/),
        attempts: 1,
        possiblyDuplicate: false,
      }),
    ]);
  });

  test('of two attempts at the same moment one sends, and the other is told to come back', async () => {
    await patient();
    const activities = activitiesWith(ledger, mailer);
    const both = await Promise.allSettled([
      attempt(activities.email.notifyPatient, [notify()]).result,
      attempt(activities.email.notifyPatient, [notify()]).result,
    ]);
    expect(sink.mails).toHaveLength(1);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await run(notify(), {}, 2)).toMatchObject({ status: 'sent' });
    expect(sink.mails).toHaveLength(1);
  });

  test('an attempt that died after SMTP and before settling is repeated with the same Message-ID, and said to be', async () => {
    await patient();
    const dead = newLedger(database, sealing);
    const deaf: Ledger = { ...dead, settle: () => Promise.reject(new Error('killed')) };
    await failureOf(
      attempt(activitiesWith(deaf, mailer, { pause: () => Promise.resolve() }).email.notifyPatient, [notify()]).result,
    );
    await ledger.voidLeases();
    expect(await run(notify(), {}, 2)).toMatchObject({ status: 'sent' });
    expect(sink.mails).toHaveLength(2);
    expect(new Set(sink.mails.map(({ messageId }) => messageId)).size).toBe(1);
    expect(await rowOf(database)).toMatchObject({ possibly_duplicate: true, tries: 2 });
  });

  test('refused after an attempt that may have gone, it has not failed: nobody knows', async () => {
    await patient();
    const deaf: Ledger = { ...newLedger(database, sealing), settle: () => Promise.reject(new Error('killed')) };
    await failureOf(
      attempt(activitiesWith(deaf, mailer, { pause: () => Promise.resolve() }).email.notifyPatient, [notify()]).result,
    );
    await ledger.voidLeases();
    sink.behave(() => ({ code: 550, text: '5.1.1 no such user' }));
    expect(await run(notify(), {}, 2)).toMatchObject({ status: 'unknown', reason: 'no_answer' });
    expect(sink.mails).toHaveLength(1);
    const story = (await ledger.told('123456789012')) as SubjectAnswer;
    expect(story.notifications[0]).toMatchObject({ status: 'unknown', possiblyDuplicate: true });
    expect(story.notifications[0]?.smtpReply).toContain('550');
  });

  test('a database that is away for some seconds after SMTP makes no second email', async () => {
    await patient();
    const pauses: number[] = [];
    const slow: Ledger = {
      ...ledger,
      settle: (...settlement) =>
        pauses.length < 5 ? Promise.reject(new Error('the database is away')) : ledger.settle(...settlement),
    };
    const pause = (ms: number): Promise<void> => {
      pauses.push(ms);
      return Promise.resolve();
    };
    const { result } = attempt(activitiesWith(slow, mailer, { pause }).email.notifyPatient, [notify()]);
    expect(await result).toMatchObject({ status: 'sent' });
    expect(pauses).toEqual([100, 200, 400, 800, 1_600]);
    expect(sink.mails).toHaveLength(1);
    expect(await rowOf(database)).toMatchObject({ status: 'sent', possibly_duplicate: false, tries: 1 });
  });

  test('an attempt that died after its claim is waited for, then sent without a doubt', async () => {
    await patient();
    await newLedger(database, sealing).claim(request());
    const busy = await failureOf(run(notify()));
    expect(busy).toMatchObject({ type: 'no_answer', nonRetryable: false, nextRetryDelay: 10_000 });
    await ledger.voidLeases();
    await run(notify(), {}, 2);
    expect(await rowOf(database)).toMatchObject({ status: 'sent', possibly_duplicate: false });
    expect(sink.mails).toHaveLength(1);
  });

  describe('does not send', () => {
    const suppress = (scope: Scope): Promise<void> =>
      ledger.suppress(ledger.addressOf('zoe@example.com'), scope, 'operator:1', T0);
    const never = { tooLateMeans: 'not_sent' } as const;
    const park = { tooLateMeans: 'defer' } as const;
    const night = { settings: () => ({ switchedOff: [], quietHours: '11:00-14:00', defaultTimeZone: 'UTC' }) };

    test.each<[string, Partial<NotifyInput>, object, string, () => Promise<unknown>]>([
      [
        'when the kit was erased',
        never,
        {},
        'not_sent/erased',
        async () => {
          await patient();
          await database.query('update subjects set erased_at = now()');
        },
      ],
      [
        'when the kind is switched off',
        {},
        { settings: () => ({ switchedOff: ['kit.registered'], quietHours: null, defaultTimeZone: 'UTC' }) },
        'not_sent/switched_off',
        patient,
      ],
      ['when it is too late', { ...never, tooLateAt: T0 }, {}, 'not_sent/too_late', patient],
      ['but parks results that are too late', { ...park, tooLateAt: T0 - 1 }, {}, 'deferred/too_late', patient],
      ['when nobody is known', {}, {}, 'deferred/no_contact', () => Promise.resolve()],
      [
        'when only the recipient is known',
        {},
        {},
        'deferred/not_the_patient',
        async () => {
          await database.query(`insert into links (order_number, barcode) values ('O-1', '123456789012')`);
          await seen(database, sealing, { subject: 'order:O-1', role: 'recipient', person: person() });
        },
      ],
      [
        'when the person asked for no email',
        {},
        {},
        'not_sent/opted_out',
        async () => {
          await patient();
          await suppress('all');
        },
      ],
      [
        'of no more than progress, though a human decides about it when it is too late',
        { ...park, kind: 'kit.failed' },
        {},
        'not_sent/opted_out',
        async () => {
          await patient();
          await suppress('all');
        },
      ],
      [
        'but parks results for who asked for none',
        { kind: 'results.available' },
        {},
        'deferred/opted_out',
        async () => {
          await patient();
          await suppress('all');
        },
      ],
      [
        'when the topic was stopped',
        { kind: 'kit.received_lab' },
        {},
        'not_sent/opted_out',
        async () => {
          await patient();
          await suppress('progress');
        },
      ],
      [
        'when the address takes no email',
        {},
        {},
        'not_sent/address_suppressed',
        async () => {
          await patient();
          await suppress('bounced');
        },
      ],
      ['in quiet hours', {}, night, 'deferred/quiet_hours', patient],
    ])('%s', async (_when, over, ports, expected, given) => {
      await given();
      const outcome = await run(notify(over), ports);
      expect(`${outcome.status}/${String(outcome.reason)}`).toBe(expected);
      expect(outcome.until).toBe(expected === 'deferred/quiet_hours' ? T0 + 2 * HOUR : null);
      expect(sink.mails).toEqual([]);
      const decisions = await database.query('select verdict, reason from decisions order by id');
      expect(decisions.at(-1)).toEqual({
        verdict: expected.startsWith('deferred') ? 'wait' : 'not_send',
        reason: outcome.reason,
      });
    });

    test('and the ledger remembers how long quiet hours hold it back', async () => {
      await patient();
      await run(notify(), night);
      expect(await ledger.notificationStates(KIT)).toMatchObject([{ quiet: 2 * HOUR, until: T0 + 2 * HOUR }]);
    });

    test('by the first rule of the policy that applies', async () => {
      await suppress('all');
      await suppress('bounced');
      const input = notify({ tooLateAt: T0 });
      expect(await run(input, night)).toMatchObject({ reason: 'too_late' });
      await database.query('truncate notifications');
      await patient();
      expect(await run({ ...input, tooLateAt: null }, night)).toMatchObject({ reason: 'opted_out' });
    });

    test('but does in quiet hours what answers something just done, and what a human ordered though late', async () => {
      await patient();
      expect(await run(notify({ quietExemptUntil: T0 + 1 }), night)).toMatchObject({
        status: 'sent',
      });
      expect(await run(notify({ occurrence: 2, tooLateAt: null }))).toMatchObject({ status: 'sent' });
    });
  });

  describe('of a kit whose order has a word for the same person', () => {
    const ORDERS = { subject: 'order:O-1', kind: 'order.cancelled', occurrence: 1 } as const;
    const ofKit = notify({ kind: 'kit.cancelled', unlessTold: ORDERS });
    const runAt = (passed: number, number: number) => run(ofKit, { clock: () => T0 + passed }, number);
    const orders = async () => {
      const claimed = await ledger.claim(request(ORDERS));
      if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
      return claimed.claim;
    };
    const settleAs = async (
      status: 'sent' | 'deferred' | 'not_sent',
      email = 'zoe@example.com',
      address = ledger.addressOf(email),
    ) => {
      const claim = await orders();
      await ledger.beginHandOver(claim, { email, address }, []);
      await ledger.settle(claim, { status, reason: status === 'sent' ? null : 'server_refused', at: T0 });
    };

    beforeEach(() => patient());

    test.each([
      ['has decided nothing yet', () => Promise.resolve()],
      ['is put off', () => settleAs('deferred')],
    ])('waits while the order’s %s, by the time that has passed and not by attempts', async (_what, given) => {
      await given();
      const waits: unknown[] = [];
      for (const [passed, number] of [
        [0, 40],
        [9_000, 41],
        [74_000, 42],
      ] as const)
        waits.push((await failureOf(runAt(passed, number))).nextRetryDelay);
      expect(waits).toEqual([2_000, 9_000, 16_000]);
      expect(await runAt(75_000, 1)).toMatchObject({ status: 'sent' });
    });

    test('waits for as long as the order’s is being sent', async () => {
      const claim = await orders();
      expect(await failureOf(runAt(HOUR, 99))).toMatchObject({ type: 'no_answer', nextRetryDelay: 16_000 });
      await ledger.settle(claim, { status: 'not_sent', reason: 'too_late', at: T0 });
      expect(await runAt(HOUR, 100)).toMatchObject({ status: 'sent' });
    });

    test.each([
      ['is not sent when the order’s was sent to the same address', 'zoe@example.com', 'not_sent'],
      ['is sent when the order’s went to somebody else', 'adam@example.com', 'sent'],
    ])('%s', async (_what, email, status) => {
      await settleAs('sent', email);
      expect(await runAt(0, 1)).toMatchObject({ status });
    });

    test.each([
      [
        'is not sent when the order’s went to the same address, hashed before a rotation',
        'zoe@example.com',
        'not_sent',
      ],
      ['is sent when the order’s went to somebody else before a rotation', 'adam@example.com', 'sent'],
    ])('%s', async (_what, email, status) => {
      const [former, newest] = [randomBytes(32), randomBytes(32)].map((key, n) => ({ id: `i${String(n)}`, key }));
      const encryptionKeys = [{ id: 'e', key: randomBytes(32) }];
      const indexKeys = [former, newest].flatMap((key) => key ?? []);
      ledger = newLedger(database, createSealing({ encryptionKeys, indexKeys: indexKeys.slice(0, 1) }));
      const before = ledger.addressOf(email);
      const rotated = createSealing({ encryptionKeys, indexKeys: indexKeys.toReversed() });
      ledger = newLedger(database, rotated);
      await database.query('truncate contacts, inbox, deliveries');
      await seen(database, rotated, { subject: KIT, person: person({ email: 'zoe@example.com' }) });
      await settleAs('sent', email, before);
      expect(await runAt(0, 1)).toMatchObject({ status });
    });
  });

  test('looks at everything again before every attempt', async () => {
    await patient();
    sink.behave(() => ({ code: 450, text: 'try later' }));
    await failureOf(run(notify()));
    await ledger.suppress(ledger.addressOf('zoe@example.com'), 'all', 'operator:1', T0);
    sink.behave(() => undefined);
    expect(await run(notify(), {}, 2)).toMatchObject({ status: 'not_sent', reason: 'opted_out' });
    expect(sink.mails).toEqual([]);
  });

  test('a wait that goes on is one decision, however often it is looked at', async () => {
    const night = { settings: () => ({ switchedOff: [], quietHours: '11:00-14:00', defaultTimeZone: 'UTC' }) };
    await patient();
    await run(notify(), night);
    await run(notify(), { ...night, clock: () => T0 + HOUR });
    expect(await database.query(`select id from decisions where verdict = 'wait'`)).toHaveLength(1);
  });

  test('unless an operator asked: then it is answered by another', async () => {
    await patient();
    await ledger.suppress(ledger.addressOf('zoe@example.com'), 'bounced', 'mail:1', T0);
    const parked = notify({ tooLateMeans: 'defer' });
    await run(parked);
    await run({ ...parked, cause: 'operator:2' });
    expect(await database.query(`select cause from decisions where verdict = 'wait' order by id`)).toEqual([
      { cause: parked.cause },
      { cause: 'operator:2' },
    ]);
  });

  test('greylisting is tried again after five minutes or more, and then goes out', async () => {
    await patient();
    sink.behave(() => ({ code: 451, text: '4.7.1 Greylisted, please come back' }));
    const failure = await failureOf(run(notify()));
    expect(failure).toMatchObject({ type: 'server_refused', nonRetryable: false });
    expect(failure.nextRetryDelay).toBeGreaterThanOrEqual(300_000);
    expect(await rowOf(database)).toMatchObject({ status: 'deferred', reason: 'server_refused' });
    sink.behave(() => undefined);
    expect(await run(notify(), {}, 2)).toMatchObject({ status: 'sent' });
    expect(sink.mails).toHaveLength(1);
  });

  test('a try that comes too early, because Temporal lost the answer of the one before, makes the next no later', async () => {
    await patient();
    sink.behave(() => ({ code: 451, text: '4.7.1 Greylisted, please come back' }));
    const waits: unknown[] = [];
    for (const number of [1, 2, 3]) waits.push((await failureOf(run(notify(), {}, number))).nextRetryDelay);
    await passGreylisting();
    waits.push((await failureOf(run(notify(), {}, 4))).nextRetryDelay);
    expect(waits).toEqual([5, 5, 5, 10].map((minutes) => minutes * 60_000));
  });

  test('a server that shuts down while it takes the message may have taken it: the next email is marked', async () => {
    await patient();
    sink.take(() => ({ after: 0, answer: false, farewell: '421 4.3.2 shutting down' }));
    const failure = await failureOf(run(notify()));
    expect(failure).toMatchObject({ type: 'server_refused', nonRetryable: false });
    expect(await rowOf(database)).toMatchObject({ status: 'deferred', reason: 'server_refused' });
    sink.take(() => ({ after: 0, answer: true }));
    expect(await run(notify(), {}, 2)).toMatchObject({ status: 'sent' });
    expect(await rowOf(database)).toMatchObject({ status: 'sent', possibly_duplicate: true });
    expect(new Set(sink.mails.map(({ messageId }) => messageId)).size).toBe(1);
    expect(sink.mails).toHaveLength(2);
  });

  test('what may have gone so, and is overtaken before the next try, is unknown and not told as unsent', async () => {
    await patient();
    sink.take(() => ({ after: 0, answer: false, farewell: '421 4.3.2 shutting down' }));
    await failureOf(run(notify()));
    expect(await run(notify({ overtaken: 'superseded' }), {}, 2)).toMatchObject({
      status: 'unknown',
      reason: 'no_answer',
    });
  });

  test('greylisting after a crash waits five minutes, whatever number of attempts found the row held', async () => {
    await patient();
    const dead = newLedger(database, sealing);
    await dead.claim(request());
    for (const number of [1, 2, 3, 4, 5, 6, 7, 8, 9]) await failureOf(run(notify(), {}, number));
    await database.query(`update processes set beat_at = now() - interval '12 s' where owner = $1`, [
      dead.heartbeat.owner,
    ]);
    sink.behave(() => ({ code: 451, text: '4.7.1 Greylisted, please come back' }));
    const waits: unknown[] = [];
    for (const number of [10, 11, 12, 13, 14, 15]) {
      waits.push((await failureOf(run(notify(), {}, number))).nextRetryDelay);
      await passGreylisting();
    }
    expect(waits).toEqual([5, 10, 20, 40, 60, 60].map((minutes) => minutes * 60_000));
  });

  test('a server that is away or busy is tried again by how often it was, not by how often Temporal has tried', async () => {
    await patient();
    sink.behave(() => ({ code: 421, text: 'busy' }));
    const waits: unknown[] = [];
    for (const number of [20, 21, 22]) waits.push((await failureOf(run(notify(), {}, number))).nextRetryDelay);
    expect(waits).toEqual([1_000, 2_000, 4_000]);
    sink.behave(() => ({ code: 451, text: '4.7.1 Greylisted, please come back' }));
    expect((await failureOf(run(notify(), {}, 23))).nextRetryDelay).toBe(300_000);
  });

  test('a row that a dead process left is sent within 15 s of its last word', async () => {
    await patient();
    const dead = newLedger(database, sealing);
    await dead.claim(request());
    let passed = 0;
    for (;;) {
      await database.query(`update processes set beat_at = now() - make_interval(secs => $2) where owner = $1`, [
        dead.heartbeat.owner,
        passed / 1_000,
      ]);
      const outcome = await run(notify()).catch((error: unknown) => error);
      if (!(outcome instanceof ApplicationFailure)) break;
      passed += Number(outcome.nextRetryDelay);
    }
    expect(sink.mails).toHaveLength(1);
    expect(passed).toBeLessThan(15_000);
  });

  test('a process that can’t say any more that it is alive calls off what has not reached DATA', async () => {
    await patient();
    const claimed = await ledger.claim(request());
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    const lost = new AbortController();
    const cut: Ledger = {
      ...ledger,
      claim: () => Promise.resolve({ ...claimed, claim: { ...claimed.claim, lost: lost.signal } }),
      settle: () => Promise.reject(new Error('the database is away')),
    };
    const waiting: Mailer = {
      ...mailer,
      handOver: (email, options) => {
        lost.abort();
        return mailer.handOver(email, options);
      },
    };
    await failureOf(
      attempt(activitiesWith(cut, waiting, { pause: () => Promise.resolve() }).email.notifyPatient, [notify()]).result,
    );
    expect(sink.mails).toEqual([]);
  });

  test('of a reply without end a thousand characters are kept', async () => {
    await patient();
    const endless: Mailer = {
      ...mailer,
      handOver: () =>
        Promise.resolve({ outcome: 'refused', about: 'server', reply: `554 ${'zoe@example.com '.repeat(60_000)}` }),
    };
    await attempt(activitiesWith(ledger, endless).email.notifyPatient, [notify()]).result;
    const [row] = await database.query<{ length: number }>('select length(sealed) from notifications');
    expect(row?.length).toBeLessThan(2_000);
  });

  test.each([
    [550, '5.1.1 <zoe@example.com>: no such user', 'address_refused'],
    [554, '5.7.1 your server is blocked', 'server_refused'],
  ])('a %i is not tried again, and its reply is kept for the desk, masked', async (code, text, reason) => {
    await patient();
    sink.behave(() => ({ code, text }));
    expect(await run(notify())).toMatchObject({ status: 'failed', reason });
    const story = (await ledger.told('123456789012')) as SubjectAnswer;
    expect(story.notifications[0]?.smtpReply).toContain(String(code));
    expect(JSON.stringify(story)).not.toContain('zoe@example.com');
  });

  test('nothing but codes reaches Temporal or the log, whatever the mail server says', async () => {
    await patient();
    sink.behave(() => ({ code: 450, text: 'zoe@example.com Zoë Müller over quota' }));
    const activities = activitiesWith(ledger, mailer);
    const refused = await failureOf(attempt(activities.email.notifyPatient, [notify()]).result);
    const broken = activitiesWith(ledger, mailer, {
      emails: { compose: () => Promise.reject(new TypeError('cannot read zoe@example.com')) },
    });
    const mishap = await failureOf(attempt(broken.email.notifyPatient, [notify()]).result);
    for (const failure of [refused, mishap]) {
      expect(failure.cause).toBeUndefined();
      expect(failure.details ?? []).toEqual([]);
      expect(failure.message).toBe(failure.type);
    }
    expect(JSON.stringify([...activities.logged, ...broken.logged])).not.toMatch(/zoe|Müller/i);
    expect(broken.logged).toHaveLength(1);
  });

  describe('with a mail server that takes the message and gives no answer', () => {
    const silent = (mails: string[]): Mailer => ({
      handOver: (email): Promise<HandOver> => {
        mails.push(email.messageId);
        return Promise.resolve({ outcome: 'no_answer', reply: 'connection lost' });
      },
      verify: () => Promise.resolve(),
      close: () => undefined,
    });

    test('results are handed over again with the same Message-ID, and given up after the third time', async () => {
      await patient();
      const mails: string[] = [];
      const { email } = activitiesWith(ledger, silent(mails));
      const results = notify({ kind: 'results.available', tooLateMeans: 'defer' });
      for (const n of [1, 2]) {
        expect(await failureOf(attempt(email.notifyPatient, [results], n).result)).toMatchObject({ type: 'no_answer' });
      }
      const last = await attempt(email.notifyPatient, [results], 3).result;
      expect(last).toMatchObject({ status: 'unknown', reason: 'no_answer' });
      expect(mails).toHaveLength(3);
      expect(new Set(mails).size).toBe(1);
    });

    test('other kinds are not', async () => {
      await patient();
      const mails: string[] = [];
      const { email } = activitiesWith(ledger, silent(mails));
      expect(await attempt(email.notifyPatient, [notify()]).result).toMatchObject({ status: 'unknown' });
      expect(await attempt(email.notifyPatient, [notify()], 2).result).toMatchObject({ status: 'unknown' });
      expect(mails).toHaveLength(1);
    });
  });

  test('overtaken while its process died before it had begun, it is superseded', async () => {
    await patient();
    const dead = newLedger(database, sealing);
    await dead.claim(request());
    await database.query(`update processes set beat_at = now() - interval '12 s' where owner = $1`, [
      dead.heartbeat.owner,
    ]);
    const overtaken = notify({ overtaken: 'superseded', cause: 'wh_9' });
    expect(await run(overtaken, {}, 2)).toMatchObject({ status: 'not_sent', reason: 'superseded' });
    expect(sink.mails).toEqual([]);
  });

  describe('called back', () => {
    /** A mailer that holds a message until it is let on, before or after DATA. */
    function held(): Mailer & { begun: Promise<void>; answer: (outcome: HandOver) => void } {
      let begin: () => void = () => undefined;
      let answer: (outcome: HandOver) => void = () => undefined;
      const begun = new Promise<void>((resolve) => (begin = resolve));
      return {
        begun,
        answer: (outcome) => {
          answer(outcome);
        },
        handOver: (_email, options) =>
          new Promise<HandOver>((resolve) => {
            answer = resolve;
            options?.signal?.addEventListener('abort', () => {
              if (beforeData) resolve({ outcome: 'cancelled' });
            });
            begin();
          }),
        verify: () => Promise.resolve(),
        close: () => undefined,
      };
    }
    let beforeData = true;

    test('before DATA, it doesn’t go out, and the journey settles the row', async () => {
      await patient();
      beforeData = true;
      const slow = held();
      const running = attempt(activitiesWith(ledger, slow).email.notifyPatient, [notify()]);
      await slow.begun;
      running.cancel();
      await expect(running.result).rejects.toBeInstanceOf(CancelledFailure);
      const settled = await ledger.settleAbandoned({ ...notify(), ending: 'superseded', projection: VIEW, at: T0 });
      expect(settled).toMatchObject({ status: 'not_sent', reason: 'superseded' });
    });

    test('after DATA, it tells what became of it', async () => {
      await patient();
      beforeData = false;
      const slow = held();
      const running = attempt(activitiesWith(ledger, slow).email.notifyPatient, [notify()]);
      await slow.begun;
      running.cancel();
      slow.answer({ outcome: 'accepted', reply: '250 taken' });
      expect(await running.result).toMatchObject({ status: 'sent' });
    });
  });

  test('what was being sent when its run was lost, and is overtaken now, is only asked what became of it', async () => {
    await patient();
    const orphan = newLedger(database, sealing);
    const claimed = await orphan.claim(request());
    const overtaken = notify({ overtaken: 'superseded', cause: 'wh_9' });
    expect(await failureOf(run(overtaken))).toMatchObject({ type: 'no_answer' });
    if (claimed.outcome !== 'claimed') throw new Error('no claim');
    await orphan.beginHandOver(claimed.claim, { email: 'zoe@example.com', address: 'aGFzaA' }, [KIT]);
    await ledger.voidLeases();
    expect(await run(overtaken, {}, 2)).toMatchObject({ status: 'unknown', reason: 'no_answer' });
    expect(sink.mails).toEqual([]);
  });

  test('gives the wording what only the database knows: the parcels, the person, the stop link', async () => {
    const emails = plainEmails();
    const parcels = [{ barcode: '1', carrier: 'UPS', trackingNumber: '1Z', estimatedDelivery: '2026-11-30' }];
    const seq = await seen(database, sealing, { subject: 'order:O-1', role: 'recipient', person: person(), parcels });
    await run(
      notify({
        subject: 'order:O-1',
        journey: 'order:O-1',
        kind: 'order.shipped',
        audience: 'recipient',
        sourceSeq: seq,
      }),
      { emails },
    );
    expect(emails.inputs[0]).toMatchObject({ barcode: null, parcels, person: { firstName: 'Zoë' }, at: T0 });
    expect(emails.inputs[0]?.stopUrl('reminders')).toBe(
      `https://lab.example/stop/reminders/${ledger.addressOf('zoe@example.com')}`,
    );
  });
});
