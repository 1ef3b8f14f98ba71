import type { IncomingHttpHeaders } from 'node:http';
import { isThisMachine } from '../config/ip-ranges.js';

/** Whether a request was meant for us by its Host and, where a page sent it, by its Origin. */
export type IsForUs = (headers: Pick<IncomingHttpHeaders, 'host' | 'origin'>) => boolean;

/**
 * Against DNS rebinding: a page of anybody's can have its own name point at this machine, and then read what answers
 * there. So what listens on loopback answers to loopback's names and to those that are configured, on whatever port
 * (it may be forwarded). What listens beyond this machine can't know by what names it is reached: everything passes.
 *
 * @param listensOn the host that is listened on
 * @param alsoNamed URLs whose hosts are ours too
 */
export function hostRule(listensOn: string, alsoNamed: readonly (string | null)[] = []): IsForUs {
  if (!isLoopback(listensOn)) return () => true;
  const names = new Set(alsoNamed.flatMap((url) => (url === null ? [] : [hostnameOf(url)])));
  const isOurs = (url: string): boolean => {
    const name = hostnameOf(url);
    return name !== null && (isLoopback(name) || names.has(name));
  };
  return ({ host, origin }) =>
    (host === undefined || isOurs(`http://${host}`)) && (origin === undefined || isOurs(origin));
}

/** With or without the dot that ends a full name. */
const isLoopback = (host: string): boolean => isThisMachine(host.replace(/\.$/, ''));

/** In lower case; null for what names no host. */
function hostnameOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { hostname } = new URL(url);
  return hostname === '' ? null : hostname;
}
