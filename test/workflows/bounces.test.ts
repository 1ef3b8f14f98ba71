import { describe, expect, test } from '@jest/globals';
import { begin, cameBack, learn, withRow, type Knowledge, type Row } from '../../workflows/knowledge.js';
import { handedOver } from '../../workflows/simulate.js';
import { createFacts, SETTINGS, START } from '../support/facts.js';

const { report } = createFacts();
const key = { subject: 'kit:1', kind: 'results.available', occurrence: 1 } as const;
const row: Row = {
  ...key,
  status: 'sending',
  reason: null,
  address: null,
  at: START,
  cause: 'wh_1',
  source: 1,
  due: null,
  upTo: 1,
  until: null,
  quiet: 0,
  flight: 'running',
};
const told: Knowledge = cameBack(
  withRow(begin('kit:1', { facts: [], told: [] }, SETTINGS), row),
  key,
  handedOver(START),
  START,
);
const statusAfter = (facts: Parameters<typeof learn>[1], bounceStays?: () => boolean) =>
  learn(told, facts, bounceStays).known.rows[0]?.status;
const bounce = (permanent: boolean) => report('mail.bounced', 0, key.kind, 1, permanent);
const delivery = report('mail.delivered', 0, key.kind);

describe('what a mail provider reports of one email', () => {
  test('a report of delivery does not undo a permanent bounce, in whichever batch it comes', () => {
    const bounced = bounce(true);
    expect(statusAfter([bounced, delivery])).toBe('bounced');
    const { known } = learn(told, [bounced]);
    expect(learn(known, [delivery]).known.rows[0]?.status).toBe('bounced');
  });

  test('it does undo a temporary one, and a bounce after it counts', () => {
    expect(statusAfter([bounce(false), delivery])).toBe('delivered');
    expect(statusAfter([delivery, bounce(true)])).toBe('bounced');
  });

  test('a complaint counts after a delivery', () => {
    expect(statusAfter([delivery, report('mail.complained', 0, key.kind)])).toBe('complained');
  });

  test('the rule is asked for only where it decides', () => {
    let asked = 0;
    const rule = () => {
      asked += 1;
      return false;
    };
    expect(statusAfter([delivery, bounce(false), report('mail.delivered', 0, key.kind)], rule)).toBe('delivered');
    expect(asked).toBe(0);
    expect(statusAfter([bounce(true), delivery], rule)).toBe('delivered');
    expect(asked).toBe(1);
  });
});
