import { normaliseEmail, normaliseName } from '../sealing/normalise.js';
import { addressesThatCount } from '../domain/addresses-that-count.js';
import type { ParcelTracking, Person, SealedDetails } from '../domain/arrivals.js';
import type { PersonTrace } from '../domain/facts.js';
import { plainName } from '../domain/people.js';
import { zoneThatCounts } from '../domain/zones.js';
import { concerned } from './concerned.js';
import { encodeHash } from './keys.js';
import type { LedgerDatabase, LedgerSealing } from './ports.js';

/** Where an email can go, and whom it may greet. */
export interface Contact {
  readonly person: Person;
  readonly email: string;
  /** Keyed hash of the address, as facts carry it. */
  readonly address: string;
  /** Whether an operator said that it is theirs. */
  readonly byOperator: boolean;
}

/** What is known of the people around a subject, at this moment. */
export interface People {
  /** The one the email is for; null where no usable address is known. */
  readonly contact: Contact | null;
  /** Whether the order's recipient is known, who is never written to instead of the patient. */
  readonly recipientKnown: boolean;
}

/** One address that was seen, in the order of arrival by `seq`. */
export interface SeenContact {
  readonly seq: number;
  readonly at: number;
  readonly byOperator: boolean;
  readonly person: Person;
  readonly hash: Buffer;
}

const asCounted = (one: SeenContact) => ({
  ...one,
  address: normaliseEmail(one.person.email ?? ''),
  zone: one.person.zone,
});

/**
 * Whose address counts. Where its fact doesn't tell the language or the zone, the newest one that does is believed.
 * @param recipients for a kit's patient, those who were seen of its orders' recipients: their zone is the next guess.
 */
export function chooseContact(
  seen: readonly SeenContact[],
  recipients: readonly SeenContact[] = [],
): SeenContact | null {
  const counting = addressesThatCount(seen.map(asCounted));
  const [chosen] = counting;
  if (chosen === undefined) return null;
  const locale = counting.find(({ person }) => person.locale !== null)?.person.locale ?? null;
  const zone = zoneThatCounts(counting, recipients.map(asCounted));
  return { ...chosen, person: { ...chosen.person, locale, zone } };
}

interface ContactRow {
  readonly subject: string;
  readonly source_seq: number;
  readonly role: PersonTrace['role'] | null;
  readonly at: Date;
  readonly email_hash: Buffer | null;
  readonly dedup: Buffer;
  readonly sealed: Buffer;
  readonly by_operator: boolean;
}

export interface Contacts {
  /** Who a subject's emails of this audience go to; read anew for every attempt. */
  peopleOf(subject: string, audience: PersonTrace['role']): Promise<People>;
  contactFor(subject: string, audience: PersonTrace['role']): Promise<Contact | null>;
  /**
   * Whether several people were named for a subject: then nobody but an operator knows whose an address is. What
   * operators say doesn't count.
   */
  severalNamed(subject: string, audience: PersonTrace['role']): Promise<boolean>;
  /** The parcels that the fact with this `seq` told of. */
  parcelsOf(subject: string, seq: number): Promise<readonly ParcelTracking[]>;
}

/** What a row of `contacts` keeps sealed. */
export function openDetails(sealing: LedgerSealing, row: Pick<ContactRow, 'dedup' | 'sealed'>): SealedDetails {
  const place = { table: 'contacts', column: 'sealed', key: row.dedup };
  return JSON.parse(sealing.open(row.sealed, place).toString('utf8')) as SealedDetails;
}

const NOBODY = { firstName: null, lastName: null };

export function createContacts(database: LedgerDatabase, sealing: LedgerSealing): Contacts {
  const seen = (row: ContactRow): SeenContact[] => {
    const { person } = openDetails(sealing, row);
    if (row.email_hash === null || !person?.email) return [];
    return [{ seq: row.source_seq, at: row.at.getTime(), byOperator: row.by_operator, person, hash: row.email_hash }];
  };

  async function peopleOf(subject: string, audience: PersonTrace['role']): Promise<People> {
    const rows = await database.query<ContactRow>(
      `select c.subject, c.source_seq, c.role, c.at, c.email_hash, c.dedup, c.sealed,
         coalesce(i.source = 'operator', false) as by_operator
       from contacts c left join inbox i on i.seq = c.source_seq
       where c.subject = any${concerned('$1::text')} and c.email_hash is not null`,
      [subject],
    );
    const recipients = rows.filter((row) => row.role === 'recipient' && row.subject !== subject);
    const own = rows.filter((row) => row.subject === subject && row.role === audience);
    const chosen = chooseContact(own.flatMap(seen), recipients.flatMap(seen));
    if (chosen?.person.email == null) return { contact: null, recipientKnown: recipients.length > 0 };
    return {
      contact: {
        person: chosen.person,
        email: chosen.person.email,
        address: encodeHash(chosen.hash),
        byOperator: chosen.byOperator,
      },
      recipientKnown: recipients.length > 0,
    };
  }

  return {
    peopleOf,
    contactFor: async (subject, audience) => (await peopleOf(subject, audience)).contact,
    async severalNamed(subject, audience) {
      const rows = await database.query<ContactRow>(
        `select c.dedup, c.sealed from contacts c join inbox i on i.seq = c.source_seq
         where c.subject = $1 and c.role = $2 and i.source <> 'operator'`,
        [subject, audience],
      );
      const names = rows.map((row) => plainName(openDetails(sealing, row).person ?? NOBODY));
      return new Set(names.flatMap((name) => (name === null ? [] : [normaliseName(name)]))).size > 1;
    },
    async parcelsOf(subject, seq) {
      const [row] = await database.query<Pick<ContactRow, 'dedup' | 'sealed'>>(
        'select dedup, sealed from contacts where subject = $1 and source_seq = $2',
        [subject, seq],
      );
      return row === undefined ? [] : (openDetails(sealing, row).parcels ?? []);
    },
  };
}
