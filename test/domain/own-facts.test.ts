import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import { isCancelledWhole, orderOf, ownFacts, stateOf } from '../../src/domain/own-facts.js';
import { createFacts, DAY, START } from '../support/facts.js';

const { fact } = createFacts();
const shipped = (days: number, order: string, ...barcodes: string[]) =>
  fact('order.shipped', days, { order, barcodes });
const cancelled = (days: number, order: string, ...barcodes: string[]) =>
  fact('order.cancelled', days, { order, ...(barcodes.length === 0 ? {} : { barcodes }) });

describe('the order of a kit', () => {
  test.each([
    ['named last by its own time', [shipped(2, 'B', '1'), shipped(1, 'A', '1')], 'B'],
    ['of two at one moment, the one heard of last', [shipped(1, 'A', '1'), shipped(1, 'B', '1')], 'B'],
    ['named by the kit itself', [shipped(1, 'A', '1'), fact('kit.registered', 2, { order: 'B' })], 'B'],
    ['not one whose parcel holds others', [shipped(1, 'A', '1'), shipped(2, 'B', '2')], 'A'],
    ['not one that only cancels it', [shipped(1, 'A', '1'), cancelled(2, 'B', '1')], 'A'],
    ['one that names no kit, where none does', [fact('order.created', 1, { order: 'A' })], 'A'],
    ['unknown', [fact('kit.registered', 1)], null],
  ])('is the one %s', (_, facts, order) => {
    expect(orderOf('kit:1', facts)).toBe(order);
  });

  test('an order is its own', () => {
    expect(orderOf('order:A', [shipped(1, 'B', '1')])).toBe('A');
  });
});

describe('what is a kit’s own', () => {
  test('is no other order’s word, and no cancellation of others', () => {
    const own = [shipped(2, 'B', '1'), cancelled(3, 'B', '1', '2'), fact('kit.registered', 4, { order: 'A' })];
    const [parcel, end] = own as [(typeof own)[0], (typeof own)[0]];
    const others = [shipped(1, 'A', '1'), cancelled(3, 'A'), cancelled(3, 'B', '2')];
    expect(ownFacts('kit:1', [...others, parcel, end])).toEqual([parcel, end]);
  });

  test('is its own webhook, whatever order that names', () => {
    const facts = [fact('kit.registered', 1, { order: 'A' }), shipped(2, 'B', '1')];
    expect(ownFacts('kit:1', facts)).toEqual(facts);
  });
});

describe('an order is cancelled with all its kits', () => {
  const learned = fact('partner.answered', 3, { order: 'A', learned: [{ event: 'order.cancelled', at: START + DAY }] });

  test.each([
    ['by a word that names none', [shipped(1, 'A', '1', '2'), cancelled(2, 'A')], true],
    ['by one that names all', [shipped(1, 'A', '1', '2'), cancelled(2, 'A', '2', '1')], true],
    ['kit by kit', [cancelled(2, 'A', '1'), shipped(1, 'A', '1', '2'), cancelled(2, 'A', '2')], true],
    ['by the partner’s answer', [shipped(1, 'A', '1', '2'), cancelled(2, 'A', '1'), learned], true],
    ['not by one that names some', [shipped(1, 'A', '1', '2'), cancelled(2, 'A', '1')], false],
    [
      'not where a second parcel holds others',
      [shipped(1, 'A', '1'), cancelled(2, 'A', '1'), shipped(3, 'A', '2')],
      false,
    ],
    ['not where its kits aren’t known', [cancelled(2, 'A', '1')], false],
    ['not without a cancellation', [shipped(1, 'A', '1')], false],
  ])('%s', (_, facts, whole) => {
    expect(isCancelledWhole(facts)).toBe(whole);
    expect(stateOf('order:A', facts) === 'cancelled').toBe(whole);
  });

  test('and its state is the same in whatever order the facts come', () => {
    const facts = [shipped(1, 'A', '1', '2'), cancelled(2, 'A', '1'), shipped(3, 'A', '3'), cancelled(4, 'A', '2')];
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: 4 }), (order) => {
        expect(['order:A', 'kit:1', 'kit:2', 'kit:3'].map((subject) => stateOf(subject, order))).toEqual([
          'shipped',
          'cancelled',
          'cancelled',
          'shipped',
        ]);
      }),
    );
  });
});
