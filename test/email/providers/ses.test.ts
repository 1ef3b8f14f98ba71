import { describe, expect, test } from '@jest/globals';
import { createSes } from '../../../src/email/providers/ses.js';
import { isSnsUrl } from '../../../src/email/providers/sns.js';
import { bodyOf, CERTIFICATE_URL, sesReport, signed, TOPIC } from './signed.js';
import { TEST_CERTIFICATE } from './test-certificate.js';

const NOW = Date.UTC(2030, 0);

function ses(fetchText: (url: string) => Promise<string> = () => Promise.resolve(TEST_CERTIFICATE), now = NOW) {
  const fetched: string[] = [];
  const provider = createSes({
    topics: [TOPIC],
    clock: () => now,
    fetchText: (url) => {
      fetched.push(url);
      return fetchText(url);
    },
  });
  return { fetched, read: (value: unknown) => provider.read({ headers: {}, body: bodyOf(value) }) };
}
const bounce = (bounceType: string) =>
  sesReport('Bounce', { bounce: { bounceType, timestamp: '2026-11-24T09:59:00Z' } });

describe('Amazon SES', () => {
  test.each(['1', '2'] as const)('is believed when SNS has signed (version %s)', async (SignatureVersion) => {
    const answer = await ses().read(signed(bounce('Permanent'), { SignatureVersion, Subject: 'x' }));
    expect(answer).toEqual({
      verdict: 'events',
      events: [
        {
          id: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
          what: 'bounced',
          permanent: true,
          messageId: '<one@herald.example>',
          at: Date.UTC(2026, 10, 24, 9, 59),
        },
      ],
    });
  });

  test('fetches a certificate once', async () => {
    const { fetched, read } = ses();
    for (let times = 0; times < 3; times += 1) await read(signed(bounce('Transient')));
    expect(fetched).toEqual([CERTIFICATE_URL]);
  });

  test('tells a temporary bounce, a complaint and a delivery apart, in events as in notifications', async () => {
    const { read } = ses();
    const what = async (report: object) => {
      const answer = await read(signed(report));
      return answer.verdict === 'events' ? answer.events.map((event) => [event.what, event.permanent]) : answer;
    };
    expect(await what(bounce('Transient'))).toEqual([['bounced', false]]);
    expect(await what(sesReport('Complaint', { complaint: {} }))).toEqual([['complained', false]]);
    expect(await what(sesReport('Complaint', { complaint: { complaintFeedbackType: 'not-spam' } }))).toEqual([]);
    expect(await what(sesReport('Delivery'))).toEqual([['delivered', false]]);
    expect(await what({ ...sesReport('x'), notificationType: null, eventType: 'Delivery' })).toEqual([
      ['delivered', false],
    ]);
    expect(await what(sesReport('AmazonSnsSubscriptionSucceeded'))).toEqual([]);
    expect(await what({ nothing: true })).toEqual([]);
  });

  test('without original headers has no Message-ID of ours', async () => {
    expect(await ses().read(signed({ notificationType: 'Delivery', mail: { messageId: '01' } }))).toMatchObject({
      events: [{ messageId: null }],
    });
  });

  test('confirms a subscription to our own topic by opening its address, and only at Amazon', async () => {
    const confirm = (SubscribeURL: string) =>
      signed('You have chosen to subscribe', { Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL });
    const good = ses();
    const url = 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t';
    expect(await good.read(confirm(url))).toEqual({ verdict: 'events', events: [] });
    expect(good.fetched).toContain(url);
    const bad = ses();
    await bad.read(confirm('https://evil.example/?Action=ConfirmSubscription'));
    expect(bad.fetched).toEqual([CERTIFICATE_URL]);
  });

  test('is refused when anything signed was changed', async () => {
    const envelope = signed(bounce('Permanent'));
    for (const change of [
      { Message: envelope.Message.replace('one@', 'two@') },
      { MessageId: 'other' },
      { Timestamp: '2026-11-25T00:00:00Z' },
      { Subject: 'added' },
      { Signature: 'AAAA' },
      { Signature: '' },
      { SignatureVersion: '1' },
      { SignatureVersion: '3' },
      { Type: 'Other' },
    ])
      expect(await ses().read({ ...envelope, ...change })).toEqual({ verdict: 'refused' });
  });

  test('is refused for another topic, though SNS has signed it: anybody can have one', async () => {
    const { fetched, read } = ses();
    expect(await read(signed(bounce('Permanent'), { TopicArn: `${TOPIC}-of-eve` }))).toEqual({ verdict: 'refused' });
    expect(fetched).toEqual([]);
  });

  test.each([
    'http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0.pem',
    'https://evil.example/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0.pem',
    'https://s3.amazonaws.com/eve/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com/eve/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com/other.pem',
    'nonsense',
  ])('never fetches a certificate from %s', async (SigningCertURL) => {
    const { fetched, read } = ses();
    expect(await read(signed(bounce('Permanent'), { SigningCertURL }))).toEqual({ verdict: 'refused' });
    expect(fetched).toEqual([]);
  });

  test('in China has its own hosts', () => {
    expect(isSnsUrl('https://sns.cn-north-1.amazonaws.com.cn/x.pem', /x/)).toBe(true);
  });

  test('is asked to come again when the certificate can’t be fetched, and then tries anew', async () => {
    let away = true;
    const { read } = ses(() => (away ? Promise.reject(new Error('away')) : Promise.resolve(TEST_CERTIFICATE)));
    expect(await read(signed(bounce('Permanent')))).toEqual({ verdict: 'unavailable' });
    away = false;
    expect(await read(signed(bounce('Permanent')))).toMatchObject({ verdict: 'events' });
  });

  test('is refused under a certificate that isn’t valid at this time', async () => {
    expect(await ses(undefined, Date.UTC(2000, 0)).read(signed(bounce('Permanent')))).toEqual({ verdict: 'refused' });
  });

  test('is refused when it isn’t SNS at all', async () => {
    for (const body of ['', '{', 'null', '[]', '{"Type":"Notification"}'])
      expect(
        await createSes({ topics: [TOPIC], clock: () => NOW, fetchText: () => Promise.resolve('') }).read({
          headers: {},
          body: Buffer.from(body),
        }),
      ).toEqual({ verdict: 'refused' });
  });
});
