import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { look } from '../../activities/last-checks.js';
import { quietUntil } from '../../activities/quiet-hours.js';
import { forecast } from '../../workflows/core/forecast.js';
import { rehearse } from '../../workflows/core/rehearse.js';
import { retell } from '../../workflows/core/retell.js';
import { createAccess } from '../access/access.js';
import { createAdminApp } from '../admin/app.js';
import { createOutlook } from '../admin/outlook.js';
import type { AdminPorts } from '../admin/ports.js';
import type { AdminLog } from '../admin/problems.js';
import type { AdminCount } from '../admin/tokens.js';
import { createRehearse } from '../admin/rehearsal.js';
import { policySettings, type Settings } from '../config.js';
import { proxyList } from '../config/ip-ranges.js';
import type { Database } from '../database/database.js';
import { desk } from '../desk/app.js';
import { createReconstruct } from '../desk/reconstruction.js';
import type { WebhookSource } from '../domain/arrivals.js';
import type { Colour } from '../email/theme.js';
import type { Emails } from '../email/types.js';
import { evidenceAbout } from '../evidence/bundle.js';
import type { IsForUs } from '../http/hosts.js';
import { fullOf } from '../inbox/capacity.js';
import type { Intake } from '../inbox/intake.js';
import { type ReadAgain, replayWebhook, rereadWebhook } from '../inbox/replay.js';
import { listWebhooks, selectQuarantined, showWebhook } from '../inbox/webhooks.js';
import { DAY } from '../domain/durations.js';
import { scorecard } from '../inbox/scorecard.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Erasing } from '../privacy/erase.js';
import type { Retention } from '../privacy/retention.js';
import { journeyHistories } from '../ledger/deliveries.js';
import { wouldLearn } from '../ledger/would-learn.js';
import { keysInUse } from '../privacy/keys-in-use.js';
import { rotateKeys } from '../privacy/rotate-keys.js';
import type { Sealing } from '../sealing/sealing.js';

/** Of a rotation of keys: what a commit may wait for. */
const ROWS_AT_ONCE = 200;
const ROWS_WHILE_BUSY = 20;

/** Of a command over a selection: what is asked in one request. */
const SUBJECTS_AT_ONCE = 50;
const SUBJECTS_WHILE_BUSY = 5;

export interface OperatorsAppParts {
  readonly settings: Settings;
  readonly sources: readonly WebhookSource[];
  readonly database: Database;
  readonly sealing: Sealing;
  readonly ledger: Ledger;
  readonly erasing: Erasing;
  readonly retention: Retention;
  readonly intake: Intake;
  readonly adminToken: string;
  /** Those of the sender. */
  readonly emails: Emails;
  /** Webhooks a second that come in. */
  readonly load: () => number;
  /** Has the relay look at once: a replay is no arrival. */
  readonly wake: () => void;
  /** What is missing before anything can be committed. */
  readonly ready: () => Promise<readonly string[]>;
  /** What is away, such as Temporal. */
  readonly away: () => readonly string[];
  readonly isForUs: IsForUs;
  readonly count: AdminCount;
  readonly logger: Logger;
}

/** The operators' app, not listening. */
export function createOperatorsApp(parts: OperatorsAppParts): Promise<FastifyInstance> {
  const { settings, sources, database, sealing, ledger, intake, logger } = parts;
  const policy = policySettings(settings);
  const readAgain: ReadAgain = (raw, receivedAt, source) => {
    const reader = sources.find(({ name }) => name === source);
    return reader?.read(raw, { receivedAt }) ?? null;
  };
  const log: AdminLog = (event, about) => {
    logger.warn(about, event);
  };
  const access = createAccess({ database, sealing, users: () => settings.users, clock: Date.now });
  const ports: AdminPorts = {
    ledger,
    erasing: parts.erasing,
    retention: parts.retention,
    webhooks: {
      list: (filter) => listWebhooks(database, filter),
      show: (id) => showWebhook(database, id),
      select: (selection) => selectQuarantined(database, selection),
      reread: (seq) => rereadWebhook({ database, sealing }, seq, readAgain),
      async replay(seq) {
        const replay = await replayWebhook({ database, sealing }, seq, readAgain);
        parts.wake();
        return replay;
      },
      scorecard: (since) => scorecard(database, { since: since ?? new Date(Date.now() - 30 * DAY), now: new Date() }),
    },
    outlook: createOutlook({
      settings: policy,
      ledger,
      wouldLearn: (arrivals) => wouldLearn(database, arrivals),
      forecast,
      lastObstacle: (input, standing, now) => {
        const seen = look({ ...standing, input, settings: { ...settings, switchedOff: policy.switchedOff }, now });
        return 'contact' in seen ? null : seen;
      },
      clock: Date.now,
    }),
    rehearse: createRehearse({
      settings,
      journeyHistories: (page) => journeyHistories(database, page),
      replay: rehearse,
      quietUntil,
      clock: Date.now,
    }),
    keys: {
      inUse: () => keysInUse(database, sealing.keyIds),
      rotate: (from) =>
        rotateKeys({ database, sealing }, { from, limit: parts.load() > 0 ? ROWS_WHILE_BUSY : ROWS_AT_ONCE }),
    },
    evidence: (subject) => evidenceAbout(database, sealing, subject, Date.now()),
    audit: access.audit,
    keep: (arrival) => intake.keep(arrival),
    hash: sealing.hash,
    clock: Date.now,
  };
  return createAdminApp({
    ...ports,
    adminToken: parts.adminToken,
    supportToken: settings.supportToken,
    isForUs: parts.isForUs,
    count: parts.count,
    missing: async () => [...(await parts.ready()), ...fullOf(intake.limits())],
    log,
    trustProxy: settings.trustProxy,
    atOnce: () => (parts.load() > 0 ? SUBJECTS_WHILE_BUSY : SUBJECTS_AT_ONCE),
    pages: (app) =>
      desk(app, {
        ...ports,
        ledger,
        access,
        erasing: parts.erasing,
        colour: settings.brandColor as Colour,
        zone: settings.defaultTimeZone,
        proxyHeader: settings.authProxyHeader,
        isProxy: proxyList(settings.trustProxy),
        away: parts.away,
        reconstruct: createReconstruct({ ledger, emails: parts.emails, settings: policy, retell }),
        count: parts.count,
        log,
      }),
  });
}
