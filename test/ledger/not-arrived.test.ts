import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { compile } from '../../src/database/sql.js';
import type { Kind } from '../../src/domain/kinds.js';
import type { MailOutcome } from '../../src/ledger/mail-outcomes.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import { notArrivedPage, type NotArrivedQuery } from '../../src/ledger/not-arrived.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { DAY, HOUR } from '../support/facts.js';
import { comesBack, decision, newLedger, newSealing, T0, VIEW } from './support.js';

const WEEK: NotArrivedQuery = { fate: null, since: T0 - 7 * DAY, until: T0 + DAY, after: null, limit: 50 };

describe.each(KINDS)('the list of what did not arrive, on %s', (on) => {
  let databases: TestDatabases;
  let database: Database;
  let sealing: Sealing;
  let ledger: Ledger;
  let intake: Intake;

  beforeAll(async () => {
    databases = await startDatabases(on);
    database = await databases.fresh();
    sealing = newSealing();
    ledger = newLedger(database, sealing);
    intake = createIntake({ database, sealing });
  });
  beforeEach(() =>
    database.query('truncate notifications, decisions, subjects, inbox, inbox_bodies, deliveries, contacts, links'),
  );
  afterAll(async () => {
    await intake.close();
    await databases.stop();
  });

  const back = (subject: string, at: number, what: MailOutcome['what'] = 'bounced', permanent = true) =>
    comesBack(intake, { subject, kind: 'results.available', at, what, permanent });
  const refused = (subject: string, at: number, kind: Kind = 'kit.registered'): Promise<void> =>
    ledger.record(
      {
        subject,
        projection: { ...VIEW, at, attention: [{ code: 'address_refused', kind, since: at }] },
        decisions: [
          { ...decision({ subject, kind, at, verdict: 'not_send' }), status: 'failed', reason: 'address_refused' },
        ],
      },
      at,
    );
  const list = async (over: Partial<NotArrivedQuery> = {}): Promise<string[]> =>
    (await ledger.listNotArrived({ ...WEEK, ...over })).emails.map(
      ({ subject, fate, reason }) => `${subject} ${fate} ${reason}`,
    );

  test('is the newest first: what came back, was reported as spam, and was refused at once', async () => {
    await back('kit:A', T0 - 3 * DAY);
    await refused('kit:B', T0 - 2 * DAY);
    await back('kit:C', T0 - DAY, 'complained');
    await back('order:D', T0 - HOUR, 'bounced', false);
    await back('kit:E', T0, 'delivered');
    expect(await list()).toEqual([
      'order:D bounced bounced_temporary',
      'kit:C complained complained',
      'kit:B failed address_refused',
      'kit:A bounced bounced_permanent',
    ]);
    expect(await list({ fate: 'bounced' })).toEqual([
      'order:D bounced bounced_temporary',
      'kit:A bounced bounced_permanent',
    ]);
    expect(await list({ fate: 'complained' })).toEqual(['kit:C complained complained']);
    expect(await list({ fate: 'failed' })).toEqual(['kit:B failed address_refused']);
    const { emails } = await ledger.listNotArrived(WEEK);
    expect(emails.map(({ needsHuman }) => needsHuman)).toEqual([false, false, true, false]);
  });

  test('begins and ends with the days that are asked for', async () => {
    for (const [name, at] of [
      ['OLD', T0 - 7 * DAY - 1],
      ['FIRST', T0 - 7 * DAY],
      ['LAST', T0 + DAY - 1],
      ['NEW', T0 + DAY],
    ] as const) {
      await back(`kit:${name}`, at);
      await refused(`order:${name}`, at);
    }
    expect((await list()).map((line) => line.split(' ')[0])).toEqual([
      'order:LAST',
      'kit:LAST',
      'order:FIRST',
      'kit:FIRST',
    ]);
  });

  test('names an email once, by its last report', async () => {
    await back('kit:A', T0 - 2 * DAY, 'bounced', false);
    await back('kit:A', T0 - DAY, 'bounced', true);
    expect(await list()).toEqual(['kit:A bounced bounced_permanent']);
  });

  test('comes in pages that miss nothing and repeat nothing, also of one moment', async () => {
    for (let n = 0; n < 4; n += 1) {
      await back(`kit:A${String(n)}`, T0);
      await refused(`kit:B${String(n)}`, T0);
    }
    const all = await list();
    const paged: string[] = [];
    let after: NotArrivedQuery['after'] = null;
    for (let more = true; more;) {
      const page = await ledger.listNotArrived({ ...WEEK, after, limit: 3 });
      paged.push(...page.emails.map(({ subject, fate, reason }) => `${subject} ${fate} ${reason}`));
      after = page.emails.at(-1) ?? null;
      more = page.more;
    }
    expect(paged).toEqual(all);
    expect(paged).toHaveLength(8);
  });

  test('reads no more than its indexes lead to', async () => {
    const { text, params } = compile(notArrivedPage(WEEK));
    await database.query('set enable_seqscan = off');
    const rows = await database.query<{ 'QUERY PLAN': string }>(`explain ${text}`, params);
    await database.query('set enable_seqscan = on');
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/inbox_reported_back/);
    expect(plan).toMatch(/notifications_refused/);
  });
});
