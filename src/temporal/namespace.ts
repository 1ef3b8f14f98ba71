import { isGrpcServiceError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributeType } from '@temporalio/common';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { temporal } from '@temporalio/proto';
import { SEARCH_ATTRIBUTES as NAMES } from '../domain/visibility.js';
import { firstLine, Refusal } from '../config/refusal.js';
import { withinDeadline } from './connection.js';
import { DAY } from '../domain/durations.js';

const DEADLINE_MS = 10_000;
/** gRPC's code. */
const NOT_FOUND = 5;

/** As the SDK takes them. */
export const SEARCH_ATTRIBUTES = {
  state: defineSearchAttributeKey(NAMES.state.name, NAMES.state.type),
  attention: defineSearchAttributeKey(NAMES.attention.name, NAMES.attention.type),
  order: defineSearchAttributeKey(NAMES.order.name, NAMES.order.type),
  lastEvent: defineSearchAttributeKey(NAMES.lastEvent.name, NAMES.lastEvent.type),
};

const ALL = Object.values(SEARCH_ATTRIBUTES);

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
      workflowExecutionRetentionPeriod: msToTs(30 * DAY),
    });
  }
}

/**
 * Sees that the namespace knows our search attributes, each with its type; adds those that are missing: an attribute
 * that is not registered refuses starts and sticks workflow tasks.
 * @throws Refusal when one has another type, or is missing and may not be added from here.
 */
async function ensureSearchAttributes({ connection }: Client, namespace: string): Promise<void> {
  const { operatorService } = connection;
  const known = async () => (await operatorService.listSearchAttributes({ namespace })).customAttributes;
  const before = await known();
  const missing = ALL.filter(({ name }) => before[name] === undefined);
  if (missing.length === 0) {
    checkTypes(before);
    return;
  }
  try {
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, indexed(type)])),
    });
  } catch (error) {
    const names = missing.map(({ name, type }) => `${name} (${type})`).join(', ');
    throw new Refusal(
      `The Temporal namespace ${namespace} lacks the search attributes ${names} and they can't be added from here (${firstLine(error)}): add them by \`temporal operator search-attribute create\` or in Temporal Cloud.`,
      { cause: error },
    );
  }
  // Adding one that exists with another type is answered as if it had been done.
  checkTypes(await known());
}

function checkTypes(known: Record<string, temporal.api.enums.v1.IndexedValueType | undefined>): void {
  for (const { name, type } of ALL)
    if (known[name] !== undefined && known[name] !== indexed(type))
      throw new Refusal(
        `The search attribute ${name} exists with another type than ${type}: remove or rename it in Temporal.`,
      );
}

function indexed(type: SearchAttributeType): temporal.api.enums.v1.IndexedValueType {
  const value = encodeSearchAttributeIndexedValueType(type);
  if (value === undefined) throw new Error(`The SDK knows no search attribute of type ${type}.`);
  return value;
}
