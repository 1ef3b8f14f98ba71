import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Fact, PolicySettings, SignalBatch } from '../../../src/domain/facts.js';
import type { NotificationState } from '../../../src/domain/notifications.js';
import { begin, type Knowledge } from '../../../workflows/core/knowledge.js';
import { TODAY } from '../../../workflows/core/rules.js';
import { isSetBack, step, type Effect, type News, type Step } from '../../../workflows/core/step.js';
import { createFacts, DAY, HOUR, patient, PROMPT_KIT, SECOND, SETTINGS, START, told } from '../../support/facts.js';
import { ALONE, WITHOUT_CLOCKS } from '../../support/simulated.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});

const at = (days: number): number => START + days * DAY;
const registered = (days = 0) => make.fact('kit.registered', days, { person: patient('jane') });
const known = (
  settings: PolicySettings = WITHOUT_CLOCKS,
  notifications: readonly NotificationState[] = [],
): Knowledge => begin('kit:1', { facts: [], notifications }, settings);
const batch = (facts: readonly Fact[], settings = WITHOUT_CLOCKS, before = 0): SignalBatch => ({
  facts,
  settings,
  before,
});
const signal = (...facts: readonly Fact[]): News => ({ of: 'signal', batch: batch(facts) });
/** One step after the other, each a moment after the newest fact or when it says. */
function lead(from: Knowledge, ...stretch: readonly (readonly [days: number, ...news: News[]])[]): Step[] {
  let before = from;
  return stretch.map(([days, ...news]) => {
    const next = step(before, news, at(days), TODAY);
    before = next.known;
    return next;
  });
}
const effects = <Do extends Effect['do']>(one: Step | undefined, what: Do) =>
  (one?.effects ?? []).filter((effect): effect is Extract<Effect, { do: Do }> => effect.do === what);
const wentOut = (kind: NotificationState['kind'], days: number): News => ({
  of: 'send',
  key: { subject: 'kit:1', kind, occurrence: 1 },
  outcome: { status: 'sent', reason: null, until: null, settledAt: at(days), address: 'jane@home' },
  at: at(days),
});

describe('staff are called', () => {
  test('once for each thing that needs them at once, and again when what was over comes back', () => {
    const answer = (days: number, more = {}) => signal(make.fact('partner.answered', days, more));
    const [first, again, over, back] = lead(
      known(),
      [1, signal(registered()), answer(1, { unknownStatus: true })],
      [2],
      [3, answer(3)],
      [4, answer(4, { unknownStatus: true, unknownWords: 'odd' })],
    );
    const call = (days: number): Effect => ({
      do: 'alert',
      input: { subject: 'kit:1', code: 'unknown_status', at: at(days) },
    });
    expect(effects(first, 'alert')).toEqual([call(1)]);
    expect(effects(again, 'alert')).toEqual([]);
    expect(effects(over, 'alert')).toEqual([]);
    expect(effects(back, 'alert')).toEqual([call(4)]);
  });

  test('for what comes beside something that they were called for already', () => {
    const doubt = make.fact('partner.answered', 1, { unknownStatus: true });
    const [, beside, again] = lead(
      known(),
      [1, signal(registered()), signal(doubt)],
      [3, signal(make.fact('kit.cancelled', 2), make.fact('results.available', 3, { person: patient('jane') }))],
      [4],
    );
    expect(effects(beside, 'alert').map(({ input }) => input.code)).toEqual(['results_after_end']);
    expect(beside?.known.alerted).toHaveLength(2);
    expect(new Set(beside?.known.alerted).size).toBe(2);
    expect(effects(again, 'alert')).toEqual([]);
  });

  test('for another kind of email, though they were called for the same of an earlier one', () => {
    const refused = (kind: NotificationState['kind'], days: number): News => ({
      of: 'send',
      key: { subject: 'kit:1', kind, occurrence: 1 },
      outcome: { status: 'failed', reason: 'address_refused', until: null, settledAt: at(days), address: 'jane@home' },
      at: at(days),
    });
    const steps = lead(
      known(),
      [1, signal(registered(), make.fact('results.available', 1))],
      [1.1, refused('results.available', 1.1)],
      [2, signal(make.fact('results.reviewed', 2))],
      [2.1, refused('results.reviewed', 2.1)],
    );
    const calls = steps.flatMap((one) => effects(one, 'alert')).map(({ input }) => [input.code, input.kind]);
    expect(calls).toEqual([
      ['address_refused', 'results.available'],
      ['address_refused', 'results.reviewed'],
    ]);
  });

  test('for each kind of email apart, which is named', () => {
    const refused = (kind: NotificationState['kind']) =>
      told(kind, 1, { status: 'failed', reason: 'address_refused', cause: 'wh_1' });
    const facts = [registered(), make.fact('results.available', 1), make.fact('results.reviewed', 1)];
    const started = begin(
      'kit:1',
      { facts, notifications: [refused('results.available'), refused('results.reviewed')] },
      WITHOUT_CLOCKS,
    );
    const [one] = lead(started, [2]);
    expect(effects(one, 'alert').map(({ input }) => [input.code, input.kind])).toEqual([
      ['address_refused', 'results.available'],
      ['address_refused', 'results.reviewed'],
    ]);
  });

  test('not for what can wait for the desk', () => {
    const [one] = lead(known(), [
      2,
      signal(registered(), make.fact('kit.received_lab', 1), make.fact('order.cancelled', 2)),
    ]);
    expect(one?.projection.attention.map(({ code }) => code)).toEqual(['cancelled_at_lab']);
    expect(effects(one, 'alert')).toEqual([]);
  });
});

describe('the database is told', () => {
  test('nothing where nothing has changed', () => {
    const [, again] = lead(known(), [0, signal(registered())], [0.01]);
    expect(again?.effects).toEqual([]);
  });

  test('of a send by the send itself, which takes the projection along', () => {
    const [one] = lead(known(), [0, signal(registered())]);
    expect(one?.effects.map((effect) => effect.do)).toEqual(['send']);
    expect(effects(one, 'send')[0]?.input.projection).toEqual(one?.projection);
  });

  test('of all that was decided and isn’t sent, beside a send, too', () => {
    const [one] = lead(known(), [1, signal(registered(), make.fact('kit.received_lab', 0.5))]);
    expect(effects(one, 'send').map(({ input }) => input.kind)).toEqual(['kit.received_lab']);
    expect(
      effects(one, 'record').map(({ input }) => input.decisions.map(({ kind, reason }) => [kind, reason])),
    ).toEqual([[['kit.registered', 'superseded']]]);
    expect(effects(one, 'record')[0]?.input).toMatchObject({ subject: 'kit:1', projection: one?.projection });
  });

  test('of another state without an email', () => {
    const [, , one] = lead(
      known(),
      [0, signal(registered())],
      [0.01, wentOut('kit.registered', 0.01)],
      [1, signal(make.fact('kit.processing_completed', 1))],
    );
    expect(effects(one, 'send')).toEqual([]);
    expect(effects(one, 'record')).toHaveLength(1);
    expect(effects(one, 'record')[0]?.input).not.toHaveProperty('optedOut');
  });
});

describe('the addresses of a person who wants no email at all are told', () => {
  const wish = (one: Step | undefined) => effects(one, 'record')[0]?.input.optedOut;

  test('when the wish is new, when another of their addresses is, and by a run that has just begun; not each time', () => {
    const optOut = make.command('operator.opt_out', 1);
    const moved = (days: number) => make.fact('kit.received_lab', days, { person: patient('jane', 'new@home') });
    const facts = registered();
    const [before, asked, later, address] = lead(
      known(),
      [0, signal(facts)],
      [1, signal(optOut)],
      [2, signal(make.fact('kit.processing_started', 2))],
      [3, signal(moved(3))],
    );
    expect(wish(before)).toBeUndefined();
    expect(wish(asked)).toEqual({ addresses: ['jane@home'], cause: optOut.cause });
    expect(wish(later)).toBeUndefined();
    expect(wish(address)?.addresses).toEqual(expect.arrayContaining(['jane@home', 'new@home']));
    expect(wish(address)?.addresses).toHaveLength(2);

    const [anew] = lead(begin('kit:1', { facts: [facts, optOut], notifications: [] }, WITHOUT_CLOCKS), [4]);
    expect(wish(anew)).toEqual({ addresses: ['jane@home'], cause: optOut.cause });
  });

  test('not where no address is known yet', () => {
    const [one] = lead(known(), [1, signal(make.fact('kit.registered', 0), make.command('operator.opt_out', 1))]);
    expect(wish(one)).toBeUndefined();
  });
});

describe('the partner is asked', () => {
  const silent = { ...SETTINGS, registerReminderAfter: null, returnReminderAfter: null, processingDelayAfter: null };
  const promptly = () => {
    make = createFacts(PROMPT_KIT);
    const facts = [make.fact('kit.registered', 0, { person: patient('jane') }), make.fact('kit.received_lab', 0.1)];
    return begin(PROMPT_KIT, { facts, notifications: [] }, silent);
  };

  test('with what it has said before, the last two words of it, so that the same again is no news', () => {
    const answers = [0.2, 0.3, 0.4].map((days) => make.fact('partner.answered', days));
    const [none] = lead(promptly(), [1.2]);
    expect(effects(none, 'ask')).toHaveLength(1);
    expect(effects(none, 'ask')[0]?.input).toMatchObject({ subject: PROMPT_KIT, why: 'silence' });
    expect(effects(none, 'ask')[0]?.input).not.toHaveProperty('answers');
    expect(none?.known.questions).toMatchObject([{ why: 'silence', askedAt: at(1.2), outcome: null }]);

    const started = promptly();
    const [some] = lead(
      { ...started, facts: [...started.facts, ...answers.map((one, n) => ({ ...one, seq: 10 + n }))] },
      [1.6],
    );
    expect(effects(some, 'ask')[0]?.input.answers).toEqual(answers.slice(-2).map(({ cause }) => cause));
  });

  test('no more once what it was asked for is known', () => {
    make = createFacts();
    const nobody = make.fact('kit.registered', 0, { person: patient('jane', null) });
    const [asking, , answered] = lead(
      known(SETTINGS),
      [0, { of: 'signal', batch: batch([nobody], SETTINGS) }],
      [0.1],
      [
        0.2,
        { of: 'signal', batch: batch([make.fact('kit.received_lab', 0.2, { person: patient('jane') })], SETTINGS) },
      ],
    );
    expect(effects(asking, 'ask').map(({ input }) => input.why)).toEqual(['no_contact']);
    expect(effects(asking, 'stop_asking')).toEqual([]);
    expect(effects(answered, 'stop_asking')).toEqual([{ do: 'stop_asking' }]);
  });
});

describe('news', () => {
  test('of other settings: they decide from then on', () => {
    const off = { ...WITHOUT_CLOCKS, switchedOff: ['kit.registered'] } as PolicySettings;
    const [one] = lead(begin('kit:1', { facts: [registered()], notifications: [] }, WITHOUT_CLOCKS), [
      0.01,
      { of: 'settings', settings: off },
    ]);
    expect(one?.known.settings).toBe(off);
    expect(effects(one, 'send')).toEqual([]);
    expect(effects(one, 'record')[0]?.input.decisions).toMatchObject([
      { kind: 'kit.registered', status: 'not_sent', reason: 'switched_off' },
    ]);
  });

  test('of what the database remembers: what went before isn’t sent again', () => {
    const facts = [registered()];
    const [one] = lead(known(), [
      1,
      { of: 'memory', prior: { facts, notifications: [told('kit.registered', 0.1, { cause: 'wh_1' })] } },
    ]);
    expect(one?.known.facts).toEqual(facts);
    expect(effects(one, 'send')).toEqual([]);
  });

  test('that overtakes an email which is being sent calls it back, and nothing newer starts beside it', () => {
    const [, one] = lead(known(), [0, signal(registered())], [1, signal(make.fact('kit.received_lab', 1))]);
    expect(effects(one, 'call_back')).toMatchObject([
      { key: { subject: 'kit:1', kind: 'kit.registered', occurrence: 1 }, because: { reason: 'superseded' } },
    ]);
    expect(Object.keys(effects(one, 'call_back')[0]?.key ?? {})).toEqual(['subject', 'kind', 'occurrence']);
    expect(effects(one, 'send')).toEqual([]);
  });

  test('of a signal and of what became of a send are learned in their order, and all of it is in the decision', () => {
    const [, one] = lead(
      known(),
      [0, signal(registered())],
      [1, wentOut('kit.registered', 0.9), signal(make.fact('kit.received_lab', 1))],
    );
    expect(effects(one, 'call_back')).toEqual([]);
    expect(effects(one, 'send').map(({ input }) => input.kind)).toEqual(['kit.received_lab']);
  });
});

test('a journey does not end while an email is under way', () => {
  const results = make.fact('results.available', 0, { person: patient('jane') });
  const [sending, sent] = lead(
    known({ ...ALONE, kitLinger: 0 }),
    [0, { of: 'signal', batch: batch([results], { ...ALONE, kitLinger: 0 }) }],
    [0.1, wentOut('results.available', 0.1)],
  );
  expect(sending?.projection.closed).toBe(false);
  expect(sent?.projection.closed).toBe(true);
});

test('a journey that is over waits for nothing', () => {
  const lingering = { ...ALONE, kitLinger: HOUR };
  const [, open, over] = lead(
    known(lingering),
    [0, signal(registered()), signal(make.fact('results.available', 0.1))],
    [0.1, { of: 'settings', settings: lingering }, wentOut('results.available', 0.1)],
    [0.2],
  );
  expect(open?.projection.closed).toBe(false);
  expect(open?.alarm?.at).toBeLessThanOrEqual(at(0.1) + HOUR + SECOND);
  expect(over?.projection.closed).toBe(true);
  expect(over?.alarm).toBeNull();
});

describe('a run was set back', () => {
  const facts = () => [registered(), make.fact('kit.received_lab', 1)];
  const after = (before: number) => batch([make.fact('results.available', 2)], WITHOUT_CLOCKS, before);

  test('when more was delivered before a signal than it has heard of, in what it knows or in what came with it', () => {
    const [one, two] = facts() as [Fact, Fact];
    const knowing = (...heard: readonly Fact[]) => begin('kit:1', { facts: heard, notifications: [] }, WITHOUT_CLOCKS);
    expect(isSetBack(knowing(one, two), [], after(2))).toBe(false);
    expect(isSetBack(knowing(one, two), [], after(1))).toBe(false);
    expect(isSetBack(knowing(one, two), [], after(3))).toBe(true);
    expect(isSetBack(knowing(one), [signal(two)], after(2))).toBe(false);
    expect(isSetBack(knowing(one), [signal(two)], after(3))).toBe(true);
    // Told twice is heard of once.
    expect(isSetBack(knowing(one), [signal(one)], after(2))).toBe(true);
    expect(isSetBack(knowing(one), [signal(one), { of: 'settings', settings: SETTINGS }, signal(two)], after(2))).toBe(
      false,
    );
    expect(isSetBack(knowing(), [], after(0))).toBe(false);
  });
});
