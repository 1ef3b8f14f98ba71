import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  proxyActivities,
  proxyLocalActivities,
  TimeoutFailure,
} from '@temporalio/workflow';
import { decodeTimeoutType, type ProtoFailure } from '@temporalio/common';
import {
  type AskInput,
  type Death,
  type EmailActivities,
  type LocalActivities,
  type PartnerActivities,
  TASK_QUEUES,
  type UpkeepActivities,
} from '../../src/domain/activities.js';
import { type Kind, queueOptionsOf } from '../../src/domain/kinds.js';
import { ASKED_FOR, QUESTION_RANKS } from '../../src/domain/partner-calls.js';

/** What a journey has done by the worker between two of its steps: short, repeated until it succeeds. */
export const local = proxyLocalActivities<LocalActivities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '1m' },
});

const REMOTE: ActivityOptions = {
  startToCloseTimeout: '2m',
  // What a dead worker was sending goes on elsewhere within 15 s: its claim is free after 12 (src/ledger/heartbeat.ts).
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1h' },
  // The SDK would report a running send as cancelled although it goes out.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/** Emails; how long each is tried is among its own options. */
export const email = proxyActivities<EmailActivities>({ ...REMOTE, taskQueue: TASK_QUEUES.email });

/** Questions to the partner; how long each is asked is among its own options. */
export const partner = proxyActivities<PartnerActivities>({ ...REMOTE, taskQueue: TASK_QUEUES.partner });

/** Deletes what is old: for as long as it takes, but no longer than until the schedule begins the next. */
export const upkeep = proxyActivities<UpkeepActivities>({
  ...REMOTE,
  taskQueue: TASK_QUEUES.partner,
  startToCloseTimeout: '1h',
  scheduleToCloseTimeout: '5h',
  priority: { priorityKey: 5 },
});

/** Results before news, news before reminders; the kind is what Temporal's timeline shows. */
export function emailOptions(kind: Kind): ActivityOptions {
  const { priority, tryFor } = queueOptionsOf(kind);
  return {
    ...REMOTE,
    taskQueue: TASK_QUEUES.email,
    scheduleToCloseTimeout: tryFor,
    summary: kind,
    priority: { priorityKey: priority },
  };
}

/**
 * One question to the partner, which gives up by itself once it was tried for a day; one that asks until there is news,
 * for as long as it takes.
 */
export const partnerOptions = ({ why, rank, again }: AskInput): ActivityOptions => ({
  ...REMOTE,
  taskQueue: TASK_QUEUES.partner,
  ...(again === undefined
    ? { scheduleToCloseTimeout: ASKED_FOR }
    : { retry: { ...REMOTE.retry, maximumInterval: '1d' } }),
  priority: { priorityKey: QUESTION_RANKS[rank].priority },
  // What Temporal's timeline shows.
  summary: why,
});

/**
 * How a send died that nobody called back. The shapes: no worker took it (SCHEDULE_TO_START), the next retry would come
 * too late (the last attempt's own failure, or SCHEDULE_TO_CLOSE around its timeout), the attempts are used up, or an
 * attempt fell silent (START_TO_CLOSE, HEARTBEAT). Only one that fell silent may have handed the email over.
 */
export function endingOfDeath(error: unknown): Death {
  const death = error instanceof ActivityFailure ? error.cause : error;
  if (death instanceof ApplicationFailure) return death.type === 'no_answer' ? 'no_answer' : 'retries_exhausted';
  // The SDK's TimeoutFailure leaves out what it wraps; the failure that it was made of has it.
  return death instanceof TimeoutFailure && fellSilent(death.failure) ? 'no_answer' : 'retries_exhausted';
}

function fellSilent(failure: ProtoFailure | null | undefined): boolean {
  if (failure?.applicationFailureInfo?.type === 'no_answer') return true;
  const type = decodeTimeoutType(failure?.timeoutFailureInfo?.timeoutType);
  if (type === 'START_TO_CLOSE' || type === 'HEARTBEAT') return true;
  return failure?.cause !== null && failure?.cause !== undefined && fellSilent(failure.cause);
}
