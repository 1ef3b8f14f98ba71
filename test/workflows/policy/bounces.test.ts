import { describe, expect, test } from '@jest/globals';
import { TODAY } from '../../../workflows/core/rules.js';
import {
  begin,
  cameBack,
  learn,
  withNotification,
  type Knowledge,
  type Notification,
} from '../../../workflows/core/knowledge.js';
import { handedOver } from '../../../workflows/core/simulate.js';
import { createFacts, SETTINGS, START } from '../../support/facts.js';

const { report } = createFacts();
const key = { subject: 'kit:1', kind: 'results.available', occurrence: 1 } as const;
const notification: Notification = {
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
  calledBackBy: null,
};
const told: Knowledge = cameBack(
  withNotification(begin('kit:1', { facts: [], notifications: [] }, SETTINGS), notification),
  key,
  handedOver(START),
  START,
  TODAY,
);
const statusAfter = (facts: Parameters<typeof learn>[1]) => learn(told, facts, TODAY).known.notifications[0]?.status;
const bounce = (permanent: boolean) => report('mail.bounced', 0, key.kind, 1, permanent);
const delivery = report('mail.delivered', 0, key.kind);

describe('what a mail provider reports of one email', () => {
  test('a report of delivery does not undo a permanent bounce, in whichever batch it comes', () => {
    const bounced = bounce(true);
    expect(statusAfter([bounced, delivery])).toBe('bounced');
    const { known } = learn(told, [bounced], TODAY);
    expect(learn(known, [delivery], TODAY).known.notifications[0]?.status).toBe('bounced');
  });

  test('it does undo a temporary one, and a bounce after it counts', () => {
    expect(statusAfter([bounce(false), delivery])).toBe('delivered');
    expect(statusAfter([delivery, bounce(true)])).toBe('bounced');
  });

  test('a complaint counts after a delivery', () => {
    expect(statusAfter([delivery, report('mail.complained', 0, key.kind)])).toBe('complained');
  });

  test('a bounce that is faster than the word that the email went out counts, as do those after it', () => {
    const sending = withNotification(begin('kit:1', { facts: [], notifications: [] }, SETTINGS), {
      ...notification,
      upTo: 0,
    });
    const landing = (facts: Parameters<typeof learn>[1]) =>
      cameBack(learn(sending, facts, TODAY).known, key, handedOver(START), START, TODAY).notifications[0];
    const fast = bounce(false);
    expect(landing([fast])).toMatchObject({ status: 'bounced', reason: 'bounced_temporary' });
    // It is news to the email: results are tried once more for it.
    expect(landing([fast])?.upTo).toBeLessThan(fast.seq);
    expect(landing([fast, delivery])).toMatchObject({ status: 'delivered', reason: null });
    expect(landing([bounce(true), delivery])).toMatchObject({ status: 'bounced', reason: 'bounced_permanent' });
    expect(landing([report('mail.bounced', 0, 'kit.registered')])?.status).toBe('sent');
  });

  test('what was reported of an earlier attempt says nothing of this one', () => {
    const before = bounce(false);
    const again = { ...notification, upTo: before.seq };
    const known = withNotification(
      learn(begin('kit:1', { facts: [], notifications: [] }, SETTINGS), [before], TODAY).known,
      again,
    );
    expect(cameBack(known, key, handedOver(START), START, TODAY).notifications[0]?.status).toBe('sent');
  });
});
