import type { TemplateProps } from '../mail.js';
import { Action } from '../parts/action.js';
import { Letter } from '../parts/letter.js';
import { Ask, Happened, Next, Todo } from '../parts/sections.js';

/** A registered kit was cancelled, perhaps with its sample in the post. */
export function KitCancelled({ mail }: TemplateProps) {
  return (
    <Letter mail={mail}>
      <Happened mail={mail}>{mail.say('kit.cancelled.happened')}</Happened>
      <Todo mail={mail}>{mail.say('kit.cancelled.todo')}</Todo>
      <Next mail={mail}>{mail.say('kit.cancelled.next')}</Next>
      <Action mail={mail} href={mail.portal}>
        {mail.say('kit.cancelled.action')}
      </Action>
      <Ask mail={mail}>{mail.say('kit.cancelled.ask')}</Ask>
    </Letter>
  );
}
