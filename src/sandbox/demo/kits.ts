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
import { faultsOf, faultsOfShuffled, type Faults } from './faults.js';

/** What a demo needs of the stand-in C4HXP. */
export type DemoPartner = Pick<PartnerSim, 'business' | 'deliver' | 'mischief' | 'deliveries'>;

/** One thing that happens at the partner's, and the email to wait for before the next does; none: it goes on at once. */
export interface Step {
  readonly event: C4hxpEvent;
  /** The webhook is on its way when this returns. */
  readonly happen: (partner: DemoPartner) => void;
  readonly tells: Kind | null;
}

export interface DemoKit {
  readonly title: string;
  readonly barcode: string;
  readonly order: string;
  readonly steps: readonly Step[];
  /** All steps happen at the same moment, and their webhooks come twice and in any order. */
  readonly shuffled: boolean;
  readonly faults: Faults;
}

type DemoEvent = OrderEvent | KitEvent;
const isDemoEvent = (event: C4hxpEvent): event is DemoEvent => isOrderEvent(event) || isKitEvent(event);

/** In the course of things, and nothing that ends it early. */
const WHOLE_JOURNEY = C4HXP_EVENTS.filter(isDemoEvent).filter((event) => event !== 'order.cancelled');
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

const steps = (events: readonly DemoEvent[], script: Script): Step[] =>
  events.map((event) => ({
    event,
    happen: ({ business }) => {
      DEEDS[event](business, script);
    },
    tells: kindThatTells(event),
  }));

/** The payloads of the partner's page, byte for byte: the stand-in only signs and delivers them. */
const pageSteps = (barcode: string): Step[] =>
  (Object.entries(PAGE_PAYLOADS) as [C4hxpEvent, string][]).map(([event, raw]) => ({
    event,
    happen: ({ deliver }) => {
      deliver(event, Buffer.from(raw), barcode);
    },
    tells: kindThatTells(event),
  }));

const scriptOf = (number: number, buyer: string, patient: string): Script => ({
  barcode: `23000000000${String(number)}`,
  order: `C4H-ORD-DEMO-000${String(number)}`,
  buyer,
  patient,
});

/** The four kits of the demo. */
export function demoKits(): DemoKit[] {
  const smooth = scriptOf(1, 'Bea Miller', 'Ada Miller');
  const shuffled = scriptOf(2, 'Cleo Brown', 'Cleo Brown');
  const page = { barcode: '123456789012', order: 'C4H-ORD-2024-001234' };
  const cancelled = scriptOf(4, 'Dan Jones', 'Dan Jones');
  return [
    {
      title: 'A smooth journey',
      ...named(smooth),
      steps: steps(WHOLE_JOURNEY, smooth),
      shuffled: false,
      faults: faultsOf('results.reviewed', [
        'order.confirmed',
        'order.shipped',
        'kit.registered',
        'kit.received_lab',
        'kit.processing_started',
        'results.available',
        'results.reviewed',
      ]),
    },
    {
      title: 'The same, each webhook twice and all shuffled',
      ...named(shuffled),
      steps: steps(WHOLE_JOURNEY, shuffled),
      shuffled: true,
      faults: faultsOfShuffled(WHOLE_JOURNEY.length),
    },
    {
      title: "The partner page's own four payloads of 2024",
      ...page,
      steps: pageSteps(page.barcode),
      shuffled: false,
      faults: faultsOf('results.available', ['order.shipped', 'kit.registered', 'results.available']),
    },
    {
      title: 'An order that is cancelled',
      ...named(cancelled),
      steps: steps(CANCELLED, cancelled),
      shuffled: false,
      faults: faultsOf('cancelled', ['order.confirmed', 'order.shipped', 'order.cancelled']),
    },
  ];
}

const named = ({ barcode, order }: Script) => ({ barcode, order });
