import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributeType } from '@temporalio/common';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import type { temporal } from '@temporalio/proto';
import { SEARCH_ATTRIBUTES as NAMES } from '../domain/visibility.js';
import { firstLine, Refusal } from '../config/refusal.js';

/** As the SDK takes them. */
export const SEARCH_ATTRIBUTES = {
  state: defineSearchAttributeKey(NAMES.state.name, NAMES.state.type),
  attention: defineSearchAttributeKey(NAMES.attention.name, NAMES.attention.type),
  order: defineSearchAttributeKey(NAMES.order.name, NAMES.order.type),
  lastEvent: defineSearchAttributeKey(NAMES.lastEvent.name, NAMES.lastEvent.type),
};

const ALL = Object.values(SEARCH_ATTRIBUTES);

/**
 * Sees that the namespace knows our search attributes, each with its type; adds those that are missing. To be called at
 * every start: an attribute that is not registered refuses starts and sticks workflow tasks.
 * @throws Refusal when one has another type, or is missing and may not be added from here.
 */
export async function ensureSearchAttributes({ connection }: Client, namespace: string): Promise<void> {
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
