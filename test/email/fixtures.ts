import type { Brand, EmailInput } from '../../src/email/types.js';

/** Everything set, so that every part shows. */
export const BRAND: Brand = {
  name: 'Kit Herald',
  color: '#0b5c6b',
  logoUrl: null,
  supportEmail: 'support@herald.example',
  supportPhone: '+1 555 010 0199',
  postalAddress: 'Kit Herald\n1 Example Street\nSpringfield, 00000',
  portalUrl: 'https://portal.herald.example/kits',
  from: { name: 'Kit Herald', address: 'news@herald.example' },
  fromReminders: { name: 'Kit Herald', address: 'reminders@herald.example' },
  defaultLocale: 'en',
  defaultZone: 'UTC',
};

export const STOP_URL = 'https://herald.example/email/unsubscribe/AbCdEf0123456789';

/** An email of a kit on 20 January 2024, with all that may be known. */
export function emailInput(changes: Partial<EmailInput> = {}): EmailInput {
  return {
    kind: 'kit.registered',
    firstWord: false,
    barcode: '123456789012',
    to: 'jane@example.com',
    person: { firstName: 'Jane', lastName: 'Smith', email: 'jane@example.com', locale: null, zone: null },
    messageId: '<0b6d1c4e-7f0a-4a55-9a53-6f1d1b1f7c11@herald.example>',
    at: Date.UTC(2024, 0, 17, 9),
    times: {
      shippedAt: Date.UTC(2024, 0, 16, 14, 30),
      expectedDelivery: Date.UTC(2024, 0, 18, 23, 59),
      expectedCompletion: Date.UTC(2024, 0, 25, 12),
    },
    parcels: [
      {
        barcode: '123456789012',
        carrier: 'FedEx',
        trackingNumber: '1234567890',
        estimatedDelivery: '2024-01-18',
      },
    ],
    stopUrl: () => STOP_URL,
    ...changes,
  };
}
