import {
  eventsThatShow,
  isNews,
  kitState,
  orderState,
  type FactEvent,
  type Milestone,
} from '../../src/domain/events.js';
import type { Command, Fact, Failure, PolicySettings } from '../../src/domain/facts.js';
import type { JourneyKind } from '../../src/domain/kinds.js';
import type { NotificationKey, Status } from '../../src/domain/notifications.js';
import { factsOfItsOrder, orderOf, ownFacts } from '../../src/domain/own-facts.js';
import { isKit, kitSubject, orderSubject, type KitState, type OrderState } from '../../src/domain/subjects.js';
import { patientOf, recipientOf, type Addressee } from '../policy/addressee.js';
import type { Knowledge, Notification, Question } from './knowledge.js';
import type { Rules } from './rules.js';

/** Something that happened to a kit or an order: told by a webhook, or learned from the partner's answer. */
export interface StoryEvent {
  readonly name: FactEvent;
  /** The event's own time (ms). */
  readonly at: number;
  readonly receivedAt: number;
  readonly seq: number;
  readonly cause: string;
  readonly fact: Fact;
}

/** An email has left us, whatever became of it then. */
const WENT_OUT: readonly Status[] = ['sent', 'delivered', 'bounced', 'complained', 'unknown'];
export const wentOut = ({ status, reason }: Notification): boolean =>
  WENT_OUT.includes(status) || reason === 'already_told';

/** What the facts tell, whatever has been decided about them. */
interface Told {
  readonly events: ReadonlyMap<FactEvent, readonly StoryEvent[]>;
  readonly state: KitState | OrderState;
  readonly recipient: Addressee;
  readonly patient: Addressee;
}

/**
 * What is known, seen at one moment and under the rules of this journey: the questions that the policy asks of it, and
 * their answers.
 */
export class Story {
  private constructor(
    readonly known: Knowledge,
    /** ms */
    readonly now: number,
    readonly rules: Rules,
    private readonly told: Told,
  ) {}

  static of(known: Knowledge, now: number, rules: Rules): Story {
    const { subject } = known;
    const events = eventsOf(ownFacts(subject, known.facts));
    return new Story(known, now, rules, {
      events,
      state: (isKit(subject) ? kitState : orderState)(events.keys()),
      recipient: recipientOf(factsOfItsOrder(subject, known.facts)),
      patient: patientOf(known.facts),
    });
  }

  /** The same story once something is being done: no fact is another. */
  after(known: Knowledge): Story {
    return new Story(known, this.now, this.rules, this.told);
  }

  get state(): KitState | OrderState {
    return this.told.state;
  }

  get recipient(): Addressee {
    return this.told.recipient;
  }

  get patient(): Addressee {
    return this.told.patient;
  }

  get subject(): string {
    return this.known.subject;
  }

  get isKits(): boolean {
    return isKit(this.subject);
  }

  get settings(): PolicySettings {
    return this.known.settings;
  }

  has(...events: readonly FactEvent[]): boolean {
    return events.some((event) => this.told.events.has(event));
  }

  /** All of these events, in order of arrival. */
  all(...events: readonly FactEvent[]): StoryEvent[] {
    const told = events.flatMap((event) => this.told.events.get(event) ?? []);
    // Those of one event are in order already.
    return events.length === 1 ? told : told.sort((a, b) => a.seq - b.seq);
  }

  first(...events: readonly FactEvent[]): StoryEvent | undefined {
    return this.all(...events)[0];
  }

  /** What opened a notification, also where its fact has turned out to be about others. */
  sourceOf({ source }: Pick<Notification, 'source'>): StoryEvent | undefined {
    const fact = this.known.facts.find(({ seq }) => seq === source);
    if (fact === undefined) return undefined;
    const { event, at, receivedAt, seq, cause } = fact;
    return { name: event, at, receivedAt, seq, cause, fact };
  }

  /** The partner's answers about this journey's own subject; a kit is told of its order's, too. */
  get answers(): StoryEvent[] {
    return this.all('partner.answered').filter(({ fact }) => !this.isKits || fact.order === undefined);
  }

  /** Whether the kit is known to have come to any of these. */
  reached(...milestones: readonly Milestone[]): boolean {
    return this.has(...eventsThatShow(...milestones));
  }

  /** Every event that brought news: not reports about emails, not commands, not an answer without news. */
  get news(): StoryEvent[] {
    return [...this.told.events.values()].flat().filter(({ name }) => isNews(name));
  }

  /** Commands about this notification that came after a moment in the story. */
  commands(event: FactEvent, after: number, about: NotificationKey): StoryEvent[] {
    return this.all(event).filter(({ seq, fact }) => seq > after && isAbout(fact.command, about));
  }

  /** Whether an operator has skipped the whole subject since: that acknowledges what no email can settle. */
  skippedSince(seq: number): boolean {
    return this.ownCommands('operator.skip').some((skip) => skip.seq > seq && skip.fact.command?.kind === undefined);
  }

  get notifications(): readonly Notification[] {
    return this.known.notifications;
  }

  /** The notifications of a kind, by occurrence. */
  notificationsOf(...kinds: readonly JourneyKind[]): Notification[] {
    return this.notifications.filter(({ kind }) => kinds.includes(kind)).sort((a, b) => a.occurrence - b.occurrence);
  }

  get openQuestion(): Question | undefined {
    return this.known.questions.find((question) => question.outcome === null);
  }

  /** Commands about this journey's own subject. */
  ownCommands(event: FactEvent): StoryEvent[] {
    return this.all(event).filter(({ fact }) => fact.command?.subject === this.subject);
  }

  get erased(): boolean {
    return this.ownCommands('operator.erase').length > 0;
  }

  /** The order's number, as far as it is known: of several the one that named the kit last by its own time. */
  get order(): string | null {
    return orderOf(this.subject, this.known.facts);
  }

  /** The orders that the kit is said to be in, in order of arrival. */
  get orders(): string[] {
    return [...new Set(this.known.facts.flatMap((fact) => (fact.order === undefined ? [] : [fact.order])))];
  }

  /** Why the kit failed, as the partner said it last; null where it didn't fail, or nobody knows why. */
  get because(): Failure | null {
    return this.reached('failed') ? this.newest(({ because }) => because ?? null) : null;
  }

  get orderSubject(): string | null {
    return this.order === null ? null : orderSubject(this.order);
  }

  /** Whether its parcels are known to hold other kits too. */
  get hasSiblings(): boolean {
    const names = (barcode: string): boolean => kitSubject(barcode) === this.subject;
    return this.all('order.shipped').some(
      ({ fact: { barcodes = [] } }) => barcodes.some(names) && !barcodes.every(names),
    );
  }

  /** The newest value that the facts tell of something, by the fact's own time; null where none does. */
  newest<Value>(read: (fact: Fact) => Value | null): Value | null {
    const told = this.known.facts.filter((fact) => read(fact) !== null);
    const last = told.sort((a, b) => a.at - b.at || a.seq - b.seq).at(-1);
    return last === undefined ? null : read(last);
  }

  /** When the last email of this journey left; one that is leaving counts as now. Null without any. */
  get lastEmailAt(): number | null {
    const times = this.notifications.flatMap((one) =>
      one.status === 'sending' ? [this.now] : wentOut(one) ? [one.at] : [],
    );
    return times.length === 0 ? null : Math.max(...times);
  }
}

/** A partner's answer adds what no webhook had told before it, and is no news otherwise. */
function eventsOf(facts: readonly Fact[]): Told['events'] {
  const events = new Map<FactEvent, StoryEvent[]>();
  for (const fact of [...facts].sort((a, b) => a.seq - b.seq)) {
    const { receivedAt, seq, cause } = fact;
    const add = (name: FactEvent, at: number): void => {
      events.set(name, [...(events.get(name) ?? []), { name, at, receivedAt, seq, cause, fact }]);
    };
    for (const { event, at } of fact.learned ?? []) if (!events.has(event)) add(event, at);
    add(fact.event, fact.at);
  }
  return events;
}

/** A command without a kind is about all of its subject that it can apply to. */
const isAbout = (command: Command | undefined, about: NotificationKey): boolean =>
  command?.subject === about.subject &&
  (command.kind === undefined || command.kind === about.kind) &&
  (command.occurrence === undefined || command.occurrence === about.occurrence);
