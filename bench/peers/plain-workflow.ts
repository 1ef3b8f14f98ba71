import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type * as activities from './plain-activities.js';

const { sendEmail } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });

export const news = defineSignal<[string]>('news');

/** Emails an address for each signal: no ledger, no timers, no policy. It ends after its first, so that none piles up. */
export async function plain(): Promise<void> {
  const waiting: string[] = [];
  setHandler(news, (address) => {
    waiting.push(address);
  });
  await condition(() => waiting.length > 0);
  for (let to = waiting.shift(); to !== undefined; to = waiting.shift()) await sendEmail(to);
}
