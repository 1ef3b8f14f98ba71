import type { Database } from '../database/database.js';
import type { Sealing } from '../sealing/sealing.js';
import { type Audit, createAudit } from './audit.js';
import { createSessions, type Sessions } from './sessions.js';
import { createSignIn, type SignIn } from './sign-in.js';
import type { User } from '../config/users.js';

/** Who operators are, who of them is signed in, and what they did. */
export interface Access {
  readonly audit: Audit;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly userOf: (name: string) => User | null;
}

interface Ports {
  readonly database: Database;
  readonly sealing: Sealing;
  /** As they are now. */
  readonly users: () => readonly User[];
  /** ms since the epoch */
  readonly clock: () => number;
}

export function createAccess({ database, sealing, users, clock }: Ports): Access {
  const userOf = (name: string): User | null => users().find((user) => user.name === name) ?? null;
  const audit = createAudit(database, sealing);
  const sessions = createSessions({ database, sealing, userOf });
  return { audit, sessions, userOf, signIn: createSignIn({ database, sealing, audit, sessions, userOf, clock }) };
}
