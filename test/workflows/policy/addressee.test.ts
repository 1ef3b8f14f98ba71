import { beforeEach, describe, expect, test } from '@jest/globals';
import { nextOf } from '../../support/simulated.js';
import type { Fact, PersonTrace } from '../../../src/domain/facts.js';
import { isOfOneRuledOut, patientOf, recipientOf } from '../../../workflows/policy/addressee.js';
import { simulate, type Played, type World } from '../../../workflows/core/simulate.js';
import { createFacts, DAY, nameParts, patient, recipient, SECOND, SETTINGS, START } from '../../support/facts.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});
const live = (facts: readonly Fact[], more: Partial<World> = {}): Played =>
  simulate({ subject: 'kit:1', settings: { ...SETTINGS, partner: false }, until: START + 100 * DAY, facts, ...more });
const block = (days: number, person: PersonTrace) => make.fact('kit.registered', days, { person });
const correct = (days: number, address: string, name: string | null = null, command = {}) =>
  make.command('operator.correct_contact', days, command, {
    person: { role: 'patient', hasContact: true, name: name === null ? null : nameParts(name), address },
  });
const kinds = ({ sent }: Played) => sent.map(({ input }) => `${input.kind} ${String(input.occurrence)}`);

describe('whose address', () => {
  test('the newest by the fact’s own time, not by arrival', () => {
    const facts = [block(2, patient('jane', 'new')), block(1, patient('jane', 'old'))];
    expect(patientOf(facts)).toEqual({ known: true, address: 'new' });
  });

  test('another name is another person: a conflict; a missing name is none', () => {
    expect(patientOf([block(1, patient('jane')), block(2, patient('john'))])).toMatchObject({
      why: 'contact_conflict',
    });
    expect(patientOf([block(1, patient('jane')), block(2, { ...patient('x', 'y'), name: null })]).known).toBe(true);
  });

  test('an operator’s address beats every address seen before it, also when that comes again', () => {
    const facts = [block(1, patient('jane')), block(2, patient('john')), correct(3, 'right')];
    expect(patientOf(facts)).toEqual({ known: true, address: 'right' });
    expect(patientOf([...facts, block(4, patient('jane'))])).toEqual({ known: true, address: 'right' });
    // Nobody said which of the two is meant: neither brings another address.
    expect(patientOf([...facts, block(4, patient('jane', 'moved'))])).toEqual({ known: true, address: 'right' });
    expect(patientOf([...facts, block(4, patient('jim'))])).toMatchObject({ why: 'contact_conflict' });
    const one = [block(1, patient('jane')), correct(3, 'right'), block(4, patient('jane', 'moved'))];
    expect(patientOf(one)).toEqual({ known: true, address: 'moved' });
  });

  test('who was ruled out changes nothing, whatever address they bring; who was ruled in may move', () => {
    const ruled = (name: string) => [block(1, patient('jane')), block(2, patient('john')), correct(3, 'right', name)];
    const then = (name: string, address: string) => patientOf([...ruled('jane'), block(4, patient(name, address))]);
    expect(then('john', 'elsewhere')).toEqual({ known: true, address: 'right' });
    expect(then('john', 'john@home')).toEqual({ known: true, address: 'right' });
    expect(then('jane', 'moved')).toEqual({ known: true, address: 'moved' });
    // The address that the human chose is its owner's, whoever is named beside it.
    expect(then('john', 'right')).toEqual({ known: true, address: 'right' });
    expect(then('jim', 'third')).toMatchObject({ why: 'contact_conflict' });
    // An address that was seen with one of them says who is meant.
    const byAddress = [block(1, patient('jane')), block(2, patient('john')), correct(3, 'jane@home')];
    expect(patientOf([...byAddress, block(4, patient('john', 'elsewhere'))])).toEqual({
      known: true,
      address: 'jane@home',
    });
  });

  test('of the order’s recipient nothing was ruled', () => {
    const facts = [block(0, patient('jane')), block(1, patient('john')), correct(2, 'jane@home', 'jane')];
    const order = make.fact('order.shipped', 3, { order: 'A', person: recipient('john') });
    expect(isOfOneRuledOut(order, [...facts, order])).toBe(false);
    const again = block(4, patient('john'));
    expect(isOfOneRuledOut(again, [...facts, order, again])).toBe(true);
  });

  test('of whom was ruled out it is said that nothing follows from their block', () => {
    const facts = [block(0, patient('jane')), block(1, patient('john')), correct(2, 'right', 'jane')];
    const again = make.fact('kit.received_lab', 3, { person: patient('john', 'elsewhere') });
    const kit = live([...facts, again]);
    const said = kit.decisions.filter(({ rule }) => rule.endsWith('names whom an operator ruled out'));
    expect(said.map(({ cause, verdict, reason }) => [cause, verdict, reason])).toEqual([
      [again.cause, 'not_send', 'contact_conflict'],
    ]);
    expect(kit.projection.attention).toEqual([]);
  });

  test('the same address is the same person, however the name is spelled', () => {
    const spelled = [block(1, patient('jose', 'home')), block(2, patient('jsoe', 'home'))];
    expect(patientOf(spelled)).toEqual({ known: true, address: 'home' });
    // Also when they move under their other name.
    expect(patientOf([...spelled, block(3, patient('jsoe', 'new'))])).toEqual({ known: true, address: 'new' });
    expect(patientOf([...spelled, block(3, patient('jim', 'new'))])).toMatchObject({ why: 'contact_conflict' });
  });

  test('a fact older than the operator’s word that comes after it changes nothing; the last word counts', () => {
    const facts = [block(1, patient('jane')), correct(3, 'right')];
    expect(patientOf([...facts, block(2, patient('jane', 'late'))])).toEqual({ known: true, address: 'right' });
    const again = [...facts, correct(5, 'better')];
    expect(patientOf([...again].reverse())).toEqual({ known: true, address: 'better' });
    expect(patientOf([...again, block(6, patient('jane', 'right'))])).toEqual({ known: true, address: 'better' });
  });

  test('of two facts of the same time, the one that arrived later', () => {
    const facts = [block(1, patient('jane', 'first')), block(1, patient('jane', 'second'))];
    expect(patientOf([...facts].reverse())).toEqual({ known: true, address: 'second' });
  });

  test('a corrected recipient is no patient', () => {
    const created = make.fact('order.created', 0, { person: recipient('buyer') });
    const word = make.command('operator.correct_contact', 1, {}, { person: recipient('buyer', 'new') });
    expect(recipientOf([created, word])).toEqual({ known: true, address: 'new' });
    expect(patientOf([created, word, block(0.5, patient('jane'))])).toEqual({ known: true, address: 'jane@home' });
    expect(patientOf([created, word])).toEqual({ known: false, why: 'not_the_patient' });
  });

  test('names that an operator has decided about are no news, in whichever fact they come again', () => {
    const two = [block(1, patient('jane')), block(2, patient('john')), correct(3, 'right')];
    expect(patientOf([...two, block(4, patient('john')), block(5, patient('jane'))]).known).toBe(true);
    const one = [block(1, patient('jane')), correct(2, 'right')];
    expect(patientOf([...one, block(3, patient('john'))])).toMatchObject({ why: 'contact_conflict' });
    const unnamed = [correct(1, 'right'), block(2, patient('jane'))];
    expect(patientOf(unnamed)).toEqual({ known: true, address: 'jane@home' });
    expect(patientOf([...unnamed, block(3, patient('john'))])).toMatchObject({ why: 'contact_conflict' });
  });

  test('never the recipient in the patient’s stead', () => {
    const created = make.fact('order.created', 0, { person: recipient('buyer') });
    expect(patientOf([created])).toEqual({ known: false, why: 'not_the_patient' });
    expect(patientOf([])).toEqual({ known: false, why: 'no_contact' });
    expect(patientOf([created, block(1, patient('jane', null))])).toEqual({ known: false, why: 'no_contact' });
    expect(recipientOf([created]).known).toBe(true);
  });
});

describe('two patients for one kit', () => {
  test('nothing more is sent until an operator decides; then what is still true goes', () => {
    const facts = [
      block(0, patient('jane')),
      make.fact('kit.received_lab', 1, { person: patient('john') }),
      make.fact('results.available', 2),
    ];
    const stuck = live(facts, { until: START + 10 * DAY });
    expect(kinds(stuck)).toEqual(['kit.registered 1']);
    expect(stuck.projection.attention).toMatchObject([{ code: 'contact_conflict' }]);
    expect(stuck.known.notifications.find(({ kind }) => kind === 'results.available')).toMatchObject({
      status: 'deferred',
      reason: 'contact_conflict',
    });
    const decided = live([...facts, correct(3, 'right')]);
    expect(kinds(decided)).toEqual(['kit.registered 1', 'results.available 2']);
    expect(decided.projection.attention).toEqual([]);
  });

  test('an email that is being retried is called back', () => {
    const kit = live([block(0, patient('jane')), make.fact('kit.registered', 0.5, { person: patient('john') })], {
      until: START + 2 * DAY,
      send: (_, now) => ({
        after: DAY,
        retrying: true,
        outcome: { status: 'sent', reason: null, until: null, settledAt: now, address: null },
      }),
    });
    expect(kinds(kit)).toEqual([]);
    expect(kit.known.notifications.find(({ kind }) => kind === 'kit.registered')).toMatchObject({
      status: 'deferred',
      reason: 'contact_conflict',
    });
  });
});

describe('operators', () => {
  const refusing: World['send'] = ({ kind, reopen }, now) => ({
    after: SECOND,
    outcome:
      kind === 'results.available' && reopen !== true
        ? { status: 'failed', reason: 'address_refused', until: null, settledAt: now, address: null }
        : { status: 'sent', reason: null, until: null, settledAt: now, address: null },
  });
  const results = () => make.fact('results.available', 1, { person: patient('jane') });

  test('retry opens the same row again, once', () => {
    const kit = live([results(), make.command('operator.retry', 2)], { send: refusing });
    expect(kit.sent.map(({ input }) => [input.kind, input.occurrence, input.reopen, input.tooLateAt])).toEqual([
      ['results.available', 1, true, null],
    ]);
    expect(kit.attention.map(({ code }) => code)).toEqual(['address_refused', null]);
  });

  test('skip settles what failed, ends the attention and says who asked', () => {
    const kit = live([results(), make.command('operator.skip', 2)], { send: refusing });
    expect(kit.known.notifications.find(({ kind }) => kind === 'results.available')).toMatchObject({
      status: 'not_sent',
      reason: 'operator_skipped',
    });
    expect(kit.decisions.at(-1)).toMatchObject({ cause: 'operator:2', reason: 'operator_skipped' });
    expect(kit.projection.attention).toEqual([]);
  });

  test('a skip without a kind doesn’t skip what only comes later', () => {
    const kit = live([results(), make.command('operator.skip', 2), make.fact('results.reviewed', 3)], {
      send: refusing,
    });
    expect(kinds(kit)).toEqual(['results.reviewed 1']);
  });

  test.each(['operator.retry', 'operator.skip', 'operator.release'] as const)(
    '%s of what was sent is a recorded decision',
    (event) => {
      const kit = live([
        results(),
        make.command(event, 2, event === 'operator.skip' ? {} : { kind: 'results.available' }),
      ]);
      expect(kit.decisions.at(-1)).toMatchObject({
        kind: 'results.available',
        verdict: 'not_send',
        reason: 'already_told',
        cause: 'operator:2',
      });
      expect(kinds(kit)).toEqual(['results.available 1']);
    },
  );

  test('a retry of what has been overtaken changes nothing and says so', () => {
    const kit = live(
      [results(), make.fact('results.reviewed', 2), make.command('operator.retry', 3, { kind: 'results.available' })],
      { send: refusing },
    );
    expect(kinds(kit)).toEqual(['results.reviewed 1']);
    expect(kit.decisions.at(-1)).toMatchObject({ reason: 'superseded', cause: 'operator:3' });
  });

  test('results that are too late wait for a human, who releases them', () => {
    const late = make.fact('results.available', 0, { person: patient('jane'), late: 31 * DAY });
    const kit = live([late, make.command('operator.release', 40)]);
    expect(kit.sent.map(({ input }) => [input.cause, input.tooLateAt])).toEqual([['operator:2', null]]);
  });

  test('after an erasure nothing is sent, what was retried is called back', () => {
    const kit = live(
      [block(0, patient('jane')), make.command('operator.erase', 0.5), make.fact('results.available', 1)],
      {
        send: (_, now) => ({
          after: DAY,
          retrying: true,
          outcome: { status: 'sent', reason: null, until: null, settledAt: now, address: null },
        }),
      },
    );
    expect(kinds(kit)).toEqual([]);
    expect(new Set(kit.known.notifications.map(({ reason }) => reason))).toEqual(new Set(['erased']));
  });

  test('an acknowledged contradiction is no concern any more', () => {
    const facts = [make.fact('order.shipped', 0, { order: 'A' }), make.fact('order.shipped', 1, { order: 'B' })];
    expect(live(facts).attention.map(({ code }) => code)).toEqual(['two_orders']);
    expect(live([...facts, make.command('operator.skip', 2)]).attention.map(({ code }) => code)).toEqual([
      'two_orders',
      null,
    ]);
  });
});

test('what its order’s recipient was told neither keeps a kit open nor counts as its own', () => {
  const told = {
    subject: 'order:A',
    kind: 'order.shipped',
    occurrence: 1,
    status: 'deferred',
    reason: 'quiet_hours',
    at: START,
  } as const;
  const kit = live([make.fact('results.available', 1, { person: patient('jane') })], {
    prior: { facts: [], notifications: [told] },
  });
  expect(kit.endedAt).not.toBeNull();
  expect(kit.known.notifications.map(({ kind }) => kind)).toEqual(['results.available']);
});

describe('what the mail provider reports', () => {
  test('a permanent bounce of results calls a human; of progress it needs attention until a later email has arrived', () => {
    const bounce = live([
      make.fact('results.available', 1, { person: patient('jane') }),
      make.report('mail.bounced', 2, 'results.available'),
    ]);
    expect(nextOf(bounce).escalations).toMatchObject([{ code: 'bounced', kind: 'results.available', alerts: true }]);
    make = createFacts();
    const early = live(
      [block(0, patient('jane')), make.report('mail.bounced', 0.1, 'kit.registered'), make.fact('kit.received_lab', 3)],
      { until: START + 4 * DAY },
    );
    expect(early.attention.map(({ code }) => code)).toEqual(['bounced', null]);
  });

  test('a bounced registration calls staff at once: it is the early warning; a complaint about it does not', () => {
    const cameBack = (what: 'mail.bounced' | 'mail.complained', permanent = true) => {
      make = createFacts();
      const kit = live([block(0, patient('jane')), make.report(what, 0.1, 'kit.registered', 1, permanent)], {
        until: START + DAY,
      });
      return nextOf(kit).escalations.map(({ code, kind, alerts }) => [code, kind, alerts, kit.sent.length]);
    };
    expect(cameBack('mail.bounced')).toEqual([['bounced', 'kit.registered', true, 1]]);
    // Nor is it sent again by itself, as results are.
    expect(cameBack('mail.bounced', false)).toEqual([['bounced', 'kit.registered', true, 1]]);
    expect(cameBack('mail.complained')).toEqual([['complained', 'kit.registered', false, 1]]);
  });

  test('a complaint needs attention, and results are still tried', () => {
    const kit = live([
      block(0, patient('jane')),
      make.report('mail.complained', 0.1, 'kit.registered'),
      make.fact('results.available', 3),
    ]);
    expect(kinds(kit)).toEqual(['kit.registered 1', 'results.available 1']);
    expect(kit.attention[0]).toMatchObject({ code: 'complained' });
  });
});
