import type { Business } from './business.js';
import type { SimKit, SimOrder } from './world.js';
import { DAY, HOUR, MINUTE } from '../../domain/durations.js';

interface Step {
  /** How long after the step before (ms, before scaling). */
  readonly after: number;
  readonly what: (business: Business, order: SimOrder) => void;
}

const eachKit =
  (work: (business: Business, barcode: string) => void, which: (kit: SimKit) => boolean = goesOn): Step['what'] =>
  (business, order) => {
    for (const { barcode } of order.kits.filter(which)) work(business, barcode);
  };

/** A kit that has failed or was cancelled takes no part in what comes after. */
function goesOn({ status }: SimKit): boolean {
  return status !== 'failed' && status !== 'cancelled';
}

const hasFailed = ({ status }: SimKit): boolean => status === 'failed';

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

const returned: Step = {
  after: 2 * DAY,
  what: eachKit((business, kit) => {
    business.scan(kit, 'return_to_sender');
  }),
};
const lost: Step = {
  after: 4 * DAY,
  what: eachKit((business, kit) => {
    business.scan(kit, 'lost');
  }),
};
const insufficient: Step = {
  after: 5 * HOUR,
  what: eachKit((business, kit) => {
    business.fail(kit, 'Quantity not sufficient');
  }),
};
const replaced: Step = {
  after: DAY,
  what: eachKit((business, kit) => {
    business.replace(kit);
  }, hasFailed),
};
const lastCancelled: Step = {
  after: HOUR,
  what: (business, { number, kits }) => {
    business.cancelKits(
      number,
      kits.slice(-1).map(({ barcode }) => barcode),
    );
  },
};
const shippedAnyway: Step = {
  after: 20 * HOUR,
  what: (business, { number }) => {
    business.ship(number, { anyway: true });
  },
};
const amended: Step = {
  after: 3 * DAY,
  what: eachKit((business, kit) => {
    business.amend(kit, ['high_cortisol']);
  }),
};
const saidToBeRegistered: Step = {
  after: HOUR,
  what: eachKit((business, kit) => {
    business.setStatus(kit, 'registered');
  }),
};
const hidden = (isHidden: boolean): Step => ({
  after: HOUR,
  what: eachKit((business, kit) => {
    business.hide(kit, isHidden);
  }),
});

const toTheDoor = [confirmed, shipped, delivered];
const toTheLab = [...toTheDoor, registered, posted, received];
const toTheResults = [started, completed, results];

const fromTheDoor = [delivered, registered, posted, received, ...toTheResults];

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
  'returned-undeliverable': [confirmed, shipped, returned],
  'posted-and-lost': [...toTheDoor, registered, posted, lost],
  'insufficient-then-replacement': [...toTheLab, insufficient, replaced, shipped, ...fromTheDoor],
  'one-of-two-cancelled': [confirmed, shipped, lastCancelled, ...fromTheDoor],
  'cancelled-then-shipped': [confirmed, cancelled, shippedAnyway, delivered, registered],
  amended: [...toTheLab, ...toTheResults, reviewed, amended, reviewed],
  'timeline-contradicts-status': [...toTheLab, saidToBeRegistered],
  'unknown-for-a-while': [...toTheLab, hidden(true), ...toTheResults, hidden(false)],
} as const satisfies Record<string, readonly Step[]>;
export type JourneyName = keyof typeof JOURNEYS;

/** How many kits a journey needs; default: one. */
export const KITS_NEEDED: Partial<Record<JourneyName, number>> = { 'one-of-two-cancelled': 2 };

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
