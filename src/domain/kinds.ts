import type { C4hxpEvent, FactEvent } from './events.js';

/** What a person may stop by one click (policy.md, "Stopping"). */
export const TOPICS = ['reminders', 'progress'] as const;
export type Topic = (typeof TOPICS)[number];

/** How pressing a group of kinds is for Temporal's task queue, and how long one email of it is tried. */
const GROUPS = {
  results: { priority: 1, tryFor: '72h' },
  news: { priority: 3, tryFor: '72h' },
  reminder: { priority: 5, tryFor: '24h' },
} as const;

/** One row of the table of kinds: everything that follows from a kind alone. When it goes is policy (`workflows/policy`). */
interface KindRow {
  /** What a person would call it. */
  readonly title: string;
  readonly group: keyof typeof GROUPS;
  /** Whose email it is. */
  readonly to: 'recipient' | 'patient' | 'team';
  /** Whose journey decides it; null: whoever needs a human. */
  readonly decidedBy: 'order' | 'kit' | null;
  /** What it is about, in the reader's eyes: a kit's emails carry the kit's last four in their subject. */
  readonly about: 'order' | 'kit' | 'team';
  /** The event that it tells of; null: a clock, or a comparison, calls for it. */
  readonly tellsOf: FactEvent | null;
  /** What the reader may stop by one click; null: nothing. */
  readonly topic: Topic | null;
  /** What a support agent says when something overtook it. */
  readonly whenSuperseded: string;
}

const OVERTAKEN = 'newer news overtook it';
const NOT_NEEDED = 'not needed any more';

/** Every kind of email that can be sent or deliberately not sent, in the policy's order (policy.md, section 1). */
// prettier-ignore
const TABLE = {
  'order.confirmed': { title: 'An order is being prepared', group: 'news', to: 'recipient', decidedBy: 'order', about: 'order', tellsOf: 'order.confirmed', topic: null, whenSuperseded: OVERTAKEN },
  'order.shipped':   { title: 'A kit is on its way', group: 'news', to: 'recipient', decidedBy: 'order', about: 'order', tellsOf: 'order.shipped', topic: null, whenSuperseded: OVERTAKEN },
  'order.cancelled': { title: 'An order was cancelled', group: 'news', to: 'recipient', decidedBy: 'order', about: 'order', tellsOf: 'order.cancelled', topic: null, whenSuperseded: OVERTAKEN },
  'kit.registered':  { title: 'A kit is registered', group: 'news', to: 'patient', decidedBy: 'kit', about: 'kit', tellsOf: 'kit.registered', topic: null, whenSuperseded: OVERTAKEN },
  'kit.received_lab':       { title: 'The sample has arrived', group: 'news', to: 'patient', decidedBy: 'kit', about: 'kit', tellsOf: 'kit.received_lab', topic: 'progress', whenSuperseded: OVERTAKEN },
  'kit.processing_started': { title: 'Work on the sample has begun', group: 'news', to: 'patient', decidedBy: 'kit', about: 'kit', tellsOf: 'kit.processing_started', topic: 'progress', whenSuperseded: OVERTAKEN },
  'results.available': { title: 'Results are ready', group: 'results', to: 'patient', decidedBy: 'kit', about: 'kit', tellsOf: 'results.available', topic: null, whenSuperseded: OVERTAKEN },
  'results.reviewed':  { title: 'A review was added', group: 'results', to: 'patient', decidedBy: 'kit', about: 'kit', tellsOf: 'results.reviewed', topic: null, whenSuperseded: OVERTAKEN },
  'results.updated':   { title: 'There is a new version of the results', group: 'results', to: 'patient', decidedBy: 'kit', about: 'kit', tellsOf: null, topic: null, whenSuperseded: OVERTAKEN },
  'kit.failed':      { title: 'A kit could not be completed', group: 'news', to: 'patient', decidedBy: 'kit', about: 'kit', tellsOf: 'kit.failed', topic: null, whenSuperseded: OVERTAKEN },
  'kit.cancelled':   { title: 'A kit was cancelled', group: 'news', to: 'patient', decidedBy: 'kit', about: 'kit', tellsOf: 'kit.cancelled', topic: null, whenSuperseded: OVERTAKEN },
  // Decided by the kits, kept under their order: one goes for all of them.
  'reminder.register': { title: 'A reminder to register', group: 'reminder', to: 'recipient', decidedBy: 'kit', about: 'order', tellsOf: null, topic: 'reminders', whenSuperseded: NOT_NEEDED },
  'reminder.return':   { title: 'A reminder to post the sample', group: 'reminder', to: 'patient', decidedBy: 'kit', about: 'kit', tellsOf: null, topic: 'reminders', whenSuperseded: NOT_NEEDED },
  'notice.delay':      { title: 'A notice of delay', group: 'news', to: 'patient', decidedBy: 'kit', about: 'kit', tellsOf: null, topic: 'progress', whenSuperseded: NOT_NEEDED },
  'staff.alert':       { title: 'A call to the team', group: 'news', to: 'team', decidedBy: null, about: 'team', tellsOf: null, topic: null, whenSuperseded: OVERTAKEN },
} as const satisfies Record<string, KindRow>;

type Table = typeof TABLE;
export type Kind = keyof Table;
type KindsWith<Cells> = { [Name in Kind]: Table[Name] extends Cells ? Name : never }[Kind];

/** The kinds that a journey decides; `staff.alert` is decided by whoever needs a human. */
export type JourneyKind = KindsWith<{ readonly decidedBy: 'order' | 'kit' }>;

export const KINDS: Readonly<Record<Kind, KindRow>> = TABLE;
export const KIND_NAMES = Object.keys(TABLE) as [Kind, ...Kind[]];

/** Whom an email of this kind is for. */
export const roleOfKind = (kind: JourneyKind): 'recipient' | 'patient' => TABLE[kind].to;

export const isJourneyKind = (kind: Kind): kind is JourneyKind => KINDS[kind].decidedBy !== null;

/** The kinds that the journey of an order or of a kit decides, in the policy's order. */
export const kindsDecidedBy = (whose: 'order' | 'kit'): JourneyKind[] =>
  KIND_NAMES.filter(isJourneyKind).filter((kind) => KINDS[kind].decidedBy === whose);

/** The kinds that say that results are there: no setting and no link can switch them off. */
export const isOfResults = (kind: Kind): boolean => KINDS[kind].group === 'results';
export const RESULTS_KINDS = KIND_NAMES.filter(isOfResults);

/** Whether a clock calls for it, so that what comes in between makes it needless. */
export const isTimed = (kind: Kind): boolean => KINDS[kind].whenSuperseded === NOT_NEEDED;

/** The topic a person may stop by one click in an email of this kind; null: none. */
export const topicOf = (kind: Kind): Topic | null => KINDS[kind].topic;

/** How Temporal's task queue takes an email of this kind: results before news, news before reminders. */
export const queueOptionsOf = (kind: Kind): (typeof GROUPS)[keyof typeof GROUPS] => GROUPS[KINDS[kind].group];

/** The email that a webhook's event calls for; null: none by itself. */
export const kindThatTells = (event: C4hxpEvent): JourneyKind | null =>
  KIND_NAMES.filter(isJourneyKind).find((kind) => KINDS[kind].tellsOf === event) ?? null;
