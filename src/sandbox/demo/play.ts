import { setTimeout as sleep } from 'node:timers/promises';
import type { SubjectAnswers, SubjectAnswer } from '../../ledger/ledger.js';
import type { Delivery } from '../partner-sim/deliveries.js';
import type { AdminClient } from '../../admin/client.js';
import { emailName } from './faults.js';
import type { DemoPartner, DemoStory, Step, Told } from './kits.js';

export interface PlayOptions {
  readonly partner: DemoPartner;
  readonly admin: AdminClient;
  /** Told what has just happened, in a few words. */
  readonly progress: (words: string) => void;
  /** ms since the epoch; by then it must have ended. */
  readonly deadline: number;
}

/** What became of a story's kits, in their order, and what is not as it should be. */
export interface Played {
  /** Null: nothing is known of that kit. */
  readonly answers: readonly (SubjectAnswer | null)[];
  readonly faults: readonly string[];
}

const LOOK_EVERY_MS = 150;
const LOOK_AT_DELIVERIES_EVERY_MS = 10;
/** In the stand-in's time, which is `TIME_SCALE` times as fast. */
const SHUFFLED_WITHIN_MS = 24_000;
/** The stand-in's retries: a minute is a second. */
export const TIME_SCALE = 60;

/** Has everything happen at the partner's, and waits until all has ended as it should. */
export async function playStory(story: DemoStory, options: PlayOptions): Promise<Played> {
  const { progress, partner } = options;
  if (story.shuffled) {
    partner.mischief({ duplicates: 1, shuffleMs: SHUFFLED_WITHIN_MS, only: namesOf(story) });
    progress(`${String(2 * story.steps.length)} webhooks at once`);
    for (const step of story.steps) step.happen(partner);
  } else {
    for (const step of story.steps) {
      progress(step.event === null ? `no webhook tells of it, so C4HXP is asked` : `${step.event} sent`);
      step.happen(partner);
      await (step.tells === null ? whenDelivered(story, step, options) : whenTold(story, step, step.tells, options));
    }
  }
  progress('waiting until all is settled');
  return await whenSettled(story, options);
}

async function whenTold(story: DemoStory, { barcode }: Step, told: Told, options: PlayOptions): Promise<void> {
  for (;;) {
    refuseRefusals(story, options);
    // Before its shipment a kit isn't known yet, only its order.
    const answers = [await answerAbout(barcode, options), await answerAbout(story.order, options)];
    const isTold = answers.some((answer) =>
      answer?.notifications.some(
        ({ kind, occurrence, status }) => kind === told.kind && occurrence === told.occurrence && status === 'sent',
      ),
    );
    if (isTold) {
      options.progress(`${emailName(told)} told`);
      return;
    }
    if (Date.now() > options.deadline) return;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Of what no email tells: the stand-in doesn't wait for one webhook before it sends the next. */
async function whenDelivered(story: DemoStory, { event }: Step, options: PlayOptions): Promise<void> {
  const isThere = (): boolean =>
    deliveriesOf(story, options).some((delivery) => delivery.event === event && delivery.state === 'delivered');
  while (!isThere() && Date.now() < options.deadline) {
    refuseRefusals(story, options);
    await sleep(LOOK_AT_DELIVERIES_EVERY_MS);
  }
}

async function whenSettled(story: DemoStory, options: PlayOptions): Promise<Played> {
  for (;;) {
    refuseRefusals(story, options);
    const answers = await Promise.all(story.kits.map(({ barcode }) => answerAbout(barcode, options)));
    const faults = story.kits.flatMap((kit, place) => {
      const answer = answers[place] ?? null;
      const found = answer === null ? ['nothing is known of it'] : kit.faults(answer);
      return story.kits.length === 1 ? found : found.map((fault) => `kit ${kit.barcode}: ${fault}`);
    });
    if (faults.length === 0 || Date.now() > options.deadline) return { answers, faults };
    await sleep(LOOK_EVERY_MS);
  }
}

/** What the receiver refuses for good would be sent five more times; a receiver that is busy only comes later. */
function refuseRefusals(story: DemoStory, options: PlayOptions): void {
  for (const { event, attempts } of deliveriesOf(story, options)) {
    const status = attempts.at(-1)?.status ?? null;
    if (status !== null && status >= 400 && status < 500)
      throw new Error(`${event} was answered with ${String(status)}`);
  }
}

const namesOf = ({ kits, order }: DemoStory): string[] => [...kits.map(({ barcode }) => barcode), order];

function deliveriesOf(story: DemoStory, { partner }: PlayOptions): Delivery[] {
  const names = namesOf(story);
  return partner.deliveries().filter(({ about }) => about !== null && names.includes(about));
}

async function answerAbout(name: string, { admin }: PlayOptions): Promise<SubjectAnswer | null> {
  const { status, body } = await admin.post('/admin/told', { subject: name });
  if (status === 404) return null;
  if (status !== 200) throw new Error(`the admin API answered ${String(status)}`);
  const answer = body as SubjectAnswer | SubjectAnswers;
  return 'subjects' in answer ? (answer.subjects.find(({ subject }) => subject.endsWith(`:${name}`)) ?? null) : answer;
}
