import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { HashedSecret } from '../config/users.js';

/** OWASP's recommendation for scrypt that takes 64 MiB. */
const COST = { logN: 16, r: 8, p: 2 } as const;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** Shorter ones can be guessed; longer ones nobody types. */
export const SECRET_LENGTH = { least: 15, most: 200 } as const;

/** Hashes a secret for USERS. `cost`: as little as tests need. */
export async function hashSecret(secret: string, cost: Pick<HashedSecret, 'logN' | 'r' | 'p'> = COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(secret, { ...cost, salt });
  return ['scrypt', cost.logN, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('.');
}

/** What is compared where nobody has such a name, so that how long it takes doesn't tell who has one. */
const NOBODY: HashedSecret = { ...COST, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };

/** Whether this is the secret; null: there is none to compare with, which takes as long. */
export async function isSecret(secret: string, hashed: HashedSecret | null): Promise<boolean> {
  const { hash, ...how } = hashed ?? NOBODY;
  const same = timingSafeEqual(await derive(secret, how), hash);
  return hashed !== null && same;
}

/** At most one at a time: each takes 64 MiB, and whoever guesses asks for many. */
let last: Promise<unknown> = Promise.resolve();

function derive(secret: string, how: Omit<HashedSecret, 'hash'>): Promise<Buffer> {
  const next = last.then(() => scrypted(secret, how));
  last = next.catch(() => undefined);
  return next;
}

function scrypted(secret: string, { logN, r, p, salt }: Omit<HashedSecret, 'hash'>): Promise<Buffer> {
  const N = 2 ** logN;
  return new Promise((resolve, reject) => {
    scrypt(secret.normalize('NFC'), salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
