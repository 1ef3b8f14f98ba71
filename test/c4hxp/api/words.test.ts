import { describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import { failureIn, failureOf } from '../../../src/c4hxp/api/failures.js';
import { tokensOf, wordOf, words } from '../../../src/c4hxp/api/spelling.js';
import { transitOf } from '../../../src/c4hxp/api/transit.js';
import * as tables from '../../../src/c4hxp/api/words.js';
import { FAILURES } from '../../../src/domain/facts.js';

const TABLES = Object.entries(tables).flatMap(([name, table]) => ('of' in table ? [[name, table] as const] : []));

/** However a person or a program may write a word. */
const spellingOf = (word: string): fc.Arbitrary<string> => {
  const parts = word.split(/[_/]/);
  const joined = fc.constantFrom('_', ' ', '-', '.', '  ', ' - ', '').map((between) => parts.join(between));
  const camel = fc.constant(
    parts.map((part, n) => (n === 0 ? part : part.charAt(0).toUpperCase() + part.slice(1))).join(''),
  );
  return fc
    .oneof(
      joined,
      joined.map((one) => one.toUpperCase()),
      camel,
      joined.chain((one) => fc.mixedCase(fc.constant(one))),
    )
    .map((one) => ` ${one}\u200b `);
};

describe('the tables of words', () => {
  test.each(TABLES)('%s: every word is known, however it is spelled', (_, table) => {
    const all = [...table.all];
    expect(all.length).toBeGreaterThan(1);
    const known = fc.constantFrom(...all).chain(([word, means]) => fc.tuple(spellingOf(word), fc.constant(means)));
    fc.assert(
      fc.property(known, ([spelled, means]) => {
        expect(table.of(spelled)).toBe(means);
      }),
    );
  });

  test.each(TABLES)('%s: what is no word of it is unknown, also what every object has', (_, table) => {
    for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'zzz', '', '-'])
      expect(table.of(word)).toBeUndefined();
  });

  test('every status of the partner’s page is known, and every state of its OpenAPI’s orders', () => {
    for (const word of [
      ...['created', 'shipped', 'delivered', 'registered', 'shipped_to_lab', 'received_lab', 'in_lab', 'processing'],
      ...['completed', 'failed', 'cancelled'],
    ])
      expect(tables.KIT_STATUSES.of(word)).not.toBeUndefined();
    for (const word of [
      'pending',
      'confirmed',
      'shipped',
      'delivered',
      'registered',
      'in_lab',
      'completed',
      'canceled',
    ])
      expect(tables.ORDER_STATUSES.of(word)).not.toBeUndefined();
  });

  test('a word that is given two meanings is refused at the start', () => {
    expect(() =>
      words([
        ['a', 'page', 'lost, found'],
        ['b', 'general', 'Lost'],
      ]),
    ).toThrow('Lost has two meanings');
    expect(() =>
      words([
        ['a', 'page', 'lost'],
        ['a', 'general', 'lost'],
      ]),
    ).not.toThrow();
  });

  test('a word is shown in small letters and underscores', () => {
    expect(wordOf(' Received-Lab ')).toBe('received_lab');
    expect(wordOf('shippedToLab')).toBe('shipped_to_lab');
    expect(wordOf('QNS')).toBe('qns');
    expect(tokensOf('Hämolysed: recollect.')).toEqual(['hamolysed', 'recollect']);
  });
});

describe('why a sample failed', () => {
  test.each([
    ['Rejected', 'rejected'],
    ['specimen unsuitable for analysis', 'rejected'],
    ['QNS', 'insufficient'],
    ['quantity not sufficient', 'insufficient'],
    ['Insufficient Sample', 'insufficient'],
    ['haemolysed', 'hemolyzed'],
    ['HEMOLYZED', 'hemolyzed'],
    ['sample clotted', 'clotted'],
    ['leaked-in-transit', 'leaked'],
    ['contaminated', 'contaminated'],
    ['mismatched identifiers', 'mismatched_identifiers'],
    ['missing_identifiers', 'missing_identifiers'],
    ['kit expired', 'expired_kit'],
    ['expiredSample', 'expired_sample'],
    ['Exceeds stability', 'too_old'],
    ['wrong tube', 'wrong_tube'],
    ['recollect', 'recollect'],
    ['redraw required', 'redraw'],
    ['Rejected: hemolyzed', 'hemolyzed'],
    ['rejected by lab due to insufficient volume', 'insufficient'],
    ['rejected, redraw', 'redraw'],
    ['insufficient - recollect', 'insufficient'],
  ])('%j says %s', (said, because) => {
    expect(failureOf(said)).toBe(because);
  });

  test('every code has a word', () => {
    expect(new Set(tables.FAILURE_WORDS.all.values())).toEqual(new Set(FAILURES));
  });

  test.each(['not hemolyzed', 'never rejected', 'lab closed, leaked later', 'sample', 'by the lab', '', 'sufficient'])(
    '%j is no word for it: nothing is guessed of a status that says more than the table',
    (said) => {
      expect(failureOf(said)).toBeUndefined();
    },
  );

  test('a sentence about a kit that has failed is searched for a reason, but not for one that it denies', () => {
    expect(failureIn('Phlebotomy error: tube 2 of 3 was grossly hemolyzed.')).toBe('hemolyzed');
    expect(failureIn('Tube was not hemolyzed; stability exceeded by 3 days')).toBe('too_old');
    expect(failureIn('Call the office')).toBeUndefined();
  });
});

describe('a word of transit', () => {
  test.each([
    ['In Transit', 'moving', null],
    ['IN_TRANSIT_TO_LAB', 'moving', 'back'],
    ['inboundInTransit', 'moving', 'back'],
    ['shipped to lab', 'posted', 'back'],
    ['sample shipped', 'moving', 'back'],
    ['sample_lost', 'trouble', 'back'],
    ['delivered to lab', 'delivered', 'back'],
    ['delivered_to_customer', 'delivered', 'out'],
    ['outbound-delivered', 'delivered', 'out'],
    ['kit_delivered', 'delivered', null],
    ['parcel lost', 'trouble', null],
    ['Delivery Exception', 'trouble', null],
    ['return to sender', 'returned', null],
    ['undeliverable as addressed', 'returned', null],
    ['label created', 'nothing', null],
  ])('%j says %s, and the way %j', (said, what, leg) => {
    expect(transitOf(said, true)).toEqual({ what, leg });
  });

  test.each(['held', 'error', 'alert', 'on hold', 'failed', 'moved', 'accepted', 'unknown'])(
    '%j says so of a parcel only',
    (said) => {
      expect(transitOf(said, false)).toBeUndefined();
      expect(transitOf(said, true)).toBeDefined();
    },
  );
});
