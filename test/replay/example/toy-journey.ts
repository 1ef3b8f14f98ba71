import { sleep } from '@temporalio/workflow';
import { rulesOfThisRun } from '../../../workflows/temporal/rules.js';
import { nextReminder, type ToyChange } from './toy-policy.js';

/** The smallest journey that a change of policy can alter: each reminder is a timer. */
export async function toyJourney(): Promise<number> {
  const rules = rulesOfThisRun<ToyChange>();
  let sent = 0;
  for (let wait = nextReminder(0, rules); wait !== null; wait = nextReminder(sent, rules)) {
    await sleep(wait, { summary: `reminder ${String(sent + 1)}` });
    sent += 1;
  }
  return sent;
}
