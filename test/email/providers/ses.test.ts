import { describe, expect, test } from '@jest/globals';
import { createSes, isSnsUrl } from '../../../src/email/providers/ses.js';
import { bodyOf, CERTIFICATE_URL, sesReport, signed, SIGNED_AT, TOPIC } from './signed.js';
import { TEST_CERTIFICATE } from './test-certificate.js';

const NOW = SIGNED_AT;

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
          recipients: [],
          at: Date.UTC(2026, 10, 24, 9, 59),
        },
      ],
    });
  });

  const [a, b] = ['a@lab.example', 'b@lab.example'];
  test.each([
    ['Bounce', { bounce: { bouncedRecipients: [{ emailAddress: a, action: 'failed' }, { emailAddress: b }] } }, [a, b]],
    ['Complaint', { complaint: { complainedRecipients: [{ emailAddress: a }] } }, [a]],
    ['Delivery', { delivery: { recipients: [b] } }, [b]],
    ['Bounce', { bounce: { bouncedRecipients: [{ emailAddress: 7 }, 'x', {}] } }, []],
    ['Bounce', { bounce: { bouncedRecipients: 'x' } }, []],
    ['Delivery', { delivery: { recipients: {} } }, []],
  ])('says whom it is about: %s %j', async (type, parts, recipients) => {
    expect(await ses().read(signed(sesReport(type, parts)))).toMatchObject({ events: [{ recipients }] });
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

  test('knows our email by whatever tells its Message-ID: a header, the common headers, its own id; ours before SES’s own', async () => {
    const about = async (mail: object) => {
      const answer = await ses().read(signed({ eventType: 'Delivery', mail }));
      return answer.verdict === 'events' ? answer.events.map(({ messageId }) => messageId) : answer;
    };
    const ours = '<one@herald.example>';
    const theirs = '<0102018@eu-west-1.amazonses.com>';
    const header = (value: unknown) => ({ name: 'Message-Id', value });
    expect(await about({ messageId: '0102-x', headers: [header(ours)] })).toEqual([ours]);
    expect(await about({ messageId: '0102-x', commonHeaders: { messageId: ours } })).toEqual([ours]);
    expect(
      await about({ messageId: '0102-x', headers: [], commonHeaders: { messageId: 'one@herald.example' } }),
    ).toEqual([ours]);
    expect(await about({ messageId: ours })).toEqual([ours]);
    expect(await about({ headers: [header(theirs)], commonHeaders: { messageId: ours } })).toEqual([ours]);
    expect(await about({ headers: [header(theirs), header(ours)] })).toEqual([ours]);
    expect(await about({ headers: [header(theirs)] })).toEqual([theirs]);
    expect(await about({ messageId: '0102-x' })).toEqual([null]);
    for (const odd of [null, 'x', [null, 7, header(7), header(ours)]])
      expect(await about({ headers: odd, commonHeaders: { messageId: ours } })).toEqual([ours]);
  });

  test('that took an email and threw it away says that it failed for good, and nothing against the address', async () => {
    const rejected = {
      eventType: 'Reject',
      mail: {
        messageId: '0102-x',
        timestamp: '2029-12-31T23:00:00Z',
        destination: ['patient1@example.com'],
        headers: [{ name: 'Message-ID', value: '<one@herald.example>' }],
      },
      reject: { reason: 'Bad content' },
    };
    for (const report of [rejected, { ...rejected, eventType: 'Rendering Failure', failure: {} }])
      expect(await ses().read(signed(report))).toMatchObject({
        verdict: 'events',
        events: [
          {
            what: 'bounced',
            permanent: true,
            keepsAddress: true,
            messageId: '<one@herald.example>',
            at: Date.UTC(2029, 11, 31, 23),
          },
        ],
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
      { Timestamp: '2030-01-01T00:00:01.000Z' },
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
    'https://sns.s3.amazonaws.com/SimpleNotificationService-0.pem',
    'https://sns.s3.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
    'https://sns.s3-website-eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
    'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com.cn/SimpleNotificationService-0.pem',
    'https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0.pem',
    'https://sns.amazonaws.com/SimpleNotificationService-0.pem',
    'https://SNS.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com:443/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com./SimpleNotificationService-0.pem',
    'https://eve@sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem?a=1',
    'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem#a',
    'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem\n',
    'https://sns.eu-west-1.amazonaws.com//SimpleNotificationService-0.pem',
    ' https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
    'nonsense',
  ])('never fetches a certificate from %s', async (SigningCertURL) => {
    const { fetched, read } = ses();
    expect(await read(signed(bounce('Permanent'), { SigningCertURL }))).toEqual({ verdict: 'refused' });
    expect(fetched).toEqual([]);
  });

  test.each([
    ['arn:aws:sns:us-east-1:123456789012:herald', 'sns.us-east-1.amazonaws.com'],
    ['arn:aws-us-gov:sns:us-gov-west-1:123456789012:herald', 'sns.us-gov-west-1.amazonaws.com'],
    ['arn:aws-cn:sns:cn-north-1:123456789012:herald', 'sns.cn-north-1.amazonaws.com.cn'],
  ])('of %s is signed at %s only', (topic, host) => {
    expect(isSnsUrl(`https://${host}/x.pem`, topic, /^\/x\.pem$/)).toBe(true);
    for (const other of ['sns.eu-west-1.amazonaws.com', 'sns.s3.amazonaws.com', 'sns.cn-north-1.amazonaws.com'])
      expect(isSnsUrl(`https://${other}/x.pem`, topic, /^\/x\.pem$/)).toBe(false);
  });

  test('of a topic whose region could be a bucket is signed nowhere', () => {
    for (const region of ['s3', 's3-website', '', 'eu-west-1.s3', 'eu-west-1/', 'eu-west-1#'])
      expect(isSnsUrl(`https://sns.${region}.amazonaws.com/x`, `arn:aws:sns:${region}:1:herald`, /^\/x$/)).toBe(false);
  });

  test('is taken for as long as SNS may still try, and is refused when it is older, or not yet said', async () => {
    const said = async (Timestamp: string) => (await ses().read(signed(bounce('Permanent'), { Timestamp }))).verdict;
    const at = (ms: number): string => new Date(NOW + ms).toISOString();
    const HOUR = 3_600_000;
    for (const taken of [at(0), at(-HOUR), at(-2 * HOUR), at(600_000)]) expect(await said(taken)).toBe('events');
    for (const not of [at(-2 * HOUR - 1), at(-24 * HOUR), at(600_001), '', 'yesterday'])
      expect(await said(not)).toBe('refused');
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
