import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { postWebhook } from '../../src/sandbox/samples/post.js';
import type { Subject } from '../../src/domain/subjects.js';
import type { Life, Post } from './lives.js';
import type { Random } from './random.js';

/** What became of one webhook at the receivers; times in ms since the epoch. */
export interface Sent {
  readonly post: Post;
  readonly firstAt: number;
  /** When it was first answered with 200; null: never. */
  readonly acknowledgedAt: number | null;
  /** How often it was sent, repeats included. */
  readonly times: number;
}

/** A webhook that somebody else has signed. */
export interface Forgery {
  /** A kit that only forgeries name. */
  readonly subject: Subject;
  readonly address: string;
  /** What the receivers said to it. */
  readonly answers: readonly number[];
}

export interface Sender {
  /** Sends a life's webhooks, each when it is due, until each was acknowledged. */
  lead(life: Life): void;
  /** Sends a webhook with a wrong signature, once. */
  forge(forgery: { readonly subject: Subject; readonly address: string; readonly raw: Buffer }): void;
  readonly sent: readonly Sent[];
  readonly forgeries: readonly Forgery[];
  /** How many were not acknowledged yet. */
  waiting(): number;
  stop(): Promise<void>;
}

export interface SenderOptions {
  readonly urls: readonly [string, ...string[]];
  readonly secret: string;
  readonly random: Random;
}

/** Of so many webhooks one comes once more, though it was acknowledged: the partner delivers at least once. */
const ONE_REPEAT_IN = 8;

/** Posts webhooks to any of the receivers as C4HXP does, and remembers which were answered with 200. */
export function createSender({ urls, secret, random }: SenderOptions): Sender {
  const sent: { post: Post; firstAt: number; acknowledgedAt: number | null; times: number }[] = [];
  const forgeries: Forgery[] = [];
  const stopping = new AbortController();
  // Each webhook that waits for its turn listens.
  setMaxListeners(0, stopping.signal);
  const running = new Set<Promise<void>>();
  let due = 0;

  const run = (work: Promise<void>): void => {
    const ended = work.finally(() => running.delete(ended));
    running.add(ended);
  };
  const pause = async (ms: number): Promise<void> => {
    await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  };
  /** The answer's status; null where there was none. */
  const post = async (raw: Buffer, signedWith: string): Promise<number | null> =>
    postWebhook(random.pick(urls), raw, signedWith).then(
      ({ status }) => status,
      () => null,
    );

  async function deliver(one: Post): Promise<void> {
    await pause(one.after);
    const entry = { post: one, firstAt: Date.now(), acknowledgedAt: null as number | null, times: 0 };
    sent.push(entry);
    due -= 1;
    while (!stopping.signal.aborted) {
      entry.times += 1;
      if ((await post(one.raw, secret)) === 200) break;
      await pause(random.between(500, 2_500));
    }
    if (stopping.signal.aborted) return;
    entry.acknowledgedAt = Date.now();
    if (random.between(1, ONE_REPEAT_IN) > 1) return;
    await pause(random.between(0, 5_000));
    entry.times += 1;
    await post(one.raw, secret);
  }

  return {
    sent,
    forgeries,
    lead({ posts }) {
      due += posts.length;
      for (const one of posts) run(deliver(one));
    },
    forge({ subject, address, raw }) {
      const answers: number[] = [];
      forgeries.push({ subject, address, answers });
      run(
        post(raw, `not-${secret}`).then((status) => {
          if (status !== null) answers.push(status);
        }),
      );
    },
    waiting: () => due + sent.filter(({ acknowledgedAt }) => acknowledgedAt === null).length,
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
