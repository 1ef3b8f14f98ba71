import { randomBytes } from 'node:crypto';
import { SIM_EVENTS, type SimEvent } from './events.js';
import { Refusal } from './refusal.js';

export interface NewEndpoint {
  readonly url: string;
  /** Default: all twelve. */
  readonly events?: readonly SimEvent[] | undefined;
  readonly description?: string | undefined;
  /** Default: a new one, as the partner's support would hand out. */
  readonly secret?: string | undefined;
}

export interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly events: readonly SimEvent[];
  readonly description: string;
  readonly secret: string;
}

export interface Endpoints {
  /** @throws Refusal for a URL that the partner would not deliver to */
  readonly register: (endpoint: NewEndpoint) => Endpoint;
  readonly remove: (id: string) => boolean;
  readonly list: () => readonly Endpoint[];
  readonly wanting: (event: SimEvent) => readonly Endpoint[];
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @param plainHttp whether it delivers to plain HTTP elsewhere than on this machine, too */
export function createEndpoints(plainHttp = false): Endpoints {
  const endpoints = new Map<string, Endpoint>();
  let count = 0;
  return {
    register: ({ url, events = SIM_EVENTS, description = '', secret }) => {
      count += 1;
      const endpoint: Endpoint = {
        id: `we_${count}`,
        url: deliverable(url, plainHttp),
        events,
        description,
        secret: secret ?? `whsec_${randomBytes(24).toString('hex')}`,
      };
      endpoints.set(endpoint.id, endpoint);
      return endpoint;
    },
    remove: (id) => endpoints.delete(id),
    list: () => [...endpoints.values()],
    wanting: (event) => [...endpoints.values()].filter(({ events }) => events.includes(event)),
  };
}

/** The partner delivers to HTTPS only; on this machine plain HTTP will do. */
function deliverable(url: string, plainHttp: boolean): string {
  if (!URL.canParse(url)) throw new Refusal(422, 'VALIDATION_ERROR', 'webhook_url is not a URL');
  const { protocol, hostname, href } = new URL(url);
  if (protocol !== 'https:' && !(protocol === 'http:' && (plainHttp || LOOPBACK.has(hostname))))
    throw new Refusal(422, 'VALIDATION_ERROR', 'webhook_url must be HTTPS');
  return href;
}
