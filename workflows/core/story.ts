import { type FactEvent, kitState, orderState } from '../../src/domain/events.js';
import type { Kind } from '../../src/domain/kinds.js';
import type { Status } from '../../src/domain/notifications.js';
import type { KitState, OrderState } from '../../src/domain/states.js';
import type { Command, Fact, PolicySettings } from '../../src/domain/facts.js';
import { isKit, kitSubject, nameOf, orderSubject } from '../../src/domain/subjects.js';
import { patientOf, recipientOf, type Addressee } from '../policy/addressee.js';
import type { Knowledge, Question, Notification } from './knowledge.js';

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
export const wentOut = (notification: Notification): boolean =>
  WENT_OUT.includes(notification.status) || notification.reason === 'already_told';

/** What is known, seen at one moment: the questions that the policy asks of it, and their answers. */
export class Story {
  readonly state: KitState | OrderState;
  readonly recipient: Addressee;
  readonly patient: Addressee;
  private readonly events = new Map<FactEvent, StoryEvent[]>();

  constructor(
    readonly known: Knowledge,
    readonly now: number,
  ) {
    for (const fact of [...known.facts].sort((a, b) => a.seq - b.seq)) this.tell(fact);
    this.state = (isKit(known.subject) ? kitState : orderState)(this.events.keys());
    this.recipient = recipientOf(known.facts);
    this.patient = patientOf(known.facts);
  }

  /** A partner's answer adds what no webhook had told before it, and is no news otherwise. */
  private tell(fact: Fact): void {
    const { receivedAt, seq, cause } = fact;
    const add = (event: FactEvent, at: number): void => {
      const entry = { name: event, at, receivedAt, seq, cause, fact };
      this.events.set(event, [...(this.events.get(event) ?? []), entry]);
    };
    for (const { event, at } of fact.learned ?? []) if (!this.has(event)) add(event, at);
    add(fact.event, fact.at);
  }

  get subject(): string {
    return this.known.subject;
  }

  get settings(): PolicySettings {
    return this.known.settings;
  }

  has(...events: readonly FactEvent[]): boolean {
    return events.some((event) => this.events.has(event));
  }

  /** All happenings of these events, in order of arrival. */
  all(...events: readonly FactEvent[]): StoryEvent[] {
    return events.flatMap((event) => this.events.get(event) ?? []).sort((a, b) => a.seq - b.seq);
  }

  first(...events: readonly FactEvent[]): StoryEvent | undefined {
    return this.all(...events)[0];
  }

  /** Every happening that brought news: not reports about emails, not commands, not an answer without news. */
  get news(): StoryEvent[] {
    return [...this.events.values()].flat().filter(({ name }) => !/^(mail|operator|partner)\./.test(name));
  }

  /** Commands that came after a moment in the story, about this notification or about the subject as a whole. */
  commands(
    event: FactEvent,
    after: number,
    about?: { readonly kind: Kind; readonly occurrence: number },
  ): StoryEvent[] {
    return this.all(event).filter(
      ({ seq, fact }) => seq > after && (about === undefined || concerns(fact.command, about)),
    );
  }

  get notifications(): readonly Notification[] {
    return this.known.notifications;
  }

  /** The rows of a kind, by occurrence. */
  notificationsOf(...kinds: readonly Kind[]): Notification[] {
    return this.notifications
      .filter((notification) => kinds.includes(notification.kind))
      .sort((a, b) => a.occurrence - b.occurrence);
  }

  get openQuestion(): Question | undefined {
    return this.known.questions.find((question) => question.outcome === null);
  }

  get erased(): boolean {
    return this.has('operator.erase');
  }

  /** The order's number, as far as it is known. */
  get order(): string | null {
    if (!isKit(this.subject)) return nameOf(this.subject);
    return this.orders.at(-1) ?? null;
  }

  get orders(): string[] {
    return [...new Set(this.known.facts.flatMap((fact) => (fact.order === undefined ? [] : [fact.order])))];
  }

  get orderSubject(): string | null {
    return this.order === null ? null : orderSubject(this.order);
  }

  /** Whether its order is known to hold other kits too. */
  get hasSiblings(): boolean {
    const parcels = this.all('order.shipped').flatMap(({ fact }) => fact.barcodes ?? []);
    return parcels.some((barcode) => kitSubject(barcode) !== this.subject);
  }

  /** The newest value that the facts tell of a time, by the fact's own time. */
  newest(field: 'delivery' | 'completion'): number | null {
    const told = this.known.facts.filter((fact) => fact[field] !== undefined);
    const last = [...told].sort((a, b) => a.at - b.at || a.seq - b.seq).at(-1);
    return last?.[field] ?? null;
  }

  /** When the last email of this journey left; one that is leaving counts as now. Null without any. */
  get lastEmailAt(): number | null {
    const times = this.notifications.flatMap((notification) =>
      notification.status === 'sending' ? [this.now] : wentOut(notification) ? [notification.at] : [],
    );
    return times.length === 0 ? null : Math.max(...times);
  }
}

/** A command without a kind is about all that it can apply to. */
const concerns = (command: Command | undefined, about: { readonly kind: Kind; readonly occurrence: number }): boolean =>
  (command?.kind === undefined || command.kind === about.kind) &&
  (command?.occurrence === undefined || command.occurrence === about.occurrence);
