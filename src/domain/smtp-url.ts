/** What SMTP_URL may say beyond its server: these by `true` or `false`, … */
const SMTP_FLAGS = ['requireTLS', 'ignoreTLS', 'tls.rejectUnauthorized'] as const;
/** … and these by a name. */
const SMTP_NAMES = ['tls.servername', 'name'] as const;
const SMTP_PARAMETERS: readonly string[] = [...SMTP_FLAGS, ...SMTP_NAMES];
export type SmtpFlag = (typeof SMTP_FLAGS)[number];
export type SmtpName = (typeof SMTP_NAMES)[number];

/** Why this can't be the URL of a mail server, to be read after `SMTP_URL`; null when it can. Never quotes it. */
export function faultOfSmtpUrl({ protocol, hostname, searchParams }: URL): string | null {
  if (protocol !== 'smtp:' && protocol !== 'smtps:') return 'must begin with smtp: or smtps:';
  if (hostname === '') return 'names no host';
  if ([...searchParams.keys()].some((name) => !SMTP_PARAMETERS.includes(name)))
    return `has a parameter that is not known: it may have ${SMTP_PARAMETERS.join(', ')}`;
  const wrong = SMTP_FLAGS.find((name) => !['true', 'false', null].includes(searchParams.get(name)));
  return wrong === undefined ? null : `: ${wrong} must be true or false`;
}
