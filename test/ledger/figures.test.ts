import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { compile, type Queryable } from '../../src/database/sql.js';
import { readBacklog } from '../../src/inbox/intake.js';
import { readAttention, readHands, readOpenEmails, readOrigin } from '../../src/ledger/figures.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { decision, T0 } from './support.js';

const HOUR = 3_600_000;

describe.each(KINDS)('figures on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
  });
  afterAll(() => databases.stop());
  beforeEach(() => database.query('truncate subjects, notifications, inbox'));

  const needsHuman = (subject: string, attention: object[]): Promise<unknown> =>
    database.query('insert into subjects (subject, attention) values ($1, $2::jsonb)', [
      subject,
      JSON.stringify(attention),
    ]);
  const email = (subject: string, status: string, reason: string | null, at: number): Promise<unknown> =>
    database.query(
      `insert into notifications (subject, kind, occurrence, status, reason, cause, rule, decided_at)
       values ($1, 'results.available', 1, $2, $3, 'wh_1', 'r', $4)`,
      [subject, status, reason, new Date(at)],
    );
  const webhook = (id: string | null, receivedAt: number, eventAt: number, source = 'c4hxp'): Promise<number> =>
    database
      .query<{ seq: number }>(
        `insert into inbox (source, dedup, external_id, verdict, event_at, received_at, body_mac)
         values ($1, $2, $3, 'accepted', $4, $5, $2) returning seq`,
        [source, randomBytes(32), id, new Date(eventAt), new Date(receivedAt)],
      )
      .then(([row]) => row?.seq ?? 0);

  test('who needs a human is counted by each reason and email it is about, since the first of them', async () => {
    expect(await readAttention(database)).toEqual([]);
    const bounced = { code: 'bounced', kind: 'results.available' };
    await needsHuman('kit:1', [
      { ...bounced, since: T0 },
      { code: 'too_late', since: T0 },
    ]);
    await needsHuman('kit:2', [{ ...bounced, since: T0 - HOUR }]);
    await needsHuman('kit:3', [{ ...bounced, kind: 'kit.registered', since: T0 }]);
    await needsHuman('kit:4', []);
    const found = await readAttention(database);
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        { ...bounced, subjects: 2, since: new Date(T0 - HOUR) },
        { code: 'bounced', kind: 'kit.registered', subjects: 1, since: new Date(T0) },
        { code: 'too_late', kind: null, subjects: 1, since: new Date(T0) },
      ]),
    );
  });

  test('what was left in mid-send is told from what is in hand, and from what waits', async () => {
    for (const kit of ['kit:1', 'kit:2', 'kit:3']) await email(kit, 'sending', null, T0);
    await email('kit:4', 'deferred', 'server_refused', T0);
    await email('kit:5', 'sent', null, T0);
    await database.query("update notifications set lease_until = now() + interval '1 min' where subject = 'kit:1'");
    await database.query("update notifications set lease_until = now() - interval '5 s' where subject = 'kit:2'");
    await database.query("update notifications set lease_until = now() - interval '2 min' where subject = 'kit:3'");
    expect(await readHands(database)).toEqual({ inHand: 3, left: 1, waiting: 1 });
  });

  test('what is decided and not gone is counted by what it waits for; what is settled is not', async () => {
    await email('kit:1', 'deferred', 'server_refused', T0);
    await email('kit:2', 'deferred', 'server_refused', T0 - HOUR);
    await email('kit:3', 'sending', null, T0);
    await email('kit:4', 'sent', null, T0);
    await email('kit:5', 'deferred', 'quiet_hours', T0);
    await database.query("update notifications set quiet_until = $1 where subject = 'kit:5'", [new Date(T0 + HOUR)]);
    const found = await readOpenEmails(database);
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        {
          kind: 'results.available',
          status: 'deferred',
          reason: 'server_refused',
          emails: 2,
          since: new Date(T0 - HOUR),
        },
        { kind: 'results.available', status: 'sending', reason: null, emails: 1, since: new Date(T0) },
        expect.objectContaining({ reason: 'quiet_hours', since: new Date(T0 + HOUR) }),
      ]),
    );
  });

  test('an email’s origin is the webhook that called for it, and the time of the event that it tells of', async () => {
    const results = await webhook('wh_results', T0, T0 - HOUR);
    await webhook('wh_registered', T0 + HOUR, T0);
    await webhook('op_1', T0 + 2 * HOUR, T0, 'operator');
    const origin = (cause: string, sourceSeq: number | null) =>
      readOrigin(database, decision({ subject: 'kit:1', kind: 'results.available', cause, sourceSeq }));
    expect(await origin('wh_results', results)).toEqual({
      receivedAt: new Date(T0),
      quietUntil: null,
      happenedAt: new Date(T0 - HOUR),
    });
    await email('kit:1', 'sent', null, T0);
    await database.query('update notifications set quiet_until = $1', [new Date(T0 + HOUR)]);
    expect((await origin('wh_results', results)).quietUntil).toEqual(new Date(T0 + HOUR));
    expect((await origin('wh_registered', results)).receivedAt).toEqual(new Date(T0 + HOUR));
    for (const cause of ['op_1', 'timer:notice.delay', 'reconciled:1'])
      expect(await origin(cause, null)).toMatchObject({ receivedAt: null, happenedAt: null });
  });

  test('of an id that came twice the origin is the webhook that the email is about', async () => {
    const first = await webhook('wh_twice', T0, T0);
    await webhook('wh_twice', T0 + HOUR, T0);
    expect((await readOrigin(database, decision({ cause: 'wh_twice', sourceSeq: first }))).receivedAt).toEqual(
      new Date(T0),
    );
  });

  if (kind === 'postgres')
    test('no figure reads a whole table, however many kits were told long ago', async () => {
      await database.query(
        `insert into subjects (subject, attention)
         select 'kit:' || n, case when n % 200 = 0 then '[{"code": "bounced", "since": 1}]'::jsonb else '[]' end
         from generate_series(1, 5000) n`,
      );
      await database.query(
        `insert into notifications (subject, kind, occurrence, status, cause, rule, decided_at)
         select 'kit:' || n, 'results.available', 1, case when n % 200 = 0 then 'deferred' else 'sent' end, 'wh', 'r', now()
         from generate_series(1, 5000) n`,
      );
      await database.query(
        `insert into inbox (source, dedup, external_id, verdict, received_at, body_mac)
         select 'c4hxp', decode(md5(n::text), 'hex'), 'wh_' || n, 'accepted', now(), '\\x00' from generate_series(1, 5000) n`,
      );
      await database.query(
        `insert into deliveries (subject, seq, priority, facts, relayed_at)
         select 'kit:' || n, n, 3, '{}', case when n % 200 > 0 then now() end from generate_series(1, 5000) n`,
      );
      await database.query('analyze');
      for (const read of [
        () => readBacklog(explaining),
        () => readAttention(explaining),
        () => readOpenEmails(explaining),
        () => readOrigin(explaining, decision({ cause: 'wh_7', sourceSeq: 7 })),
      ]) {
        plans.length = 0;
        await read();
        expect(plans.join('\n')).toMatch(/Index/);
        expect(plans.join('\n')).not.toMatch(/Seq Scan/);
      }
    });

  const plans: string[] = [];
  /** Notes how each statement would be run, then runs it. */
  const explaining: Queryable = {
    async query(statement, params) {
      const { text, params: values } = typeof statement === 'string' ? { text: statement, params } : compile(statement);
      const plan = await database.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
      plans.push(...plan.map((line) => line['QUERY PLAN']));
      return await database.query(text, values);
    },
  };
});
