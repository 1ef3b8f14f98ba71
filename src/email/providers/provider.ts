/** What a mail provider reports about one email, in our terms. */
export interface MailEvent {
  /** The provider's own id of this report, 1–200 printable ASCII characters: what makes it the same when it comes again. */
  readonly id: string;
  readonly what: 'delivered' | 'bounced' | 'complained';
  /** bounced: whether this email will not arrive, however often it is tried; the address is suppressed, too, … */
  readonly permanent: boolean;
  /** … unless it was for what the email was, not for whom it was to: the provider itself threw it away. */
  readonly keepsAddress?: true;
  /** Our `<…@…>`; null where the provider didn't tell it back (a setting there). */
  readonly messageId: string | null;
  /** Whom it is about, as the provider writes them; absent where it doesn't say. An email to the team has several. */
  readonly recipients?: readonly string[];
  /** ms; null where it isn't told. */
  readonly at: number | null;
}

type ProviderAnswer =
  /** Not signed, not ours or not readable: nothing is believed. */
  | { readonly verdict: 'refused' }
  /** Whose signature couldn't be looked at just now: to be sent again. */
  | { readonly verdict: 'unavailable' }
  /** Truly the provider's; empty where it is about nothing that concerns us. */
  | { readonly verdict: 'events'; readonly events: readonly MailEvent[] };

interface ProviderRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** One provider: how it signs, and what its words mean. Another provider is one more file. */
export interface MailProvider {
  /** The last part of `/email/events/{provider}`. */
  readonly name: string;
  /** WWW-Authenticate of what is refused, where the provider is known by credentials. */
  readonly challenge?: string;
  /** Never throws. */
  read(request: ProviderRequest): Promise<ProviderAnswer>;
}

/** `text` as JSON, or null. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Milliseconds, or null for what is no time between 2000 and 2100. */
export function timeOf(text: string | null | undefined): number | null {
  const time = text == null ? Number.NaN : Date.parse(text);
  return time >= Date.UTC(2000, 0) && time < Date.UTC(2100, 0) ? time : null;
}

/** A Message-ID with its brackets, whichever way a provider writes it; null for what can't be one of ours. */
export function messageIdOf(text: string | null | undefined): string | null {
  const bare = (text ?? '').trim().replace(/^<|>$/g, '');
  return /^[\x21-\x3b\x3d\x3f-\x7e]{1,250}@[\x21-\x3b\x3d\x3f-\x7e]{1,250}$/.test(bare) ? `<${bare}>` : null;
}
