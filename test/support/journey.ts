import { randomInt } from 'node:crypto';
import { webhook } from './app.js';

export interface Someone {
  first: string;
  last: string;
  email: string;
}

/** One kit's and its order's webhooks, as C4HXP would post them, with recent times. */
export interface KitJourney {
  readonly barcode: string;
  readonly order: string;
  readonly patient: Someone;
  readonly recipient: Someone;
  /** In the order in which they happened; keys are the events' names. */
  readonly events: Record<
    | 'order.created'
    | 'order.confirmed'
    | 'order.shipped'
    | 'kit.registered'
    | 'kit.received_lab'
    | 'kit.processing_started'
    | 'kit.processing_completed'
    | 'results.available'
    | 'results.reviewed',
    string
  >;
}

const twelveDigits = (): string => String(randomInt(1e11, 1e12 - 1));

export function kitJourney(
  overrides: Partial<Pick<KitJourney, 'barcode' | 'order' | 'patient' | 'recipient'>> = {},
): KitJourney {
  const barcode = overrides.barcode ?? twelveDigits();
  const order = overrides.order ?? `C4H-ORD-2026-${String(randomInt(1e5, 1e6))}`;
  const patient = overrides.patient ?? { first: 'Jane', last: 'Smith', email: `jane-${barcode}@example.com` };
  const recipient = overrides.recipient ?? { first: 'John', last: 'Doe', email: `john-${barcode}@example.com` };
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const at = (minutes: number) => minutesAgo(minutes).toISOString();
  const person = { first_name: patient.first, last_name: patient.last, email: patient.email };
  const kit = { kit_barcode: barcode, kit_type: 'hormone_panel', patient: person };
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  return {
    barcode,
    order,
    patient,
    recipient,
    events: {
      'order.created': webhook('order.created', {
        id: 1,
        order_number: order,
        status: 'pending',
        recipient: { first_name: recipient.first, last_name: recipient.last, email: recipient.email },
        kit_types: ['hormone_panel'],
        created_at: at(9),
      }),
      'order.confirmed': webhook('order.confirmed', {
        id: 1,
        order_number: order,
        status: 'confirmed',
        confirmed_at: at(8),
      }),
      'order.shipped': webhook('order.shipped', {
        id: 1,
        order_number: order,
        status: 'shipped',
        kits: [
          {
            kit_id: 'KIT-1',
            barcode,
            tracking: { carrier: 'FedEx', tracking_number: '1234567890', estimated_delivery: inDays(3) },
          },
        ],
        shipped_at: at(7),
      }),
      'kit.registered': webhook('kit.registered', { ...kit, collection_date: at(6), registered_at: at(6) }),
      'kit.received_lab': webhook('kit.received_lab', { ...kit, received_at: at(5) }),
      'kit.processing_started': webhook('kit.processing_started', { ...kit, started_at: at(4) }),
      'kit.processing_completed': webhook('kit.processing_completed', { ...kit, completed_at: at(3) }),
      'results.available': webhook('results.available', {
        ...kit,
        result_summary: { total_biomarkers: 8, normal_count: 7, abnormal_count: 1, flags: ['high_cortisol'] },
        completed_at: at(2),
        pdf_available: true,
      }),
      'results.reviewed': webhook('results.reviewed', { ...kit, reviewed_at: at(1), reviewer: 'Dr. Example' }),
    },
  };
}

/** Fisher-Yates by a seed, so that a failing order can be told and tried again. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  let state = seed;
  for (let index = result.length - 1; index > 0; index--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const other = state % (index + 1);
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}
