import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Queryable } from './sql.js';

/** What one process tells others by the database: something new was committed. Nothing is in it, and it may be lost. */
const NOTIFY = 'notify kit_herald_committed';
const LISTEN = 'listen kit_herald_committed';
const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_AFTER_MS = 5_000;
/** Between two notices, whatever is committed meanwhile. */
const GAP_MS = 20;
/** Each listener has itself told so often, by another session: what it doesn't hear nobody would hear. */
const PROOF_EVERY_MS = 10_000;
const BELIEVED_FOR_MS = 25_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** Tells the processes that listen. */
export interface Notifier {
  /** Soon, over a connection of its own; waits for nothing. */
  notify(): void;
  close(): Promise<void>;
}

/** Hears from the processes that notify. */
export interface Listener {
  /** Whether what is told now would be heard: proven by something heard lately. */
  isListening(): boolean;
  close(): Promise<void>;
}

/**
 * At its commit NOTIFY takes a lock of the whole server, which only others that notify wait for: so it is never part of a
 * transaction that keeps something, but a statement by itself, one for all that is committed within 20 ms. One that
 * fails is dropped: who sweeps finds the rest.
 */
export function createNotifier(url: string): Notifier {
  const closing = new AbortController();
  let client: pg.Client | null = null;
  let isAsked = false;
  let telling: Promise<void> | null = null;

  async function tell(): Promise<void> {
    while (isAsked && !closing.signal.aborted) {
      isAsked = false;
      try {
        client ??= await connect(url, () => {
          client = null;
        });
        await client.query(NOTIFY);
        await pause(GAP_MS, closing.signal);
      } catch {
        client?.end().catch(() => undefined);
        client = null;
        await pause(FIRST_PAUSE_MS, closing.signal);
      }
    }
    telling = null;
  }

  return {
    notify() {
      isAsked = true;
      telling ??= tell();
    },
    async close() {
      closing.abort();
      await telling;
      await client?.end().catch(() => undefined);
    },
  };
}

/**
 * Calls `onNotice` for what others commit. A connection that is lost, or on which nothing is heard (a server that has
 * moved, a pooler in transaction mode), is made anew.
 * @param others sessions other than the listener's own: it proves by them that it hears.
 */
export function createListener(url: string, others: Queryable, onNotice: () => void): Listener {
  const closing = new AbortController();
  let heardAt = Number.NEGATIVE_INFINITY;
  const isListening = (): boolean => performance.now() - heardAt < BELIEVED_FOR_MS;

  async function listen(): Promise<void> {
    for (let wait = FIRST_PAUSE_MS; !closing.signal.aborted; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      await listenOnce().catch(() => undefined);
      if (isListening()) wait = FIRST_PAUSE_MS;
      heardAt = Number.NEGATIVE_INFINITY;
      await pause(wait, closing.signal);
    }
  }

  /** Until the connection ends, or says nothing. */
  async function listenOnce(): Promise<void> {
    const ended = new AbortController();
    const over = AbortSignal.any([closing.signal, ended.signal]);
    const client = await connect(url, () => {
      ended.abort();
    });
    try {
      client.on('notification', () => {
        heardAt = performance.now();
        onNotice();
      });
      await client.query(LISTEN);
      const since = performance.now();
      while (!over.aborted && (isListening() || performance.now() - since < BELIEVED_FOR_MS)) {
        await others.query(NOTIFY).catch(() => undefined);
        await pause(PROOF_EVERY_MS, over);
      }
    } finally {
      client.end().catch(() => undefined);
    }
  }

  const running = listen();
  return {
    isListening,
    async close() {
      closing.abort();
      await running;
    },
  };
}

async function connect(url: string, onEnd: () => void): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
  });
  // There before the first packet: an error that nobody listens for would end the process.
  client.on('error', onEnd);
  client.on('end', onEnd);
  await client.connect();
  return client;
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
