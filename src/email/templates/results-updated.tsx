import type { TemplateProps } from '../mail.js';
import { Action } from '../parts/action.js';
import { Letter } from '../parts/letter.js';
import { Ask, Happened, Next, Todo } from '../parts/sections.js';

/** Results that were told before have been replaced. */
export function ResultsUpdated({ mail }: TemplateProps) {
  return (
    <Letter mail={mail} step="ready">
      <Happened mail={mail}>{mail.say('results.updated.happened')}</Happened>
      <Todo mail={mail}>{mail.say('results.updated.todo')}</Todo>
      <Action mail={mail} href={mail.portal}>
        {mail.say('results.updated.action')}
      </Action>
      <Next mail={mail}>{mail.say('results.updated.next')}</Next>
      <Ask mail={mail}>{mail.say('results.updated.ask')}</Ask>
    </Letter>
  );
}
