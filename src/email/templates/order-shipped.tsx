import type { TemplateProps } from '../mail.js';
import { Action } from '../parts/action.js';
import { Letter } from '../parts/letter.js';
import { Parcels } from '../parts/parcels.js';
import { Ask, Happened, Todo } from '../parts/sections.js';

/** A shipment has left; some of its kits may be for other people, who register them themselves. */
export function OrderShipped({ mail }: TemplateProps) {
  const hasTracking = mail.parcels.some(({ page }) => page !== null);
  return (
    <Letter mail={mail} step="shipped">
      <Happened mail={mail}>{mail.say('order.shipped.happened')}</Happened>
      <Parcels mail={mail} />
      <Todo mail={mail}>{mail.say('order.shipped.todo')}</Todo>
      {hasTracking ? null : (
        <Action mail={mail} href={mail.portal}>
          {mail.say('order.shipped.action')}
        </Action>
      )}
      <Ask mail={mail}>{mail.say('order.shipped.ask')}</Ask>
    </Letter>
  );
}
