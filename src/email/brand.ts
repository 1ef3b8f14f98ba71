import type { Colour } from './theme.js';
import type { NamedAddress } from './types.js';

/** Whose emails they are: the settings that the composition hands in. */
export interface Brand {
  readonly name: string;
  readonly color: Colour;
  /** https, or null: then the name is written. The only remote image an email ever has. */
  readonly logoUrl: string | null;
  /** Where replies and questions go. */
  readonly supportEmail: string | null;
  readonly supportPhone: string | null;
  readonly postalAddress: string | null;
  readonly portalUrl: string;
  readonly from: NamedAddress;
  /** For what may be stopped, so that a complaint about a reminder never costs results their reputation. */
  readonly fromReminders: NamedAddress | null;
  readonly defaultLocale: string;
  readonly defaultZone: string;
}
