import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DemoKit, demoStories } from '../../src/sandbox/demo/kits.js';
import type { SubjectAnswer } from '../../src/ledger/ledger.js';
import { subjectAnswer } from '../support/answers.js';
import { removeDataDir, spawnHerald, temporaryDataDir } from '../support/app.js';

describe('the demo', () => {
  test('five stories end as they should, each in a table of 80 columns; it begins anew and speaks to nothing that is configured', async () => {
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
    for (const { title, kits } of demoStories()) {
      expect(output()).toContain(title);
      for (const { barcode } of kits) expect(output()).toContain(barcode);
    }
    expect(
      output()
        .split('\n')
        .filter((line) => line.includes('│') && line.length > 80),
    ).toEqual([]);
    expect(output()).toMatch(/Kit 230000000005: failed, too little sample/);
    expect(output()).toMatch(/kit\.failed +│ sent/);
    expect(output()).toMatch(/newer news overtook it/);
    expect(existsSync(join(dataDir, 'demo', 'left-by-the-last-one'))).toBe(false);
    removeDataDir(dataDir);
  });

  test('the payloads of the partner’s page are delivered byte for byte', () => {
    const delivered: [string, string][] = [];
    const page = demoStories().find(({ order }) => order === 'C4H-ORD-2024-001234');
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
    const [[smooth], [shuffled], , , [unusable]] = demoStories().map(({ kits }) => kits) as [
      DemoKit[],
      DemoKit[],
      DemoKit[],
      DemoKit[],
      DemoKit[],
    ];
    const story = (change: Partial<SubjectAnswer>): SubjectAnswer =>
      subjectAnswer({ state: 'results.reviewed', ...change });
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

    test('the second email of a kind is another than the first; the same one twice is not', () => {
      const shipped = row('order.shipped', 'sent');
      expect(
        unusable?.faults(story({ notifications: [shipped, { ...shipped, occurrence: 2 }] })).join('; '),
      ).not.toMatch(/order\.shipped/);
      expect(unusable?.faults(story({ notifications: [shipped, shipped] }))).toEqual(
        expect.arrayContaining(['order.shipped was sent twice', 'order.shipped 2 was not sent']),
      );
    });

    test('a failure without its reason, and one that does not name what was shipped later', () => {
      expect(unusable?.faults(story({ state: 'failed', because: 'clotted' }))).toEqual(
        expect.arrayContaining([
          'it failed because: clotted, not insufficient',
          "it doesn't name the kit 230000000006 that was shipped later",
        ]),
      );
      const told = story({ because: 'insufficient', shippedLater: ['230000000006'] });
      expect(unusable?.faults(told).join('; ')).not.toMatch(/because|later/);
    });
  });
});
