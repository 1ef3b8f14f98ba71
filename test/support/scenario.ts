import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { EVENTS, type FactEvent } from '../../src/domain/events.js';
import { KIND_NAMES } from '../../src/domain/kinds.js';
import { REASONS } from '../../src/domain/notifications.js';
import { KIT_STATES, ORDER_STATES } from '../../src/domain/subjects.js';
import { rawOf, readJourney, samplesOf } from '../../src/sandbox/samples/sample.js';
import { policySettings, readSettings } from '../../src/config.js';
import { parseDuration } from '../../src/config/values.js';
import { ATTENTION_CODES } from '../../src/domain/attention.js';
import { FAILURES, type Fact, type FactBody, type PersonTrace, type PolicySettings } from '../../src/domain/facts.js';
import { traceOf } from '../../src/domain/people.js';
import { MINUTE } from '../../src/domain/durations.js';
import { kitSubject } from '../../src/domain/subjects.js';
import { spreadOf } from '../../workflows/policy/spread.js';
import { hash, read } from '../c4hxp/webhook/support/reading.js';

/** `7d`, `2d 12h`: since the first event (ms). */
const time = z.string().transform((text, context) => {
  const parts = text.split(/\s+/).map(parseDuration);
  if (parts.every((part) => part !== null)) return parts.reduce((sum, part) => sum + part, 0);
  context.addIssue({ code: 'custom', message: 'must be a time such as 7d or 2d 12h' });
  return z.NEVER;
});
const kind = z.enum(KIND_NAMES);
const person = z.strictObject({ first_name: z.string(), last_name: z.string(), email: z.string() });
const about = { at: time, for: z.string().default('kit') };

/** What the partner's API can tell of a kit, beside what happens to it. */
const ANSWERS = ['unknown_status', 'nothing_new', 'completed_without_results'] as const;
const learnable = z.string().refine((name): name is FactEvent => name in EVENTS);

/** What happens beside the webhooks. */
const meanwhile = z.union([
  z.strictObject({
    ...about,
    partner: z.union([z.enum(ANSWERS), learnable]),
    /** When it happened, by the partner's own word; else when the partner came to know. */
    happened: time.optional(),
    patient: person.optional(),
    because: z.enum(FAILURES).optional(),
    /** Results: whether another version than before, by its summary. */
    summary: z.string().optional(),
  }),
  z.strictObject({
    ...about,
    operator: z.enum(['retry', 'skip', 'release', 'acknowledge', 'correct-contact', 'opt-out', 'erase']),
    email: kind.optional(),
    address: z.string().optional(),
    resend: z.boolean().optional(),
  }),
  z.strictObject({
    ...about,
    mail: z.enum(['delivered', 'bounced', 'complained']),
    email: kind,
    permanent: z.boolean().default(true),
  }),
  z.strictObject({ ...about, until: time, sender: z.enum(REASONS), emails: z.array(kind).default([...KIND_NAMES]) }),
]);
export type Meanwhile = z.output<typeof meanwhile>;
export type SenderSays = Extract<Meanwhile, { sender: unknown }>;
type PartnerKnows = Extract<Meanwhile, { partner: unknown }>;

const email = z.strictObject({
  email: kind,
  /** Since the first event (ms). */
  at: time,
  to: z.enum(['recipient', 'patient']),
  occurrence: z.number().default(1),
  first_word: z.boolean().optional(),
});
const expectation = z.strictObject({
  state: z.enum([...KIT_STATES, ...ORDER_STATES]),
  sent: z.array(email).default([]),
  'not sent': z.record(z.string(), z.enum(REASONS)).default({}),
  human: z.array(z.strictObject({ why: z.enum(ATTENTION_CODES), at: time })).default([]),
});

export type Expectation = z.output<typeof expectation>;

const file = z.strictObject({
  journey: z.string(),
  settings: z.record(z.string(), z.string()).default({}),
  watch: time.default(400 * 86_400_000),
  events: z.array(z.looseObject({ late: time.default(0) })),
  meanwhile: z.array(meanwhile).default([]),
  expect: z.record(z.string(), expectation),
});

/** A journey of `journeys/`, with all that its file says of it. */
export type Scenario = z.output<typeof file> & {
  readonly text: string;
  readonly policy: PolicySettings;
  readonly quietHours: string | null;
  readonly zone: string;
};

/** @throws with every fault of the file. */
export function readScenario(path: URL): Scenario {
  const text = readFileSync(path, 'utf8');
  const scenario = file.parse(parse(text));
  const partner = { PARTNER_API_URL: 'https://partner.invalid', PARTNER_API_KEY: 'id:secret' };
  const settings = readSettings({ ...partner, ...scenario.settings });
  const { quietHours, defaultTimeZone: zone } = settings;
  return { ...scenario, text, policy: policySettings(settings), quietHours, zone };
}

/** One subject of a scenario, and what it is told when. */
export interface Part {
  readonly subject: `kit:${string}` | `order:${string}`;
  /** As the file names it: `kit`, `kit2`, `order`. */
  readonly name: string;
  readonly facts: readonly Fact[];
  /** When the subject is first heard of (ms): for a kit, when a parcel or a webhook of its own names it. */
  readonly from: number;
  /** What the partner would answer. */
  readonly partner: readonly (Fact & { readonly knownFrom: number })[];
  readonly sender: readonly SenderSays[];
}

/** The facts of a scenario whose first event happens at `start` (ms), as the inbox would hand them to its journeys. */
export function partsOf(scenario: Scenario, start: number, number = 1): Part[] {
  const journey = readJourney(scenario.text);
  const length = journey.events.slice(1).reduce((sum, { after }) => sum + after, 0);
  const names = namesOf(number);
  const arrivals = samplesOf(journey, new Date(start + length), names).map((sample, index) => {
    const happened = Date.parse(String(sample.meta['timestamp']));
    const receivedAt = happened + (scenario.events[index]?.late ?? 0);
    return read(rawOf(sample), {
      receivedAt,
      revealFlags: scenario.policy.resultsRelease === 'available_unless_flagged',
    });
  });
  const told = [
    ...arrivals.flatMap(({ routed }) => routed.map(({ subject, fact }) => ({ subject: subject, fact }))),
    ...scenario.meanwhile.flatMap((step) => {
      const subject = subjectOf(step.for, names);
      const fact = commandOrReport(step, subject, start);
      return fact === null ? [] : [{ subject, fact }];
    }),
  ].sort((a, b) => a.fact.receivedAt - b.fact.receivedAt);
  const numbered = told.map(({ subject, fact }, index) => ({ subject, fact: { ...fact, seq: index + 1 } }));
  const links = arrivals.flatMap(({ links: told, receivedAt }) => told.map((link) => ({ ...link, receivedAt })));
  const subjects = [...new Set(numbered.map(({ subject }) => subject).concat(links.map((l) => `kit:${l.barcode}`)))];
  return subjects.map((subject) => {
    const name = [...names.keys()].find((each) => subjectOf(each, names) === subject) ?? '';
    const linked = links.filter((link) => subject === `kit:${link.barcode}`);
    const orders = linked.map((link) => `order:${link.order}`);
    const own = numbered.filter((each) => each.subject === subject).map(({ fact }) => fact.receivedAt);
    return {
      from: Math.min(...own, ...linked.map(({ receivedAt }) => receivedAt)),
      subject: subject as Part['subject'],
      name,
      facts: numbered
        .filter((each) => each.subject === subject || orders.includes(each.subject))
        .map(({ fact }) => withFurther(fact, numbered)),
      partner: scenario.meanwhile
        .filter((step): step is PartnerKnows => 'partner' in step && step.for === name)
        .map((step, index) => answerOf(step, start, 1_000 + index)),
      sender: scenario.meanwhile.filter((step): step is SenderSays => 'sender' in step && step.for === name),
    };
  });
}

/** Barcodes whose questions are asked when they fall due, so that a file can tell the time. */
function promptBarcodes(count: number, from: number): string[] {
  const found: string[] = [];
  for (let number = from; found.length < count; number += 1) {
    const barcode = `XP${String(number).padStart(8, '0')}`;
    if (spreadOf(kitSubject(barcode), Infinity) < MINUTE / 2) found.push(barcode);
  }
  return found;
}

function namesOf(number: number): Map<string, string> {
  const kits = promptBarcodes(3, number * 100_000);
  return new Map([
    ...['kit', 'kit2', 'kit3'].map((name, index): [string, string] => [name, kits[index] ?? '']),
    ...['order', 'order2'].map((name, index): [string, string] => [
      name,
      `C4H-ORD-${String(2026 + index)}-${String(number).padStart(6, '0')}`,
    ]),
  ]);
}

const subjectOf = (name: string, names: ReadonlyMap<string, string>): string =>
  `${name.startsWith('order') ? 'order' : 'kit'}:${names.get(name) ?? name}`;

const FURTHER = /^(kit\.(registered|received_lab|processing_\w+)|results\.\w+)$/;

/** As the relay completes a shipment: which of its kits are known to be registered or further when it is delivered. */
function withFurther(fact: Fact, all: readonly { readonly subject: string; readonly fact: Fact }[]): Fact {
  if (fact.event !== 'order.shipped') return fact;
  const before = all.filter((other) => other.fact.receivedAt <= fact.receivedAt && FURTHER.test(other.fact.event));
  const known = new Set(before.map(({ subject }) => subject));
  return { ...fact, registeredBarcodes: (fact.barcodes ?? []).filter((barcode) => known.has(`kit:${barcode}`)) };
}

function commandOrReport(step: Meanwhile, subject: string, start: number): FactBody | null {
  const at = start + step.at;
  const times = { at, receivedAt: at };
  if ('mail' in step) {
    const mail = { kind: step.email, occurrence: 1, permanent: step.permanent };
    return { ...times, event: `mail.${step.mail}`, cause: `mail:${String(step.at)}`, mail };
  }
  if (!('operator' in step)) return null;
  const { operator, email: only, address, resend } = step;
  const command = {
    subject,
    ...(only === undefined ? {} : { kind: only }),
    ...(resend === undefined ? {} : { resend }),
  };
  const event = `operator.${operator.replace('-', '_')}` as FactEvent;
  const corrected = address === undefined ? {} : { person: { ...traceFor(null, address), name: null } };
  return { ...times, event, cause: `operator:${String(step.at)}`, command, ...corrected };
}

const traceFor = (named: { first_name: string; last_name: string } | null, address: string): PersonTrace =>
  traceOf(
    {
      firstName: named?.first_name ?? null,
      lastName: named?.last_name ?? null,
      email: address,
      locale: null,
      zone: null,
    },
    'patient',
    hash,
  );

function answerOf({ at, partner, happened, patient, because, summary }: PartnerKnows, start: number, seq: number) {
  const known = start + at;
  const isBare = (ANSWERS as readonly string[]).includes(partner);
  return {
    seq,
    event: 'partner.answered' as const,
    cause: `reconciled:${String(seq)}`,
    at: known,
    receivedAt: known,
    knownFrom: known,
    ...(partner === 'unknown_status' ? { unknownStatus: true } : {}),
    ...(partner === 'completed_without_results' ? { completedWithoutResults: true } : {}),
    ...(isBare ? {} : { learned: [{ event: partner as FactEvent, at: start + (happened ?? at) }] }),
    ...(because === undefined ? {} : { because }),
    ...(summary === undefined ? {} : { summary }),
    ...(patient === undefined ? {} : { person: traceFor(patient, patient.email) }),
  };
}
