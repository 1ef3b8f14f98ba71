import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
  type ActivityOptions,
} from '@temporalio/workflow';
import {
  TASK_QUEUES,
  type AskInput,
  type EmailActivities,
  type LocalActivities,
  type PartnerActivities,
} from '../../src/domain/activities.js';
import { queueOptionsOf, type Kind } from '../../src/domain/kinds.js';
import { QUESTION_RANKS } from '../../src/domain/partner-calls.js';

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

/** One question to the partner, tried for a day; one that asks until there is news, for as long as it takes. */
export const partnerOptions = ({ why, rank, again }: AskInput): ActivityOptions => ({
  ...REMOTE,
  taskQueue: TASK_QUEUES.partner,
  ...(again === undefined ? { scheduleToCloseTimeout: '24h' } : { retry: { ...REMOTE.retry, maximumInterval: '1d' } }),
  priority: { priorityKey: QUESTION_RANKS[rank].priority },
  // What Temporal's timeline shows.
  summary: why,
});
