import { encodeHash, normaliseEmail, type SealedLocation, type Sealing } from '../sealing/sealing.js';
import { addressesThatCount, namesConflict } from '../domain/persons.js';
import type { ParcelTracking, Person, SealedDetails } from '../domain/arrivals.js';
import type { PersonTrace } from '../domain/facts.js';
import { namePartsOf } from '../domain/people.js';
import { zoneThatCounts } from '../domain/zones.js';
import { sql, type Columns, type Queryable, type Sql } from '../database/sql.js';
import { concerned } from './subjects.js';

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

/** Somebody who was named, in the order of arrival by `seq`. */
export interface SeenContact {
  readonly seq: number;
  readonly at: number;
  readonly byOperator: boolean;
  readonly person: Person;
  /** Null where no usable address was told. */
  readonly hash: Buffer | null;
}

/** As the rules of who is who see somebody. */
const asNamed = (one: SeenContact) => ({
  ...one,
  name: namePartsOf(one.person),
  address: one.hash === null || one.person.email === null ? null : normaliseEmail(one.person.email),
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
  const counting = addressesThatCount(seen.map(asNamed)).filter(({ address }) => address !== null);
  const [chosen] = counting;
  if (chosen === undefined) return null;
  const locale = counting.find(({ person }) => person.locale !== null)?.person.locale ?? null;
  const zone = zoneThatCounts(seen.map(asNamed), recipients.map(asNamed));
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
  /** The same by what had come in until then. */
  contactKnownAt(subject: string, audience: PersonTrace['role'], at: Date): Promise<Contact | null>;
  /**
   * Whether several people were named for a subject: then nobody but an operator knows whose an address is. What
   * operators say doesn't count.
   */
  severalNamed(subject: string, audience: PersonTrace['role']): Promise<boolean>;
  /** The parcels that the fact with this `seq` told of. */
  parcelsOf(subject: string, seq: number): Promise<readonly ParcelTracking[]>;
}

/** Somebody who was named, or what else an arrival told of a subject that an email may need. */
export interface NewContact {
  readonly subject: string;
  readonly role: string | null;
  readonly at: Date;
  readonly emailHash: Buffer | null;
  /** By `sealDetails`. */
  readonly sealed: Buffer;
}

export const CONTACT_COLUMNS: Columns<NewContact> = {
  subject: ['text', (contact) => contact.subject],
  role: ['text', (contact) => contact.role],
  at: ['timestamptz', (contact) => contact.at],
  email_hash: ['bytea', (contact) => contact.emailHash],
  sealed: ['bytea', (contact) => contact.sealed],
};

/** SQL that adds a contact for each row of `from` (the same columns, seq and dedup), as one part of a statement. */
export const addContacts = (from: Sql): Sql =>
  sql`insert into contacts (subject, source_seq, role, at, email_hash, dedup, sealed)
    select subject, seq, role, at, email_hash, dedup, sealed from ${from}
    order by subject, seq on conflict do nothing`;

/** Whose words a row of `contacts` holds, and about whom; `dedup` is the key of the arrival that told it. */
type BelongsTo = Pick<ContactRow, 'dedup' | 'subject'> & { readonly role: string | null };

// One arrival may name several people: a kit's patient beside its order's recipient, or the patients of several kits.
export const contactLocation = ({ dedup, subject, role }: BelongsTo): SealedLocation => ({
  table: 'contacts',
  column: 'sealed',
  key: [dedup, subject, role ?? ''],
});

/** What a row of `contacts` keeps sealed: it opens in this row only. */
export const sealDetails = (sealing: Sealing, row: BelongsTo, details: SealedDetails): Buffer =>
  sealing.seal(Buffer.from(JSON.stringify(details)), contactLocation(row));

export const openDetails = (sealing: Sealing, row: BelongsTo & Pick<ContactRow, 'sealed'>): SealedDetails =>
  JSON.parse(sealing.open(row.sealed, contactLocation(row)).toString('utf8')) as SealedDetails;

export function createContacts(database: Queryable, sealing: Sealing): Contacts {
  const seen = (row: ContactRow): SeenContact[] => {
    const { person } = openDetails(sealing, row);
    if (person === undefined) return [];
    return [{ seq: row.source_seq, at: row.at.getTime(), byOperator: row.by_operator, person, hash: row.email_hash }];
  };

  async function peopleOf(
    subject: string,
    audience: PersonTrace['role'],
    knownAt: Date | null = null,
  ): Promise<People> {
    const rows = await database.query<ContactRow>(
      sql`select c.subject, c.source_seq, c.role, c.at, c.email_hash, c.dedup, c.sealed,
          coalesce(i.source = 'operator', false) as by_operator
        from contacts c left join inbox i on i.seq = c.source_seq
        where c.subject = any${concerned(sql`${subject}::text`)} and c.role is not null
          ${knownAt === null ? sql`` : sql`and i.received_at <= ${knownAt}`}`,
    );
    const recipients = rows.filter((row) => row.role === 'recipient' && row.subject !== subject);
    const recipientKnown = recipients.some((row) => row.email_hash !== null);
    const own = rows.filter((row) => row.subject === subject && row.role === audience);
    const chosen = chooseContact(own.flatMap(seen), recipients.flatMap(seen));
    if (chosen?.hash == null || chosen.person.email === null) return { contact: null, recipientKnown };
    return {
      contact: {
        person: chosen.person,
        email: chosen.person.email,
        address: encodeHash(chosen.hash),
        byOperator: chosen.byOperator,
      },
      recipientKnown,
    };
  }

  return {
    peopleOf: (subject, audience) => peopleOf(subject, audience),
    contactFor: async (subject, audience) => (await peopleOf(subject, audience)).contact,
    contactKnownAt: async (subject, audience, at) => (await peopleOf(subject, audience, at)).contact,
    async severalNamed(subject, audience) {
      const rows = await database.query<ContactRow>(
        sql`select c.subject, c.role, c.source_seq, c.at, c.email_hash, c.dedup, c.sealed, false as by_operator
          from contacts c join inbox i on i.seq = c.source_seq
          where c.subject = ${subject} and c.role = ${audience} and i.source <> 'operator'`,
      );
      return namesConflict(rows.flatMap(seen).map(asNamed));
    },
    async parcelsOf(subject, seq) {
      const [row] = await database.query<Pick<ContactRow, 'subject' | 'role' | 'dedup' | 'sealed'>>(
        sql`select subject, role, dedup, sealed from contacts where subject = ${subject} and source_seq = ${seq}`,
      );
      return row === undefined ? [] : (openDetails(sealing, row).parcels ?? []);
    },
  };
}
