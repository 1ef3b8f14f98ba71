import type { Client, WorkflowSignalWithStartOptions } from '@temporalio/client';
import { WorkflowNotFoundError, type SearchAttributePair } from '@temporalio/common';
import { titles } from '../domain/visibility.js';
import { TASK_QUEUES } from '../domain/activities.js';
import type { Fact, JourneyStart, Prior, SignalBatch } from '../domain/facts.js';
import { orderOf, stateOf } from '../domain/own-facts.js';
import { isKit, nameOf, STAFF, type Subject } from '../domain/subjects.js';
import { withinDeadline } from '../temporal/connection.js';
import { namespaceId, SEARCH_ATTRIBUTES } from '../temporal/namespace.js';

/**
 * What the relay asks of Temporal. Every call has a deadline of 10 s; one that passes is thrown, and says nothing:
 * it may have been applied (the workflow de-duplicates).
 */
export interface Journeys {
  /** Signals a subject's running journey; `gone` when none runs (ended, terminated, or the store was lost). */
  signal(subject: Subject, signalName: string, batch: SignalBatch): Promise<'signalled' | 'gone'>;
  /** Signals it, starting it first with `prior` when none runs (reuse policy ALLOW_DUPLICATE). */
  signalWithStart(subject: Subject, signalName: string, batch: SignalBatch, prior: Prior): Promise<void>;
  /** Whether a run of this subject is open now. */
  isRunning(subject: Subject): Promise<boolean>;
  /** Another id than last time means that all of Temporal's store was lost or replaced. */
  namespaceId(): Promise<string>;
}

const DEADLINE_MS = 10_000;

/** Temporal as the relay needs it: one workflow for each subject, its id the subject itself. */
export function createJourneys(client: Client): Journeys {
  const inTime = <T>(call: () => Promise<T>): Promise<T> => withinDeadline(client, DEADLINE_MS, call);

  return {
    async signal(subject, signalName, batch) {
      return await inTime(() =>
        orIfGone<'signalled' | 'gone'>(async () => {
          await client.workflow.getHandle(subject).signal(signalName, batch);
          return 'signalled';
        }, 'gone'),
      );
    },

    async signalWithStart(subject, signalName, batch, prior) {
      const start: JourneyStart = { name: nameOf(subject), prior, settings: batch.settings };
      await inTime(() =>
        client.workflow.signalWithStart(workflowOf(subject), {
          workflowId: subject,
          taskQueue: TASK_QUEUES.journeys,
          // The team's has its memory in the database.
          args: subject === STAFF ? [] : [start],
          signal: signalName,
          signalArgs: [batch],
          // A journey that has ended starts again when something new comes: what it knew goes along in `prior`.
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'USE_EXISTING',
          typedSearchAttributes: firstAttributes(subject, [...prior.facts, ...batch.facts]),
          ...titles(subject),
        } satisfies WorkflowSignalWithStartOptions<[SignalBatch]> & { args: [JourneyStart] | [] }),
      );
    },

    async isRunning(subject) {
      const run = await inTime(() => orIfGone(() => client.workflow.getHandle(subject).describe(), null));
      return run?.status.name === 'RUNNING';
    },

    namespaceId: () => inTime(() => namespaceId(client, client.options.namespace)),
  };
}

const workflowOf = (subject: Subject): string =>
  subject === STAFF ? 'staffJourney' : isKit(subject) ? 'kitJourney' : 'orderJourney';

async function orIfGone<T>(call: () => Promise<T>, gone: T): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return gone;
    throw error;
  }
}

/** Free at the start, one event each time later: what is set here the journey need not set again. */
function firstAttributes(subject: Subject, facts: readonly Fact[]): SearchAttributePair[] {
  if (subject === STAFF) return [{ key: SEARCH_ATTRIBUTES.attention, value: 'unreadable_webhook' }];
  const order = orderOf(subject, facts);
  const last = facts.reduce((latest, { at }) => Math.max(latest, at), 0);
  return [
    { key: SEARCH_ATTRIBUTES.state, value: stateOf(subject, facts) },
    ...(order === null ? [] : [{ key: SEARCH_ATTRIBUTES.order, value: order }]),
    ...(last === 0 ? [] : [{ key: SEARCH_ATTRIBUTES.lastEvent, value: new Date(last) }]),
  ];
}
