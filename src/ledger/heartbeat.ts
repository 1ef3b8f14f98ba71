import { randomUUID } from 'node:crypto';
import { sql, type Queryable, type Sql } from '../database/sql.js';

/** So often a living process says that it is alive. */
const BEAT_EVERY_MS = 3_000;
/** By the database's clock: one that has said nothing for so long has stopped. */
const STOPPED_AFTER_SECONDS = 12;
/** By its own clock, counted from before it last said so: a process gives itself up before others do. */
const LOST_AFTER_MS = 9_000;
/** A beat that is stuck in a dead connection doesn't keep the next one from trying another. */
const STUCK_AFTER_MS = 6_000;

const silence = sql`make_interval(secs => ${sql.raw(String(STOPPED_AFTER_SECONDS))})`;

/**
 * SQL: an array of the processes that have stopped beating, read once a statement. A process that never beat, or was
 * struck off at its clean stop, is not among them: then only the end of a lease counts.
 */
export const stoppedOwners: Sql = sql`array(select p.owner from processes p where p.beat_at <= now() - ${silence})`;

/** SQL: whether `owner` has beaten lately enough to be held for alive by everybody. */
export const isBeating = (owner: Sql): Sql =>
  sql`exists (select from processes p where p.owner = ${owner} and p.beat_at > now() - ${silence})`;

/** SQL: when `owner` counts as stopped unless it says something meanwhile; null where it never beat. */
export const stopsAt = (owner: Sql): Sql =>
  sql`(select p.beat_at + ${silence} from processes p where p.owner = ${owner})`;

/** That a process is alive, written to the database for others to see. */
export interface Heartbeat {
  /** Names this process, in this life of it: what it leases is under this name. */
  readonly owner: string;
  /** Beats every 3 s from now on. */
  readonly start: () => void;
  /** Beats unless it did within the last 3 s. Rejects where the database can't be reached. */
  readonly ensure: () => Promise<void>;
  /** Beats no more; `nothingHeld` strikes the process off, else others take over what it holds 12 s later. */
  readonly stop: (nothingHeld: boolean) => Promise<void>;
}

/**
 * @param onLost is called when no beat has come through for 9 s: others may soon take over what this process holds.
 */
export function createHeartbeat(database: Queryable, onLost: () => void): Heartbeat {
  const owner = randomUUID();
  let latest: { readonly asked: number; readonly done: Promise<void> } | null = null;
  let beating: NodeJS.Timeout | undefined;
  let losing: NodeJS.Timeout | undefined;

  async function write(asked: number): Promise<void> {
    await database.query(sql`insert into processes (owner, beat_at) values (${owner}, now())
      on conflict (owner) do update set beat_at = excluded.beat_at`);
    if (beating === undefined) return;
    clearTimeout(losing);
    losing = setTimeout(onLost, asked + LOST_AFTER_MS - performance.now()).unref();
  }

  function beat(): Promise<void> {
    const asked = performance.now();
    const done = write(asked);
    const made = { asked, done };
    latest = made;
    return done.catch((error: unknown) => {
      if (latest === made) latest = null;
      throw error;
    });
  }

  const isWithin = (ms: number): boolean => latest !== null && performance.now() - latest.asked < ms;

  return {
    owner,
    start() {
      if (beating !== undefined) return;
      let waiting = false;
      const tick = (): void => {
        if (waiting && isWithin(STUCK_AFTER_MS)) return;
        waiting = true;
        void beat()
          .catch(() => undefined)
          .then(() => (waiting = false));
      };
      beating = setInterval(tick, BEAT_EVERY_MS).unref();
      tick();
      void forgetTheDead(database);
    },
    async ensure() {
      if (latest !== null && isWithin(BEAT_EVERY_MS)) await latest.done;
      else await beat();
    },
    async stop(nothingHeld) {
      clearInterval(beating);
      clearTimeout(losing);
      beating = undefined;
      await latest?.done.catch(() => undefined);
      if (nothingHeld) await database.query(sql`delete from processes where owner = ${owner}`);
    },
  };
}

/** Their leases have long ended; killed processes leave a row behind. */
async function forgetTheDead(database: Queryable): Promise<void> {
  await database.query(`delete from processes where beat_at < now() - interval '1 hour'`).catch(() => undefined);
}
