import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createPartnerSim, type PartnerSim } from '../../src/sandbox/partner-sim/sim.js';
import { removeDataDir, SECRET, startHerald, temporaryDataDir, type Herald, type Told } from '../support/app.js';
import { freePort } from '../support/ports.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

/** The page's retry schedule, so fast that its last attempt comes 39 s after the first. */
const TIME_SCALE = 800;
const ASKS_AFTER_S = 4;

describe('with the stand-in C4HXP on the other side', () => {
  let dataDir: string;
  let smtp: SmtpSink;
  let sim: PartnerSim;
  let herald: Herald;
  let env: Record<string, string>;

  beforeAll(async () => {
    dataDir = temporaryDataDir();
    smtp = await startSmtpSink();
    sim = await createPartnerSim({ timeScale: TIME_SCALE });
    const port = await freePort();
    sim.register({ url: `http://127.0.0.1:${String(port)}/webhooks/c4hxp`, secret: SECRET });
    env = {
      PORT: String(port),
      SMTP_URL: smtp.url,
      PARTNER_API_URL: sim.url,
      PARTNER_API_KEY: sim.apiKey,
      SILENCE_AFTER: `${String(ASKS_AFTER_S)}s`,
    };
    // A first start makes database and store; then the receiver goes down.
    herald = await startHerald(dataDir, env);
    await herald.stop();
  });
  afterAll(async () => {
    await herald.stop();
    await sim.close();
    await smtp.close();
    removeDataDir(dataDir);
  });

  const notification = (told: Told | null, kind: string) => told?.notifications.find((one) => one.kind === kind);

  let silent: string;
  /** One kit's webhooks up to its arrival at the lab. @returns its barcode. */
  function toTheLab(): string {
    const { business } = sim;
    const { number, kits } = business.order();
    const barcode = kits[0]?.barcode ?? '';
    business.confirm(number);
    business.ship(number);
    business.register(barcode);
    business.receiveAtLab(barcode);
    return barcode;
  }

  test('what it sends while the receiver is down arrives by its retries, all of it, and is told once', async () => {
    const { business } = sim;
    const barcode = toTheLab();
    business.startProcessing(barcode);
    business.completeProcessing(barcode);
    business.releaseResults(barcode, ['high_cortisol']);
    business.review(barcode);
    silent = toTheLab();
    business.releaseResults(silent, [], { silent: true });
    await until('every first attempt to fail', () => sim.deliveries().every(({ attempts }) => attempts.length > 0));
    herald = await startHerald(dataDir, env);
    await sim.settled();

    const deliveries = sim.deliveries();
    expect(deliveries).toHaveLength(9 + 5);
    expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(['delivered']));
    for (const { attempts } of deliveries) {
      expect(attempts[0]).toMatchObject({ outcome: 'network', status: null });
      expect(attempts.at(-1)).toMatchObject({ outcome: 'success', status: 200 });
    }
    const told = await until('the kit to settle', async () => {
      const now = await herald.told(barcode);
      const isSettled = now?.notifications.every(({ status }) => status === 'sent' || status === 'not_sent');
      return isSettled && notification(now, 'results.reviewed')?.status === 'sent' ? now : undefined;
    });
    expect(told.state).toBe('results.reviewed');
    expect(told.webhooks).toHaveLength(9);
    expect(told.webhooks.filter(({ status }) => status !== 'relayed')).toEqual([]);
    const patient = sim.world.kit(barcode)?.patient?.email ?? '';
    expect(smtp.subjectsTo(patient).filter((subject) => /results are ready/.test(subject))).toHaveLength(1);
  });

  test('results whose webhook was lost are asked for after SILENCE_AFTER, and told', async () => {
    const told = await until(
      'the results to be told',
      async () => {
        const now = await herald.told(silent);
        return notification(now, 'results.available')?.status === 'sent' ? now : undefined;
      },
      // Temporal's server lets questions through at the partner's pace: two a minute from each part of the queue.
      { seconds: 100 },
    );
    expect(notification(told, 'results.available')?.cause).toMatch(/^reconciled:/);
    expect(told.webhooks.map(({ event }) => event)).not.toContain('results.available');
  });

  test('its maintenance is told until it ends, by itself when no word of the end comes', async () => {
    const ends = new Date(Date.now() + 8_000);
    sim.business.scheduleMaintenance(new Date(Date.now() - 1_000), ends);
    await sim.settled();
    expect((await herald.told(silent))?.partnerMaintenance).toEqual({ until: ends.toISOString() });
    await until('the window to end', async () => (await herald.told(silent))?.partnerMaintenance === null);
    expect(Date.now()).toBeGreaterThanOrEqual(ends.getTime());
  });
});
