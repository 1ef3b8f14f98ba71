/** The one subject that is nobody's kit or order: the team, to whom `staff.alert` goes. */
export const STAFF = 'staff';

/**
 * A subject is what one Temporal workflow is about; its name is the workflow id
 * (`kit:<barcode>`, `order:<order_number>`; `staff` has what names neither).
 */
export type Subject = `kit:${string}` | `order:${string}` | typeof STAFF;

/** What an alert is about that names nobody: a webhook, by the id that `webhooks show` takes. */
export const WEBHOOK_PREFIX = 'webhook:';
export const isWebhook = (subject: string): boolean => subject.startsWith(WEBHOOK_PREFIX);

export const kitSubject = (barcode: string): Subject => `kit:${barcode}`;
export const orderSubject = (orderNumber: string): Subject => `order:${orderNumber}`;
export const isKit = (subject: string): boolean => subject.startsWith('kit:');
export const isOrder = (subject: string): boolean => subject.startsWith('order:');

/** Whose journey it is. */
export const kindOfSubject = (subject: string): 'kit' | 'order' => (isKit(subject) ? 'kit' : 'order');

/** The barcode or order number inside a subject. */
export const nameOf = (subject: string): string => subject.slice(subject.indexOf(':') + 1);

/** The keyed hash of a subject as people are shown it: enough to see that two rows are about the same one. */
export const shownHash = (hash: string): string => `#${hash.slice(0, 8)}`;

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

/** The states of whom a journey may be about. */
export const STATES = { kit: KIT_STATES, order: ORDER_STATES } as const;
