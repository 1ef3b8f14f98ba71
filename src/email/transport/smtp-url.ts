import { faultOfSmtpUrl, type SmtpFlag, type SmtpName } from '../../domain/smtp-url.js';

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

/**
 * Reads `smtp[s]://[user:password@]host[:port][?requireTLS=true&tls.rejectUnauthorized=false&tls.servername=…&name=…]`.
 * `requireTls` (production) can't be taken back by the URL.
 * @throws Error with one sentence, which never quotes the URL: it may hold a password.
 */
export function readSmtpUrl(text: string, { requireTls }: { readonly requireTls: boolean }): SmtpServer {
  if (!URL.canParse(text)) throw new Error('SMTP_URL is not a URL');
  const url = new URL(text);
  const fault = faultOfSmtpUrl(url);
  if (fault !== null) throw new Error(`SMTP_URL ${fault}`.replace(' : ', ': '));

  const secure = url.protocol === 'smtps:';
  const servername = named(url, 'tls.servername');
  const name = named(url, 'name');
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

const named = ({ searchParams }: URL, name: SmtpName): string | null => searchParams.get(name);

function flag({ searchParams }: URL, name: SmtpFlag, byDefault: boolean): boolean {
  const value = searchParams.get(name);
  return value === null ? byDefault : value === 'true';
}
