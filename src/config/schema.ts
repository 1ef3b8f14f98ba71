import { z } from 'zod';
import { type Kind, KIND_NAMES, RESULTS_KINDS } from '../domain/kinds.js';
import { PRESET_RANGES } from './ip-ranges.js';
import { readUsers, type User } from './users.js';
import {
  address,
  addresses,
  duration,
  durationOrNever,
  keys,
  list,
  onOff,
  port,
  quietHours,
  ranges,
  seed,
  smtpUrl,
  text,
  timeZone,
  url,
  wholeNumber,
} from './values.js';

const kinds = list().transform((names, context): readonly Kind[] => {
  const unknown = names.filter((name) => !(KIND_NAMES as readonly string[]).includes(name));
  if (unknown.length === 0) return names.length === 0 ? KIND_NAMES : (names as Kind[]);
  context.addIssue({
    code: 'custom',
    message: `knows no ${unknown.join(', ')}; the kinds are ${KIND_NAMES.join(', ')}`,
  });
  return z.NEVER;
});

/** A closed set: a word that is nearly production must not mean development. */
const MODES = ['development', 'test', 'production'] as const;

const mode = z
  .string()
  .default('development')
  .transform((word, context) => {
    const known = MODES.find((one) => one === word);
    if (known !== undefined) return known;
    const meant = MODES.find((one) => /^[a-z]{3}/i.test(word) && one.startsWith(word.toLowerCase().slice(0, 3)));
    context.addIssue({
      code: 'custom',
      message: `must be production, development or test${meant === undefined ? '' : `: write NODE_ENV=${meant}`}`,
    });
    return z.NEVER;
  });

const proxies = ranges(
  Object.keys(PRESET_RANGES),
  "write the proxy's address or range as kit-herald sees it, such as 10.0.0.0/8, or loopback; a number of hops, true and * trust whoever writes the header",
);

const users = list().transform((lines, context): readonly User[] => {
  const read = readUsers(lines);
  if (typeof read !== 'string') return read;
  context.addIssue({ code: 'custom', message: read });
  return z.NEVER;
});

const topics = list().refine(
  (arns) => arns.every((arn) => /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?$/.test(arn)),
  'must be ARNs of SNS topics, comma-separated, such as arn:aws:sns:eu-west-1:123456789012:kit-herald',
);

/** Every setting, by the name of its environment variable; `.env.example` explains each. */
export const schema = z.object({
  NODE_ENV: mode,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATA_DIR: z.string().min(1).default('.kit-herald'),
  DATABASE_URL: url('postgres', 'postgresql'),

  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port(3000),
  PUBLIC_URL: url('http', 'https'),
  TRUST_PROXY: proxies,
  REQUIRE_HTTPS: onOff().optional(),
  INTAKE_QUEUE_LIMIT: wholeNumber(2_000, 1),
  SIGNALS_IN_FLIGHT: wholeNumber(32, 1),
  C4HXP_WEBHOOK_SECRET: list(),
  C4HXP_ALLOWED_IPS: ranges(),

  ADMIN_HOST: z.string().min(1).default('127.0.0.1'),
  ADMIN_PORT: port(3001),
  ADMIN_TOKEN: text(),
  SUPPORT_TOKEN: text(),
  USERS: users,
  AUTH_PROXY_HEADER: text().refine(
    (value) => value === null || /^[A-Za-z][A-Za-z0-9-]{1,60}$/.test(value),
    'must be the name of a header, such as X-Forwarded-User',
  ),
  METRICS_PORT: port(9464),

  TEMPORAL_ADDRESS: text().refine(
    (value) => value === null || /^([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?$/.test(value),
    'must be host:port, such as temporal.example.com:7233',
  ),
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

  SMTP_URL: smtpUrl(),
  MAILBOX_PORT: port(1080),
  MAILBOX_SMTP_PORT: port(1025),
  EMAIL_FROM: text(),
  EMAIL_FROM_REMINDERS: text(),
  EMAIL_MAX_PER_SECOND: wholeNumber(10, 1),
  EMAIL_TEMPLATES_DIR: text(),
  EMAIL_EVENTS_SES_TOPICS: topics,
  EMAIL_EVENTS_POSTMARK: text()
    .refine(
      (value) => value === null || /^[^:\s]+:\S+$/.test(value),
      'must be user:password, as in the webhook URL at Postmark',
    )
    .transform((value) => {
      const [, user, password] = /^([^:]*):(.*)$/s.exec(value ?? '') ?? [];
      return user === undefined || password === undefined ? null : { user, password };
    }),
  DKIM_DOMAIN: text(),
  DKIM_SELECTOR: text(),
  DKIM_PRIVATE_KEY: text(),
  ALERT_EMAIL: addresses(),

  PORTAL_URL: url('http', 'https'),
  SUPPORT_EMAIL: address(),
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
  EVIDENCE_KEY: seed(),
  RETENTION_BODIES: durationOrNever('90d'),
  RETENTION_LEDGER: durationOrNever('7y'),
});

/**
 * The settings that keep somebody out, or hold a password: each may stand in a file instead, which `NAME_FILE` names, and
 * none is ever printed.
 */
export const SECRETS = [
  'DATABASE_URL',
  'C4HXP_WEBHOOK_SECRET',
  'ADMIN_TOKEN',
  'SUPPORT_TOKEN',
  'USERS',
  'PARTNER_API_KEY',
  'SMTP_URL',
  'EMAIL_EVENTS_POSTMARK',
  'DKIM_PRIVATE_KEY',
  'ENCRYPTION_KEYS',
  'INDEX_KEYS',
  'EVIDENCE_KEY',
] as const satisfies readonly (keyof z.output<typeof schema>)[];

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<Camel<Tail>>}`
  : Lowercase<Name>;
export type Parsed = z.output<typeof schema>;

/** Every setting, parsed: camelCase of the variable's name, durations in milliseconds, null for "none" or "never". */
export type Settings = { readonly [Name in keyof Parsed as Camel<Name>]: Parsed[Name] } & {
  readonly production: boolean;
  readonly requireHttps: boolean;
};

/** The name of a setting in `Settings`. */
export const camel = (name: string): string =>
  name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
