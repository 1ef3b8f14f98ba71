import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { createSign, generateKeyPairSync } from 'node:crypto';
import type { Database } from '../../src/database/database.js';
import { createFetchText, createSes, type Envelope, signedText } from '../../src/email/providers/ses.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { createBodies } from '../../src/receiver/bodies.js';
import { mailEvents } from '../../src/receiver/mail-events.js';
import { CERTIFICATE_URL, sesReport, signed as signedAt, TOPIC } from '../email/providers/signed.js';
import { KIT, newLedger, newSealing, request, rowOf } from '../ledger/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { startAmazon, type Amazon } from './support/amazon.js';
import { startReceiver, type TestReceiver } from './support/receiver.js';

const EMAIL = 'zoe@example.com';

/** Signed just now. */
const signed = (message: unknown, changes: Partial<Envelope> = {}): Envelope =>
  signedAt(message, { Timestamp: new Date().toISOString(), ...changes });

/**
 * From the socket to the ledger: only Amazon's hosts are a stand-in, reached through the same `fetchText` as theirs, by
 * the dispatcher that it takes. What production checks is checked here too.
 */
describe('reports of Amazon SES, the whole way', () => {
  let databases: TestDatabases;
  let database: Database;
  let ledger: Ledger;
  let intake: Intake;
  let receiver: TestReceiver;
  let amazon: Amazon;
  let messageId: string;
  const sealing = newSealing();

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
  });
  afterAll(() => databases.stop());

  beforeEach(async () => {
    await database.query(
      'truncate inbox, inbox_bodies, links, deliveries, contacts, subjects, notifications, decisions, suppressions',
    );
    ledger = newLedger(database, sealing);
    intake = createIntake({ database, sealing });
    amazon = await startAmazon();
    receiver = await startReceiver({
      clock: Date.now,
      keep: (arrival) => intake.keep(arrival),
      pages: [
        async (app: FastifyInstance) => {
          await app.register(mailEvents, {
            bodies: createBodies(),
            providers: [
              createSes({
                topics: [TOPIC],
                fetchText: createFetchText({ dispatcher: amazon.dispatcher }),
                clock: Date.now,
              }),
            ],
            ledger,
            keep: (arrival) => intake.keep(arrival),
            clock: Date.now,
          });
        },
      ],
    });
    const claimed = await ledger.claim(request());
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    ({ messageId } = claimed.claim);
    await ledger.beginHandOver(claimed.claim, { email: EMAIL, address: ledger.addressOf(EMAIL) }, [KIT]);
    await ledger.settle(claimed.claim, { status: 'sent', reason: null, at: Date.now() });
  });
  afterEach(async () => {
    await receiver.close();
    await intake.close();
    await amazon.close();
  });

  /** As SNS posts: JSON that is called text. */
  const post = (envelope: object) =>
    fetch(`${receiver.url}/email/events/ses`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-message-type': 'Notification' },
      body: JSON.stringify(envelope),
    });
  const bounce = (): object =>
    sesReport('Bounce', { bounce: { bounceType: 'Permanent', timestamp: new Date().toISOString() } }, messageId);
  const became = async (): Promise<object> => {
    const [inbox] = await database.query<{ n: number; duplicates: number }>(
      'select count(*)::int as n, coalesce(sum(duplicates), 0)::int as duplicates from inbox',
    );
    const scopes = [...(await ledger.scopesOf(EMAIL))];
    return { status: (await rowOf(database)).status, kept: inbox?.n, duplicates: inbox?.duplicates, scopes };
  };
  const nothing = { status: 'sent', kept: 0, duplicates: 0, scopes: [] };
  const bounced = { status: 'bounced', kept: 1, duplicates: 0, scopes: ['bounced'] };

  test.each(['1', '2'] as const)('signed as SNS signs (version %s) are believed, once', async (SignatureVersion) => {
    const envelope = signed(bounce(), { SignatureVersion });
    expect((await post(envelope)).status).toBe(200);
    expect(await became()).toEqual(bounced);
    expect(await database.query('select subject from deliveries')).toEqual([{ subject: KIT }]);
    expect(amazon.fetched).toEqual([CERTIFICATE_URL]);

    // A replay, by Amazon or by whoever has seen it: acknowledged, and nothing more comes of it.
    expect((await post(envelope)).status).toBe(200);
    expect(await became()).toEqual({ ...bounced, duplicates: 1 });
    expect(await database.query('select subject from deliveries')).toEqual([{ subject: KIT }]);
    expect(amazon.fetched).toEqual([CERTIFICATE_URL]);
  });

  test('confirm the subscription to our topic at Amazon, in both versions of the signature', async () => {
    for (const SignatureVersion of ['1', '2'] as const) {
      const SubscribeURL = `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t${SignatureVersion}`;
      const confirmation = { Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL, SignatureVersion } as const;
      expect((await post(signed('You have chosen to subscribe', confirmation))).status).toBe(200);
      expect(amazon.fetched).toContain(SubscribeURL);
    }
    expect(await became()).toEqual(nothing);
  });

  test('open nothing for a confirmation that isn’t signed, is for another topic, or leads elsewhere', async () => {
    const SubscribeURL = 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t';
    const confirmation = { Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL } as const;
    const genuine = signed('You have chosen to subscribe', confirmation);
    expect((await post({ ...genuine, Signature: signed('other').Signature })).status).toBe(401);
    expect((await post(signed('x', { ...confirmation, TopicArn: `${TOPIC}-of-eve` }))).status).toBe(401);
    await post(signed('x', { ...confirmation, SubscribeURL: 'https://evil.example/?Action=ConfirmSubscription' }));
    expect(amazon.fetched).toEqual([CERTIFICATE_URL]);
  });

  test('are refused when somebody else signed them, and leave nothing', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const forged = (SignatureVersion: Envelope['SignatureVersion']): Envelope => {
      const envelope = signed(bounce(), { SignatureVersion });
      const signer = createSign(SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256').update(signedText(envelope));
      return { ...envelope, Signature: signer.sign(privateKey, 'base64') };
    };
    for (const envelope of [
      forged('1'),
      forged('2'),
      { ...signed(bounce()), Message: JSON.stringify(sesReport('Complaint', { complaint: {} }, messageId)) },
      { ...signed(bounce(), { SignatureVersion: '1' }), SignatureVersion: '2' },
    ])
      expect((await post(envelope)).status).toBe(401);
    expect(await became()).toEqual(nothing);
  });

  test('are refused for another topic though Amazon has signed them, without asking anybody', async () => {
    expect((await post(signed(bounce(), { TopicArn: `${TOPIC}-of-eve` }))).status).toBe(401);
    expect(amazon.fetched).toEqual([]);
    expect(await became()).toEqual(nothing);
  });

  test.each([
    'https://evil.example/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0.pem',
    'https://evil.example/#sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
    'https://evil.example\\@sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
    'https://s3.eu-west-1.amazonaws.com/eve/SimpleNotificationService-0.pem',
    'https://sns.s3.amazonaws.com/SimpleNotificationService-0.pem',
    'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem',
    'http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem/../../eve.pem',
  ])('are refused under a certificate from %s, which is never fetched', async (SigningCertURL) => {
    for (const SignatureVersion of ['1', '2'] as const)
      expect((await post(signed(bounce(), { SigningCertURL, SignatureVersion }))).status).toBe(401);
    expect(amazon.fetched).toEqual([]);
    expect(await became()).toEqual(nothing);
  });

  test('are to be sent again while the certificate can’t be had, and are believed then', async () => {
    amazon.away = true;
    const envelope = signed(bounce());
    const response = await post(envelope);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60']);
    expect(await became()).toEqual(nothing);
    amazon.away = false;
    expect((await post(envelope)).status).toBe(200);
    expect(await became()).toEqual(bounced);
  });

  test('of an email that SES threw away make it a failure, and leave the address as it is', async () => {
    const rejected = sesReport('x', { eventType: 'Reject', reject: { reason: 'Bad content' } }, messageId);
    expect((await post(signed({ ...rejected, notificationType: undefined }))).status).toBe(200);
    expect(await became()).toEqual({ ...bounced, scopes: [] });
    expect((await rowOf(database)).reason).toBe('bounced_permanent');
    const [delivery] = await database.query<{ facts: unknown }>('select facts from deliveries');
    expect(JSON.stringify(delivery?.facts)).toContain('"permanent":true');
  });

  test('are refused in the receiver’s own form where they are no report at all', async () => {
    const asked = async (path: string, init: RequestInit) => {
      const response = await fetch(`${receiver.url}${path}`, init);
      const { error } = (await response.json()) as { error: { code: string } };
      return [response.status, error.code];
    };
    const huge = { method: 'POST', body: 'x'.repeat(262_145) };
    expect(await asked('/email/events/ses', huge)).toEqual([413, 'body_too_large']);
    expect(await asked('/email/events/ses', { method: 'PUT' })).toEqual([405, 'method_not_allowed']);
    expect(await asked('/email/events/ses', {})).toEqual([405, 'method_not_allowed']);
    expect(await asked('/email/events/nobody', { method: 'POST' })).toEqual([404, 'not_found']);
    expect(await asked('/email/events/ses', { method: 'POST' })).toEqual([401, 'report_not_verified']);
    expect(await asked('/email/events/ses', { method: 'POST', body: Buffer.from([0xff, 0]) })).toEqual([
      401,
      'report_not_verified',
    ]);
    expect(await became()).toEqual(nothing);
  });

  test('that are old are refused, also when they are genuine', async () => {
    const Timestamp = new Date(Date.now() - 3 * 3_600_000).toISOString();
    expect((await post(signed(bounce(), { Timestamp }))).status).toBe(401);
    expect(amazon.fetched).toEqual([]);
    expect(await became()).toEqual(nothing);
  });

  test('by a clock that isn’t ours are told as of our own time where theirs can’t be', async () => {
    for (const timestamp of ['2099-01-01T00:00:00Z', '2001-01-01T00:00:00Z']) {
      const before = Date.now();
      const report = sesReport('Bounce', { bounce: { bounceType: 'Permanent', timestamp } }, messageId);
      expect((await post(signed(report, { MessageId: timestamp }))).status).toBe(200);
      const settled = (await rowOf(database)).settled_at?.getTime() ?? 0;
      expect(settled).toBeLessThanOrEqual(Date.now());
      expect(settled).toBeGreaterThan(before - 60_000);
    }
  });
});
