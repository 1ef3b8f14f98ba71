import type { Topic } from '../domain/kinds.js';
import type { Brand } from './brand.js';
import type { Palette, Theme } from './theme.js';
import type { MessageKey } from './wording/keys.js';
import type { Values } from './wording/message.js';

/** What the parts and templates of one email are made from; everything in it is safe to show. */
export interface Mail {
  readonly brand: Brand;
  readonly theme: Theme;
  /** The light palette: what is written inline. */
  readonly colours: Palette;
  readonly locale: string;
  readonly dir: 'ltr' | 'rtl';
  /** Says a message with this email's own values, and further ones. */
  readonly say: (key: MessageKey, more?: Values) => string;
  /** Whether the reader got it for an order or for a kit: why this address gets it. */
  readonly about: 'order' | 'kit';
  /** The barcode's last four. */
  readonly lastFour: string;
  /** The subject without the kit's last four. */
  readonly heading: string;
  readonly preheader: string;
  readonly greeting: string;
  readonly portal: string;
  /** The stop page, and what it stops; null for what can't be stopped. */
  readonly stop: { readonly url: string; readonly topic: Topic } | null;
  readonly parcels: readonly ParcelLine[];
}

/** One parcel as the email tells it. */
export interface ParcelLine {
  readonly carrier: string | null;
  readonly number: string | null;
  readonly page: string | null;
  /** When it should arrive, as the reader writes a day; null where unknown or past. */
  readonly day: string | null;
}

export interface TemplateProps {
  readonly mail: Mail;
}
