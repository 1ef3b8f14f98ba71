import type { Business } from './business.js';
import type { SimOrder } from './world.js';
import { DAY, HOUR, MINUTE } from '../../domain/durations.js';

interface Step {
  /** How long after the step before (ms, before scaling). */
  readonly after: number;
  readonly what: (business: Business, order: SimOrder) => void;
}

const eachKit =
  (work: (business: Business, barcode: string) => void): Step['what'] =>
  (business, order) => {
    for (const { barcode } of order.kits) work(business, barcode);
  };

const confirmed: Step = {
  after: 5 * MINUTE,
  what: (business, { number }) => {
    business.confirm(number);
  },
};
const shipped: Step = {
  after: 20 * HOUR,
  what: (business, { number }) => {
    business.ship(number);
  },
};
const delivered: Step = {
  after: 2 * DAY,
  what: eachKit((business, kit) => {
    business.deliver(kit);
  }),
};
const registered: Step = {
  after: DAY,
  what: eachKit((business, kit) => {
    business.register(kit);
  }),
};
const posted: Step = {
  after: DAY,
  what: eachKit((business, kit) => {
    business.postSample(kit);
  }),
};
const received: Step = {
  after: 2 * DAY,
  what: eachKit((business, kit) => {
    business.receiveAtLab(kit);
  }),
};
const started: Step = {
  after: 5 * HOUR,
  what: eachKit((business, kit) => {
    business.startProcessing(kit);
  }),
};
const completed: Step = {
  after: 2 * DAY,
  what: eachKit((business, kit) => {
    business.completeProcessing(kit);
  }),
};
const results: Step = {
  after: HOUR,
  what: eachKit((business, kit) => {
    business.releaseResults(kit);
  }),
};
const flagged: Step = {
  after: HOUR,
  what: eachKit((business, kit) => {
    business.releaseResults(kit, ['high_cortisol']);
  }),
};
const inParts: Step = {
  after: HOUR,
  what: eachKit((business, kit) => {
    business.listResults(kit, { set: 'partial', tests: ['normal', 'preliminary'] });
  }),
};
const withoutResults: Step = {
  after: HOUR,
  what: eachKit((business, kit) => {
    business.listResults(kit);
  }),
};
const reviewed: Step = {
  after: 6 * HOUR,
  what: eachKit((business, kit) => {
    business.review(kit);
  }),
};
const cancelled: Step = {
  after: HOUR,
  what: (business, { number }) => {
    business.cancel(number);
  },
};
const failed: Step = {
  after: 5 * HOUR,
  what: eachKit((business, kit) => {
    business.fail(kit);
  }),
};

const toTheDoor = [confirmed, shipped, delivered];
const toTheLab = [...toTheDoor, registered, posted, received];

/** Scripted journeys by name, each for one order and all of its kits. */
export const JOURNEYS = {
  smooth: [...toTheLab, started, completed, results, reviewed],
  flagged: [...toTheLab, started, completed, flagged, reviewed],
  'results-in-parts': [...toTheLab, started, completed, inParts, { ...results, after: DAY }, reviewed],
  'completed-without-results': [...toTheLab, started, completed, withoutResults],
  cancelled: [confirmed, cancelled],
  'cancelled-after-shipping': [...toTheDoor, cancelled],
  'sample-rejected': [...toTheLab, failed],
  'never-registered': toTheDoor,
  'unregistered-at-lab': [...toTheDoor, posted, received],
  'registration-lost': [
    ...toTheDoor,
    {
      after: DAY,
      what: eachKit((business, kit) => {
        business.register(kit, undefined, { silent: true });
      }),
    },
    posted,
    received,
    started,
    completed,
    results,
  ],
} as const satisfies Record<string, readonly Step[]>;
export type JourneyName = keyof typeof JOURNEYS;

export const isJourneyName = (name: string): name is JourneyName => Object.hasOwn(JOURNEYS, name);

export interface PlayOptions {
  readonly business: Business;
  readonly timeScale: number;
  readonly signal: AbortSignal;
}

/** Plays the rest of an order's journey; resolves after its last step, or early when `signal` fires. */
export async function play(name: JourneyName, order: SimOrder, options: PlayOptions): Promise<void> {
  for (const { after, what } of JOURNEYS[name]) {
    await pause(after / options.timeScale, options.signal);
    if (options.signal.aborted) return;
    what(options.business, order);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
