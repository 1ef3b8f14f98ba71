import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ReadingOptions, readWebhook } from '../../../../src/c4hxp/webhook/read.js';
import type { Arrival, HashPurpose } from '../../../../src/domain/arrivals.js';
import type { FactBody } from '../../../../src/domain/facts.js';
import type { NameParts } from '../../../../src/domain/persons.js';

/** A Tuesday noon. */
export const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

export const hash = (purpose: HashPurpose, value: string | Buffer): Buffer =>
  createHmac('sha256', 'an index key').update(`${purpose}\0`).update(value).digest();

/** What a hash looks like in a fact. */
export const hashed = (purpose: HashPurpose, value: string): string => hash(purpose, value).toString('base64url');

/** What a name looks like in a fact. */
export const nameParts = (first: string, last: string, full = `${first} ${last}`): NameParts => {
  const keyed = (part: string): string => hash('name', part).subarray(0, 9).toString('base64url');
  return { full: keyed(full), given: keyed(first), first: keyed(first), last: keyed(last) };
};

export function read(body: unknown, options: Partial<ReadingOptions> = {}): Arrival {
  const raw = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return readWebhook(raw, {
    receivedAt: NOW,
    hash,
    defaultZone: 'UTC',
    revealFlags: false,
    ...options,
  });
}

/** The one fact of an accepted webhook. */
export function factOf(arrival: Arrival): FactBody {
  const [routed] = arrival.routed;
  if (routed === undefined) throw new Error(`no fact: ${arrival.reason ?? 'nothing routed'}`);
  return routed.fact;
}

export const page = (event: string): Buffer =>
  readFileSync(new URL(`../../../fixtures/c4hxp-page/${event}.json`, import.meta.url));
