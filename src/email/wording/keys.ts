import { en } from './en.js';

/** Every message there is: the keys of the English catalogue. */
export type MessageKey = keyof typeof en;
/** All messages in one language; a missing or unknown key doesn't compile. */
export type Catalogue = Readonly<Record<MessageKey, string>>;

export const MESSAGE_KEYS = Object.keys(en) as MessageKey[];
