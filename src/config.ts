import { z } from 'zod';
import { type Kind, KIND_NAMES, RESULTS_KINDS } from './domain/kinds.js';
import {
  duration,
  durationOrNever,
  keys,
  list,
  onOff,
  port,
  quietHours,
  text,
  timeZone,
  url,
  wholeNumber,
} from './config/values.js';
import { SettingsError } from './config/refusal.js';
import type { PolicySettings } from './domain/facts.js';

const kinds = list().transform((names, context): readonly Kind[] => {
  const unknown = names.filter((name) => !(KIND_NAMES as readonly string[]).includes(name));
  if (unknown.length === 0) return names.length === 0 ? KIND_NAMES : (names as Kind[]);
  context.addIssue({
    code: 'custom',
    message: `knows no ${unknown.join(', ')}; the kinds are ${KIND_NAMES.join(', ')}`,
  });
  return z.NEVER;
});

const topics = list().refine(
  (arns) => arns.every((arn) => /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?$/.test(arn)),
  'must be ARNs of SNS topics, comma-separated, such as arn:aws:sns:eu-west-1:123456789012:kit-herald',
);

/** Every setting, by the name of its environment variable; `.env.example` explains each. */
const schema = z.object({
  NODE_ENV: z.string().default('development'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATA_DIR: z.string().min(1).default('.kit-herald'),
  DATABASE_URL: url('postgres', 'postgresql'),

  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port(3000),
  PUBLIC_URL: url('http', 'https'),
  TRUST_PROXY: list(),
  REQUIRE_HTTPS: onOff().optional(),
  INTAKE_QUEUE_LIMIT: wholeNumber(2_000, 1),
  C4HXP_WEBHOOK_SECRET: list(),
  C4HXP_ALLOWED_IPS: list(),

  ADMIN_HOST: z.string().min(1).default('127.0.0.1'),
  ADMIN_PORT: port(3001),
  ADMIN_TOKEN: text(),
  SUPPORT_TOKEN: text(),
  METRICS_PORT: port(9464),

  TEMPORAL_ADDRESS: text(),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_DEPLOYMENT_NAME: z
    .string()
    .regex(/^[A-Za-z0-9][\w/-]{0,99}$/, 'must be letters, digits, -, _ and /')
    .default('kit-herald'),
  TEMPORAL_WORKER_BUILD_ID: text().refine(
    (value) => value === null || /^[A-Za-z0-9][\w.+-]{0,99}$/.test(value),
    'must be a build id such as 1.4.0-3f2a9c1',
  ),
  TEMPORAL_CLI: text(),
  TEMPORAL_PORT: port(7233),
  TEMPORAL_UI_PORT: port(8233),

  PARTNER_API_URL: url('http', 'https'),
  PARTNER_API_KEY: text().refine((value) => value === null || /^[^:\s]+:[^:\s]+$/.test(value), 'must be id:secret'),

  SMTP_URL: url('smtp', 'smtps'),
  MAILBOX_PORT: port(1080),
  MAILBOX_SMTP_PORT: port(1025),
  EMAIL_FROM: text(),
  EMAIL_FROM_REMINDERS: text(),
  EMAIL_MAX_PER_SECOND: wholeNumber(10, 1),
  EMAIL_TEMPLATES_DIR: text(),
  EMAIL_EVENTS_SES_TOPICS: topics,
  EMAIL_EVENTS_POSTMARK: text().refine(
    (value) => value === null || /^[^:\s]+:\S+$/.test(value),
    'must be user:password, as in the webhook URL at Postmark',
  ),
  DKIM_DOMAIN: text(),
  DKIM_SELECTOR: text(),
  DKIM_PRIVATE_KEY: text(),
  ALERT_EMAIL: text(),

  PORTAL_URL: url('http', 'https'),
  SUPPORT_EMAIL: text(),
  SUPPORT_PHONE: text(),
  POSTAL_ADDRESS: text(),
  BRAND_NAME: z.string().min(1).default('Kit Herald'),
  BRAND_COLOR: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour such as #0b5c6b')
    .default('#0b5c6b'),
  LOGO_URL: url('https'),
  DEFAULT_LOCALE: z.enum(['en', 'es', 'fr', 'de']).default('en'),
  DEFAULT_TIME_ZONE: timeZone('UTC'),

  QUIET_HOURS: quietHours(),
  NOTIFY_ON: kinds.refine(
    (names) => RESULTS_KINDS.every((kind) => names.includes(kind)),
    `must include all of ${RESULTS_KINDS.join(', ')}: results can't be switched off`,
  ),
  TOO_LATE: onOff().default(true),
  RESULTS_RELEASE: z.enum(['available', 'reviewed', 'available_unless_flagged']).default('available'),
  RESULTS_MAX_HOLD: duration('72h'),
  REGISTER_REMINDER_AFTER: durationOrNever('7d'),
  RETURN_REMINDER_AFTER: durationOrNever('5d'),
  PROCESSING_DELAY_AFTER: durationOrNever('7d'),
  SILENCE_AFTER: durationOrNever('1d'),
  KIT_LINGER: durationOrNever('14d'),

  ENCRYPTION_KEYS: keys(),
  INDEX_KEYS: keys(),
  RETENTION_BODIES: durationOrNever('90d'),
  RETENTION_LEDGER: durationOrNever('7y'),
});

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<Camel<Tail>>}`
  : Lowercase<Name>;
type Parsed = z.output<typeof schema>;

/** Every setting, parsed: camelCase of the variable's name, durations in milliseconds, null for "none" or "never". */
export type Settings = { readonly [Name in keyof Parsed as Camel<Name>]: Parsed[Name] } & {
  readonly production: boolean;
  readonly requireHttps: boolean;
};

const camel = (name: string): string =>
  name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/**
 * Reads every setting from the environment.
 * @throws SettingsError with all faults at once; in production also for every insecure or embedded default.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  // An empty variable of a compose file means "not set", except where empty is a value of its own ("never", "none").
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const value = env[name];
      return value === undefined || (value.trim() === '' && !EMPTY_IS_A_VALUE.has(name)) ? [] : [[name, value]];
    }),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success)
    throw new SettingsError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`));
  const production = parsed.data.NODE_ENV === 'production';
  const settings = {
    ...Object.fromEntries(Object.entries(parsed.data).map(([name, value]) => [camel(name), value])),
    production,
    requireHttps: parsed.data.REQUIRE_HTTPS ?? production,
  } as unknown as Settings;
  const faults = [...inconsistencies(settings), ...(production ? insecurities(settings) : [])];
  if (faults.length > 0) throw new SettingsError(faults);
  return settings;
}

const EMPTY_IS_A_VALUE = new Set([
  'REGISTER_REMINDER_AFTER',
  'RETURN_REMINDER_AFTER',
  'PROCESSING_DELAY_AFTER',
  'SILENCE_AFTER',
  'KIT_LINGER',
  'RETENTION_BODIES',
  'RETENTION_LEDGER',
]);

function inconsistencies(settings: Settings): string[] {
  const faults: string[] = [];
  const dkim = [settings.dkimDomain, settings.dkimSelector, settings.dkimPrivateKey].filter((part) => part !== null);
  if (dkim.length !== 0 && dkim.length !== 3)
    faults.push('DKIM_DOMAIN, DKIM_SELECTOR and DKIM_PRIVATE_KEY go together: set all three or none');
  if ((settings.partnerApiUrl === null) !== (settings.partnerApiKey === null))
    faults.push('PARTNER_API_URL and PARTNER_API_KEY go together: set both or none');
  if ((settings.encryptionKeys.length === 0) !== (settings.indexKeys.length === 0))
    faults.push('ENCRYPTION_KEYS and INDEX_KEYS go together: set both or none');
  if (settings.temporalWorkerBuildId !== null && settings.temporalAddress === null)
    faults.push('TEMPORAL_WORKER_BUILD_ID needs TEMPORAL_ADDRESS: the embedded Temporal has one worker, not versioned');
  return faults;
}

/** What may be left to a default on a laptop and may not where patients are. */
function insecurities(settings: Settings): string[] {
  const faults: string[] = [];
  const need = (there: boolean, sentence: string) => {
    if (!there) faults.push(sentence);
  };
  const isHttps = (address: string | null) => address?.startsWith('https://') ?? false;
  need(settings.databaseUrl !== null, 'DATABASE_URL must be set: the embedded database is for development');
  need(settings.temporalAddress !== null, 'TEMPORAL_ADDRESS must be set: the embedded Temporal is for development');
  need(settings.smtpUrl !== null, 'SMTP_URL must be set: the embedded mailbox is for development');
  need(settings.c4hxpWebhookSecret.length > 0, 'C4HXP_WEBHOOK_SECRET must be set: the secret that C4HXP gave you');
  need(
    settings.c4hxpWebhookSecret.every((secret) => secret.length >= 16),
    'C4HXP_WEBHOOK_SECRET must have at least 16 characters',
  );
  need(
    settings.c4hxpAllowedIps.length > 0,
    "C4HXP_ALLOWED_IPS must be set: C4HXP's current addresses (0.0.0.0/0,::/0 says explicitly that any may call)",
  );
  need(settings.requireHttps, 'REQUIRE_HTTPS must not be off');
  need(
    settings.trustProxy.length > 0,
    'TRUST_PROXY must name the addresses of the proxy that ends TLS: kit-herald itself speaks plain HTTP',
  );
  need(settings.encryptionKeys.length > 0, 'ENCRYPTION_KEYS must be set: id:key, made by openssl rand -base64 32');
  need(settings.indexKeys.length > 0, 'INDEX_KEYS must be set: id:key, made by openssl rand -base64 32');
  need((settings.adminToken?.length ?? 0) >= 16, 'ADMIN_TOKEN must be set, with at least 16 characters');
  need(
    settings.supportToken === null || settings.supportToken.length >= 16,
    'SUPPORT_TOKEN must have at least 16 characters',
  );
  need(isHttps(settings.publicUrl), 'PUBLIC_URL must be set and begin with https://');
  need(isHttps(settings.portalUrl), 'PORTAL_URL must be set and begin with https://');
  need(settings.emailFrom !== null, 'EMAIL_FROM must be set');
  need(settings.supportEmail !== null, 'SUPPORT_EMAIL must be set: patients are told to write there');
  need(settings.postalAddress !== null, 'POSTAL_ADDRESS must be set: every email shows it');
  need(settings.alertEmail !== null, 'ALERT_EMAIL must be set: the team is told there when a patient could not be');
  need(
    settings.emailEventsPostmark === null || (settings.emailEventsPostmark.split(':', 2)[1]?.length ?? 0) >= 16,
    'EMAIL_EVENTS_POSTMARK must have a password of at least 16 characters: whoever knows it can suppress addresses',
  );
  need(settings.partnerApiUrl === null || isHttps(settings.partnerApiUrl), 'PARTNER_API_URL must begin with https://');
  return faults;
}

/** What this release's workers say they are; null where they aren't versioned. */
export function workerVersion({ temporalDeploymentName: deploymentName, temporalWorkerBuildId: buildId }: Settings) {
  return buildId === null ? null : { deploymentName, buildId };
}

/** The settings that decide, as they travel to the journeys. */
export function policySettings(settings: Settings): PolicySettings {
  return {
    switchedOff: KIND_NAMES.filter((kind) => !settings.notifyOn.includes(kind)),
    tooLate: settings.tooLate,
    resultsRelease: settings.resultsRelease,
    resultsMaxHold: settings.resultsMaxHold,
    registerReminderAfter: settings.registerReminderAfter,
    returnReminderAfter: settings.returnReminderAfter,
    processingDelayAfter: settings.processingDelayAfter,
    silenceAfter: settings.silenceAfter,
    kitLinger: settings.kitLinger,
    partner: settings.partnerApiUrl !== null,
  };
}

/** Whether facts say which results a human should look at first: only a release that waits for it needs to know. */
export const revealFlags = ({ resultsRelease }: Pick<Settings, 'resultsRelease'>): boolean =>
  resultsRelease === 'available_unless_flagged';

/** The settings that decide about emails: what a rehearsal may change. */
const REHEARSABLE: readonly string[] = [
  'NOTIFY_ON',
  'TOO_LATE',
  'RESULTS_RELEASE',
  'RESULTS_MAX_HOLD',
  'REGISTER_REMINDER_AFTER',
  'RETURN_REMINDER_AFTER',
  'PROCESSING_DELAY_AFTER',
  'SILENCE_AFTER',
  'KIT_LINGER',
  'QUIET_HOURS',
  'DEFAULT_TIME_ZONE',
] satisfies (keyof Parsed)[];

/**
 * The settings as a rehearsal has them: some that decide about emails are others.
 * @param set by the names of their environment variables.
 * @throws SettingsError where a name is not one of those, or its value makes no sense.
 */
export function rehearsedSettings(settings: Settings, set: Readonly<Record<string, string>>): Settings {
  const names = Object.keys(set);
  const strange = names.filter((name) => !REHEARSABLE.includes(name));
  if (strange.length > 0)
    throw new SettingsError(strange.map((name) => `${name} can’t be rehearsed; what can is ${REHEARSABLE.join(', ')}`));
  const read = readSettings(set);
  const keys = names.map(camel) as (keyof Settings)[];
  return { ...settings, ...Object.fromEntries(keys.map((key) => [key, read[key]])) };
}
