/** Where the mail server is and how to talk to it, as `SMTP_URL` says. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps:`). */
  readonly secure: boolean;
  readonly requireTLS: boolean;
  readonly ignoreTLS: boolean;
  readonly tls: { readonly rejectUnauthorized: boolean; readonly servername?: string };
  readonly auth?: { readonly user: string; readonly pass: string };
  /** What we call ourselves in EHLO. */
  readonly name?: string;
}

const PARAMETERS = ['requireTLS', 'ignoreTLS', 'tls.rejectUnauthorized', 'tls.servername', 'name'];

/**
 * Reads `smtp[s]://[user:password@]host[:port][?requireTLS=true&tls.rejectUnauthorized=false&tls.servername=…&name=…]`.
 * `requireTls` (production) can't be taken back by the URL.
 * @throws Error with one sentence, which never quotes the URL: it may hold a password.
 */
export function readSmtpUrl(text: string, { requireTls }: { readonly requireTls: boolean }): SmtpServer {
  if (!URL.canParse(text)) throw new Error('SMTP_URL is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')
    throw new Error('SMTP_URL must begin with smtp: or smtps:');
  if (url.hostname === '') throw new Error('SMTP_URL names no host');
  const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined)
    throw new Error(`SMTP_URL has a parameter that is not known: it may have ${PARAMETERS.join(', ')}`);

  const secure = url.protocol === 'smtps:';
  const servername = url.searchParams.get('tls.servername');
  const name = url.searchParams.get('name');
  const requireTLS = requireTls || flag(url, 'requireTLS', false);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS,
    ignoreTLS: !requireTLS && flag(url, 'ignoreTLS', false),
    tls: {
      rejectUnauthorized: flag(url, 'tls.rejectUnauthorized', true),
      ...(servername === null ? {} : { servername }),
    },
    ...(url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    ...(name === null ? {} : { name }),
  };
}

function flag(url: URL, name: string, byDefault: boolean): boolean {
  const value = url.searchParams.get(name);
  if (value === null) return byDefault;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new Error(`SMTP_URL: ${name} must be true or false`);
}
