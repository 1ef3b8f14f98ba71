import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Scope, SubjectAnswer } from '../../src/ledger/ledger.js';
import { KIT, person, request, seen, T0 } from '../ledger/support.js';
import { operatorsUnderTest } from './support.js';

describe('the operators’ app', () => {
  const { world, ask, row } = operatorsUnderTest();

  describe('keeps a command that applies', () => {
    const kept = (): Promise<{ external_id: string; event: string; facts: Record<string, unknown> }[]> =>
      world.database.query(
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
      await world.database.query('update subjects set attention = $1', [JSON.stringify(needs)]);
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
      await world.database.query('delete from inbox_bodies');
      expect(await acknowledged()).toEqual([{ by: null, reason: null, at, codes: [] }]);
      // A kit hears of what was acknowledged of its order, and that is not about the kit.
      await world.database.query(
        `update deliveries set facts = jsonb_set(facts, '{command,subject}', '"order:C4H-1"') where subject = $1`,
        [KIT],
      );
      expect(await acknowledged()).toEqual([]);
    });

    test('correct-contact, with the person sealed and the name as it was', async () => {
      await seen(world.database, world.sealing, { subject: KIT, person: person({ zone: 'Europe/Berlin' }) });
      const body = { email: ' New.Zoe@Example.org', resend: true };
      expect((await ask('/admin/kits/123456789012/correct-contact', { body })).statusCode).toBe(202);
      const [arrival] = await kept();
      expect(arrival?.facts).toMatchObject({
        event: 'operator.correct_contact',
        command: { resend: true },
        person: { role: 'patient', hasContact: true, address: world.ledger.addressOf('new.zoe@example.org') },
      });
      expect(JSON.stringify(arrival)).not.toMatch(/zoe@/i);
      expect(await world.ledger.contactFor(KIT, 'patient')).toMatchObject({
        email: 'New.Zoe@example.org',
        person: { firstName: 'Zoë', zone: 'Europe/Berlin' },
      });
    });

    test('correct-contact, with the name that is given', async () => {
      await seen(world.database, world.sealing, { subject: KIT, person: person() });
      const body = { email: 'zoe@example.com', firstName: 'Zoé', lastName: 'Muller' };
      expect((await ask('/admin/kits/123456789012/correct-contact', { body })).statusCode).toBe(202);
      expect((await world.ledger.contactFor(KIT, 'patient'))?.person).toMatchObject({
        firstName: 'Zoé',
        lastName: 'Muller',
      });
    });

    test.each([
      ['nobody’s name', {}, { firstName: null, lastName: null, locale: null, zone: null }],
      ['the name that is given', { firstName: 'Ann' }, { firstName: 'Ann', lastName: null, locale: null, zone: null }],
    ])(
      'correct-contact where two patients were named, also with an address that we have: it has %s',
      async (_, given, expected) => {
        await seen(world.database, world.sealing, {
          subject: KIT,
          person: person({ locale: 'de', zone: 'Europe/Berlin' }),
        });
        await seen(world.database, world.sealing, {
          subject: KIT,
          person: person({ firstName: 'John', lastName: 'Doe', email: 'john@example.com', locale: 'fr' }),
          at: T0 + 1,
        });
        const body = { email: 'john@example.com', ...given };
        expect((await ask('/admin/kits/123456789012/correct-contact', { body })).statusCode).toBe(202);
        expect(await world.ledger.contactFor(KIT, 'patient')).toMatchObject({
          email: 'john@example.com',
          person: expected,
        });
      },
    );

    describe('about an address:', () => {
      const scopes = async () => [...(await world.ledger.scopesOf('zoe@example.com'))].sort();
      const stop = (scope: Scope) =>
        world.ledger.suppress(world.ledger.addressOf('zoe@example.com'), scope, 'mail:1', T0);
      beforeEach(async () => {
        await seen(world.database, world.sealing, { subject: KIT, person: person() });
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
        await world.database.query('truncate contacts');
        expect((await ask('/admin/kits/123456789012/opt-out', { body: {} })).statusCode).toBe(202);
        expect(await kept()).toMatchObject([{ event: 'operator.opt_out' }]);
      });

      test('opt-out of the one who was meant, once an operator has said who of two', async () => {
        await seen(world.database, world.sealing, {
          subject: KIT,
          person: person({ firstName: 'John', lastName: 'Doe' }),
        });
        const email = 'whose@example.com';
        await ask('/admin/kits/123456789012/correct-contact', { body: { email } });
        expect((await ask('/admin/kits/123456789012/opt-out', { body: {} })).statusCode).toBe(202);
        expect([await scopes(), await world.ledger.scopesOf(email)]).toEqual([[], new Set(['all'])]);
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
      expect(await world.database.query(`select seq from inbox where source = 'operator'`)).toEqual([]);
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
      await seen(world.database, world.sealing, { subject: KIT, person: person() });
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
      await seen(world.database, world.sealing, { subject: KIT, person: person() });
      await seen(world.database, world.sealing, {
        subject: KIT,
        person: person({ firstName: 'John', lastName: 'Doe', email: 'john@example.com' }),
      });
      const contested = await ask(`/admin/kits/123456789012/${action}`, { body });
      expect([contested.statusCode, contested.json<{ code: string }>().code]).toEqual([409, 'contact_conflict']);
      expect(await world.database.query('select scope from suppressions')).toEqual([]);
    });

    test('a retry that would lift what stops nothing', async () => {
      await seen(world.database, world.sealing, { subject: KIT, person: person() });
      await row({ status: 'not_sent', reason: 'superseded' });
      const answer = await ask('/admin/kits/123456789012/retry', { body: { lift: true } });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([409, 'nothing_to_retry']);
    });

    test('a kit whose patient was forgotten', async () => {
      await row({ status: 'failed', reason: 'server_refused' });
      await world.database.query('update subjects set erased_at = now()');
      const answer = await ask('/admin/kits/123456789012/retry', { body: {} });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([409, 'erased']);
    });

    test('what is being sent', async () => {
      await world.ledger.claim(request());
      const answer = await ask('/admin/kits/123456789012/retry', { body: {} });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([409, 'being_sent']);
    });
  });
});
