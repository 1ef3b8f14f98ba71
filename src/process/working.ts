import { join } from 'node:path';
import type { Logger } from 'pino';
import { policySettings, workerVersion, type Settings } from '../config.js';
import type { Brand } from '../email/brand.js';
import { packageRoot } from '../config/package-root.js';
import { freePorts } from '../host/ports.js';
import type { Intake } from '../inbox/intake.js';
import type { Ledger } from '../ledger/ledger.js';
import { installRuntime } from '../temporal/runtime.js';
import { wireActivities } from './activities.js';
import { watchAway } from './away.js';
import { createEmailing, type OwnEmails, type Stopping } from './emailing.js';
import type { Ground } from './infrastructure.js';
import { lineOf } from './logger.js';
import { partnerQuestions } from './partner.js';
import type { Stops } from './shutdown.js';
import { GRACE_MS, openTemporal, startTemporalSide } from './temporal-side.js';

export interface WorkingOptions {
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  readonly stops: Stops;
  readonly ground: Ground;
  readonly intake: Intake;
  readonly ledger: Ledger;
  readonly brand: Brand;
  readonly own: OwnEmails;
  readonly stopping: Stopping;
  /** Webhooks a second that come in. */
  readonly load: () => number;
}

/** The worker's part of a process: the relay, the workflows and the activities. */
export interface Working {
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** What is away now: `temporal`, `smtp`. */
  readonly away: () => readonly string[];
  /** The SDK's own metrics, as Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** Has the relay look at once. */
  readonly wake: () => void;
}

/** Longer than the grace that an email in mid-SMTP has, shorter than the 30 s of a whole stop. */
const STOP_WORKING_MS = GRACE_MS + 4_000;

export async function startWorking(options: WorkingOptions): Promise<Working> {
  const { settings, env, logger, stops, ground, intake, ledger, stopping, load } = options;
  const { database, sealing } = ground.storage;
  // Nobody else can be sending on a database that is ours alone: what a killed process had claimed is free at once.
  if (settings.databaseUrl === null) await ledger.voidLeases();

  const { emails, mailer } = createEmailing(settings, options, smtpUrlOf(settings, ground));
  stops.add('the mailer', () => {
    mailer.close();
  });
  const questions = partnerQuestions(settings, sealing, logger);
  if (questions !== null) stops.add("the partner's API", () => questions.close());

  // The SDK serves its metrics on a port of its own; ours hands them on, so that there is one address.
  const [sdkPort] = (await freePorts([{ setting: 'METRICS_PORT', port: 0 }])) as [number];
  const sdkMetrics = `127.0.0.1:${String(sdkPort)}`;
  installRuntime({ log: lineOf(logger), metricsAddress: sdkMetrics });

  const embedded = ground.temporal;
  const temporal =
    embedded === null
      ? openTemporal(settings.temporalAddress ?? '', settings.temporalNamespace, env)
      : openTemporal(embedded.address, settings.temporalNamespace, null);
  stops.add('the connection to Temporal', () => temporal.close());

  const side = startTemporalSide({
    temporal,
    database,
    policy: () => policySettings(settings),
    load,
    logger,
    activities: wireActivities({
      settings,
      database,
      ledger,
      intake,
      emails,
      mailer,
      stopping,
      questions,
      logger,
    }),
    bundle: { codePath: join(packageRoot(), 'dist', 'workflow-bundle.js') },
    emailMaxPerSecond: settings.emailMaxPerSecond,
    version: workerVersion(settings),
  });
  const unlisten = intake.onKept(() => {
    side.relay.wake();
  });
  stops.add(
    'relay and workers',
    async () => {
      unlisten();
      await Promise.all([side.stopRelay(), side.workers.shutdown()]);
    },
    STOP_WORKING_MS,
  );
  // An embedded start is ready when all of it is; a configured Temporal may come later.
  if (embedded !== null) await side.prepared;

  const watch = watchAway({ temporal: side.check, smtp: () => mailer.verify() });
  stops.add('the watch', watch.stop);
  return {
    temporalAddress: temporal.address,
    temporalNamespace: temporal.namespace,
    away: watch.away,
    metrics: async () => await (await fetch(`http://${sdkMetrics}/metrics`)).text(),
    wake: () => {
      side.relay.wake();
    },
  };
}

function smtpUrlOf(settings: Settings, { mailbox }: Ground): string {
  const url = settings.smtpUrl ?? mailbox?.smtpUrl;
  if (url === undefined) throw new Error('There is neither SMTP_URL nor an embedded mailbox.');
  return url;
}
