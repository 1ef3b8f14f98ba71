import type { Client } from '@temporalio/client';
import { withinDeadline } from './connection.js';

/** How the open journeys are doing. */
export interface Journeys {
  readonly open: number;
  /** Those of which a task is tried again and again: their code and their history don't agree. The first some. */
  readonly stuck: readonly string[];
  /** How many were looked at one by one. */
  readonly looked: number;
}

const DEADLINE_MS = 10_000;
const AT_ONCE = 10;
/** A task that has failed once may have met a restart; one that has failed this often meets the same fault each time. */
const TRIED_OFTEN = 3;

/**
 * Counts the open journeys and looks at the tasks of the `most` that began last. Those whose task a server since 1.30
 * reports are among the stuck, whenever they began.
 * @throws when Temporal is away.
 */
export async function lookAtJourneys(client: Client, most: number): Promise<Journeys> {
  const running = `ExecutionStatus = "Running"`;
  const { count } = await withinDeadline(client, DEADLINE_MS, () => client.workflow.count(running));
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: running, pageSize: most })) {
    if (ids.length >= most) break;
    ids.push(workflowId);
  }
  const stuck = new Set(await reported(client, most));
  for (let first = 0; first < ids.length; first += AT_ONCE)
    for (const id of await stuckAmong(client, ids.slice(first, first + AT_ONCE))) stuck.add(id);
  return { open: count, stuck: [...stuck].sort(), looked: ids.length };
}

async function stuckAmong(client: Client, ids: readonly string[]): Promise<string[]> {
  const tries = await Promise.all(
    ids.map(async (id) => {
      const { raw } = await withinDeadline(client, DEADLINE_MS, () => client.workflow.getHandle(id).describe());
      return raw.pendingWorkflowTask?.attempt ?? 0;
    }),
  );
  return ids.filter((_, place) => (tries[place] ?? 0) >= TRIED_OFTEN);
}

/** Empty also where the server doesn't know the attribute. */
async function reported(client: Client, most: number): Promise<string[]> {
  const ids: string[] = [];
  try {
    const query = `ExecutionStatus = "Running" and TemporalReportedProblems is not null`;
    for await (const { workflowId } of client.workflow.list({ query, pageSize: most })) {
      if (ids.length >= most) break;
      ids.push(workflowId);
    }
  } catch {
    return [];
  }
  return ids;
}
