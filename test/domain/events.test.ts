import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import {
  C4HXP_EVENTS,
  EVENTS,
  eventsThatShow,
  eventsWhereSilence,
  inCourse,
  isC4hxpEvent,
  isKitEvent,
  isNews,
  isOrderEvent,
  priorityOf,
  type FactEvent,
} from '../../src/domain/events.js';

const FACT_EVENTS = (Object.keys(EVENTS) as (keyof typeof EVENTS)[]).filter(
  (name): name is FactEvent => EVENTS[name].of !== 'system',
);
const factEvent = fc.constantFrom(...FACT_EVENTS);

describe('the table of events', () => {
  test('has the twelve of the partner’s webhook page, in the order in which things go', () => {
    expect(C4HXP_EVENTS).toEqual([
      'order.created',
      'order.confirmed',
      'order.shipped',
      'order.cancelled',
      'kit.registered',
      'kit.received_lab',
      'kit.processing_started',
      'kit.processing_completed',
      'results.available',
      'results.reviewed',
      'system.maintenance_scheduled',
      'system.maintenance_completed',
    ]);
    expect(isC4hxpEvent('kit.failed')).toBe(false);
    expect(isC4hxpEvent('toString')).toBe(false);
  });

  test('says whose an event is, by its own name', () => {
    for (const event of C4HXP_EVENTS) {
      expect([event, isOrderEvent(event)]).toEqual([event, event.startsWith('order.')]);
      expect([event, isKitEvent(event)]).toEqual([event, /^(kit|results)\./.test(event)]);
    }
  });

  test('says what it shows of a kit, and what silence after it means', () => {
    expect(eventsThatShow('shipped')).toEqual(['order.shipped', 'kit.shipped']);
    expect(eventsThatShow('registered')).toEqual(['kit.registered']);
    expect(eventsThatShow('at_lab')).toEqual([
      'kit.received_lab',
      'kit.processing_started',
      'kit.processing_completed',
    ]);
    expect(eventsThatShow('results', 'failed')).toEqual(['kit.failed', 'results.available', 'results.reviewed']);
    expect(eventsThatShow('cancelled')).toEqual(['order.cancelled', 'kit.cancelled']);
    expect(eventsThatShow()).toEqual([]);
    expect(eventsWhereSilence('awaits_sample')).toEqual(eventsThatShow('registered', 'posted'));
    expect(eventsWhereSilence('awaits_results')).toEqual(eventsThatShow('at_lab'));
    expect(eventsWhereSilence('fades')).toEqual(eventsThatShow('cancelled', 'failed'));
    expect(eventsWhereSilence('ends')).toEqual(eventsThatShow('results'));
  });

  test('tells news of a kit or an order from reports, commands and answers', () => {
    expect(
      FACT_EVENTS.filter((event) => !isNews(event)).every((event) => /^(mail|operator|partner|webhook)\./.test(event)),
    ).toBe(true);
    expect(FACT_EVENTS.filter(isNews).some((event) => /^(mail|operator|partner|webhook)\./.test(event))).toBe(false);
  });

  test('puts what happened at the same moment in one order, whichever two are compared', () => {
    fc.assert(
      fc.property(factEvent, factEvent, (one, other) => {
        expect(Math.sign(inCourse(one, other))).toBe(-Math.sign(inCourse(other, one)) + 0);
      }),
    );
    expect(inCourse('order.created', 'results.reviewed')).toBeLessThan(0);
  });
});

describe('what the relay takes first', () => {
  const first = priorityOf({ event: 'results.available' });

  test('is results, also where an answer of the partner tells them, and what a waiting human asked for', () => {
    for (const event of ['results.reviewed', 'operator.retry', 'operator.erase'] as const)
      expect(priorityOf({ event })).toBe(first);
    expect(priorityOf({ event: 'partner.answered', learned: [{ event: 'results.available' }] })).toBe(first);
  });

  test('then what is news to a patient, and last what nobody is written to about', () => {
    const news = priorityOf({ event: 'kit.registered' });
    const rest = priorityOf({ event: 'kit.processing_completed' });
    expect(first).toBeLessThan(news);
    expect(news).toBeLessThan(rest);
    expect(priorityOf({ event: 'partner.answered', learned: [{ event: 'kit.registered' }] })).toBe(news);
    for (const event of ['order.created', 'mail.delivered'] as const) expect(priorityOf({ event })).toBe(rest);
    expect(priorityOf({ event: 'mail.bounced' })).toBe(news);
  });
});
