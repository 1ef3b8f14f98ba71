import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';

/** Every message there is: the keys of the English catalogue. */
export type MessageKey = keyof typeof en;
/** All messages in one language; a missing or unknown key doesn't compile. */
export type Catalogue = Readonly<Record<MessageKey, string>>;

export const MESSAGE_KEYS = Object.keys(en) as MessageKey[];

/** The languages that come with kit-herald; EMAIL_TEMPLATES_DIR may add others. */
export const CATALOGUES: Readonly<Record<'en' | 'es' | 'fr' | 'de', Catalogue>> = { en, es, fr, de };
