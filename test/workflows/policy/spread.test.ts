import { describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import { spreadOf, SPREAD } from '../../../workflows/policy/spread.js';
import { simulate } from '../../../workflows/core/simulate.js';
import { createFacts, DAY, HOUR, SECOND, SETTINGS, START } from '../../support/facts.js';

const kit = fc.integer({ min: 0, max: 99_999_999 }).map((number) => `kit:XP${String(number).padStart(8, '0')}`);
const wait = fc.integer({ min: -DAY, max: 200 * DAY });

describe('questions of many kits are spread', () => {
  test('by no more than a tenth of the wait before them, nor more than some hours, and always alike for one kit', () => {
    fc.assert(
      fc.property(kit, wait, (subject, waited) => {
        const spread = spreadOf(subject, waited);
        expect(spread).toBe(spreadOf(subject, waited));
        expect(spread).toBeGreaterThanOrEqual(0);
        expect(spread).toBeLessThanOrEqual(Math.max(0, Math.min(SPREAD, waited / 10)));
      }),
    );
  });

  test('evenly, although barcodes differ in their last digits only', () => {
    const hours = new Map<number, number>();
    for (let number = 0; number < 10_000; number += 1) {
      const hour = Math.floor(spreadOf(`kit:7000000${String(number).padStart(5, '0')}`, 30 * DAY) / HOUR);
      hours.set(hour, (hours.get(hour) ?? 0) + 1);
    }
    expect([...hours.keys()].sort()).toEqual([0, 1, 2, 3]);
    for (const count of hours.values()) expect(Math.abs(count - 2_500)).toBeLessThan(250);
  });

  test('but a parcel that is overdue when it is heard of is asked about at once', () => {
    for (const subject of ['kit:XP00000001', 'kit:XP00000002', 'kit:XP00000003']) {
      const make = createFacts(subject);
      const shipped = make.fact('order.shipped', 0, {
        order: 'A',
        barcodes: [subject.slice(4)],
        delivery: START + 3 * DAY,
        late: 6 * DAY,
      });
      const { questions } = simulate({ subject, settings: SETTINGS, facts: [shipped], until: START + 7 * DAY });
      expect(questions[0]).toMatchObject({ why: 'on_the_way' });
      expect((questions[0]?.at ?? 0) - shipped.receivedAt).toBeLessThan(SECOND);
    }
  });
});
