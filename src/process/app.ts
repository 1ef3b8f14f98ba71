import { randomBytes } from 'node:crypto';
import type { Settings } from '../config.js';
import { closeApp, freePorts, listen } from '../host/ports.js';
import { watchDisk } from '../inbox/disk.js';
import { startHousekeeping } from '../inbox/housekeeping.js';
import { createIntake, type Intake } from '../inbox/intake.js';
import { createLedger } from '../ledger/ledger.js';
import { createBrand, createStopping, messageIdDomain, readOwnEmails } from './emailing.js';
import { type Ground, openGround } from './infrastructure.js';
import { createMetrics, watchInbox } from './metrics.js';
import { createOperatorsApp } from './operators-app.js';
import { createPublicApp } from './public-app.js';
import { type HeraldOptions, receives, type Role, works } from './role.js';
import { type RuntimeInfo, webhookSecrets, writeRuntime } from './runtime-file.js';
import { startWorking } from './working.js';

/**
 * Starts kit-herald: everything that a role needs, each part handed to those that need it.
 * @returns where everything is, at the moment when everything is ready.
 * @throws in one sentence when a part refuses; what is up by then is in `stops`.
 */
export async function startHerald(options: HeraldOptions): Promise<RuntimeInfo> {
  const { role, settings, logger, stops } = options;
  await refuseTakenPorts(settings, role);
  const brand = createBrand(settings, null);
  const own = await readOwnEmails(settings, brand);
  const ground = await openGround(options);
  const { database, sealing, keys } = ground.storage;
  const intake = await openIntake(options, ground);
  const load = receives(role) ? () => intake.load() : () => 0;
  const housekeeping = startHousekeeping({ database, load, retentionBodies: settings.retentionBodies });
  stops.add('housekeeping', () => housekeeping.stop());

  const adminToken = settings.adminToken ?? randomBytes(24).toString('base64url');
  const ledger = createLedger({ database, sealing, messageIdDomain: messageIdDomain(brand) });
  let publicUrl = settings.publicUrl ?? `http://localhost:${String(settings.port)}`;
  const stopping = createStopping(brand, keys, () => publicUrl);
  const metrics = createMetrics();
  watchInbox(metrics, database, load);

  const working = works(role)
    ? await startWorking({ ...options, ground, intake, ledger, brand, own, stopping, load })
    : null;

  const metricsApp = metrics.app(working === null ? [] : [working.metrics]);
  stops.add('metrics', () => closeApp(metricsApp));
  const metricsPlace = { setting: 'METRICS_PORT', host: settings.adminHost, port: settings.metricsPort };
  const metricsUrl = `${await listen(metricsApp, metricsPlace)}/metrics`;

  let admin: string | null = null;
  if (working !== null) {
    const { wake } = working;
    const app = await createOperatorsApp({ database, sealing, ledger, intake, settings, adminToken, wake, logger });
    stops.add('the admin app', () => closeApp(app));
    admin = await listen(app, { setting: 'ADMIN_PORT', host: settings.adminHost, port: settings.adminPort });
  }

  let receiver: string | null = null;
  if (receives(role)) {
    const app = createPublicApp({
      settings,
      secrets: webhookSecrets(settings),
      database,
      sealing,
      intake,
      ledger,
      stopping,
      away: () => working?.away() ?? [],
      count: metrics.count,
      logger,
    });
    stops.add('the receiver', () => closeApp(app));
    receiver = await listen(app, { setting: 'PORT', host: settings.host, port: settings.port });
    publicUrl = settings.publicUrl ?? receiver;
  }

  const runtime: RuntimeInfo = {
    pid: process.pid,
    receiver,
    admin,
    adminToken: admin === null ? null : adminToken,
    temporalAddress: working?.temporalAddress ?? null,
    temporalNamespace: working?.temporalNamespace ?? null,
    temporalUi: ground.temporal?.ui ?? null,
    mailbox: ground.mailbox?.url ?? null,
    smtp: ground.mailbox?.smtpUrl ?? null,
    metrics: metricsUrl,
  };
  stops.add('runtime.json', writeRuntime(settings.dataDir, runtime));
  return runtime;
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
async function openIntake({ settings, stops }: HeraldOptions, { storage }: Ground): Promise<Intake> {
  const disk = settings.databaseUrl === null ? await watchDisk(settings.dataDir) : null;
  const intake = createIntake({
    database: storage.database,
    sealing: storage.sealing,
    queueLimit: settings.intakeQueueLimit,
    ...(disk === null ? {} : { disk }),
  });
  stops.add('the intake', async () => {
    disk?.stop();
    await intake.close();
  });
  return intake;
}
