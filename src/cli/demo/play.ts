import { setTimeout as sleep } from 'node:timers/promises';
import type { Stories, Story } from '../../ledger/ledger.js';
import type { AdminClient } from '../admin-client.js';
import { postWebhook } from '../samples/post.js';
import { valueAt } from '../samples/paths.js';
import type { DemoKit, Step } from './kits.js';

export interface PlayOptions {
  readonly receiver: string;
  readonly secret: string;
  readonly admin: AdminClient;
  /** Told what has just happened, in a few words. */
  readonly progress: (words: string) => void;
  /** ms since the epoch; by then it must have ended. */
  readonly deadline: number;
}

/** What became of a kit: its story, and what is not as it should be. */
export interface Played {
  readonly story: Story | null;
  readonly faults: readonly string[];
}

const LOOK_EVERY_MS = 150;

/** Sends a kit's webhooks through real HTTP with real signatures, and waits until it has ended as it should. */
export async function playKit(kit: DemoKit, options: PlayOptions): Promise<Played> {
  const { progress } = options;
  if (kit.burst) {
    progress(`${String(kit.steps.length)} webhooks at once`);
    await Promise.all(kit.steps.map((step) => post(step, options)));
  } else {
    for (const step of kit.steps) {
      progress(`${step.event} sent`);
      await post(step, options);
      if (step.tells !== null) await whenTold(kit, step, options);
    }
  }
  progress('waiting until all is settled');
  return await whenSettled(kit, options);
}

async function post({ event, raw }: Step, { receiver, secret }: PlayOptions): Promise<void> {
  const { status } = await postWebhook(`${receiver}/webhooks/c4hxp`, raw, secret);
  if (status !== 200) throw new Error(`${event} was answered with ${String(status)}`);
}

async function whenTold(kit: DemoKit, { tells, raw }: Step, options: PlayOptions): Promise<void> {
  const order = valueAt(JSON.parse(raw.toString()) as object, ['data', 'order_number']);
  for (;;) {
    // Before its shipment a kit isn't known yet, only its order.
    const stories = [
      await storyOf(kit.barcode, options),
      typeof order === 'string' ? await storyOf(order, options) : null,
    ];
    const told = stories.some((story) =>
      story?.notifications.some(({ kind, status }) => kind === tells && status === 'sent'),
    );
    if (told) {
      options.progress(`${tells ?? ''} told`);
      return;
    }
    if (Date.now() > options.deadline) return;
    await sleep(LOOK_EVERY_MS);
  }
}

async function whenSettled(kit: DemoKit, options: PlayOptions): Promise<Played> {
  for (;;) {
    const story = await storyOf(kit.barcode, options);
    const faults = story === null ? ['nothing is known of it'] : kit.faults(story);
    if (faults.length === 0 || Date.now() > options.deadline) return { story, faults };
    await sleep(LOOK_EVERY_MS);
  }
}

async function storyOf(name: string, { admin }: PlayOptions): Promise<Story | null> {
  const { status, body } = await admin.post('/admin/told', { subject: name });
  if (status === 404) return null;
  if (status !== 200) throw new Error(`the admin API answered ${String(status)}`);
  const answer = body as Story | Stories;
  return 'subjects' in answer ? (answer.subjects.find(({ subject }) => subject.endsWith(`:${name}`)) ?? null) : answer;
}
