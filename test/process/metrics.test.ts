import { expect, test } from '@jest/globals';
import { hostRule } from '../../src/http/hosts.js';
import { createMetrics } from '../../src/process/metrics.js';

const FOR_US = { host: 'localhost:9464' };

test('the metrics tell how much of each limit of the intake is used, what the operators’ app refused, and where words stood that nobody knows', async () => {
  const metrics = createMetrics();
  metrics.limits(() => [
    { name: 'intake_queue', used: 0.25 },
    { name: 'bodies', used: 1 },
  ]);
  metrics.count('admin_refused', { code: 'wrong_token' });
  metrics.count('partner_unknown_words', { place: 'transit' });
  const app = metrics.app([], hostRule('127.0.0.1'));
  const { body, headers } = await app.inject({ url: '/metrics', headers: FOR_US });
  expect(body).toContain('kit_herald_intake_limit_used_ratio{limit="intake_queue"} 0.25');
  expect(body).toContain('kit_herald_intake_limit_used_ratio{limit="bodies"} 1');
  expect(body).toContain('kit_herald_admin_refused_total{code="wrong_token"} 1');
  expect(body).toContain('kit_herald_partner_unknown_words_total{place="transit"} 1');
  expect(headers['cache-control']).toBe('no-store');
  await app.close();
});

test.each([{ host: 'evil.example:9464' }, { host: 'localhost', origin: 'https://evil.example' }])(
  'a page of another host gets no metrics: %j',
  async (headers) => {
    const app = createMetrics().app([], hostRule('localhost'));
    for (const url of ['/metrics', '/nothing']) {
      const answer = await app.inject({ url, headers });
      expect([answer.statusCode, answer.body]).not.toContain('kit_herald');
      expect(answer.statusCode).toBe(403);
    }
    await app.close();
  },
);
