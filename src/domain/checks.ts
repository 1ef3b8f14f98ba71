/**
 * The order of checks (docs/journeys.md): the first that objects gives the reason. A journey makes those that only it can
 * make; the sender makes those that must be made just before SMTP; both in this order.
 */
const ORDER_OF_CHECKS = [
  'already_told',
  'erased',
  'operator_skipped',
  'switched_off',
  'contradicted',
  'cancelled',
  'superseded',
  'too_late',
  'held_for_review',
  'contact',
  'opted_out',
  'address_suppressed',
  'quiet_hours',
  // What the sender has found, until it is looked at again.
  'found_by_the_sender',
] as const;
export type CheckName = (typeof ORDER_OF_CHECKS)[number];

/** These checks in the order in which they are made. */
export const inOrder = <Check>(checks: Partial<Record<CheckName, Check>>): Check[] =>
  ORDER_OF_CHECKS.flatMap((name) => checks[name] ?? []);
