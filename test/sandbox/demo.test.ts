import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoKits } from '../../src/sandbox/demo/kits.js';
import type { SubjectAnswer } from '../../src/ledger/ledger.js';
import { removeDataDir, spawnHerald, temporaryDataDir } from '../support/app.js';

describe('the demo', () => {
  test('four kits end as they should, each in a table; it begins anew and speaks to nothing that is configured', async () => {
    const dataDir = temporaryDataDir();
    mkdirSync(join(dataDir, 'demo'));
    writeFileSync(join(dataDir, 'demo', 'left-by-the-last-one'), '');
    writeFileSync(join(dataDir, '.env'), 'SMTP_URL=smtp://127.0.0.1:9\nPARTNER_API_URL=http://127.0.0.1:9\n');
    const env = {
      DATA_DIR: dataDir,
      LOG_LEVEL: 'error',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
      TEMPORAL_ADDRESS: '127.0.0.1:9',
      QUIET_HOURS: '00:00-23:59',
    };
    const { output, exited } = spawnHerald(['demo', '--once'], env, dataDir);
    const code = await exited;
    expect({ code, said: output() }).toEqual({
      code: 0,
      said: expect.stringContaining('Every kit ended as it should.'),
    });
    for (const { title, barcode } of demoKits()) expect(output()).toContain(`${title} (kit ${barcode})`);
    expect(output()).toMatch(/newer news overtook it/);
    expect(existsSync(join(dataDir, 'demo', 'left-by-the-last-one'))).toBe(false);
    removeDataDir(dataDir);
  });

  test('the payloads of the partner’s page are delivered byte for byte', () => {
    const delivered: [string, string][] = [];
    const page = demoKits().find(({ barcode }) => barcode === '123456789012');
    const deliver = (event: string, body: Buffer) => {
      delivered.push([event, body.toString()]);
    };
    for (const step of page?.steps ?? []) step.happen({ deliver } as unknown as Parameters<typeof step.happen>[0]);
    const events = ['order.created', 'order.shipped', 'kit.registered', 'results.available'];
    expect(delivered).toEqual(
      events.map((event) => [
        event,
        readFileSync(new URL(`../fixtures/c4hxp-page/${event}.json`, import.meta.url), 'utf8').trimEnd(),
      ]),
    );
  });

  describe('notices what is not as it should be:', () => {
    const [smooth, shuffled] = demoKits();
    const story = (change: Partial<SubjectAnswer>): SubjectAnswer => ({
      subject: 'kit:1',
      state: 'results.reviewed',
      order: null,
      closedAt: null,
      because: null,
      shippedLater: [],
      transit: [],
      needsAttention: null,
      attention: [],
      acknowledged: [],
      next: null,
      partnerMaintenance: null,
      notifications: [],
      webhooks: [],
      ...change,
    });
    const row = (kind: string, status: string, reason: string | null = null) =>
      ({ kind, occurrence: 1, status, reason, cause: 'wh_1' }) as SubjectAnswer['notifications'][number];

    test.each([
      ['another state', { state: 'shipped' }, 'its state is shipped'],
      ['a person who is asked', { needsAttention: 'Look.' }, 'a person is asked: Look.'],
      ['an email that is still on its way', { notifications: [row('kit.registered', 'sending')] }, 'is sending'],
      ['one not sent without a reason', { notifications: [row('kit.registered', 'not_sent')] }, 'is not_sent'],
      [
        'one sent twice',
        { notifications: [row('kit.registered', 'sent'), row('kit.registered', 'sent')] },
        'kit.registered was sent twice',
      ],
    ])('%s', (_, change, fault) => {
      for (const kit of [smooth, shuffled])
        expect(kit?.faults(story(change as Partial<SubjectAnswer>)).join('; ')).toContain(fault);
    });

    test('an email that is missing, one too many, results never told, repeats unnoticed', () => {
      expect(smooth?.faults(story({}))).toContain('results.available was not sent');
      expect(smooth?.faults(story({ notifications: [row('order.cancelled', 'sent')] }))).toContain(
        'order.cancelled was sent',
      );
      expect(shuffled?.faults(story({}))).toEqual([
        'nobody was told that the results are there',
        '0 repeats were noticed, not 9',
      ]);
    });
  });
});
