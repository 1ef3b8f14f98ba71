import {
  defineSearchAttributeKey,
  type SearchAttributeUpdatePair,
  type TypedSearchAttributes,
} from '@temporalio/common';
import type { SubjectProjection } from '../../src/domain/activities.js';
import { isKit, nameOf } from '../../src/domain/subjects.js';
import type { Knowledge } from './knowledge.js';
import { SEARCH_ATTRIBUTES } from '../../src/domain/visibility.js';
import { Story } from './story.js';

const KEYS = {
  state: defineSearchAttributeKey(SEARCH_ATTRIBUTES.state.name, SEARCH_ATTRIBUTES.state.type),
  attention: defineSearchAttributeKey(SEARCH_ATTRIBUTES.attention.name, SEARCH_ATTRIBUTES.attention.type),
  order: defineSearchAttributeKey(SEARCH_ATTRIBUTES.order.name, SEARCH_ATTRIBUTES.order.type),
  lastEvent: defineSearchAttributeKey(SEARCH_ATTRIBUTES.lastEvent.name, SEARCH_ATTRIBUTES.lastEvent.type),
};

/** A journey's search attributes as plain values: equal values mean that nothing has to be told to Temporal. */
export interface Shown {
  readonly state: string | null;
  readonly attention: string | null;
  readonly order: string | null;
  readonly lastEventAt: number | null;
}

/** What a journey shows of itself. */
export function shown(known: Knowledge, view: SubjectProjection): Shown {
  const story = new Story(known, view.at ?? 0);
  const times = known.facts.map((fact) => fact.at);
  return {
    state: view.state,
    attention: view.needsAttention?.code ?? null,
    order: isKit(known.subject) ? story.order : nameOf(known.subject),
    lastEventAt: times.length === 0 ? null : Math.max(...times),
  };
}

/** What was set when the journey was started, or carried over. */
export const shownAtStart = (attributes: TypedSearchAttributes): Shown => ({
  state: attributes.get(KEYS.state) ?? null,
  attention: attributes.get(KEYS.attention) ?? null,
  order: attributes.get(KEYS.order) ?? null,
  lastEventAt: attributes.get(KEYS.lastEvent)?.getTime() ?? null,
});

/** What has to be told to Temporal: one event, however many have changed; none when nothing has. */
export function changedAttributes(before: Shown, now: Shown): SearchAttributeUpdatePair[] {
  const { state, attention, order, lastEvent } = KEYS;
  const pairs: (SearchAttributeUpdatePair & { readonly changed: boolean })[] = [
    { key: state, value: now.state, changed: now.state !== before.state },
    { key: attention, value: now.attention, changed: now.attention !== before.attention },
    { key: order, value: now.order, changed: now.order !== before.order },
    {
      key: lastEvent,
      value: now.lastEventAt === null ? null : new Date(now.lastEventAt),
      changed: now.lastEventAt !== before.lastEventAt,
    },
  ];
  return pairs.filter(({ changed }) => changed).map(({ changed: _, ...pair }) => pair);
}
