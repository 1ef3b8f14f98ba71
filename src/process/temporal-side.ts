import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Refusal } from '../config/refusal.js';
import type { Database } from '../database/database.js';
import { HOUR, MINUTE } from '../domain/durations.js';
import type { PolicySettings } from '../domain/facts.js';
import type { Recipients } from '../ledger/recipients.js';
import { createJourneys } from '../relay/journeys.js';
import { createRelay, type Relay, type RelayOptions } from '../relay/relay.js';
import { connectTemporal, type Temporal } from '../temporal/connection.js';
import { prepareTemporal } from '../temporal/namespace.js';
import { ensureRetention } from '../temporal/schedules.js';
import { createWorkers, type Workers, type WorkersOptions } from '../temporal/workers.js';
import { errorLabel, toLogLine } from './logger.js';

export interface TemporalSideOptions extends Pick<
  WorkersOptions,
  'activities' | 'bundle' | 'emailMaxPerSecond' | 'version'
> {
  readonly temporal: Temporal;
  readonly database: Database;
  readonly recipients: Recipients;
  /** Names this process, which beats (`Ledger.heartbeat`). */
  readonly owner: string;
  readonly policy: () => PolicySettings;
  readonly load: () => number;
  /** SIGNALS_IN_FLIGHT */
  readonly signalsInFlight: number;
  /** Whether the relay is woken for whatever is committed. */
  readonly isWoken: () => boolean;
  readonly logger: Logger;
  readonly onRelayed: NonNullable<RelayOptions['onRelayed']>;
}

/** Relay and workers, which begin when Temporal can be prepared and go on for as long as it is away. */
export interface TemporalSide {
  readonly relay: Relay;
  readonly workers: Workers;
  /** Resolves when Temporal was prepared for the first time. */
  readonly prepared: Promise<void>;
  /** Rejects while Temporal is away or not prepared. */
  readonly check: () => Promise<void>;
  stopRelay(): Promise<void>;
}

/** How long an email in mid-SMTP may take at a stop: the whole has 30 s. */
export const GRACE_MS = 12_000;
/**
 * Not the partner's limit, which is kept by each call (`ledger/partner-calls.ts`): only so that many questions that were
 * told to come back at the same moment wait in Temporal's queue, where the most pressing is the first.
 */
const PARTNER_PER_SECOND = 5;
const LONGEST_PAUSE_MS = 5_000;
const CHECK_MS = 3_000;
const RETENTION_LOOK_MS = HOUR;
const LONGEST_RETENTION_PAUSE_MS = MINUTE;

const identityOf = (): string => `${hostname()}-${String(process.pid)}`;

/** @param address host:port; `env` null for the embedded server. */
export function openTemporal(address: string, namespace: string, env: NodeJS.ProcessEnv | null): Temporal {
  return connectTemporal({ address, namespace, env, identity: identityOf() });
}

export function startTemporalSide(options: TemporalSideOptions): TemporalSide {
  const { temporal, database, logger, load } = options;
  const { client, namespace, identity } = temporal;
  const stopping = new AbortController();
  const relay = createRelay({
    database,
    journeys: createJourneys(client),
    recipients: options.recipients,
    settings: options.policy,
    load,
    mostInFlight: options.signalsInFlight,
    isWoken: options.isWoken,
    owner: options.owner,
    logger,
    onRelayed: options.onRelayed,
  });
  const workers = createWorkers({
    ...options,
    connect: () => temporal.connectWorker(),
    namespace,
    identity,
    partnerMaxPerSecond: PARTNER_PER_SECOND,
    grace: GRACE_MS,
    log: toLogLine(logger),
  });

  async function prepare(): Promise<void> {
    for (let pause = 250; !stopping.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await prepareTemporal(client, namespace);
        ready = true;
        break;
      } catch (error) {
        // A Refusal says what a person must mend; anything else only that Temporal is away.
        const sentence = error instanceof Refusal ? error.message : 'Temporal is away';
        logger.warn({ error: errorLabel(error), address: temporal.address }, sentence);
        await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
    if (stopping.signal.aborted) return;
    relay.start();
    void workers.run();
    void keepRetentionScheduled();
  }

  /** Journeys don't wait for it. Looked at again every so often: a Temporal whose store was lost has lost it too. */
  async function keepRetentionScheduled(): Promise<void> {
    for (let pause = 250; !stopping.signal.aborted;) {
      try {
        await ensureRetention(client);
        pause = RETENTION_LOOK_MS;
      } catch (error) {
        pause = Math.min(pause * 2, LONGEST_RETENTION_PAUSE_MS);
        if (pause === LONGEST_RETENTION_PAUSE_MS)
          logger.warn({ error: errorLabel(error) }, 'retention could not be put on its schedule in Temporal');
      }
      await sleep(pause, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  }
  let ready = false;
  const prepared = prepare();

  return {
    relay,
    workers,
    prepared,
    async check() {
      if (!ready) throw new Error('Temporal is not prepared');
      await client.withDeadline(Date.now() + CHECK_MS, () => client.workflowService.getSystemInfo({}));
    },
    async stopRelay() {
      stopping.abort();
      await prepared;
      await relay.stop();
    },
  };
}
