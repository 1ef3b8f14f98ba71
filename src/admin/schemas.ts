import { z } from 'zod';
import { ATTENTION_CODES } from '../domain/attention.js';
import { C4HXP_EVENTS } from '../domain/events.js';
import { KIND_NAMES } from '../domain/kinds.js';
import { USER_NAME } from '../domain/roles.js';
import { SOURCES } from '../domain/sources.js';
import { STATES } from '../domain/subjects.js';
import { usableAddress } from '../domain/address.js';

/** A barcode or an order number, as people type it. */
const name = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9._:-]{1,90}$/, 'must be a barcode or an order number');

const moment = z.iso
  .datetime()
  .refine((text) => Date.parse(text) >= 0 && Date.parse(text) < Date.UTC(2100, 0), 'must be between 1970 and 2100');

export const byBarcode = z.object({ barcode: name });
export const byOrder = z.object({ order: name });

export const toldBody = z.strictObject({
  subject: z.string().trim().min(1).max(400).describe('A barcode, an order number, an email address or a Message-ID.'),
});

export const toldParams = z.object({ name });

export const webhookParams = z.object({ id: z.string().min(1).max(220) });

const page = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

const CODES = ATTENTION_CODES.join(', ');

/** Which kits or orders: filters that combine. `needsHuman`: how a yes or a code is written there. */
const filters = <Of extends keyof typeof STATES, Attention extends z.ZodType>(of: Of, attention: Attention) => ({
  attention: attention.describe(
    `Only those for which a human is asked; a code: only those that need that, whatever else they need.`,
  ),
  state: z.enum(STATES[of]).optional().describe('Only those in this state.'),
  kind: z
    .enum(KIND_NAMES)
    .optional()
    .describe('Only those whose latest email of this kind waits, failed, came back or got no answer.'),
  until: moment
    .optional()
    .describe(
      'Only those for which a human has been asked since then or longer; where none is asked, that have been in their state for so long.',
    ),
  after: z
    .string()
    .regex(/^\d{1,14}\.[A-Z0-9._:-]{1,90}$/, 'must be `next` of the page before')
    .optional()
    .describe('`next` of the page before.'),
});

const ofQuery = <Of extends keyof typeof STATES>(of: Of) =>
  z.strictObject({
    ...filters(
      of,
      z
        .union([z.stringbool(), z.enum(ATTENTION_CODES)], { error: `must be true, false or one of ${CODES}` })
        .default(false),
    ),
    open: z.stringbool().default(false).describe('Only those whose journey has not ended.'),
    ...page,
  });

export const subjectsQuery = { kit: ofQuery('kit'), order: ofQuery('order') };

const subjectName = z
  .string()
  .regex(/^(kit|order):[A-Z0-9._:-]{1,90}$/, 'must be kit:<barcode> or order:<order number>');

export const webhooksQuery = z.strictObject({
  status: z.enum(['pending', 'relayed', 'quarantined']).optional(),
  event: z.enum(C4HXP_EVENTS).optional(),
  source: z.enum(SOURCES).optional(),
  subject: subjectName.optional(),
  before: z.coerce.number().int().min(1).optional().describe('`next` of the page before.'),
  ...page,
});

export const auditQuery = z.strictObject({
  subject: subjectName.optional().describe('Only what was about this kit or order.'),
  user: z
    .string()
    .regex(USER_NAME, 'must be the name of a user')
    .optional()
    .describe('Only what this user did; admin-token and support-token are those of the tokens.'),
  since: moment.optional().describe('What was done then or later.'),
  before: z.coerce.number().int().min(1).optional().describe('`next` of the page before.'),
  ...page,
});

export const scorecardQuery = z.strictObject({
  since: moment.optional().describe('What came then or later; without it, the last 30 days.'),
});

export const replayQuery = z.strictObject({
  seq: z.coerce.number().int().min(1).optional().describe('Which one, where the sender gave one id to several.'),
});

export const replaysBody = z.strictObject({
  reason: z
    .string()
    .regex(
      /^[a-z0-9_]{2,40}(:[A-Za-z0-9_.,]{0,400})?$/,
      'must be a code such as invalid_data, or a code, a colon and paths',
    )
    .optional()
    .describe('How their reasons begin.'),
  event: z.enum(C4HXP_EVENTS).optional().describe('What they say or seem to be.'),
  since: moment.optional().describe('What came then or later.'),
  after: z.int().min(1).optional().describe('`next` of the page before.'),
  limit: z.int().min(1).max(200).default(100),
});

const which = {
  kind: z.enum(KIND_NAMES).optional().describe('Only this kind; without it, everything that the command applies to.'),
  occurrence: z.int().min(1).max(1_000_000).optional(),
};
const reason = z
  .string({ error: 'must be said' })
  .trim()
  .min(3, 'must have at least 3 characters')
  .max(500, 'must have at most 500 characters');
const why = {
  by: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('For whom a machine asks; stands beside its own name, and is kept sealed.'),
  reason: reason.optional().describe('Free text; kept sealed.'),
};

const retryBody = z.strictObject({
  ...which,
  ...why,
  lift: z
    .boolean()
    .default(false)
    .describe('Write to the address again although it bounced for good, or its owner asked for no email at all.'),
});
const optOutBody = z.strictObject(why);
const releaseBody = z.strictObject({ ...which, ...why });
/** Who and why, always: it is all that says later what a human did about it. */
export const acknowledgeBody = z.strictObject({ ...why, reason });
const skipBody = z.strictObject({ ...which, ...why, reason });
const address = z
  .string()
  .max(400)
  .refine((text) => usableAddress(text) !== null, 'must be one address that mail can go to');
const givenName = z.string().trim().min(1).max(100, 'must have at most 100 characters').optional();
const correctContactBody = z.strictObject({
  ...which,
  ...why,
  firstName: givenName.describe('Whose address it is; without a name, the one that is known, where only one is.'),
  lastName: givenName,
  email: address,
  resend: z.boolean().default(false).describe('Also what was sent to the old address, as a new occurrence.'),
});

/** What operators may ask for, each with its body: the only list of it. */
export const COMMANDS = {
  retry: retryBody,
  skip: skipBody,
  release: releaseBody,
  acknowledge: acknowledgeBody,
  'correct-contact': correctContactBody,
  'opt-out': optOutBody,
} as const;
export type Action = keyof typeof COMMANDS;

const ofBody = <Of extends keyof typeof STATES>(of: Of) => ({
  ...filters(
    of,
    z.union([z.boolean(), z.enum(ATTENTION_CODES)], { error: `must be true, false or one of ${CODES}` }).default(false),
  ),
  open: z.boolean().default(false).describe('Only those whose journey has not ended.'),
  limit: z.int().min(1).max(200).default(200).describe('At most so many a page; fewer while webhooks come in.'),
});

/** What may be asked of all who are selected, and whether it takes a reason or needs one. */
const BULK = { retry: why.reason, skip: reason, release: why.reason, acknowledge: reason } as const;
export type BulkAction = keyof typeof BULK;
export const BULK_ACTIONS = Object.keys(BULK) as BulkAction[];

const selects = ({ attention, open, state, kind, until }: Record<string, unknown>): boolean =>
  attention !== false || open === true || [state, kind, until].some((one) => one !== undefined);

/**
 * The bodies of a command over a selection. Its `kind` also bounds what it is asked for, except what is acknowledged: that
 * is all that somebody is shown to need.
 */
export const bulkBody = (of: keyof typeof STATES, action: BulkAction) =>
  z
    .strictObject({ ...ofBody(of), by: why.by, reason: BULK[action] })
    .refine(selects, 'must select by attention, state, kind, until or open');

const { by } = why;
/** No reason: what is written about an erasure could name whom it erased. */
export const eraseBody = z.strictObject({ by });
export const eraseAddressBody = z.strictObject({ by, email: address });
export const erasureParams = z.object({
  id: z.string().regex(/^erase_[0-9a-f-]{36}$/, 'must be the id of a certificate'),
});

export const rotateBody = z.strictObject({
  from: z.string().max(2_000).optional().describe('`next` of the step before.'),
});

export const rehearseBody = z.strictObject({
  since: moment.describe('Journeys that were open at this moment or later.'),
  set: z
    .record(z.string().regex(/^[A-Z_]{3,40}$/), z.string().max(400))
    .refine((set) => Object.keys(set).length > 0, 'must name a setting')
    .describe('Settings as they would be, by the names of their environment variables.'),
  after: z.string().max(100).optional().describe('`next` of the page before.'),
  limit: z.int().min(1).max(200).default(50),
});

export const idempotencyKey = z.string().regex(/^[A-Za-z0-9._:-]{1,80}$/);
