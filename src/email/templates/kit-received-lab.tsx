import type { TemplateProps } from '../mail.js';
import { Action } from '../parts/action.js';
import { Letter } from '../parts/letter.js';
import { Happened, Next, Todo } from '../parts/sections.js';

/** The sample is at the lab. */
export function KitReceivedLab({ mail }: TemplateProps) {
  return (
    <Letter mail={mail} step="at_lab">
      <Happened mail={mail}>{mail.say('kit.received_lab.happened')}</Happened>
      <Todo mail={mail}>{mail.say('kit.received_lab.todo')}</Todo>
      <Next mail={mail}>{mail.say('kit.received_lab.next')}</Next>
      <Action mail={mail} href={mail.portal}>
        {mail.say('kit.received_lab.action')}
      </Action>
    </Letter>
  );
}
