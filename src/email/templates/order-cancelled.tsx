import type { TemplateProps } from '../mail.js';
import { Action } from '../parts/action.js';
import { Letter } from '../parts/letter.js';
import { Ask, Happened, Next, Todo } from '../parts/sections.js';

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
