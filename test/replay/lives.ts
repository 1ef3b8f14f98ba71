import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { nameOf, type Subject } from '../../src/domain/subjects.js';
import type { Fact } from '../../src/domain/facts.js';
import { createFacts, DAY, HOUR, patient, recipient } from '../support/facts.js';
import { greylisted, LiveJourney, sent, untilCalledBack, type Outside } from '../support/journey-bench.js';
import { until } from '../support/until.js';

/** What a recorded journey lives through is told by these. */
export interface Stage {
  readonly outside: Outside;
  readonly journey: LiveJourney;
  readonly barcode: string;
  /** Tells a fact that happens now, by the server's clock. */
  readonly tell: (event: Fact['event'], more?: Partial<Fact>) => Promise<void>;
  /** Resolves when so many emails were attempted. */
  readonly emails: (count: number) => Promise<void>;
  /** Lets time pass. */
  readonly pass: (ms: number) => Promise<void>;
}

/** One journey whose history is committed: what it is about, and what happens to it. */
export interface Life {
  /** The first version under which it was recorded: a life that was thought of later. */
  readonly since?: string;
  readonly subject: Subject;
  readonly handOverAfter?: number;
  readonly live: (stage: Stage) => Promise<void>;
}

const jane = { order: 'C4H-1', person: patient('jane') };

/** Each makes other commands of the workflow: together they touch all that a replay could trip over. */
export const LIVES: Readonly<Record<string, Life>> = {
  'smooth-kit': {
    subject: 'kit:100000000001',
    async live({ tell, emails, pass, journey }) {
      await tell('kit.registered', jane);
      await emails(1);
      await pass(HOUR);
      await tell('kit.received_lab');
      await emails(2);
      await pass(HOUR);
      await tell('kit.processing_started');
      await emails(3);
      await pass(HOUR);
      await tell('results.available', { summary: 'a' });
      await emails(4);
      await pass(HOUR);
      await tell('results.reviewed');
      await emails(5);
      await journey.handle.result();
    },
  },
  order: {
    subject: 'order:C4H-1',
    async live({ tell, emails, pass, journey }) {
      await tell('order.created', { person: recipient('buyer') });
      await tell('order.confirmed');
      await emails(1);
      await pass(HOUR);
      await tell('order.shipped', { barcodes: ['100000000001'] });
      await emails(2);
      await pass(HOUR);
      await tell('order.cancelled');
      await emails(3);
      await journey.handle.result();
    },
  },
  'called-back': {
    subject: 'kit:100000000002',
    async live({ tell, emails, pass, outside }) {
      outside.attempt = (input) =>
        input.kind === 'kit.registered' ? untilCalledBack(input) : Promise.resolve(sent(input));
      await tell('kit.registered', jane);
      await emails(1);
      await tell('kit.received_lab');
      await emails(2);
      await pass(HOUR);
    },
  },
  'parked-and-retried': {
    subject: 'kit:100000000003',
    async live({ tell, pass, outside, journey }) {
      outside.attempt = greylisted;
      await tell('results.available', jane);
      await pass(73 * HOUR);
      await until('a call to staff', () => outside.alerted.length > 0);
      outside.attempt = (input) => Promise.resolve(sent(input));
      await tell('operator.retry', { cause: 'operator:2', command: { subject: journey.subject } });
      await until('the retry', () => outside.notified.at(-1)?.reopen === true);
      await pass(HOUR);
    },
  },
  'handed-over': {
    subject: 'kit:100000000004',
    handOverAfter: 10,
    async live({ tell, emails, pass, journey }) {
      await tell('kit.registered', jane);
      await emails(1);
      await pass(HOUR);
      await tell('kit.received_lab');
      await emails(2);
      await pass(HOUR);
      await tell('results.available');
      await emails(3);
      await journey.handle.result();
    },
  },
  clocks: {
    subject: 'kit:100000000005',
    async live({ tell, emails, pass, outside, barcode }) {
      await tell('order.shipped', { order: 'C4H-1', barcodes: [barcode], person: recipient('buyer') });
      await pass(8 * DAY);
      await emails(1);
      await tell('kit.registered', jane);
      await emails(2);
      await pass(6 * DAY);
      await emails(3);
      await tell('kit.received_lab');
      await emails(4);
      await pass(8 * DAY);
      await emails(5);
      await until('a question', () => outside.asked.length > 2);
    },
  },
  'bounced-then-delivered': {
    subject: 'kit:100000000006',
    async live({ tell, emails, pass }) {
      const mail = { kind: 'results.available', occurrence: 1, permanent: true } as const;
      await tell('results.available', jane);
      await emails(1);
      await pass(HOUR);
      await tell('mail.bounced', { mail });
      await pass(HOUR);
      await tell('mail.delivered', { mail });
      await pass(HOUR);
    },
  },
  'bounced-before-the-word': {
    subject: 'kit:100000000011',
    async live({ tell, emails, pass, outside }) {
      const mail = { kind: 'results.available', occurrence: 1, permanent: true } as const;
      let word: () => void = () => undefined;
      outside.attempt = (input) =>
        new Promise((resolve) => {
          word = () => {
            resolve(sent(input));
          };
        });
      await tell('results.available', jane);
      await emails(1);
      await tell('mail.bounced', { mail });
      word();
      outside.attempt = (input) => Promise.resolve(sent(input));
      await pass(HOUR);
      await tell('results.reviewed');
      await pass(HOUR);
    },
  },
  'registration-bounced': {
    subject: 'kit:100000000007',
    async live({ tell, emails, pass }) {
      await tell('kit.registered', jane);
      await emails(1);
      await pass(HOUR);
      await tell('mail.bounced', { mail: { kind: 'kit.registered', occurrence: 1, permanent: true } });
      await pass(HOUR);
      await tell('kit.received_lab');
      await emails(2);
      await pass(HOUR);
    },
  },
  'silent-at-the-lab': {
    subject: 'kit:100000000008',
    async live({ tell, emails, pass, outside }) {
      await tell('kit.received_lab', jane);
      await emails(1);
      await pass(50 * DAY);
      await until('several questions', () => outside.asked.length > 5);
      await tell('kit.processing_started');
      await emails(3);
      await pass(3 * DAY);
    },
  },
  'silent-while-the-partner-is-away': {
    subject: 'kit:100000000009',
    async live({ tell, emails, pass, outside }) {
      await tell('kit.received_lab', jane);
      await emails(1);
      await pass(13 * DAY);
      const before = outside.asked.length;
      outside.answer = () => Promise.reject(new Error('away'));
      await pass(DAY + 2 * HOUR);
      await until('a question', () => outside.asked.length > before);
      await tell('kit.processing_started');
      await emails(3);
      await pass(3 * DAY);
    },
  },
  'parked-by-the-sender': {
    subject: 'kit:100000000010',
    async live({ tell, emails, pass, outside, journey }) {
      outside.attempt = (input) =>
        Promise.resolve({ ...sent(input), status: 'deferred', reason: 'address_suppressed', address: null });
      await tell('results.available', jane);
      await emails(1);
      await pass(10 * HOUR);
      const before = outside.notified.length;
      outside.attempt = (input) => Promise.resolve(sent(input));
      await tell('operator.retry', { cause: 'operator:2', command: { subject: journey.subject } });
      await emails(before + 1);
      await pass(HOUR);
    },
  },
};

/** Lives through one on a time-skipping server whose workers serve `outside`. */
export async function live(life: Life, env: TestWorkflowEnvironment, outside: Outside): Promise<LiveJourney> {
  const { subject, handOverAfter } = life;
  const journey = new LiveJourney(env.client, subject, outside, handOverAfter === undefined ? {} : { handOverAfter });
  const { fact } = createFacts();
  await life.live({
    outside,
    journey,
    barcode: nameOf(subject),
    async tell(event, more = {}) {
      const now = await env.currentTimeMs();
      await journey.tell({ ...fact(event, 0), at: now, receivedAt: now, ...more });
    },
    async emails(count) {
      await until(`email ${String(count)}`, () => outside.notified.length >= count);
    },
    pass: (ms) => env.sleep(ms),
  });
  return journey;
}
