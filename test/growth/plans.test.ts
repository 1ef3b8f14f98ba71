import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { hashSecret } from '../../src/access/secrets.js';
import { createAccess } from '../../src/access/access.js';
import { createC4hxpWebhooks } from '../../src/c4hxp/webhook/source.js';
import { readSettings } from '../../src/config.js';
import { type Database, openDatabase } from '../../src/database/database.js';
import { migrate } from '../../src/database/migrate.js';
import { STATES } from '../../src/domain/subjects.js';
import { createEmails } from '../../src/email/compose.js';
import { publishedKeys, sealHeads } from '../../src/evidence/roots.js';
import { signingKey } from '../../src/evidence/signing.js';
import { keepHouse } from '../../src/inbox/housekeeping.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { createPartnerCalls } from '../../src/ledger/partner-calls.js';
import { createRecipients } from '../../src/ledger/recipients.js';
import { countUnknownWords } from '../../src/ledger/unknown-words.js';
import { createErasing, type Erasing } from '../../src/privacy/erase.js';
import { MOST_COUNTED } from '../../src/privacy/keys-in-use.js';
import { createRetention } from '../../src/privacy/retention.js';
import { createOperatorsApp } from '../../src/process/operators-app.js';
import type { Relay } from '../../src/relay/relay.js';
import { createSealing, type Sealing } from '../../src/sealing/sealing.js';
import { BRAND } from '../email/fixtures.js';
import { JANE, kitArrival, orderArrival, unnamed, unreadableOf } from '../inbox/support.js';
import { decision, VIEW } from '../ledger/support.js';
import { FakeJourneys, relayWith } from '../relay/support.js';
import { addressOf, barcodeOf, DAY, liveThrough, multiplyRows, orderOf } from './many-rows.js';
import { type PlanWatch, type Read, tellPlans, watchPlans } from './plans.js';
import { type OwnPostgres, startOwnPostgres } from '../support/postgres.js';
import { everyMetric, scrape } from '../support/scrape.js';

const KITS = 100;
const COPIES = 100;
/** What stays below this never is what a statement is slow by. */
const LARGE = 3_000;
/** So many rows of a large table a statement may look at: some pages of a list. */
const MOST_ROWS = 1_200;

const LONGEST_SHOWN = 200;

/** Who read more by design, and where that ends however much there is. */
const BY_DESIGN: readonly {
  readonly statement: RegExp;
  readonly why: string;
  readonly most: number;
  readonly whole?: true;
}[] = [
  {
    statement: /^with woken as \( update subjects /,
    why: 'a lost store: journeys are woken 2,000 at a time',
    most: 3 * 2_000,
  },
  {
    statement:
      /judged as .* select fate, count\(\*\) as n from judged|as n from \(select 1 from (audit|subjects s) where .* limit /,
    why: 'what is due to be deleted is counted up to 50,000',
    most: 50_000,
  },
  {
    statement:
      /as count from \( select 1 from "\w+" where sealed is not null|^with recursive ids as .* from subjects where index_key = /,
    why: 'what hangs on a key is counted up to a million, when somebody asks for it',
    most: MOST_COUNTED,
    whole: true,
  },
];

const ADMIN = 'admin-token-of-this-test';
const SECRET = 'correct horse battery';

describe('on a database in which much has come in', () => {
  let postgres: OwnPostgres;
  let plans: PlanWatch;
  let database: Database;
  let sealing: Sealing;
  let ledger: Ledger;
  let intake: Intake;
  let erasing: Erasing;
  let journeys: FakeJourneys;
  const relays: Relay[] = [];
  let app: FastifyInstance;
  let large: ReadonlySet<string>;
  let now: number;

  beforeAll(async () => {
    now = Date.now();
    postgres = await startOwnPostgres();
    const url = await postgres.freshUrl();
    const key = (id: string) => ({ id, key: randomBytes(32) });
    const former = { encryptionKeys: [key('e1')], indexKeys: [key('i1')] };
    const past = await openDatabase({ url });
    await migrate(past);
    const before = createSealing(former);
    await (
      await liveThrough({ database: past, sealing: before, kits: KITS, webhooks: 3, at: now - 2 * DAY })
    ).heartbeat.stop();
    await liveBefore(past, before);
    await past.close();
    await multiplyRows({ url, copies: COPIES, open: 20 });

    await tellPlans(url);
    plans = watchPlans();
    database = await openDatabase({ url });
    sealing = createSealing({
      encryptionKeys: [key('e2'), ...former.encryptionKeys],
      indexKeys: [key('i2'), ...former.indexKeys],
    });
    large = new Set(
      (
        await database.query<{ name: string }>(
          `select relname as name from pg_class
            where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples >= ${String(LARGE)}`,
        )
      ).map(({ name }) => name),
    );
    ledger = createLedger({ database, sealing, messageIdDomain: 'lab.example' });
    ledger.heartbeat.start();
    intake = createIntake({ database, sealing });
    erasing = createErasing({ database, sealing });
    journeys = new FakeJourneys();
    app = await operatorsApp();
  });
  afterAll(async () => {
    plans.stop();
    for (const relay of relays) await relay.stop();
    await app.close();
    await intake.close();
    await ledger.heartbeat.stop();
    await database.close();
    await postgres.stop();
  });

  /** What the past has left beside webhooks and emails: who looked, a root of evidence, erasures, and what can't be read. */
  async function liveBefore(past: Database, former: Sealing): Promise<void> {
    const { audit } = createAccess({ database: past, sealing: former, users: () => [], clock: () => now });
    await audit.write(
      Array.from({ length: 100 }, (_, nth) => ({
        actor: { name: `user-${String(nth % 5)}`, role: 'support' as const, via: 'session' as const },
        act: 'told' as const,
        subject: `kit:${barcodeOf(nth)}`,
        at: now - 2 * DAY,
        sender: '192.0.2.1',
        outcome: 'done',
        reason: null,
      })),
    );
    await sealHeads(past, signingKey(Buffer.alloc(32, 7)), { now: now - 3 * DAY, always: true });
  }

  function startRelay(): Relay {
    const relay = relayWith({
      database,
      journeys,
      recipients: createRecipients(sealing),
      owner: `relay-${String(relays.length)}`,
      sweepEvery: 20,
      choresEvery: 50,
    });
    relays.push(relay);
    relay.start();
    return relay;
  }

  async function operatorsApp(): Promise<FastifyInstance> {
    const settings = readSettings({
      C4HXP_WEBHOOK_SECRET: 'a-secret-that-only-tests-know',
      USERS: `boss:admin:${await hashSecret(SECRET, { logN: 4, r: 8, p: 1 })}`,
    });
    return await createOperatorsApp({
      settings,
      sources: [createC4hxpWebhooks({ secrets: [], hash: sealing.hash, defaultZone: 'UTC', revealFlags: false })],
      database,
      sealing,
      ledger,
      erasing,
      retention: createRetention({ database, bodies: 30 * DAY, ledger: 360 * DAY }),
      intake,
      adminToken: ADMIN,
      emails: createEmails({ brand: BRAND }),
      load: () => 0,
      wake: () => undefined,
      ready: () => Promise.resolve([]),
      away: () => [],
      isForUs: () => true,
      count: () => undefined,
      logger: pino({ enabled: false }),
    });
  }

  /** What was read of large tables since the last time beyond what a statement may look at. */
  function tooMuch(): string[] {
    const found = plans.take().filter(({ tables }) => tables.some((table) => large.has(table)));
    const bad = found.filter(({ how, rows, statement }) => {
      const design = BY_DESIGN.find((one) => one.statement.test(statement));
      return (how.startsWith('Seq Scan') && design?.whole !== true) || rows > (design?.most ?? MOST_ROWS);
    });
    const worst = new Map<string, Read>();
    for (const read of bad) {
      const key = `${read.how} ${read.statement}`;
      if ((worst.get(key)?.rows ?? -1) < read.rows) worst.set(key, read);
    }
    return [...worst.values()].map(inWords);
  }

  const inWords = ({ how, rows, statement }: Read): string =>
    `${how}, ${String(rows)} rows: ${statement.slice(0, LONGEST_SHOWN)}`;

  const asked = async (url: string, body?: object): Promise<string> => {
    const response = await app.inject({
      url,
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${ADMIN}` },
      ...(body === undefined ? {} : { payload: body }),
    });
    if (response.statusCode >= 500) throw new Error(`${url}: ${response.body}`);
    return response.body;
  };

  test('a table that is read whole is noticed, and an index too', async () => {
    plans.take();
    await database.query(`select count(*) from inbox where external_id like '%7'`);
    await database.query('select count(*) from deliveries where subject >= $1', ['']);
    await database.query(`select from inbox where seq = 1`);
    expect(tooMuch()).toEqual([expect.stringContaining('on inbox'), expect.stringContaining('on deliveries')]);
  });

  test('what comes in, and comes again, is kept without reading one', async () => {
    const kits = Array.from({ length: 600 }, (_, nth) => `99${String(nth)}`);
    const arrivals = [
      ...kits.flatMap((kit) => [
        kitArrival(kit, 'kit.registered', { person: { ...JANE, email: `${kit}@example.com` } }),
        kitArrival(kit, 'results.available'),
        orderArrival(`O${kit}`, 'order.shipped', { barcodes: [kit] }),
      ]),
      ...[1, 2, 3].map((nth) => kitArrival(barcodeOf(nth), 'results.reviewed')),
      kitArrival(barcodeOf(1), 'kit.registered', { id: 'wh_kit.registered_1' }),
      orderArrival(orderOf(5), 'order.cancelled'),
      unreadableOf(barcodeOf(4), '{"event":"x"}', 'wh_unread'),
      unnamed('{', 'wh_unnamed'),
    ];
    await Promise.all(arrivals.map((arrival) => intake.keep(arrival)));
    await intake.keep(arrivals[0] as (typeof arrivals)[number]);
    await intake.figures();
    expect(tooMuch()).toEqual([]);
  });

  test('what waits is joined and relayed without reading one', async () => {
    const relay = startRelay();
    await relay.idle();
    expect(tooMuch()).toEqual([]);
    journeys.refuses = (subject) => subject === 'kit:998';
    await intake.keep(kitArrival('998', 'kit.received_lab'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    journeys.refuses = () => false;
    await relay.stop();
    expect(tooMuch()).toEqual([]);
  });

  test('an email is claimed, handed over, settled and reported without reading one', async () => {
    for (let nth = 0; nth < 5; nth++) {
      const subject = `kit:${barcodeOf(nth)}`;
      const about = decision({ subject, kind: 'results.available', cause: 'wh_kit.registered_1', at: now });
      const request = { decision: about, journey: subject, projection: { ...VIEW, at: now }, reopens: false };
      const claimed = await ledger.claim(request);
      expect((await ledger.claim(request)).outcome).toBe('busy');
      if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
      const { claim } = claimed;
      const { people } = await ledger.standingOf({ subject, journey: subject, audience: 'patient' });
      await ledger.contactFor(subject, 'patient');
      await ledger.severalNamed(subject, 'patient');
      const email = people.contact?.email ?? addressOf(nth);
      const address = ledger.addressOf(email);
      expect(await ledger.beginHandOver(claim, { email, address }, [subject])).toBe(true);
      const sealed = { to: email, reply: '250 2.0.0 queued' };
      await ledger.settle(claim, { status: 'sent', reason: null, at: now, sealed });
      const what = nth % 2 === 0 ? 'bounced' : 'complained';
      await ledger.noteOutcome({
        messageId: claim.messageId,
        what,
        permanent: true,
        cause: `m:${String(nth)}`,
        at: now,
      });
      await ledger.suppress(address, 'all', 'stop', now);
      await ledger.scopesOfHash(address);
      await ledger.lift(address, 'all');
      await ledger.claim(request);
      await ledger.byMessageId(claim.messageId);
      await ledger.sentEmail(claim.messageId);
      await ledger.stateOf(about);
      await ledger.notificationStates(subject);
      await ledger.summaryOf(subject);
      await ledger.maintenanceAt(now);
      await ledger.parcelsOf(subject, 1);
      const late = { ...about, kind: 'kit.registered' as const, occurrence: 2, journey: subject, projection: VIEW };
      await ledger.settleAbandoned({ ...late, ending: 'no_answer' } as never);
      const put = { ...decision({ subject, occurrence: 3, verdict: 'wait', at: now }), status: 'deferred' as const };
      await ledger.record({ subject, projection: { ...VIEW, at: now }, decisions: [put] }, now);
      await ledger.alerts.keep({ subject, code: 'bounced', kind: 'results.available', at: now });
    }
    await ledger.alerts.projectStaff();
    const waiting = await ledger.alerts.waiting('minute', now);
    await ledger.alerts.told(waiting, 1);
    await ledger.alerts.fault(['team@lab.example']);
    await ledger.voidLeases();
    const calls = createPartnerCalls({ database, account: randomBytes(32), longestCallMs: 1_000 });
    const admission = await calls.begin('usual');
    if (admission.admitted) await admission.ended(null);
    await countUnknownWords(database, [{ place: 'kit', word: 'odd' } as never], now);
    expect(tooMuch()).toEqual([]);
  });

  test('what has lost its run, or its whole store, is woken without reading one', async () => {
    journeys.loseStore();
    const relay = startRelay();
    await relay.idle();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await relay.stop();
    expect(tooMuch()).toEqual([]);
  });

  test('every question of the operators’ app is answered without reading one', async () => {
    const kit = barcodeOf(7);
    const since = new Date(now - DAY).toISOString();
    const [{ message_id: messageId } = { message_id: '' }] = await database.query<{ message_id: string }>(
      `select message_id from notifications where subject = 'kit:${kit}' and message_id is not null`,
    );
    const lists = (['kit', 'order'] as const).flatMap((of) => {
      const filters = [
        '',
        'attention=true',
        'attention=bounced',
        'attention=two_orders',
        'open=true',
        ...STATES[of].map((state) => `state=${state}`),
        `until=${encodeURIComponent(since)}`,
        'kind=results.available',
        'kind=kit.failed',
        'kind=kit.received_lab&open=true',
        `attention=true&open=true&kind=results.available&until=${encodeURIComponent(since)}`,
      ];
      const later = `after=${String(now - 100 * DAY)}.${kit}`;
      return filters.flatMap((filter) => [`/admin/${of}s?${filter}`, `/admin/${of}s?${filter}&${later}`]);
    });
    const webhooks = [
      '',
      ...['pending', 'relayed', 'quarantined'].map((status) => `status=${status}`),
      'event=kit.registered',
      'event=kit.cancelled',
      'source=c4hxp',
      'source=operator',
      'source=mail&event=kit.registered',
      `subject=kit:${kit}`,
      'status=relayed&event=order.shipped&source=c4hxp',
      `status=pending&event=kit.registered&subject=kit:${kit}`,
      'status=quarantined&event=results.available',
    ].flatMap((filter) => [`/admin/webhooks?${filter}`, `/admin/webhooks?${filter}&before=9000`]);
    const audit = [
      '',
      `subject=kit:${kit}`,
      'user=user-1',
      'user=nobody',
      `since=${since}`,
      `user=user-1&since=${since}`,
    ].flatMap((filter) => [`/admin/audit?${filter}`, `/admin/audit?${filter}&before=2000`]);
    const questions: [string, object?][] = [
      ...[...lists, ...webhooks, ...audit].map((url): [string] => [url]),
      ...[kit, orderOf(7), addressOf(7), messageId, 'nobody', 'nobody@example.com', 'staff'].map(
        (subject): [string, object] => ['/admin/told', { subject }],
      ),
      [`/admin/told/${kit}`],
      [`/admin/kits/${kit}`],
      [`/admin/orders/${orderOf(7)}`],
      ['/admin/staff'],
      ['/admin/webhooks/wh_kit.registered_7'],
      ['/admin/webhooks/wh_unread'],
      [`/admin/webhooks/body:${'0'.repeat(64)}`],
      [`/admin/scorecard?since=${since}`],
      ['/admin/webhooks/rehearse-replay', {}],
      ['/admin/webhooks/rehearse-replay', { event: 'results.available', since, after: 5 }],
      ['/admin/rehearse', { since, set: { RESULTS_RELEASE: 'reviewed' } }],
      ['/admin/rehearse', { since, set: { RESULTS_RELEASE: 'reviewed' }, after: `kit:${barcodeOf(50)}` }],
      ['/admin/keys'],
      [`/admin/evidence/${kit}`],
      [`/admin/evidence/${orderOf(7)}`],
      ['/admin/retention'],
      ['/admin/kits/rehearse-retry', { attention: 'bounced', limit: 20 }],
      ['/admin/orders/rehearse-skip', { open: true, limit: 20, reason: 'of a test' }],
    ];
    const bad: string[] = [];
    for (const [url, body] of questions) {
      await asked(url, body);
      bad.push(...tooMuch().map((read) => `${url} ${body === undefined ? '' : JSON.stringify(body)} ${read}`));
    }
    expect(bad).toEqual([]);
  });

  test('every command is taken without reading one', async () => {
    const kit = barcodeOf(50);
    const commands: [string, object][] = [
      [`/admin/kits/${kit}/retry`, { kind: 'results.available' }],
      [`/admin/kits/${kit}/skip`, { reason: 'of a test' }],
      [`/admin/kits/${kit}/release`, {}],
      [`/admin/kits/${kit}/acknowledge`, { reason: 'of a test' }],
      [`/admin/kits/${kit}/opt-out`, {}],
      [`/admin/kits/${kit}/correct-contact`, { email: 'other@example.com', resend: true }],
      ['/admin/staff/acknowledge', { reason: 'of a test' }],
      ['/admin/kits/acknowledge', { attention: 'bounced', limit: 20, reason: 'of a test' }],
      ['/admin/kits/retry', { kind: 'results.available', attention: 'bounced', limit: 20 }],
      ['/admin/webhooks/replay', {}],
      ['/admin/webhooks/wh_kit.registered_7/replay', {}],
      ['/admin/keys/rotate', {}],
      [`/admin/kits/${barcodeOf(8)}/erase`, {}],
      [`/admin/orders/${orderOf(8)}/erase`, {}],
      [`/admin/kits/${barcodeOf(8)}/erase`, {}],
      ['/admin/erase', { email: addressOf(9) }],
    ];
    const bad: string[] = [];
    for (const [url, body] of commands) {
      await asked(url, body);
      bad.push(...tooMuch().map((read) => `${url} ${JSON.stringify(body)} ${read}`));
    }
    expect(bad).toEqual([]);
  });

  test('the desk signs people in and shows its pages without reading one', async () => {
    const access = createAccess({ database, sealing, users: () => [], clock: Date.now });
    await access.signIn({ name: 'nobody', secret: 'wrong', sender: '192.0.2.1' });
    const signedIn = await app.inject({
      url: '/desk/sign-in',
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ name: 'boss', secret: SECRET }).toString(),
    });
    const cookie = signedIn.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const later = await ledger.listAttention({ after: null, limit: 5 });
    await ledger.listAttention({ after: later.subjects.at(-1)?.place ?? null, limit: 5 });
    const [{ message_id: messageId } = { message_id: '' }] = await database.query<{ message_id: string }>(
      `select message_id from notifications where subject = 'kit:${barcodeOf(7)}' and message_id is not null`,
    );
    for (const url of [
      '/desk/attention',
      '/desk/audit',
      `/desk/audit?whose=${barcodeOf(7)}&who=user-1`,
      `/desk/kits/${barcodeOf(7)}`,
      `/desk/orders/${orderOf(7)}`,
      '/desk/staff',
      `/desk/emails/${encodeURIComponent(messageId)}`,
      `/desk/kits/${barcodeOf(7)}/erase`,
      `/desk/kits/${barcodeOf(7)}/retry`,
    ])
      expect([url, (await app.inject({ url, headers: { cookie } })).statusCode]).toEqual([url, 200]);
    await access.sessions.endAllOf('boss');
    await erasing.foresee({ subject: `kit:${barcodeOf(11)}` });
    await erasing.foresee({ email: addressOf(12) });
    expect(tooMuch()).toEqual([]);
  });

  test('figures for who watches are looked up without reading one', async () => {
    await scrape(await everyMetric(database));
    await keepHouse(database, () => 1);
    expect(tooMuch()).toEqual([]);
  });

  test('what is old goes, a batch at a time, without reading one', async () => {
    for (const only of [{ bodies: 200 * DAY }, { ledger: 360 * DAY }] as const) {
      let batches = 0;
      const retention = createRetention({ database, bodies: null, ledger: null, ...only });
      const after = (most: number) => () =>
        ++batches > most ? Promise.reject(new Error('enough')) : Promise.resolve();
      await retention.run(after('bodies' in only ? 3 : 1_000)).catch(() => undefined);
      await retention.due();
    }
    await erasing.resume();
    expect(tooMuch()).toEqual([]);
  });

  test('the heads that have moved are put under a root without reading one', async () => {
    const key = signingKey(Buffer.alloc(32, 7));
    expect(await sealHeads(database, key, { now })).toBeGreaterThan(0);
    expect(await sealHeads(database, key, { now })).toBeNull();
    await publishedKeys(database, key);
    expect(tooMuch()).toEqual([]);
  });
});
