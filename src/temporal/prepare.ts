import { isGrpcServiceError, type Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { withinDeadline } from './deadline.js';
import { ensureSearchAttributes } from './search-attributes.js';

const DAYS = 86_400_000;
const DEADLINE_MS = 10_000;
/** gRPC's code. */
const NOT_FOUND = 5;

/**
 * Sees that Temporal is ready for journeys: the namespace exists (it is made when it does not, and remembers ended runs
 * for 30 days), and knows our search attributes. To be called at every start, before the first signal.
 * @returns the namespace's own id: another one than last time means that Temporal's store is another one.
 * @throws when Temporal is away; Refusal when a person must mend something.
 */
export async function prepareTemporal(client: Client, namespace: string): Promise<string> {
  return await withinDeadline(client, DEADLINE_MS, async () => {
    await ensureNamespace(client, namespace);
    await ensureSearchAttributes(client, namespace);
    return await namespaceId(client, namespace);
  });
}

/** @throws when Temporal is away, or there is no such namespace. */
export async function namespaceId({ connection }: Client, namespace: string): Promise<string> {
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
  if (!namespaceInfo?.id) throw new Error(`Temporal gave no id for the namespace ${namespace}.`);
  return namespaceInfo.id;
}

async function ensureNamespace(client: Client, namespace: string): Promise<void> {
  try {
    await namespaceId(client, namespace);
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    const code: number = error.code;
    if (code !== NOT_FOUND) throw error;
    await client.connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs(30 * DAYS),
    });
  }
}
