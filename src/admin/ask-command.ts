import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { usableAddress } from '../domain/address.js';
import type { Arrival, KeyedHash, Person, Routed } from '../domain/arrivals.js';
import type { OperatorEvent } from '../domain/events.js';
import type { Command } from '../domain/facts.js';
import type { Kind } from '../domain/kinds.js';
import { type NotificationState, operatorsCause } from '../domain/notifications.js';
import { audienceOf, traceOf } from '../domain/people.js';
import { STAFF, type Subject } from '../domain/subjects.js';
import type { Contact, Scope, SubjectSummary } from '../ledger/ledger.js';
import { assertApplies } from './applies.js';
import type { EmailOutlook } from './outlook.js';
import type { AdminPorts } from './ports.js';
import { Problem } from './problems.js';
import { type Action, COMMANDS, idempotencyKey } from './schemas.js';

export interface CommandBody {
  readonly kind?: Kind | undefined;
  readonly occurrence?: number | undefined;
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
  readonly email?: string;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly resend?: boolean;
  readonly lift?: boolean;
}

/** What was asked: `told` shows, by its cause, what became of it. */
export interface Accepted {
  readonly asked: Action;
  readonly subject: Subject;
  readonly cause: string;
  readonly kind: Kind | null;
  readonly occurrence: number | null;
  /** What stopped emails to the address, and does no more. */
  readonly lifted: readonly Scope[];
  /** Under this Idempotency-Key it was asked before. */
  readonly repeated: boolean;
}

/**
 * Checks a command against the database and keeps it in the inbox, from where it reaches its journey like everything
 * else: also when Temporal is away now.
 * @throws Problem 404, 409 or 422 with a reason; nothing is kept then.
 */
export const askCommand = (
  ports: AdminPorts,
  subject: Subject,
  action: Action,
  body: CommandBody,
  headers: IncomingHttpHeaders,
): Promise<Accepted> => askUnder(ports, readKey(headers) ?? `op_${randomUUID()}`, subject, action, body);

/** The same under an id of the caller's: what was asked under it before isn't asked again. */
export async function askUnder(
  ports: AdminPorts,
  id: string,
  subject: Subject,
  action: Action,
  body: CommandBody,
): Promise<Accepted> {
  const accepted = {
    asked: action,
    subject,
    cause: operatorsCause(id),
    kind: body.kind ?? null,
    occurrence: body.occurrence ?? null,
  };
  if (await wasAsked(ports, subject, action, id)) return { ...accepted, lifted: [], repeated: true };
  const { arrival, owner, lifted } = await weighed(ports, subject, action, body, id);
  // Before the journey hears of it. After a crash in between, whoever got no answer asks again.
  if (owner !== null) {
    if (action === 'opt-out') await ports.ledger.suppress(owner.address, 'all', accepted.cause, ports.clock());
    for (const scope of lifted) await ports.ledger.lift(owner.address, scope);
  }
  const { fresh } = await ports.keep(arrival);
  return { ...accepted, lifted, repeated: !fresh };
}

/**
 * What would become of emails if this were asked now; changes nothing.
 * @throws Problem as `askCommand` does.
 */
export async function rehearseCommand(
  ports: AdminPorts,
  subject: Subject,
  action: Action,
  body: CommandBody,
): Promise<readonly EmailOutlook[]> {
  return ports.outlook([await arrivalIfAsked(ports, subject, action, body)]);
}

/**
 * A command as it would come in if it were asked now.
 * @throws Problem as `askCommand` does.
 */
export async function arrivalIfAsked(
  ports: AdminPorts,
  subject: Subject,
  action: Action,
  body: CommandBody,
): Promise<Arrival> {
  return (await weighed(ports, subject, action, body, `op_${randomUUID()}`)).arrival;
}

/**
 * Which commands would be taken now, by the very checks that refuse them: what isn't among them is offered to nobody.
 * None where nothing is known.
 */
export async function commandsThatApply(ports: Ports, subject: Subject): Promise<readonly Action[]> {
  const standing = await standingOf(ports, subject).catch(unlessRefused);
  if (standing === null) return [];
  const applies: Action[] = [];
  for (const action of Object.keys(COMMANDS) as Action[]) {
    if (subject === STAFF && action !== 'acknowledge') continue;
    const ways: readonly CommandBody[] = action === 'retry' ? [{}, { lift: true }] : [{}];
    for (const body of ways) {
      if ((await judged(ports, subject, action, body, standing).catch(unlessRefused)) === null) continue;
      applies.push(action);
      break;
    }
  }
  return applies;
}

/** A refusal is an answer; anything else isn't. */
function unlessRefused(error: unknown): null {
  if (error instanceof Problem) return null;
  throw error;
}

/** A command, checked against the database, as it would go in. */
async function weighed(ports: AdminPorts, subject: Subject, action: Action, body: CommandBody, id: string) {
  const standing = await standingOf(ports, subject);
  const { command, owner, lifted } = await judged(ports, subject, action, body, standing);
  const person = body.email === undefined ? null : await corrected(ports, subject, body.email, body);

  // What a human has dealt with is what was shown to them.
  const codes = [...new Set(standing.summary.attention.map(({ code }) => code))];
  const shown = action === 'acknowledge' ? { codes } : {};
  const asked = { subject, action, command, id, person, body: { ...body, ...shown }, at: ports.clock() };
  return { arrival: commandArrival(asked, ports.hash), owner, lifted };
}

interface SubjectStanding {
  readonly summary: SubjectSummary;
  /** Its own notifications. */
  readonly own: readonly NotificationState[];
}

/** @throws Problem 404, or 409 where the patient was forgotten */
async function standingOf({ ledger }: Ports, subject: Subject): Promise<SubjectStanding> {
  const summary = await ledger.summaryOf(subject);
  if (summary === null) throw new Problem(404, 'not_found', 'Nothing is known under that.');
  if (summary.erased) throw new Problem(409, 'erased', 'This patient was forgotten on request: nobody can be told.');
  const own = (await ledger.notificationStates(subject)).filter((told) => told.subject === subject);
  return { summary, own };
}

/** @throws Problem 409 where it doesn't apply */
async function judged(ports: Ports, subject: Subject, action: Action, body: CommandBody, standing: SubjectStanding) {
  const command: Command = {
    subject,
    ...(body.kind === undefined ? {} : { kind: body.kind }),
    ...(body.occurrence === undefined ? {} : { occurrence: body.occurrence }),
    ...(body.resend === true ? { resend: true } : {}),
    ...(body.lift === true ? { lift: true } : {}),
  };
  const owner = action === 'opt-out' || body.lift === true ? await ownerOf(ports, subject) : null;
  // Who wants no email may say so before an address is known: the journey keeps it, for the kit and what it learns.
  if (owner === null && body.lift === true) throw new Problem(409, 'no_contact', 'No address is known here.');
  const lifted = owner !== null && body.lift === true ? await liftable(ports, owner) : [];
  assertApplies(action, command, standing.own, {
    lifts: lifted.length > 0,
    asksForHuman: standing.summary.needsAttention !== null,
  });
  return { command, owner, lifted };
}

export function readKey(headers: IncomingHttpHeaders): string | null {
  const given = headers['idempotency-key'];
  if (given === undefined) return null;
  const key = idempotencyKey.safeParse(given);
  if (key.success) return key.data;
  throw new Problem(400, 'invalid_idempotency_key', 'Idempotency-Key takes 1–80 letters, digits and . _ : -');
}

/** The same key again is the same command, even where it would apply no more; another command may not use it. */
async function wasAsked({ webhooks }: AdminPorts, subject: Subject, action: Action, id: string): Promise<boolean> {
  const before = (await webhooks.show(id)).filter(({ source }) => source === 'operator');
  if (before.length === 0) return false;
  if (before.some((one) => one.event === EVENT_OF[action] && one.subjects.includes(subject))) return true;
  throw new Problem(422, 'idempotency_key_reused', 'This Idempotency-Key was used for another command.');
}

/**
 * The same person under another address: name, language and zone stay as they are known, unless a name is given. Where
 * several people were named nobody knows whose of them the address is: then it has the name that is given, or none.
 */
async function corrected(ports: AdminPorts, subject: Subject, email: string, body: CommandBody): Promise<Person> {
  const { ledger } = ports;
  const address = usableAddress(email);
  if (address === null) throw new Problem(400, 'invalid_request', 'That is no address that mail can go to.');
  const audience = audienceOf(subject);
  const known = await ledger.contactFor(subject, audience);
  const isContested = await ledger.severalNamed(subject, audience);
  const decides = body.resend === true || isContested || isNamed(body);
  if (known !== null && ledger.addressOf(known.email) === ledger.addressOf(address) && !decides) {
    throw new Problem(409, 'same_address', 'That is the address we have. To send again what was sent, ask to resend.');
  }
  const before = isContested ? NOBODY : (known?.person ?? NOBODY);
  const given = isNamed(body) ? { firstName: body.firstName ?? null, lastName: body.lastName ?? null } : {};
  return { ...before, ...given, email: address };
}

const NOBODY = { firstName: null, lastName: null, locale: null, zone: null };

const isNamed = ({ firstName, lastName }: CommandBody): boolean => firstName !== undefined || lastName !== undefined;

export const EVENT_OF: Record<Action, OperatorEvent> = {
  retry: 'operator.retry',
  skip: 'operator.skip',
  release: 'operator.release',
  acknowledge: 'operator.acknowledge',
  'correct-contact': 'operator.correct_contact',
  'opt-out': 'operator.opt_out',
};

export interface Asked {
  readonly subject: Subject;
  readonly action: Action;
  readonly command: Command;
  /** The Idempotency-Key, or made here. */
  readonly id: string;
  /** correct-contact: whom the new address belongs to. */
  readonly person: Person | null;
  /** Free text, who asked, the address: sealed with the body, never a fact. */
  readonly body: object;
  /** ms */
  readonly at: number;
}

/** An operator's command as it goes the one way in. */
function commandArrival(asked: Asked, hash: KeyedHash): Arrival {
  const { subject, action, command, id, person, at } = asked;
  const event = EVENT_OF[action];
  const routedUnder = (key: KeyedHash): Routed[] => [
    {
      subject,
      fact: {
        event,
        cause: operatorsCause(id),
        receivedAt: at,
        at,
        command,
        ...(person === null ? {} : { person: traceOf(person, audienceOf(subject), key) }),
      },
      details: person === null ? null : { person },
    },
  ];
  return {
    source: 'operator',
    externalId: id,
    event,
    verdict: 'accepted',
    reason: null,
    eventAt: at,
    receivedAt: at,
    raw: Buffer.from(JSON.stringify({ action, subject, ...asked.body }), 'utf8'),
    routed: routedUnder(hash),
    routedUnder,
    links: [],
  };
}

/** What stops every email to an address, and only an operator can take back; topics are their owner's own choice. */
const LIFTED: readonly Scope[] = ['bounced', 'all'];

type Ports = Pick<AdminPorts, 'ledger'>;

/**
 * The one whose email this is, for what is said of an address and not of a notification.
 * Null where no address is known.
 * @throws Problem 409 where it isn't known who of several is meant.
 */
async function ownerOf({ ledger }: Ports, subject: Subject): Promise<Contact | null> {
  const audience = audienceOf(subject);
  const contact = await ledger.contactFor(subject, audience);
  if (contact === null) return null;
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
async function liftable({ ledger }: Ports, { email }: Contact): Promise<Scope[]> {
  const scopes = await ledger.scopesOf(email);
  return LIFTED.filter((scope) => scopes.has(scope));
}
