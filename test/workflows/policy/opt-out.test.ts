import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Fact } from '../../../src/domain/facts.js';
import { begin, type Knowledge } from '../../../workflows/core/knowledge.js';
import { optedOutAddresses } from '../../../workflows/policy/opt-out.js';
import { TODAY } from '../../../workflows/core/rules.js';
import { step } from '../../../workflows/core/step.js';
import { createFacts, DAY, patient, recipient, START } from '../../support/facts.js';
import { ALONE, livesUnder, nextOf, storyOf, WITHOUT_CLOCKS } from '../../support/simulated.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});

const live = livesUnder(WITHOUT_CLOCKS, 10);
const registered = (days = 0, person = patient('jane')) => make.fact('kit.registered', days, { person });
const optOut = (days: number) => make.command('operator.opt_out', days);
const fates = (facts: readonly Fact[]) =>
  live(facts).known.notifications.map(({ kind, status, reason }) => [kind, status, reason]);

describe('who asks for no email at all', () => {
  test('hears of no progress; results wait for a human, who is called', () => {
    const facts = [registered(), optOut(1), make.fact('kit.received_lab', 2), make.fact('results.available', 3)];
    expect(fates(facts)).toEqual([
      ['kit.registered', 'sent', null],
      ['kit.received_lab', 'not_sent', 'opted_out'],
      ['results.available', 'deferred', 'opted_out'],
    ]);
    expect(nextOf(live(facts)).escalations).toMatchObject([
      { code: 'opted_out', kind: 'results.available', alerts: true },
    ]);
  });

  test('is told so: what wasn’t sent names the operator’s entry as its cause', () => {
    const facts = [registered(), optOut(1), make.fact('kit.received_lab', 2)];
    const { decisions } = live(facts);
    expect(decisions.filter(({ reason }) => reason === 'opted_out').map(({ cause }) => cause)).toEqual(['operator:2']);
  });

  test('stops no reminder of their order’s, which goes to the recipient', () => {
    const order = { order: 'A', person: recipient('buyer') };
    const facts = [make.fact('order.shipped', 0, { ...order, barcodes: ['1'] }), optOut(1)];
    const { sent } = livesUnder(ALONE, 10)(facts);
    expect(sent.map(({ input }) => input.kind)).toEqual(['reminder.register']);
  });

  test('is not written to under another address either', () => {
    const moved = make.fact('results.available', 3, { person: patient('jane', 'new@home') });
    expect(fates([registered(), optOut(1), moved])).toContainEqual(['results.available', 'deferred', 'opted_out']);
  });

  test('is written to again once that is taken back, and by no other retry', () => {
    const facts = () => [registered(), optOut(1), make.fact('results.available', 3)];
    expect(fates([...facts(), make.command('operator.retry', 4)])).toContainEqual([
      'results.available',
      'deferred',
      'opted_out',
    ]);
    make = createFacts();
    expect(fates([...facts(), make.command('operator.retry', 4, { lift: true })])).toContainEqual([
      'results.available',
      'sent',
      null,
    ]);
    make = createFacts();
    const again = [...facts(), make.command('operator.retry', 4, { lift: true }), optOut(5)];
    expect(fates([...again, make.fact('results.reviewed', 6)])).toContainEqual([
      'results.reviewed',
      'deferred',
      'opted_out',
    ]);
  });

  test('of the order’s recipient it says nothing, nor does the recipient’s wish of the patient', () => {
    const wish = make.command('operator.opt_out', 1, { subject: 'order:A' });
    expect(fates([registered(), wish, make.fact('kit.received_lab', 2)])).toContainEqual([
      'kit.received_lab',
      'sent',
      null,
    ]);
  });
});

describe('the addresses that nothing may go to any more', () => {
  /** What each step asks the database to suppress. */
  function suppressed(...signals: readonly (readonly Fact[])[]): (readonly string[])[] {
    let known: Knowledge = begin('kit:1', { facts: [], notifications: [] }, WITHOUT_CLOCKS);
    return signals.map((facts) => {
      const batch = { facts, before: 0, settings: WITHOUT_CLOCKS };
      const taken = step(known, [{ of: 'signal', batch }], START + 9 * DAY, TODAY);
      known = taken.known;
      return taken.effects.flatMap((effect) =>
        effect.do === 'record' ? (effect.input.optedOut?.addresses ?? []) : [],
      );
    });
  }
  const moved = (days: number) => make.fact('kit.received_lab', days, { person: patient('jane', 'new@home') });

  test('are those that are known, and each that is learned of the same person', () => {
    expect(suppressed([registered()], [optOut(1)], [make.fact('kit.processing_started', 2)], [moved(3)])).toEqual([
      [],
      ['jane@home'],
      [],
      ['new@home', 'jane@home'],
    ]);
  });

  test('are those that are learned after the wish, where none was known when it was entered', () => {
    const shipped = make.fact('order.shipped', 0, { order: 'A', barcodes: ['1'] });
    expect(suppressed([shipped, optOut(1)], [registered(2)])).toEqual([[], ['jane@home']]);
  });

  test('are said again by a run that starts with what is known, and by no other', () => {
    expect(suppressed([registered(), optOut(1)], [make.fact('kit.received_lab', 2)])).toEqual([['jane@home'], []]);
  });

  test('are none while nobody knows who of two is meant, and never the recipient’s', () => {
    expect(suppressed([registered(), optOut(1)], [registered(2, patient('john'))])).toEqual([['jane@home'], []]);
    make = createFacts();
    const buyer = make.fact('order.created', 0, { order: 'A', person: recipient('buyer') });
    expect(suppressed([buyer, optOut(1)])).toEqual([[]]);
  });

  test('are none of who has said nothing, and none is made of a block without one', () => {
    const story = (subject: string, facts: readonly Fact[]) =>
      storyOf(begin(subject, { facts, notifications: [] }, WITHOUT_CLOCKS), START + 9 * DAY);
    const facts = [registered(), make.fact('kit.received_lab', 1, { person: patient('jane', null) })];
    expect(optedOutAddresses(story('kit:1', facts))).toEqual([]);
    expect(optedOutAddresses(story('kit:1', [...facts, optOut(2)]))).toEqual(['jane@home']);
  });

  test('of an order are its recipient’s', () => {
    make = createFacts('order:A');
    const buyer = make.fact('order.created', 0, { order: 'A', person: recipient('buyer') });
    const known = begin('order:A', { facts: [buyer, optOut(1)], notifications: [] }, WITHOUT_CLOCKS);
    expect(optedOutAddresses(storyOf(known, START + 9 * DAY))).toEqual(['buyer@home']);
  });

  test('are none once it is taken back', () => {
    const lifted = make.command('operator.retry', 2, { lift: true });
    const facts = [registered(), optOut(1)];
    expect(suppressed(facts, [{ ...lifted, seq: 9 }], [moved(3)])).toEqual([['jane@home'], [], []]);
  });
});
