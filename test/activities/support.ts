import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { NotifyInput } from '../../src/domain/activities.js';
import type { EmailInput, Emails, Mailer } from '../../src/email/types.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { createActivities, type ActivityPorts } from '../../activities/create-activities.js';
import { decision, T0, VIEW, KIT } from '../ledger/support.js';

/** Plain emails: what a template looks like is another room's matter. */
export function plainEmails(): Emails & { readonly inputs: EmailInput[] } {
  const inputs: EmailInput[] = [];
  return {
    inputs,
    compose(input) {
      inputs.push(input);
      return Promise.resolve({
        from: { name: 'Lab', address: 'hello@lab.example' },
        replyTo: null,
        to: input.to,
        messageId: input.messageId,
        subject: `${input.kind} ${input.person?.firstName ?? ''}`,
        html: '<p>Hello</p>',
        text: 'Hello',
        headers: {},
      });
    },
  };
}

export const notify = (over: Partial<NotifyInput> = {}): NotifyInput => ({
  ...decision(),
  journey: KIT,
  audience: 'patient',
  sourceSeq: null,
  tooLateAt: null,
  tooLateMeans: 'not_sent',
  quietExemptUntil: null,
  firstWord: false,
  expectedDelivery: null,
  expectedCompletion: null,
  shippedAt: null,
  projection: VIEW,
  ...over,
});

export interface Logged {
  readonly event: string;
  readonly about: object;
}

export function activitiesWith(
  ledger: Ledger,
  mailer: Mailer,
  over: Partial<ActivityPorts> = {},
): ReturnType<typeof createActivities> & { readonly logged: Logged[] } {
  const logged: Logged[] = [];
  return {
    logged,
    ...createActivities({
      ledger,
      mailer,
      emails: plainEmails(),
      settings: () => ({ switchedOff: [], quietHours: null, defaultTimeZone: 'UTC' }),
      stopUrl: (topic, address) => `https://lab.example/stop/${topic}/${address}`,
      alertEmail: ['team@lab.example'],
      priorOf: () => Promise.resolve({ facts: [], notifications: [] }),
      policy: () => {
        throw new Error('no policy in this test');
      },
      questions: null,
      keep: () => Promise.reject(new Error('no inbox in this test')),
      isErased: () => Promise.resolve(false),
      maintenance: () => Promise.resolve(null),
      retention: { run: () => Promise.reject(new Error('no retention in this test')) },
      load: () => 0,
      clock: () => T0,
      log: (event, about) => logged.push({ event, about }),
      ...over,
    }),
  };
}

// Failures are what these tests ask for: no need to print them.
const QUIET = new DefaultLogger('ERROR', () => undefined);

/** As Temporal runs an activity: with a context, an attempt's number, and a way to cancel it. */
export function attempt<A, R>(
  activity: (input: A) => Promise<R>,
  [input]: readonly [A],
  number = 1,
): { readonly result: Promise<R>; cancel(): void } {
  const environment = new MockActivityEnvironment({ attempt: number, activityId: randomUUID() }, { logger: QUIET });
  return {
    result: environment.run(activity, input),
    cancel: () => {
      environment.cancel();
    },
  };
}
