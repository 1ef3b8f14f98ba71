import { randomBytes } from 'node:crypto';
import type { Settings } from '../config.js';
import { emailSettings } from '../config/email.js';
import { createDatabaseCheck, DATABASE_FAULTS } from '../database/database.js';
import { createListener, createNotifier } from '../database/wakeups.js';
import { closeApp, freePorts, listen } from '../host/ports.js';
import { hostRule } from '../http/hosts.js';
import { type Limit, logLimits, watchDisk } from '../inbox/capacity.js';
import { createIntake, type Intake } from '../inbox/intake.js';
import { createLedger } from '../ledger/ledger.js';
import { createErasing } from '../privacy/erase.js';
import { createRetention } from '../privacy/retention.js';
import { createBrand, createStopLinks, readOwnEmails } from './emailing.js';
import { createBodies } from '../receiver/bodies.js';
import { startEvidence } from './evidence.js';
import { type Infrastructure, openInfrastructure } from './infrastructure.js';
import { limitLog, logArrivals, logEmails, logRefusals, logRetention } from './logger.js';
import { readOrigin } from '../ledger/figures.js';
import { watchAttention, watchAway, watchKeys, watchOpenEmails } from './gauges.js';
import { measureArrivals, measureEmails } from './measures.js';
import { createMetrics, type Metrics, watchInbox, watchRetention } from './metrics.js';
import { createOperatorsApp } from './operators-app.js';
import { webhookSources } from './partner.js';
import { watchHealth } from './probes.js';
import { createPublicApp } from './public-app.js';
import { type AppOptions, receives, refuseUnsharedDatabase, type Role, works } from './role.js';
import { type RuntimeInfo, webhookSecrets, writeRuntime } from './runtime-file.js';
import type { Shutdown } from './shutdown.js';
import { startErasureSweep, startHousekeeping } from './upkeep.js';
import { PROBED, type RunningWorker, startWorker } from './worker.js';

/**
 * Starts kit-herald: everything that a role needs, each part handed to those that need it.
 * @returns where everything is, at the moment when everything is ready.
 * @throws in one sentence when a part refuses; what is up by then is in `shutdown`.
 */
export async function startApp(options: AppOptions): Promise<RuntimeInfo> {
  const { role, settings, logger, shutdown } = options;
  refuseUnsharedDatabase(role, settings);
  await refuseTakenPorts(settings, role);
  const email = emailSettings(settings);
  const brand = createBrand(settings, email);
  const own = await readOwnEmails(settings, brand);
  // Before anything that takes time: who scrapes meanwhile gets an answer.
  let worker: RunningWorker | null = null;
  const isForUs = hostRule(settings.adminHost, [settings.publicUrl]);
  const metrics = createMetrics();
  const metricsApp = metrics.app([async () => (await worker?.metrics()) ?? ''], isForUs);
  shutdown.add('metrics', () => closeApp(metricsApp));
  const metricsAt = { setting: 'METRICS_PORT', host: settings.adminHost, port: settings.metricsPort };
  const metricsUrl = `${await listen(metricsApp, metricsAt)}/metrics`;

  const infrastructure = await openInfrastructure(options);
  const { database, sealing, keys } = infrastructure.storage;
  const intake = await openIntake(options, infrastructure, metrics);
  const { databaseUrl } = settings;
  if (databaseUrl !== null && !works(role)) tellWorkers(databaseUrl, intake, shutdown);
  const others = databaseUrl !== null && works(role) ? createListener(databaseUrl, database) : null;
  if (others !== null) shutdown.add('the listener', () => others.close());
  const received = receives(role) ? () => intake.load() : () => 0;
  const load = (): number => received() + (others?.load() ?? 0);
  const housekeeping = startHousekeeping(database, load);
  if (housekeeping !== null) shutdown.add('housekeeping', housekeeping.stop);

  const evidence = startEvidence(settings, database, logger);
  shutdown.add('evidence', () => evidence.stop());

  const adminToken = settings.adminToken ?? randomBytes(24).toString('base64url');
  const ledger = measureEmails(
    logEmails(createLedger({ database, sealing, messageIdDomain: email.messageIdDomain }), logger),
    metrics,
    (decision) => readOrigin(database, decision),
  );
  const ready = createDatabaseCheck(database);
  let publicUrl = settings.publicUrl ?? `http://localhost:${String(settings.port)}`;
  const stopLinks = createStopLinks(brand, keys, () => publicUrl);
  watchInbox(metrics, database, received);
  const bodies = createBodies();
  const limits = (): readonly Limit[] => [...intake.limits(), ...(receives(role) ? bodies.limits() : [])];
  metrics.limits(limits);
  shutdown.add('the watch over the limits', logLimits({ limits, log: logger }));

  const { retentionBodies, retentionLedger } = settings;
  const retention = logRetention(
    createRetention({ database, bodies: retentionBodies, ledger: retentionLedger }),
    logger,
  );
  const sources = webhookSources(settings, sealing, receives(role) ? webhookSecrets(settings) : []);
  if (works(role)) {
    watchRetention(metrics, retention);
    watchAttention(metrics, database);
    watchOpenEmails(metrics, database);
    watchKeys(metrics, database, sealing.keyIds.encryption);
    const parts = { infrastructure, intake, ledger, brand, own, stopLinks, retention, others, load, metrics };
    worker = await startWorker({ ...options, ...parts });
  }
  const away = (): readonly string[] => worker?.away() ?? [];
  watchAway(metrics, [...DATABASE_FAULTS, ...(works(role) ? PROBED : [])], async () => [...(await ready()), ...away()]);

  let admin: string | null = null;
  if (worker !== null) {
    const { wake, emails } = worker;
    const erasing = createErasing({ database, sealing, wake });
    shutdown.add('the sweep of erasures', startErasureSweep(erasing, logger).stop);
    const app = await createOperatorsApp({
      settings,
      sources,
      database,
      sealing,
      ledger,
      erasing,
      retention,
      intake,
      adminToken,
      emails,
      load,
      wake,
      ready,
      away,
      isForUs,
      count: metrics.count,
      logger,
    });
    shutdown.add('the admin app', () => closeApp(app));
    admin = await listen(app, { setting: 'ADMIN_PORT', host: settings.adminHost, port: settings.adminPort });
  }

  let receiver: string | null = null;
  if (receives(role)) {
    const limited = limitLog(logger);
    shutdown.add('the log of refusals', () => {
      limited.stop();
    });
    const app = createPublicApp({
      settings,
      sources,
      intake,
      bodies,
      ledger,
      stopLinks,
      evidenceKeys: () => evidence.keys(),
      ready,
      away,
      count: logRefusals(metrics.count, limited),
      log: limited,
    });
    shutdown.add('the receiver', () => closeApp(app));
    receiver = await listen(app, { setting: 'PORT', host: settings.host, port: settings.port });
    publicUrl = settings.publicUrl ?? receiver;
  }

  const runtime: RuntimeInfo = {
    pid: process.pid,
    receiver,
    admin,
    // One that is configured is known to whoever may know it: it isn't written down a second time.
    adminToken: admin === null || settings.adminToken !== null ? null : adminToken,
    temporalAddress: worker?.temporalAddress ?? null,
    temporalNamespace: worker?.temporalNamespace ?? null,
    temporalUi: infrastructure.temporal?.ui ?? null,
    mailbox: infrastructure.mailbox?.url ?? null,
    smtp: infrastructure.mailbox?.smtpUrl ?? null,
    metrics: metricsUrl,
  };
  shutdown.add('runtime.json', writeRuntime(settings.dataDir, runtime));
  shutdown.add('the watch over health', watchHealth({ ready, away, log: logger }).stop);
  return runtime;
}

/** A relay in another process would else learn of what is committed here by its sweep. */
function tellWorkers(databaseUrl: string, intake: Intake, shutdown: Shutdown): void {
  const notifier = createNotifier(databaseUrl, () => intake.load());
  const unlisten = intake.onKept(() => {
    notifier.notify();
  });
  shutdown.add('the notifier', () => {
    unlisten();
    return notifier.close();
  });
}

/** Said before anything long begins, such as a first download. */
async function refuseTakenPorts(settings: Settings, role: Role): Promise<void> {
  const { port, adminPort, metricsPort } = settings;
  if (receives(role)) await freePorts([{ setting: 'PORT', port }], settings.host);
  await freePorts(
    [
      { setting: 'METRICS_PORT', port: metricsPort },
      ...(works(role) ? [{ setting: 'ADMIN_PORT', port: adminPort }] : []),
    ],
    settings.adminHost,
  );
}

/** Also where nothing is received: partner's answers and operators' commands come in by it. */
async function openIntake(
  { settings, shutdown, logger }: AppOptions,
  { storage }: Infrastructure,
  metrics: Metrics,
): Promise<Intake> {
  const disk = settings.databaseUrl === null ? await watchDisk(settings.dataDir) : null;
  const intake = createIntake({
    database: storage.database,
    sealing: storage.sealing,
    queueLimit: settings.intakeQueueLimit,
    ...(disk === null ? {} : { disk }),
  });
  shutdown.add('the intake', async () => {
    disk?.stop();
    await intake.close();
  });
  return logArrivals(measureArrivals(intake, metrics), logger);
}
