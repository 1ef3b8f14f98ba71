import type { AddressInfo } from 'node:net';
import { createApp } from './api.js';
import { createBusiness, type Business } from './business.js';
import {
  ATTEMPT_TIMEOUT,
  createChance,
  createDeliveries,
  createDeliveryLog,
  type Delivery,
  type Endpoint,
  type Mischief,
} from './deliveries.js';
import { createFaults, DEFAULT_KEY, PARTNER_LIMITS, type Fault, type RateLimits, type SimKey } from './guard.js';
import { KITS_NEEDED, play, type JourneyName } from './journeys.js';
import type { Shape } from './shapes.js';
import { createEmitter, createEndpoints, type EmitVerbatim, type MetaRule, type NewEndpoint } from './webhooks.js';
import { createWorld, DEFAULT_KIT_TYPE, type NewOrder, type SimOrder, type World } from './world.js';

export interface PartnerSimOptions {
  readonly host?: string;
  /** 0 (default): any free one. */
  readonly port?: number;
  readonly keys?: readonly SimKey[];
  /** How its API answers; default `reference`. */
  readonly shape?: Shape;
  /** Default: those of a partner's key; null: none. */
  readonly limits?: RateLimits | null;
  /** 3600 makes hours seconds: retries, journeys. Default 1. */
  readonly timeScale?: number;
  readonly attemptTimeoutMs?: number;
  /** Delivers to plain HTTP elsewhere than on this machine, too; the partner never does. */
  readonly plainHttp?: boolean;
  readonly mischief?: Mischief;
  /** Which webhooks have `meta`: all, or (as in the page's samples) order.created only. Default all. */
  readonly meta?: MetaRule;
  /** Ids, orders and barcodes are made from it: another one for each run against the same instance. Default 0. */
  readonly run?: number;
  /** Makes mischief repeatable. */
  readonly seed?: number;
  /** ms */
  readonly clock?: () => number;
  /** Told of each delivery that is over. */
  readonly onDelivery?: (delivery: Delivery) => void;
}

/**
 * The stand-in C4HXP: an API and a sender of webhooks over one set of records. Written from the partner's pages and
 * apart from our client and our readers, so that they can be tried against it; the twelve names are the domain's,
 * which are those of the page.
 */
export interface PartnerSim {
  /** Origin of API and admin routes. */
  readonly url: string;
  readonly apiKey: string;
  readonly world: World;
  readonly business: Business;
  register(endpoint: NewEndpoint): Endpoint;
  /** Orders and plays a scripted journey; `ended` resolves after its last step. */
  play(name: JourneyName, order?: Omit<NewOrder, 'at'>): { readonly order: SimOrder; readonly ended: Promise<void> };
  /** Sends these very bytes, signed and with all retries; its records know nothing of it. */
  readonly deliver: EmitVerbatim;
  /** Lets the next answers of the API go wrong. */
  misbehave(fault: Fault): void;
  serve(shape: Shape): void;
  mischief(mischief: Mischief): void;
  deliveries(): readonly Delivery[];
  /** Resolves when no delivery is pending. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function createPartnerSim(options: PartnerSimOptions = {}): Promise<PartnerSim> {
  const { timeScale = 1, clock = Date.now, keys = [{ key: DEFAULT_KEY }], meta = 'always', run = 0 } = options;
  let { shape = 'reference', mischief = {} } = options;
  const closing = new AbortController();
  const world = createWorld(run);
  const faults = createFaults();
  const endpoints = createEndpoints(options.plainHttp);
  const log = createDeliveryLog(options.onDelivery ?? (() => undefined));
  const deliveries = createDeliveries({
    log,
    mischief: () => mischief,
    chance: createChance(options.seed ?? 1),
    timeScale,
    attemptTimeoutMs: options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT,
    clock,
  });
  const { emit, verbatim } = createEmitter({ endpoints, deliveries, clock, meta, run });
  const business = createBusiness({ world, emit, clock });

  const controls = {
    world,
    business,
    register: endpoints.register,
    play: (name: JourneyName, order?: Omit<NewOrder, 'at'>) => {
      const placed = business.order(withEnoughKits(name, order));
      return { order: placed, ended: play(name, placed, { business, timeScale, signal: closing.signal }) };
    },
    deliver: verbatim,
    misbehave: faults.add,
    serve: (other: Shape) => {
      shape = other;
    },
    mischief: (other: Mischief) => {
      mischief = other;
    },
    deliveries: log.list,
    settled: log.settled,
  };

  const limits = options.limits === undefined ? PARTNER_LIMITS : options.limits;
  const app = createApp({ ...controls, endpoints, faults, emit, keys, limits, clock, shape: () => shape });
  const { host = '127.0.0.1', port = 0 } = options;
  await app.listen({ host, port });
  const { port: bound } = app.server.address() as AddressInfo;

  return {
    ...controls,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    apiKey: keys[0]?.key ?? DEFAULT_KEY,
    close: async () => {
      closing.abort();
      await deliveries.close();
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** The wish, with as many kits more as the journey needs. */
function withEnoughKits(name: JourneyName, order: Omit<NewOrder, 'at'> = {}): Omit<NewOrder, 'at'> {
  const { kitTypes = order.barcodes?.map(() => DEFAULT_KIT_TYPE) ?? [DEFAULT_KIT_TYPE] } = order;
  const missing = Math.max(0, (KITS_NEEDED[name] ?? 1) - kitTypes.length);
  return { ...order, kitTypes: [...kitTypes, ...Array.from({ length: missing }, () => DEFAULT_KIT_TYPE)] };
}
