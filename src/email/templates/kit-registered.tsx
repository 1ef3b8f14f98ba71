import type { TemplateProps } from '../mail.js';
import { Action } from '../parts/action.js';
import { Letter } from '../parts/letter.js';
import { Ask, Happened, Next, Todo } from '../parts/sections.js';

/** The first email to the patient, and the early warning: if it bounces, results would too. */
export function KitRegistered({ mail }: TemplateProps) {
  return (
    <Letter mail={mail} step="registered">
      <Happened mail={mail}>{mail.say('kit.registered.happened')}</Happened>
      <Todo mail={mail}>{mail.say('kit.registered.todo')}</Todo>
      <Action mail={mail} href={mail.portal}>
        {mail.say('kit.registered.action')}
      </Action>
      <Next mail={mail}>{mail.say('kit.registered.next')}</Next>
      <Ask mail={mail}>{mail.say('kit.registered.ask')}</Ask>
    </Letter>
  );
}
