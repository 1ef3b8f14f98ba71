import type { Logger } from 'pino';
import { createPartnerActivities } from '../../activities/ask-partner.js';
import { createNotificationActivities } from '../../activities/notifications.js';
import type { Partner } from '../c4hxp/api/client.js';
import { policySettings, revealFlags, type Settings } from '../config.js';
import type { Database } from '../database/database.js';
import type { Emails, Mailer } from '../email/types.js';
import type { Intake } from '../inbox/intake.js';
import type { Ledger } from '../ledger/ledger.js';
import { priorOf } from '../ledger/prior.js';
import type { Sealing } from '../sealing/sealing.js';
import type { WorkersOptions } from '../temporal/create-workers.js';
import type { StopLinks } from './emailing.js';

export interface ActivityParts {
  readonly settings: Settings;
  readonly database: Database;
  readonly sealing: Sealing;
  readonly ledger: Ledger;
  readonly intake: Intake;
  readonly emails: Emails;
  readonly mailer: Mailer;
  readonly stopLinks: StopLinks;
  readonly partner: Partner | null;
  readonly logger: Logger;
}

/** What the workflows may ask for, wired to the rooms that can do it. */
export function createActivities(parts: ActivityParts): WorkersOptions['activities'] {
  const { settings, database, sealing, ledger, intake, stopLinks, logger } = parts;
  const policy = policySettings(settings);
  const checks = {
    switchedOff: policy.switchedOff,
    quietHours: settings.quietHours,
    defaultTimeZone: settings.defaultTimeZone,
  };
  const notifications = createNotificationActivities({
    ledger,
    emails: parts.emails,
    mailer: parts.mailer,
    settings: () => checks,
    stopUrl: (topic, address) => stopLinks.url(topic, address),
    alertEmail: settings.alertEmail,
    priorOf: (subject) => priorOf(database, subject),
    policy: () => policy,
    clock: Date.now,
    log: (event, about) => {
      logger.warn(about, event);
    },
  });
  return {
    ...notifications,
    partner: createPartnerActivities({
      partner: parts.partner,
      keep: (arrival) => intake.keep(arrival),
      hash: sealing.hash,
      maintenance: async () => {
        const open = await ledger.maintenanceAt(Date.now());
        return open === null ? null : { until: open.until.getTime() };
      },
      revealFlags: revealFlags(settings),
      clock: Date.now,
      logger,
    }),
  };
}
