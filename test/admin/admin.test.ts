import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { RecordedDecision } from '../../src/domain/activities.js';
import type { Arrival } from '../../src/domain/arrivals.js';
import type { Database } from '../../src/database/database.js';
import { hostRule } from '../../src/http/hosts.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import { replayWebhook, rereadWebhook, type ReadAgain } from '../../src/inbox/replay.js';
import { scorecard } from '../../src/inbox/scorecard.js';
import { listWebhooks, selectQuarantined, showWebhook } from '../../src/inbox/webhooks.js';
import { createAudit } from '../../src/access/audit.js';
import { createAdminApp } from '../../src/admin/app.js';
import type { Ledger, Scope, SubjectAnswer } from '../../src/ledger/ledger.js';
import { createErasing } from '../../src/privacy/erase.js';
import { createRetention } from '../../src/privacy/retention.js';
import { evidenceAbout } from '../../src/evidence/bundle.js';
import { keysInUse } from '../../src/privacy/keys-in-use.js';
import { rotateKeys } from '../../src/privacy/rotate-keys.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { decision, KIT, newLedger, newSealing, person, request, seen, T0, VIEW } from '../ledger/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';

const ADMIN = 'admin-token-of-this-test';
const SUPPORT = 'support-token-of-this-test';

describe('the operators’ app', () => {
  let databases: TestDatabases;
  let database: Database;
  let sealing: Sealing;
  let ledger: Ledger;
  let intake: Intake;
  let app: FastifyInstance;
  let missing: string[];
  let readAgain: ReadAgain;
  const logged: object[] = [];
  const counted: string[] = [];

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
    sealing = newSealing();
    ledger = newLedger(database, sealing);
    intake = createIntake({ database, sealing });
    app = await createAdminApp({
      adminToken: ADMIN,
      supportToken: SUPPORT,
      ledger,
      retention: createRetention({ database, bodies: null, ledger: null }),
      erasing: createErasing({ database, sealing, clock: () => T0 + 60_000 }),
      webhooks: {
        list: (filter) => listWebhooks(database, filter),
        show: (id) => showWebhook(database, id),
        scorecard: (since) => scorecard(database, { since: since ?? new Date(0), now: new Date(T0) }),
        select: (selection) => selectQuarantined(database, selection),
        reread: (seq) => rereadWebhook({ database, sealing }, seq, (...row) => readAgain(...row)),
        replay: (seq) => replayWebhook({ database, sealing }, seq, (...row) => readAgain(...row)),
      },
      outlook: () => Promise.resolve([]),
      rehearse: () => Promise.resolve({ journeys: 0, changes: [], next: null }),
      evidence: (subject) => evidenceAbout(database, sealing, subject, T0),
      keys: {
        inUse: () => keysInUse(database, sealing.keyIds),
        rotate: (from) => rotateKeys({ database, sealing }, { from, limit: 100 }),
      },
      audit: createAudit(database, sealing),
      keep: (arrival) => intake.keep(arrival),
      hash: sealing.hash,
      clock: () => T0 + 60_000,
      missing: () => Promise.resolve(missing),
      isForUs: hostRule('127.0.0.1', ['https://notify.example']),
      count: (name, labels) => counted.push([name, ...Object.values(labels)].join(' ')),
      log: (event, about) => logged.push({ event, about }),
    });
  });
  beforeEach(async () => {
    missing = [];
    readAgain = () => null;
    await database.query(
      'truncate notifications, decisions, subjects, suppressions, contacts, inbox, inbox_bodies, deliveries, links, erasures, erased_subjects',
    );
  });
  afterAll(async () => {
    await app.close();
    await intake.close();
    await databases.stop();
  });

  type Ask = { method?: 'GET' | 'POST'; body?: unknown; token?: string | null; headers?: Record<string, string> };

  const ask = (url: string, { method, body, token = ADMIN, headers }: Ask = {}): Promise<LightMyRequestResponse> =>
    app.inject({
      url,
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });

  const row = (over: Partial<RecordedDecision>): Promise<void> =>
    ledger.record(
      { subject: KIT, projection: VIEW, decisions: [{ ...decision({ verdict: 'not_send' }), ...over }] },
      T0,
    );

  describe('lets in', () => {
    test.each([
      ['nobody without a token', null],
      ['nobody with a wrong one', 'wrong'],
      ['nobody with the beginning of the right one', ADMIN.slice(0, -1)],
    ])('%s', async (_who, token) => {
      const answer = await ask('/admin/kits', { token });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['content-type']).toMatch('application/problem+json');
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
      expect(answer.json()).toMatchObject({ status: 401, code: 'no_token', title: 'Not signed in' });
    });

    test('the support token to look, and not to act', async () => {
      await seen(database, sealing, { subject: KIT, person: person() });
      expect((await ask('/admin/kits', { token: SUPPORT })).statusCode).toBe(200);
      expect((await ask('/admin/told', { body: { subject: '123456789012' }, token: SUPPORT })).statusCode).toBe(200);
      const refused = await ask('/admin/kits/123456789012/skip', { body: { reason: 'told by phone' }, token: SUPPORT });
      expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([403, 'not_allowed']);
      expect((await ask('/admin/webhooks/wh_1/replay', { method: 'POST', token: SUPPORT })).statusCode).toBe(403);
    });

    test('anybody to ask whether it lives, and what it misses', async () => {
      expect((await ask('/livez', { token: null })).statusCode).toBe(200);
      expect((await ask('/readyz', { token: null })).statusCode).toBe(200);
      missing = ['database'];
      const answer = await ask('/readyz', { token: null });
      expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([503, 'Missing: database.']);
    });
  });

  test('tells by barcode, order number, address and Message-ID, and 404 of what it doesn’t know', async () => {
    await seen(database, sealing, { subject: KIT, person: person(), externalId: 'wh_1' });
    const claimed = await ledger.claim(request());
    if (claimed.outcome !== 'claimed') throw new Error('no claim');
    for (const subject of ['123456789012', 'zoe@example.com', ' ZOE@Example.COM ', claimed.claim.messageId]) {
      const answer = await ask('/admin/told', { body: { subject } });
      expect(answer.statusCode).toBe(200);
      expect(answer.body).toContain('"subject":"kit:123456789012"');
      expect(answer.body).not.toMatch(/zoe@/i);
    }
    for (const subject of ['999999999999', 'nobody@example.com', '<x@y.example>']) {
      const answer = await ask('/admin/told', { body: { subject } });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'not_found']);
    }
    expect((await ask('/admin/told/123456789012')).json<SubjectAnswer>().subject).toBe(KIT);
    expect((await ask('/admin/kits/123456789012')).json<SubjectAnswer>().notifications).toHaveLength(1);
    expect((await ask('/admin/orders/123456789012')).statusCode).toBe(404);
  });

  test('lists kits page by page, and those for which a human is asked', async () => {
    for (const n of [1, 2, 3]) {
      await ledger.record(
        {
          subject: `kit:00000000000${String(n)}`,
          projection: { ...VIEW, attention: n === 2 ? [{ code: 'no_contact', since: T0 }] : [], closed: n === 3 },
          decisions: [],
        },
        T0,
      );
    }
    const names = (answer: LightMyRequestResponse): string[] =>
      answer.json<{ subjects: { subject: string }[] }>().subjects.map(({ subject }) => subject);
    const first = await ask('/admin/kits?limit=2');
    expect(names(first)).toEqual(['kit:000000000001', 'kit:000000000002']);
    const { next } = first.json<{ next: string }>();
    const second = await ask(`/admin/kits?limit=2&after=${next}`);
    expect([names(second), second.json<{ next: string | null }>().next]).toEqual([['kit:000000000003'], null]);
    expect(names(await ask('/admin/kits?attention=true'))).toEqual(['kit:000000000002']);
    expect(names(await ask('/admin/kits?open=true'))).toHaveLength(2);
    expect(names(await ask('/admin/orders'))).toEqual([]);
  });

  describe('keeps a command that applies', () => {
    const kept = (): Promise<{ external_id: string; event: string; facts: Record<string, unknown> }[]> =>
      database.query(
        `select external_id, event, facts from inbox join deliveries using (seq) where source = 'operator' order by seq`,
      );

    test.each([
      ['retry', {}, { status: 'failed', reason: 'server_refused' }],
      ['retry', { kind: 'kit.registered', occurrence: 1 }, { status: 'failed', reason: 'address_refused' }],
      ['release', {}, { status: 'deferred', verdict: 'wait', reason: 'held_for_review' }],
      ['release', {}, { status: 'deferred', verdict: 'wait', reason: 'too_late' }],
      ['release', {}, { status: 'deferred', verdict: 'wait', reason: 'contradicted' }],
      ['skip', { reason: 'told by phone', by: 'Ann' }, { status: 'deferred', verdict: 'wait', reason: 'no_contact' }],
    ] as const)('%s %j', async (action, body, standing) => {
      await row(standing);
      const answer = await ask(`/admin/kits/123456789012/${action}`, { body });
      expect(answer.statusCode).toBe(202);
      const { cause } = answer.json<{ cause: string }>();
      const [arrival] = await kept();
      expect(arrival).toMatchObject({ event: `operator.${action}`, facts: { event: `operator.${action}`, cause } });
      // Who and why are sealed, not in the fact that Temporal will see.
      expect(JSON.stringify(arrival)).not.toMatch(/Ann|phone/);
    });

    test('acknowledge, where a human is asked for, with who and why sealed', async () => {
      await row({ status: 'not_sent', reason: 'superseded' });
      const body = { reason: 'the lab says it is right', by: 'Ann' };
      const nobodyAsked = await ask('/admin/kits/123456789012/acknowledge', { body });
      expect([nobodyAsked.statusCode, nobodyAsked.json()]).toEqual([
        409,
        expect.objectContaining({ code: 'nothing_to_acknowledge' }),
      ]);
      const needs = [
        { code: 'bounced', kind: 'kit.registered', since: T0 },
        { code: 'bounced', kind: 'kit.received_lab', since: T0 },
        { code: 'two_orders', since: T0 },
      ];
      await database.query('update subjects set attention = $1', [JSON.stringify(needs)]);
      expect((await ask('/admin/kits/123456789012/acknowledge', { body: { by: 'Ann' } })).statusCode).toBe(400);
      const answer = await ask('/admin/kits/123456789012/acknowledge', { body });
      expect([answer.statusCode, answer.json()]).toEqual([202, expect.objectContaining({ asked: 'acknowledge' })]);
      const [arrival] = await kept();
      expect(arrival).toMatchObject({ event: 'operator.acknowledge', facts: { event: 'operator.acknowledge' } });
      expect(JSON.stringify(arrival)).not.toMatch(/Ann|lab/);
      const acknowledged = async () => (await ask('/admin/kits/123456789012')).json<SubjectAnswer>().acknowledged;
      const at = new Date(T0 + 60_000).toISOString();
      expect(await acknowledged()).toEqual([
        { by: 'admin-token, for Ann', reason: 'the lab says it is right', at, codes: ['bounced', 'two_orders'] },
      ]);
      // What its retention leaves of it is when.
      await database.query('delete from inbox_bodies');
      expect(await acknowledged()).toEqual([{ by: null, reason: null, at, codes: [] }]);
      // A kit hears of what was acknowledged of its order, and that is not about the kit.
      await database.query(
        `update deliveries set facts = jsonb_set(facts, '{command,subject}', '"order:C4H-1"') where subject = $1`,
        [KIT],
      );
      expect(await acknowledged()).toEqual([]);
    });

    test('correct-contact, with the person sealed and the name as it was', async () => {
      await seen(database, sealing, { subject: KIT, person: person({ zone: 'Europe/Berlin' }) });
      const body = { email: ' New.Zoe@Example.org', resend: true };
      expect((await ask('/admin/kits/123456789012/correct-contact', { body })).statusCode).toBe(202);
      const [arrival] = await kept();
      expect(arrival?.facts).toMatchObject({
        event: 'operator.correct_contact',
        command: { resend: true },
        person: { role: 'patient', hasContact: true, address: ledger.addressOf('new.zoe@example.org') },
      });
      expect(JSON.stringify(arrival)).not.toMatch(/zoe@/i);
      expect(await ledger.contactFor(KIT, 'patient')).toMatchObject({
        email: 'New.Zoe@example.org',
        person: { firstName: 'Zoë', zone: 'Europe/Berlin' },
      });
    });

    test('correct-contact, with the name that is given', async () => {
      await seen(database, sealing, { subject: KIT, person: person() });
      const body = { email: 'zoe@example.com', firstName: 'Zoé', lastName: 'Muller' };
      expect((await ask('/admin/kits/123456789012/correct-contact', { body })).statusCode).toBe(202);
      expect((await ledger.contactFor(KIT, 'patient'))?.person).toMatchObject({ firstName: 'Zoé', lastName: 'Muller' });
    });

    test.each([
      ['nobody’s name', {}, { firstName: null, lastName: null, locale: null, zone: null }],
      ['the name that is given', { firstName: 'Ann' }, { firstName: 'Ann', lastName: null, locale: null, zone: null }],
    ])(
      'correct-contact where two patients were named, also with an address that we have: it has %s',
      async (_, given, expected) => {
        await seen(database, sealing, { subject: KIT, person: person({ locale: 'de', zone: 'Europe/Berlin' }) });
        await seen(database, sealing, {
          subject: KIT,
          person: person({ firstName: 'John', lastName: 'Doe', email: 'john@example.com', locale: 'fr' }),
          at: T0 + 1,
        });
        const body = { email: 'john@example.com', ...given };
        expect((await ask('/admin/kits/123456789012/correct-contact', { body })).statusCode).toBe(202);
        expect(await ledger.contactFor(KIT, 'patient')).toMatchObject({ email: 'john@example.com', person: expected });
      },
    );

    describe('about an address:', () => {
      const scopes = async () => [...(await ledger.scopesOf('zoe@example.com'))].sort();
      const stop = (scope: Scope) => ledger.suppress(ledger.addressOf('zoe@example.com'), scope, 'mail:1', T0);
      beforeEach(async () => {
        await seen(database, sealing, { subject: KIT, person: person() });
        await row({ status: 'not_sent', reason: 'superseded' });
      });

      test('opt-out, which holds for every kit of that address and keeps why to itself', async () => {
        const body = { reason: 'asked for it by phone', by: 'Ann' };
        const answer = await ask('/admin/kits/123456789012/opt-out', { body });
        expect([answer.statusCode, answer.json()]).toEqual([202, expect.objectContaining({ asked: 'opt-out' })]);
        expect(await scopes()).toEqual(['all']);
        const [arrival] = await kept();
        expect(arrival).toMatchObject({ event: 'operator.opt_out' });
        expect(JSON.stringify(arrival)).not.toMatch(/Ann|phone|zoe/i);
        expect((await ask('/admin/kits/123456789012/opt-out', { body })).statusCode).toBe(202);
        expect(await scopes()).toEqual(['all']);
      });

      test('opt-out before an address is known, which the journey keeps for those it learns', async () => {
        await database.query('truncate contacts');
        expect((await ask('/admin/kits/123456789012/opt-out', { body: {} })).statusCode).toBe(202);
        expect(await kept()).toMatchObject([{ event: 'operator.opt_out' }]);
      });

      test('opt-out of the one who was meant, once an operator has said who of two', async () => {
        await seen(database, sealing, { subject: KIT, person: person({ firstName: 'John', lastName: 'Doe' }) });
        const email = 'whose@example.com';
        await ask('/admin/kits/123456789012/correct-contact', { body: { email } });
        expect((await ask('/admin/kits/123456789012/opt-out', { body: {} })).statusCode).toBe(202);
        expect([await scopes(), await ledger.scopesOf(email)]).toEqual([[], new Set(['all'])]);
      });

      test.each([['bounced'], ['all']] as const)(
        'a retry that lifts %s, though nothing waits for it',
        async (scope) => {
          await stop(scope);
          await stop('reminders');
          const answer = await ask('/admin/kits/123456789012/retry', { body: { lift: true } });
          expect([answer.statusCode, answer.json()]).toEqual([202, expect.objectContaining({ lifted: [scope] })]);
          // What a person has chosen by a link is theirs to take back.
          expect(await scopes()).toEqual(['reminders']);
          expect(await kept()).toMatchObject([{ event: 'operator.retry', facts: { command: { lift: true } } }]);
        },
      );

      test.each(['opted_out', 'address_suppressed'] as const)(
        'a retry of what waits as %s, lifting nothing',
        async (reason) => {
          await row({ kind: 'results.available', verdict: 'wait', status: 'deferred', reason });
          const answer = await ask('/admin/kits/123456789012/retry', { body: {} });
          expect([answer.statusCode, answer.json()]).toEqual([202, expect.objectContaining({ lifted: [] })]);
        },
      );
    });

    test('once under an Idempotency-Key, also when it would apply no more; and no other under the same key', async () => {
      await row({ status: 'failed', reason: 'server_refused' });
      const headers = { 'idempotency-key': 'ticket-77' };
      const first = await ask('/admin/kits/123456789012/retry', { body: {}, headers });
      expect(first.json()).toMatchObject({ cause: 'operator:ticket-77', repeated: false });
      await row({ status: 'not_sent', reason: 'superseded', at: T0 + 5 });
      const again = await ask('/admin/kits/123456789012/retry', { body: {}, headers });
      expect([again.statusCode, again.json()]).toEqual([202, expect.objectContaining({ repeated: true })]);
      const other = await ask('/admin/kits/123456789012/skip', { body: { reason: 'told by phone' }, headers });
      expect([other.statusCode, other.json<{ code: string }>().code]).toEqual([422, 'idempotency_key_reused']);
      expect(await kept()).toHaveLength(1);
    });
  });

  describe('refuses, and keeps nothing of', () => {
    afterEach(async () => {
      expect(await database.query(`select seq from inbox where source = 'operator'`)).toEqual([]);
    });

    test.each([
      ['an unknown kit', 'retry', {}, null, 404, 'not_found'],
      ['a retry of what was sent', 'retry', {}, { status: 'not_sent', reason: 'superseded' }, 409, 'nothing_to_retry'],
      [
        'a release of what isn’t held',
        'release',
        {},
        { status: 'failed', reason: 'server_refused' },
        409,
        'nothing_to_release',
      ],
      [
        'a skip of what is over',
        'skip',
        { reason: 'told by phone' },
        { status: 'not_sent', reason: 'too_late' },
        409,
        'nothing_to_skip',
      ],
      [
        'another kind',
        'retry',
        { kind: 'kit.failed' },
        { status: 'failed', reason: 'server_refused' },
        409,
        'no_such_notification',
      ],
      ['a skip without a reason', 'skip', {}, { status: 'failed', reason: 'server_refused' }, 400, 'invalid_request'],
      [
        'an unknown field',
        'retry',
        { knid: 'x' },
        { status: 'failed', reason: 'server_refused' },
        400,
        'invalid_request',
      ],
      [
        'two addresses',
        'correct-contact',
        { email: 'a@example.com,b@example.com' },
        { status: 'failed', reason: 'address_refused' },
        400,
        'invalid_request',
      ],
    ] as const)('%s', async (_what, action, body, standing, status, code) => {
      if (standing !== null) await row(standing);
      const answer = await ask(`/admin/kits/123456789012/${action}`, { body });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
      expect(answer.body).not.toContain('example.com');
    });

    test('the address that is there already', async () => {
      await seen(database, sealing, { subject: KIT, person: person() });
      const answer = await ask('/admin/kits/123456789012/correct-contact', { body: { email: 'Zoe@Example.com' } });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([409, 'same_address']);
    });

    test.each([
      ['opt-out', {}],
      ['retry', { lift: true }],
    ])('%s where nobody knows whose of two is meant, and a lift of nobody’s address', async (action, body) => {
      await row({ status: 'deferred', verdict: 'wait', reason: 'no_contact' });
      const lift = await ask('/admin/kits/123456789012/retry', { body: { lift: true } });
      expect([lift.statusCode, lift.json<{ code: string }>().code]).toEqual([409, 'no_contact']);
      await seen(database, sealing, { subject: KIT, person: person() });
      await seen(database, sealing, {
        subject: KIT,
        person: person({ firstName: 'John', lastName: 'Doe', email: 'john@example.com' }),
      });
      const contested = await ask(`/admin/kits/123456789012/${action}`, { body });
      expect([contested.statusCode, contested.json<{ code: string }>().code]).toEqual([409, 'contact_conflict']);
      expect(await database.query('select scope from suppressions')).toEqual([]);
    });

    test('a retry that would lift what stops nothing', async () => {
      await seen(database, sealing, { subject: KIT, person: person() });
      await row({ status: 'not_sent', reason: 'superseded' });
      const answer = await ask('/admin/kits/123456789012/retry', { body: { lift: true } });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([409, 'nothing_to_retry']);
    });

    test('a kit whose patient was forgotten', async () => {
      await row({ status: 'failed', reason: 'server_refused' });
      await database.query('update subjects set erased_at = now()');
      const answer = await ask('/admin/kits/123456789012/retry', { body: {} });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([409, 'erased']);
    });

    test('what is being sent', async () => {
      await ledger.claim(request());
      const answer = await ask('/admin/kits/123456789012/retry', { body: {} });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([409, 'being_sent']);
    });

    test('bodies that are no JSON, too large, or of another type', async () => {
      const headers = { 'content-type': 'application/json' };
      const send = (payload: string, type = headers): Promise<LightMyRequestResponse> =>
        app.inject({
          url: '/admin/told',
          method: 'POST',
          payload,
          headers: { ...type, authorization: `Bearer ${ADMIN}` },
        });
      expect((await send('{"subject":')).statusCode).toBe(400);
      expect((await send(JSON.stringify({ subject: 'x'.repeat(70_000) }))).statusCode).toBe(413);
      expect((await send('subject=1', { 'content-type': 'text/plain' })).statusCode).toBe(415);
      expect((await send('{"subject":"1","__proto__":{}}')).statusCode).toBe(400);
    });
  });

  describe('shows webhooks', () => {
    const arrival = (over: Partial<Arrival>): Arrival => ({
      source: 'c4hxp',
      externalId: 'wh_1',
      event: null,
      verdict: 'quarantined',
      reason: 'unknown_event',
      eventAt: null,
      receivedAt: T0,
      raw: Buffer.from('{"event":"result.available"}'),
      routed: [],
      links: [],
      ...over,
    });

    test('newest first, by status, in pages, and one by its id', async () => {
      for (const n of [1, 2, 3])
        await intake.keep(arrival({ externalId: `wh_${String(n)}`, raw: Buffer.from(String(n)) }));
      const first = await ask('/admin/webhooks?status=quarantined&limit=2');
      const page = first.json<{ webhooks: { id: string }[]; next: number }>();
      expect(page.webhooks.map(({ id }) => id)).toEqual(['wh_3', 'wh_2']);
      const second = await ask(`/admin/webhooks?status=quarantined&limit=2&before=${String(page.next)}`);
      expect(second.json()).toMatchObject({ webhooks: [{ id: 'wh_1', reason: 'unknown_event' }], next: null });
      expect((await ask('/admin/webhooks?status=pending')).json()).toEqual({ webhooks: [], next: null });
      expect((await ask('/admin/webhooks?status=nonsense')).statusCode).toBe(400);
      expect((await ask('/admin/webhooks/wh_2')).json()).toMatchObject({ id: 'wh_2', bodyState: 'kept', older: [] });
      expect((await ask('/admin/webhooks/wh_9')).statusCode).toBe(404);
    });

    test('and says why one could not be read, when staff were called, and what a replay would come to', async () => {
      await intake.keep(arrival({ reason: 'unknown_event:results.available' }));
      readAgain = () => arrival({ reason: 'not_json' });
      const shown = async () => (await ask('/admin/webhooks/wh_1', { token: SUPPORT })).json<object>();
      expect(await shown()).toMatchObject({
        why: 'Its event is none of those that are documented; it probably means results.available.',
        staffCalledAt: null,
        ifReplayed: { outcome: 'still_quarantined', reason: 'not_json', why: 'It is no JSON.', emails: [] },
      });
      for (const at of [T0 + 9_000, T0 + 5_000, T0 - 1])
        await ledger.alerts.keep({ subject: 'wh_1', code: 'unreadable_webhook', kind: null, at });
      expect(await shown()).toMatchObject({ staffCalledAt: new Date(T0 + 5_000).toISOString() });
      await database.query('truncate staff_alerts');
    });

    test('and sends those that are selected through the way again; who may only look may see what that would come to', async () => {
      await intake.keep(arrival({}));
      readAgain = () => arrival({ verdict: 'accepted', reason: null, event: 'results.available' });
      const body = { reason: 'unknown_event', since: new Date(T0).toISOString() };
      const rehearsed = await ask('/admin/webhooks/rehearse-replay', { body, token: SUPPORT });
      expect([rehearsed.statusCode, rehearsed.json()]).toEqual([
        200,
        {
          webhooks: [expect.objectContaining({ id: 'wh_1', outcome: 'accepted', reason: null })],
          emails: [],
          next: null,
        },
      ]);
      expect((await ask('/admin/webhooks/replay', { body, token: SUPPORT })).statusCode).toBe(403);
      expect((await ask('/admin/webhooks/replay', { body: { reason: "'; drop" } })).statusCode).toBe(400);
      const replayed = async () => (await ask('/admin/webhooks/replay', { body })).json<object>();
      expect(await replayed()).toMatchObject({ webhooks: [{ id: 'wh_1', outcome: 'accepted' }] });
      expect(await replayed()).toEqual({ webhooks: [], next: null });
    });

    test('and sends one through the way again once it can be read', async () => {
      await intake.keep(arrival({}));
      readAgain = () => arrival({});
      const still = await ask('/admin/webhooks/wh_1/replay', { method: 'POST' });
      expect([still.statusCode, still.json<{ code: string }>().code]).toEqual([409, 'still_quarantined']);
      readAgain = () => arrival({ verdict: 'accepted', reason: null, event: 'results.available' });
      const read = await ask('/admin/webhooks/wh_1/replay', { method: 'POST' });
      expect([read.statusCode, read.json()]).toEqual([202, expect.objectContaining({ outcome: 'accepted' })]);
      expect((await ask('/admin/webhooks/wh_1')).json()).toMatchObject({
        status: 'relayed',
        event: 'results.available',
      });
      expect((await ask('/admin/webhooks/wh_9/replay', { method: 'POST' })).statusCode).toBe(404);
    });

    test('but not what nobody reads, such as a report of a mail provider: it stays as it is', async () => {
      await intake.keep(arrival({ source: 'mail', reason: 'no_message_id' }));
      readAgain = (_raw, _receivedAt, source) => (source === 'mail' ? null : arrival({ source: 'c4hxp' }));
      const still = await ask('/admin/webhooks/wh_1/replay', { method: 'POST' });
      expect([still.statusCode, still.json<{ code: string }>().code]).toEqual([409, 'still_quarantined']);
      expect(still.body).toContain('no_message_id');
      expect((await ask('/admin/webhooks/wh_1')).json()).toMatchObject({ reason: 'no_message_id' });
    });

    test('but not when its body has expired', async () => {
      await intake.keep(arrival({}));
      await database.query('delete from inbox_bodies');
      expect((await ask('/admin/webhooks/wh_1/replay', { method: 'POST' })).statusCode).toBe(410);
    });
  });

  describe('forgets', () => {
    beforeEach(async () => {
      await seen(database, sealing, { subject: KIT, person: person() });
    });

    test('a kit’s patient, once, with a certificate that can be had again, also as a page', async () => {
      const body = { by: 'pia' };
      const first = await ask('/admin/kits/123456789012/erase', { body });
      expect([first.statusCode, first.json()]).toMatchObject([
        200,
        { state: 'done', by: 'admin-token, for pia', repeated: false },
      ]);
      const { id } = first.json<{ id: string }>();
      expect((await ask('/admin/kits/123456789012/erase', { body })).json()).toMatchObject({ id, repeated: true });
      expect((await ask(`/admin/erasures/${id}`)).json()).toEqual(first.json());
      const page = await ask(`/admin/erasures/${id}`, { headers: { accept: 'text/html,*/*;q=0.8' } });
      expect(page.headers['content-type']).toMatch('text/html');
      expect(page.body).toMatch('<h1>Certificate of erasure</h1>');
      expect((await ask('/admin/told/123456789012')).json()).toMatchObject({ erased: { by: 'admin-token, for pia' } });
    });

    test('whoever has an address, and says so where that waits for an email', async () => {
      ledger.heartbeat.start();
      const claimed = await ledger.claim(request());
      expect(claimed.outcome).toBe('claimed');
      const asked = await ask('/admin/erase', { body: { email: 'zoe@example.com' } });
      expect([asked.statusCode, asked.json()]).toMatchObject([202, { state: 'pending', askedFor: { what: 'email' } }]);
      const { id } = asked.json<{ id: string }>();
      expect((await ask(`/admin/erasures/${id}`)).statusCode).toBe(200);
      await ledger.heartbeat.stop();
    });

    test.each([
      ['a kit that nobody knows', '/admin/kits/999999999999/erase', {}, 404],
      ['an order that nobody knows', '/admin/orders/C4H-1/erase', {}, 404],
      ['an address that nobody knows', '/admin/erase', { email: 'nobody@example.com' }, 404],
      ['what is no address', '/admin/erase', { email: 'nobody' }, 400],
      [
        'an erasure with a reason, which could name whom it erased',
        '/admin/kits/123456789012/erase',
        { reason: 'Zoë asked' },
        400,
      ],
    ])('not %s', async (_what, url, body, status) => {
      expect((await ask(url, { body })).statusCode).toBe(status);
      expect(await database.query('select 1 from erasures')).toEqual([]);
      expect(await database.query('select 1 from contacts')).toHaveLength(1);
    });

    test('nobody for who may only look, and shows what is due by its age', async () => {
      const refused = await ask('/admin/kits/123456789012/erase', { body: {}, token: SUPPORT });
      expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([403, 'not_allowed']);
      expect((await ask('/admin/erasures/erase_00000000-0000-4000-8000-000000000000')).statusCode).toBe(404);
      expect((await ask('/admin/retention', { token: SUPPORT })).json()).toMatchObject({
        due: { bodies: 0 },
        last: null,
      });
    });
  });

  test('fails over nothing that is written anywhere into a request', async () => {
    const odd = fc.constantFrom(
      '\0',
      '%00',
      '\ud800',
      '\u202e',
      "'",
      '--',
      '%',
      '../',
      '1e309',
      '-1',
      '💉',
      ' ',
      'kit:1',
    );
    const text = fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 230 }));
    const number = fc.oneof(
      text,
      fc.constantFrom('1.A', '99999999999999.A', '-1.A', '2026-11-24T12:00:00Z', 'bounced', 'registered', 'kit.failed'),
      fc.constantFrom('0', '1', '9007199254740991', '9223372036854775808', '1.5', ' 1', '0x10'),
    );
    const encoded = text.map((part) => encodeURIComponent(part.replace(/\p{Surrogate}/gu, '?')));
    const query = (names: readonly string[]) =>
      fc
        .array(fc.tuple(fc.constantFrom(...names), number), { maxLength: 3 })
        .map((pairs) => new URLSearchParams(pairs).toString());
    const url = fc.oneof(
      encoded.map((part) => `/admin/told/${part}`),
      encoded.map((part) => `/admin/kits/${part}`),
      encoded.map((part) => `/admin/webhooks/${part}`),
      text.map((part) => `/${part}`),
      query(['after', 'limit', 'attention', 'open', 'state', 'kind', 'until', 'x']).map(
        (part) => `/admin/kits?${part}`,
      ),
      query(['before', 'limit', 'status', 'event', 'source', 'subject']).map((part) => `/admin/webhooks?${part}`),
    );
    const body = fc.dictionary(
      fc.constantFrom(
        'subject',
        'kind',
        'occurrence',
        'by',
        'reason',
        'email',
        'firstName',
        'lift',
        '__proto__',
        'resend',
        'attention',
        'state',
        'until',
        'after',
      ),
      fc.oneof(text, number, fc.jsonValue(), fc.constantFrom('a@b.example', 'order.shipped', 1, true)),
    );
    const command = fc.tuple(
      fc.oneof(
        fc.constantFrom('/admin/told', '/admin/kits/retry', '/admin/kits/rehearse-release', '/admin/orders/skip'),
        fc
          .tuple(
            fc.oneof(fc.constant('123456789012'), encoded),
            fc.constantFrom('retry', 'skip', 'release', 'correct-contact', 'opt-out'),
          )
          .map(([name, action]) => `/admin/kits/${name}/${action}`),
        fc.tuple(encoded, query(['seq'])).map(([id, seq]) => `/admin/webhooks/${id}/replay?${seq}`),
      ),
      fc.oneof(
        body,
        body.map((fields) => JSON.stringify(fields)),
        text,
      ),
    );
    await seen(database, sealing, { subject: KIT, person: person() });
    const ends = async (answer: Promise<LightMyRequestResponse>) => {
      expect((await answer).statusCode).toBeLessThan(500);
    };
    await fc.assert(
      fc.asyncProperty(url, (address) => ends(ask(address))),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(command, ([address, payload]) =>
        ends(ask(address, { body: payload, headers: { 'content-type': 'application/json' } })),
      ),
      { numRuns: 300 },
    );
  });

  test('tells how the partner’s webhooks came, how much hangs on each key, and gives evidence of whom it knows', async () => {
    await seen(database, sealing, { subject: KIT, person: person() });
    const card = await ask('/admin/scorecard?since=2026-01-01T00:00:00Z', { token: SUPPORT });
    expect(card.json()).toMatchObject({ webhooks: 1, events: [{ event: 'kit.registered', webhooks: 1 }] });
    expect((await ask('/admin/keys')).json()).toMatchObject({ encryption: [{ id: 'e1', rows: { contacts: 1 } }] });
    expect((await ask('/admin/keys/rotate', { body: {} })).json()).toEqual({
      resealed: 0,
      overtaken: 0,
      unopened: {},
      stops: 0,
      next: null,
    });
    expect((await ask('/admin/keys/rotate', { body: { from: 'x' } })).json()).toMatchObject({ code: 'invalid_from' });
    expect((await ask('/admin/keys/rotate', { body: {}, token: SUPPORT })).statusCode).toBe(403);
    const [, barcode = ''] = KIT.split(':');
    expect((await ask(`/admin/evidence/${barcode}`)).json()).toMatchObject({
      asked: KIT,
      subjects: [{ subject: KIT }],
    });
    expect((await ask('/admin/evidence/NOBODY')).statusCode).toBe(404);
  });

  test('names a key that is lost, and changes nothing', async () => {
    await seen(database, sealing, { subject: KIT, person: person() });
    await database.query(`update contacts set sealed = overlay(sealed placing '\\x6539' from 3)`);
    const answer = await ask('/admin/keys/rotate', { body: {} });
    expect([answer.statusCode, answer.json<{ code: string; detail: string }>()]).toEqual([
      409,
      expect.objectContaining({ code: 'key_missing', detail: expect.stringContaining('"e9"') as unknown }),
    ]);
  });

  test('describes itself, and hides what failed', async () => {
    const paths = (await ask('/admin/openapi.json')).json<{ paths: object }>().paths;
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/admin/told', '/admin/kits/{barcode}/correct-contact', '/admin/webhooks/{id}/replay']),
    );
    expect((await ask('/admin/nothing')).json()).toMatchObject({ status: 404, code: 'no_such_route' });
    readAgain = () => {
      throw new Error('zoe@example.com is in this message');
    };
    await intake.keep({
      source: 'c4hxp',
      externalId: 'wh_1',
      event: null,
      verdict: 'quarantined',
      reason: 'not_json',
      eventAt: null,
      receivedAt: T0,
      raw: Buffer.from('x'),
      routed: [],
      links: [],
    });
    const failed = await ask('/admin/webhooks/wh_1/replay', { method: 'POST' });
    expect([failed.statusCode, failed.json<{ code: string }>().code]).toEqual([500, 'internal']);
    expect(failed.body + JSON.stringify(logged)).not.toContain('zoe');
  });
});
