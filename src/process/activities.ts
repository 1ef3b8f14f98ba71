import type { Logger } from 'pino';
import { type Activities, createActivities } from '../../activities/create-activities.js';
import { policySettings, type Settings } from '../config.js';
import type { Database } from '../database/database.js';
import type { PartnerQuestions } from '../domain/partner-questions.js';
import type { Emails, Mailer } from '../email/types.js';
import type { Intake } from '../inbox/intake.js';
import type { Ledger } from '../ledger/ledger.js';
import { priorOf } from '../ledger/prior.js';
import type { StopLinks } from './emailing.js';

export interface ActivityParts {
  readonly settings: Settings;
  readonly database: Database;
  readonly ledger: Ledger;
  readonly intake: Intake;
  readonly emails: Emails;
  readonly mailer: Mailer;
  readonly stopLinks: StopLinks;
  readonly questions: PartnerQuestions | null;
  readonly logger: Logger;
}

/** What the workflows may ask for, wired to the rooms that can do it. */
export function wireActivities(parts: ActivityParts): Activities {
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
    keep: (arrival) => intake.keep(arrival),
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
