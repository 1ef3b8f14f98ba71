import { describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import { readOrder } from '../../../src/c4hxp/api/read-order.js';
import { readKit } from '../../../src/c4hxp/api/read-kit.js';
import { readResults } from '../../../src/c4hxp/api/read-results.js';
import type { Reading } from '../../../src/c4hxp/api/reading.js';

const now = Date.UTC(2026, 10, 24, 12);
const context = { now, zone: 'UTC' };
const at = (text: string): number => Date.parse(text);

function value<T>(reading: Reading<T>): T {
  if (!reading.readable) throw new Error(reading.why);
  return reading.value;
}
const kit = (body: unknown) => value(readKit(body, '123456789012', context));
const results = (body: unknown) => value(readResults(body, '123456789012', context));

describe('a kit', () => {
  test('in the reference’s shape: its timeline dates what has happened, and its patient is the contact', () => {
    const answer = kit({
      data: {
        kit_barcode: '123456789012',
        kit_type: 'hormone_panel',
        status: 'processing',
        patient: { first_name: ' Jane ', last_name: 'Smith', email: 'Jane@Example.com', date_of_birth: '1985-03-15' },
        timeline: [
          { event: 'processing_started', timestamp: '2026-11-22T10:00:00Z', description: 'Jane Smith' },
          { event: 'kit_shipped', timestamp: '2026-11-10T14:30:00Z' },
          { event: 'kit_registered', timestamp: '2026-11-14T09:15:00+02:00' },
          { event: 'kit_received_lab', timestamp: '2026-11-20T10:00:00' },
        ],
        estimated_completion: '2026-11-28',
        created_at: '2026-11-09T10:00:00Z',
      },
    });
    expect(answer).toEqual({
      learned: [
        { event: 'kit.shipped', at: at('2026-11-10T14:30:00Z') },
        { event: 'kit.registered', at: at('2026-11-14T07:15:00Z') },
        { event: 'kit.received_lab', at: at('2026-11-20T10:00:00Z') },
        { event: 'kit.processing_started', at: at('2026-11-22T10:00:00Z') },
      ],
      because: null,
      unknownWords: [],
      person: {
        firstName: 'Jane',
        lastName: 'Smith',
        email: expect.stringMatching(/^jane@example.com$/i),
        locale: null,
        zone: null,
      },
      completion: at('2026-11-28T23:59:59.999Z'),
      mayHaveResults: true,
      asksForTracking: false,
    });
  });

  test('in the OpenAPI’s flat shape, bare: registered_to is the patient, and `updated` dates the status', () => {
    const answer = kit({
      id: 7,
      kit_id: 'KIT-7',
      kit_status: 'Received Lab',
      sample_status: 'received',
      registered_to: { patient_id: null, first_name: 'Jane', last_name: 'Smith', email: 'jane@example.com' },
      updated: '2026-11-20T10:00:00Z',
    });
    expect(answer.learned).toEqual([
      { event: 'kit.received_lab', at: at('2026-11-20T10:00:00Z') },
      { event: 'kit.registered', at: null },
    ]);
    expect(answer.person?.firstName).toBe('Jane');
    expect(answer.unknownWords).toEqual([]);
  });

  test('a sample that arrived without a registration is not taken for a registered kit', () => {
    const answer = kit({ data: { status: 'received_lab', patient: null } });
    expect(answer.learned).toEqual([{ event: 'kit.received_lab', at: null }]);
    expect(answer.person).toBeNull();
  });

  test('a patient who is named before the registration does not make the kit registered', () => {
    const answer = kit({ data: { status: 'shipped', patient: { first_name: 'Jane', email: 'jane@example.com' } } });
    expect(answer.learned.map(({ event }) => event)).toEqual(['kit.shipped']);
    expect(answer.person).not.toBeNull();
  });

  test.each([
    ['created', [], false],
    ['shipped', ['kit.shipped'], false],
    ['delivered', ['kit.shipped', 'kit.delivered'], false],
    ['registered', ['kit.registered'], false],
    ['shipped_to_lab', ['kit.posted'], false],
    ['received_lab', ['kit.received_lab'], true],
    ['in_lab', ['kit.received_lab'], true],
    ['processing', ['kit.processing_started'], true],
    ['completed', ['results.available'], true],
    ['failed', ['kit.failed'], true],
    ['cancelled', ['kit.cancelled'], true],
  ])('the status %s implies %j', (status, events, mayHaveResults) => {
    const answer = kit({ status });
    expect(answer.learned.map(({ event }) => event)).toEqual(events);
    expect(answer.mayHaveResults).toBe(mayHaveResults);
    expect(answer.unknownWords).toEqual([]);
  });

  test('a sample that the lab rejected is a failed kit, dated by the timeline', () => {
    const answer = kit({
      kit_status: 'in_lab',
      sample_status: 'rejected',
      timeline: [{ event: 'kit_failed', timestamp: '2026-11-21T08:00:00Z' }],
    });
    expect(answer.learned).toContainEqual({ event: 'kit.failed', at: at('2026-11-21T08:00:00Z') });
  });

  test.each([
    { status: 'something_else_requested' },
    { status: 'registered', sample_status: 'spun' },
    { status: 'registered', timeline: [{ event: 'sample_spilled', timestamp: '2026-11-21T08:00:00Z' }] },
    { status: 'registered', timeline: [{ event: 'kit_failed', timestamp: '2026-11-21T08:00:00Z' }] },
    { status: 'constructor' },
    { status: '__proto__' },
  ])('a word outside the lists, or an end that the status denies, is for a human: %j', (body) => {
    const answer = kit(body);
    expect(answer.unknownWords).toHaveLength(1);
    expect(answer.learned.map(({ event }) => event)).not.toContain('kit.failed');
  });

  test('a timeline that speaks of results is not believed while the status does not', () => {
    const timeline = [{ event: 'results_available', timestamp: '2026-11-21T08:00:00Z' }];
    expect(kit({ status: 'processing', timeline }).learned.map(({ event }) => event)).toEqual([
      'kit.processing_started',
    ]);
    expect(kit({ status: 'completed', timeline }).learned).toEqual([
      { event: 'results.available', at: at('2026-11-21T08:00:00Z') },
    ]);
  });

  test.each(['2026-11-24T12:11:00Z', '1970-01-01T00:00:00Z', '2019-12-31T23:59:59Z', 'yesterday', '10:30', ''])(
    'a time such as %j is not believed',
    (timestamp) => {
      const answer = kit({ status: 'registered', timeline: [{ event: 'kit_registered', timestamp }] });
      expect(answer.learned).toEqual([{ event: 'kit.registered', at: null }]);
    },
  );

  test('a calendar date ends in the zone of the patients', () => {
    const reading = readKit({ status: 'in_lab', estimated_completion: '2026-11-28' }, '123456789012', {
      now,
      zone: 'America/New_York',
    });
    expect(value(reading).completion).toBe(at('2026-11-29T04:59:59.999Z'));
  });

  test.each([
    'two@example.com, three@example.com',
    'Jane <jane@example.com>',
    'jane@',
    'jane',
    'jane@exam ple.com',
    'a@b.com\r\nBcc: x@y.z',
  ])('%j can’t be an address: it counts as none, and the person is kept', (email) => {
    expect(kit({ status: 'registered', patient: { first_name: 'Jane', email } }).person).toMatchObject({
      firstName: 'Jane',
      email: null,
    });
  });

  test.each([
    ['000123456789', '123456789'],
    ['xp00012345', 'XP00012345'],
    [123456789012, '123456789012'],
  ])('the barcode %j is the one that was asked for as %j', (told, asked) => {
    expect(readKit({ kit_barcode: told, status: 'shipped' }, asked, context).readable).toBe(true);
  });
});

describe('results', () => {
  const biomarker = { test_code: '9584', value: 7.52, unit: 'ng/mL', status: 'normal', flags: [] };
  const set = { status: 'completed', completed_at: '2026-11-22T14:45:00Z', results: [biomarker] };

  test('the reference’s set is there when it is completed, and reviewed when its review says so', () => {
    expect(results({ data: set })).toEqual({
      available: true,
      availableAt: at('2026-11-22T14:45:00Z'),
      completedAt: at('2026-11-22T14:45:00Z'),
      reviewed: false,
      reviewedAt: null,
      flagged: false,
      unknownWords: [],
    });
    const review = { reviewed: true, reviewer: 'Dr. X', reviewed_at: '2026-11-23T09:00:00Z', notes: 'private' };
    expect(results({ data: { ...set, physician_review: review } })).toMatchObject({
      reviewed: true,
      reviewedAt: at('2026-11-23T09:00:00Z'),
    });
    expect(results({ data: { ...set, physician_review: { ...review, reviewed: false } } }).reviewed).toBe(false);
  });

  test('an empty list means that there are none yet', () => {
    expect(results([])).toMatchObject({ available: false, reviewed: false });
    for (const data of [[], null]) expect(results({ data })).toMatchObject({ available: false, unknownWords: [] });
  });

  test('the OpenAPI’s list of tests is there when none of them is being worked on', () => {
    const one = { id: 1, test_code: '9584', result_value: 7.52, status: 'final', created_at: '2026-11-22T14:45:00Z' };
    expect(results([one, { ...one, status: 'normal', created_at: '2026-11-22T15:00:00Z' }])).toMatchObject({
      available: true,
      availableAt: at('2026-11-22T15:00:00Z'),
      completedAt: null,
    });
    expect(results([one, { ...one, status: null }]).available).toBe(false);
    expect(results([one, { ...one, status: 'pending' }]).available).toBe(false);
    expect(results([one, { ...one, status: null, result_value: null }]).available).toBe(false);
    expect(results([one, { ...one, status: 'contaminated' }])).toMatchObject({
      available: false,
      unknownWords: ['result contaminated'],
    });
  });

  test.each([
    { ...biomarker, flags: ['high'] },
    { ...biomarker, status: 'abnormal' },
    { ...biomarker, status: 'unheard-of' },
    { ...biomarker, flags: null },
    { ...biomarker, flags: 'none' },
    { test_code: '9584', flags: [] },
    { test_code: '9584', status: 'normal' },
    'unreadable',
    null,
  ])('anything but normal and unflagged counts as flagged: %j', (odd) => {
    expect(results({ ...set, results: [biomarker, odd] }).flagged).toBe(true);
    expect(results({ ...set, results: { a: biomarker, b: odd } }).flagged).toBe(true);
  });

  test.each([[], {}, undefined, null, 'none'])('a set whose results are %j is flagged, and not available', (none) => {
    expect(results({ ...set, results: none })).toMatchObject({ flagged: true, available: false });
    expect(results([{ ...set, results: none }])).toMatchObject({ flagged: true, available: false });
  });

  describe('are available only by words of the closed lists', () => {
    const SETS = ['completed', 'final', 'available', 'reviewed'];
    const TESTS = ['final', 'completed', 'normal', 'abnormal', 'high', 'low', 'critical', 'corrected', 'amended'];
    const ON_THEIR_WAY = ['pending', 'in_progress', 'processing', 'preliminary', 'partial'];
    const spelling = (word: string) => fc.mixedCase(fc.constant(word)).map((said) => ` ${said.replace('_', ' ')}`);
    const single = (status: string) => ({ test_code: '9584', result_value: 7.52, status });

    test.each(SETS)('a set that is %s', (word) => {
      fc.assert(
        fc.property(spelling(word), (status) => {
          expect(results({ ...set, status })).toMatchObject({ available: true, unknownWords: [] });
        }),
      );
    });

    test.each(TESTS)('a test that is %s, in a list or in a set', (word) => {
      fc.assert(
        fc.property(spelling(word), (status) => {
          const harmless = word === 'normal';
          expect(results([single('normal'), single(status)])).toMatchObject({
            available: true,
            unknownWords: [],
            flagged: !harmless,
          });
          expect(results({ ...set, results: [biomarker, { ...biomarker, status }] })).toMatchObject({
            available: true,
            unknownWords: [],
            flagged: !['normal', 'final', 'completed'].includes(word),
          });
        }),
      );
    });

    test.each(ON_THEIR_WAY)('%s is not yet, and nothing unknown', (word) => {
      const notYet = { available: false, availableAt: null, completedAt: null, flagged: true, unknownWords: [] };
      expect(results({ ...set, status: word })).toMatchObject(notYet);
      expect(results([single('normal'), single(word)])).toMatchObject(notYet);
      expect(results({ ...set, results: [biomarker, { ...biomarker, status: word }] })).toMatchObject(notYet);
    });

    test('any other word is not yet, and for a human', () => {
      const known = new Set([...SETS, ...TESTS, ...ON_THEIR_WAY]);
      const word = fc
        .string({ unit: fc.constantFrom(...Array.from('abcdefgrlnow')), minLength: 1 })
        .filter((one) => !known.has(one));
      const other = fc.oneof(word, fc.constantFrom('rejected', 'constructor', 'toString', '__proto__', 'cancelled'));
      fc.assert(
        fc.property(other, (status) => {
          const strange = { available: false, flagged: true, unknownWords: [expect.any(String)] };
          expect(results({ ...set, status })).toMatchObject(strange);
          expect(results([single('normal'), single(status)])).toMatchObject(strange);
          expect(results({ ...set, results: [biomarker, { ...biomarker, status }] })).toMatchObject(strange);
        }),
      );
    });

    test('a word for sets is none for a test, and the other way round', () => {
      for (const status of ['available', 'reviewed'])
        expect(results([single(status)]).unknownWords).toEqual([`result ${status}`]);
      for (const status of ['normal', 'critical', 'amended'])
        expect(results({ ...set, status })).toMatchObject({ available: false, unknownWords: [`results ${status}`] });
    });

    test('a critical flagged test is for a human first, whatever else is said', () => {
      const critical = { ...biomarker, status: 'critical', flags: ['critical_high'] };
      expect(results({ ...set, results: [critical] })).toMatchObject({ available: true, flagged: true });
      expect(results([{ ...single('final'), flags: ['critical_high'] }]).flagged).toBe(true);
      expect(results([{ ...single('normal'), flags: ['critical_high'] }]).flagged).toBe(true);
    });

    test('an entry of the list that can’t be read is not known to be final', () => {
      for (const odd of [null, 'unreadable', 7])
        expect(results([single('normal'), odd])).toMatchObject({
          available: false,
          unknownWords: ['results unreadable'],
        });
    });

    test('tests in a set without a word of its own count by their own', () => {
      expect(results({ ...set, status: null })).toMatchObject({ available: true, flagged: false });
      expect(results({ ...set, status: null, results: [biomarker, { test_code: '1' }] }).available).toBe(false);
    });
  });

  test('results of another kit are refused', () => {
    expect(readResults({ ...set, kit_barcode: '1' }, '2', context)).toEqual({
      readable: false,
      why: 'another_subject',
    });
  });
});

describe('an order', () => {
  test('names its recipient, its kits and when its parcels should arrive', () => {
    const body = {
      data: {
        id: 12345,
        order_number: 'C4H-ORD-2026-001234',
        status: 'shipped',
        recipient: { first_name: 'John', last_name: 'Doe', email: 'john@example.com', address: { street: 'x' } },
        kits: [
          {
            barcode: 'xp00012345',
            status: 'shipped',
            tracking: { carrier: 'FedEx', tracking_number: 12, estimated_delivery: '2026-11-27' },
          },
          {
            barcode: '123456789012',
            tracking: { carrier: 'UPS', tracking_number: '1Z', estimated_delivery: '2026-11-26' },
          },
          { barcode: null },
        ],
        shipped_at: '2026-11-24T10:00:00Z',
      },
    };
    expect(value(readOrder(body, 'c4h-ord-2026-001234', context))).toEqual({
      orderNumber: 'C4H-ORD-2026-001234',
      learned: [{ event: 'order.shipped', at: at('2026-11-24T10:00:00Z') }],
      unknownWords: [],
      person: { firstName: 'John', lastName: 'Doe', email: 'john@example.com', locale: null, zone: null },
      barcodes: ['123456789012', 'XP00012345'],
      parcels: [
        { barcode: 'XP00012345', carrier: 'FedEx', trackingNumber: null, estimatedDelivery: '2026-11-27' },
        { barcode: '123456789012', carrier: 'UPS', trackingNumber: '1Z', estimatedDelivery: '2026-11-26' },
      ],
      delivery: at('2026-11-27T23:59:59.999Z'),
    });
    expect(readOrder(body, 'C4H-ORD-2026-009999', context).readable).toBe(false);
  });

  test('an order that is past its shipment is no news of a shipment', () => {
    const answer = value(readOrder({ order_number: 'A', status: 'completed', recipient: null }, 'A', context));
    expect(answer).toMatchObject({ learned: [], unknownWords: [] });
  });
});
