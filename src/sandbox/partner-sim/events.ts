/** The twelve events of the partner's webhook page. */
export const SIM_EVENTS = [
  'order.created',
  'order.confirmed',
  'order.shipped',
  'order.cancelled',
  'kit.registered',
  'kit.received_lab',
  'kit.processing_started',
  'kit.processing_completed',
  'results.available',
  'results.reviewed',
  'system.maintenance_scheduled',
  'system.maintenance_completed',
] as const;
export type SimEvent = (typeof SIM_EVENTS)[number];

export const isSimEvent = (name: string): name is SimEvent => (SIM_EVENTS as readonly string[]).includes(name);
