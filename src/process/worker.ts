import { join } from 'node:path';
import type { Logger } from 'pino';
import { policySettings, type Settings, workerVersion } from '../config.js';
import { packageRoot } from '../config/package-root.js';
import type { Brand, Emails, Mailer } from '../email/types.js';
import { freePorts } from '../host/ports.js';
import type { Intake } from '../inbox/intake.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Retention } from '../privacy/retention.js';
import { installRuntime } from '../temporal/runtime.js';
import { createEmailing, type OwnEmails, type StopLinks } from './emailing.js';
import type { Infrastructure } from './infrastructure.js';
import { toLogLine } from './logger.js';
import { measureQuestions, measureRelay } from './measures.js';
import type { Metrics } from './metrics.js';
import { partnerQuestions } from './partner.js';
import { type Probe, watchProbes } from './probes.js';
import type { Shutdown } from './shutdown.js';
import { GRACE_MS, openTemporal, startTemporalSide } from './temporal-side.js';
import { type Activities, createActivities } from '../../activities/create-activities.js';
import type { Database } from '../database/database.js';
import type { Listener } from '../database/wakeups.js';
import type { PartnerQuestions } from '../domain/partner-questions.js';
import { priorOf } from '../ledger/deliveries.js';
import { createRecipients } from '../ledger/recipients.js';

export interface StartWorkerOptions {
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  readonly shutdown: Shutdown;
  readonly infrastructure: Infrastructure;
  readonly intake: Intake;
  readonly ledger: Ledger;
  readonly brand: Brand;
  readonly own: OwnEmails;
  readonly stopLinks: StopLinks;
  readonly retention: Retention;
  /** What other processes commit; null in a database that is ours alone. */
  readonly others: Pick<Listener, 'isListening' | 'onNotice'> | null;
  /** Webhooks a second that come in on this machine. */
  readonly load: () => number;
  readonly metrics: Pick<Metrics, 'count' | 'counter' | 'histogram'>;
}

/** What may be away without stopping a worker: two servers; and `staff.alert`, which the team doesn't get. */
export const PROBED = ['temporal', 'smtp', 'staff.alert'] as const;

/** The worker's part of a process: the relay, the workflows and the activities. */
export interface RunningWorker {
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** What of `PROBED` is away now. */
  readonly away: () => readonly string[];
  /** The SDK's own metrics, as Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** What composes the emails that it sends. */
  readonly emails: Emails;
  /** Has the relay look at once. */
  readonly wake: () => void;
}

/** Longer than the grace that an email in mid-SMTP has, shorter than the 30 s of a whole stop. */
const STOP_WORKING_MS = GRACE_MS + 4_000;

/** Its metrics are on this machine; whoever scrapes waits for them no longer. */
const SDK_METRICS_MS = 2_000;

export async function startWorker(options: StartWorkerOptions): Promise<RunningWorker> {
  const { settings, env, logger, shutdown, infrastructure, intake, ledger, stopLinks, others, load } = options;
  const { database, sealing } = infrastructure.storage;
  // Nobody else can be sending on a database that is ours alone: what a killed process had claimed is free at once.
  if (settings.databaseUrl === null) await ledger.voidLeases();
  ledger.heartbeat.start();
  // Stopped after all that holds leases: what a process leaves behind is free as soon as it beats no more.
  shutdown.add('the heartbeat', () => ledger.heartbeat.stop());

  const { emails, mailer } = createEmailing(settings, options, smtpUrlOf(settings, infrastructure));
  shutdown.add('the mailer', () => {
    mailer.close();
  });
  const asking = partnerQuestions({ settings, sealing, database, logger, count: options.metrics.count });
  const questions = asking === null ? null : measureQuestions(asking, options.metrics);
  if (questions !== null) shutdown.add("the partner's API", () => questions.close());

  // The SDK serves its metrics on a port of its own; ours hands them on, so that there is one address.
  const [sdkPort] = (await freePorts([{ setting: 'METRICS_PORT', port: 0 }])) as [number];
  const sdkMetrics = `127.0.0.1:${String(sdkPort)}`;
  installRuntime({ log: toLogLine(logger), metricsAddress: sdkMetrics });

  const embedded = infrastructure.temporal;
  const temporal =
    embedded === null
      ? openTemporal(settings.temporalAddress ?? '', settings.temporalNamespace, env)
      : openTemporal(embedded.address, settings.temporalNamespace, null);
  shutdown.add('the connection to Temporal', () => temporal.close());

  const side = startTemporalSide({
    temporal,
    database,
    recipients: createRecipients(sealing),
    owner: ledger.heartbeat.owner,
    policy: () => policySettings(settings),
    load,
    signalsInFlight: settings.signalsInFlight,
    isWoken: () => others?.isListening() ?? true,
    logger,
    onRelayed: measureRelay(options.metrics),
    activities: wireActivities({
      settings,
      database,
      ledger,
      intake,
      emails,
      mailer,
      stopLinks,
      questions,
      retention: options.retention,
      load,
      logger,
    }),
    bundle: { codePath: join(packageRoot(), 'dist', 'workflow-bundle.js') },
    emailMaxPerSecond: settings.emailMaxPerSecond,
    version: workerVersion(settings),
  });
  const wake = (): void => {
    side.relay.wake();
  };
  others?.onNotice(wake);
  const unlisten = intake.onKept(wake);
  shutdown.add(
    'relay and workers',
    async () => {
      unlisten();
      await Promise.all([side.stopRelay(), side.workers.shutdown()]);
    },
    STOP_WORKING_MS,
  );
  // An embedded start is ready when all of it is; a configured Temporal may come later.
  if (embedded !== null) await side.prepared;

  const watch = watchProbes({
    temporal: side.check,
    smtp: () => mailer.verify(),
    // Not away, but as bad: nobody hears of what needs a human.
    'staff.alert': () => rejectFault(ledger, settings.alertEmail),
  } satisfies Record<(typeof PROBED)[number], Probe>);
  shutdown.add('the watch', watch.stop);
  return {
    temporalAddress: temporal.address,
    temporalNamespace: temporal.namespace,
    away: watch.away,
    emails,
    metrics: async () =>
      await (await fetch(`http://${sdkMetrics}/metrics`, { signal: AbortSignal.timeout(SDK_METRICS_MS) })).text(),
    wake,
  };
}

async function rejectFault({ alerts }: Ledger, team: readonly string[]): Promise<void> {
  const fault = await alerts.fault(team);
  if (fault !== null) throw new Error(fault);
}

function smtpUrlOf(settings: Settings, { mailbox }: Infrastructure): string {
  const url = settings.smtpUrl ?? mailbox?.smtpUrl;
  if (url === undefined) throw new Error('There is neither SMTP_URL nor an embedded mailbox.');
  return url;
}

interface ActivityParts {
  readonly settings: Settings;
  readonly database: Database;
  readonly ledger: Ledger;
  readonly intake: Intake;
  readonly emails: Emails;
  readonly mailer: Mailer;
  readonly stopLinks: StopLinks;
  readonly questions: PartnerQuestions | null;
  readonly retention: Retention;
  readonly load: () => number;
  readonly logger: Logger;
}

/** What the workflows may ask for, wired to the rooms that can do it. */
function wireActivities(parts: ActivityParts): Activities {
  const { settings, database, ledger, intake, stopLinks, logger } = parts;
  const policy = policySettings(settings);
  const checks = {
    switchedOff: policy.switchedOff,
    quietHours: settings.quietHours,
    defaultTimeZone: settings.defaultTimeZone,
  };
  return createActivities({
    ledger,
    emails: parts.emails,
    mailer: parts.mailer,
    settings: () => checks,
    stopUrl: (topic, address) => stopLinks.url(topic, address),
    alertEmail: settings.alertEmail,
    priorOf: (subject) => priorOf(database, subject),
    policy: () => policy,
    questions: parts.questions,
    retention: parts.retention,
    load: parts.load,
    keep: (arrival) => intake.keep(arrival),
    isErased: async (subject) => (await ledger.summaryOf(subject))?.erased === true,
    maintenance: async () => {
      const open = await ledger.maintenanceAt(Date.now());
      return open === null ? null : { until: open.until.getTime() };
    },
    clock: Date.now,
    log: (event, about) => {
      logger.warn(about, event);
    },
  });
}
