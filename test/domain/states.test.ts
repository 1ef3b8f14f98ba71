import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import { type FactEvent, kitState, orderState } from '../../src/domain/events.js';

/** From the lowest, as the policy has it. */
const KIT = [
  ['unknown', []],
  ['shipped', ['order.shipped', 'kit.shipped']],
  ['registered', ['kit.registered']],
  ['received_lab', ['kit.received_lab']],
  ['processing', ['kit.processing_started', 'kit.processing_completed']],
  ['failed', ['kit.failed']],
  ['cancelled', ['order.cancelled', 'kit.cancelled']],
  ['results.available', ['results.available']],
  ['results.reviewed', ['results.reviewed']],
] as const;
const ORDER = [
  ['unknown', []],
  ['created', ['order.created']],
  ['confirmed', ['order.confirmed']],
  ['shipped', ['order.shipped']],
  ['cancelled', ['order.cancelled']],
] as const;

describe.each([
  ['a kit', KIT, kitState],
  ['an order', ORDER, orderState],
] as const)('the state of %s', (_, ladder, stateOf) => {
  const of = (...events: readonly FactEvent[]) => stateOf(events);
  const steps = ladder.flatMap(([state, events], height) => events.map((event) => ({ state, event, height })));

  test('is the step that its one fact takes it to', () => {
    for (const { state, event } of steps) expect([event, of(event)]).toEqual([event, state]);
  });

  test('is unknown where no fact says it, whatever else is known', () => {
    expect(of()).toBe('unknown');
    expect(of('partner.answered', 'operator.retry', 'mail.bounced')).toBe('unknown');
  });

  test('is the highest of the steps that its facts bear out, whatever the others are', () => {
    fc.assert(
      fc.property(fc.subarray(steps, { minLength: 1 }), (some) => {
        const highest = Math.max(...some.map(({ height }) => height));
        expect(of(...some.map(({ event }) => event))).toBe(ladder[highest]?.[0]);
      }),
    );
  });
});
