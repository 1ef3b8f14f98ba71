import type { IncomingHttpHeaders } from 'node:http';
import { isThisMachine } from '../config/ip-ranges.js';

/** What a browser tells of a request; other clients tell only the Host. */
export interface Asked {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Whether a request was meant for us, and comes from no web page but our own. */
export type IsForUs = (asked: Asked) => boolean;

/**
 * Against pages from elsewhere, those of another port of this machine too. A page shows itself by its Origin, by what
 * browsers say of the site that asks, or, where its name was made to lead here (DNS rebinding), by the Host. What
 * listens on loopback answers to loopback's names and to those that are configured, on whatever port (it may be
 * forwarded); what listens beyond this machine can't know by what names it is reached. An Origin is ours when it is that
 * of the Host, or configured. Links from elsewhere may be followed: a navigation gives a page nothing to read. Machines,
 * which tell none of this, are not browsers.
 *
 * @param listensOn the host that is listened on
 * @param alsoNamed URLs that are ours too
 */
export function hostRule(listensOn: string, alsoNamed: readonly (string | null)[] = []): IsForUs {
  const ours = alsoNamed.flatMap((url) => (url !== null && URL.canParse(url) ? [new URL(url)] : []));
  const isNamedSo = (name: string): boolean =>
    !isLoopback(listensOn) || isLoopback(name) || ours.some(({ hostname }) => hostname === name);

  return ({ method = 'GET', headers }) => {
    const { host, origin } = headers;
    const own = host === undefined ? null : hostOf(host);
    if (host !== undefined && (own === null || !isNamedSo(own.hostname))) return false;
    if (origin !== undefined)
      return ours.some((url) => url.origin === origin) || (own !== null && isOriginOf(own, origin));
    const site = headers['sec-fetch-site'] ?? 'none';
    const followed = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
    return ['none', 'same-origin'].includes(site) || (followed && method === 'GET');
  };
}

/** With or without the dot that ends a full name. */
const isLoopback = (host: string): boolean => isThisMachine(host.replace(/\.$/, ''));

/** What a Host names; null for what names none. */
function hostOf(host: string): URL | null {
  const url = `http://${host}`;
  return /^[^\s/\\?#@]+$/.test(host) && URL.canParse(url) ? new URL(url) : null;
}

/** We speak plain HTTP; under a name of the world's somebody may end TLS in front of us. */
function isOriginOf(own: URL, origin: string): boolean {
  if (origin === own.origin) return true;
  return !isLoopback(own.hostname) && origin === new URL(own.href.replace(/^http:/, 'https:')).origin;
}
