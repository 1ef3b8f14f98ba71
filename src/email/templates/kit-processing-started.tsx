import type { TemplateProps } from '../mail.js';
import { Action } from '../parts/action.js';
import { Letter } from '../parts/letter.js';
import { Happened, Next, Todo } from '../parts/sections.js';

/** The lab has begun. */
export function KitProcessingStarted({ mail }: TemplateProps) {
  return (
    <Letter mail={mail} step="in_work">
      <Happened mail={mail}>{mail.say('kit.processing_started.happened')}</Happened>
      <Todo mail={mail}>{mail.say('kit.processing_started.todo')}</Todo>
      <Next mail={mail}>{mail.say('kit.processing_started.next')}</Next>
      <Action mail={mail} href={mail.portal}>
        {mail.say('kit.processing_started.action')}
      </Action>
    </Letter>
  );
}
