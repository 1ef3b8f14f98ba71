import {
  C4HXP_EVENTS,
  isKitEvent,
  isOrderEvent,
  type C4hxpEvent,
  type KitEvent,
  type OrderEvent,
} from '../../domain/events.js';
import { kindThatTells, type Kind } from '../../domain/kinds.js';
import type { PartnerSim } from '../partner-sim/sim.js';
import { PAGE_PAYLOADS } from '../samples/page-payloads.js';
import { faultsOf, faultsOfFailed, faultsOfShuffled, type Faults } from './faults.js';

/** What a demo needs of the stand-in C4HXP. */
export type DemoPartner = Pick<PartnerSim, 'business' | 'deliver' | 'mischief' | 'deliveries'>;

/** One thing that happens at the partner's, and the email to wait for before the next does; none: it goes on at once. */
export interface Step {
  /** The webhook that tells of it; null: there is none, and the partner must be asked. */
  readonly event: C4hxpEvent | null;
  /** Barcode of the kit that it happens to, or that it is about where it happens to the order. */
  readonly barcode: string;
  /** The webhook is on its way when this returns. */
  readonly happen: (partner: DemoPartner) => void;
  readonly tells: Told | null;
}

/** Which of the emails of a kit or its order. */
export interface Told {
  readonly kind: Kind;
  readonly occurrence: number;
}

/** How a kit should end. */
export interface DemoKit {
  readonly barcode: string;
  readonly faults: Faults;
}

/** What happens to the kits of one order. */
export interface DemoStory {
  readonly title: string;
  readonly order: string;
  /** In the order in which they were shipped. */
  readonly kits: readonly DemoKit[];
  readonly steps: readonly Step[];
  /** All steps happen at the same moment, and their webhooks come twice and in any order. */
  readonly shuffled: boolean;
}

type DemoEvent = OrderEvent | KitEvent;
const isDemoEvent = (event: C4hxpEvent): event is DemoEvent => isOrderEvent(event) || isKitEvent(event);

/** In the course of things, and nothing that ends it early. */
const WHOLE_JOURNEY = C4HXP_EVENTS.filter(isDemoEvent).filter((event) => event !== 'order.cancelled');
const isOfKit = (event: DemoEvent): boolean => isKitEvent(event);
const FROM_REGISTRATION_ON = WHOLE_JOURNEY.filter(isOfKit);
const TO_THE_LAB = WHOLE_JOURNEY.slice(0, WHOLE_JOURNEY.indexOf('kit.received_lab') + 1);
const CANCELLED: readonly DemoEvent[] = ['order.created', 'order.confirmed', 'order.shipped', 'order.cancelled'];

interface Script {
  readonly barcode: string;
  readonly order: string;
  readonly buyer: string;
  readonly patient: string;
}

type Business = PartnerSim['business'];

/** What the partner's people do, so that it says this. */
const DEEDS: Readonly<Record<DemoEvent, (business: Business, script: Script) => void>> = {
  'order.created': (business, { barcode, order, buyer }) => {
    business.order({ orderNumber: order, barcodes: [barcode], recipient: personCalled(buyer) });
  },
  'order.confirmed': (business, { order }) => {
    business.confirm(order);
  },
  'order.shipped': (business, { order }) => {
    business.ship(order);
  },
  'order.cancelled': (business, { order }) => {
    business.cancel(order);
  },
  'kit.registered': (business, { barcode, patient }) => {
    business.register(barcode, personCalled(patient));
  },
  'kit.received_lab': (business, { barcode }) => {
    business.receiveAtLab(barcode);
  },
  'kit.processing_started': (business, { barcode }) => {
    business.startProcessing(barcode);
  },
  'kit.processing_completed': (business, { barcode }) => {
    business.completeProcessing(barcode);
  },
  'results.available': (business, { barcode }) => {
    business.releaseResults(barcode, ['high_cortisol']);
  },
  'results.reviewed': (business, { barcode }) => {
    business.review(barcode);
  },
};

function personCalled(name: string) {
  const [first = '', last = ''] = name.split(' ');
  return {
    first_name: first,
    last_name: last,
    email: `${first}.${last}@example.com`.toLowerCase(),
    phone: '+15550000000',
    date_of_birth: '1980-02-29',
  };
}

const once = (kind: Kind | null): Told | null => (kind === null ? null : { kind, occurrence: 1 });

const steps = (events: readonly DemoEvent[], script: Script): Step[] =>
  events.map((event) => ({
    event,
    barcode: script.barcode,
    happen: ({ business }) => {
      DEEDS[event](business, script);
    },
    tells: once(kindThatTells(event)),
  }));

/** The payloads of the partner's page, byte for byte: the stand-in only signs and delivers them. */
const pageSteps = (barcode: string): Step[] =>
  (Object.entries(PAGE_PAYLOADS) as [C4hxpEvent, string][]).map(([event, raw]) => ({
    event,
    barcode,
    happen: ({ deliver }) => {
      deliver(event, Buffer.from(raw), barcode);
    },
    tells: once(kindThatTells(event)),
  }));

/** The lab can't use the sample, which no webhook tells; another kit goes out in the same order, and all is well. */
function unusableSteps(first: Script, second: Script): Step[] {
  const { barcode } = first;
  return [
    ...steps(TO_THE_LAB, first),
    {
      event: null,
      barcode,
      happen: ({ business }) => {
        business.fail(barcode, 'Quantity not sufficient');
      },
      tells: once('kit.failed'),
    },
    {
      event: 'order.shipped',
      barcode: second.barcode,
      happen: ({ business }) => {
        business.replace(barcode, second.barcode);
        business.ship(second.order);
      },
      tells: { kind: 'order.shipped', occurrence: 2 },
    },
    ...steps(FROM_REGISTRATION_ON, second),
  ];
}

const scriptOf = (number: number, buyer: string, patient: string): Script => ({
  barcode: `23000000000${String(number)}`,
  order: `C4H-ORD-DEMO-000${String(number)}`,
  buyer,
  patient,
});

const named = ({ order }: Script) => ({ order, shuffled: false });

/** The stories of the demo; no two share an order. */
export function demoStories(): DemoStory[] {
  const smooth = scriptOf(1, 'Bea Miller', 'Ada Miller');
  const shuffled = scriptOf(2, 'Cleo Brown', 'Cleo Brown');
  const page = { barcode: '123456789012', order: 'C4H-ORD-2024-001234' };
  const cancelled = scriptOf(4, 'Dan Jones', 'Dan Jones');
  const unusable = scriptOf(5, 'Eve Stone', 'Eve Stone');
  const replacement = { ...unusable, barcode: scriptOf(6, '', '').barcode };
  return [
    {
      title: 'A smooth journey',
      ...named(smooth),
      kits: [{ barcode: smooth.barcode, faults: faultsOf('results.reviewed', [...OF_THE_ORDER, ...OF_THE_KIT]) }],
      steps: steps(WHOLE_JOURNEY, smooth),
    },
    {
      title: 'The same, each webhook twice and all shuffled',
      ...named(shuffled),
      kits: [{ barcode: shuffled.barcode, faults: faultsOfShuffled(WHOLE_JOURNEY.length) }],
      steps: steps(WHOLE_JOURNEY, shuffled),
      shuffled: true,
    },
    {
      title: "The partner page's own four payloads of 2024",
      order: page.order,
      kits: [
        {
          barcode: page.barcode,
          faults: faultsOf('results.available', ['order.shipped', 'kit.registered', 'results.available']),
        },
      ],
      steps: pageSteps(page.barcode),
      shuffled: false,
    },
    {
      title: 'An order that is cancelled',
      ...named(cancelled),
      kits: [{ barcode: cancelled.barcode, faults: faultsOf('cancelled', [...OF_THE_ORDER, 'order.cancelled']) }],
      steps: steps(CANCELLED, cancelled),
    },
    {
      title: 'Too little sample, then a second kit',
      ...named(unusable),
      kits: [
        {
          barcode: unusable.barcode,
          faults: faultsOfFailed({ because: 'insufficient', shippedLater: [replacement.barcode] }, [
            ...OF_THE_ORDER,
            'order.shipped 2',
            'kit.registered',
            'kit.received_lab',
            'kit.failed',
          ]),
        },
        {
          barcode: replacement.barcode,
          faults: faultsOf('results.reviewed', [...OF_THE_ORDER, 'order.shipped 2', ...OF_THE_KIT]),
        },
      ],
      steps: unusableSteps(unusable, replacement),
    },
  ];
}

const OF_THE_ORDER = ['order.confirmed', 'order.shipped'];
const OF_THE_KIT = [
  'kit.registered',
  'kit.received_lab',
  'kit.processing_started',
  'results.available',
  'results.reviewed',
];
