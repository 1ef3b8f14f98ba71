import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import type { Kind } from '../../../src/domain/kinds.js';
import type { Fact } from '../../../src/domain/facts.js';
import { stateOf } from '../../../src/domain/own-facts.js';
import { simulate, type Played, type Sending, type World } from '../../../workflows/core/simulate.js';
import { createFacts, DAY, HOUR, patient, recipient, SECOND, START } from '../../support/facts.js';
import { ALONE, livesUnder, nextOf, WITHOUT_CLOCKS } from '../../support/simulated.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});

const live = livesUnder(WITHOUT_CLOCKS, 60);
const liveOrder = (facts: readonly Fact[], more: Partial<World> = {}) => live(facts, { subject: 'order:A', ...more });
const created = (days = 0) => make.fact('order.created', days, { order: 'A', person: recipient('buyer') });
const shipped = (days: number, barcodes: readonly string[] = ['1'], order = 'A', more = {}) =>
  make.fact('order.shipped', days, { order, barcodes, ...more });
const registered = (days: number, more = {}) => make.fact('kit.registered', days, { person: patient('jane'), ...more });
/** The partner's answer, in which Jane registered the kit on the second day. */
const answered = (days: number) =>
  make.fact('partner.answered', days, {
    learned: [{ event: 'kit.registered', at: START + 2 * DAY }],
    person: patient('jane'),
  });
const cancelled = (days: number, barcodes?: readonly string[], more = {}) =>
  make.fact('order.cancelled', days, { order: 'A', ...(barcodes === undefined ? {} : { barcodes }), ...more });

/** What became of every email: `sent`, or why not. */
const fates = ({ known }: Played): Partial<Record<Kind, string>> =>
  Object.fromEntries(known.notifications.map(({ kind, status, reason }) => [kind, reason ?? status]));
const asked = ({ attention }: Played) => attention.map(({ at, code }) => [code, (at - START) / DAY]);
const worries = (played: Played) => nextOf(played).escalations.map(({ code, alerts }) => [code, alerts]);

describe('a shipment or a registration after the cancellation', () => {
  test.each<[string, () => Fact[], Partial<Record<Kind, string>>]>([
    [
      'shipped later: what tells of either waits',
      () => [created(), cancelled(1, undefined, { late: 3 * DAY }), shipped(2, ['1'], 'A', { late: 3 * DAY })],
      { 'order.cancelled': 'sent', 'order.shipped': 'contradicted' },
    ],
    [
      'heard of in the other order: the cancellation waits as well',
      () => [created(), shipped(2), cancelled(1, undefined, { late: 2 * DAY })],
      { 'order.shipped': 'sent', 'order.cancelled': 'contradicted' },
    ],
    [
      'shipped earlier: simply cancelled',
      () => [created(), cancelled(1), shipped(0.5, ['1'], 'A', { late: DAY })],
      { 'order.cancelled': 'sent', 'order.shipped': 'superseded' },
    ],
    [
      'shipped in the same moment: simply cancelled',
      () => [created(), cancelled(1), shipped(1)],
      { 'order.cancelled': 'sent', 'order.shipped': 'superseded' },
    ],
    [
      'cancelled again after the shipment: simply cancelled',
      () => [created(), cancelled(1), shipped(2, ['1'], 'A', { late: 2 * DAY }), cancelled(3)],
      { 'order.cancelled': 'sent', 'order.shipped': 'superseded' },
    ],
    [
      'another kit than the cancelled one is shipped later: it goes on',
      () => [created(), shipped(0, ['1', '2']), cancelled(1, ['1']), shipped(2, ['2', '3'])],
      { 'order.shipped': 'sent' },
    ],
    [
      'the cancelled one of two is shipped later',
      () => [created(), cancelled(1, ['1']), shipped(2, ['1', '2'])],
      { 'order.shipped': 'contradicted' },
    ],
    [
      'one parcel left later and one before, heard of in this order: the word of the cancellation waits',
      () => [
        created(),
        shipped(2),
        shipped(0.5, ['2'], 'A', { late: 2 * DAY }),
        cancelled(1, undefined, { late: 2 * DAY }),
      ],
      { 'order.shipped': 'sent', 'order.cancelled': 'contradicted' },
    ],
    [
      'confirmed later: a confirmation is no shipment',
      () => [created(), cancelled(1), make.fact('order.confirmed', 2, { order: 'A' })],
      { 'order.cancelled': 'sent', 'order.confirmed': 'superseded' },
    ],
    [
      'confirmed between the two: the shipment has overtaken it',
      () => [
        ...[created(), cancelled(1, undefined, { late: 3 * DAY }), shipped(2, ['1'], 'A', { late: 2 * DAY })],
        make.fact('order.confirmed', 1.5, { order: 'A', late: 3 * DAY }),
      ],
      { 'order.cancelled': 'contradicted', 'order.shipped': 'contradicted', 'order.confirmed': 'superseded' },
    ],
  ])('of an order, %s', (_, facts, expected) => {
    const order = liveOrder(facts(), { until: START + 5 * DAY });
    expect(fates(order)).toEqual(expected);
    const inDoubt = Object.values(expected).includes('contradicted');
    expect(worries(order)).toEqual(inDoubt ? [['contradicted', true]] : []);
  });

  test.each<[string, () => Fact[], Partial<Record<Kind, string>>]>([
    [
      'registered later: both wait',
      () => [shipped(0), cancelled(1), registered(2)],
      { 'kit.cancelled': 'contradicted', 'kit.registered': 'contradicted' },
    ],
    [
      'registered earlier: cancelled',
      () => [shipped(0), registered(1), cancelled(2)],
      { 'kit.registered': 'sent', 'kit.cancelled': 'sent' },
    ],
    [
      'registered earlier, heard of later: cancelled',
      () => [shipped(0), cancelled(2), registered(1, { late: 2 * DAY })],
      { 'kit.registered': 'superseded', 'kit.cancelled': 'sent' },
    ],
    [
      'later news waits too, earlier news is overtaken',
      () => [
        cancelled(1),
        shipped(2),
        registered(0.5, { late: 2 * DAY }),
        make.fact('kit.received_lab', 3),
        make.fact('kit.failed', 4),
      ],
      {
        'kit.registered': 'superseded',
        'kit.cancelled': 'contradicted',
        'kit.received_lab': 'contradicted',
        'kit.failed': 'contradicted',
      },
    ],
    [
      'results are told all the same',
      () => [shipped(0), cancelled(1), registered(2), make.fact('results.available', 3)],
      { 'kit.cancelled': 'contradicted', 'kit.registered': 'contradicted', 'results.available': 'sent' },
    ],
    [
      'another order’s cancellation contradicts nothing',
      () => [cancelled(1), shipped(2, ['1'], 'B'), registered(3)],
      { 'kit.registered': 'sent' },
    ],
    [
      'the partner’s own word, later, that the kit is cancelled clears the doubt',
      () => [shipped(0), cancelled(1), registered(2), make.fact('kit.cancelled', 3)],
      { 'kit.cancelled': 'sent', 'kit.registered': 'superseded' },
    ],
    [
      'that the partner’s answer gives a registration no time says nothing of what came first',
      () => [shipped(0), cancelled(1), answered(2)],
      { 'kit.cancelled': 'sent', 'kit.registered': 'superseded' },
    ],
    [
      'that the partner’s answer gives it a time of its own counts',
      () => [shipped(0), cancelled(1), answered(3)],
      { 'kit.cancelled': 'contradicted', 'kit.registered': 'contradicted' },
    ],
    [
      'a parcel that left later with other kits says nothing of this one',
      () => [registered(0), shipped(2, ['2']), cancelled(1, undefined, { late: 2 * DAY })],
      { 'kit.registered': 'sent', 'kit.cancelled': 'sent' },
    ],
    [
      'a parcel that left later with this kit beside another does',
      () => [registered(0), shipped(2, ['1', '2']), cancelled(1, undefined, { late: 2 * DAY })],
      { 'kit.registered': 'sent', 'kit.cancelled': 'contradicted' },
    ],
    [
      'the partner’s word that this kit was shipped later does, although it names no parcel',
      () => [registered(0), make.fact('kit.shipped', 2), cancelled(1, undefined, { late: 2 * DAY })],
      { 'kit.registered': 'sent', 'kit.cancelled': 'contradicted' },
    ],
    [
      'news of the very moment of the cancellation is not later than it',
      () => [
        cancelled(1, undefined, { late: 2 * DAY }),
        registered(1, { late: 2 * DAY }),
        shipped(2, ['1'], 'A', { late: DAY }),
      ],
      { 'kit.cancelled': 'contradicted', 'kit.registered': 'superseded' },
    ],
  ])('of a kit, %s', (_, facts, expected) => {
    const kit = live(facts(), { until: START + 6 * DAY });
    expect(fates(kit)).toEqual(expected);
  });

  test('calls staff at once, and again for news that a human has not seen; acknowledging ends the call, not the wait', () => {
    const kit = live([
      ...[shipped(0), cancelled(1), registered(2)],
      make.command('operator.acknowledge', 3),
      make.fact('kit.received_lab', 4),
    ]);
    expect(asked(kit).slice(0, 3)).toEqual([
      ['contradicted', 2],
      [null, 3],
      ['contradicted', 4],
    ]);
    expect(worries(kit)[0]).toEqual(['contradicted', true]);
    expect(fates(kit)).toEqual({
      'kit.cancelled': 'contradicted',
      'kit.registered': 'contradicted',
      'kit.received_lab': 'contradicted',
    });
  });

  test('waits without an end, and goes by a human’s word however old it is', () => {
    const kit = live([
      shipped(0),
      cancelled(1),
      registered(2),
      make.command('operator.release', 40, { kind: 'kit.registered' }),
    ]);
    expect(fates(kit)).toEqual({ 'kit.cancelled': 'contradicted', 'kit.registered': 'sent' });
    expect(kit.sent.map(({ at, input }) => [input.kind, input.cause, Math.floor((at - START) / DAY)])).toEqual([
      ['kit.registered', 'operator:4', 40],
    ]);
  });

  test('a release of the news is a word for later news; one of the cancellation is not', () => {
    const news = [
      ...[shipped(0), cancelled(1), registered(2)],
      make.command('operator.release', 3, { kind: 'kit.registered' }),
      make.fact('kit.received_lab', 4),
    ];
    expect(fates(live(news))).toEqual({
      'kit.registered': 'sent',
      'kit.cancelled': 'contradicted',
      'kit.received_lab': 'sent',
    });
    make = createFacts();
    const end = [
      ...[shipped(0), cancelled(1), registered(2)],
      make.command('operator.release', 3, { kind: 'kit.cancelled' }),
      make.fact('kit.received_lab', 4),
    ];
    expect(fates(live(end))).toEqual({
      'kit.registered': 'contradicted',
      'kit.cancelled': 'sent',
      'kit.received_lab': 'contradicted',
    });
  });

  test('a release of all that waits is a word for later news where it let news go', () => {
    const all = [shipped(0), cancelled(1), registered(2), make.command('operator.release', 3)];
    expect(fates(live([...all, make.fact('kit.received_lab', 4)]))).toEqual({
      'kit.registered': 'sent',
      'kit.cancelled': 'sent',
      'kit.received_lab': 'sent',
    });
    // The registration was no later than the cancellation, and results are told whatever is in doubt.
    for (const [day, ...told] of [[0], [1], [0, () => make.fact('results.available', 2.5)]] as const) {
      make = createFacts();
      const end = [
        ...[registered(day), cancelled(1, undefined, { late: DAY }), shipped(2), ...told.map((fact) => fact())],
        ...[make.command('operator.release', 3), make.fact('kit.received_lab', 4)],
      ];
      expect(fates(live(end))).toMatchObject({ 'kit.registered': 'sent', 'kit.received_lab': 'contradicted' });
    }
  });

  test('a release of what a clock calls for says nothing of the news', () => {
    const kit = live([
      ...[shipped(0), cancelled(1), registered(2)],
      make.command('operator.release', 3, { kind: 'reminder.return' }),
    ]);
    expect(fates(kit)).toEqual({ 'kit.registered': 'contradicted', 'kit.cancelled': 'contradicted' });
  });

  test('a word that was told again, of the same time, makes no new doubt of what was let go', () => {
    const kit = live([
      ...[shipped(0), cancelled(1), registered(2)],
      make.command('operator.release', 3, { kind: 'kit.registered' }),
      ...[cancelled(1, undefined, { late: 2.5 * DAY }), registered(2, { late: 1.6 * DAY })],
      make.fact('kit.received_lab', 4),
    ]);
    expect(fates(kit)).toMatchObject({ 'kit.registered': 'sent', 'kit.received_lab': 'sent' });
  });

  test('later news that was let go with the rest can be too late like any', () => {
    const kit = live([
      ...[shipped(0), cancelled(1), registered(2)],
      make.command('operator.release', 3, { kind: 'kit.registered' }),
      make.fact('kit.received_lab', 4, { late: 4 * DAY }),
    ]);
    expect(fates(kit)).toMatchObject({ 'kit.registered': 'sent', 'kit.received_lab': 'too_late' });
  });

  test('what a clock calls for is stopped by the cancellation, in doubt or not', () => {
    const kit = livesUnder(ALONE, 60)([shipped(0), cancelled(1), registered(2)]);
    expect(fates(kit)).toMatchObject({ 'kit.registered': 'contradicted', 'reminder.return': 'cancelled' });
  });

  test('of two parcels of which one was not cancelled, that one goes', () => {
    const order = liveOrder([created(), cancelled(1, ['1']), shipped(2, ['1', '3']), shipped(3, ['2'])]);
    expect(order.known.notifications.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['order.shipped', 'contradicted'],
      ['order.shipped', null],
    ]);
  });

  describe('a release from before the doubt was known is none:', () => {
    test('of everything, before the cancellation', () => {
      const facts = [shipped(0), make.command('operator.release', 0.5), cancelled(1), registered(2)];
      expect(fates(live(facts))).toMatchObject({ 'kit.registered': 'contradicted', 'kit.cancelled': 'contradicted' });
    });

    test('of news, whichever of the two was heard of last', () => {
      const release = (days: number) => make.command('operator.release', days, { kind: 'kit.registered' });
      expect(fates(live([shipped(0), cancelled(1), release(1.5), registered(2)]))).toMatchObject({
        'kit.registered': 'contradicted',
      });
      make = createFacts();
      const later = [registered(2), release(2.5), cancelled(1, undefined, { late: 2 * DAY })];
      expect(fates(live([...later, make.fact('kit.received_lab', 4)]))).toMatchObject({
        'kit.registered': 'sent',
        'kit.received_lab': 'contradicted',
      });
    });

    test('of the cancellation, which had waited for an address', () => {
      const facts = [registered(0, { person: patient('jane', null) }), cancelled(1)];
      const release = make.command('operator.release', 1.5, { kind: 'kit.cancelled' });
      expect(fates(live([...facts, release]))).toMatchObject({ 'kit.cancelled': 'no_contact' });
      expect(fates(live([...facts, release, shipped(2)]))).toMatchObject({ 'kit.cancelled': 'contradicted' });
    });

    test('of an order’s cancellation, before a later parcel left; one that left earlier is no new doubt', () => {
      const known = () => {
        make = createFacts('order:A');
        const facts = [make.fact('order.created', 0, { order: 'A' }), cancelled(1), shipped(2)];
        return [...facts, make.command('operator.release', 2.5, { kind: 'order.cancelled' })];
      };
      const fate = (facts: readonly Fact[]) => fates(liveOrder(facts))['order.cancelled'];
      expect(fate(known())).toBe('no_contact');
      expect(fate([...known(), shipped(3, ['2'])])).toBe('contradicted');
      expect(fate([...known(), shipped(1.5, ['2'], 'A', { late: 2 * DAY })])).toBe('no_contact');
    });
  });

  test('of which nobody is to be told calls staff all the same, until they let go or skip the whole', () => {
    const kit = (command?: () => Fact) => {
      make = createFacts();
      const facts = [cancelled(1), shipped(2)];
      return worries(live([...facts, ...(command === undefined ? [] : [command()])], { until: START + 5 * DAY }));
    };
    const called = [['contradicted', true]];
    expect(kit()).toEqual(called);
    expect(kit(() => make.command('operator.release', 3))).toEqual([]);
    expect(kit(() => make.command('operator.skip', 3))).toEqual([]);
    expect(kit(() => make.command('operator.skip', 3, { kind: 'kit.registered' }))).toEqual(called);
    make = createFacts();
    const before = [cancelled(1), make.command('operator.release', 1.5), shipped(2)];
    expect(worries(live(before, { until: START + 5 * DAY }))).toEqual(called);
    make = createFacts();
    const waits = [shipped(0), cancelled(1), registered(2)];
    const one = make.command('operator.release', 3, { kind: 'kit.registered' });
    expect(worries(live([...waits, one], { until: START + 5 * DAY }))).toEqual(called);
  });

  test('a skip of the whole kit ends all that waits, and the call', () => {
    const kit = live([shipped(0), cancelled(1), registered(2), make.command('operator.skip', 3)]);
    expect(fates(kit)).toEqual({ 'kit.cancelled': 'operator_skipped', 'kit.registered': 'operator_skipped' });
    expect(asked(kit)).toEqual([
      ['contradicted', 2],
      [null, 3],
    ]);
  });

  test('calls back an email that is being retried', () => {
    const retried: World['send'] = ({ kind }, now): Sending => ({
      after: kind === 'kit.cancelled' ? 3 * DAY : SECOND,
      retrying: true,
      outcome: { status: 'sent', reason: null, until: null, settledAt: now, address: null },
    });
    const facts = [registered(0), cancelled(1), shipped(2)];
    expect(fates(live(facts, { send: retried }))).toEqual({
      'kit.registered': 'sent',
      'kit.cancelled': 'contradicted',
    });
  });

  test('asks nobody about a patient who was forgotten', () => {
    const kit = live([shipped(0), cancelled(1), registered(2), make.command('operator.erase', 3)]);
    expect(worries(kit).map(([code]) => code)).not.toContain('contradicted');
  });
});

describe('a cancellation that names kits', () => {
  test.each<[string, () => Fact[], string, Partial<Record<Kind, string>>]>([
    [
      'this one',
      () => [shipped(0, ['1', '2']), registered(1), cancelled(2, ['1'])],
      'cancelled',
      { 'kit.cancelled': 'sent' },
    ],
    ['another', () => [shipped(0, ['1', '2']), registered(1), cancelled(2, ['2'])], 'registered', {}],
    [
      'this one, of which nobody is known',
      () => [shipped(0, ['1', '2']), cancelled(2, ['1'])],
      'cancelled',
      { 'kit.cancelled': 'no_contact' },
    ],
    ['every kit of the order, of which nobody is known', () => [shipped(0), cancelled(2, ['1'])], 'cancelled', {}],
    ['none, of which nobody is known', () => [shipped(0, ['1', '2']), cancelled(2)], 'cancelled', {}],
    [
      'another, and then none',
      () => [shipped(0, ['1', '2']), registered(1), cancelled(2, ['2']), cancelled(3)],
      'cancelled',
      { 'kit.cancelled': 'sent' },
    ],
  ])('%s', (_, facts, state, expected) => {
    const kit = live(facts(), { until: START + 5 * DAY });
    expect(kit.projection.state).toBe(state);
    const { 'kit.registered': __, ...fate } = fates(kit);
    expect(fate).toEqual(expected);
  });

  test('of nobody knows whom: staff at once; once somebody is known, they are told', () => {
    const facts = [shipped(0, ['1', '2']), cancelled(1, ['1'])];
    const kit = live(facts, { until: START + 5 * DAY });
    expect(asked(kit)).toEqual([['no_contact', 1]]);
    expect(worries(kit)).toEqual([['no_contact', true]]);
    const known = make.command('operator.correct_contact', 3, {}, { person: { ...patient('jane'), name: null } });
    expect(live([...facts, known]).sent.map(({ input }) => input.kind)).toEqual(['kit.cancelled']);
  });

  test.each<[string, readonly (readonly string[] | undefined)[], string]>([
    ['none', [undefined], 'cancelled'],
    ['every one', [['1', '2']], 'cancelled'],
    ['every one and a stranger', [['1', '2', '9']], 'cancelled'],
    ['one after the other', [['1'], ['2']], 'cancelled'],
    ['one', [['1']], 'shipped'],
    ['a stranger', [['9']], 'shipped'],
  ])('tells the recipient where it names %s', (_, cancellations, state) => {
    const facts = [created(), shipped(0, ['1', '2']), ...cancellations.map((barcodes) => cancelled(1, barcodes))];
    const order = liveOrder(facts);
    expect(order.projection.state).toBe(state);
    expect(order.sent.filter(({ input }) => input.kind === 'order.cancelled')).toHaveLength(
      state === 'cancelled' ? 1 : 0,
    );
  });

  test('of an order whose kits nobody knows, is not one of the whole order', () => {
    expect(fates(liveOrder([created(), cancelled(1, ['1'])]))).toEqual({});
  });

  test('one of a parcel doesn’t stop the word of the parcel; all of it do', () => {
    const late = { late: DAY };
    const parcel = () => shipped(1, ['1', '2'], 'A', late);
    const reasons = (facts: readonly Fact[]) => liveOrder(facts).known.notifications.map(({ reason }) => reason);
    const another = () => shipped(1, ['3'], 'A', { late: 3 * DAY });
    expect(reasons([created(), cancelled(1.5, ['1']), parcel(), another()])).toEqual([null, null]);
    make = createFacts();
    const third = () => shipped(0, ['3']);
    expect(reasons([created(), third(), cancelled(1.5, ['1', '2']), parcel()])).toEqual([null, 'superseded']);
  });

  test('what was decided when all kits seemed cancelled comes to an end when another parcel shows that they weren’t', () => {
    const waits: World['send'] = (_, now) => ({
      after: SECOND,
      outcome: { status: 'deferred', reason: 'quiet_hours', until: now + DAY, settledAt: now, address: null },
    });
    const order = liveOrder([created(), shipped(0), cancelled(1, ['1']), shipped(1.1, ['2'])], {
      send: (input, now) =>
        input.kind === 'order.cancelled'
          ? waits(input, now)
          : { after: SECOND, outcome: { status: 'sent', reason: null, until: null, settledAt: now, address: null } },
    });
    expect(fates(order)).toMatchObject({ 'order.cancelled': 'superseded' });
    expect(order.projection).toMatchObject({ state: 'shipped', closed: true });
  });

  test('an order of forty kits, thirteen registered, five cancelled, two come back: each has its own story', () => {
    const all = Array.from({ length: 40 }, (_, index) => String(index + 1));
    const ended = all.slice(10, 15);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
        (order, number) => {
          make = createFacts(`kit:${String(number)}`);
          const isRegistered = number <= 13;
          const own = isRegistered ? [registered(2)] : number >= 39 ? [make.fact('kit.not_delivered', 2)] : [];
          const facts = [created(), shipped(1, all), cancelled(3, ended), ...own];
          const arriving = order.flatMap((at, index) => {
            const fact = facts[at];
            return fact === undefined ? [] : [{ ...fact, seq: index + 1, receivedAt: START + 4 * DAY + index * HOUR }];
          });
          const kit = simulate({
            subject: `kit:${String(number)}`,
            settings: WITHOUT_CLOCKS,
            facts: arriving,
            until: START + 5 * DAY,
          });
          const isCancelled = ended.includes(String(number));
          const state = isCancelled ? 'cancelled' : isRegistered ? 'registered' : 'shipped';
          expect([number, kit.projection.state]).toEqual([number, state]);
          expect(stateOf(`kit:${String(number)}`, arriving)).toBe(state);
          const told = kit.known.notifications.find(({ kind }) => kind === 'kit.cancelled');
          expect(told?.status ?? null).toBe(isCancelled ? (isRegistered ? 'sent' : 'deferred') : null);
          expect(stateOf('order:A', arriving)).toBe('shipped');
        },
      ),
      { numRuns: fc.readConfigureGlobal().numRuns ?? 300 },
    );
  });
});

describe('a barcode in two orders', () => {
  const facts = () => [created(), shipped(1), shipped(3, ['1'], 'B'), registered(4)];

  test('belongs to the one that names it last, whatever the order of arrival: the other’s cancellation is not the kit’s', () => {
    for (const order of [
      [0, 1, 2, 3, 4],
      [4, 3, 2, 1, 0],
      [2, 4, 0, 3, 1],
    ]) {
      make = createFacts();
      const all = [...facts(), cancelled(5)];
      const arriving = order.map((at, index) => ({
        ...(all[at] as Fact),
        seq: index + 1,
        receivedAt: START + 6 * DAY,
      }));
      const kit = live(arriving);
      expect(kit.projection.state).toBe('registered');
      expect(worries(kit)).toEqual([['two_orders', false]]);
      expect(kit.known.notifications.map(({ kind }) => kind)).not.toContain('kit.cancelled');
    }
  });

  test('ends with the last one’s cancellation', () => {
    const kit = live([...facts(), make.fact('order.cancelled', 5, { order: 'B' })]);
    expect(kit.projection.state).toBe('cancelled');
    expect(fates(kit)).toMatchObject({ 'kit.cancelled': 'sent' });
  });

  test('to cancel a kit is not to have it', () => {
    expect(stateOf('kit:1', [...facts(), cancelled(9, ['1'])])).toBe('registered');
    // … but where no order names it otherwise, it is that one's.
    expect(stateOf('kit:1', [cancelled(9, ['1'])])).toBe('cancelled');
  });

  test('what waits of the other order’s cancellation is over', () => {
    const nobody = patient('jane', null);
    const kit = live([...[shipped(0), registered(1, { person: nobody }), cancelled(2)], ...[shipped(3, ['1'], 'B')]]);
    expect(fates(kit)).toMatchObject({ 'kit.cancelled': 'superseded' });
    expect(worries(kit)).toEqual([['two_orders', false]]);
  });
});
