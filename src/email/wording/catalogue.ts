import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';
import type { Catalogue } from './keys.js';

/** The languages that come with kit-herald; EMAIL_TEMPLATES_DIR may add others. */
export const CATALOGUES: Readonly<Record<'en' | 'es' | 'fr' | 'de', Catalogue>> = { en, es, fr, de };
