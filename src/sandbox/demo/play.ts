import { setTimeout as sleep } from 'node:timers/promises';
import type { SubjectAnswers, SubjectAnswer } from '../../ledger/ledger.js';
import type { Delivery } from '../partner-sim/deliveries.js';
import type { AdminClient } from '../../admin/client.js';
import type { DemoKit, DemoPartner, Step } from './kits.js';

export interface PlayOptions {
  readonly partner: DemoPartner;
  readonly admin: AdminClient;
  /** Told what has just happened, in a few words. */
  readonly progress: (words: string) => void;
  /** ms since the epoch; by then it must have ended. */
  readonly deadline: number;
}

/** What became of a kit: its story, and what is not as it should be. */
export interface Played {
  readonly story: SubjectAnswer | null;
  readonly faults: readonly string[];
}

const LOOK_EVERY_MS = 150;
const LOOK_AT_DELIVERIES_EVERY_MS = 10;
/** In the stand-in's time, which is `TIME_SCALE` times as fast. */
const SHUFFLED_WITHIN_MS = 24_000;
/** The stand-in's retries: a minute is a second. */
export const TIME_SCALE = 60;

/** Has everything happen to a kit at the partner's, and waits until it has ended as it should. */
export async function playKit(kit: DemoKit, options: PlayOptions): Promise<Played> {
  const { progress, partner } = options;
  if (kit.shuffled) {
    partner.mischief({ duplicates: 1, shuffleMs: SHUFFLED_WITHIN_MS, only: [kit.barcode, kit.order] });
    progress(`${String(2 * kit.steps.length)} webhooks at once`);
    for (const step of kit.steps) step.happen(partner);
  } else {
    for (const step of kit.steps) {
      progress(`${step.event} sent`);
      step.happen(partner);
      await (step.tells === null ? whenDelivered : whenTold)(kit, step, options);
    }
  }
  progress('waiting until all is settled');
  return await whenSettled(kit, options);
}

async function whenTold(kit: DemoKit, { tells }: Step, options: PlayOptions): Promise<void> {
  for (;;) {
    refuseRefusals(kit, options);
    // Before its shipment a kit isn't known yet, only its order.
    const stories = [await storyOf(kit.barcode, options), await storyOf(kit.order, options)];
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

/** Of what no email tells: the stand-in doesn't wait for one webhook before it sends the next. */
async function whenDelivered(kit: DemoKit, { event }: Step, options: PlayOptions): Promise<void> {
  const isThere = (): boolean =>
    deliveriesOf(kit, options).some((delivery) => delivery.event === event && delivery.state === 'delivered');
  while (!isThere() && Date.now() < options.deadline) {
    refuseRefusals(kit, options);
    await sleep(LOOK_AT_DELIVERIES_EVERY_MS);
  }
}

async function whenSettled(kit: DemoKit, options: PlayOptions): Promise<Played> {
  for (;;) {
    refuseRefusals(kit, options);
    const story = await storyOf(kit.barcode, options);
    const faults = story === null ? ['nothing is known of it'] : kit.faults(story);
    if (faults.length === 0 || Date.now() > options.deadline) return { story, faults };
    await sleep(LOOK_EVERY_MS);
  }
}

/** What the receiver refuses for good would be sent five more times; a receiver that is busy only comes later. */
function refuseRefusals(kit: DemoKit, options: PlayOptions): void {
  for (const { event, attempts } of deliveriesOf(kit, options)) {
    const status = attempts.at(-1)?.status ?? null;
    if (status !== null && status >= 400 && status < 500)
      throw new Error(`${event} was answered with ${String(status)}`);
  }
}

const deliveriesOf = ({ barcode, order }: DemoKit, { partner }: PlayOptions): Delivery[] =>
  partner.deliveries().filter(({ about }) => about === barcode || about === order);

async function storyOf(name: string, { admin }: PlayOptions): Promise<SubjectAnswer | null> {
  const { status, body } = await admin.post('/admin/told', { subject: name });
  if (status === 404) return null;
  if (status !== 200) throw new Error(`the admin API answered ${String(status)}`);
  const answer = body as SubjectAnswer | SubjectAnswers;
  return 'subjects' in answer ? (answer.subjects.find(({ subject }) => subject.endsWith(`:${name}`)) ?? null) : answer;
}
