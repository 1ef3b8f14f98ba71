import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { closeApp } from '../../src/host/ports.js';
import { createPostmark } from '../../src/email/providers/postmark.js';
import { createSes } from '../../src/email/providers/ses.js';
import { createBodies } from '../../src/receiver/bodies.js';
import { mailEvents, type Reported } from '../../src/receiver/mail-events.js';
import type { Arrival } from '../../src/domain/arrivals.js';
import { sesReport, signed, TOPIC } from '../email/providers/signed.js';
import { TEST_CERTIFICATE } from '../email/providers/test-certificate.js';

const NOW = Date.UTC(2030, 0);
const OURS: Reported = { subject: 'kit:123456789012', kind: 'kit.registered', occurrence: 1 };

let app: FastifyInstance;
let url: string;
let kept: Arrival[];
let calls: string[];
let reported: Reported | null;
let failing: boolean;

beforeEach(async () => {
  kept = [];
  calls = [];
  reported = OURS;
  failing = false;
  app = Fastify();
  await app.register(mailEvents, {
    bodies: createBodies(),
    providers: [
      createSes({ topics: [TOPIC], clock: () => NOW, fetchText: () => Promise.resolve(TEST_CERTIFICATE) }),
      createPostmark({ user: 'hook', password: 'secret' }),
    ],
    clock: () => NOW,
    keep: (arrival) => {
      if (failing) return Promise.reject(new Error('full'));
      kept.push(arrival);
      return Promise.resolve();
    },
    ledger: {
      byMessageId: (id) => Promise.resolve(id === '<one@herald.example>' ? reported : null),
      noteOutcome: ({ messageId, what, permanent, cause, at }) =>
        Promise.resolve(void calls.push(`${messageId} ${what} ${String(permanent)} ${cause} ${String(at)}`)),
    },
  });
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  await closeApp(app);
});

const ses = (report: object) =>
  fetch(`${url}/email/events/ses`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=UTF-8' },
    body: JSON.stringify(signed(report)),
  });
const permanentBounce = sesReport('Bounce', { bounce: { bounceType: 'Permanent', timestamp: '2026-11-24T09:59:00Z' } });

describe('a report of what became of an email', () => {
  test('comes the one way in, about the journey whose email it was', async () => {
    expect((await ses(permanentBounce)).status).toBe(200);
    expect(kept).toMatchObject([
      {
        source: 'mail',
        externalId: 'ses:22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
        event: 'mail.bounced',
        verdict: 'accepted',
        eventAt: Date.UTC(2026, 10, 24, 9, 59),
        receivedAt: NOW,
        routed: [
          {
            subject: 'kit:123456789012',
            details: null,
            fact: {
              event: 'mail.bounced',
              cause: 'mail:22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
              at: Date.UTC(2026, 10, 24, 9, 59),
              mail: { kind: 'kit.registered', occurrence: 1, permanent: true },
            },
          },
        ],
      },
    ]);
    expect(JSON.parse(kept[0]?.raw.toString() ?? '')).toHaveProperty('Signature');
  });

  test('is noted in the ledger as the provider tells it, with the time at which it happened', async () => {
    const cause = 'mail:22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324';
    await ses(permanentBounce);
    await ses(sesReport('Bounce', { bounce: { bounceType: 'Transient' } }));
    await ses(sesReport('Complaint', { complaint: {} }));
    await ses(sesReport('Delivery'));
    expect(calls).toEqual([
      `<one@herald.example> bounced true ${cause} ${String(Date.UTC(2026, 10, 24, 9, 59))}`,
      `<one@herald.example> bounced false ${cause} ${String(NOW)}`,
      `<one@herald.example> complained false ${cause} ${String(NOW)}`,
      `<one@herald.example> delivered false ${cause} ${String(NOW)}`,
    ]);
    expect(kept).toHaveLength(4);
  });

  test('about an email that isn’t ours is acknowledged and not kept', async () => {
    expect((await ses(sesReport('Delivery', {}, '<other@herald.example>'))).status).toBe(200);
    expect(kept).toEqual([]);
  });

  test('without our Message-ID is kept in quarantine: a setting at the provider is wrong', async () => {
    expect((await ses({ notificationType: 'Delivery', mail: {} })).status).toBe(200);
    expect(kept).toMatchObject([{ verdict: 'quarantined', reason: 'no_message_id', routed: [] }]);
  });

  test('about the team’s own email is kept, and is no journey’s', async () => {
    reported = { ...OURS, subject: 'staff', kind: 'staff.alert' };
    await ses(permanentBounce);
    expect(kept).toMatchObject([{ verdict: 'accepted', routed: [] }]);
  });

  test('that can’t be kept is to be sent again', async () => {
    failing = true;
    const response = await ses(permanentBounce);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('60');
  });

  test('that is refused is told why in one form, which nobody keeps', async () => {
    const post = async (provider: string, headers: Record<string, string>, body = '{}') => {
      const response = await fetch(`${url}/email/events/${provider}`, { method: 'POST', headers, body });
      expect(response.headers.get('cache-control')).toBe('no-store');
      const { error } = (await response.json()) as { error: { code: string; message: string } };
      expect(error.message).not.toBe('');
      return [response.status, error.code, response.headers.get('www-authenticate')];
    };
    expect(await post('ses', {})).toEqual([401, 'report_not_verified', null]);
    expect(await post('postmark', {})).toEqual([401, 'report_not_verified', 'Basic realm="mail events"']);
    expect(await post('ses', { 'content-encoding': 'gzip' })).toEqual([415, 'unsupported_encoding', null]);
    failing = true;
    expect(await post('ses', {}, JSON.stringify(signed(permanentBounce)))).toEqual([503, 'unavailable', null]);
    expect(kept).toEqual([]);
  });

  test('that isn’t signed as its provider signs is refused, and leaves nothing', async () => {
    for (const [provider, headers, body] of [
      ['ses', {}, JSON.stringify({ ...signed(permanentBounce), MessageId: 'x' })],
      ['ses', {}, ''],
      ['postmark', { authorization: 'Basic eDp5' }, '{"RecordType":"Delivery"}'],
      ['postmark', {}, '{"RecordType":"Delivery"}'],
    ] as const) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
      expect((await fetch(`${url}/email/events/${provider}`, init)).status).toBe(401);
    }
    expect(kept).toEqual([]);
    expect(calls).toEqual([]);
    expect((await fetch(`${url}/email/events/nobody`, { method: 'POST' })).status).toBe(404);
  });
});
