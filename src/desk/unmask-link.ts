import { type Actor, mayDo } from '../access/identity.js';
import { html, type Html } from './html.js';
import { unmaskPathOf } from './places.js';

/**
 * Leads to what is behind the mask of where an email went, for whom may see it; null for others.
 * @param title what the email is called, for those who hear only the link
 */
export const unmaskLink = (actor: Actor, messageId: string, title: string): Html | null =>
  mayDo(actor, 'unmask')
    ? html`<a href="${unmaskPathOf(messageId)}" aria-label="Unmask the address: ${title}">Unmask the address</a>`
    : null;
