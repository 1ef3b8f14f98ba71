import { sql, type Queryable } from '../database/sql.js';
import { HOUR, MINUTE, SECOND } from '../domain/durations.js';
import type { Sealing } from '../sealing/sealing.js';
import type { Audit } from './audit.js';
import { isSecret, SECRET_LENGTH } from './secrets.js';
import type { Sessions } from './sessions.js';
import type { User } from '../config/users.js';

/** What became of a try. */
export type SignedIn =
  | { readonly outcome: 'done'; readonly id: string; readonly user: User }
  | { readonly outcome: 'wrong_secret' }
  /** Too many wrong ones: not even looked at. `wait`: ms. */
  | { readonly outcome: 'locked'; readonly wait: number };

interface Given {
  readonly name: string;
  readonly secret: string;
  /** By `senderOf`. */
  readonly sender: string;
}

export type SignIn = (given: Given) => Promise<SignedIn>;

/** Wrong secrets that are forgiven before each further one makes one wait, twice as long as the one before (ms). */
const LOCK = { first: 10 * SECOND, longest: 15 * MINUTE, within: HOUR } as const;
const FORGIVEN = { user: 5, sender: 20 } as const;

interface Ports {
  readonly database: Queryable;
  readonly sealing: Pick<Sealing, 'hash' | 'hashes'>;
  readonly audit: Pick<Audit, 'write'>;
  readonly sessions: Pick<Sessions, 'begin'>;
  readonly userOf: (name: string) => User | null;
  /** ms since the epoch */
  readonly clock: () => number;
}

/**
 * Signing in at the desk by name and secret. Wrong ones are counted by the audit, so by every process and after a
 * restart; the name that was typed stands there as a keyed hash only, because people type secrets into the wrong field,
 * and an unknown name is answered as a known one is. One at a time: of many that come at once each is counted before the
 * next is looked at, or all of them would be forgiven.
 */
export function createSignIn({ database, sealing, audit, sessions, userOf, clock }: Ports): SignIn {
  /** ms */
  async function lockedFor(typed: string, sender: string, now: number): Promise<number> {
    const about = sealing.hashes('subject', typed);
    const [row] = await database.query<{
      of_name: number;
      of_sender: number;
      name_at: Date | null;
      sender_at: Date | null;
    }>(
      sql`with wrong as (
          select about, at, sender from audit
            where act = 'sign_in' and outcome = 'wrong_secret' and at > ${new Date(now - LOCK.within)}
              and (sender = ${sender} or about = any(${about}::bytea[]))),
        mine as (select at from wrong where about = any(${about}::bytea[]) and at > coalesce((
            select max(a.at) from audit a
            where a.act = 'sign_in' and a.outcome = 'done' and a.about = any(${about}::bytea[])), '-infinity'))
        select (select count(*) from mine)::int as of_name, (select max(at) from mine) as name_at,
          (select count(*) from wrong where sender = ${sender})::int as of_sender,
          (select max(at) from wrong where sender = ${sender}) as sender_at`,
    );
    if (row === undefined) return 0;
    return Math.max(
      waitAfter(row.of_name - FORGIVEN.user, row.name_at, now),
      waitAfter(row.of_sender - FORGIVEN.sender, row.sender_at, now),
    );
  }

  const write = (typed: string, user: User | null, sender: string, outcome: string, at: number): Promise<void> =>
    audit.write([
      {
        actor: user === null ? null : { name: user.name, role: user.role, via: 'session' },
        act: 'sign_in',
        subject: typed,
        at,
        sender,
        outcome,
        reason: null,
      },
    ]);

  /** Null: they may try. */
  async function refused(typed: string, sender: string, now: number): Promise<SignedIn | null> {
    const wait = await lockedFor(typed, sender, now);
    if (wait === 0) return null;
    await write(typed, null, sender, 'locked', now);
    return { outcome: 'locked', wait };
  }

  async function tryOne({ name, secret, sender }: Given, typed: string): Promise<SignedIn> {
    const now = clock();
    const locked = await refused(typed, sender, now);
    if (locked !== null) return locked;
    const user = userOf(name);
    const fits = secret.length <= SECRET_LENGTH.most && (await isSecret(secret, user?.secret ?? null));
    if (user === null || !fits) {
      await write(typed, null, sender, 'wrong_secret', now);
      return { outcome: 'wrong_secret' };
    }
    // Written first: who isn't written down isn't let in.
    await write(typed, user, sender, 'done', now);
    return { outcome: 'done', id: await sessions.begin(user, 'session', now), user };
  }

  let last: Promise<unknown> = Promise.resolve();
  return async (given) => {
    const typed = `sign_in:${given.name.slice(0, SECRET_LENGTH.most)}`;
    // Whoever is locked out already needn't be waited for by those who aren't.
    const locked = await refused(typed, given.sender, clock());
    if (locked !== null) return locked;
    const next = last.then(() => tryOne(given, typed));
    last = next.catch(() => undefined);
    return await next;
  };
}

function waitAfter(beyond: number, at: Date | null, now: number): number {
  if (beyond < 0 || at === null) return 0;
  return Math.max(0, at.getTime() + Math.min(LOCK.first * 2 ** Math.min(beyond, 20), LOCK.longest) - now);
}
