import {
  ScheduleAlreadyRunning,
  type Client,
  type ScheduleOptionsStartWorkflowAction,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { TASK_QUEUES } from '../domain/activities.js';
import { withinDeadline } from './connection.js';

const DEADLINE_MS = 10_000;

/** Its id in Temporal, and that of the workflow which it starts. */
const RETENTION = 'retention';

/** Four times a day: so nothing is kept much longer than the settings say. */
const SCHEDULE: ScheduleUpdateOptions<ScheduleOptionsStartWorkflowAction<Workflow>> = {
  spec: { intervals: [{ every: '6h', offset: '1h' }] },
  action: {
    type: 'startWorkflow',
    workflowType: 'retention',
    workflowId: RETENTION,
    taskQueue: TASK_QUEUES.journeys,
    args: [],
  },
  // One at a time; of those that were missed while Temporal was away the last is enough.
  policies: { overlap: 'SKIP', catchupWindow: '6h' },
  state: {},
};

/**
 * Sees that retention is on the schedule: made where it isn't there (with a first run at once), and as this release has
 * it where another one made it. One that an operator paused stays paused.
 * @throws when Temporal is away.
 */
export async function ensureRetention(client: Client): Promise<void> {
  await withinDeadline(client, DEADLINE_MS, async () => {
    try {
      await client.schedule.create({ ...SCHEDULE, scheduleId: RETENTION, state: { triggerImmediately: true } });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await client.schedule.getHandle(RETENTION).update(({ state }) => ({ ...SCHEDULE, state }));
    }
  });
}
