import { describe, expect, test } from '@jest/globals';
import { start } from './asked.js';
import { answering, startReceiver } from './receiver.js';

const BARCODE = '700000000001';

describe('what the records of the stand-in can be made to say', () => {
  test('a status that its own timeline contradicts', async () => {
    const { sim, ask } = await start();
    sim.business.order({ barcodes: [BARCODE] });
    sim.business.receiveAtLab(BARCODE);
    sim.business.setStatus(BARCODE, 'registered');
    expect((await ask(`/v2/public/kits/${BARCODE}`)).body).toMatchObject({
      data: { status: 'registered', timeline: [{ event: 'kit_received_lab' }] },
    });
  });

  test('nothing of a kit, for a while: 404 on each of its routes, while its webhooks go on', async () => {
    const { sim, ask } = await start();
    sim.business.order({ barcodes: [BARCODE] });
    sim.business.releaseResults(BARCODE);
    const routes = [`kits/${BARCODE}`, `kits/${BARCODE}/tracking`, `results/kit/${BARCODE}`];
    const statuses = () => Promise.all(routes.map(async (route) => (await ask(`/v2/public/${route}`)).status));
    sim.business.hide(BARCODE, true);
    expect(await statuses()).toEqual([404, 404, 404]);
    sim.register({ url: 'http://127.0.0.1:1/', secret: 's' });
    sim.business.review(BARCODE);
    expect(sim.deliveries()).toHaveLength(1);
    sim.business.hide(BARCODE, false);
    expect(await statuses()).toEqual([200, 200, 200]);
  });

  test('amended results: a later completed_at, no review any more, and the same summary where the flags are the same', async () => {
    const receiver = await startReceiver(answering(200));
    try {
      let now = Date.now();
      const { sim, ask } = await start({ clock: () => now });
      sim.business.order({ barcodes: [BARCODE] });
      sim.register({ url: receiver.url, secret: 's', events: ['results.available'] });
      sim.business.releaseResults(BARCODE);
      await sim.settled();
      sim.business.review(BARCODE, { silent: true });
      for (const flags of [[], ['high_cortisol']]) {
        now += 3_600_000;
        sim.business.amend(BARCODE, flags);
        await sim.settled();
      }
      const [first, same, flagged] = receiver.received.map(
        ({ body }) =>
          (JSON.parse(body) as { data: { completed_at: string; result_summary: { abnormal_count: number } } }).data,
      );
      expect(same?.result_summary).toEqual(first?.result_summary);
      expect(flagged?.result_summary).toMatchObject({ abnormal_count: 1, normal_count: 7, flags: ['high_cortisol'] });
      expect(Date.parse(same?.completed_at ?? '') - Date.parse(first?.completed_at ?? '')).toBe(3_600_000);
      expect((await ask(`/v2/public/results/kit/${BARCODE}`)).body).toMatchObject({
        data: {
          status: 'completed',
          physician_review: null,
          results: expect.arrayContaining([expect.objectContaining({ status: 'amended' })]),
        },
      });
    } finally {
      await receiver.close();
    }
  });
});
