import { setTimeout as sleep } from 'node:timers/promises';
import type { SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';
import type { Killable } from './infrastructure.js';
import type { Fault } from './plan.js';
import type { Random } from './random.js';
import type { System } from './system.js';

/** Several may last at a time; each begins and ends by itself. */
export interface MailTroubles {
  losing: number;
  greylisting: number;
  away: number;
}

const GREYLISTED_FOR_MS = 60_000;

/** A mail server that takes its time, and does what the troubles say. */
export function mailTroubles(smtp: SmtpSink, random: Random): MailTroubles {
  const troubles: MailTroubles = { losing: 0, greylisting: 0, away: 0 };
  const greylisted = new Map<string, number>();
  smtp.behave((address) => {
    const since = greylisted.get(address);
    if (since === undefined && (troubles.greylisting === 0 || smtp.attempts(address) > 1)) return undefined;
    greylisted.set(address, since ?? Date.now());
    return Date.now() - (since ?? Date.now()) >= GREYLISTED_FOR_MS
      ? undefined
      : { code: 451, text: '4.7.1 Greylisted, please try again later' };
  });
  // Processes die in the middle of a dialogue, too.
  smtp.take(() => ({ after: random.between(0, 400), answer: troubles.losing === 0 || random.between(1, 3) > 1 }));
  return troubles;
}

/** Has a fault begin and end; resolves when what was killed, or has stopped, is being started again. */
export async function inflict({ name, lasts }: Fault, system: System, mail: MailTroubles): Promise<void> {
  const { members, postgres, temporal, smtp } = system;
  const forAWhile = async (server: Killable): Promise<void> => {
    await serially(server, async () => {
      await server.kill();
      await sleep(lasts);
      await comeBack(() => server.restart());
    });
  };
  const trouble = async (which: keyof MailTroubles): Promise<void> => {
    mail[which] += 1;
    await sleep(lasts);
    mail[which] -= 1;
  };
  switch (name) {
    case 'receiver A killed':
    case 'receiver B killed':
    case 'worker A killed':
    case 'worker B killed':
      members[name.replace(' killed', '') as keyof typeof members].kill(lasts);
      await sleep(lasts);
      return;
    case 'both workers killed':
      members['worker A'].kill(lasts);
      members['worker B'].kill(lasts);
      await sleep(lasts);
      return;
    case 'receiver A stopped':
    case 'receiver B stopped':
    case 'worker A stopped':
    case 'worker B stopped':
      await members[name.replace(' stopped', '') as keyof typeof members].stop(lasts);
      return;
    case 'both workers stopped':
      await Promise.all([members['worker A'].stop(lasts), members['worker B'].stop(lasts)]);
      return;
    case 'PostgreSQL killed':
      await forAWhile(postgres);
      return;
    case 'Temporal killed':
      await forAWhile(temporal);
      return;
    case 'worker, PostgreSQL and Temporal killed':
      members['worker A'].kill(lasts);
      await Promise.all([forAWhile(postgres), sleep(300).then(() => forAWhile(temporal))]);
      return;
    case 'mail replies lost':
      await trouble('losing');
      return;
    case 'greylisting':
      await trouble('greylisting');
      return;
    case 'mail server away':
      await serially(smtp, async () => {
        await smtp.goAway();
        await sleep(lasts);
        await comeBack(() => smtp.comeBack());
      });
  }
}

/** Its port may be taken for a moment, and on a busy machine a server may take longer than it gives itself. */
async function comeBack(restart: () => Promise<void>): Promise<void> {
  await until('a killed server to be back', () => restart().then(() => true), { seconds: 300 });
}

const queues = new WeakMap<object, Promise<void>>();

/** What is dead already can't be killed: faults of one server come one after the other. */
function serially(server: object, work: () => Promise<void>): Promise<void> {
  const done = (queues.get(server) ?? Promise.resolve()).then(work);
  queues.set(server, done);
  return done;
}
