import { randomBytes } from 'node:crypto';
import { sql, type Queryable } from '../database/sql.js';
import { HOUR, MINUTE } from '../domain/durations.js';
import { encodeHash, type Sealing } from '../sealing/sealing.js';
import type { Actor } from './identity.js';
import type { User } from '../config/users.js';

/** How long a session lasts, in ms: without being used, and in all. */
const SESSION_LIMITS = { idle: 30 * MINUTE, absolute: 12 * HOUR } as const;

/** Somebody who is signed in. */
export interface Session {
  readonly actor: Actor;
  /** What each form carries, so that no other site's form counts. */
  readonly csrf: string;
  /** Ends it, whatever happens (ms since the epoch). */
  readonly endsAt: number;
}

export interface Sessions {
  /** Begins one. @returns the id, which only the browser keeps. */
  begin(user: User, via: 'session' | 'proxy', now: number): Promise<string>;
  /** Whose session it is, and that it is used now; null where it has ended, or its user's entry in USERS is another. */
  use(id: string, now: number): Promise<Session | null>;
  end(id: string): Promise<void>;
  /** Ends every session of a user. @returns how many there were. */
  endAllOf(name: string): Promise<number>;
}

/** 256 bits, in base64url. */
const ID = /^[\w-]{43}$/;

interface Ports {
  readonly database: Queryable;
  readonly sealing: Pick<Sealing, 'hash' | 'hashes'>;
  /** As USERS has it now; null: nobody has this name. */
  readonly userOf: (name: string) => User | null;
}

/** Sessions of the desk: in the database, so that every process knows them; of the id only the keyed hash is kept. */
export function createSessions({ database, sealing, userOf }: Ports): Sessions {
  const hashesOf = (id: string): Buffer[] => sealing.hashes('operator', `session ${id}`);
  const isCredentialOf = (credential: Buffer, { line }: User): boolean =>
    sealing.hashes('operator', `user ${line}`).some((hash) => hash.equals(credential));

  return {
    async begin(user, via, now) {
      const id = randomBytes(32).toString('base64url');
      await database.query(sql`delete from sessions where ${ended(now)}`);
      await database.query(
        sql`insert into sessions (id_hash, user_name, via, credential, created_at, seen_at)
          values (${sealing.hash('operator', `session ${id}`)}, ${user.name}, ${via},
            ${sealing.hash('operator', `user ${user.line}`)}, ${new Date(now)}, ${new Date(now)})`,
      );
      return id;
    },
    async use(id, now) {
      if (!ID.test(id)) return null;
      const [row] = await database.query<{
        user_name: string;
        via: 'session' | 'proxy';
        credential: Buffer;
        created_at: Date;
      }>(
        sql`update sessions set seen_at = greatest(seen_at, ${new Date(now)})
          where id_hash = any(${hashesOf(id)}::bytea[]) and not (${ended(now)})
          returning user_name, via, credential, created_at`,
      );
      const user = row === undefined ? null : userOf(row.user_name);
      if (row === undefined || user === null || !isCredentialOf(row.credential, user)) return null;
      return {
        actor: { name: user.name, role: user.role, via: row.via },
        csrf: encodeHash(sealing.hash('operator', `csrf ${id}`)),
        endsAt: row.created_at.getTime() + SESSION_LIMITS.absolute,
      };
    },
    async end(id) {
      await database.query(sql`delete from sessions where id_hash = any(${hashesOf(id)}::bytea[])`);
    },
    async endAllOf(name) {
      const gone = await database.query(sql`delete from sessions where user_name = ${name} returning user_name`);
      return gone.length;
    },
  };
}

const ended = (now: number) =>
  sql`seen_at <= ${new Date(now - SESSION_LIMITS.idle)} or created_at <= ${new Date(now - SESSION_LIMITS.absolute)}`;
