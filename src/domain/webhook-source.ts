import type { Arrival } from './arrivals.js';
import type { Source } from './sources.js';

/** The headers of a request, names in lower case, as Node gives them. */
type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A lab whose webhooks are taken. The receiver knows labs by this only: another one is another source. */
export interface WebhookSource {
  /** What its rows in the inbox are called. */
  readonly name: Source;
  /** Where it posts. */
  readonly path: string;
  /** The header that carries its signature, as its documentation spells it: what a refusal names. */
  readonly signatureHeader: string;
  /** Whether the headers could be those of a signed request; asked before a body is read. */
  looksSigned(headers: RequestHeaders): boolean;
  /** Whether exactly these bytes were signed, with a secret that counts. */
  verify(raw: Buffer, headers: RequestHeaders): boolean;
  /**
   * What a signed webhook says, whatever its Content-Type. Never throws: what can't be understood comes back
   * quarantined. `receivedAt`: ms.
   */
  read(raw: Buffer, how: { readonly receivedAt: number }): Arrival;
}
