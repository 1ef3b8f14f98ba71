import type { PolicySettings } from '../domain/facts.js';
import type { Said } from '../domain/activities.js';
import { isJourneyKind, type JourneyKind } from '../domain/kinds.js';
import { emailInput } from '../email/input.js';
import type { ComposedEmail, Emails } from '../email/types.js';
import type { Ledger, SentEmail } from '../ledger/ledger.js';

/** An email of the past, made again; greets nobody by name. */
export interface Reconstruction {
  readonly sent: SentEmail;
  /** Null where there was none that a patient could have seen. */
  readonly email: ComposedEmail | null;
  /** What may differ from what was really sent, or can't be shown, and why: sentences. */
  readonly differs: readonly string[];
}

/** Null where the Message-ID is none of ours. */
export type Reconstruct = (messageId: string) => Promise<Reconstruction | null>;

export interface ReconstructionPorts {
  readonly ledger: Pick<Ledger, 'sentEmail'>;
  /** Those of the sender. */
  readonly emails: Emails;
  readonly settings: PolicySettings;
  /** What an email said of its story when it was made. */
  readonly retell: (past: SentEmail & { readonly kind: JourneyKind }, settings: PolicySettings) => Said;
}

/** A copy must stop nothing: whoever has it isn't the one whose email it was. */
const NO_STOP_LINK = 'https://stop-link.invalid/';

/**
 * Makes an email again as the sender would have made it then: from what is kept, with today's templates and settings.
 */
export function createReconstruct({ ledger, emails, settings, retell }: ReconstructionPorts): Reconstruct {
  return async (messageId) => {
    const sent = await ledger.sentEmail(messageId);
    if (sent === null) return null;
    const { kind } = sent;
    if (!isJourneyKind(kind) || !sent.handedOver) return { sent, email: null, differs: [] };
    const { person } = sent;
    const email = await emails.compose(
      emailInput(
        { ...sent, ...retell({ ...sent, kind }, settings) },
        {
          to: '',
          person: person === null ? null : { ...person, firstName: null, lastName: null, email: null },
          messageId,
          at: sent.madeAt,
          parcels: sent.parcels,
          stopUrl: () => NO_STOP_LINK,
        },
      ),
    );
    return { sent, email, differs: differencesOf(sent) };
  };
}

const GONE = {
  erased: 'This patient was forgotten on request',
  expired: 'What is kept of this journey’s patient was deleted when its time was over',
} as const;

function differencesOf({ kind, forgotten, person, to }: SentEmail): string[] {
  const parcels = kind === 'order.shipped' ? ', and the parcels and their days' : '';
  if (forgotten !== null)
    return [
      `${GONE[forgotten]}: the name, the address, the language and the time zone of the email are gone${parcels}. It is shown in the default language and zone.`,
    ];
  const greeting = 'The greeting leaves out the first name, which the email had where one was known.';
  if (person !== null) return [greeting];
  return [
    greeting,
    to === null
      ? 'Where it went isn’t kept, so its language and time zone aren’t known: it is shown in the default ones.'
      : 'It went to an address that isn’t the known person’s, so its language and time zone aren’t known: it is shown in the default ones.',
  ];
}
