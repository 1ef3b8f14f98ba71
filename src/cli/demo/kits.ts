import type { Story } from '../../ledger/ledger.js';
import type { C4hxpEvent, Kind } from '../../terms/vocabulary.js';
import { PAGE_PAYLOADS } from '../samples/page-payloads.js';
import { valueAt } from '../samples/paths.js';
import { rawOf, sampleEvent } from '../samples/sample.js';

/** One webhook of a demo kit, and the email to wait for before the next is sent; none: it goes out at once. */
export interface Step {
  readonly event: C4hxpEvent;
  readonly raw: Buffer | string;
  readonly tells: Kind | null;
}

export interface DemoKit {
  readonly title: string;
  readonly barcode: string;
  readonly steps: readonly Step[];
  /** Whether all steps are sent at the same moment. */
  readonly burst: boolean;
  /** What is not as it should be at the end, each in a sentence; empty when all is. */
  readonly faults: (story: Story) => string[];
}

const TELLS: Partial<Record<C4hxpEvent, Kind>> = {
  'order.confirmed': 'order.confirmed',
  'order.shipped': 'order.shipped',
  'order.cancelled': 'order.cancelled',
  'kit.registered': 'kit.registered',
  'kit.received_lab': 'kit.received_lab',
  'kit.processing_started': 'kit.processing_started',
  'results.available': 'results.available',
  'results.reviewed': 'results.reviewed',
};

const WHOLE_JOURNEY: readonly C4hxpEvent[] = [
  'order.created',
  'order.confirmed',
  'order.shipped',
  'kit.registered',
  'kit.received_lab',
  'kit.processing_started',
  'kit.processing_completed',
  'results.available',
  'results.reviewed',
];
const MINUTE = 60_000;

interface People {
  readonly buyer: string;
  readonly patient: string;
}

/** Fresh webhooks, a minute between each two, the last one just now. */
function steps(events: readonly C4hxpEvent[], barcode: string, people: People, now: number): Step[] {
  return events.map((event, place) => {
    const at = new Date(now - (events.length - place) * MINUTE);
    const sample = sampleEvent(event, { at, barcode, order: `C4H-ORD-DEMO-${barcode.slice(-4)}` });
    for (const [role, name] of [['recipient', people.buyer] as const, ['patient', people.patient] as const])
      if (valueAt(sample, ['data', role]) !== undefined) sample.data[role] = personCalled(name);
    return { event, raw: rawOf(sample), tells: TELLS[event] ?? null };
  });
}

function personCalled(name: string): object {
  const [first = '', last = ''] = name.split(' ');
  return { first_name: first, last_name: last, email: `${first}.${last}@example.com`.toLowerCase() };
}

/** Each twice, in an order that is the same in every demo and far from the right one. */
function twiceAndShuffled(all: readonly Step[]): Step[] {
  const twice = [...all, ...all];
  return twice.map((_, place) => twice[(place * 7 + 4) % twice.length]).filter((step) => step !== undefined);
}

const sentKinds = (story: Story): Kind[] =>
  story.notifications.filter(({ status }) => status === 'sent').map(({ kind }) => kind);

/** The checks of every kit: the state, every email settled, none sent twice, each non-send with a reason. */
function commonFaults(story: Story, state: string): string[] {
  const sent = sentKinds(story);
  return [
    ...(story.state === state ? [] : [`its state is ${story.state}, not ${state}`]),
    ...(story.needsAttention === null ? [] : [`a person is asked: ${story.needsAttention}`]),
    ...sent.filter((kind, place) => sent.indexOf(kind) !== place).map((kind) => `${kind} was sent twice`),
    ...story.notifications
      .filter(({ status, reason }) => status !== 'sent' && (status !== 'not_sent' || reason === null))
      .map(({ kind, status }) => `${kind} is ${status}`),
    ...story.webhooks
      .filter(({ status }) => status !== 'relayed')
      .map(({ event, status }) => `${event ?? '?'} is ${status}`),
  ];
}

/** @param expected exactly these were sent. */
function faultsOf(state: string, expected: readonly Kind[]): DemoKit['faults'] {
  return (story) => {
    const sent = sentKinds(story);
    return [
      ...commonFaults(story, state),
      ...expected.filter((kind) => !sent.includes(kind)).map((kind) => `${kind} was not sent`),
      ...sent.filter((kind) => !expected.includes(kind)).map((kind) => `${kind} was sent`),
    ];
  };
}

/** What overtook what depends on the moment; that the results were told, and all repeats noticed, does not. */
function faultsOfShuffled(story: Story): string[] {
  const repeats = story.webhooks.reduce((sum, { duplicates }) => sum + duplicates, 0);
  const told = sentKinds(story).some((kind) => kind === 'results.available' || kind === 'results.reviewed');
  return [
    ...commonFaults(story, 'results.reviewed'),
    ...(told ? [] : ['nobody was told that the results are there']),
    ...(repeats === WHOLE_JOURNEY.length
      ? []
      : [`${String(repeats)} repeats were noticed, not ${String(WHOLE_JOURNEY.length)}`]),
  ];
}

/** The four kits of the demo. @param now ms */
export function demoKits(now: number): DemoKit[] {
  const smooth = '230000000001';
  const shuffled = '230000000002';
  const cancelled = '230000000004';
  return [
    {
      title: 'A smooth journey',
      barcode: smooth,
      steps: steps(WHOLE_JOURNEY, smooth, { buyer: 'Bea Miller', patient: 'Ada Miller' }, now),
      burst: false,
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
      barcode: shuffled,
      steps: twiceAndShuffled(steps(WHOLE_JOURNEY, shuffled, { buyer: 'Cleo Brown', patient: 'Cleo Brown' }, now)),
      burst: true,
      faults: faultsOfShuffled,
    },
    {
      title: "The partner page's own four payloads of 2024",
      barcode: '123456789012',
      steps: Object.entries(PAGE_PAYLOADS).map(([event, raw]) => ({
        event: event as C4hxpEvent,
        raw,
        tells: TELLS[event as C4hxpEvent] ?? null,
      })),
      burst: false,
      faults: faultsOf('results.available', ['order.shipped', 'kit.registered', 'results.available']),
    },
    {
      title: 'An order that is cancelled',
      barcode: cancelled,
      steps: steps(
        ['order.created', 'order.confirmed', 'order.shipped', 'order.cancelled'],
        cancelled,
        { buyer: 'Dan Jones', patient: 'Dan Jones' },
        now,
      ),
      burst: false,
      faults: faultsOf('cancelled', ['order.confirmed', 'order.shipped', 'order.cancelled']),
    },
  ];
}
