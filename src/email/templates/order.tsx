import type { TemplateProps } from '../mail.js';
import { Letter } from '../parts/letter.js';
import { Parcels } from '../parts/parcels.js';
import { Action, Ask, Happened, Next, Todo } from '../parts/sections.js';

/** An order was accepted: to whom it is addressed, who may not have ordered it. */
export function OrderConfirmed({ mail }: TemplateProps) {
  return (
    <Letter mail={mail}>
      <Happened mail={mail}>{mail.say('order.confirmed.happened')}</Happened>
      <Todo mail={mail}>{mail.say('order.confirmed.todo')}</Todo>
      <Next mail={mail}>{mail.say('order.confirmed.next')}</Next>
      <Action mail={mail} href={mail.portal}>
        {mail.say('order.confirmed.action')}
      </Action>
      <Ask mail={mail}>{mail.say('order.confirmed.ask')}</Ask>
    </Letter>
  );
}

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

/** An order was cancelled, perhaps with a kit already on its way. */
export function OrderCancelled({ mail }: TemplateProps) {
  return (
    <Letter mail={mail}>
      <Happened mail={mail}>{mail.say('order.cancelled.happened')}</Happened>
      <Todo mail={mail}>{mail.say('order.cancelled.todo')}</Todo>
      <Next mail={mail}>{mail.say('order.cancelled.next')}</Next>
      <Action mail={mail} href={mail.portal}>
        {mail.say('order.cancelled.action')}
      </Action>
      <Ask mail={mail}>{mail.say('order.cancelled.ask')}</Ask>
    </Letter>
  );
}
