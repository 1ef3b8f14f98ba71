import type { Role } from '../domain/roles.js';

/** What a role may be allowed to do. */
export type Permission =
  /** Look at stories and lists; people are masked. */
  | 'read'
  /** See a patient's first name, as the greeting of their emails has it. */
  | 'first_name'
  /** Retry, skip, release, acknowledge, correct a contact, opt out, replay. */
  | 'command'
  /** Forget a patient. */
  | 'erase'
  /** See a patient's name or address, one at a time and for a reason. */
  | 'unmask'
  /** See who looked and who did. */
  | 'audit'
  /** End anybody's sessions, and all that a route has named no permission for. */
  | 'administer';

/** Who may do what: the only table of it. */
const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  reader: ['read'],
  support: ['read', 'first_name', 'command'],
  privacy: ['read', 'first_name', 'erase', 'unmask', 'audit'],
  admin: ['read', 'first_name', 'command', 'erase', 'unmask', 'audit', 'administer'],
};

/** Who asks, as it was proved by a token, by a session of the desk, or by an authenticating proxy. */
export interface Actor {
  /** A name of USERS; `admin-token` and `support-token` for machines. */
  readonly name: string;
  readonly role: Role;
  readonly via: 'token' | 'session' | 'proxy';
}

export const mayDo = ({ role }: Pick<Actor, 'role'>, permission: Permission): boolean =>
  PERMISSIONS[role].includes(permission);

/**
 * Who is written down as having asked for something: whoever has proved who they are. A machine with a token may say for
 * whom it asks, which proves nothing and stands beside its own name.
 */
export const askedBy = ({ name, via }: Actor, onBehalfOf: string | undefined): string =>
  via === 'token' && onBehalfOf !== undefined ? `${name}, for ${onBehalfOf}` : name;

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until it is known who asks; never null in a handler of a guarded route. */
    actor: Actor | null;
  }
  interface FastifyContextConfig {
    /** What an actor must be allowed to do. A route that names nothing is for admins only. */
    readonly needs?: Permission;
  }
}
