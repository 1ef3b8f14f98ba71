import type { C4hxpEvent } from '../../src/domain/events.js';
import type { Kind } from '../../src/domain/kinds.js';
import { kitSubject, orderSubject, type Subject } from '../../src/domain/subjects.js';
import { rawOf, sampleEvent } from '../../src/sandbox/samples/sample.js';
import type { Random } from './random.js';

/** A webhook of a life, and when it is first sent (ms since the life began). */
export interface Post {
  readonly id: string;
  readonly event: C4hxpEvent;
  readonly subject: Subject;
  readonly raw: Buffer;
  readonly after: number;
}

/** What one subject of a life should come to, whatever befell the system meanwhile. */
export interface Expected {
  readonly subject: Subject;
  /** The only address that its emails may go to. */
  readonly address: string;
  /** Told in the end. */
  readonly must: readonly Kind[];
  /** Told, or overtaken by what came after. */
  readonly may: readonly Kind[];
  /** Whether a human is to be asked at the end. */
  readonly attention: boolean;
  /** Whether one may have been asked in between, by the order in which things came to be known. */
  readonly mayAlert: boolean;
}

/** An order and its kits, from its first webhook to its last. */
export interface Life {
  readonly name: string;
  readonly posts: readonly Post[];
  readonly expected: readonly Expected[];
}

/** Something of an order (null) or of one of its kits, by its number. */
type Step = readonly [event: C4hxpEvent, kit?: number];
type Script = Readonly<{
  steps: readonly Step[];
  order: Pick<Expected, 'must' | 'may'>;
  kits: readonly Pick<Expected, 'must' | 'may' | 'attention'>[];
}>;

const ORDERED: readonly Step[] = [['order.created'], ['order.confirmed'], ['order.shipped']];
const kit = (number: number, events: readonly C4hxpEvent[]): Step[] => events.map((event) => [event, number]);
const SHIPPED = { must: [], may: ['order.confirmed', 'order.shipped'] } as const;
const CANCELLED = { must: ['order.cancelled'], may: ['order.confirmed', 'order.shipped'] } as const;
const TO_THE_LAB = ['kit.registered', 'kit.received_lab', 'kit.processing_started'] as const;
const REVIEWED = {
  must: ['results.reviewed'],
  may: [...TO_THE_LAB, 'results.available'],
  attention: false,
} as const;

/** The lives that are led. None of them gives a human cause to look but the last. */
const SCRIPTS: Readonly<Record<string, Script>> = {
  smooth: {
    steps: [
      ...ORDERED,
      ...kit(0, [...TO_THE_LAB, 'kit.processing_completed', 'results.available', 'results.reviewed']),
    ],
    order: SHIPPED,
    kits: [REVIEWED],
  },
  'no review': {
    steps: [...ORDERED, ...kit(0, [...TO_THE_LAB, 'results.available'])],
    order: SHIPPED,
    kits: [{ must: ['results.available'], may: TO_THE_LAB, attention: false }],
  },
  'still at the lab': {
    steps: [...ORDERED, ...kit(0, TO_THE_LAB)],
    order: SHIPPED,
    kits: [{ must: ['kit.processing_started'], may: ['kit.registered', 'kit.received_lab'], attention: false }],
  },
  'only shipped': {
    steps: ORDERED,
    order: { must: ['order.shipped'], may: ['order.confirmed'] },
    kits: [{ must: [], may: [], attention: false }],
  },
  'two kits, two patients': {
    steps: [
      ...ORDERED,
      ...kit(0, ['kit.registered']),
      ...kit(1, TO_THE_LAB),
      ...kit(0, ['kit.received_lab', 'results.available']),
    ],
    order: SHIPPED,
    kits: [
      { must: ['results.available'], may: ['kit.registered', 'kit.received_lab'], attention: false },
      { must: ['kit.processing_started'], may: ['kit.registered', 'kit.received_lab'], attention: false },
    ],
  },
  'cancelled at once': {
    steps: [['order.created'], ['order.confirmed'], ['order.cancelled']],
    order: { must: ['order.cancelled'], may: ['order.confirmed'] },
    kits: [],
  },
  'cancelled after registration': {
    steps: [...ORDERED, ...kit(0, ['kit.registered']), ['order.cancelled']],
    order: CANCELLED,
    kits: [{ must: ['kit.cancelled'], may: ['kit.registered'], attention: false }],
  },
  'cancelled at the lab': {
    steps: [...ORDERED, ...kit(0, ['kit.registered', 'kit.received_lab']), ['order.cancelled']],
    order: CANCELLED,
    kits: [{ must: ['kit.cancelled'], may: ['kit.registered', 'kit.received_lab'], attention: true }],
  },
};
const NAMES = Object.keys(SCRIPTS) as [string, ...string[]];

/** Between two webhooks of a life (ms), on average. */
const PACE_MS = 2_500;
/** What has happened, happened a little while ago: nothing is too old to be told. */
const MINUTE = 60_000;

/** A life, its webhooks a little out of order. @param now ms: about when it is led. */
export function newLife(random: Random, now: number): Life {
  const name = random.pick(NAMES);
  const script = SCRIPTS[name] as Script;
  const number = random.digits(10);
  const order = orderSubject(`C4H-ORD-2026-${number}`);
  const kits = script.kits.map((_, index) => kitSubject(`XK${number}${String(index)}`));
  const recipient = { first_name: 'Robin', last_name: 'Doe', email: `robin.${number}@example.com` };
  const patients = kits.map((_, index) => ({
    first_name: 'Pat',
    last_name: `Smith${String.fromCharCode(65 + index)}`,
    email: `pat.${number}.${String(index)}@example.com`,
  }));
  const barcodes = kits.map((subject) => subject.slice('kit:'.length));
  const posts = script.steps.map(([event, which], index): Post => {
    const id = `wh_kills_${number}_${String(index)}`;
    const sample = sampleEvent(event, {
      at: new Date(now - (script.steps.length - index) * MINUTE),
      order: order.slice('order:'.length),
      webhookId: id,
      ...(which === undefined ? {} : { barcode: barcodes[which] ?? '' }),
      set:
        which !== undefined
          ? { patient: patients[which] }
          : event === 'order.shipped'
            ? { kits: barcodes.map((barcode) => ({ kit_id: `KIT-${barcode}`, barcode, tracking: TRACKING })) }
            : { recipient },
    });
    return {
      id,
      event,
      subject: which === undefined ? order : (kits[which] ?? order),
      raw: rawOf(sample),
      after: Math.round(index * PACE_MS + random.next() * 1.5 * PACE_MS),
    };
  });
  return {
    name,
    posts,
    expected: [
      { subject: order, address: recipient.email, ...script.order, attention: false, mayAlert: false },
      ...script.kits.map((expected, index) => ({
        ...expected,
        subject: kits[index] ?? order,
        address: patients[index]?.email ?? '',
        mayAlert: [...expected.must].some((kind) => kind === 'results.reviewed' || kind === 'kit.cancelled'),
      })),
    ],
  };
}

const TRACKING = { carrier: 'FedEx', tracking_number: '1234567890' };
