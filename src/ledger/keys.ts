import type { Kind } from '../domain/kinds.js';
import type { Place } from './ports.js';

/** What makes one notification one: the unique key that guards against a second email. */
export interface NotificationKey {
  readonly subject: string;
  readonly kind: Kind;
  readonly occurrence: number;
}

export const keyText = (key: NotificationKey): string => `${key.subject}|${key.kind}|${String(key.occurrence)}`;

export const sealedPlace = (key: NotificationKey): Place => ({
  table: 'notifications',
  column: 'sealed',
  key: keyText(key),
});

/** Only the key of what may carry more. */
export const keyOf = ({ subject, kind, occurrence }: NotificationKey): NotificationKey => ({
  subject,
  kind,
  occurrence,
});

/** The form in which keyed hashes leave the database: as facts carry them. */
export const encodeHash = (hash: Buffer): string => hash.toString('base64url');

export const decodeHash = (text: string): Buffer => Buffer.from(text, 'base64url');
