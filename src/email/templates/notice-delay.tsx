import type { TemplateProps } from '../mail.js';
import { Action } from '../parts/action.js';
import { Letter } from '../parts/letter.js';
import { Happened, Next, Todo } from '../parts/sections.js';

/** The lab takes longer than planned. */
export function NoticeDelay({ mail }: TemplateProps) {
  return (
    <Letter mail={mail}>
      <Happened mail={mail}>{mail.say('notice.delay.happened')}</Happened>
      <Todo mail={mail}>{mail.say('notice.delay.todo')}</Todo>
      <Next mail={mail}>{mail.say('notice.delay.next')}</Next>
      <Action mail={mail} href={mail.portal}>
        {mail.say('notice.delay.action')}
      </Action>
    </Letter>
  );
}
