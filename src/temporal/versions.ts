import { isGrpcServiceError, type Client } from '@temporalio/client';
import protocol from '@temporalio/proto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Unavailable } from '../config/refusal.js';
import { TASK_QUEUES } from '../domain/activities.js';
import { withinDeadline } from './connection.js';

/** What a worker says it is, where workers are versioned. */
export interface WorkerVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

/** Which version Temporal gives the deployment's tasks to. */
export interface Deployment {
  /** Null: none; then versioned workers get no task of a journey. */
  readonly current: string | null;
  /** Former versions on which journeys that are pinned to them, or their last tasks, still run. */
  readonly draining: readonly string[];
}

const proto = protocol.temporal.api;
const { VERSION_DRAINAGE_STATUS_DRAINING: draining } = proto.enums.v1.VersionDrainageStatus;
const DEADLINE_MS = 10_000;
const LOOK_EVERY_MS = 500;
/** gRPC's code. */
const NOT_FOUND = 5;

/** What Temporal knows of a deployment; null where no worker has ever declared it. @throws when Temporal is away. */
export async function deploymentOf(
  client: Client,
  namespace: string,
  deploymentName: string,
): Promise<Deployment | null> {
  try {
    const { workerDeploymentInfo } = await withinDeadline(client, DEADLINE_MS, () =>
      client.workflowService.describeWorkerDeployment({ namespace, deploymentName }),
    );
    return {
      current: workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId || null,
      draining: (workerDeploymentInfo?.versionSummaries ?? []).flatMap(({ drainageStatus, deploymentVersion }) =>
        drainageStatus === draining && deploymentVersion?.buildId ? [deploymentVersion.buildId] : [],
      ),
    };
  } catch (error) {
    if (isGrpcServiceError(error) && (error.code as number) === NOT_FOUND) return null;
    throw error;
  }
}

/** The versions of those who work on the journeys now, each once; null stands for workers without one. */
export async function versionsAtWork(
  client: Client,
  namespace: string,
  taskQueue: string = TASK_QUEUES.journeys,
): Promise<readonly (WorkerVersion | null)[]> {
  const { TASK_QUEUE_TYPE_ACTIVITY: activity, TASK_QUEUE_TYPE_WORKFLOW: workflow } = proto.enums.v1.TaskQueueType;
  const { WORKER_VERSIONING_MODE_VERSIONED: versioned } = proto.enums.v1.WorkerVersioningMode;
  const { pollers } = await withinDeadline(client, DEADLINE_MS, () =>
    client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: taskQueue === TASK_QUEUES.journeys ? workflow : activity,
    }),
  );
  const all = pollers.map(({ deploymentOptions: options }) =>
    options?.workerVersioningMode === versioned
      ? { deploymentName: options.deploymentName ?? '', buildId: options.buildId ?? '' }
      : null,
  );
  return all.filter((one, place) => all.findIndex((other) => isSame(one, other)) === place);
}

const isSame = (one: WorkerVersion | null, other: WorkerVersion | null): boolean =>
  one?.buildId === other?.buildId && one?.deploymentName === other?.deploymentName;

/**
 * The deploy step: waits until workers of this version are at work on all queues, and has Temporal give them the
 * journeys, those that are running included. Doing it twice is doing it once.
 * @throws Unavailable when no such workers come within `patience` ms; else when Temporal is away.
 */
export async function makeCurrent(
  client: Client,
  namespace: string,
  version: WorkerVersion,
  patience: number,
): Promise<void> {
  const { deploymentName, buildId } = version;
  const until = Date.now() + patience;
  for (;;) {
    const missing = await queuesWithout(client, namespace, version);
    if (missing.length === 0) break;
    if (Date.now() >= until) {
      const queues = missing.join(', ');
      throw new Unavailable(
        `No worker of ${deploymentName} ${buildId} is at work on ${queues}: start kit-herald worker with TEMPORAL_WORKER_BUILD_ID=${buildId}.`,
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
  await withinDeadline(client, DEADLINE_MS, () =>
    client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace,
      deploymentName,
      buildId,
      identity: 'kit-herald',
    }),
  );
  // Until each part of the server has heard of it, a journey's next task may still go to the former version.
  while (await isBeingRouted(client, namespace, deploymentName)) {
    if (Date.now() >= until) return;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Whether the change of version is still on its way to the task queues; false where the server doesn't say. */
async function isBeingRouted(client: Client, namespace: string, deploymentName: string): Promise<boolean> {
  const { workerDeploymentInfo: info } = await withinDeadline(client, DEADLINE_MS, () =>
    client.workflowService.describeWorkerDeployment({ namespace, deploymentName }),
  );
  const { ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS: underWay } = proto.enums.v1.RoutingConfigUpdateState;
  return info?.routingConfigUpdateState === underWay;
}

async function queuesWithout(client: Client, namespace: string, version: WorkerVersion): Promise<string[]> {
  const missing: string[] = [];
  for (const queue of Object.values(TASK_QUEUES)) {
    const atWork = await versionsAtWork(client, namespace, queue);
    if (!atWork.some((one) => isSame(one, version))) missing.push(queue);
  }
  return missing;
}
