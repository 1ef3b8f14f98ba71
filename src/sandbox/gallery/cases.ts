import type { Person } from '../../domain/arrivals.js';
import { attentionSentence } from '../../domain/attention.js';
import { isJourneyKind, KIND_NAMES, KINDS } from '../../domain/kinds.js';
import type { EmailInput } from '../../email/types.js';
import { DAY } from '../../domain/durations.js';

/** One email to look at: its name in the gallery, and what it is made from. */
export interface GalleryCase {
  readonly name: string;
  readonly input: EmailInput;
}

const AT = Date.UTC(2026, 10, 24, 9, 30);

const JANE: Person = { firstName: 'Jane', lastName: 'Smith', email: 'jane@example.com', locale: null, zone: null };
const BARCODE = '123456789012';
const PARCEL = {
  barcode: BARCODE,
  carrier: 'FedEx',
  trackingNumber: '449044304137821',
  estimatedDelivery: '2026-11-27',
} as const;

function input(changes: Partial<EmailInput>): EmailInput {
  return {
    kind: 'kit.registered',
    firstWord: false,
    barcode: BARCODE,
    to: 'jane@example.com',
    person: JANE,
    messageId: '<3f1c2b7a-0000-4000-8000-000000000000@herald.example>',
    at: AT,
    times: { shippedAt: AT - DAY, expectedDelivery: AT + 3 * DAY, expectedCompletion: AT + 9 * DAY },
    parcels: [PARCEL],
    stopUrl: (topic) => `https://herald.example/email/unsubscribe/${topic === 'progress' ? 'P' : 'R'}xAmPlEtOkEn`,
    ...changes,
  };
}

const NOTHING_KNOWN = { shippedAt: null, expectedDelivery: null, expectedCompletion: null };
const named = (firstName: string | null): Person => ({ ...JANE, firstName });

/** Every kind as it usually is. */
export const USUAL_CASES: readonly GalleryCase[] = KIND_NAMES.filter(isJourneyKind).map((kind) => ({
  name: kind,
  input: input({
    kind,
    firstWord: kind === 'results.available',
    barcode: KINDS[kind].about === 'kit' ? BARCODE : null,
  }),
}));

/** What varies within a kind, and what the world sends: each must look as calm as the usual ones. */
export const ODD_CASES: readonly GalleryCase[] = [
  {
    name: 'order.shipped, two parcels, three kits',
    input: input({
      kind: 'order.shipped',
      barcode: null,
      parcels: [
        PARCEL,
        { ...PARCEL, barcode: '123456789013' },
        { barcode: 'XP12345678', carrier: 'ups', trackingNumber: '1Z 999 AA1 01 2345 6784', estimatedDelivery: null },
      ],
    }),
  },
  {
    name: 'order.shipped, a carrier nobody knows',
    input: input({
      kind: 'order.shipped',
      barcode: null,
      parcels: [{ ...PARCEL, carrier: 'Win $$$ at evil.example', trackingNumber: '<script>' }],
    }),
  },
  {
    name: 'order.shipped, nothing known',
    input: input({ kind: 'order.shipped', barcode: null, parcels: [], times: NOTHING_KNOWN }),
  },
  { name: 'kit.received_lab, no date', input: input({ kind: 'kit.received_lab', times: NOTHING_KNOWN }) },
  {
    name: 'kit.received_lab, the promised day is past',
    input: input({ kind: 'kit.received_lab', times: { ...NOTHING_KNOWN, expectedCompletion: AT - DAY } }),
  },
  {
    name: 'reminder.register, several kits, no date',
    input: input({
      kind: 'reminder.register',
      barcode: null,
      times: NOTHING_KNOWN,
      parcels: [PARCEL, { ...PARCEL, barcode: '123456789013' }],
    }),
  },
  { name: 'results.reviewed as first word', input: input({ kind: 'results.reviewed', firstWord: true }) },
  { name: 'name: HTML', input: input({ person: named('<img src=x onerror=alert(1)>') }) },
  { name: 'name: line breaks', input: input({ person: named('Jane\r\nBcc: eve@evil.example') }) },
  { name: 'name: right-to-left override', input: input({ person: named('\u202eenaJ') }) },
  { name: 'name: 500 characters', input: input({ person: named('Wolfeschlegelsteinhausen'.repeat(21)) }) },
  { name: 'name: long, in one word', input: input({ person: named('Wolfeschlegelsteinhausenbergerdorffmann') }) },
  { name: 'name: only spaces', input: input({ person: named('   \u00a0\u3000 ') }) },
  { name: 'name: emoji', input: input({ person: named('Jane 🌸') }) },
  { name: 'name: a web address', input: input({ person: named('www.evil.example/login') }) },
  { name: 'name: Arabic', input: input({ person: named('سارة') }) },
  { name: 'name: none', input: input({ person: null }) },
  { name: 'barcode: long, with signs', input: input({ barcode: 'LAB:2026-11.00_AB99' }) },
  { name: 'zone: none such', input: input({ kind: 'kit.received_lab', person: { ...JANE, zone: 'Mars/Olympus' } }) },
];

/** The team's own email, in English only. */
export const STAFF_CASE: GalleryCase = {
  name: 'staff.alert',
  input: input({
    kind: 'staff.alert',
    person: null,
    to: 'team@herald.example',
    alert: {
      subject: `kit:${BARCODE}`,
      sentence: attentionSentence('bounced', 'results.available'),
      others: 3,
      limit: 'minute',
    },
  }),
};
