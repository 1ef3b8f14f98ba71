import { isThisMachine, readRange } from './ip-ranges.js';
import type { Settings } from './schema.js';
import { hasTls, temporalProfile } from './temporal-profile.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What may be left to a default on a laptop and may not where patients are. */
export function insecurities(settings: Settings, env: Environment): string[] {
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
  need(settings.adminToken !== null, 'ADMIN_TOKEN must be set, with at least 16 characters');
  need(isHttps(settings.publicUrl), 'PUBLIC_URL must be set and begin with https://');
  need(isHttps(settings.portalUrl), 'PORTAL_URL must be set and begin with https://');
  need(settings.emailFrom !== null, 'EMAIL_FROM must be set');
  need(settings.supportEmail !== null, 'SUPPORT_EMAIL must be set: patients are told to write there');
  need(settings.postalAddress !== null, 'POSTAL_ADDRESS must be set: every email shows it');
  need(settings.alertEmail.length > 0, 'ALERT_EMAIL must be set: the team is told there when a patient could not be');
  need(settings.partnerApiUrl === null || isHttps(settings.partnerApiUrl), 'PARTNER_API_URL must begin with https://');
  return [...faults, ...weakSecrets(settings), ...trustedTooFar(settings), ...withoutTls(settings, env)];
}

/** Secrets that are known, short, or one for two purposes. */
function weakSecrets(settings: Settings): string[] {
  const { adminToken, supportToken, c4hxpWebhookSecret, emailEventsPostmark, encryptionKeys, indexKeys } = settings;
  const secrets: [setting: string, secret: string][] = [
    ...c4hxpWebhookSecret.map((secret): [string, string] => ['C4HXP_WEBHOOK_SECRET', secret]),
    ...named('ADMIN_TOKEN', adminToken),
    ...named('SUPPORT_TOKEN', supportToken),
  ];
  const faults = secrets.flatMap(([setting, secret]) => worded(setting, faultOfSecret(secret)));
  for (const [place, [setting, secret]] of secrets.entries()) {
    const former = secrets.slice(0, place).find(([name, other]) => name !== setting && other === secret);
    if (former !== undefined) faults.push(`${setting} must not be ${former[0]}: each opens a door of its own`);
  }

  if (emailEventsPostmark !== null && faultOfSecret(emailEventsPostmark.password) !== null)
    faults.push(
      'EMAIL_EVENTS_POSTMARK must have a random password of at least 16 characters: whoever knows it can suppress addresses',
    );
  for (const [setting, url] of [
    ['DATABASE_URL', settings.databaseUrl],
    ['SMTP_URL', settings.smtpUrl],
  ] as const)
    if (url !== null && isPrinted(decodeURIComponent(new URL(url).password)))
      faults.push(`${setting} has a password that is printed in our own repository`);
  const [, apiSecret] = settings.partnerApiKey?.split(':') ?? [];
  if (apiSecret !== undefined && (isPrinted(apiSecret) || apiSecret.includes('…')))
    faults.push("PARTNER_API_KEY is a placeholder: write C4HXP's own");

  const keys = { ENCRYPTION_KEYS: encryptionKeys, INDEX_KEYS: indexKeys };
  for (const [setting, set] of Object.entries(keys))
    faults.push(...new Set(set.flatMap(({ key }) => worded(setting, faultOfKey(key)))));
  const { evidenceKey } = settings;
  if (evidenceKey !== null) {
    faults.push(...worded('EVIDENCE_KEY', faultOfKey(evidenceKey)));
    if ([...encryptionKeys, ...indexKeys].some(({ key }) => key.equals(evidenceKey)))
      faults.push('EVIDENCE_KEY must be a key of its own: who can read must not be able to sign');
  }
  if (encryptionKeys.some(({ key }) => indexKeys.some((other) => other.key.equals(key))))
    faults.push('INDEX_KEYS must not be ENCRYPTION_KEYS: who must give one away would give both');
  return faults;
}

const named = (setting: string, secret: string | null): [string, string][] =>
  secret === null ? [] : [[setting, secret]];

const worded = (setting: string, fault: string | null): string[] => (fault === null ? [] : [`${setting} ${fault}`]);

/** No proxy has a wider range than the widest private ones, 10.0.0.0/8 and fc00::/7. */
const WIDEST = { ipv4: 8, ipv6: 7 };

function trustedTooFar({ trustProxy }: Settings): string[] {
  const tooWide = trustProxy.filter((entry) => {
    if (/^[a-z]+$/.test(entry)) return false;
    const [network, bits] = readRange(entry);
    return bits < WIDEST[network.kind()];
  });
  return tooWide.map(
    (entry) =>
      `TRUST_PROXY ${entry} trusts everybody: write the addresses of the proxy that ends TLS, such as 10.0.0.0/8`,
  );
}

/** What would cross a network in clear, or to a server that anybody may pretend to be. */
function withoutTls({ databaseUrl, temporalAddress, smtpUrl }: Settings, env: Environment): string[] {
  const faults: string[] = [];
  if (databaseUrl !== null) {
    const fault = faultOfDatabase(new URL(databaseUrl));
    if (fault !== null) faults.push(`DATABASE_URL ${fault}`);
  }
  if (temporalAddress !== null && !isThisMachine(temporalAddress.replace(/:\d+$/, ''))) {
    if (!temporalHasTls(env))
      faults.push(
        'TEMPORAL_ADDRESS is on another host, and has no TLS: set TEMPORAL_TLS=true (or TEMPORAL_API_KEY, or TEMPORAL_TLS_CLIENT_CERT_PATH and _KEY_PATH), or say it in the profile',
      );
    if (isOn(env['TEMPORAL_TLS_DISABLE_HOST_VERIFICATION']))
      faults.push('TEMPORAL_TLS_DISABLE_HOST_VERIFICATION must not be on: anybody could pretend to be Temporal');
  }
  if (smtpUrl !== null) {
    const { searchParams } = new URL(smtpUrl);
    for (const parameter of ['tls.rejectUnauthorized=false', 'ignoreTLS=true', 'requireTLS=false']) {
      const [name = '', value] = parameter.split('=');
      if (searchParams.getAll(name).includes(value ?? ''))
        faults.push(`SMTP_URL must not say ${parameter}: patients' addresses would be open on the way`);
    }
  }
  return faults;
}

/** `pg` speaks TLS and checks the certificate with these, and with `ssl=true`. */
const CHECKED_TLS = ['require', 'verify-ca', 'verify-full'];

function faultOfDatabase(url: URL): string | null {
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  if (host === '' || host.startsWith('/') || isThisMachine(host)) return null;
  const mode = url.searchParams.get('sslmode') ?? '';
  // As libpq understands it, `require` looks at no certificate.
  const unchecked = mode === 'no-verify' || (mode === 'require' && url.searchParams.has('uselibpqcompat'));
  if (unchecked) return 'checks no certificate: anybody could pretend to be the database; write sslmode=verify-full';
  const ssl = mode === '' && ['true', '1'].includes(url.searchParams.get('ssl') ?? '');
  return ssl || CHECKED_TLS.includes(mode)
    ? null
    : 'is on another host, and has no TLS: add ?sslmode=verify-full (and sslrootcert=… for a CA of your own)';
}

/** What can't be read is a fault by itself (`temporalFaults`), which is not said twice. */
function temporalHasTls(env: Environment): boolean {
  try {
    return hasTls(temporalProfile(env));
  } catch {
    return true;
  }
}

/** The two words that the SDK takes for yes. */
const isOn = (value: string | undefined): boolean => value === 'true' || value === '1';

/*
 * What makes a secret none. Whoever has read this repository knows what is printed in it; and what a person has typed,
 * or a machine has counted, is found by trying.
 */

/**
 * Every secret, password and key that stands, or stood, in this repository's files for people to copy: `.env.example`, the
 * compose file, the documentation, the benchmark, the tests. `test/config/production.test.ts` reads those files and fails for one
 * that is missing here.
 */
const PRINTED: readonly string[] = [
  'a-secret-for-trying-out',
  'an-admin-token-for-trying-out',
  'a2l0LWhlcmFsZC1lbmNyeXB0aW9uLWtleS10cnkhISE=',
  'a2l0LWhlcmFsZC1pbmRleC1rZXktZm9yLXRyeWluZyE=',
  'the-secret-of-the-benchmark',
  'a-secret-that-only-tests-know',
  'kit_herald',
  'password',
  'secret',
  'temporal',
  'sk_live_…',
];

/** Words of the values that stand in documentation for a secret to be filled in. */
const PLACEHOLDER =
  /change.?me|replace.?(me|this|with)|place.?holder|your.?(own.?)?(webhook|admin|secret|token|key|pass)|<.*>|…|\.{3}/i;

const isPrinted = (secret: string): boolean => PRINTED.includes(secret);

/** Bearer tokens and webhook secrets: at least so many characters. */
const SHORTEST = 16;
/** Sixteen random hex digits have ten different ones; fewer than six come once in some 100,000. */
const FEWEST_CHARACTERS = 6;

/** Why a secret keeps nobody out, to be read after its setting's name; null where it may do. Never quotes it. */
function faultOfSecret(secret: string): string | null {
  if (secret.length < SHORTEST) return `must have at least ${String(SHORTEST)} characters`;
  if (!/^[\x21-\x7e]+$/.test(secret))
    return 'must have no blanks and no characters beyond ASCII: they do not survive a header';
  if (isPrinted(secret)) return 'is printed in our own repository: make one of your own (openssl rand -base64 32)';
  if (PLACEHOLDER.test(secret)) return 'is a placeholder: make one of your own (openssl rand -base64 32)';
  if (isGuessable(Buffer.from(secret), FEWEST_CHARACTERS))
    return 'can be guessed: make one at random (openssl rand -base64 32)';
  return null;
}

/** Thirty-two random bytes have thirty different ones; fewer than twenty never come. */
const FEWEST_BYTES = 20;

/** As `faultOfSecret`, of the 32 bytes of a key. */
function faultOfKey(key: Buffer): string | null {
  if (isPrinted(key.toString('base64')))
    return 'has a key that is printed in our own repository: make one of your own (openssl rand -base64 32)';
  if (isGuessable(key, FEWEST_BYTES) || isTyped(key))
    return 'has a key that can be guessed: make each at random (openssl rand -base64 32)';
  return null;
}

/** Few different ones, one piece again and again, or counted up or down. */
function isGuessable(bytes: Buffer, fewest: number): boolean {
  if (new Set(bytes).size < fewest) return true;
  for (let length = 1; length <= bytes.length / 2; length += 1)
    if (bytes.every((byte, place) => byte === bytes[place % length])) return true;
  const steps = [...bytes.subarray(1)].map((byte, place) => (byte - (bytes[place] ?? 0) + 256) % 256);
  return mostOften(steps) > steps.length * 0.7;
}

/** Text in the place of random bytes: it comes by chance once in 10^13. */
const isTyped = (key: Buffer): boolean => key.every((byte) => byte >= 0x20 && byte < 0x7f);

function mostOften(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return Math.max(...counts.values());
}
