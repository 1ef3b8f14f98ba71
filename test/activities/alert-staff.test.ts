import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import type { AlertInput } from '../../src/domain/activities.js';
import type { Kind } from '../../src/domain/kinds.js';
import type { Database } from '../../src/database/database.js';
import { createMailer } from '../../src/email/transport/mailer.js';
import type { Mailer } from '../../src/email/types.js';
import type { Ledger, SubjectAnswer } from '../../src/ledger/ledger.js';
import { newLedger, newSealing, T0, VIEW } from '../ledger/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { activitiesWith, attempt, plainEmails } from './support.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const TEN_PAST = T0 + HOUR / 6;

describe('telling the team that a human must look', () => {
  let databases: TestDatabases;
  let database: Database;
  let ledger: Ledger;
  let sink: SmtpSink;
  let mailer: Mailer;

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
    sink = await startSmtpSink();
    mailer = createMailer({ smtpUrl: sink.url, requireTls: false, dkim: null });
  });
  beforeEach(async () => {
    await database.query('truncate notifications, decisions, subjects, staff_alerts, suppressions');
    ledger = newLedger(database, newSealing());
    sink.behave(() => undefined);
    (sink.mails as unknown[]).length = 0;
  });
  afterAll(async () => {
    mailer.close();
    await sink.close();
    await databases.stop();
  });

  const TEAM = ['team@lab.example'];
  const emails = plainEmails();
  const run = (input: AlertInput, now = TEN_PAST, alertEmail: readonly string[] = TEAM): Promise<void> =>
    attempt(activitiesWith(ledger, mailer, { clock: () => now, alertEmail, emails }).email.alertStaff, [input]).result;

  const comesBack = (work: Promise<void>): Promise<ApplicationFailure> =>
    work.then(
      () => {
        throw new Error('expected to be told to come back');
      },
      (error: unknown) => {
        if (error instanceof ApplicationFailure) return error;
        throw error;
      },
    );

  /** A kit that needs a human, as its journey wrote it. */
  async function needy(n: number, kind: Kind = 'kit.failed'): Promise<AlertInput> {
    const subject = `kit:00000000000${String(n)}`;
    await ledger.record(
      {
        subject,
        projection: { ...VIEW, attention: [{ code: 'no_contact', kind, since: T0 }] },
        decisions: [],
      },
      TEN_PAST + n,
    );
    return { subject, code: 'no_contact', kind, at: TEN_PAST + n };
  }

  const cleared = (subject: string): Promise<void> =>
    ledger.record({ subject, projection: VIEW, decisions: [] }, TEN_PAST + 1_000);

  test('is one email to all of ALERT_EMAIL, and one address that is refused keeps it from nobody else', async () => {
    const team = ['a@lab.example', 'b@lab.example', 'c@lab.example'];
    sink.behave((address) => (address === 'b@lab.example' ? { code: 550, text: 'no such user' } : undefined));
    await run(await needy(1), TEN_PAST, team);
    expect(sink.mails.map(({ recipients }) => recipients)).toEqual([['a@lab.example', 'c@lab.example']]);
    expect(sink.mails.map(({ to }) => to)).toMatchObject([{ value: team.map((address) => ({ address })) }]);
  });

  test('goes out at once, with the barcode and the reason, and is itself in the ledger', async () => {
    await run(await needy(1));
    expect(sink.mails.map(({ recipients }) => recipients)).toEqual([['team@lab.example']]);
    expect(emails.inputs.at(-1)?.alert).toEqual({
      subject: 'kit:000000000001',
      sentence: expect.stringContaining('No address is known for kit.failed'),
      others: 0,
      limit: 'hour',
    });
    const story = (await ledger.told('staff')) as SubjectAnswer;
    expect(story.notifications).toEqual([
      expect.objectContaining({
        kind: 'staff.alert',
        occurrence: Math.floor(T0 / HOUR),
        status: 'sent',
        to: 't•••@lab.example',
      }),
    ]);
  });

  test('is one email an hour: the rest come back when it ends, and go out together with their count', async () => {
    await run(await needy(1));
    const rest = [await needy(2), await needy(3), await needy(4)];
    for (const input of rest) {
      const failure = await comesBack(run(input));
      expect(failure.nextRetryDelay).toBe(HOUR - HOUR / 6);
    }
    expect(sink.mails).toHaveLength(1);
    for (const input of rest) await run(input, T0 + HOUR);
    expect(sink.mails).toHaveLength(2);
    expect(emails.inputs.at(-1)?.alert).toMatchObject({ subject: 'kit:000000000002', others: 2 });
  });

  test('is one a minute, with a count, of what keeps results from their patient, whatever the hour has heard', async () => {
    await run(await needy(1));
    const pressing = [await needy(2, 'results.available'), await needy(3, 'results.updated')];
    await run({ ...(await needy(4)), code: 'contact_conflict' });
    expect(emails.inputs.at(-1)?.alert).toMatchObject({ subject: 'kit:000000000004', others: 0, limit: 'minute' });
    for (const input of pressing) expect((await comesBack(run(input))).nextRetryDelay).toBe(MINUTE);
    expect(sink.mails).toHaveLength(2);
    for (const input of pressing) await run(input, TEN_PAST + MINUTE);
    expect(sink.mails).toHaveLength(3);
    expect(emails.inputs.at(-1)?.alert).toMatchObject({ subject: 'kit:000000000002', others: 1 });
  });

  test('and what is pressing neither brings along nor waits for what is not', async () => {
    await run(await needy(1));
    const patient = await needy(2);
    await comesBack(run(patient));
    await run(await needy(3, 'results.available'));
    expect(emails.inputs.at(-1)?.alert).toMatchObject({ subject: 'kit:000000000003', others: 0 });
    await run(patient, T0 + HOUR);
    expect(emails.inputs.at(-1)?.alert).toMatchObject({ subject: patient.subject, others: 0, limit: 'hour' });
  });

  test('many at the same moment are one email', async () => {
    const inputs = await Promise.all(Array.from({ length: 9 }, (_, n) => needy(n)));
    await Promise.allSettled(inputs.map((input) => run(input)));
    expect(sink.mails).toHaveLength(1);
  });

  test('says nothing of what was cleared while it waited', async () => {
    await run(await needy(1));
    const [second, third] = [await needy(2), await needy(3)];
    for (const input of [second, third]) await comesBack(run(input));
    await cleared(second.subject);
    await run(third, T0 + HOUR);
    expect(emails.inputs.at(-1)?.alert).toMatchObject({ subject: third.subject, others: 0 });
    await run(second, T0 + HOUR);
    expect(sink.mails).toHaveLength(2);
  });

  test('cleared after an attempt that may have gone, it is not said to be unsent', async () => {
    const input = await needy(1);
    const dead = newLedger(database, newSealing());
    const over = { clock: () => TEN_PAST, pause: () => Promise.resolve() };
    const deaf: Ledger = { ...dead, settle: () => Promise.reject(new Error('killed')) };
    await comesBack(attempt(activitiesWith(deaf, mailer, over).email.alertStaff, [input]).result);
    await ledger.voidLeases();
    let looks = 0;
    const clearedMeanwhile: Ledger = {
      ...ledger,
      alerts: {
        ...ledger.alerts,
        waiting: (...asked) => (looks++ === 0 ? ledger.alerts.waiting(...asked) : Promise.resolve([])),
      },
    };
    await attempt(activitiesWith(clearedMeanwhile, mailer, over).email.alertStaff, [input]).result;
    expect(sink.mails).toHaveLength(1);
    expect(await database.query('select status, reason from notifications')).toEqual([
      { status: 'unknown', reason: 'no_answer' },
    ]);
  });

  test.each([
    ['died before it sent anything', 'beginHandOver', ['not_sent', 'superseded']],
    ['died when it may have sent it', 'settle', ['unknown', 'no_answer']],
    ['was put off by the mail server', null, ['not_sent', 'superseded']],
  ] as const)(
    'an attempt that %s ends, though all was cleared meanwhile, also in another hour',
    async (_what, dies, ended) => {
      const input = await needy(1);
      if (dies === null) sink.behave(() => ({ code: 450, text: 'later' }));
      const dead = newLedger(database, newSealing());
      const deaf: Ledger = dies === null ? dead : { ...dead, [dies]: () => Promise.reject(new Error('killed')) };
      const over = { clock: () => TEN_PAST, pause: () => Promise.resolve() };
      await comesBack(attempt(activitiesWith(deaf, mailer, over).email.alertStaff, [input]).result);
      await ledger.voidLeases();
      await cleared(input.subject);
      await run(input, T0 + 3 * HOUR);
      const rows = await database.query<{ status: string; reason: string }>('select status, reason from notifications');
      expect(rows).toEqual([{ status: ended[0], reason: ended[1] }]);
    },
  );

  test('is tried again when the mail server is busy, under the same hour', async () => {
    sink.behave(() => ({ code: 450, text: 'later' }));
    const input = await needy(1);
    expect(await comesBack(run(input))).toMatchObject({ type: 'server_refused' });
    sink.behave(() => undefined);
    await run(input);
    await run(input);
    expect(sink.mails).toHaveLength(1);
  });

  test('is given up when the team’s address is refused, and rides along with the next one', async () => {
    sink.behave(() => ({ code: 550, text: 'no such user' }));
    await run(await needy(1));
    sink.behave(() => undefined);
    await run(await needy(2), T0 + HOUR);
    expect(emails.inputs.at(-1)?.alert).toMatchObject({ subject: 'kit:000000000001', others: 1 });
  });

  test('that does not leave, or comes back, is a fault until one has gone', async () => {
    expect(await ledger.alerts.fault(TEAM)).toBeNull();
    sink.behave(() => ({ code: 550, text: 'no such user' }));
    await run(await needy(1));
    expect(await ledger.alerts.fault(TEAM)).toMatch(/failed \(address_refused\).*ALERT_EMAIL/);
    sink.behave(() => undefined);
    await run(await needy(2), T0 + HOUR);
    expect(await ledger.alerts.fault(TEAM)).toBeNull();
    const { messageId } = sink.mails.at(-1) ?? {};
    await ledger.noteOutcome({
      messageId: messageId ?? '',
      what: 'bounced',
      permanent: true,
      cause: 'mail:1',
      at: T0 + HOUR,
    });
    expect(await ledger.alerts.fault(TEAM)).toMatch(/bounced \(bounced_permanent\)/);
    await run(await needy(3), T0 + 2 * HOUR, ['others@lab.example']);
    expect(await ledger.alerts.fault(TEAM)).toBeNull();
  });

  test('that comes back from one of several addresses is a fault of that one, and suppresses no other', async () => {
    const team = ['first@lab.example', 'second@lab.example', 'Third@lab.example'];
    await run(await needy(1), TEN_PAST, team);
    const report = (what: 'bounced' | 'delivered', recipients: string[], cause: string) =>
      ledger.noteOutcome({
        messageId: sink.mails.at(-1)?.messageId ?? '',
        what,
        permanent: true,
        recipients,
        cause,
        at: TEN_PAST + 9,
      });
    const suppressed = async () => {
      const scopes = await Promise.all(team.map((address) => ledger.scopesOf(address)));
      return scopes.map((of) => of.has('bounced'));
    };

    await report('delivered', ['first@lab.example'], 'mail:1');
    expect(await ledger.alerts.fault(team)).toBeNull();
    await report('bounced', ['Second@LAB.example'], 'mail:2');
    expect(await suppressed()).toEqual([false, true, false]);
    expect(await ledger.alerts.fault(team)).toMatch(/from ALERT_EMAIL's address 2 of 3 \(s•••@lab\.example\):/);

    // One report may be about several; told twice it is told once.
    for (let time = 1; time <= 2; time += 1) await report('bounced', ['third@lab.example', 'x'], 'mail:3');
    expect(await suppressed()).toEqual([false, true, true]);
    expect(await ledger.alerts.fault(team)).toMatch(/2 of 3 \(s•••@lab\.example\) and 3 of 3 \(T•••@lab\.example\):/);
    const [{ reports } = { reports: [] }] = await database.query<{ reports: string[] }>(
      'select reports from notifications',
    );
    expect(reports).toHaveLength(3);
    expect(reports.join()).not.toContain('lab.example');

    // Whom the provider doesn't name, or who is in the list no more, is still somebody who wasn't reached.
    expect(await ledger.alerts.fault(['other@lab.example'])).toMatch(/bounced \(bounced_permanent\)/);
    await run(await needy(2), T0 + HOUR, team);
    expect(await ledger.alerts.fault(team)).toBeNull();
  });

  test('needs an address to go to', async () => {
    await run(await needy(1), TEN_PAST, []);
    expect(sink.mails).toEqual([]);
  });
});
