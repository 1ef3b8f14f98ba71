import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Kind } from '../domain/kinds.js';
import { operatorsCause } from '../domain/notifications.js';
import type { Scope } from '../ledger/ledger.js';
import { usableAddress } from '../domain/address.js';
import type { Person } from '../domain/arrivals.js';
import type { Command } from '../domain/facts.js';
import { audienceOf } from '../domain/people.js';
import type { Subject } from '../domain/subjects.js';
import { liftable, ownerOf } from './address-stops.js';
import { assertApplies, type Action } from './applies.js';
import { commandArrival, EVENT_OF } from './command-arrival.js';
import type { AdminPorts } from './ports.js';
import { Problem } from './problems.js';
import { idempotencyKey } from './schemas.js';

interface CommandBody {
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
export async function askCommand(
  ports: AdminPorts,
  subject: Subject,
  action: Action,
  body: CommandBody,
  headers: IncomingHttpHeaders,
): Promise<Accepted> {
  const id = readKey(headers) ?? `op_${randomUUID()}`;
  const accepted = {
    asked: action,
    subject,
    cause: operatorsCause(id),
    kind: body.kind ?? null,
    occurrence: body.occurrence ?? null,
  };
  if (await wasAsked(ports, subject, action, id)) return { ...accepted, lifted: [], repeated: true };

  const summary = await ports.ledger.summaryOf(subject);
  if (summary === null) throw new Problem(404, 'not_found', 'Nothing is known under that.');
  if (summary.erased) throw new Problem(409, 'erased', 'This patient was forgotten on request: nobody can be told.');
  const own = (await ports.ledger.notificationStates(subject)).filter((told) => told.subject === subject);
  const command: Command = {
    subject,
    ...(body.kind === undefined ? {} : { kind: body.kind }),
    ...(body.occurrence === undefined ? {} : { occurrence: body.occurrence }),
    ...(body.resend === true ? { resend: true } : {}),
  };
  const owner = action === 'opt-out' || body.lift === true ? await ownerOf(ports, subject) : null;
  const lifted = owner !== null && body.lift === true ? await liftable(ports, owner) : [];
  assertApplies(action, command, own, lifted.length > 0);
  const person = body.email === undefined ? null : await corrected(ports, subject, body.email, body);

  const arrival = commandArrival({ subject, action, command, id, person, body, at: ports.clock() }, ports.hash);
  // Before the journey hears of it. After a crash in between, whoever got no answer asks again.
  if (owner !== null) {
    if (action === 'opt-out') await ports.ledger.suppress(owner.address, 'all', accepted.cause, ports.clock());
    for (const scope of lifted) await ports.ledger.lift(owner.address, scope);
  }
  const { fresh } = await ports.keep(arrival);
  return { ...accepted, lifted, repeated: !fresh };
}

function readKey(headers: IncomingHttpHeaders): string | null {
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
  if (known !== null && known.address === ledger.addressOf(address) && !decides) {
    throw new Problem(409, 'same_address', 'That is the address we have. To send again what was sent, ask to resend.');
  }
  const before = isContested ? NOBODY : (known?.person ?? NOBODY);
  const given = isNamed(body) ? { firstName: body.firstName ?? null, lastName: body.lastName ?? null } : {};
  return { ...before, ...given, email: address };
}

const NOBODY = { firstName: null, lastName: null, locale: null, zone: null };

const isNamed = ({ firstName, lastName }: CommandBody): boolean => firstName !== undefined || lastName !== undefined;
