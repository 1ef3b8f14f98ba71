import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Queryable } from './sql.js';

/**
 * What one process tells others by the database: something new was committed. Beside it only how much comes in, and on
 * which machine: `812 receiver-1`. It may be lost.
 */
const NOTIFY = "select pg_notify('kit_herald_committed', $1)";
const LISTEN = 'listen kit_herald_committed';
/** A notice is as good as new for so long: of a receiver that has become quiet none comes. */
const LOAD_BELIEVED_FOR_MS = 1_500;
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
  /** Webhooks a second that others on this machine say come in: these share its processors. */
  load(): number;
  /** Calls back for what others commit. */
  onNotice(listener: () => void): void;
  close(): Promise<void>;
}

/**
 * At its commit NOTIFY takes a lock of the whole server, which only others that notify wait for: so it is never part of a
 * transaction that keeps something, but a statement by itself, one for all that is committed within 20 ms. One that
 * fails is dropped: who sweeps finds the rest.
 * @param load how many webhooks a second come in.
 */
export function createNotifier(url: string, load: () => number): Notifier {
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
        await client.query(NOTIFY, [noticeOf(load(), hostname())]);
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
 * Hears of what others commit. A connection that is lost, or on which nothing is heard (a server that has
 * moved, a pooler in transaction mode), is made anew.
 * @param others sessions other than the listener's own: it proves by them that it hears.
 */
export function createListener(url: string, others: Queryable): Listener {
  const closing = new AbortController();
  const listeners: (() => void)[] = [];
  /** By the session that tells. */
  const loads = new Map<number, { readonly at: number; readonly load: number }>();
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
      client.on('notification', ({ processId, payload }) => {
        heardAt = performance.now();
        const load = loadIn(payload ?? '', hostname());
        if (load > 0) loads.set(processId, { at: heardAt, load });
        for (const listener of listeners) listener();
      });
      await client.query(LISTEN);
      const since = performance.now();
      while (!over.aborted && (isListening() || performance.now() - since < BELIEVED_FOR_MS)) {
        await others.query(NOTIFY, ['']).catch(() => undefined);
        await pause(PROOF_EVERY_MS, over);
      }
    } finally {
      client.end().catch(() => undefined);
    }
  }

  function load(): number {
    const since = performance.now() - LOAD_BELIEVED_FOR_MS;
    let sum = 0;
    for (const [session, told] of loads) {
      if (told.at < since) loads.delete(session);
      else sum += told.load;
    }
    return sum;
  }

  const running = listen();
  return {
    isListening,
    load,
    onNotice: (listener) => void listeners.push(listener),
    async close() {
      closing.abort();
      await running;
    },
  };
}

const noticeOf = (load: number, host: string): string => `${String(Math.round(load))} ${host}`;

/** How much a notice says comes in, where it is from this machine. */
function loadIn(notice: string, host: string): number {
  const [load, ...from] = notice.split(' ');
  return from.join(' ') === host && /^\d+$/.test(load ?? '') ? Number(load) : 0;
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
