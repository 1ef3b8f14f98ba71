import { KIT_STATES, type KitState, ORDER_STATES, type OrderState } from './subjects.js';
import type { Source } from './sources.js';

/** What an event shows of a kit, apart from its state: the questions that the policy asks of a story. */
export type Milestone =
  | 'shipped'
  | 'delivered'
  | 'not_delivered'
  | 'registered'
  | 'posted'
  | 'lost_in_transit'
  | 'at_lab'
  | 'results'
  | 'failed'
  | 'cancelled';

/** The relay takes the less first; Temporal's own priorities can't help what it has not been given. */
export const PRIORITY = { results: 1, news: 3, rest: 5 } as const;

/**
 * What silence after an event means: the sample should come; the results should; no more is to be expected, but may still
 * come; all that was waited for has come.
 */
export type Silence = 'awaits_sample' | 'awaits_results' | 'fades' | 'ends';

/** One row of the table of events: everything that follows from an event's name alone. */
interface EventRow {
  /** Who tells it: C4HXP's webhooks and answers, the mail provider, an operator. */
  readonly source: Source;
  /** One of the twelve that C4HXP documents on its webhook page. What is not is only learned from its API, or is ours. */
  readonly webhook?: true;
  /** Whose it is: an order's facts are copied to its kits; null: whoever the fact is about. */
  readonly of: 'order' | 'kit' | 'system' | null;
  /** The state that it leads an order or a kit to. */
  readonly orderState?: OrderState;
  readonly kitState?: KitState;
  /** What it implies for the kit. */
  readonly shows?: Milestone;
  readonly priority: keyof typeof PRIORITY;
  /** What is waited for after it; the partner is asked while it doesn't come. Absent: it changes nothing of that. */
  readonly silence?: Silence;
  /** It came from the lab, and says nothing of how things stand. */
  readonly news?: false;
}

/**
 * All that can happen to an order or a kit, in the order in which things go; of two at the same moment the upper one came
 * first. A new event is one row here, plus what the compiler then asks for (CONTRIBUTING.md).
 */
// prettier-ignore
const TABLE = {
  'order.created':   { source: 'c4hxp', webhook: true, of: 'order', orderState: 'created', priority: 'rest' },
  'order.confirmed': { source: 'c4hxp', webhook: true, of: 'order', orderState: 'confirmed', priority: 'news' },
  'order.shipped':   { source: 'c4hxp', webhook: true, of: 'order', orderState: 'shipped', kitState: 'shipped', shows: 'shipped', priority: 'news' },
  'order.cancelled': { source: 'c4hxp', webhook: true, of: 'order', orderState: 'cancelled', kitState: 'cancelled', shows: 'cancelled', priority: 'news', silence: 'fades' },
  'kit.shipped':     { source: 'c4hxp', of: 'kit', kitState: 'shipped', shows: 'shipped', priority: 'news' },
  'kit.delivered':   { source: 'c4hxp', of: 'kit', kitState: 'shipped', shows: 'delivered', priority: 'news' },
  // Returned, undeliverable, lost, or held up on its way to the customer.
  'kit.not_delivered': { source: 'c4hxp', of: 'kit', kitState: 'shipped', shows: 'not_delivered', priority: 'news' },
  'kit.registered':  { source: 'c4hxp', webhook: true, of: 'kit', kitState: 'registered', shows: 'registered', priority: 'news', silence: 'awaits_sample' },
  // The sample is on its way to the lab; whether the kit is registered is another question.
  'kit.posted':      { source: 'c4hxp', of: 'kit', kitState: 'shipped', shows: 'posted', priority: 'news', silence: 'awaits_sample' },
  'kit.lost_in_transit': { source: 'c4hxp', of: 'kit', kitState: 'shipped', shows: 'lost_in_transit', priority: 'news' },
  'kit.received_lab':         { source: 'c4hxp', webhook: true, of: 'kit', kitState: 'received_lab', shows: 'at_lab', priority: 'news', silence: 'awaits_results' },
  'kit.processing_started':   { source: 'c4hxp', webhook: true, of: 'kit', kitState: 'processing', shows: 'at_lab', priority: 'news', silence: 'awaits_results' },
  'kit.processing_completed': { source: 'c4hxp', webhook: true, of: 'kit', kitState: 'processing', shows: 'at_lab', priority: 'rest', silence: 'awaits_results' },
  'kit.failed':      { source: 'c4hxp', of: 'kit', kitState: 'failed', shows: 'failed', priority: 'news', silence: 'fades' },
  'kit.cancelled':   { source: 'c4hxp', of: 'kit', kitState: 'cancelled', shows: 'cancelled', priority: 'news', silence: 'fades' },
  'results.available': { source: 'c4hxp', webhook: true, of: 'kit', kitState: 'results.available', shows: 'results', priority: 'results', silence: 'ends' },
  'results.reviewed':  { source: 'c4hxp', webhook: true, of: 'kit', kitState: 'results.reviewed', shows: 'results', priority: 'results', silence: 'ends' },
  'system.maintenance_scheduled': { source: 'c4hxp', webhook: true, of: 'system', priority: 'rest' },
  'system.maintenance_completed': { source: 'c4hxp', webhook: true, of: 'system', priority: 'rest' },
  // Signed and not understood: it stands in the story of whom it names, as pressing as what it may be about.
  'webhook.unreadable': { source: 'c4hxp', of: null, priority: 'results', news: false },
  'partner.answered': { source: 'partner', of: null, priority: 'news' },
  'mail.delivered':   { source: 'mail', of: null, priority: 'rest' },
  'mail.bounced':     { source: 'mail', of: null, priority: 'news' },
  'mail.complained':  { source: 'mail', of: null, priority: 'news' },
  // What a waiting human asked for goes with the results.
  'operator.retry':           { source: 'operator', of: null, priority: 'results' },
  'operator.skip':            { source: 'operator', of: null, priority: 'results' },
  'operator.release':         { source: 'operator', of: null, priority: 'results' },
  'operator.correct_contact': { source: 'operator', of: null, priority: 'results' },
  'operator.acknowledge':     { source: 'operator', of: null, priority: 'results' },
  'operator.opt_out':         { source: 'operator', of: null, priority: 'results' },
  'operator.erase':           { source: 'operator', of: null, priority: 'results' },
} as const satisfies Record<string, EventRow>;

type Table = typeof TABLE;
type EventName = keyof Table;
/** The names of the rows that have these cells. */
type NamesWith<Cells> = { [Name in EventName]: Table[Name] extends Cells ? Name : never }[EventName];

export const EVENTS: Readonly<Record<EventName, EventRow>> = TABLE;
const NAMES = Object.keys(TABLE) as EventName[];

/** The events that C4HXP documents on its webhook page. */
export type C4hxpEvent = NamesWith<{ readonly webhook: true }>;
export type OrderEvent = C4hxpEvent & NamesWith<{ readonly of: 'order' }>;
export type KitEvent = C4hxpEvent & NamesWith<{ readonly of: 'kit' }>;
export type OperatorEvent = NamesWith<{ readonly source: 'operator' }>;
/** What can be learned about a kit or an order. */
export type FactEvent = Exclude<EventName, NamesWith<{ readonly of: 'system' }>>;

export const C4HXP_EVENTS = NAMES.filter((name): name is C4hxpEvent => EVENTS[name].webhook === true);
const FACT_EVENTS = NAMES.filter((name): name is FactEvent => EVENTS[name].of !== 'system');

export const isC4hxpEvent = (name: string): name is C4hxpEvent => (C4HXP_EVENTS as readonly string[]).includes(name);
export const isOrderEvent = (event: C4hxpEvent): event is OrderEvent => EVENTS[event].of === 'order';
export const isKitEvent = (event: C4hxpEvent): event is KitEvent => EVENTS[event].of === 'kit';

/** News of a kit or an order: no report about an email, no command, no answer by itself, nothing that can't be read. */
export const isNews = (event: FactEvent): boolean => EVENTS[event].source === 'c4hxp' && EVENTS[event].news !== false;

/** Looked up many times a step. */
function indexed<Key>(keyOf: (name: FactEvent) => Key): ReadonlyMap<Key, readonly FactEvent[]> {
  const index = new Map<Key, FactEvent[]>();
  for (const name of FACT_EVENTS) index.set(keyOf(name), [...(index.get(keyOf(name)) ?? []), name]);
  return index;
}
const BY_MILESTONE = indexed((name) => EVENTS[name].shows);
const BY_SILENCE = indexed((name) => EVENTS[name].silence);

/** The events that show one of these of a kit. */
export const eventsThatShow = (...milestones: readonly Milestone[]): FactEvent[] =>
  milestones.flatMap((milestone) => BY_MILESTONE.get(milestone) ?? []).sort(inCourse);

/** The events after which silence means this. */
export const eventsWhereSilence = (what: Silence): readonly FactEvent[] => BY_SILENCE.get(what) ?? [];

/** Which of two that happened at the same moment came first (negative: the first). */
export const inCourse = (one: FactEvent, other: FactEvent): number => NAMES.indexOf(one) - NAMES.indexOf(other);

/** Which facts the relay takes first: the most pressing of the event and of what it teaches. The less, the sooner. */
export function priorityOf({
  event,
  learned = [],
}: {
  readonly event: FactEvent;
  readonly learned?: readonly { readonly event: FactEvent }[];
}): number {
  // An answer is news; results that it teaches make it more.
  const results = learned.some((one) => EVENTS[one.event].priority === 'results');
  return results ? PRIORITY.results : PRIORITY[EVENTS[event].priority];
}

/** A kit's state is a function of the set of its events, never of their arrival: the highest that they lead to. */
export const kitState = (events: Iterable<FactEvent>): KitState =>
  highest(
    KIT_STATES,
    [...events].map((event) => EVENTS[event].kitState),
  );

/** An order's likewise. */
export const orderState = (events: Iterable<FactEvent>): OrderState =>
  highest(
    ORDER_STATES,
    [...events].map((event) => EVENTS[event].orderState),
  );

const highest = <State extends string>(
  states: readonly [State, ...State[]],
  reached: readonly (State | undefined)[],
): State => states.findLast((state) => reached.includes(state)) ?? states[0];
