import { describe, expect, test } from '@jest/globals';
import { TypedSearchAttributes } from '@temporalio/common';
import { heading, titles } from '../../../src/domain/visibility.js';
import type { SubjectProjection } from '../../../src/domain/activities.js';
import type { Fact } from '../../../src/domain/facts.js';
import { begin, type Knowledge } from '../../../workflows/core/knowledge.js';
import { SEARCH_ATTRIBUTES } from '../../../src/temporal/namespace.js';
import { changedAttributes, details, differs, shown, shownAtStart } from '../../../workflows/core/projection.js';
import { simulate } from '../../../workflows/core/simulate.js';
import { createFacts, DAY, HOUR, MINUTE, patient, recipient, SECOND, START } from '../../support/facts.js';
import { ALONE, nextAt } from '../../support/simulated.js';

const after = (days: number, facts: readonly Fact[]) =>
  simulate({ subject: 'kit:123456789012', settings: ALONE, facts, until: START + days * DAY });

describe('the page of a journey', () => {
  test('of which nothing was sent says its state and that', () => {
    const { fact } = createFacts();
    const known = begin('kit:1', { facts: [fact('kit.processing_completed', 0)], notifications: [] }, ALONE);
    expect(details(known, nextAt({ ...known, facts: [] }, START).projection)).toBe(
      '**State:** unknown\n\nNothing has been sent.',
    );
  });

  test('tells each email by its kind and number, what became of it, why, since when, and what comes next', () => {
    const { fact } = createFacts();
    const { known, projection } = after(6, [
      fact('kit.registered', 0, { person: patient('jane') }),
      fact('kit.received_lab', 1),
    ]);
    expect(details(known, projection).split('\n')).toEqual([
      '**State:** received_lab',
      '',
      '**Next:** notice.delay, 2026-09-15 09:00 UTC',
      '',
      '| Email | What became of it | Since |',
      '| --- | --- | --- |',
      '| kit.registered | sent | 2026-09-07 09:00 UTC |',
      '| kit.received_lab | sent | 2026-09-08 09:00 UTC |',
      '| reminder.return | not sent: superseded | 2026-09-08 09:00 UTC |',
    ]);
  });

  test('says in a sentence what a person should do, and numbers what has gone more than once', () => {
    const { fact, command, report } = createFacts('kit:123456789012');
    const { known, projection } = after(4, [
      fact('results.available', 0, { person: patient('jane') }),
      command(
        'operator.correct_contact',
        1,
        { resend: true },
        { person: { role: 'patient', hasContact: true, name: null, address: 'new' } },
      ),
      report('mail.bounced', 2, 'results.available', 2),
    ]);
    expect(details(known, projection).split('\n')).toEqual([
      '**State:** results.available',
      '',
      '**Needs a person:** The email results.available came back. Correct the address with correct-contact, or tell the patient another way and skip.',
      '',
      '| Email | What became of it | Since |',
      '| --- | --- | --- |',
      '| results.available | sent | 2026-09-07 09:00 UTC |',
      '| results.available (2) | bounced: bounced permanent | 2026-09-08 09:00 UTC |',
    ]);
  });
});

describe('the page of a journey says of the ways', () => {
  const { fact } = createFacts('kit:123456789012');
  const answer = (day: number, learned: NonNullable<Fact['learned']>, more: Partial<Fact> = {}) =>
    fact('partner.answered', day, { learned, ...more });
  const page = (...facts: readonly Fact[]) => {
    const { known, projection } = after(3, facts);
    return details(known, projection).split('\n\n');
  };

  test('what is known, with the time of it only where that is known', () => {
    const answered = answer(2, [
      { event: 'kit.delivered', at: START + DAY },
      { event: 'kit.posted', at: START + 2 * DAY },
    ]);
    expect(page(fact('kit.registered', 0, { person: patient('jane') }), answered)).toContain(
      '**On the way:** delivered 2026-09-08 09:00 UTC; posted by the patient (heard of 2026-09-09 09:00 UTC)',
    );
  });

  test('nothing once the sample is at the lab, and then why it failed', () => {
    const failed = answer(2, [{ event: 'kit.failed', at: START + DAY }], { because: 'insufficient' });
    const parcel = (day: number, ...barcodes: string[]) => fact('order.shipped', day, { order: 'C4H-1', barcodes });
    const said = page(
      parcel(-1, '123456789012', '123456789013'),
      parcel(1, '123456789014'),
      fact('kit.registered', 0, { person: patient('jane') }),
      answer(1, [{ event: 'kit.posted', at: START }]),
      failed,
    );
    expect(said[0]).toBe('**State:** failed, failed because: too little sample (insufficient)');
    expect(said).toContain('**Shipped later in this order:** 123456789014');
    expect(said.join()).not.toContain('On the way');
  });
});

describe('what Temporal’s list is searched by', () => {
  const { fact } = createFacts();
  const facts = [
    fact('order.created', 0, { order: 'C4H-1', person: recipient('buyer') }),
    fact('results.available', 3),
    fact('kit.registered', 1),
  ];
  const known = (subject: string): Knowledge => begin(subject, { facts, notifications: [] }, ALONE);
  const view: SubjectProjection = {
    state: 'results.available',
    attention: [],
    because: null,
    next: null,
    closed: false,
    at: START,
  };

  test('the state, what needs attention, the order and the newest event by its own time', () => {
    const all = { state: 'results.available', attention: null, order: 'C4H-1', lastEventAt: START + 3 * DAY };
    expect(shown(known('kit:1'), view)).toEqual(all);
    const both = [
      { code: 'bounced', since: START },
      { code: 'two_orders', since: START },
    ] as const;
    expect(shown(known('kit:1'), { ...view, attention: both })).toEqual({
      ...all,
      attention: 'bounced',
    });
    expect(shown(known('order:C4H-2'), view).order).toBe('C4H-2');
    expect(shown({ ...known('kit:1'), facts: [] }, view)).toEqual({ ...all, order: null, lastEventAt: null });
  });

  test('is told to Temporal only where it has changed, and read again as it was told', () => {
    const now = shown(known('kit:1'), view);
    const nothing = { state: null, attention: null, order: null, lastEventAt: null };
    expect(shownAtStart(new TypedSearchAttributes([]))).toEqual(nothing);
    const pairs = changedAttributes(nothing, now);
    expect(pairs).toEqual([
      { key: SEARCH_ATTRIBUTES.state, value: 'results.available' },
      { key: SEARCH_ATTRIBUTES.order, value: 'C4H-1' },
      { key: SEARCH_ATTRIBUTES.lastEvent, value: new Date(START + 3 * DAY) },
    ]);
    expect(Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => [name, type])).toEqual([
      ['KitState', 'KEYWORD'],
      ['NeedsAttention', 'KEYWORD'],
      ['OrderNumber', 'KEYWORD'],
      ['LastEventAt', 'DATETIME'],
    ]);
    expect(changedAttributes(now, now)).toEqual([]);
    expect(changedAttributes(now, { ...now, attention: 'bounced', lastEventAt: null })).toEqual([
      { key: SEARCH_ATTRIBUTES.attention, value: 'bounced' },
      { key: SEARCH_ATTRIBUTES.lastEvent, value: null },
    ]);
    const told = new TypedSearchAttributes([
      { key: SEARCH_ATTRIBUTES.state, value: 'results.available' },
      { key: SEARCH_ATTRIBUTES.attention, value: 'bounced' },
      { key: SEARCH_ATTRIBUTES.order, value: 'C4H-1' },
      { key: SEARCH_ATTRIBUTES.lastEvent, value: new Date(START) },
    ]);
    expect(shownAtStart(told)).toEqual({
      state: 'results.available',
      attention: 'bounced',
      order: 'C4H-1',
      lastEventAt: START,
    });
  });
});

describe('whether the database is told a new view', () => {
  const view: SubjectProjection = {
    state: 'registered',
    attention: [{ code: 'bounced', kind: 'kit.registered', since: START }],
    because: null,
    next: { what: 'reminder.return', at: START },
    closed: false,
    at: START,
  };

  test('the first one, and any other state, end, attention, or next email', () => {
    expect(differs(null, view)).toBe(true);
    expect(differs(view, { ...view, at: START + DAY })).toBe(false);
    expect(differs(view, { ...view, state: 'received_lab' })).toBe(true);
    expect(differs(view, { ...view, closed: true })).toBe(true);
    expect(differs(view, { ...view, because: 'clotted' })).toBe(true);
    const [bounced] = view.attention;
    if (bounced === undefined) throw new Error('nothing');
    const asks = (...attention: SubjectProjection['attention']) => differs(view, { ...view, attention });
    expect(asks()).toBe(true);
    expect(asks({ ...bounced, code: 'complained' })).toBe(true);
    expect(asks({ code: 'bounced', since: START })).toBe(true);
    expect(asks({ ...bounced, since: START + 1 })).toBe(true);
    expect(asks(bounced, { code: 'two_orders', since: START })).toBe(true);
    expect(asks({ ...bounced })).toBe(false);
    expect(differs(view, { ...view, next: { what: 'notice.delay', at: START } })).toBe(true);
    expect(differs(view, { ...view, next: null })).toBe(true);
    const idle = { ...view, attention: [], next: null };
    expect(differs(idle, { ...idle })).toBe(false);
  });

  test('not for some minutes by which the next email moves, but for an hour', () => {
    const moved = (by: number) => differs(view, { ...view, next: { what: 'reminder.return', at: START + by } });
    expect([moved(59 * MINUTE), moved(-59 * MINUTE), moved(HOUR), moved(-HOUR)]).toEqual([false, false, true, true]);
    expect(moved(SECOND)).toBe(false);
  });
});

describe('the titles of a journey', () => {
  test.each([
    ['kit:123456789012', 'Kit 123456789012'],
    ['order:C4H-ORD-2024-001234', 'Order C4H-ORD-2024-001234'],
  ])('of %s name it, and say where its story is told', (subject, name) => {
    const { staticSummary, staticDetails } = titles(subject);
    expect(staticSummary).toBe(name);
    const [howToRead, whereItIsTold, whatIsNotHere] = staticDetails.split('\n\n');
    expect(howToRead).toMatch(/each activity is an email/);
    expect(whereItIsTold).toContain(`\`kit-herald told ${name.replace(/^\w+ /, '')}\``);
    expect(whatIsNotHere).toMatch(/^No name/);
  });

  test('of a run that was handed over are the same, as its page’s heading', () => {
    const { staticSummary, staticDetails } = titles('kit:1');
    expect(heading('kit:1')).toBe(`### ${staticSummary}\n\n${staticDetails}`);
  });
});
