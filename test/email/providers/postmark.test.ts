import { describe, expect, test } from '@jest/globals';
import { createPostmark, postmarkHeaders } from '../../../src/email/providers/postmark.js';
import { bodyOf } from './signed.js';

const provider = createPostmark({ user: 'hook', password: 's:cret' });
const authorization = `Basic ${Buffer.from('hook:s:cret').toString('base64')}`;
const read = (report: unknown, headers: Record<string, string> = { authorization }) =>
  provider.read({ headers, body: bodyOf(report) });

const REPORT = {
  RecordType: 'Bounce',
  ID: 42,
  Type: 'HardBounce',
  MessageID: '883953f4-6105-42a2-a16a-77a8eac79483',
  Metadata: { 'message-id': 'one@herald.example' },
  Email: 'second@lab.example',
  BouncedAt: '2026-11-24T12:00:00+02:00',
};

describe('Postmark', () => {
  test('is believed with the credentials of the webhook’s URL', async () => {
    expect(await read(REPORT)).toEqual({
      verdict: 'events',
      events: [
        {
          id: 'Bounce:42',
          what: 'bounced',
          permanent: true,
          messageId: '<one@herald.example>',
          recipients: ['second@lab.example'],
          at: Date.UTC(2026, 10, 24, 10),
        },
      ],
    });
  });

  test.each([
    [{ RecordType: 'Delivery', Email: null, Recipient: 'a@lab.example' }, ['a@lab.example']],
    [{ RecordType: 'SpamComplaint', Email: 'b@lab.example' }, ['b@lab.example']],
    [{ Email: 7 }, []],
  ])('says whom it is about: %j', async (change, recipients) => {
    const answer = await read({ ...REPORT, ...change });
    expect(answer).toMatchObject({ events: [{ recipients }] });
  });

  test.each([
    ['SoftBounce', false, 'bounced', false],
    ['HardBounce', true, 'bounced', true],
    ['SpamNotification', true, 'bounced', true],
    ['BadEmailAddress', false, 'bounced', true],
    ['SpamComplaint', true, 'complained', false],
    ['SomethingNew', false, 'bounced', false],
  ])('means by %s (inactive: %s) %s', async (Type, Inactive, what, permanent) => {
    expect(await read({ ...REPORT, Type, Inactive })).toMatchObject({ events: [{ what, permanent }] });
  });

  test.each(['SMTPApiError', 'TemplateRenderingFailed', 'VirusNotification', 'DMARCPolicy'])(
    'means by %s that the email failed for good, and nothing against the address unless it is inactive',
    async (Type) => {
      expect(await read({ ...REPORT, Type, Inactive: false })).toMatchObject({
        events: [{ what: 'bounced', permanent: true, keepsAddress: true }],
      });
      const inactive = await read({ ...REPORT, Type, Inactive: true });
      expect(inactive).toMatchObject({ events: [{ what: 'bounced', permanent: true }] });
      expect(inactive).not.toHaveProperty('events.0.keepsAddress');
    },
  );

  test('is understood though parts that nobody needs are odd', async () => {
    const odd: object = { ...REPORT, BouncedAt: 7, DeliveredAt: {}, Inactive: 'yes', Type: 'HardBounce' };
    expect(await read(odd)).toMatchObject({
      events: [{ id: 'Bounce:42', permanent: true, messageId: '<one@herald.example>', at: null }],
    });
    expect(await read({ ...REPORT, Metadata: ['x'] })).toMatchObject({ events: [{ messageId: null }] });
  });

  test('has one id for one report, also where it brings none', async () => {
    const idOf = async (report: unknown): Promise<string> => {
      const answer = await read(report);
      return answer.verdict === 'events' ? (answer.events[0]?.id ?? '') : '';
    };
    const nameless = { ...REPORT, ID: null, MessageID: null };
    expect(await idOf(nameless)).toBe(await idOf(nameless));
    expect(await idOf(nameless)).not.toBe(
      await idOf({ ...nameless, Metadata: { 'message-id': 'two@herald.example' } }),
    );
    expect(await idOf({ ...nameless, ID: 'é' })).toMatch(/^[\x20-\x7e]{10,200}$/);
  });

  test('also tells deliveries and complaints; answers of people and unknown records are nothing', async () => {
    expect(await read({ ...REPORT, RecordType: 'Delivery', ID: undefined, DeliveredAt: 'never' })).toMatchObject({
      events: [{ what: 'delivered', id: `Delivery:${REPORT.MessageID}` }],
    });
    expect(await read({ ...REPORT, RecordType: 'SpamComplaint' })).toMatchObject({ events: [{ what: 'complained' }] });
    expect(await read({ ...REPORT, Type: 'AutoResponder' })).toEqual({ verdict: 'events', events: [] });
    expect(await read({ ...REPORT, RecordType: 'Open' })).toEqual({ verdict: 'events', events: [] });
  });

  test('is refused without, or with other, credentials, and when it is no report', async () => {
    for (const headers of [{}, { authorization: 'Basic x' }, { authorization: authorization.slice(0, -1) }])
      expect(await read(REPORT, headers as Record<string, string>)).toEqual({ verdict: 'refused' });
    for (const report of [null, [], 'x', {}]) expect(await read(report)).toEqual({ verdict: 'refused' });
  });

  test('is told our Message-ID, other servers aren’t', () => {
    expect(postmarkHeaders('smtp.postmarkapp.com', '<one@herald.example>')).toEqual({
      'X-PM-KeepID': 'true',
      'X-PM-Metadata-message-id': 'one@herald.example',
    });
    expect(postmarkHeaders('postmarkapp.com.example', '<one@herald.example>')).toEqual({});
  });
});
