import type { FastifyRequest } from 'fastify';
import { addressList } from '../config/ip-ranges.js';
import { Refusal } from '../config/refusal.js';
import type { RefusalCode } from './refusals.js';

export interface GuardOptions {
  /** Addresses and CIDR ranges that may post webhooks; empty: any. */
  readonly allowedIps: readonly string[];
  readonly requireHttps: boolean;
}

/** Why a request may not even be looked at; null where it may. */
export type Guard = (request: FastifyRequest) => RefusalCode | null;

/**
 * Who may post webhooks, and how. Address and scheme are those that the socket or a trusted proxy tells: Fastify reads
 * X-Forwarded-* only from the hops of TRUST_PROXY.
 * @throws Refusal when C4HXP_ALLOWED_IPS can't be read.
 */
export function createGuard({ allowedIps, requireHttps }: GuardOptions): Guard {
  const isAllowed = allowedIps.length === 0 ? null : readAllowed(allowedIps);
  return (request) => {
    if (isAllowed !== null && !isAllowed(request.ip)) return 'address_not_allowed';
    return requireHttps && request.protocol !== 'https' ? 'https_required' : null;
  };
}

function readAllowed(allowedIps: readonly string[]): ReturnType<typeof addressList> {
  try {
    return addressList(allowedIps);
  } catch (error) {
    throw new Refusal(`C4HXP_ALLOWED_IPS: ${error instanceof Error ? error.message : 'unreadable'}`, { cause: error });
  }
}
