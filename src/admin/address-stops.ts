import type { Contact, Scope } from '../ledger/ledger.js';
import { audienceOf } from '../domain/people.js';
import type { Subject } from '../domain/subjects.js';
import type { AdminPorts } from './ports.js';
import { Problem } from './problems.js';

/** What stops every email to an address, and only an operator can take back; topics are their owner's own choice. */
const LIFTED: readonly Scope[] = ['bounced', 'all'];

type Ports = Pick<AdminPorts, 'ledger'>;

/**
 * The one whose email this is, for what is said of an address and not of a notification.
 * @throws Problem 409 where nobody is known, or it isn't known who of several is meant.
 */
export async function ownerOf({ ledger }: Ports, subject: Subject): Promise<Contact> {
  const audience = audienceOf(subject);
  const contact = await ledger.contactFor(subject, audience);
  if (contact === null) throw new Problem(409, 'no_contact', 'No address is known here.');
  if (!contact.byOperator && (await ledger.severalNamed(subject, audience))) {
    throw new Problem(
      409,
      'contact_conflict',
      'Several people were named here: say with correct-contact who is meant.',
    );
  }
  return contact;
}

/** Which stops of this address a `lift` would take back. */
export async function liftable({ ledger }: Ports, { email }: Contact): Promise<Scope[]> {
  const scopes = await ledger.scopesOf(email);
  return LIFTED.filter((scope) => scopes.has(scope));
}
