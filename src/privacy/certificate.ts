import { isKit, nameOf } from '../domain/subjects.js';
import { encodeHash } from '../sealing/sealing.js';
import type { ErasedSubject, Erasure, Scope } from './erasures.js';
import type { Counts } from './purge.js';

/** What was erased where, when, by whom, and what stays: names nobody, so that it may be kept and handed over. */
export interface Certificate {
  readonly id: string;
  /** `pending`: nothing new is kept or sent; what was kept goes as soon as an email that is leaving has an answer. */
  readonly state: 'pending' | 'done';
  /** It had been asked for before: this is what was done then. */
  readonly repeated: boolean;
  readonly askedFor: { readonly what: Scope; readonly hash: string };
  readonly by: string | null;
  /** ISO 8601 in UTC */
  readonly askedAt: string;
  readonly doneAt: string | null;
  readonly subjects: readonly CertifiedSubject[];
  readonly erased: readonly { readonly what: string; readonly where: string; readonly count: number }[];
  readonly stays: readonly { readonly what: string; readonly why: string }[];
  readonly backups: string;
  /** Kits and orders of the same story that still know somebody: another person, or the same one. */
  readonly stillKnown: readonly string[];
}

/** A kit or an order by its last four characters and its keyed hash: who knows which it is recognises it. */
export interface CertifiedSubject {
  readonly what: 'kit' | 'order';
  readonly ending: string;
  readonly hash: string;
  readonly doneAt: string | null;
}

const ENDING = 4;

const ERASED: Readonly<Record<keyof Counts, { readonly what: string; readonly where: string }>> = {
  webhooks: { what: 'sealed bodies of webhooks', where: 'inbox_bodies' },
  answers: { what: 'sealed answers of C4HXP’s API', where: 'inbox_bodies' },
  reports: { what: 'sealed reports of the mail provider', where: 'inbox_bodies' },
  commands: { what: 'sealed commands of operators, with their reasons', where: 'inbox_bodies' },
  contacts: { what: 'sealed names, addresses, languages, zones and parcels', where: 'contacts' },
  emails: { what: 'sealed addresses and mail server’s words, and their keyed hashes', where: 'notifications' },
  facts: { what: 'keyed hashes of names, addresses and results, and zones', where: 'deliveries' },
};

/** What is not erased, and why. */
export const STAYS: Certificate['stays'] = [
  {
    what: 'what happened: barcode and order number, kinds of events and emails, times, statuses, reasons as codes',
    why: 'it shows that the patient was told, or why not; it names nobody',
  },
  {
    what: 'ids of webhooks and Message-IDs of emails',
    why: 'they are random; without them a late report about an email could not be told from a stranger’s',
  },
  {
    what: 'keyed hashes by which a webhook that is sent again is recognised',
    why: 'a repeated webhook would be taken for a new one, and its contents be kept',
  },
  {
    what: 'stops and suppressions of an address, as a keyed hash',
    why: 'they protect the patient: an address that asked for no email must get none, whoever names it next',
  },
  { what: 'this certificate, and who asked for it', why: 'it shows that the wish was followed' },
];

const BACKUPS =
  'Backups made before still hold what was erased, sealed. Delete them when their time is over; after restoring one, ask for this erasure again before kit-herald takes webhooks.';

/** @param stillKnown other kits and orders of the same story of which somebody is known */
export function certificateOf(erasure: Erasure, stillKnown: readonly string[]): Certificate {
  const { id, scope, about, askedAt, doneAt, by, subjects } = erasure;
  return {
    id,
    state: doneAt === null ? 'pending' : 'done',
    repeated: false,
    askedFor: { what: scope, hash: encodeHash(about) },
    by,
    askedAt: askedAt.toISOString(),
    doneAt: doneAt?.toISOString() ?? null,
    subjects: subjects.map(certified),
    erased: sumOf(subjects.flatMap(({ counts }) => counts ?? [])),
    stays: STAYS,
    backups: BACKUPS,
    stillKnown,
  };
}

/** How much goes, or went, of several subjects, in words. */
export const sumOf = (counts: readonly Counts[]): Certificate['erased'] =>
  (Object.keys(ERASED) as (keyof Counts)[]).map((key) => ({
    ...ERASED[key],
    count: counts.reduce((sum, each) => sum + each[key], 0),
  }));

const certified = ({ subject, hash, doneAt }: ErasedSubject): CertifiedSubject => ({
  what: isKit(subject) ? 'kit' : 'order',
  ending: nameOf(subject).slice(-ENDING),
  hash: encodeHash(hash),
  doneAt: doneAt?.toISOString() ?? null,
});
