/** A kit's states, from the lowest: of those that the facts bear out the highest counts. */
export const KIT_STATES = [
  'unknown',
  'shipped',
  'registered',
  'received_lab',
  'processing',
  'failed',
  'cancelled',
  'results.available',
  'results.reviewed',
] as const;
export type KitState = (typeof KIT_STATES)[number];

/** An order's likewise. */
export const ORDER_STATES = ['unknown', 'created', 'confirmed', 'shipped', 'cancelled'] as const;
export type OrderState = (typeof ORDER_STATES)[number];
