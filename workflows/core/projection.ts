import {
  defineSearchAttributeKey,
  type SearchAttributeUpdatePair,
  type TypedSearchAttributes,
} from '@temporalio/common';
import type { Attention, SubjectProjection } from '../../src/domain/activities.js';
import { attentionSentence } from '../../src/domain/attention.js';
import { HOUR } from '../../src/domain/durations.js';
import { orderOf } from '../../src/domain/own-facts.js';
import { KIND_NAMES } from '../../src/domain/kinds.js';
import { siblingsShippedLater } from '../../src/domain/shipments.js';
import { isOnItsWay, transitOf, type TransitStep } from '../../src/domain/transit.js';
import { SEARCH_ATTRIBUTES } from '../../src/domain/visibility.js';
import { TRANSIT_WORDS, whyFailed } from '../../src/domain/words.js';
import type { Knowledge, Notification } from './knowledge.js';

/** Whether a projection says something new: minutes by which the next email moves are nothing. */
export function differs(former: SubjectProjection | null, projection: SubjectProjection): boolean {
  if (former === null) return true;
  return (
    former.state !== projection.state ||
    former.closed !== projection.closed ||
    former.because !== projection.because ||
    !isSameAttention(former.attention, projection.attention) ||
    former.next?.what !== projection.next?.what ||
    Math.abs((former.next?.at ?? 0) - (projection.next?.at ?? 0)) >= HOUR
  );
}

const isSameAttention = (one: readonly Attention[], other: readonly Attention[]): boolean =>
  one.length === other.length &&
  one.every(({ code, kind, since }, at) => {
    const its = other[at];
    return code === its?.code && kind === its.kind && since === its.since;
  });

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
export function shown(known: Knowledge, projection: SubjectProjection): Shown {
  const times = known.facts.map((fact) => fact.at);
  return {
    state: projection.state,
    attention: projection.attention[0]?.code ?? null,
    order: orderOf(known.subject, known.facts),
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

/** The page that Temporal's UI shows of a journey (Markdown), for somebody who answers a patient's call. */
export function details(known: Knowledge, projection: SubjectProjection): string {
  const { state, because, attention, next } = projection;
  const later = state === 'failed' ? siblingsShippedLater(known.subject, known.facts) : [];
  const transit = isOnItsWay(state) ? transitOf(known.facts) : [];
  const notifications = [...known.notifications].sort(
    (a, b) => KIND_NAMES.indexOf(a.kind) - KIND_NAMES.indexOf(b.kind) || a.occurrence - b.occurrence,
  );
  return [
    `**State:** ${state}${because === null ? '' : `, failed because: ${whyFailed(because)}`}`,
    ...attention.map(({ code, kind }) => `**Needs a person:** ${attentionSentence(code, kind)}`),
    ...(later.length === 0 ? [] : [`**Shipped later in this order:** ${later.join(', ')}`]),
    ...(transit.length === 0 ? [] : [`**On the way:** ${transit.map(way).join('; ')}`]),
    ...(next === null ? [] : [`**Next:** ${next.what}, ${time(next.at)}`]),
    ...(notifications.length === 0 ? ['Nothing has been sent.'] : [table(notifications)]),
  ].join('\n\n');
}

const table = (notifications: readonly Notification[]): string =>
  ['| Email | What became of it | Since |', '| --- | --- | --- |', ...notifications.map(line)].join('\n');

function line(notification: Notification): string {
  const name =
    notification.occurrence === 1 ? notification.kind : `${notification.kind} (${String(notification.occurrence)})`;
  const reason = notification.reason === null ? '' : `: ${words(notification.reason)}`;
  return `| ${name} | ${words(notification.status)}${reason} | ${time(notification.at)} |`;
}

const way = ({ what, at, heardAt }: TransitStep): string =>
  `${TRANSIT_WORDS[what]} ${at === null ? `(heard of ${time(heardAt)})` : time(at)}`;

const words = (code: string): string => code.replaceAll('_', ' ');
const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
