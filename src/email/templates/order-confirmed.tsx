import type { TemplateProps } from '../mail.js';
import { Action } from '../parts/action.js';
import { Letter } from '../parts/letter.js';
import { Ask, Happened, Next, Todo } from '../parts/sections.js';

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
