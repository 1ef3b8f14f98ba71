import { openDetails } from './contacts.js';
import { decodeHash } from './keys.js';
import type { LedgerDatabase, LedgerSealing } from './ports.js';
import { openRow, type NotificationRow } from './rows.js';

/**
 * Every keyed hash of the address that has this one. A stop link holds a hash and no address, made under the index key
 * of its day; the address itself is found, sealed, where it was seen or written to. Where nobody remembers it (it was
 * forgotten on request, or its encryption key is gone) the hash stands for itself alone.
 */
export async function hashesOfSame(
  database: LedgerDatabase,
  sealing: LedgerSealing,
  address: string,
): Promise<Buffer[]> {
  const given = decodeHash(address);
  const email = await emailBehind(database, sealing, given);
  const hashes = email === null ? [] : sealing.hashes('email', email);
  return hashes.some((hash) => hash.equals(given)) ? hashes : [...hashes, given];
}

async function emailBehind(database: LedgerDatabase, sealing: LedgerSealing, hash: Buffer): Promise<string | null> {
  const [seen] = await database.query<{ dedup: Buffer; sealed: Buffer }>(
    'select dedup, sealed from contacts where email_hash = $1 limit 1',
    [hash],
  );
  const [written] = await database.query<Pick<NotificationRow, 'subject' | 'kind' | 'occurrence' | 'sealed'>>(
    'select subject, kind, occurrence, sealed from notifications where recipient_hash = $1 and sealed is not null limit 1',
    [hash],
  );
  return (
    opened(() => (seen === undefined ? null : openDetails(sealing, seen).person?.email)) ??
    opened(() => (written === undefined ? null : openRow(sealing, written).to)) ??
    null
  );
}

/** A person's choice is kept also where what was sealed can't be opened any more. */
function opened(read: () => string | null | undefined): string | null | undefined {
  try {
    return read();
  } catch {
    return null;
  }
}
